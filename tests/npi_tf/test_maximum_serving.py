"""What an exported maximum answers, by a model that does one thing."""

import pytest
import tensorflow as tf

from npi_tf import export
from npi_tf import sorting
from npi_tf.sorting import environment
from npi_tf.sorting import serving
from tests.npi_tf import scripted


@pytest.fixture(scope="module")
def signatures(tmp_path_factory):
    """MAX moves pointer 1 to the right, once, and ends."""
    right = environment.move(1, environment.RIGHT)
    model = scripted.obedient_model(
        "ACT", right, domain=sorting.MAXIMUM, key_dim=16
    )
    folder = tmp_path_factory.mktemp("maximum")
    exported = export.export_model(model, "maximum", folder)
    return tf.saved_model.load(exported).signatures


@pytest.mark.parametrize("signature", ["serving_default", "trace"])
def test_the_number_under_pointer_1(signatures, signature):
    answer = signatures[signature](
        array=tf.constant([[9, 2, 5], [4, 0, 0], [7, 8, 0], [1, 10, 0]]),
        lengths=tf.constant([3, 1, 2, 2]),
    )
    # The second array has one number: the move stops there.
    assert answer["maximum"].numpy().tolist() == [2, 4, 8, -1]
    ok, refused = b"ok", b"invalid_input"
    assert answer["status"].numpy().tolist() == [ok, ok, ok, refused]
    assert answer["num_steps"].numpy().tolist() == [2, 2, 2, 0]
    if signature == "trace":
        calls = answer["calls"].numpy()[0].tolist()
        assert calls == [b"MAX", b"PTR 1 RIGHT"]


def test_it_reads_what_sorting_reads(signatures):
    inputs = signatures["serving_default"].structured_input_signature[1]
    assert set(inputs) == set(serving.INPUTS)

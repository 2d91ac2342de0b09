"""The encoder of pictures: its contract, and one value worked by hand."""

import numpy as np
import pytest

import npi_tf
from npi_tf import canonicalization
from npi_tf.canonicalization import encoder as encoder_lib
from tests import layer_contract

SMALL = {
    "num_values": (4, 3),
    "image_shape": (16, 16, 3),
    "num_argument_values": (1, 1, 5),
    "filters": (4, 6),
    "kernel_sizes": (5, 3),
    "feature_dim": 8,
    "hidden_dim": 8,
    "output_dim": 5,
}
PICTURES = np.random.default_rng(0).integers(
    0, 256, (3, 16, 16, 3), dtype=np.int32
)
VALUES = np.array([[0, 1], [3, 0], [2, 2]], np.int32)
FLAT = np.concatenate([VALUES, PICTURES.reshape(3, -1)], axis=1)
ARGUMENTS = np.array([[0, 0, 0], [0, 0, 4], [0, 0, 1]], np.int32)


def test_layer_contract():
    layer_contract.run_layer_test(
        encoder_lib.ImageEncoder,
        SMALL,
        [FLAT, ARGUMENTS],
        output_shapes=[(3, 5)],
        num_weights=10,
    )


def test_saving(tmp_path):
    layer_contract.run_saving_test(
        encoder_lib.ImageEncoder, SMALL, [FLAT, ARGUMENTS], tmp_path / "m.keras"
    )


def test_shared_pictures_and_codes_give_the_same():
    layer = encoder_lib.ImageEncoder(**SMALL)
    expected = layer(FLAT, ARGUMENTS)
    # Observation i shows picture i, which lies at 2 - i; twice over.
    indices = np.array([2, 1, 0], np.int32)
    observations = np.concatenate([VALUES, indices[:, None]], axis=1)
    both = np.stack([observations, observations])  # [2, 3, 3]
    arguments = np.stack([ARGUMENTS, ARGUMENTS])
    pictures = PICTURES[::-1].astype(np.uint8)
    by_index = layer(both, arguments, images=pictures)
    assert by_index.shape == (2, 3, 5)
    for row in by_index:
        np.testing.assert_allclose(row, expected, atol=1e-6)
    by_code = layer(both, arguments, codes=layer.look(pictures))
    np.testing.assert_allclose(by_code, by_index, atol=1e-6)
    leading = layer(np.stack([FLAT, FLAT]), arguments)
    np.testing.assert_allclose(leading, by_index, atol=1e-6)


def test_the_convolution_by_hand():
    """One pass over 4 x 4: a kernel that sums what it sees of blackness."""
    layer = encoder_lib.ImageEncoder(
        (2,), (4, 4, 1), (1, 1, 2), (1,), (3,), 1, 4, 4
    )
    layer.build()
    for part in (layer.convolutions[0], layer.feature):
        kernel, bias = part.get_weights()
        part.set_weights([np.ones_like(kernel), np.zeros_like(bias)])
    black = np.full((1, 4, 4, 1), 255)
    black[0, 1, 1] = black[0, 1, 2] = 0
    # Same padding puts a column beyond the right edge only, so the windows
    # begin at rows and columns 0 and 2: (0, 0) sees both black pixels, (0, 2)
    # the second one. The pooling keeps 2.
    np.testing.assert_allclose(layer.look(black), [[2.0]], atol=1e-6)
    white = np.full((1, 4, 4, 1), 255)
    np.testing.assert_allclose(layer.look(white), [[0.0]], atol=1e-6)


def test_target_and_action_matter():
    layer = encoder_lib.ImageEncoder(**SMALL | {"output_dim": 64})
    one = layer(FLAT[:1], ARGUMENTS[:1])
    for other in (
        layer(FLAT[:1], np.array([[0, 0, 3]])),
        layer(np.concatenate([[[1, 1]], FLAT[:1, 2:]], axis=1), ARGUMENTS[:1]),
    ):
        assert np.abs(np.subtract(one, other)).max() > 1e-4


@pytest.mark.parametrize("width", [2 + 16 * 16, 3, 2 + 8 * 8 * 3])
def test_a_picture_of_the_wrong_size_raises(width):
    layer = encoder_lib.ImageEncoder(**SMALL)
    with pytest.raises(ValueError, match=r"observations: .* got \d+ in all"):
        layer(np.zeros((1, width), np.int32), ARGUMENTS[:1])
    images = np.zeros((1, 32, 32, 3), np.uint8)
    with pytest.raises(ValueError, match=r"images: must be pictures of"):
        layer(np.zeros((1, 3), np.int32), ARGUMENTS[:1], images=images)


@pytest.mark.parametrize(
    "name, value",
    [
        ("image_shape", (18, 16, 3)),
        ("image_shape", (16, 16)),
        ("image_shape", (0, 16, 3)),
        ("kernel_sizes", (3,)),
        ("filters", ()),
    ],
)
def test_bad_sizes_raise(name, value):
    with pytest.raises(ValueError, match=r"(image_shape|kernel_sizes): must"):
        encoder_lib.ImageEncoder(**SMALL | {name: value})


def test_the_domain_makes_one_of_the_papers_size():
    model = npi_tf.NPI.for_domains(canonicalization.CANONICALIZATION)
    encoder = model.encoder()
    assert encoder.image_shape == (128, 128, 3)
    assert encoder.feature.kernel.shape == (2 * 2 * 64, 128)
    assert encoder.hidden.kernel.shape == (128 + 24 + 24 + 1 + 1 + 5, 128)

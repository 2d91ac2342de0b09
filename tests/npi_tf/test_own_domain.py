"""A domain of a user's own: taught, trained, run, looked at, saved, loaded."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import npi_tf
from tests.npi_tf import counter_world
from tests.npi_tf import scripted

COUNTER = counter_world.COUNTER


@pytest.fixture(scope="module")
def model():
    """A small model that counts."""
    keras.utils.set_random_seed(0)
    frames = npi_tf.teach(COUNTER, [(n,) for n in range(1, 7)])
    frames = frames.rows(np.tile(np.arange(len(frames)), 100))
    model = npi_tf.NPI.for_domains(COUNTER, **scripted.SIZES)
    model.compile(keras.optimizers.Adam(0.01))
    model.fit(
        frames.inputs(), frames.targets(), batch_size=32, epochs=8, verbose=0
    )
    return model


def test_it_runs_and_shows_its_trace(model):
    problems = [(n,) for n in (1, 2, 4, 6)]
    runs = model.run(COUNTER, problems, trace=True)
    assert [run.output for run in runs] == [(0, n) for (n,) in problems]
    assert [run.status for run in runs] == ["ok"] * 4
    assert npi_tf.format_trace(COUNTER, runs[1].trace).splitlines() == [
        "EMPTY",
        "  ONE",
        "    COUNT DOWN",
        "  ONE",
        "    COUNT DOWN",
    ]


def test_it_is_saved_and_loaded(model, tmp_path):
    model.save(tmp_path / "counter.keras")
    model.save_to_preset(tmp_path / "preset")
    for loaded in (
        keras.saving.load_model(tmp_path / "counter.keras"),
        npi_tf.NPI.from_preset(str(tmp_path / "preset")),
    ):
        assert loaded.run(COUNTER, [(3,)]) == model.run(COUNTER, [(3,)])
        assert loaded.run(COUNTER, [(3,)])[0].output == (0, 3)


def test_it_is_exported_as_a_step_function(model, tmp_path):
    folder = model.export(tmp_path / "served", COUNTER)
    signatures = tf.saved_model.load(folder).signatures
    counter = counter_world.Counter(3)
    state = signatures["start"](step_budget=tf.constant([100]))
    status = state.pop("status")
    while status == b"running":
        features = tf.constant([counter.observe()], tf.int32)
        answer = signatures["serving_default"](features=features, **state)
        (action,), (arguments,), status = map(
            answer.pop, ("action", "arguments", "status")
        )
        if action == b"COUNT DOWN":
            counter.act(arguments.numpy())
        state = answer
    assert status == b"ok"
    assert counter.result() == (0, 3)


def test_what_it_lacks_is_said(model):
    with pytest.raises(ValueError, match=r"must be a tuple \(start\), got 3"):
        model.run(COUNTER, [3])
    with pytest.raises(ValueError, match=r"must be a tuple \(start\), got 3"):
        npi_tf.teach(COUNTER, [(1,), 3])

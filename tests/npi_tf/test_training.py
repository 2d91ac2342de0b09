"""Training by the library alone: a stopped run goes on, bit for bit."""

import dataclasses
import functools

import numpy as np
import pytest

import npi_tf
from npi_tf import checkpoint
from npi_tf import model as model_lib
from npi_tf import training
from tests.npi_tf import counter_world
from tests.npi_tf import scripted

COUNTER = dataclasses.replace(
    counter_world.COUNTER,
    sample_problems=lambda rng, count: [(n,) for n in range(1, count + 1)],
)
NUM_STEPS = 5
SIZES = scripted.SIZES | {"num_layers": 1}


class Stop(Exception):
    """Ends a run from within."""


def train(workdir=None, stop_at=None, **kwargs):
    """A short run, and the steps that it took."""
    steps = []

    def report(step, loss):
        steps.append(step)
        if step == stop_at:
            raise Stop

    settings = {"num_problems": 4, "seed": 3} | SIZES | kwargs
    model = training.train(
        COUNTER, NUM_STEPS, report=report, workdir=workdir, **settings
    )
    return model, steps


def state(model):
    """All weights and all of the optimizer."""
    return [np.array(v) for v in model.variables + model.optimizer.variables]


@pytest.fixture(scope="module", autouse=True)
def eager_fit():
    """These few steps take less time than to trace and compile them."""
    with pytest.MonkeyPatch.context() as patch:
        compile_ = functools.partialmethod(
            model_lib.NPI.compile, run_eagerly=True
        )
        patch.setattr(model_lib.NPI, "compile", compile_)
        yield


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """The folder of a run that was stopped on its fourth step."""
    folder = tmp_path_factory.mktemp("runs") / "stopped"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoint, "SAVE_SECONDS", 0.0)
        with pytest.raises(Stop):
            train(folder, stop_at=4)
    return folder


def test_a_stopped_run_goes_on_bit_for_bit(stopped):
    whole, steps = train()
    assert steps == [1, 2, 3, 4, 5]
    # Three steps were saved before the fourth was stopped.
    resumed, steps = train(stopped)
    assert steps == [4, 5]
    for one, other in zip(state(whole), state(resumed), strict=True):
        np.testing.assert_array_equal(one, other)
    finished, steps = train(stopped)
    assert steps == []
    for one, other in zip(state(whole), state(finished), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": 4}, "with seed 3, not 4"),
        ({"learning_rate": 0.1}, "with learning_rate 0.002, not 0.1"),
        ({"hidden_dim": 8}, "with hidden_dim 24, not 8"),
        ({"num_layers": 2}, "with num_layers 1, not 2"),
        ({"dtype": "float64"}, "with dtype None, not 'float64'"),
    ],
)
def test_a_run_with_other_settings_is_refused(stopped, change, message):
    with pytest.raises(ValueError, match=f"workdir: must be .* {message}"):
        train(stopped, **change)


def test_a_run_of_programs_that_changed_is_refused(stopped, monkeypatch):
    def twice(state, observation, arguments):
        end = bool(observation[0]) and state == 1
        return npi_tf.Step("ONE", end=end, next_state=1)

    root = dataclasses.replace(COUNTER.root, num_states=2, decide=twice)
    changed = dataclasses.replace(
        COUNTER, programs=(root, *COUNTER.programs[1:])
    )
    monkeypatch.setitem(globals(), "COUNTER", changed)
    with pytest.raises(ValueError, match="whose domain has changed since"):
        train(stopped)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": -1}, "seed: must be an integer from 0 to"),
        ({"seed": 2**32}, "seed: must be an integer from 0 to"),
        ({"num_problems": 1.5}, "num_problems: must be an integer from 1 to"),
        ({"learning_rate": np.inf}, "learning_rate: must be positive and"),
    ],
)
def test_bad_numbers_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        train(**change)
    with pytest.raises(ValueError, match="num_problems: must be an integer"):
        training.accuracy(None, COUNTER, 0)


def test_answers_may_be_arrays():
    class Counter(counter_world.Counter):
        def result(self):
            return np.array(super().result())

    domain = dataclasses.replace(COUNTER, make_environment=Counter)
    model = train()[0]
    right = training.accuracy(model, domain, 5)
    assert right == training.accuracy(model, COUNTER, 5)
    assert isinstance(right, float)


def test_a_damaged_checkpoint_is_refused(stopped, tmp_path):
    for path in stopped.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes()[:800])
    with pytest.raises(ValueError, match="workdir: must hold a readable"):
        train(tmp_path)

"""The training loop: best weights, checkpoints, and a loss that diverges."""

import contextlib
import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from np_tf import gradient_noise
from reproduce import np_training
from reproduce import progress as progress_lib
from reproduce import train_step

STEPS = 12


class Schedule:
    """A target that wanders off; a batch is a function of the step."""

    def __init__(self, bad=None, train_steps=STEPS):
        self.train_steps = train_steps
        self.bad = bad or {}

    def batch(self, step):
        x = np.random.default_rng(step).normal(size=(4, 3)).astype(np.float32)
        return x, np.float32(self.bad.get(step, step))


def loss(model, inputs, targets):
    return keras.ops.mean((model(inputs) - targets) ** 2)


@pytest.fixture
def new_run():
    """Makes runs, and closes their files in the end."""
    with contextlib.ExitStack() as stack:

        def make(*args, **kwargs):
            run = Run(*args, **kwargs)
            stack.enter_context(contextlib.closing(run.progress._lines))
            return run

        yield make


class Run:
    """A run in a folder, resumed if there is one."""

    def __init__(self, workdir, schedule=None, eta=0.1):
        keras.utils.set_random_seed(0)
        self.workdir = workdir
        self.model = keras.Sequential(
            [keras.Input((3,)), keras.layers.Dense(1)]
        )
        optimizer = gradient_noise.GradientNoise(
            keras.optimizers.Adam(0.1), eta=eta
        )
        optimizer.build(self.model.trainable_variables)
        self.best = np_training.Best(self.model)
        self.progress = progress_lib.Progress(
            workdir, self.model, optimizer, 0.0, {}, **self.best.tracked
        )
        self.schedule = schedule or Schedule()
        self.step = train_step.TrainStep(
            self.model,
            optimizer,
            loss,
            tf.distribute.get_strategy(),
            jit_compile=False,
        )
        self.seen = {}

    def train(self, accuracies=(), watch=None):
        """Trains; validation gives the accuracies, the weights are kept."""
        values = iter(accuracies)

        def validate():
            step = int(self.progress.step.numpy())
            self.seen[step] = self.model.get_weights()
            return next(values, 0.0)

        return np_training.train(
            self.step,
            self.schedule,
            self.progress,
            self.best,
            validate,
            watch,
            evaluate_every=3,
            save_seconds=0.0,
        )

    def lines(self):
        text = (self.workdir / "metrics.jsonl").read_text()
        return [json.loads(line) for line in text.splitlines()]

    def checkpoints(self):
        folder = self.workdir / "checkpoints"
        return sorted(int(p.stem[5:]) for p in folder.glob("ckpt-*.index"))


def assert_same(one, other):
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("accuracies", "best"),
    [
        ((0.1, 0.9, 0.5, 0.8), 6),
        ((0.1, 0.9, 0.9, 0.8), 9),  # Of equally good ones the latest.
        ((0.9, 0.1, 0.1, 0.1), 3),
        ((0.1, 0.2, 0.3, 0.4), 12),
        ((0.0, 0.0, 0.0, 0.0), 12),
    ],
)
def test_the_best_weights_on_validation_data_stay(
    new_run, tmp_path, accuracies, best
):
    run = new_run(tmp_path)
    run.train(accuracies)
    assert list(run.seen) == [3, 6, 9, 12]
    assert_same(run.model.get_weights(), run.seen[best])
    assert float(run.best.accuracy.numpy()) == max(accuracies)
    assert int(run.best.step.numpy()) == best
    assert any((a != b).any() for a, b in zip(run.seen[3], run.seen[12]))


def test_figures_are_written_at_every_evaluation(new_run, tmp_path):
    run = new_run(tmp_path, Schedule(train_steps=11))
    seconds = run.train((0.25, 0.5), watch=lambda: {"test": 0.75})
    lines = run.lines()
    assert [line["step"] for line in lines] == [3, 6, 9, 11]
    assert [line["validation"] for line in lines] == [0.25, 0.5, 0.0, 0.0]
    assert {line["test"] for line in lines} == {0.75}
    assert 0 < lines[0]["seconds"] <= lines[-1]["seconds"] <= seconds + 0.01
    # The mean loss of the steps since the last evaluation: once more by hand.
    again = new_run(tmp_path / "again")
    each = [again.step(again.schedule.batch, step) for step in range(6)]
    np.testing.assert_allclose(lines[0]["loss"], np.mean(each[:3]), rtol=1e-6)
    np.testing.assert_allclose(lines[1]["loss"], np.mean(each[3:]), rtol=1e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e38])
def test_a_loss_that_is_not_finite_stops_and_keeps_the_checkpoint(
    new_run, tmp_path, bad
):
    run = new_run(tmp_path, Schedule({7: bad}))
    with pytest.raises(
        FloatingPointError,
        match=r"^loss: must be finite, got (nan|inf) at step 7; the last good "
        r"checkpoint is in .*checkpoints$",
    ):
        run.train((0.5, 0.6))
    assert run.checkpoints()[-1] == 6
    assert [line["step"] for line in run.lines()] == [3, 6]
    resumed = new_run(tmp_path)
    assert int(resumed.progress.step.numpy()) == 6
    assert_same(resumed.model.get_weights(), run.seen[6])
    assert float(resumed.best.accuracy.numpy()) == 0.6
    resumed.train((0.1, 0.1))
    assert_same(resumed.model.get_weights(), run.seen[6])  # The best ones.


def test_weights_that_are_not_finite_are_not_saved(new_run, tmp_path):
    """A finite loss can have a gradient that is not, in the last step too."""
    run = new_run(tmp_path, eta=0.0)
    take_step = run.step._step

    def broken(*batch):
        value = take_step(*batch)
        if int(run.progress.step.numpy()) == 8:
            run.model.weights[0].assign(np.full((3, 1), np.nan))
        return value

    run.step._step = broken
    with pytest.raises(
        FloatingPointError,
        match=r"^weights: must be finite, got nan at step 8;",
    ):
        run.train((0.5, 0.6, 0.7))
    assert run.checkpoints()[-1] == 6
    assert float(new_run(tmp_path).best.accuracy.numpy()) == 0.6


@pytest.mark.parametrize("stopped_at", [3, 9])
def test_a_stopped_run_goes_on_bit_for_bit(new_run, tmp_path, stopped_at):
    accuracies = (0.1, 0.9, 0.5, 0.8)
    whole = new_run(tmp_path / "whole")
    whole.train(accuracies)
    stopped = new_run(tmp_path / "stopped", Schedule({stopped_at + 1: np.nan}))
    with pytest.raises(FloatingPointError):
        stopped.train(accuracies)
    resumed = new_run(tmp_path / "stopped")
    assert int(resumed.progress.step.numpy()) == stopped_at
    resumed.train(accuracies[stopped_at // 3 :])
    assert_same(resumed.model.get_weights(), whole.model.get_weights())
    for step, weights in resumed.seen.items():
        assert_same(weights, whole.seen[step])
    kept = ("step", "loss", "validation")
    assert [[line[k] for k in kept] for line in resumed.lines()] == [
        [line[k] for k in kept] for line in whole.lines()
    ]
    assert int(resumed.best.step.numpy()) == 6


def test_a_finished_run_is_not_trained_again(new_run, tmp_path):
    one = new_run(tmp_path)
    one.train((0.1, 0.9, 0.5, 0.8))
    again = new_run(tmp_path)
    again.train()
    assert not again.seen
    assert_same(again.model.get_weights(), one.seen[6])


def test_the_optimizers_steps_are_the_loops(new_run, tmp_path):
    run = new_run(tmp_path)
    run.train()
    assert int(run.step.optimizer.iterations.numpy()) == STEPS
    assert int(run.step.optimizer.inner_optimizer.iterations.numpy()) == STEPS


def test_a_weight_that_the_loss_does_not_need_stays(tmp_path):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    optimizer = gradient_noise.GradientNoise(keras.optimizers.SGD(0.1), eta=0.0)
    optimizer.build(model.trainable_variables)
    step = train_step.TrainStep(
        model,
        optimizer,
        lambda model, x, y: keras.ops.sum(model.weights[1] * y),
        tf.distribute.get_strategy(),
        jit_compile=False,
    )
    before = model.get_weights()
    step(Schedule().batch, 3)
    np.testing.assert_array_equal(model.get_weights()[0], before[0])
    np.testing.assert_allclose(model.get_weights()[1], before[1] - 0.3)

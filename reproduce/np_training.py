"""Trains a Neural Programmer; stops and resumes anywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf
from absl import logging

from reproduce import progress as progress_lib
from reproduce import train_step as train_step_lib


class Best:
    """The weights that did best on validation data, and how well.

    Of equally good ones the latest. Checkpoints hold them as well.

    Args:
        model: The model.
    """

    def __init__(self, model: Any):
        self._model = model
        self.accuracy = tf.Variable(-1.0, dtype=tf.float64)
        self.step = tf.Variable(-1, dtype=tf.int64)
        self.weights = [tf.Variable(w) for w in model.get_weights()]

    @property
    def tracked(self) -> dict[str, Any]:
        """What a checkpoint must hold."""
        return {
            "best_accuracy": self.accuracy,
            "best_step": self.step,
            "best_weights": self.weights,
        }

    def offer(self, accuracy: float, step: int) -> None:
        """Keeps the model's weights if they are at least as good."""
        if accuracy < float(self.accuracy.numpy()):
            return
        self.accuracy.assign(accuracy)
        self.step.assign(step)
        for variable, weight in zip(self.weights, self._model.get_weights()):
            variable.assign(weight)

    def restore(self) -> None:
        """Gives the model the best weights."""
        self._model.set_weights([w.numpy() for w in self.weights])


def train(
    train_step: train_step_lib.TrainStep,
    schedule: Any,
    progress: progress_lib.Progress,
    best: Best,
    validate: Callable[[], float],
    watch: Callable[[], dict[str, float]] | None = None,
    evaluate_every: int = 100,
    save_seconds: float = 20.0,
) -> float:
    """Runs the remaining steps and leaves the best weights in the model.

    Args:
        train_step: Of the model.
        schedule: What to train on which step.
        progress: Restored before the call.
        best: Tracked by `progress`.
        validate: Accuracy on validation data; decides which weights are kept.
        watch: Further figures that are written, and decide nothing.
        evaluate_every: Steps between two evaluations.
        save_seconds: Time between two checkpoints.

    Returns:
        Seconds of training, evaluation and those before a stop included.

    Raises:
        FloatingPointError: If the loss, or a weight that would be evaluated
            and saved, is no longer finite; the checkpoint before stays.
    """
    clock, seen = progress_lib.Clock(progress, save_seconds), []
    for step in range(int(progress.step.numpy()), schedule.train_steps):
        loss = train_step(schedule.batch, step)
        _check_finite("loss", [loss], step, progress)
        seen.append(loss)
        progress.step.assign_add(1)
        done, is_last = step + 1, step + 1 == schedule.train_steps
        evaluated = done % evaluate_every == 0 or is_last
        if evaluated:
            weights = train_step.model.get_weights()
            _check_finite("weights", weights, step, progress)
            accuracy = validate()
            best.offer(accuracy, done)
            figures = {"loss": float(np.mean(seen)), "validation": accuracy}
            figures |= watch() if watch else {}
            _report(progress, clock, schedule.train_steps, figures)
            seen.clear()
        # Only there: the mean loss of an interval is then whole after a stop.
        if is_last or (evaluated and clock.save_is_due()):
            clock.write()
            progress.save()
    best.restore()
    return float(progress.seconds.numpy())


def _check_finite(name, values, step, progress):
    for value in map(np.asarray, values):
        wrong = value[~np.isfinite(value)]
        if wrong.size:
            raise FloatingPointError(
                f"{name}: must be finite, got {wrong[0]} at step {step}; the "
                "last good checkpoint is in "
                f"{progress.workdir / 'checkpoints'}"
            )


def _report(progress, clock, train_steps, figures):
    clock.write()
    seconds = float(progress.seconds.numpy())
    progress.write({**figures, "seconds": round(seconds, 2)})
    logging.info(
        "step %d of %d  %s  %.0f s",
        int(progress.step.numpy()),
        train_steps,
        "  ".join(f"{name} {value:.5g}" for name, value in figures.items()),
        seconds,
    )

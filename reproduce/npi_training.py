"""Trains an NPI; stops and resumes anywhere."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import tensorflow as tf
from absl import logging

from npi_tf import frames as frames_lib
from npi_tf import losses
from reproduce import npi_schedules
from reproduce import npi_train_step
from reproduce import progress as progress_lib

LOG_EVERY = 100


def train(
    model: Any,
    schedule: npi_schedules.FastSchedule | npi_schedules.PaperSchedule,
    strategy: Any,
    progress: progress_lib.Progress,
    optimizer: Any,
    validation: frames_lib.FrameBatch | dict[str, frames_lib.FrameBatch],
    save_seconds: float = 20.0,
    jit_compile: bool | tuple[str, ...] = True,
) -> tuple[float, dict[str, float]]:
    """Runs the remaining steps of a schedule.

    Args:
        model: Trained in place.
        schedule: What to train on which step.
        strategy: Where.
        progress: Restored before the call.
        optimizer: The schedule's, built.
        validation: Frames on which accuracy is measured at the end, or
            those of each domain; never trained on.
        save_seconds: Time between two checkpoints (on several workers, who
            must agree, every 100 steps).
        jit_compile: Whether XLA compiles the step, or for which domains. On
            CPU its gradients of convolutions are three times slower than a
            plain graph's.

    Returns:
        Seconds of training, those before an interruption included, and the
        validation accuracy of each program ("domain/PROGRAM" where there
        are several domains).

    Raises:
        FloatingPointError: If the loss is no longer finite; the checkpoint
            before stays.
    """
    train_step = npi_train_step.TrainStep(
        model, optimizer, strategy, jit_compile
    )
    seconds = run_steps(schedule, train_step, progress, save_seconds)
    if isinstance(validation, dict):
        accuracy = {
            f"{domain}/{name}": value
            for domain, frames in validation.items()
            for name, value in frame_accuracy(model, frames, domain).items()
        }
    else:
        accuracy = frame_accuracy(model, validation)
    progress.write({f"validation_{k}": v for k, v in accuracy.items()})
    for name, value in accuracy.items():
        logging.info("validation frames right, %s: %.4f", name, value)
    return seconds, accuracy


def run_steps(
    schedule: npi_schedules.FastSchedule | npi_schedules.PaperSchedule,
    train_step: npi_train_step.TrainStep,
    progress: progress_lib.Progress,
    save_seconds: float = 20.0,
) -> float:
    """Runs the remaining steps of a schedule; as `train`, without accuracy.

    Args:
        schedule: What to train on which step.
        train_step: Of the model and its optimizer.
        progress: Restored before the call.
        save_seconds: Time between two checkpoints.

    Returns:
        Seconds of training, those before an interruption included.

    Raises:
        FloatingPointError: As `train`.
    """
    clock = progress_lib.Clock(progress, save_seconds)
    num_steps = schedule.config.num_steps
    losses_seen = []
    errors = progress.errors.numpy()
    for step in range(int(progress.step.numpy()), num_steps):
        errors = schedule.update(step, train_step.model, errors)
        loss = train_step(schedule.batches(step))
        if not math.isfinite(loss):
            raise FloatingPointError(
                f"loss: must be finite, got {loss} at step {step}; the last "
                f"good checkpoint is in {progress.workdir / 'checkpoints'}"
            )
        losses_seen.append(loss)
        progress.step.assign_add(1)
        done = step + 1
        if done % _log_every(num_steps) == 0 or done == num_steps:
            _report(progress, clock, done, num_steps, losses_seen)
            losses_seen.clear()
        due = _save_is_due(progress, clock, train_step.strategy)
        if due or done == num_steps:
            clock.write()
            progress.errors.assign(errors)
            progress.save()
    return float(progress.seconds.numpy())


def frame_accuracy(
    model: Any, frames: frames_lib.FrameBatch, domain: str | None = None
) -> dict[str, float]:
    """Fraction of each program's invocations with every decision right."""
    compiled = tf.function(
        lambda inputs, targets: losses.correct_steps(
            model(inputs, domain=domain), targets
        ),
        autograph=False,
    )
    accuracy = {}
    for program, batch in frames.by_program().items():
        right = []
        for start in range(0, len(batch), 4096):
            part = batch.rows(slice(start, start + 4096))
            correct = compiled(part.inputs(), part.targets())
            right.append(np.asarray(correct).all(axis=1))
        right = np.concatenate(right)
        share = float((right * batch.count).sum() / batch.count.sum())
        accuracy[model.programs[program]] = share
    return accuracy


def _log_every(num_steps):
    return max(1, min(LOG_EVERY, num_steps // 5))


def _report(progress, clock, done, num_steps, losses_seen):
    clock.write()
    seconds = float(progress.seconds.numpy())
    loss = float(np.mean(losses_seen))
    progress.write({"loss": loss, "seconds": round(seconds, 2)})
    logging.info(
        "step %d of %d  loss %.5f  %.0f s", done, num_steps, loss, seconds
    )


def _save_is_due(progress, clock, strategy):
    """True now and then; on several workers by step, not by clock."""
    if strategy.num_replicas_in_sync > 1:
        return int(progress.step.numpy()) % LOG_EVERY == 0
    return clock.save_is_due()

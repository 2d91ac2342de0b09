"""One training run: set up, resumed where it was stopped, trained."""

from __future__ import annotations

import contextlib
import dataclasses
import pathlib
from typing import Any

from absl import logging

import npi_tf
from npi_tf import frames as frames_lib
from reproduce import npi_training
from reproduce import progress as progress_lib
from reproduce import strategies


@dataclasses.dataclass(frozen=True)
class Trained:
    """What became of a run.

    Attributes:
        seconds: Of training, those before a stop included.
        accuracy: Validation accuracy of each program.
        earlier: Seconds before a stop.
    """

    seconds: float
    accuracy: dict[str, float]
    earlier: float

    def summary(self) -> dict[str, Any]:
        """What a record says of it."""
        return {
            "train_seconds": round(self.seconds, 1),
            "validation_accuracy_by_program": self.accuracy,
        }


def run(
    model: Any,
    schedule: Any,
    validation: frames_lib.FrameBatch | dict[str, frames_lib.FrameBatch],
    strategy: Any,
    workdir: pathlib.Path,
    identity: dict[str, Any],
    save_seconds: float = 20.0,
    jit_compile: bool | tuple[str, ...] = True,
) -> Trained:
    """Trains a fresh model, or goes on with one that was stopped.

    Args:
        model: Made in the strategy's scope; trained in place.
        schedule: What to train on which step.
        validation: Frames that are tried at the end.
        strategy: Where to train.
        workdir: Of the run.
        identity: What tells the run from others.
        save_seconds: Time between two checkpoints.
        jit_compile: As for `npi_training.train`.

    Raises:
        ValueError: If `workdir` holds another run.
    """
    with strategy.scope():
        optimizer = schedule.optimizer()
        optimizer.build(model.trainable_variables)
    progress = progress_lib.Progress(
        workdir,
        model,
        optimizer,
        schedule.first_errors,
        identity,
        strategies.is_chief(strategy),
    )
    earlier = progress.resume()
    with contextlib.closing(progress):
        seconds, accuracy = npi_training.train(
            model,
            schedule,
            strategy,
            progress,
            optimizer,
            validation,
            save_seconds,
            jit_compile,
        )
    logging.info("trained for %.0f s", seconds)
    return Trained(seconds, accuracy, earlier)


def alone(model: npi_tf.NPI, strategy: Any) -> npi_tf.NPI:
    """The model with variables of its own where replicas share them."""
    if strategy.num_replicas_in_sync == 1:
        return model
    copy = npi_tf.NPI.from_config(model.get_config())
    copy.set_weights(model.get_weights())
    return copy

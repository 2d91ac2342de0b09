"""Trains NPI on arrays, one point of Figure 5 after the other."""

from __future__ import annotations

import contextlib
import pathlib
from typing import Any

import keras
from absl import logging

import npi_tf
from npi_tf import frames as frames_lib
from npi_tf import sorting
from reproduce import npi_schedules
from reproduce import npi_sorting_configs
from reproduce import npi_sorting_schedule
from reproduce import npi_train_step
from reproduce import npi_training
from reproduce import progress as progress_lib


class Trainer:
    """Trains one model after another, compiled once.

    Args:
        recipe: How to train.
        strategy: Where to train.
        **sizes: Of the model, if others than those of the paper.
    """

    def __init__(
        self,
        recipe: npi_sorting_configs.FastRecipe
        | npi_sorting_configs.PaperRecipe,
        strategy: Any,
        **sizes: int,
    ):
        self.recipe = recipe
        self._sizes = sizes
        self.model = self._fresh_model()
        paper = isinstance(recipe, npi_sorting_configs.PaperRecipe)
        make = (
            npi_schedules.paper_optimizer
            if paper
            else npi_schedules.fast_optimizer
        )
        self._optimizer = make(recipe)
        self._optimizer.build(self.model.trainable_variables)
        self._fresh = [v.numpy() for v in self._optimizer.variables]
        self._step = npi_train_step.TrainStep(
            self.model, self._optimizer, strategy
        )

    def train(
        self,
        frames: frames_lib.FrameBatch,
        seed: int,
        workdir: pathlib.Path,
        identity: dict[str, Any],
        save_seconds: float = 20.0,
    ) -> tuple[dict[str, Any], float]:
        """Trains from fresh weights, or goes on where a point was stopped.

        Args:
            frames: Of the point's arrays, programs as in the domain.
            seed: Of weights and batches.
            workdir: Of the point.
            identity: What tells the point's training from others.
            save_seconds: Time between two checkpoints.

        Returns:
            What is recorded of training, and the seconds before a stop.

        Raises:
            ValueError: If `workdir` holds another run.
        """
        keras.utils.set_random_seed(seed)
        self.model.set_weights(self._fresh_model().get_weights())
        for variable, value in zip(self._optimizer.variables, self._fresh):
            variable.assign(value)
        rows = self.model.rows(sorting.SORTING)
        schedule = npi_sorting_schedule.make(
            self.recipe, frames.for_rows(rows), self.model.programs, seed
        )
        progress = progress_lib.Progress(
            workdir,
            self.model,
            self._optimizer,
            schedule.first_errors,
            identity,
        )
        earlier = progress.resume()
        with contextlib.closing(progress):
            seconds = npi_training.run_steps(
                schedule, self._step, progress, save_seconds
            )
        logging.info("trained for %.0f s", seconds)
        trained = {
            "loss": progress.last("loss"),
            "train_seconds": round(seconds, 1),
        }
        return trained, earlier

    def _fresh_model(self):
        return npi_tf.NPI.for_domains(sorting.SORTING, **self._sizes)

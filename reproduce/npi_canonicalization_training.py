"""Trains an NPI on pictures of cars; stops and resumes anywhere."""

from __future__ import annotations

import dataclasses
import pathlib
from typing import Any

import keras
import numpy as np
from absl import logging

import npi_tf
from data_gen import npi_traces
from npi_tf import canonicalization
from npi_tf.canonicalization import picture_frames
from reproduce import npi_canonicalization_configs as configs
from reproduce import npi_canonicalization_schedule as schedules
from reproduce import npi_training
from reproduce import progress as progress_lib
from reproduce import strategies

DOMAIN = canonicalization.CANONICALIZATION
SMOKE_CARS = npi_traces.CarsConfig(
    name="canonicalization_smoke",
    description="Enough cars to see that everything runs.",
    train_cars=("car-000", "car-001"),
    validation_cars=("car-120",),
    test_cars=("car-140",),
)


def data(smoke: bool) -> npi_traces.CarsConfig | str:
    """The data set of cars: all of them, or a few."""
    return SMOKE_CARS if smoke else "canonicalization"


def train(
    config: configs.FastRecipe | configs.PaperRecipe,
    images: np.ndarray,
    validation: np.ndarray,
    strategy: Any,
    workdir: pathlib.Path,
    recipe: str,
    seed: int,
    precision: str = "float32",
    save_seconds: float = 20.0,
) -> tuple[npi_tf.NPI, dict[str, Any], float]:
    """Trains a fresh model, or goes on with one that was stopped.

    Args:
        config: The recipe's configuration.
        images: Training cars, `[cars, 55, height, width, 3]` uint8.
        validation: Other cars, whose frames are tried at the end.
        strategy: Where to train.
        workdir: Of the run.
        recipe: Its name.
        seed: Of weights and batches.
        precision: Keras dtype policy.
        save_seconds: Time between two checkpoints.

    Returns:
        The model, what is recorded of training, and the seconds that it
        took before it was stopped.
    """
    keras.utils.set_random_seed(seed)
    with strategy.scope():
        model = npi_tf.NPI.for_domains(DOMAIN, dtype=precision)
        rows = model.rows(DOMAIN)
        schedule = make_schedule(config, images, rows, model.programs, seed)
        optimizer = schedule.optimizer()
        optimizer.build(model.trainable_variables)
    identity = {
        "recipe": recipe,
        "seed": seed,
        "precision": precision,
        **dataclasses.asdict(config),
    }
    progress = progress_lib.Progress(
        workdir,
        model,
        optimizer,
        schedule.first_errors,
        identity,
        strategies.is_chief(strategy),
    )
    earlier = float(progress.seconds.numpy())
    if int(progress.step.numpy()):
        logging.info("resuming at step %d", int(progress.step.numpy()))
    seconds, accuracy = npi_training.train(
        model,
        schedule,
        strategy,
        progress,
        optimizer,
        picture_frames.frames_of_cars(validation, rows),
        save_seconds,
        jit_compile=False,  # XLA's gradients of convolutions are slow on CPU.
    )
    if strategy.num_replicas_in_sync > 1:
        copy = npi_tf.NPI.from_config(model.get_config())
        copy.set_weights(model.get_weights())
        model = copy
    logging.info("trained for %.0f s", seconds)
    trained = {
        "train_seconds": round(seconds, 1),
        "validation_accuracy_by_program": accuracy,
    }
    return model, trained, earlier


def make_schedule(
    config: configs.FastRecipe | configs.PaperRecipe,
    images: np.ndarray,
    rows: list[int],
    programs: tuple[str, ...],
    seed: int,
) -> Any:
    """The schedule that belongs to a recipe."""
    if isinstance(config, configs.PaperRecipe):
        return schedules.PaperCanonicalizationSchedule(
            config, images, rows, programs, seed
        )
    return schedules.CanonicalizationSchedule(config, images, rows, seed)

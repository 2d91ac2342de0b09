"""What NPI is trained on to turn cars: their data set, their schedule."""

from __future__ import annotations

from typing import Any

import numpy as np

import npi_tf
from data_gen import load_cars
from data_gen import npi_traces
from npi_tf import specs
from npi_tf.canonicalization import picture_frames
from reproduce import npi_canonicalization_configs as configs
from reproduce import npi_canonicalization_schedule as schedules

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


def training(
    domain: specs.Domain,
    config: configs.FastRecipe | configs.PaperRecipe,
    data: npi_traces.CarsConfig | str,
    model: npi_tf.NPI,
    seed: int,
) -> tuple[Any, Any]:
    """`npi_experiment.Experiment.training` of the cars.

    Args:
        domain: That of the cars.
        config: The recipe's configuration.
        data: The data set of cars.
        model: What is trained.
        seed: Of all batches.

    Returns:
        The schedule, and the frames of the validation cars.
    """
    rows = model.rows(domain)
    schedule = make_schedule(
        config, load_cars.load("train", data).images, rows, model.programs, seed
    )
    validation = load_cars.load("validation", data).images
    return schedule, picture_frames.frames_of_cars(validation, rows)


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

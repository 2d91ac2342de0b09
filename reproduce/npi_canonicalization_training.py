"""What NPI is trained on to turn cars: their data set, their schedule."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable
from typing import Any

import numpy as np

import npi_tf
from data_gen import load_cars
from data_gen import npi_traces
from npi_tf import specs
from npi_tf.canonicalization import mesh_files
from npi_tf.canonicalization import picture_frames
from reproduce import npi_canonicalization_configs as configs
from reproduce import npi_canonicalization_schedule as schedules
from reproduce import sources

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


def own_data(
    folders: dict[str, str | None], smoke: bool, from_preset: bool = False
) -> npi_traces.CarsConfig:
    """A data set of the meshes below some folders, and of no other car.

    Its name ends with a digest of the meshes, so that each collection of
    them, and each state of it, is a data set of its own.

    Args:
        folders: Of each flag (`train_cars`, `validation_cars`,
            `unseen_cars`), or None for no such cars; not all None.
        smoke: Whether to take as many meshes as `SMOKE_CARS` has.
        from_preset: Whether nothing is trained: there are unseen cars
            alone. Else there must be cars to train on and unseen ones.

    Raises:
        ValueError: If a folder is missing, is one too many or holds no
            meshes, or two splits share one.
    """
    _check_folders(folders, from_preset)
    cars = {
        flag.replace("unseen", "test"): _meshes(flag, folder)
        for flag, folder in folders.items()
    }
    if smoke:
        cars = {k: v[: len(getattr(SMOKE_CARS, k))] for k, v in cars.items()}
    config = npi_traces.CarsConfig(
        name="canonicalization_own",
        description="Meshes of the user's own.",
        **cars,
    )
    recipe = json.dumps(config.recipe, sort_keys=True).encode()
    digest = hashlib.blake2b(recipe, digest_size=6).hexdigest()
    return dataclasses.replace(config, name=f"{config.name}_{digest}")


def _check_folders(folders, from_preset):
    """Refuses own cars of one kind beside generated ones of another."""
    given = [name for name, folder in folders.items() if folder is not None]
    if from_preset and given != ["unseen_cars"]:
        raise ValueError(
            "from_preset: must come with --unseen_cars alone, got "
            + ", ".join("--" + name for name in given)
        )
    for name in ("train_cars", "unseen_cars"):
        if name not in given and not from_preset:
            raise ValueError(
                f"{name}: must be given with --{given[0]}, got none"
            )


def _meshes(flag, folder):
    """Paths of the meshes that a flag names."""
    if folder is None:
        return ()
    try:
        return mesh_files.find(folder)
    except ValueError as error:
        rule = str(error).removeprefix("folder: ")
        raise ValueError(f"{flag}: {rule}") from error


def changed(
    data: npi_traces.CarsConfig | str, name: str, changes: dict[str, Any]
) -> npi_traces.CarsConfig:
    """The unseen cars in changed pictures, as a data set of its own.

    Args:
        data: The data set of cars.
        name: Of the changes, in words.
        changes: Arguments of `Renderer.render`.
    """
    words = "".join(c if c.isalnum() else " " for c in name).split()
    is_config = isinstance(data, npi_traces.CarsConfig)
    prefix = data.name if is_config else data
    return npi_traces.CarsConfig(
        name="_".join([prefix, *words]),
        description=f"Unseen cars, {name}.",
        train_cars=(),
        validation_cars=(),
        test_cars=data.test_cars if is_config else None,
        changes=changes,
    )


def naming(make: Callable[[], Any], cars: dict[str, Any]) -> Callable[[], Any]:
    """Makes a configuration that names cars of the user's own.

    So the record names them, and a run on others is another run.

    Args:
        make: Class of the configuration, a frozen dataclass.
        cars: What names them, as JSON.
    """

    def with_cars():
        field = ("cars", dict, sources.ours(None, "the user's own meshes"))
        named = dataclasses.make_dataclass(
            make.__name__, [field], bases=(make,), frozen=True
        )
        return named(cars=cars)

    return with_cars


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
        The schedule, and the frames of the validation cars; none of none.
    """
    rows = model.rows(domain)
    schedule = make_schedule(
        config, load_cars.load("train", data).images, rows, model.programs, seed
    )
    if isinstance(data, npi_traces.CarsConfig) and not data.validation_cars:
        return schedule, {}
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

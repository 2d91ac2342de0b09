"""Rendered cars as arrays; renders what is missing."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from data_gen import prepare as prepare_lib
from npi_tf import frames as frames_lib


@dataclasses.dataclass(frozen=True)
class Cars:
    """The cars of a split, each from 55 poses.

    Attributes:
        names: Of the cars, in alphabetical order.
        poses: Azimuth and elevation of each picture, `[55, 2]` int32.
        images: `[cars, 55, 128, 128, 3]` uint8.
        frames: What the teacher does with any of them, a `FrameBatch` whose
            `observations [n, T, 3]` end with the number of a picture.
    """

    names: tuple[str, ...]
    poses: np.ndarray
    images: np.ndarray
    frames: frames_lib.FrameBatch


def load(
    split: str = "train",
    config: Any = "canonicalization",
    data_dir: str | None = None,
) -> Cars:
    """The cars of a split.

    Args:
        split: "train", "validation" or "test", or a slice of one as TFDS
            writes it ("train[:10]").
        config: Name of a config of cars in `npi_traces`, or a `CarsConfig`.
        data_dir: Where data sets lie; by default `TFDS_DATA_DIR`, else
            `~/tensorflow_datasets`. What is not there is rendered.

    Raises:
        ModuleNotFoundError: If tensorflow-datasets is not installed.
        RuntimeError: If cars must be rendered and no off-screen context is
            there.
        ValueError: If `split` is unknown or holds no car, or `config` is
            unknown or no data set of cars.
    """
    builder = prepare_lib.prepare("npi_traces", config, data_dir)
    if "images" not in builder.info.features:
        raise ValueError(
            f"config: must be one of rendered cars, got {config!r}"
        )
    names = list(builder.info.features)
    cars = list(prepare_lib.dataset(builder, split, names))
    if not cars:
        raise ValueError(f"split: must hold a car, got {split!r}")
    cars.sort(key=lambda car: car["car"].numpy())
    frames = {k: v.numpy() for k, v in cars[0]["frames"].items()}
    return Cars(
        tuple(car["car"].numpy().decode() for car in cars),
        cars[0]["poses"].numpy(),
        np.stack([car["images"].numpy() for car in cars]),
        frames_lib.FrameBatch(**frames),
    )

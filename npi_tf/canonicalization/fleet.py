"""The generated fleet: 180 cars, each described by a few numbers."""

from __future__ import annotations

import dataclasses
import re

import numpy as np

NUM_CARS = 180
SPLITS = {
    "train": range(0, 120),
    "validation": range(120, 140),
    "test": range(140, 180),
}


def name(index: int) -> str:
    """`car-000` to `car-179`.

    >>> name(17)
    'car-017'
    """
    return f"car-{index:03d}"


def is_name(car: str) -> bool:
    """Whether `car` is the name of a generated car, not a path."""
    return re.fullmatch(r"car-\d{3}", car) is not None


def index(car: str) -> int:
    """The number of a generated car.

    Raises:
        ValueError: If the fleet has no such car.
    """
    number = int(car[-3:]) if is_name(car) else NUM_CARS
    if number >= NUM_CARS:
        raise ValueError(
            f"car: must be one of car-000 to car-{NUM_CARS - 1}, got {car!r}"
        )
    return number


def names(split: str) -> tuple[str, ...]:
    """Names of the cars of a split: "train", "validation" or "test".

    Raises:
        ValueError: If there is no such split.
    """
    if split not in SPLITS:
        raise ValueError(
            f"split: must be one of {sorted(SPLITS)}, got {split!r}"
        )
    return tuple(name(number) for number in SPLITS[split])


@dataclasses.dataclass(frozen=True)
class CarSpec:
    """What a generated car looks like."""

    style: str
    length: float
    width: float
    height: float
    paint: tuple[int, int, int]


def spec(index: int) -> CarSpec:
    """The description of car `index`, 0 to 179."""
    draw = np.random.default_rng([20151119, index])
    return CarSpec(
        "sedan",
        4.5,
        draw.uniform(1.6, 2.0),
        draw.uniform(1.3, 1.8),
        tuple(int(c) for c in draw.integers(0, 255, 3)),
    )

"""What an environment shows, feature by feature."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math
import numbers
from collections.abc import Iterator
from typing import Any

import numpy as np


def is_index(value: Any, size: int) -> bool:
    """Whether it is an integer in `0 .. size - 1`, of Python or NumPy."""
    return isinstance(value, numbers.Integral) and 0 <= value < size


@dataclasses.dataclass(frozen=True)
class Feature:
    """One discrete value of an observation.

    Attributes:
        name: What is seen.
        num_values: The value lies in `0 .. num_values - 1`.
        blank: The value that means "nothing there"; its one-hot code is the
            zero vector. None when every value has a unit of its own.

    Raises:
        ValueError: If there is no value, or the blank is none of them.
    """

    name: str
    num_values: int
    blank: int | None = None

    def __post_init__(self):
        whole = isinstance(self.num_values, numbers.Integral)
        if not whole or self.num_values < 1:
            raise ValueError(
                "num_values: must be an integer of at least 1, got "
                f"{self.num_values!r} for feature {self.name!r}"
            )
        if self.blank is not None and not is_index(self.blank, self.num_values):
            raise ValueError(
                f"blank: must be None or 0 to {self.num_values - 1}, got "
                f"{self.blank!r} for feature {self.name!r}"
            )


@dataclasses.dataclass(frozen=True)
class ObservationSpec:
    """What the environment shows: discrete features, and perhaps an image.

    Attributes:
        features: The discrete features; without an image the observation
            space is finite, the product of their values.
        image_shape: `(height, width, channels)` of an image, whose bytes
            follow the features in a flat observation; None without one.

    Raises:
        ValueError: If two features share a name.
    """

    features: tuple[Feature, ...]
    image_shape: tuple[int, int, int] | None = None

    def __post_init__(self):
        object.__setattr__(self, "features", tuple(self.features))
        names = [feature.name for feature in self.features]
        if len(set(names)) != len(names):
            raise ValueError(f"features: must have distinct names, got {names}")

    @property
    def num_values(self) -> tuple[int, ...]:
        """The number of values of each feature."""
        return tuple(feature.num_values for feature in self.features)

    @property
    def size(self) -> int:
        """The number of distinct observations, an image apart."""
        return math.prod(self.num_values)

    @property
    def width(self) -> int:
        """The number of integers in a flat observation."""
        pixels = math.prod(self.image_shape) if self.image_shape else 0
        return len(self.features) + pixels

    def out_of_range(self, seen: np.ndarray) -> int | None:
        """Which feature of a flat observation is first out of its range."""
        values = seen[: len(self.features)]
        wrong = np.flatnonzero((values < 0) | (values >= self._bounds))
        return int(wrong[0]) if wrong.size else None

    @functools.cached_property
    def _bounds(self):
        return np.array(self.num_values, np.int64)

    def enumerate(self) -> Iterator[np.ndarray]:
        """Yields every observation without an image, `[num_features]` int8.

        Raises:
            ValueError: If the observations hold an image.
        """
        if self.image_shape:
            raise ValueError(
                "image_shape: must be None to enumerate observations, got "
                f"{self.image_shape}"
            )
        for values in itertools.product(*map(range, self.num_values)):
            yield np.array(values, np.int8)

"""Rules that the values of a config keep."""

from __future__ import annotations

from typing import Any

import numpy as np


def integer(name: str, value: Any, minimum: int) -> None:
    """Rejects what is not an integer of at least `minimum`.

    Raises:
        ValueError: If it is not; names `name`.
    """
    is_integer = isinstance(value, int | np.integer)
    if not is_integer or isinstance(value, bool) or value < minimum:
        raise ValueError(
            f"{name}: must be an integer of at least {minimum}, got {value!r}"
        )


def boolean(name: str, value: Any) -> None:
    """Rejects what is neither True nor False.

    Raises:
        ValueError: If it is not; names `name`.
    """
    if not isinstance(value, bool):
        raise ValueError(f"{name}: must be True or False, got {value!r}")

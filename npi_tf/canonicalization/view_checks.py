"""What is refused before a picture is drawn: poses and changes."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from typing import Any

import numpy as np


def check_pose(azimuth: Any, elevation: Any) -> None:
    """Refuses what is no pose of the camera.

    Raises:
        ValueError: If `azimuth` is no finite number, or `elevation` none
            from -90 to 90.
    """
    _check_finite("azimuth", azimuth)
    if not _is_finite(elevation) or not -90 <= elevation <= 90:
        raise ValueError(f"elevation: must be -90 to 90, got {elevation!r}")


def check_changes(changes: Mapping[str, Any]) -> None:
    """Refuses what `Renderer.render` does not take as a change.

    Args:
        changes: Its keyword arguments.

    Raises:
        ValueError: If it has no such argument, or a value breaks its rule.
    """
    if not isinstance(changes, Mapping):
        raise ValueError(f"changes: must be a dict, got {changes!r}")
    for name, value in changes.items():
        if name not in _CHECKS:
            raise ValueError(
                f"changes: must be of {', '.join(_CHECKS)}, got {name!r}"
            )
        _CHECKS[name](name, value)


def _is_finite(value):
    try:
        return isinstance(value, numbers.Real) and math.isfinite(value)
    except OverflowError:  # An integer that no float can hold.
        return False


def _check_finite(name, value):
    if not _is_finite(value):
        raise ValueError(f"{name}: must be finite, got {value!r}")


def _check_light(name, value):
    light = _three_numbers(value)
    if light is None or not light.any():
        raise ValueError(
            f"{name}: must be a vector (x, y, z) that is not zero, "
            f"got {value!r}"
        )


def _check_distance(name, value):
    if not _is_finite(value) or not 0.5 <= value <= 4:
        raise ValueError(f"{name}: must be 0.5 to 4, got {value!r}")


def _check_background(name, value):
    colour = _three_numbers(value)
    if colour is None or not ((colour >= 0) & (colour <= 255)).all():
        raise ValueError(
            f"{name}: must be (red, green, blue), 0 to 255, got {value!r}"
        )


def _three_numbers(value):
    """An array of three finite numbers, or None."""
    try:
        array = np.asarray(value)
    except ValueError:  # Rows of different lengths.
        return None
    if array.shape != (3,) or array.dtype.kind not in "iuf":
        return None
    return array if np.isfinite(array).all() else None


_CHECKS = {
    "light_direction": _check_light,
    "camera_distance": _check_distance,
    "hue": _check_finite,
    "background": _check_background,
}

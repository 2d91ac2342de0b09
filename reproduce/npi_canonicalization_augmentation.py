"""Random changes of training pictures: colours and where the car stands."""

from __future__ import annotations

from typing import Any

import numpy as np


def augment(
    rng: np.random.Generator, images: np.ndarray, config: Any
) -> np.ndarray:
    """Changed copies of pictures.

    The pictures of a strip (a row or column of poses of one car) get new
    colours together: channels change places, and each channel a gamma, a
    contrast and a brightness of its own. Every picture is moved by some
    pixels. Nothing is turned, mirrored, scaled or lit anew.

    Args:
        rng: Source of randomness.
        images: Strips of pictures, `[S, n, height, width, 3]` uint8.
        config: `shift`, in pixels, `gamma`, `contrast`, `brightness`, each
            the largest change, and `swap_channels`.

    Returns:
        `[S * n, height, width, 3]` uint8.
    """
    strips = [_recolour(rng, strip, config) for strip in images]
    images = np.concatenate(strips)
    return _move(rng, images, config.shift) if config.shift else images


def _recolour(rng, strip, config):
    channels = strip.shape[-1]
    order = np.arange(channels)
    if config.swap_channels:
        order = rng.permutation(channels)
    tables = [_table(rng, config) for _ in range(channels)]
    if not config.gamma and not config.contrast and not config.brightness:
        return strip[..., order]
    changed = np.empty_like(strip)
    for channel in range(channels):
        changed[..., channel] = tables[channel][strip[..., order[channel]]]
    return changed


def _table(rng, config):
    """New values of the 256 old ones of a channel."""
    gamma = np.exp(rng.uniform(-config.gamma, config.gamma))
    contrast = 1 + rng.uniform(-config.contrast, config.contrast)
    brightness = rng.uniform(-config.brightness, config.brightness)
    values = (np.arange(256) / 255) ** gamma
    values = (values - 0.5) * contrast + 0.5 + brightness
    return np.clip(np.rint(255 * values), 0, 255).astype(np.uint8)


def _move(rng, images, most):
    """Each picture moved by up to `most` pixels, its edge repeated."""
    height, width = images.shape[1:3]
    around = ((0, 0), (most, most), (most, most), (0, 0))
    padded = np.pad(images, around, mode="edge")
    moved = np.empty_like(images)
    starts = rng.integers(0, 2 * most + 1, size=(len(images), 2))
    for image, (top, left) in enumerate(starts):
        moved[image] = padded[image, top : top + height, left : left + width]
    return moved

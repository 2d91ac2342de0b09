"""Trained models that come with the library, or lie in a folder."""

from __future__ import annotations

import json
import os
import pathlib
import warnings
from typing import Any

import keras

PRESETS = pathlib.Path(__file__).parent / "presets"
_CONFIG = "config.json"
_WEIGHTS = "model.weights.h5"


def preset_names() -> list[str]:
    """Names of the presets that come with the library."""
    return sorted(path.parent.name for path in PRESETS.glob(f"*/{_CONFIG}"))


def load(preset: str) -> Any:
    """Loads a model.

    Args:
        preset: Name of a preset, or a folder that `save` wrote (a `Path`,
            and what holds a separator, is always a folder). A name is
            always the library's; where a folder here has it, too, a warning
            says so.

    Returns:
        The `np_tf.NeuralProgrammer` with its trained weights.

    Raises:
        ValueError: If there is no such preset, or its files are damaged.
    """
    folder = pathlib.Path(preset)
    if preset in preset_names():
        own, folder = folder, PRESETS / preset
        if (own / _CONFIG).is_file() and not own.samefile(folder):
            warnings.warn(
                f"preset {preset!r} is the library's; the folder of that "
                f"name here is {os.path.join('.', preset)!r}",
                stacklevel=3,
            )
    if not (folder / _CONFIG).is_file():
        raise ValueError(
            f"preset: must be one of {', '.join(preset_names())} or a folder "
            f"with {_CONFIG} and {_WEIGHTS}, got {preset!r}"
        )
    try:
        config = json.loads((folder / _CONFIG).read_text())
        model = keras.saving.deserialize_keras_object(config)
        model.load_weights(folder / _WEIGHTS)
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
    ) as error:
        raise ValueError(
            f"preset: {preset!r} must hold a readable {_CONFIG} and "
            f"{_WEIGHTS}, got {error}"
        ) from error
    return model


def save(model: Any, folder: str) -> None:
    """Writes a model's configuration and weights into a folder."""
    path = pathlib.Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    config = keras.saving.serialize_keras_object(model)
    (path / _CONFIG).write_text(json.dumps(config, indent=1) + "\n")
    model.save_weights(path / _WEIGHTS)

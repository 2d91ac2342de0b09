"""Trained models that come with the library, or lie in a folder."""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import pathlib
import warnings
from typing import Any

import keras

PRESETS = pathlib.Path(__file__).parent / "presets"
_CONFIG = "config.json"
_WEIGHTS = "model.weights.h5"
# In the configuration, beside what Keras wrote.
_DIGEST, _CONFIG_DIGEST = "weights_sha256", "config_sha256"
_DEFAULTS = {"maximum": "multitask"}  # Where it is not the domain's name.


def preset_names() -> list[str]:
    """Names of the presets that come with the library."""
    return sorted(path.parent.name for path in PRESETS.glob(f"*/{_CONFIG}"))


def default_preset(domain_name: str) -> str:
    """The preset that runs a domain unless another is named."""
    return _DEFAULTS.get(domain_name, domain_name)


def load(preset: str | os.PathLike) -> Any:
    """Loads a model.

    Args:
        preset: Name of a preset, or a folder that `save` wrote (a `Path`,
            and what holds a separator, is always a folder). A name is
            always the library's; where a folder here has it, too, a warning
            says so.

    Returns:
        The `npi_tf.NPI` with its trained weights.

    Raises:
        ValueError: If there is no such preset, or its files are damaged:
            they cannot be read, or the weights or the configuration are
            not those that were saved.
    """
    if not isinstance(preset, str | os.PathLike):
        raise ValueError(f"preset: must be a name or a folder, got {preset!r}")
    folder = _folder(preset)
    if not (folder / _CONFIG).is_file():
        raise ValueError(
            f"preset: must be one of {', '.join(preset_names())} or a folder "
            f"with {_CONFIG} and {_WEIGHTS}, got {preset!r}"
        )
    try:
        return _read(folder)
    except (
        OSError,
        RuntimeError,  # From HDF5, as some of what is damaged in its files.
        ImportError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
    ) as error:
        raise ValueError(
            f"preset: {preset!r} must hold a readable {_CONFIG} and "
            f"{_WEIGHTS}, got {error}"
        ) from error


def _folder(preset):
    """Where a preset lies, if it is there."""
    own = pathlib.Path(preset)
    if not isinstance(preset, str) or preset not in preset_names():
        return own
    if (own / _CONFIG).is_file() and not own.samefile(PRESETS / preset):
        warnings.warn(
            f"preset {preset!r} is the library's; the folder of that name "
            f"here is {os.path.join('.', preset)!r}",
            stacklevel=4,
        )
    return PRESETS / preset


def contents(preset: str) -> dict[str, list[str]]:
    """What a preset of the library holds, without its weights.

    Args:
        preset: One of `preset_names()`.

    Returns:
        `domains`, names of its encoders, and `added`, names of programs
        that were added later.
    """
    path = PRESETS / preset / _CONFIG
    config = json.loads(path.read_text())["config"]
    return {
        "domains": list(config["encoders"]),
        "added": config["programs"][config["blocks"][0] :],
    }


def _read(folder):
    config = json.loads((folder / _CONFIG).read_text())
    digest = config.pop(_CONFIG_DIGEST, None)
    if digest is not None and digest != _sha256_of_config(config):
        raise ValueError(f"{_CONFIG} of another SHA-256 than was saved")
    digest = config.pop(_DIGEST, None)
    if digest is not None and digest != _sha256(folder / _WEIGHTS):
        raise ValueError(f"{_WEIGHTS} of another SHA-256 than was saved")
    _register_layers(config)
    model = keras.saving.deserialize_keras_object(config)
    if not hasattr(model, "program_logits"):
        raise TypeError(f"{type(model).__name__}, which is no NPI")
    model.load_weights(folder / _WEIGHTS)
    return model


def _register_layers(config):
    """Imports what of this library's modules a configuration names.

    Keras knows a layer only when its module was imported.
    """
    if isinstance(config, dict):
        module = config.get("module")
        if isinstance(module, str) and module.startswith("npi_tf."):
            importlib.import_module(module)
        config = list(config.values())
    if isinstance(config, list):
        for part in config:
            _register_layers(part)


def _sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _sha256_of_config(config):
    """Of its values, however they are laid out."""
    text = json.dumps(config, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def save(model: Any, folder: str | os.PathLike) -> None:
    """Writes a model's configuration and weights into a folder.

    The configuration also holds the SHA-256 of the weights and of its other
    values, which `load` compares.
    """
    path = pathlib.Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    model.save_weights(path / _WEIGHTS)
    config = keras.saving.serialize_keras_object(model)
    config[_DIGEST] = _sha256(path / _WEIGHTS)
    config[_CONFIG_DIGEST] = _sha256_of_config(config)
    (path / _CONFIG).write_text(json.dumps(config, indent=1) + "\n")

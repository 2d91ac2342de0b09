"""A model in float32, whatever it was trained in."""

from __future__ import annotations

from typing import Any

import keras


def in_float32(model: Any) -> Any:
    """The model, or a copy of it with the dtype policy float32."""
    if model.dtype_policy.name == "float32":
        return model
    config = keras.saving.serialize_keras_object(model)
    copy = keras.saving.deserialize_keras_object(_with_policy(config))
    copy.set_weights(model.get_weights())
    return copy


def _with_policy(config):
    if isinstance(config, dict):
        if config.get("class_name") == "DTypePolicy":
            return "float32"
        return {key: _with_policy(value) for key, value in config.items()}
    if isinstance(config, (list, tuple)):
        return [_with_policy(value) for value in config]
    return config

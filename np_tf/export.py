"""SavedModels that answer questions: TensorFlow Serving, the C API."""

from __future__ import annotations

import os
import pathlib
import shutil
import tempfile
from typing import Any

import keras
import tensorflow as tf

from np_tf import serving as serving_lib
from np_tf import warmup


class Executor(tf.Module):
    """The served function of one model.

    Args:
        model: A `np_tf.NeuralProgrammer`; reads questions in float32 whatever
            its policy, and executes in float64.
    """

    def __init__(self, model: Any):
        super().__init__(name="neural_programmer")
        model = _in_float32(model)
        self._serving = serving_lib.Serving(model)
        # What the signature captures; the Keras objects stay behind.
        self.weights = [variable.value for variable in model.weights]

    @property
    def serving(self) -> serving_lib.Serving:
        """Inputs and warm-up requests."""
        return self._serving

    def signatures(self) -> dict[str, Any]:
        """The concrete function by its name."""

        def run(**inputs):
            return self._serving.run(inputs)

        function = tf.function(run, autograph=False)
        default = tf.saved_model.DEFAULT_SERVING_SIGNATURE_DEF_KEY
        return {default: function.get_concrete_function(**self._serving.inputs)}


def export_model(
    model: Any, folder: str | os.PathLike, version: int | None = None
) -> pathlib.Path:
    """Writes `<folder>/<version>/`, as TensorFlow Serving reads it.

    The SavedModel answers a batch of questions, each about a table of its
    own, as `np_tf.ask` does; its signature `serving_default` is described in
    docs/serving.md. It needs none of this library's code, holds neither
    Python nor XLA-compiled operations, and carries requests that warm a
    server up, if the package tensorflow-serving-api is installed. A server
    that watches `folder` never sees half a version.

    Args:
        model: A `np_tf.NeuralProgrammer`.
        folder: Folder of all versions.
        version: Positive integer; by default 1, or one more than the
            highest version that exists.

    Returns:
        The folder of the version.

    Raises:
        ValueError: If the version exists or is no positive integer, or if
            `folder` is no folder.
    """
    parent = pathlib.Path(folder)
    target = parent / str(_check_version(parent, version))
    executor = Executor(model)
    parent.mkdir(parents=True, exist_ok=True)
    staging = pathlib.Path(tempfile.mkdtemp(prefix=".export_", dir=parent))
    try:
        staging.chmod(0o755)  # A server may run as another user.
        tf.saved_model.save(executor, staging, signatures=executor.signatures())
        warmup.write(staging, executor.name, executor.serving)
        staging.rename(target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return target


def _check_version(parent, version):
    if parent.exists() and not parent.is_dir():
        raise ValueError(f"folder: must be a folder, got {str(parent)!r}")
    names = [path.name for path in parent.glob("*")]
    taken = [int(name) for name in names if name.isdecimal()]
    if version is None:
        return max(taken, default=0) + 1
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise ValueError(
            f"version: must be a positive integer, got {version!r}"
        )
    if version in taken:
        raise ValueError(
            f"version: must not exist yet in {str(parent)!r}, got {version}"
        )
    return version


def _in_float32(model):
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

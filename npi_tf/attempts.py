"""Attempts at learning new programs, kept so that a stopped call goes on."""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
import zipfile
from typing import Any

import keras
import numpy as np

from npi_tf import checkpoint
from npi_tf import frames as frames_lib

_FILE = "attempts.npz"
_STATE = "state"  # The array that holds what is no array, as JSON.
_ARRAYS = ("keys", "embeddings", "best_keys", "best_embeddings")


class Attempts:
    """What is known after the last attempt that ended, in one file.

    The file is replaced whole, so a call may be stopped at any moment.

    Args:
        workdir: Folder of the call, or None: nothing is kept.
        model: An `npi_tf.NPI` whose last block of rows is new.
        frames: What it is taught.
        **settings: What else identifies the call; JSON-able values.

    Raises:
        ValueError: If `workdir` holds another call.
    """

    def __init__(
        self,
        workdir: str | os.PathLike | None,
        model: Any,
        frames: list[frames_lib.FrameBatch],
        **settings: Any,
    ):
        self._path = None
        if workdir is not None:
            settings |= {
                "programs": model.programs,
                "protect_blocks": model.protect_blocks,
                "model_sha256": digest_of_model(model, len(model.blocks) - 1),
                "frames_sha256": _digest_of_frames(frames),
            }
            checkpoint.keep_settings(workdir, settings)
            self._path = pathlib.Path(workdir) / _FILE

    def load(self) -> tuple[dict[str, Any], list[np.ndarray]] | None:
        """What `save` was given last, or None.

        Raises:
            ValueError: If the file is damaged.
        """
        if self._path is None or not self._path.exists():
            return None
        try:
            with np.load(self._path) as file:
                arrays = [file[name] for name in _ARRAYS]
                return json.loads(str(file[_STATE])), arrays
        except (
            OSError,
            EOFError,
            ValueError,
            KeyError,
            zipfile.BadZipFile,
        ) as error:
            raise ValueError(
                f"workdir: must hold a readable {_FILE} or none, got {error} "
                f"in {str(self._path.parent)!r}"
            ) from error

    def save(self, state: dict[str, Any], arrays: list[np.ndarray]) -> None:
        """Keeps these in place of earlier ones.

        Args:
            state: JSON-able values by name.
            arrays: Keys and embeddings as they are, then those of the best
                attempt.
        """
        if self._path is None:
            return
        partial = self._path.with_suffix(".partial.npz")
        named = dict(zip(_ARRAYS, arrays, strict=True))
        np.savez(partial, **{_STATE: json.dumps(state)}, **named)
        os.replace(partial, self._path)


def digest_of_model(model: Any, num_blocks: int) -> str:
    """SHA-256 of core, encoders and the memory's oldest blocks.

    Args:
        model: An `npi_tf.NPI`.
        num_blocks: How many blocks of rows count.
    """
    layers = [model.core, *model.encoders.values()]
    arrays = [array for layer in layers for array in layer.get_weights()]
    for blocks in (model.memory.keys, model.memory.embeddings):
        arrays += map(keras.ops.convert_to_numpy, blocks[:num_blocks])
    return _digest(arrays)


def _digest_of_frames(groups):
    """Of what frames show and demand."""
    arrays = []
    for frames in groups:
        arrays += [*frames.inputs().values(), *frames.targets().values()]
    return _digest(arrays)


def _digest(arrays):
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()

"""A training run on disk, which can be stopped at any moment."""

from __future__ import annotations

import json
import os
import pathlib
import time
from typing import Any

import keras

SAVE_SECONDS = 60.0  # Between two checkpoints.
_WEIGHTS = "latest.weights.h5"
_SETTINGS = "settings.json"
_TAUGHT = "taught.sha256"


class Checkpoint(keras.callbacks.Callback):
    """Keeps weights, optimizer and position of a `fit` in one file.

    The position is the optimizer's count of its steps, and the file is
    replaced whole: whenever a run is killed, it goes on bit for bit. Keras'
    own `BackupAndRestore` overwrites the weights in place and then notes the
    epoch in a second file; a run that is killed in between goes on wrongly
    or not at all.

    Args:
        workdir: Folder of the run.
        settings: What identifies the run, by name; JSON-able values.

    Raises:
        ValueError: If `workdir` holds a run with other settings.
    """

    def __init__(self, workdir: str | os.PathLike, settings: dict[str, Any]):
        super().__init__()
        self.workdir = pathlib.Path(workdir)
        keep_settings(workdir, settings)
        self._saved = time.monotonic()

    def check_taught(self, digest: str) -> None:
        """Notes what a new run is taught, or compares what an old one was.

        Args:
            digest: Tells it from anything else.

        Raises:
            ValueError: If the run in `workdir` was taught something else.
        """
        path = self.workdir / _TAUGHT
        if not path.exists():
            _write(path, digest + "\n")
        elif path.read_text().strip() != digest:
            raise ValueError(
                "workdir: must be empty or hold a run that was taught the "
                f"same, got {str(self.workdir)!r}, whose domain has changed "
                "since"
            )

    def restore(self, model: keras.Model) -> int:
        """Puts the run's state, if there is one, into a compiled model.

        Returns:
            The number of steps that are done.

        Raises:
            ValueError: If the file is damaged.
        """
        model.optimizer.build(model.trainable_variables)
        path = self.workdir / _WEIGHTS
        if path.exists():
            try:
                model.load_weights(path)
            except (OSError, RuntimeError, ValueError, KeyError) as error:
                raise ValueError(
                    f"workdir: must hold a readable {_WEIGHTS} or none, got "
                    f"{error} in {str(self.workdir)!r}"
                ) from error
        return int(model.optimizer.iterations)

    def on_train_batch_end(self, batch, logs=None):
        """Saves, if the last time is long enough ago."""
        if time.monotonic() - self._saved >= SAVE_SECONDS:
            self._save()

    def on_train_end(self, logs=None):
        """Saves."""
        self._save()

    def _save(self):
        partial = self.workdir / f"partial_{_WEIGHTS}"
        self.model.save_weights(partial)
        os.replace(partial, self.workdir / _WEIGHTS)
        self._saved = time.monotonic()


def _write(path, text):
    """Writes a file whole, or not at all."""
    partial = path.with_suffix(".partial")
    partial.write_text(text)
    os.replace(partial, path)


def keep_settings(workdir: str | os.PathLike, settings: dict[str, Any]) -> None:
    """Notes the settings of a new run, or compares those of an old one.

    Args:
        workdir: Folder of the run; is made where it is not there.
        settings: What identifies the run, by name; JSON-able values.

    Raises:
        ValueError: If `workdir` holds a run with other settings.
    """
    workdir = pathlib.Path(workdir)
    workdir.mkdir(parents=True, exist_ok=True)
    settings = json.loads(json.dumps(settings))
    path = workdir / _SETTINGS
    if not path.exists():
        _write(path, json.dumps(settings, indent=1) + "\n")
        return
    kept = json.loads(path.read_text())
    changes = [
        f"{name} {kept.get(name)!r}, not {settings.get(name)!r}"
        for name in sorted({*kept, *settings})
        if kept.get(name) != settings.get(name)
    ]
    if changes:
        raise ValueError(
            f"workdir: must be empty or hold a run with the same settings, "
            f"got {str(workdir)!r} with {', '.join(changes)}"
        )

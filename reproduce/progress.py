"""A run's state on disk: checkpoints, JSON lines and TensorBoard scalars."""

from __future__ import annotations

import importlib.util
import json
import os
import pathlib
import tempfile
import time
from typing import Any

import tensorflow as tf
from absl import logging


class Progress:
    """Keeps a training run so that it can be stopped at any moment.

    A checkpoint holds weights, optimizer, step, time spent and the
    curriculum's errors. Batches are a function of the step, so a resumed run
    goes on bit for bit.

    Args:
        workdir: Folder of the run; several workers must share it.
        model: The model.
        optimizer: Its built optimizer.
        errors: What the curriculum starts from, any array.
        config: What identifies the run; a folder with another one is
            refused.
        chief: Whether this worker writes. The others write their half of a
            checkpoint to a folder that is thrown away.
        **tracked: What else a checkpoint holds, variables or lists of them.

    Raises:
        ValueError: If `workdir` holds a run with another config.
    """

    def __init__(
        self, workdir, model, optimizer, errors, config, chief=True, **tracked
    ):
        self.workdir = pathlib.Path(workdir)
        self.workdir.mkdir(parents=True, exist_ok=True)
        self.chief = chief
        self._check_config(config)
        self.step = tf.Variable(0, dtype=tf.int64)
        self.seconds = tf.Variable(0.0, dtype=tf.float64)
        self.errors = tf.Variable(errors, dtype=tf.float64)
        self._checkpoint = tf.train.Checkpoint(
            model=model,
            optimizer=optimizer,
            step=self.step,
            seconds=self.seconds,
            errors=self.errors,
            **tracked,
        )
        folder = self.workdir / "checkpoints"
        latest = tf.train.latest_checkpoint(folder)
        if latest:
            self._checkpoint.restore(latest).assert_existing_objects_matched()
        if not chief:
            self._scratch = tempfile.TemporaryDirectory()
            folder = self._scratch.name
        self._manager = tf.train.CheckpointManager(
            self._checkpoint, folder, max_to_keep=2
        )
        if chief:
            self._lines = self._open_lines()
            self._board = tf.summary.create_file_writer(
                str(self.workdir / "tensorboard")
            )

    def resume(self) -> float:
        """Says where a stopped run goes on; the seconds that it took."""
        if step := int(self.step.numpy()):
            logging.info("resuming at step %d from %s", step, self.workdir)
        return float(self.seconds.numpy())

    def save(self) -> None:
        """Writes a checkpoint; complete or not at all."""
        self._manager.save(checkpoint_number=int(self.step.numpy()))

    def close(self) -> None:
        """Closes what `write` writes to."""
        if self.chief:
            self._lines.close()
            self._board.close()

    def write(self, scalars: dict[str, Any]) -> None:
        """Appends one line of metrics, and the same to TensorBoard.

        Without the package tensorboard, which TensorFlow writes scalars
        with, only the line.
        """
        if not self.chief:
            return
        step = int(self.step.numpy())
        line = {"step": step, **scalars}
        self._lines.write(json.dumps(line) + "\n")
        self._lines.flush()
        if importlib.util.find_spec("tensorboard") is None:
            logging.log_first_n(
                logging.WARNING,
                "no TensorBoard scalars: pip install tensorboard",
                1,
            )
            return
        with self._board.as_default(step=step):
            for name, value in scalars.items():
                tf.summary.scalar(name, value)
        self._board.flush()

    def last(self, name: str) -> Any:
        """The last value of a metric that this run wrote."""
        text = (self.workdir / "metrics.jsonl").read_text()
        lines = map(json.loads, text.splitlines())
        return [line[name] for line in lines if name in line][-1]

    def _check_config(self, config):
        path = self.workdir / "config.json"
        config = json.loads(json.dumps(config))
        if path.exists() and json.loads(path.read_text()) != config:
            raise ValueError(
                f"workdir: must be empty or hold the same run, got "
                f"{self.workdir} with another configuration (config.json)"
            )
        if self.chief and not path.exists():
            _replace(path, json.dumps(config, indent=1) + "\n")

    def _open_lines(self):
        """Opens metrics.jsonl without what came after the checkpoint."""
        path = self.workdir / "metrics.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        kept = [line for line in lines if self._belongs(line)]
        _replace(path, "".join(line + "\n" for line in kept))
        return path.open("a")

    def _belongs(self, line):
        try:
            return json.loads(line)["step"] <= int(self.step.numpy())
        except (ValueError, KeyError):
            return False  # The last line of a killed run, half written.


class Clock:
    """Adds the time since its last reading to a run's total.

    Args:
        progress: Of the run.
        save_seconds: Time between two checkpoints.
    """

    def __init__(self, progress: Progress, save_seconds: float):
        self._progress = progress
        self._save_seconds = save_seconds
        self._read = self._saved = time.monotonic()

    def write(self) -> None:
        """Brings `progress.seconds` up to date."""
        now = time.monotonic()
        self._progress.seconds.assign_add(now - self._read)
        self._read = now

    def save_is_due(self) -> bool:
        """True when the last time that this said so is long enough ago."""
        due = time.monotonic() - self._saved >= self._save_seconds
        if due:
            self._saved = time.monotonic()
        return due


def _replace(path, text):
    """Writes a file whole or not at all."""
    partial = path.with_suffix(".partial")
    partial.write_text(text)
    os.replace(partial, path)

"""One JSON a run: what was run, where, and what came out."""

from __future__ import annotations

import json
import os
import pathlib
import platform
import subprocess
from typing import Any

import keras
import tensorflow as tf
from absl import logging

RESULTS = pathlib.Path(__file__).parent / "results"


def machine() -> dict[str, Any]:
    """The machine in words, without its name."""
    gpus = tf.config.list_physical_devices("GPU")
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "gpus": len(gpus),
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
    }


def _cpu() -> str:
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.split(":")[1] for line in lines if line.startswith("model n")]
    return names[0].strip() if names else platform.machine()


def commit() -> str:
    """The commit of the checkout; `unknown` outside of one."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        found = subprocess.run(
            command,
            cwd=pathlib.Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return found.stdout.strip()


def write(
    experiment: str,
    recipe: str,
    seed: int,
    config: dict[str, Any],
    wall_seconds: float,
    metrics: dict[str, Any],
    setting: str = "default",
    folder: str | None = None,
) -> pathlib.Path:
    """Writes the record of a run and returns its path.

    Args:
        experiment: Name of the script without `.py`.
        recipe: `paper`, `fast`, ...
        seed: The run's seed.
        config: Every hyper-parameter.
        wall_seconds: From start to end, evaluation included; of a run that
            was stopped, training before the stop as well.
        metrics: What was measured.
        setting: Which row of a table, where a script has several.
        folder: Where to; `reproduce/results/<experiment>` by default.
    """
    record = {
        "experiment": experiment,
        "setting": setting,
        "recipe": recipe,
        "seed": seed,
        "config": config,
        "commit": commit(),
        "machine": machine(),
        "wall_seconds": round(wall_seconds, 1),
        "metrics": metrics,
    }
    path = path_of(folder or RESULTS / experiment, recipe, seed, setting)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=1) + "\n")
    return path


def path_of(
    folder: str | pathlib.Path, recipe: str, seed: int, setting: str
) -> pathlib.Path:
    """Where the record of a run lies in a folder."""
    parts = [] if setting == "default" else [setting]
    return pathlib.Path(folder) / (
        "-".join([*parts, recipe, f"seed{seed}"]) + ".json"
    )


def is_done(
    path: pathlib.Path, config: dict[str, Any], but: tuple[str, ...] = ()
) -> bool:
    """Whether the record of a run lies there already.

    Args:
        path: From `path_of`.
        config: Of the run.
        but: What in it makes no difference to the run.

    Raises:
        ValueError: If the record there is that of another configuration.
    """
    if not path.exists():
        return False
    found = json.loads(path.read_text())["config"]
    config = json.loads(json.dumps(config))  # Tuples as lists, as on disk.
    differ = [
        f"{name} {found.get(name)} instead of {config.get(name)}"
        for name in sorted({*found, *config} - {*but})
        if found.get(name) != config.get(name)
    ]
    if differ:
        raise ValueError(
            "workdir: must hold records of this configuration alone, got "
            f"{path} with {', '.join(differ)}"
        )
    return True


def write_run(
    workdir: str, commit_too: bool, *args: Any, **kwargs: Any
) -> None:
    """Writes a run's record to its folder, and says where.

    Args:
        workdir: The run's folder.
        commit_too: Also write it to `reproduce/results`.
        *args: As for `write`.
        **kwargs: As for `write`, but for `folder`.
    """
    for folder in [workdir] + ([None] if commit_too else []):
        path = write(*args, folder=folder, **kwargs)
        logging.info("record: %s", path)

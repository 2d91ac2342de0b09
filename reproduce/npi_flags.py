"""Flags of the scripts of NPI. A script defines only those that it reads.

Those that all read are constants; the others are defined by the first call
of a function.
"""

from __future__ import annotations

import dataclasses
import functools
import pathlib
import time
from typing import Any

from absl import app
from absl import flags

from reproduce import screen

SMOKE = flags.DEFINE_bool("smoke", False, "A run of seconds; learns nothing.")
SEED = flags.DEFINE_integer("seed", 0, "Of weights and batches.", lower_bound=0)
WORKDIR = flags.DEFINE_string(
    "workdir",
    None,
    "Records, and what else a run leaves; workdir/<script>/<run>-seed<n>.",
)
NUM_STEPS = flags.DEFINE_integer(
    "num_steps", None, "Training steps, instead of the recipe's.", lower_bound=1
)
RECORD = flags.DEFINE_bool(
    "record", False, "Write the record to reproduce/results, too."
)


@functools.cache
def recipe() -> flags.FlagHolder:
    """`--recipe`."""
    return flags.DEFINE_enum(
        "recipe", "fast", ["fast", "paper"], "How to train."
    )


@functools.cache
def save_seconds() -> flags.FlagHolder:
    """`--save_seconds`, of scripts that keep checkpoints."""
    return flags.DEFINE_float(
        "save_seconds", 20.0, "Time between two checkpoints.", lower_bound=0.0
    )


@functools.cache
def num_problems() -> flags.FlagHolder:
    """`--num_problems`, of scripts that try every length alike."""
    return flags.DEFINE_integer(
        "num_problems",
        None,
        "Problems tried at each length; 100 by default.",
        lower_bound=1,
    )


def start(argv: list[str]) -> float:
    """Begins a script: its log goes to the screen.

    Args:
        argv: The command line without flags.

    Returns:
        The time, from which `wall_seconds` are counted.

    Raises:
        UsageError: If there are arguments.
    """
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    screen.say_on_screen()
    return time.monotonic()


def workdir(experiment: str, run: str) -> pathlib.Path:
    """The folder of a run: what `--workdir` says, or its own."""
    return pathlib.Path(
        WORKDIR.value or f"workdir/{experiment}/{run}-seed{SEED.value}"
    )


def with_num_steps(config: Any) -> Any:
    """A recipe with the number of steps that `--num_steps` says."""
    if not NUM_STEPS.value:
        return config
    return dataclasses.replace(config, num_steps=NUM_STEPS.value)

"""How fast the Neural Programmer learns and answers, beside what is usual.

    python benchmarks/np.py --json benchmarks/results/np.json \
        --write docs/speed.md README.md
    python benchmarks/np.py --smoke       # only shows that it works

What is measured, and why that way: `docs/speed.md`.
"""

from __future__ import annotations

import dataclasses
import os
import pathlib
import sys
from collections.abc import Iterator
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
if __name__ == "__main__":
    # `benchmarks` is not installed; and in its folder, where Python would
    # look first, this file is called `np`.
    sys.path[0] = str(pathlib.Path(__file__).resolve().parents[1])

from benchmarks import command
from benchmarks import measure
from benchmarks import np_answering
from benchmarks import np_memory
from benchmarks import np_table
from benchmarks import np_training
from benchmarks import npi_limit


@dataclasses.dataclass(frozen=True)
class Settings:
    """How much is run.

    Attributes:
        rounds: How often everything is measured.
        training: By every step.
        sizes: Of tables and of the questions on them.
        matmul_size: Of the large matrix product.
        memory: Which steps' memory is looked at, in which setting.
    """

    rounds: int = 5
    training: np_training.Amount = dataclasses.field(
        default_factory=np_training.Amount
    )
    sizes: tuple[np_answering.Size, ...] = (
        np_answering.Size(rows=100, questions=50, repeats=40, singles=50),
        np_answering.Size(rows=1000, questions=50, repeats=10, singles=50),
        np_answering.Size(rows=10_000, questions=50, repeats=2, singles=20),
    )
    matmul_size: int = 2048
    memory: tuple[tuple[str, str], ...] = (("paper", "five_columns"),)


QUICK = Settings(
    rounds=2,
    training=np_training.Amount(
        settings=("five_columns",),
        questions=60,
        steps=2,
        naive_questions=2,
        hidden_dim=8,
    ),
    sizes=(np_answering.Size(rows=100, questions=3, repeats=2, singles=2),),
    matmul_size=64,
    memory=(("paper", "single_column"),),
)


def main(arguments=None):
    marker = np_table.MARKER
    parser = command.parser(__doc__.splitlines()[0], marker)
    options = command.parse(parser, arguments, marker)
    command.run(options, marker, lambda: _measure(options), np_table.for_page)


def _measure(options) -> Iterator[dict[str, Any]]:
    settings = command.choose(options, Settings(), QUICK)
    about = {
        "experiment": "np_speed",
        **command.circumstances(),
        "quick": options.quick,
        "rows": [size.rows for size in settings.sizes],
        "memory": {},
    }
    for name, setting in settings.memory:
        command.say(f"memory of {name}/{setting}")
        about["memory"][f"{name}/{setting}"] = np_memory.measure(
            name, setting, settings.training.hidden_dim
        )
    yield from command.results(about, _cases(settings), settings)


def _cases(settings: Settings) -> dict[str, measure.Case]:
    """All there is to time; cases that are compared stand side by side."""
    return {
        **np_training.cases(settings.training),
        "matmul": npi_limit.matmul(settings.matmul_size),
        **np_answering.cases(settings.sizes, settings.training.hidden_dim),
    }


if __name__ == "__main__":
    main()

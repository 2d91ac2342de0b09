"""How fast NPI runs and learns, beside what is possible and what is usual.

    python benchmarks/npi.py --json benchmarks/results/npi.json \
        --write docs/speed.md README.md
    python benchmarks/npi.py --quick       # only shows that it works

What is measured, and why that way: `docs/speed.md`.
"""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Unlike the libraries and `reproduce`, `benchmarks` is not installed.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import npi_tf
from benchmarks import command
from benchmarks import measure
from benchmarks import npi_execution
from benchmarks import npi_limit
from benchmarks import npi_table
from benchmarks import npi_training
from npi_tf import addition
from reproduce import npi_configs
from reproduce import run_record

ROOT = pathlib.Path(__file__).resolve().parents[1]
RECORDS = run_record.RESULTS / "npi_addition"


@dataclasses.dataclass(frozen=True)
class Settings:
    """How much is run.

    Attributes:
        rounds: How often everything is measured.
        digits: Length of the sums of (a) and (b).
        iterations: Of the product loop, by batch size; about as many as
            the sums take steps.
        matmul_size: Of the large matrix product.
        recipe: Whose training step.
        problems_per_length: Problems whose frames are trained on.
        single_frames: Frames trained on one at a time.
        lengths: Of the long sums, digits.
        long_repeats: Most rounds with long sums.
    """

    rounds: int = 5
    digits: int = 100
    iterations: tuple[tuple[int, int], ...] = ((1, 1600), (64, 400))
    matmul_size: int = 2048
    recipe: npi_configs.FastRecipe = dataclasses.field(
        default_factory=npi_configs.FastRecipe
    )
    problems_per_length: int = 32
    single_frames: int = 32
    lengths: tuple[int, ...] = (100, 1000, 3000)
    long_repeats: int = 3


QUICK = Settings(
    rounds=2,
    digits=2,
    iterations=((1, 8), (64, 2)),
    matmul_size=64,
    recipe=npi_training.QUICK_RECIPE,
    problems_per_length=1,
    single_frames=2,
    lengths=(3,),
    long_repeats=1,
)


def main(arguments=None):
    marker = npi_table.MARKER
    parser = command.parser(__doc__.splitlines()[0], marker)
    parser.add_argument(
        "--train",
        action="store_true",
        help="also train afresh, for (f); minutes",
    )
    options = command.parse(parser, arguments, marker)
    command.run(options, marker, lambda: _measure(options), npi_table.for_page)


def _measure(options) -> Iterator[dict[str, Any]]:
    settings = command.choose(options, Settings(), QUICK)
    about = {
        "experiment": "npi_speed",
        **command.circumstances(),
        "quick": options.quick,
        "long_repeats": settings.long_repeats,
        "batches": [batch for batch, _ in settings.iterations],
        "lengths": list(settings.lengths),
        "training_runs": _recorded_runs(),
    }
    for results in command.results(about, _cases(settings), settings):
        npi_execution.check_same_steps(results["measured"])
        yield results
    if options.train:
        yield {**results, "training_runs": [_train()]}


def _cases(settings: Settings) -> dict[str, measure.Case]:
    """All there is to time; cases that are compared stand side by side."""
    model = npi_tf.NPI.from_preset("addition")
    iterations = dict(settings.iterations)
    frames = npi_training.teach(settings.problems_per_length)
    return {
        **npi_execution.cases(model, settings.digits, tuple(iterations)),
        **npi_limit.cases(
            model, addition.ADDITION.name, iterations, settings.matmul_size
        ),
        **npi_training.cases(settings.recipe, frames, settings.single_frames),
        **npi_execution.long_sums(
            model, settings.lengths, settings.long_repeats
        ),
    }


def _recorded_runs() -> list[dict[str, Any]]:
    """The committed runs of the fast recipe; none measured here."""
    return [
        _training_run(path, path.name)
        for path in sorted(RECORDS.glob("fast-seed*.json"))
    ]


def _train() -> dict[str, Any]:
    """Runs the script from start to end on this machine."""
    command.say("training from the start")
    script = ROOT / "reproduce" / "npi_addition.py"
    with tempfile.TemporaryDirectory() as workdir:
        words = [sys.executable, str(script), f"--workdir={workdir}"]
        subprocess.run(words, check=True, stdout=sys.stderr)
        record = pathlib.Path(workdir) / "fast-seed0.json"
        return _training_run(record, "seed 0, now")


def _training_run(path: pathlib.Path, source: str) -> dict[str, Any]:
    record = json.loads(path.read_text(encoding="utf-8"))
    return {
        "source": source,
        "commit": record["commit"],
        "machine": record["machine"],
        "train_seconds": record["metrics"]["train_seconds"],
        "wall_seconds": record["wall_seconds"],
        "accuracy_3000": record["metrics"]["accuracy_by_length"]["3000"],
    }


if __name__ == "__main__":
    main()

"""How fast NPI sorts, learns from pictures, draws them and makes its data.

    python benchmarks/npi_domains.py --write docs/speed.md README.md \
        --json benchmarks/results/npi_domains.json
    python benchmarks/npi_domains.py --quick       # only shows that it works

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
# Unlike the libraries and `reproduce`, `benchmarks` is not installed.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import npi_tf
from benchmarks import command
from benchmarks import measure
from benchmarks import npi_data
from benchmarks import npi_domains_table
from benchmarks import npi_limit
from benchmarks import npi_pictures
from benchmarks import npi_rendering
from benchmarks import npi_sorting
from data_gen import npi_traces
from npi_tf import sorting
from reproduce import npi_canonicalization_configs as configs


@dataclasses.dataclass(frozen=True)
class Settings:
    """How much is run.

    Attributes:
        rounds: How often everything is measured.
        length: Of the arrays of (a), and the shorter one of (d).
        python_length: Of the array of (b).
        iterations: Of the product loop, by batch size.
        long_length: Of the longer array of (d).
        long_repeats: Most rounds with it, with many arrays at once (by a
            plain graph one only), and with a record for every invocation.
        matmul_size: Of the large matrix product.
        recipe: Whose training step.
        cars: Cars to train on.
        train_steps: Training steps of one run.
        single_frames: Frames trained on one at a time.
        train_xla: Whether the step is compiled by XLA, too: that takes
            longer than all else.
        drawn_cars: Cars that are drawn.
        pictures: Drawn of them in one run.
        naive_pictures: Drawn in a window of their own.
        addition_problems: Sums of each length from 1 to 20 digits.
        sorting_problems: Arrays of each length from 2 to 20.
        shortest: Whether only the shortest problems are taught.
        car_starts: Traces whose pictures are drawn one by one.
    """

    rounds: int = 5
    length: int = 20
    python_length: int = 6
    iterations: tuple[tuple[int, int], ...] = ((1, 2000), (64, 400))
    long_length: int = 100
    long_repeats: int = 2
    matmul_size: int = 2048
    recipe: configs.FastRecipe = dataclasses.field(
        default_factory=configs.FastRecipe
    )
    cars: int = 24
    train_steps: int = 4
    single_frames: int = 16
    train_xla: bool = True
    drawn_cars: int = 4
    pictures: int = 40
    naive_pictures: int = 8
    addition_problems: int = 8
    sorting_problems: int = 1
    shortest: bool = False
    car_starts: int = 11


QUICK = Settings(
    rounds=1,
    length=2,
    python_length=2,
    iterations=((1, 8), (64, 2)),
    long_length=3,
    long_repeats=1,
    matmul_size=64,
    recipe=configs.FastSmoke(rows_per_step=1),
    cars=1,
    train_steps=1,
    single_frames=1,
    train_xla=False,
    drawn_cars=1,
    pictures=2,
    naive_pictures=1,
    addition_problems=1,
    shortest=True,
    car_starts=1,
)


def main(arguments=None):
    marker = npi_domains_table.MARKER
    parser = command.parser(__doc__.splitlines()[0], marker)
    parser.add_argument(
        "--preset",
        default=sorting.SORTING.name,
        help="model that sorts: name of a preset, or a folder",
    )
    options = command.parse(parser, arguments, marker)
    command.run(
        options, marker, lambda: _measure(options), npi_domains_table.for_page
    )


def _measure(options) -> Iterator[dict[str, Any]]:
    settings = command.choose(options, Settings(), QUICK)
    about = {
        "experiment": "npi_domains_speed",
        **command.circumstances(),
        "quick": options.quick,
        "long_repeats": settings.long_repeats,
        "batches": [batch for batch, _ in settings.iterations],
        "lengths": [settings.length, settings.long_length],
    }
    model = npi_tf.NPI.from_preset(options.preset)
    yield from command.results(about, _cases(model, settings), settings)


def _cases(model: Any, settings: Settings) -> dict[str, measure.Case]:
    """All there is to time; cases that are compared stand side by side."""
    iterations = dict(settings.iterations)
    found = {
        **npi_sorting.cases(
            model,
            settings.length,
            tuple(iterations),
            settings.python_length,
            settings.long_repeats,
        ),
        **npi_limit.cases(
            model, sorting.SORTING.name, iterations, settings.matmul_size
        ),
        **npi_pictures.cases(
            settings.recipe,
            settings.cars,
            settings.train_steps,
            settings.single_frames,
            settings.train_xla,
        ),
        **npi_rendering.cases(
            settings.drawn_cars, settings.pictures, settings.naive_pictures
        ),
    }
    for config in data_sets(settings):
        found |= npi_data.cases(config, settings.long_repeats)
    return {
        **found,
        **npi_data.car_cases(settings.car_starts),
        **npi_sorting.long_array(
            model, settings.long_length, settings.long_repeats
        ),
    }


def data_sets(settings: Settings) -> list[npi_traces.NpiTracesConfig]:
    """Those of addition and sorting that are made."""
    return [
        npi_data.config_of(
            domain, lengths[:2] if settings.shortest else lengths, count
        )
        for domain, lengths, count in (
            ("addition", tuple(range(1, 21)), settings.addition_problems),
            ("sorting", tuple(range(2, 21)), settings.sorting_problems),
        )
    ]


if __name__ == "__main__":
    main()

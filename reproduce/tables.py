"""Writes the README's result tables from the committed run records.

python -m reproduce.tables            # rewrites README.md
python -m reproduce.tables --check    # fails if README.md is not current
"""

from __future__ import annotations

import json
import pathlib
import statistics
import sys
from typing import Any

from reproduce import run_record

README = pathlib.Path(__file__).parents[1] / "README.md"

# NPI@32 in Figure 9, read off the figure: 100 % at every length.
FIGURE_9 = (5, 10, 20, 40, 80, 160, 240, 480, 960, 2000, 3000)


def records(experiment: str, recipe: str) -> list[dict[str, Any]]:
    """The records of a recipe, by seed."""
    folder = run_record.RESULTS / experiment
    found = [json.loads(p.read_text()) for p in sorted(folder.glob("*.json"))]
    mine = [record for record in found if record["recipe"] == recipe]
    return sorted(mine, key=lambda record: record["seed"])


def spread(values: list[float], percent: bool = True) -> str:
    """`median (lowest to highest)`, or the value alone where all agree."""
    if not values:
        return "not run"

    def show(value: float) -> str:
        return f"{100 * value:.4g} %" if percent else f"{value:.0f} s"

    middle = show(statistics.median(values))
    low, high = show(min(values)), show(max(values))
    return middle if low == high else f"{middle} ({low} to {high})"


def training_time(runs: list[dict[str, Any]]) -> str:
    """The seconds of training of some records, median and range."""
    key = "train_seconds"
    times = [r["metrics"][key] for r in runs if key in r["metrics"]]
    return spread(times, percent=False)


def seeds(runs: list[dict[str, Any]]) -> str:
    """How many there are, in words."""
    return f"{len(runs)} seed" + ("" if len(runs) == 1 else "s")


def npi_addition() -> str:
    """Figure 9, NPI: exact sums by number of digits."""
    fast, paper = (records("npi_addition", r) for r in ("fast", "paper"))
    rows = [
        "| digits | paper, Figure 9 | ours, `fast`, "
        f"{seeds(fast)} | ours, `paper`, {seeds(paper)} |",
        "|---|---|---|---|",
    ]
    lengths = {int(n) for r in fast + paper for n in _accuracy(r)}
    for length in sorted(lengths | set(FIGURE_9)):
        if length in FIGURE_9 or length > max(FIGURE_9):
            stated = "100 %" if length in FIGURE_9 else "not tried"
            rows.append(
                f"| {length:,} | {stated} | {_at(fast, length)} "
                f"| {_at(paper, length)} |"
            )
    rows.append(
        f"| every length from 1 to 20 | 100 % | {_short(fast)} "
        f"| {_short(paper)} |"
    )
    for name, show in (
        ("adversarial set", _adversarial),
        ("training time", training_time),
    ):
        cells = [show(group) for group in (fast, paper)]
        rows.append(f"| {name} | not stated | {' | '.join(cells)} |")
    return "\n".join(rows)


def _adversarial(group):
    return spread([r["metrics"]["accuracy_adversarial"] for r in group])


def _accuracy(record):
    return record["metrics"]["accuracy_by_length"]


def _at(group, length):
    key = str(length)
    return spread([_accuracy(r)[key] for r in group if key in _accuracy(r)])


def _short(group):
    lowest = [min(_accuracy(r)[str(n)] for n in range(1, 21)) for r in group]
    return spread(lowest)


def all_tables() -> dict[str, Any]:
    """What makes each table, by the name in its markers."""
    from reproduce import np_baselines_table
    from reproduce import np_tables
    from reproduce import npi_addition_baselines_table
    from reproduce import npi_canonicalization_table
    from reproduce import npi_multitask_table
    from reproduce import npi_sorting_table

    return {
        "npi_addition": npi_addition,
        "npi_multitask": npi_multitask_table.table,
        "npi_sorting": npi_sorting_table.figure_6_table,
        "npi_sample_complexity": npi_sorting_table.figure_5_table,
        "npi_canonicalization": npi_canonicalization_table.table,
        "npi_canonicalization_changes": npi_canonicalization_table.changes,
        "npi_addition_baselines": npi_addition_baselines_table.table,
        "npi_addition_plain": npi_addition_baselines_table.plain_table,
        "np_table_2": np_tables.table_2,
        "np_paper_recipe": np_tables.paper_recipe,
        "np_sizes": np_tables.sizes,
        "np_baselines": np_baselines_table.table,
    }


def render(text: str) -> str:
    """`text` with every table between its markers made anew.

    Raises:
        ValueError: If a table's markers are missing.
    """
    for name, table in all_tables().items():
        begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
        if begin not in text or end not in text:
            raise ValueError(f"text: must hold {begin} and {end}")
        head, rest = text.split(begin, 1)
        tail = rest.split(end, 1)[1]
        text = f"{head}{begin}\n{table()}\n{end}{tail}"
    return text


def main(argv: list[str]) -> int:
    """Rewrites the README, or with `--check` says whether it is current."""
    text = README.read_text()
    current = render(text)
    if argv == ["--check"]:
        return int(text != current)
    README.write_text(current)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

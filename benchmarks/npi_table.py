"""The results of `benchmarks/npi.py` as Markdown."""

from __future__ import annotations

from typing import Any

from benchmarks import measure
from benchmarks import npi_core_table
from benchmarks import pages

MARKER = "speed"
BEGIN, END = pages.markers(MARKER)

# What is aimed at. Rows of `_aims` say against what.
TIMES_PYTHON = 20
SHARE_OF_LIMIT = 0.5
SECONDS_1000_DIGITS = 2
MINUTES_TO_3000_DIGITS = 5

Measured = dict[str, Any]


def render(results: dict[str, Any]) -> str:
    """Every table, from what `benchmarks/npi.py --json` wrote."""
    measured = results["measured"]
    columns = {batch: _problems(batch) for batch in results["batches"]}
    parts = [
        _machine(results),
        _aims(results),
        *_execution(measured, columns),
        npi_core_table.limits(measured, columns),
        _training(measured),
        _sums(measured, results["lengths"]),
        _runs(results["training_runs"]),
    ]
    return "\n\n".join(parts)


def summary(results: dict[str, Any]) -> str:
    """The machine and the aims alone, for a page that is not about speed."""
    return "\n\n".join([_machine(results), _aims(results)])


def for_page(results: dict[str, Any], name: str) -> str:
    """What stands on the page of that file name."""
    return summary(results) if name == "README.md" else render(results)


def _machine(results) -> str:
    return pages.machine(
        results, f", at most {results['long_repeats']} for long sums"
    )


def _aims(results) -> str:
    measured = results["measured"]
    rows = []
    ours, naive = measured["interpreter_xla/1"], measured["python_eager/1"]
    times = measure.ratios(ours, naive, "core_steps")
    rows.append(
        [
            f"(a) at least {TIMES_PYTHON} x (b), one problem",
            f"{pages.median_and_range(times)} x",
            pages.verdict(measure.spread(times).median >= TIMES_PYTHON),
        ]
    )
    for batch in results["batches"]:
        ours = measured[f"interpreter_xla/{batch}"]
        limit = measured[f"products/{batch}"]
        share = measure.ratios(ours, limit, "core_steps")
        rows.append(
            [
                f"(a) at least half of (c), {_problems(batch)}",
                pages.median_and_range(share),
                pages.verdict(measure.spread(share).median >= SHARE_OF_LIMIT),
            ]
        )
    rows += _aim_of_1000_digits(measured)
    rows += _aims_of_training(results["training_runs"])
    return pages.rows(["aim", "measured", ""], rows)


def _aim_of_1000_digits(measured) -> list[list[str]]:
    if "sum_xla/1000" not in measured:
        return []
    seconds = measured["sum_xla/1000"]["seconds"]
    aim = f"(e) 1000 digits in under {SECONDS_1000_DIGITS} s"
    reached = measure.spread(seconds).median < SECONDS_1000_DIGITS
    return [
        [aim, f"{pages.median_and_range(seconds)} s", pages.verdict(reached)]
    ]


def _aims_of_training(runs) -> list[list[str]]:
    """Both readings: until the weights are there, until all is evaluated."""
    rows = []
    for key, title in (
        ("train_seconds", "(f) trained to 3000 digits"),
        ("wall_seconds", "(f) the same, and all evaluated"),
    ):
        aim = f"{title} in under {MINUTES_TO_3000_DIGITS} min"
        if not runs:
            rows.append([aim, "-", "not measured"])
            continue
        seconds = [run[key] for run in runs]
        all_right = all(run["accuracy_3000"] == 1.0 for run in runs)
        in_time = max(seconds) < 60 * MINUTES_TO_3000_DIGITS
        value = f"{pages.median_and_range(seconds)} s"
        rows.append([aim, value, pages.verdict(all_right and in_time)])
    return rows


def _problems(batch: int) -> str:
    return "one problem" if batch == 1 else f"batch of {batch}"


def _execution(measured: Measured, columns: dict[int, str]) -> list[str]:
    """Core steps and digits: without steps for ACT, a sum takes fewer."""
    digits = {
        "interpreter_xla": "interpreter, XLA; ACT takes a core step",
        "no_act_step_xla": "interpreter, XLA; ACT takes none",
    }
    return [
        npi_core_table.by_batch(what, measured, titles, columns, unit)
        for what, titles, unit in (
            (
                "core steps a second",
                npi_core_table.ways("interpreter"),
                "core_steps",
            ),
            ("digits a second", digits, "digits"),
        )
    ]


def _training(measured: Measured) -> str:
    titles = {
        "train_fast": "(d) the fast recipe's step, XLA",
        "train_single": "one frame at a time, from Python",
    }
    return npi_core_table.training(
        "training", measured, titles, ("frames", "decisions")
    )


def _sums(measured: Measured, lengths: list[int]) -> str:
    rows = []
    for digits in lengths:
        row = [f"(e) {digits} digits"]
        for name in ("sum_xla", "sum_graph"):
            entry = measured[f"{name}/{digits}"]
            row.append(pages.median_and_range(entry["seconds"]))
            row.append(pages.number(entry["prepare_seconds"]))
        rows.append(row)
    header = ["one sum, seconds", "XLA", "compiling it once"]
    return pages.rows([*header, "plain graph", "building it once"], rows)


def _runs(runs: list[dict[str, Any]]) -> str:
    if not runs:
        return "(f) Training from start to 3000 digits: no run is recorded."
    rows = [
        [
            f"(f) {run['source']}",
            pages.number(run["train_seconds"]),
            pages.number(run["wall_seconds"]),
            f"{run['accuracy_3000']:.0%}",
        ]
        for run in runs
    ]
    header = ["from start to 3000 digits", "training, s"]
    header += ["and all evaluation, s", "right at 3000 digits"]
    return pages.rows(header, rows)

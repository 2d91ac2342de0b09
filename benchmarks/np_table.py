"""The results of `benchmarks/np.py` as Markdown."""

from __future__ import annotations

from typing import Any

from benchmarks import measure
from benchmarks import pages

MARKER = "np_speed"

# What is aimed at. Rows of `_aims` say against what.
EXAMPLES_PER_SECOND = 8000
NOISE_TO_STEP = 1.0
TIMES_READING = 2.0

MEGABYTE = 1e6

TITLES = {
    "paper": "(a) the paper's step",
    "paper_no_noise": "(a) the same without gradient noise",
    "fast": "(a) the fast recipe's step",
    "naive": "(b) one question at a time, from Python",
}
SETTINGS = {"single_column": "1 column", "five_columns": "5 columns"}

Measured = dict[str, Any]


def render(results: dict[str, Any]) -> str:
    """Every table, from what `benchmarks/np.py --json` wrote."""
    measured = results["measured"]
    parts = [
        pages.machine(results),
        _aims(results),
        _training(measured),
        _answering(measured, results["rows"]),
        _reading(measured, results["rows"]),
        _memory(results["memory"]),
    ]
    return "\n\n".join(parts)


def for_page(results: dict[str, Any], name: str) -> str:
    """What stands on the page of that file name; the README has the aims."""
    if name == "README.md":
        return "\n\n".join([pages.machine(results), _aims(results)])
    return render(results)


def _aims(results) -> str:
    measured, rows = results["measured"], []
    for setting, title in _settings(measured).items():
        rates = measure.rates(measured[f"paper/{setting}"], "examples")
        rows.append(
            [
                f"(a) at least {EXAMPLES_PER_SECOND:,} examples/s, {title}",
                f"{pages.median_and_range(rates)} /s",
                pages.verdict(
                    measure.spread(rates).median >= EXAMPLES_PER_SECOND
                ),
            ]
        )
    for setting, title in _settings(measured).items():
        cost = noise_cost(measured, setting)
        rows.append(
            [
                f"(f) noise costs at most as much as the step, {title}",
                f"{pages.median_and_range(cost, 100)} %",
                pages.verdict(measure.spread(cost).median <= NOISE_TO_STEP),
            ]
        )
    for count in results["rows"]:
        times = _times(measured, "read_sum", count)
        rows.append(
            [
                f"(d) at most {TIMES_READING:.0f} x reading the bytes, "
                f"{count:,} rows",
                f"{pages.median_and_range(times)} x",
                pages.verdict(measure.spread(times).median <= TIMES_READING),
            ]
        )
    return pages.rows(["aim", "measured", ""], rows)


def _settings(measured: Measured) -> dict[str, str]:
    """Names and titles of the settings that were measured."""
    return {
        name: title
        for name, title in SETTINGS.items()
        if f"paper/{name}" in measured
    }


def noise_cost(measured: Measured, setting: str) -> list[float]:
    """What noise adds to the step without, as a fraction of it."""
    with_noise, without = (
        measured[f"{name}/{setting}"] for name in ("paper", "paper_no_noise")
    )
    ratios = measure.ratios(without, with_noise, "examples")
    return [ratio - 1 for ratio in ratios]


def _times(measured: Measured, reading: str, rows: int) -> list[float]:
    """How many times as long an answer takes as reading."""
    return measure.ratios(
        measured[f"{reading}/{rows}"], measured[f"answer/{rows}"], "questions"
    )


def _training(measured: Measured) -> str:
    rows = []
    for setting, columns in _settings(measured).items():
        for name, title in TITLES.items():
            entry = measured[f"{name}/{setting}"]
            steps = [s / entry["work"]["steps"] for s in entry["seconds"]]
            times = measure.ratios(
                entry, measured[f"naive/{setting}"], "examples"
            )
            is_naive = name == "naive"
            rows.append(
                [
                    f"{title}, {columns}",
                    pages.rates(entry, "examples"),
                    "-" if is_naive else pages.median_and_range(steps, 1e3),
                    "-" if is_naive else pages.median_and_range(times),
                    *_products(entry, measured["matmul"]),
                ]
            )
    header = ["training", "examples/s", "ms a step", "times (b)"]
    header += ["(c) GFLOP/s of products", "(c) of the matrix product's rate"]
    return pages.rows(header, rows)


def _products(entry: Measured, matmul: Measured) -> list[str]:
    if "flop" not in entry["work"]:
        return ["-", "-"]
    shares = measure.ratios(entry, matmul, "flop")
    return [
        pages.rates(entry, "flop", 1e-9),
        f"{pages.median_and_range(shares, 100)} %",
    ]


def _answering(measured: Measured, sizes: list[int]) -> str:
    rows = [
        [
            title,
            *(
                pages.rates(measured[f"{name}/{rows}"], "questions")
                for rows in sizes
            ),
        ]
        for name, title in (
            ("answer", "(d) hard execution, many at once"),
            ("answer_single", "(d) one question at a time"),
            ("pandas", "pandas, the gold program given"),
            ("read_sum", "reading the bytes, sum"),
            ("read_max", "reading the bytes, maximum"),
        )
    ]
    header = [f"{count:,} rows" for count in sizes]
    return pages.rows(["questions a second", *header], rows)


def _reading(measured: Measured, sizes: list[int]) -> str:
    rows = []
    for name, title in (("read_sum", "sum"), ("read_max", "maximum")):
        reading = [measured[f"{name}/{count}"] for count in sizes]
        rows.append(
            [f"GB/s read on one core, {title}"]
            + [pages.rates(entry, "bytes", 1e-9) for entry in reading]
        )
        rows.append(
            [f"time of (d) / time of reading, {title}"]
            + [
                pages.median_and_range(_times(measured, name, count))
                for count in sizes
            ]
        )
    header = [f"{count:,} rows" for count in sizes]
    return pages.rows(["against reading", *header], rows)


def _memory(memory: dict[str, dict[str, int]]) -> str:
    def megabytes(found, field):
        if field not in found:
            return "-"
        return pages.number(found[field] / MEGABYTE)

    rows = []
    for case, found in memory.items():
        name, setting = case.split("/")
        rows.append(
            [
                f"{TITLES[name]}, {SETTINGS[setting]}",
                megabytes(found, "planned"),
                megabytes(found, "temporary"),
                megabytes(found, "resident"),
            ]
        )
    header = ["(e) memory of a step, MB", "planned by XLA", "of it temporary"]
    return pages.rows([*header, "resident, with compiling"], rows)

"""The results of `benchmarks/npi_domains.py` as Markdown."""

from __future__ import annotations

from typing import Any

from benchmarks import measure
from benchmarks import npi_core_table
from benchmarks import pages

MARKER = "npi_speed_domains"
BEGIN, END = pages.markers(MARKER)

Measured = dict[str, Any]


def render(results: dict[str, Any]) -> str:
    """Every table, from what `benchmarks/npi_domains.py --json` wrote."""
    measured = results["measured"]
    parts = [
        _machine(results),
        _overview(results),
        _execution(results),
        npi_core_table.limits(
            measured, {batch: _many(batch) for batch in results["batches"]}
        ),
        _arrays(results),
        _training(measured),
        _rendering(measured),
        _data(measured),
    ]
    return "\n\n".join(parts)


def summary(results: dict[str, Any]) -> str:
    """The machine and the overview, for a page that is not about speed."""
    return "\n\n".join([_machine(results), _overview(results)])


def for_page(results: dict[str, Any], name: str) -> str:
    """What stands on the page of that file name."""
    return summary(results) if name == "README.md" else render(results)


def _machine(results) -> str:
    times = results["long_repeats"]
    return pages.machine(
        results,
        f", at most {times} for many arrays, the longest array and records "
        "of every invocation",
    )


def _overview(results) -> str:
    """Ours, the naive way and the limit side by side, in medians."""
    measured, batches = results["measured"], results["batches"]
    longest = results["lengths"][-1]
    rows = []
    for title, name, batch in (
        *((_arrays_of(b, results), f"sort_xla/{b}", b) for b in batches),
        (f"one array of {longest}", f"array_xla/{longest}", 1),
    ):
        rows.append(
            _row(
                f"sorting {title}, core steps",
                "core_steps",
                measured[name],
                measured["python_eager/1"] if batch == 1 else None,
                measured[f"products/{batch}"],
            )
        )
    rows.append(
        _row(
            "training on pictures of cars, frames",
            "frames",
            measured["train_graph"],
            measured["train_single"],
            _all_products(measured),
        )
    )
    rows.append(
        _row(
            "pictures of cars",
            "pictures",
            measured["render"],
            measured["render_naive"],
            measured["read_back"],
        )
    )
    for name, title in (("addition", "sums"), ("sorting", "arrays")):
        ways = ("data", "data_naive", "replay")
        entries = [measured[f"{way}/{name}"] for way in ways]
        rows.append(_row(f"traces of {title} as records", "traces", *entries))
    ways = [measured[f"{way}/cars"] for way in ("data", "data_naive")]
    limit = _as_traces(measured["render"])
    rows.append(_row("traces of cars as records", "traces", *ways, limit))
    header = ["a second", "ours", "the naive way", "times"]
    return pages.rows([*header, "the limit", "of the limit"], rows)


def _row(title, unit, ours, naive, limit) -> list[str]:
    cells = [title, pages.rates(ours, unit)]
    if naive:
        times = measure.ratios(ours, naive, unit)
        cells += [
            pages.rates(naive, unit),
            f"{pages.median_and_range(times)} x",
        ]
    else:
        cells += ["-", "-"]
    share = measure.ratios(ours, limit, unit)
    cells.append(pages.rates(limit, unit))
    return [*cells, f"{pages.median_and_range(share, 100)} %"]


def _all_products(measured: Measured) -> Measured:
    """The large matrix product, its work counted in frames of training."""
    work, limit = measured["train_graph"]["work"], measured["matmul"]
    frames = limit["work"]["flop"] / work["flop"] * work["frames"]
    return {**limit, "work": {"frames": frames}}


def _as_traces(rendering: Measured) -> Measured:
    """Pictures of known cars; a car has as many as it has traces."""
    return {**rendering, "work": {"traces": rendering["work"]["pictures"]}}


def _many(batch: int) -> str:
    return "one array" if batch == 1 else f"{batch} arrays"


def _arrays_of(batch: int, results) -> str:
    return f"{_many(batch)} of {results['settings']['length']}"


def _execution(results) -> str:
    return npi_core_table.by_batch(
        "sorting, core steps a second",
        results["measured"],
        npi_core_table.ways("sort"),
        {batch: _arrays_of(batch, results) for batch in results["batches"]},
        "core_steps",
    )


def _arrays(results) -> str:
    """Whole arrays; from Python and at the limit they would take minutes."""
    measured, (length, longest) = results["measured"], results["lengths"]
    rows = []
    for count, name in (
        (length, "sort_{}/1"),
        (longest, f"array_{{}}/{longest}"),
    ):
        entries = [measured[name.format(way)] for way in ("xla", "graph")]
        steps = entries[0]["work"]["core_steps"]
        cells = [f"(d) {count} numbers", pages.number(steps)]
        for entry in entries:
            cells.append(pages.median_and_range(entry["seconds"]))
            cells.append(pages.number(entry["prepare_seconds"]))
        for name in ("python_eager/1", "python_graph/1", "products/1"):
            rates = measure.rates(measured[name], "core_steps")
            cells.append(pages.number(steps / measure.spread(rates).median))
        rows.append(cells)
    header = ["one array, seconds", "core steps", "XLA", "compiling it once"]
    header += ["plain graph", "building it once"]
    header += ["at the rate of (b)", "of (b), compiled steps", "of (c)"]
    return pages.rows(header, rows)


def _training(measured: Measured) -> str:
    titles = {
        "train_graph": "(e) the fast recipe's step, plain graph",
        "train_xla": "(e) the same, XLA",
        "train_single_graph": "one frame at a time, a plain graph",
        "train_single": "one frame at a time, from Python",
    }
    units = ("frames", "decisions", "pictures")
    return npi_core_table.training(
        "training on pictures", measured, titles, units
    )


def _rendering(measured: Measured) -> str:
    rows = []
    for name, title in (
        ("render", "(f) one window, known cars"),
        ("render_naive", "a new window and mesh for each picture"),
        ("render_speck", "one window, nothing to draw"),
        ("read_back", "one window, only read back"),
    ):
        rates = measure.rates(measured[name], "pictures")
        milliseconds = [1e3 / rate for rate in rates]
        rows.append(
            [
                title,
                pages.median_and_range(rates),
                pages.median_and_range(milliseconds),
            ]
        )
    return pages.rows(["pictures of cars", "pictures/s", "ms a picture"], rows)


def _data(measured: Measured) -> str:
    rows = []
    for domain in ("addition", "sorting"):
        for way, title in (
            ("data", f"(g) {domain}: equal frames once"),
            ("data_naive", f"{domain}: every invocation a record"),
            ("teach", f"{domain}: the teacher alone"),
            ("replay", f"{domain}: its looks and actions alone"),
        ):
            rows.append([title, *_made(measured[f"{way}/{domain}"])])
    for way, title in (
        ("data", "(g) cars: a picture of each pose"),
        ("data_naive", "cars: pictures on the way of each trace"),
    ):
        rows.append([title, *_made(measured[f"{way}/cars"])])
    header = ["data", "traces/s", "steps/s", "records a trace", "kB a trace"]
    return pages.rows(header, rows)


def _made(entry: Measured) -> list[str]:
    work = entry["work"]
    cells = [pages.rates(entry, "traces")]
    cells.append(pages.rates(entry, "steps") if "steps" in work else "-")
    for unit, factor in (("records", 1), ("size", 1e-3)):
        made = work.get(unit)
        each = pages.number(factor * made / work["traces"]) if made else "-"
        cells.append(each)
    return cells

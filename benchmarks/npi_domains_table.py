"""The results of `benchmarks/npi_domains.py` as Markdown."""

from __future__ import annotations

from typing import Any

from benchmarks import measure
from benchmarks import pages

MARKER = "npi_speed_domains"
BEGIN, END = pages.markers(MARKER)

Measured = dict[str, Any]


def render(results: dict[str, Any]) -> str:
    """Every table, from what `benchmarks/npi_domains.py --json` wrote."""
    measured, batches = results["measured"], results["batches"]
    parts = [
        _machine(results),
        _overview(results),
        _execution(results),
        _limits(measured, batches),
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
        f", at most {times} for whole arrays and records of every invocation",
    )


def _overview(results) -> str:
    """Ours, the naive way and the limit side by side, in medians."""
    measured, length = results["measured"], results["settings"]["length"]
    rows = []
    for batch in results["batches"]:
        title = f"sorting {_arrays_of(batch, length)}, core steps"
        ours = measured[f"sort_xla/{batch}"]
        naive = measured["python_eager/1"] if batch == 1 else None
        limit = measured[f"products/{batch}"]
        rows.append(_row(title, "core_steps", ours, naive, limit))
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
    cells = [title, _rates(ours, unit)]
    if naive:
        times = measure.ratios(ours, naive, unit)
        cells += [_rates(naive, unit), f"{pages.median_and_range(times)} x"]
    else:
        cells += ["-", "-"]
    share = measure.ratios(ours, limit, unit)
    cells += [_rates(limit, unit), f"{pages.median_and_range(share, 100)} %"]
    return cells


def _rates(entry: Measured, unit: str) -> str:
    return pages.median_and_range(measure.rates(entry, unit))


def _all_products(measured: Measured) -> Measured:
    """The large matrix product, its work counted in frames of training."""
    work, limit = measured["train_graph"]["work"], measured["matmul"]
    frames = limit["work"]["flop"] / work["flop"] * work["frames"]
    return {**limit, "work": {"frames": frames}}


def _as_traces(rendering: Measured) -> Measured:
    """Pictures of known cars; a car has as many as it has traces."""
    return {**rendering, "work": {"traces": rendering["work"]["pictures"]}}


def _arrays_of(batch: int, length: int) -> str:
    many = "one array" if batch == 1 else f"{batch} arrays"
    return f"{many} of {length}"


def _execution(results) -> str:
    measured, batches = results["measured"], results["batches"]
    length = results["settings"]["length"]
    rows = []
    for name, title in (
        ("sort_xla", "(a) interpreter, XLA"),
        ("sort_graph", "(a) interpreter, plain graph"),
        ("python_eager", "(b) step by step from Python"),
        ("python_graph", "(b) the same, each step one compiled graph"),
        ("products", "(c) the matrix products alone, XLA"),
        ("products_graph", "(c) the same, plain graph"),
    ):
        entries = [measured.get(f"{name}/{batch}") for batch in batches]
        cells = [_rates(e, "core_steps") if e else "-" for e in entries]
        rows.append([title, *cells])
    columns = [_arrays_of(batch, length) for batch in batches]
    return pages.rows(["sorting, core steps a second", *columns], rows)


def _limits(measured: Measured, batches: list[int]) -> str:
    reading = measure.rates(measured["read_weights"], "bytes")
    multiplying = measure.rates(measured["matmul"], "flop")
    rows = [
        ["one core reads as many bytes as there are weights"]
        + [pages.median_and_range(reading, 1e-9), "-", "-"],
        ["one large matrix product"]
        + ["-", pages.median_and_range(multiplying, 1e-9), "-"],
    ]
    for batch in batches:
        once = measured[f"products/{batch}"]
        twice = measured[f"products_twice/{batch}"]
        scaling = [b / a for a, b in zip(once["seconds"], twice["seconds"])]
        rows.append(
            [
                f"(c), {'one array' if batch == 1 else f'{batch} arrays'}",
                pages.median_and_range(measure.rates(once, "bytes"), 1e-9),
                pages.median_and_range(measure.rates(once, "flop"), 1e-9),
                pages.median_and_range(scaling),
            ]
        )
    header = ["limits", "GB/s", "GFLOP/s", "time of twice the iterations"]
    return pages.rows(header, rows)


def _arrays(results) -> str:
    """Whole arrays; from Python and at the limit they would take minutes."""
    measured = results["measured"]
    rows = []
    for length in results["lengths"]:
        entries = [
            measured[f"{name}/{length}"]
            for name in ("array_xla", "array_graph")
        ]
        steps = entries[0]["work"]["core_steps"]
        cells = [f"(d) {length} numbers", pages.number(steps)]
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
    rows = []
    for name, title in (
        ("train_graph", "(e) the fast recipe's step, plain graph"),
        ("train_xla", "(e) the same, XLA"),
        ("train_single_graph", "one frame at a time, a plain graph"),
        ("train_single", "one frame at a time, from Python"),
    ):
        entry = measured[name]
        units = ("frames", "decisions", "pictures")
        cells = [_rates(entry, unit) for unit in units]
        for unit in ("flop", "flop_with_padding"):
            rates = measure.rates(entry, unit)
            cells.append(pages.median_and_range(rates, 1e-9))
        shares = measure.ratios(
            {**entry, "work": {"flop": entry["work"]["flop_with_padding"]}},
            measured["matmul"],
            "flop",
        )
        rows.append([title, *cells, pages.median_and_range(shares, 100) + " %"])
    header = ["training on pictures", "frames/s", "decisions/s", "pictures/s"]
    header += ["GFLOP/s", "with padding", "of the matrix product's rate"]
    return pages.rows(header, rows)


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
    for domain, ways in (
        (
            "addition",
            (
                ("data", "(g) addition: equal frames once"),
                ("data_naive", "addition: every invocation a record"),
                ("teach", "addition: the teacher alone"),
                ("replay", "addition: its looks and actions alone"),
            ),
        ),
        (
            "sorting",
            (
                ("data", "(g) sorting: equal frames once"),
                ("data_naive", "sorting: every invocation a record"),
                ("teach", "sorting: the teacher alone"),
                ("replay", "sorting: its looks and actions alone"),
            ),
        ),
        (
            "cars",
            (
                ("data", "(g) cars: a picture of each pose"),
                ("data_naive", "cars: pictures on the way of each trace"),
            ),
        ),
    ):
        rows += [
            [title, *_made(measured[f"{way}/{domain}"])] for way, title in ways
        ]
    header = ["data", "traces/s", "steps/s", "records a trace", "kB a trace"]
    return pages.rows(header, rows)


def _made(entry: Measured) -> list[str]:
    work = entry["work"]
    cells = [_rates(entry, "traces")]
    cells.append(_rates(entry, "steps") if "steps" in work else "-")
    for unit, factor in (("records", 1), ("size", 1e-3)):
        made = work.get(unit)
        each = pages.number(factor * made / work["traces"]) if made else "-"
        cells.append(each)
    return cells

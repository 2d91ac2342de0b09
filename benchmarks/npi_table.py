"""The results of `benchmarks/npi.py` as Markdown."""

from __future__ import annotations

from typing import Any

from benchmarks import measure

BEGIN = "<!-- speed:begin -->"
END = "<!-- speed:end -->"

# What is aimed at. Rows of `_aims` say against what.
TIMES_PYTHON = 20
SHARE_OF_LIMIT = 0.5
SECONDS_1000_DIGITS = 2
MINUTES_TO_3000_DIGITS = 5

BUSY = 0.5  # Processes that wait for a core, from which on it is said so.

Measured = dict[str, Any]


def number(value: float) -> str:
    """Three digits that count.

    >>> number(12345.6), number(0.04567)
    ('12,300', '0.0457')
    """
    if value == 0:
        return "0"
    shown = float(f"{value:.3g}")
    return f"{shown:,.0f}" if abs(shown) >= 100 else f"{shown:g}"


def median_and_range(values: list[float], factor: float = 1.0) -> str:
    """`median (low to high)`, or a dash where nothing was measured."""
    if not values:
        return "-"
    middle, low, high = (
        number(factor * value) for value in measure.spread(values)
    )
    return f"{middle} ({low} to {high})"


def render(results: dict[str, Any]) -> str:
    """Every table, from what `benchmarks/npi.py --json` wrote."""
    measured, batches = results["measured"], results["batches"]
    parts = [
        _machine(results),
        _aims(results),
        _execution(measured, batches),
        _limits(measured, batches),
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


def replace(text: str, table: str) -> str | None:
    """`text` with the table between its markers; None if it has no markers.

    Raises:
        ValueError: If a marker is there twice or without its partner.
    """
    counts = text.count(BEGIN), text.count(END)
    if counts == (0, 0):
        return None
    if counts != (1, 1) or text.index(END) < text.index(BEGIN):
        raise ValueError(
            f"text: must hold {BEGIN} and then {END} once each, got "
            f"{counts[0]} and {counts[1]}"
        )
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{after}"


def _rows(header: list[str], rows: list[list[str]]) -> str:
    line = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in line)


def _machine(results) -> str:
    machine = results["machine"]
    gpus = f", {machine['gpus']} GPUs" if machine["gpus"] else ""
    lines = [
        f"{machine['cpu']}, {machine['cores']} cores{gpus}; "
        f"Python {machine['python']}, TensorFlow {machine['tensorflow']}, "
        f"Keras {machine['keras']}; commit {results['commit']}. "
        f"Median (lowest to highest) of {results['rounds']} rounds, at most "
        f"{results['long_repeats']} for long sums. Load of the machine "
        f"before the run (processes waiting for a core): "
        f"{number(results['load'])}."
    ]
    if results["load"] >= BUSY:
        lines.append(
            "**The machine was busy: other programs took part of its time.** "
            "Speeds are too low; ratios suffer less."
        )
    if results["quick"]:
        lines.append("**A quick run: these numbers mean nothing.**")
    return "\n\n".join(lines)


def _verdict(reached: bool) -> str:
    return "reached" if reached else "**missed**"


def _aims(results) -> str:
    measured = results["measured"]
    rows = []
    ours, naive = measured["interpreter_xla/1"], measured["python_eager/1"]
    times = measure.ratios(ours, naive, "core_steps")
    rows.append(
        [
            f"(a) at least {TIMES_PYTHON} x (b), one problem",
            f"{median_and_range(times)} x",
            _verdict(measure.spread(times).median >= TIMES_PYTHON),
        ]
    )
    for batch in results["batches"]:
        ours = measured[f"interpreter_xla/{batch}"]
        limit = measured[f"products/{batch}"]
        share = measure.ratios(ours, limit, "core_steps")
        rows.append(
            [
                f"(a) at least half of (c), {_problems(batch)}",
                median_and_range(share),
                _verdict(measure.spread(share).median >= SHARE_OF_LIMIT),
            ]
        )
    rows += _aim_of_1000_digits(measured)
    rows += _aims_of_training(results["training_runs"])
    return _rows(["aim", "measured", ""], rows)


def _aim_of_1000_digits(measured) -> list[list[str]]:
    if "sum_xla/1000" not in measured:
        return []
    seconds = measured["sum_xla/1000"]["seconds"]
    aim = f"(e) 1000 digits in under {SECONDS_1000_DIGITS} s"
    reached = measure.spread(seconds).median < SECONDS_1000_DIGITS
    return [[aim, f"{median_and_range(seconds)} s", _verdict(reached)]]


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
        value = f"{median_and_range(seconds)} s"
        rows.append([aim, value, _verdict(all_right and in_time)])
    return rows


def _problems(batch: int) -> str:
    return "one problem" if batch == 1 else f"batch of {batch}"


def _execution(measured: Measured, batches: list[int]) -> str:
    names = (
        ("interpreter_xla", "(a) interpreter, XLA"),
        ("interpreter_graph", "(a) interpreter, plain graph"),
        ("python_eager", "(b) step by step from Python"),
        ("python_graph", "(b) the same, each step one compiled graph"),
        ("products", "(c) the matrix products alone, XLA"),
        ("products_graph", "(c) the same, plain graph"),
    )
    steps = [
        [title, *_cells(measured, name, batches, "core_steps")]
        for name, title in names
    ]
    names = (
        ("interpreter_xla", "interpreter, XLA; ACT takes a core step"),
        ("no_act_step_xla", "interpreter, XLA; ACT takes none"),
    )
    digits = [
        [title, *_cells(measured, name, batches, "digits")]
        for name, title in names
    ]
    columns = [_problems(batch) for batch in batches]
    return (
        _rows(["core steps a second", *columns], steps)
        + "\n\n"
        + _rows(["digits a second", *columns], digits)
    )


def _cells(measured: Measured, name: str, batches, unit: str) -> list[str]:
    found = [measured.get(f"{name}/{batch}") for batch in batches]
    return [
        median_and_range(measure.rates(entry, unit)) if entry else "-"
        for entry in found
    ]


def _limits(measured: Measured, batches: list[int]) -> str:
    reading = measure.rates(measured["read_weights"], "bytes")
    multiplying = measure.rates(measured["matmul"], "flop")
    rows = [
        ["one core reads as many bytes as there are weights"]
        + [median_and_range(reading, 1e-9), "-", "-"],
        ["one large matrix product"]
        + ["-", median_and_range(multiplying, 1e-9), "-"],
    ]
    for batch in batches:
        once = measured[f"products/{batch}"]
        twice = measured[f"products_twice/{batch}"]
        scaling = [b / a for a, b in zip(once["seconds"], twice["seconds"])]
        rows.append(
            [
                f"(c), {_problems(batch)}",
                median_and_range(measure.rates(once, "bytes"), 1e-9),
                median_and_range(measure.rates(once, "flop"), 1e-9),
                median_and_range(scaling),
            ]
        )
    header = ["limits", "GB/s", "GFLOP/s", "time of twice the iterations"]
    return _rows(header, rows)


def _training(measured: Measured) -> str:
    rows = []
    for name, title in (
        ("train_fast", "(d) the fast recipe's step, XLA"),
        ("train_single", "one frame at a time, from Python"),
    ):
        entry = measured[name]
        cells = [
            median_and_range(measure.rates(entry, unit), factor)
            for unit, factor in (
                ("frames", 1),
                ("decisions", 1),
                ("flop", 1e-9),
                ("flop_with_padding", 1e-9),
            )
        ]
        shares = measure.ratios(
            {**entry, "work": {"flop": entry["work"]["flop_with_padding"]}},
            measured["matmul"],
            "flop",
        )
        rows.append([title, *cells, median_and_range(shares, 100) + " %"])
    header = ["training", "frames/s", "decisions/s", "GFLOP/s", "with padding"]
    return _rows([*header, "of the matrix product's rate"], rows)


def _sums(measured: Measured, lengths: list[int]) -> str:
    rows = []
    for digits in lengths:
        row = [f"(e) {digits} digits"]
        for name in ("sum_xla", "sum_graph"):
            entry = measured[f"{name}/{digits}"]
            row.append(median_and_range(entry["seconds"]))
            row.append(number(entry["prepare_seconds"]))
        rows.append(row)
    header = ["one sum, seconds", "XLA", "compiling it once"]
    return _rows([*header, "plain graph", "building it once"], rows)


def _runs(runs: list[dict[str, Any]]) -> str:
    if not runs:
        return "(f) Training from start to 3000 digits: no run is recorded."
    rows = [
        [
            f"(f) {run['source']}",
            number(run["train_seconds"]),
            number(run["wall_seconds"]),
            f"{run['accuracy_3000']:.0%}",
        ]
        for run in runs
    ]
    header = ["from start to 3000 digits", "training, s"]
    header += ["and all evaluation, s", "right at 3000 digits"]
    return _rows(header, rows)

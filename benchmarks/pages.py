"""Numbers as Markdown, and where they stand on a page."""

from __future__ import annotations

from typing import Any

from benchmarks import measure

BUSY = 0.5  # Processes that wait for a core, from which on it is said so.


def markers(name: str) -> tuple[str, str]:
    """The lines between which a benchmark's tables stand."""
    return f"<!-- {name}:begin -->", f"<!-- {name}:end -->"


def replace(text: str, table: str, name: str) -> str | None:
    """`text` with the table between its markers; None if it has no markers.

    Args:
        text: A page.
        table: What is to stand there.
        name: Of the markers.

    Raises:
        ValueError: If a marker is there twice or without its partner.
    """
    begin, end = markers(name)
    counts = text.count(begin), text.count(end)
    if counts == (0, 0):
        return None
    if counts != (1, 1) or text.index(end) < text.index(begin):
        raise ValueError(
            f"text: must hold {begin} and then {end} once each, got "
            f"{counts[0]} and {counts[1]}"
        )
    before, rest = text.split(begin)
    after = rest.split(end)[1]
    return f"{before}{begin}\n\n{table}\n\n{end}{after}"


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


def rates(entry: dict[str, Any] | None, unit: str, factor: float = 1.0) -> str:
    """Work a second as `median (low to high)`; a dash for no case."""
    if entry is None:
        return "-"
    return median_and_range(measure.rates(entry, unit), factor)


def rows(header: list[str], body: list[list[str]]) -> str:
    """A table: the first column to the left, all others to the right."""
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *body]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def verdict(reached: bool) -> str:
    """Of an aim."""
    return "reached" if reached else "**missed**"


def machine(results: dict[str, Any], exception: str = "") -> str:
    """Where and how it was measured, and what spoils it.

    Args:
        results: With `machine`, `commit`, `rounds`, `load` and `quick`.
        exception: What was not measured in every round.
    """
    machine = results["machine"]
    gpus = f", {machine['gpus']} GPUs" if machine["gpus"] else ""
    count = results["rounds"]
    rounds = f"{count} rounds" if count > 1 else "1 round"
    lines = [
        f"{machine['cpu']}, {machine['cores']} cores{gpus}; "
        f"Python {machine['python']}, TensorFlow {machine['tensorflow']}, "
        f"Keras {machine['keras']}; commit {results['commit']}. "
        f"Median (lowest to highest) of {rounds}{exception}. "
        f"Load of the machine before the run (processes waiting for a core): "
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

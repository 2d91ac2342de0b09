"""Tables of core steps, of what bounds them, and of how they are trained."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from benchmarks import measure
from benchmarks import pages

Measured = dict[str, Any]
Titles = dict[str, str]  # What a row is called, by name of the case.
Columns = dict[int, str]  # What a column is called, by batch size.


def ways(prefix: str) -> Titles:
    """All ways to take core steps: (a) ours, (b) naive, (c) the limit."""
    return {
        f"{prefix}_xla": "(a) interpreter, XLA",
        f"{prefix}_graph": "(a) interpreter, plain graph",
        "python_eager": "(b) step by step from Python",
        "python_graph": "(b) the same, each step one compiled graph",
        "products": "(c) the matrix products alone, XLA",
        "products_graph": "(c) the same, plain graph",
    }


def by_batch(
    what: str, measured: Measured, titles: Titles, columns: Columns, unit: str
) -> str:
    """Work a second: a row for each way, a column for each batch size.

    Args:
        what: Is done; heads the first column.
        measured: Of `measure.interleaved`.
        titles: By name of a case without its batch size.
        columns: By batch size.
        unit: Of the work.
    """
    rows = [
        [
            title,
            *(
                pages.rates(measured.get(f"{name}/{batch}"), unit)
                for batch in columns
            ),
        ]
        for name, title in titles.items()
    ]
    return pages.rows([what, *columns.values()], rows)


def limits(measured: Measured, columns: Columns) -> str:
    """What `npi_limit.cases` found; the loops' titles by batch size."""
    reading, multiplying = measured["read_weights"], measured["matmul"]
    rows = [
        ["one core reads as many bytes as there are weights"]
        + [pages.rates(reading, "bytes", 1e-9), "-", "-"],
        ["one large matrix product"]
        + ["-", pages.rates(multiplying, "flop", 1e-9), "-"],
    ]
    for batch, title in columns.items():
        once = measured[f"products/{batch}"]
        twice = measured[f"products_twice/{batch}"]
        scaling = [b / a for a, b in zip(once["seconds"], twice["seconds"])]
        rows.append(
            [
                f"(c), {title}",
                pages.rates(once, "bytes", 1e-9),
                pages.rates(once, "flop", 1e-9),
                pages.median_and_range(scaling),
            ]
        )
    header = ["limits", "GB/s", "GFLOP/s", "time of twice the iterations"]
    return pages.rows(header, rows)


def training(
    what: str, measured: Measured, titles: Titles, units: Iterable[str]
) -> str:
    """Work and arithmetic a second, beside the large matrix product.

    Args:
        what: Is trained on; heads the first column.
        measured: Of `measure.interleaved`.
        titles: By name of a case; one that was not run has no row.
        units: Of the work.
    """
    rows = []
    for name, title in titles.items():
        if name not in measured:
            continue
        entry = measured[name]
        padded = {"flop": entry["work"]["flop_with_padding"]}
        share = measure.ratios(
            {**entry, "work": padded}, measured["matmul"], "flop"
        )
        rows.append(
            [
                title,
                *(pages.rates(entry, unit) for unit in units),
                pages.rates(entry, "flop", 1e-9),
                pages.rates(entry, "flop_with_padding", 1e-9),
                f"{pages.median_and_range(share, 100)} %",
            ]
        )
    header = [what, *(f"{unit}/s" for unit in units), "GFLOP/s"]
    header += ["with padding", "of the matrix product's rate"]
    return pages.rows(header, rows)

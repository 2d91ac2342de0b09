"""Tables from CSV files.

A column in which every cell is a number is numeric; all others hold text.
"""

from __future__ import annotations

import csv
import os

from np_tf import question_text
from np_tf import table as table_lib

# What a file holds where there is no (finite) number, in lower case.
_NO_NUMBER = frozenset({"", "na", "n/a", "#n/a", "null", "none"})
_NOT_FINITE = frozenset({"nan", "inf", "infinity"})


def read_csv(
    path: str | os.PathLike, row_labels: str | None = None
) -> table_lib.Table:
    """Reads a table from a CSV file: commas, the first line holds the names.

    A column in which all cells are numbers is numeric. Rows are labelled
    1, 2, ..., not counting the line of names.

    Args:
        path: The file, in UTF-8.
        row_labels: Name of the column to label the rows with instead; it is
            then no column of the table.

    Raises:
        OSError: If the file cannot be read.
        ValueError: As `np_tf.table.as_table`, or if a line has more or fewer
            cells than there are names.
    """
    with open(path, encoding="utf-8-sig", newline="") as file:
        try:
            lines = [line for line in csv.reader(file, strict=True) if line]
        except (csv.Error, UnicodeDecodeError) as error:
            raise ValueError(
                f"table: {path} must be CSV in UTF-8, got {error}"
            ) from None
    names, rows = _names_and_rows(lines, path)
    labels = list(range(1, len(rows) + 1))
    if row_labels is not None:
        if row_labels not in names:
            raise ValueError(
                f"row_labels: must be one of {', '.join(names)}, "
                f"got {row_labels!r}"
            )
        at = names.index(row_labels)
        labels = [row[at] for row in rows]
        names = names[:at] + names[at + 1 :]
        rows = [row[:at] + row[at + 1 :] for row in rows]
    columns = [
        _from_strings(name, [row[j] for row in rows], labels)
        for j, name in enumerate(names)
    ]
    return table_lib.from_columns(names, columns, labels)


def _names_and_rows(lines, path):
    """Stripped names and rows of a file; rows all as long as the names."""
    if not lines:
        raise ValueError(f"table: {path} must have a line of names, got none")
    names = [name.strip() for name in lines[0]]
    if len(names) == 1 and (";" in names[0] or "\t" in names[0]):
        raise ValueError(
            "table: cells must be separated by commas, got the first line "
            f"{names[0]!r}"
        )
    table_lib.check_names(names)
    rows = [[cell.strip() for cell in line] for line in lines[1:]]
    for number, row in enumerate(rows, start=1):
        if len(row) != len(names):
            raise ValueError(
                f"table: every row must have {len(names)} cells, as the line "
                f"of names has, got {len(row)} in row {number}"
            )
    return names, rows


def _from_strings(name, cells, labels):
    """Cells of a CSV column as numbers, if all are, else as they are."""
    kinds = [_kind(cell) for cell in cells]
    if "text" not in kinds:
        for cell, kind, label in zip(cells, kinds, labels):
            if kind == "missing":
                raise table_lib.bad_cell(name, label, cell, "a finite number")
        return [float(cell) for cell in cells]
    if "number" in kinds:
        raise table_lib.mixed(
            name, cells, [kind == "number" for kind in kinds], labels
        )
    return cells


def _kind(cell):
    lower = cell.lower()
    if lower in _NO_NUMBER or lower.lstrip("+-") in _NOT_FINITE:
        return "missing"
    try:
        number = question_text.parse_number(cell)
    except ValueError:  # Begins as a number does: a date, or 1,000.
        return "text"
    return "text" if number is None else "number"

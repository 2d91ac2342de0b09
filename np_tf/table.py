"""Tables as users have them: from a mapping or a DataFrame.

Every column holds numbers or text; which, is inferred from its cells.
"""

from __future__ import annotations

import dataclasses
import decimal
import numbers
import reprlib
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import numpy as np

from np_tf import question_text


@dataclasses.dataclass(frozen=True, eq=False)
class Table:
    """A checked table.

    Attributes:
        names: Name of every column, `[C]`.
        columns: Cells of every column: float64, or object (strings) in a
            column of text, `[M]` each.
        labels: What the rows are called, `[M]`.
    """

    names: tuple[str, ...]
    columns: tuple[np.ndarray, ...]
    labels: tuple[Any, ...]

    @property
    def num_rows(self) -> int:
        """M."""
        return len(self.labels)

    @property
    def is_text(self) -> tuple[bool, ...]:
        """True for columns of text, `[C]`."""
        return tuple(column.dtype == object for column in self.columns)

    def entries(self) -> list[str]:
        """All distinct text entries, column by column."""
        text = [c for c, is_text in zip(self.columns, self.is_text) if is_text]
        return list(dict.fromkeys(cell for column in text for cell in column))

    def numeric_cells(self) -> np.ndarray:
        """Float64 `[M, C]`, 0 in columns of text."""
        zeros = np.zeros(self.num_rows)
        return np.stack(
            [
                zeros if is_text else column
                for column, is_text in zip(self.columns, self.is_text)
            ],
            axis=1,
        )


def as_table(table: Any) -> Table:
    """A `Table` from what a user has.

    >>> table = as_table({"price": [1, 2.5], "name": ["pear", "plum"]})
    >>> table.is_text, table.labels
    ((False, True), (0, 1))

    Args:
        table: A `Table`; a mapping from names to cells; or a pandas
            DataFrame (anything with `columns`, `index` and columns by
            name), whose index becomes the row labels.

    Raises:
        ValueError: If it has no columns or no rows, columns of unequal
            length, names that are blank or not unique, cells that are
            missing or not finite, or numbers and text in one column.
    """
    if isinstance(table, Table):
        return table
    if isinstance(table, Mapping):
        return from_columns(list(table), list(table.values()))
    if hasattr(table, "columns") and hasattr(table, "index"):
        names = list(table.columns)
        check_names([str(name) for name in names])
        return from_columns(
            names, [table[name] for name in names], list(table.index)
        )
    raise ValueError(
        "table: must be a mapping from column names to cells or a pandas "
        f"DataFrame, got {type(table).__name__}"
    )


def from_columns(
    names: Sequence[Any],
    columns: Sequence[Any],
    labels: Sequence[Any] | None = None,
) -> Table:
    """The checked table.

    Args:
        names: One a column.
        columns: The cells of each: a sequence, an array or a pandas Series.
        labels: One a row; None for 0, 1, ...

    Raises:
        ValueError: As `as_table`.
    """
    names = [
        name.strip() if isinstance(name, str) else str(name) for name in names
    ]
    check_names(names)
    columns = [_cells(name, column) for name, column in zip(names, columns)]
    num_rows = len(columns[0])
    for name, column in zip(names, columns):
        if len(column) != num_rows:
            raise ValueError(
                "table: columns must be equally long, got "
                f"{num_rows} cells in {names[0]!r} and {len(column)} in "
                f"{name!r}"
            )
    if not num_rows:
        raise ValueError("table: must have at least one row, got none")
    labels = tuple(range(num_rows) if labels is None else labels)
    typed = [_typed(name, c, labels) for name, c in zip(names, columns)]
    return Table(tuple(names), tuple(typed), labels)


def check_names(names: Sequence[str]) -> None:
    """Raises ValueError unless there are names, none blank or twice there."""
    if not names:
        raise ValueError("table: must have at least one column, got none")
    seen = set()
    for index, name in enumerate(names):
        if not question_text.plain_words(name):
            raise ValueError(
                "table: every column must have a name with a word in it, "
                f"got {name!r} for column {index + 1}"
            )
        if name in seen:
            raise ValueError(
                f"table: column names must differ, got {name!r} twice"
            )
        seen.add(name)


def bad_cell(name: str, label: Any, cell: Any, rule: str) -> ValueError:
    """The error that says where a cell is that breaks a rule."""
    return ValueError(
        f"table: a cell must be {rule}, got {reprlib.repr(cell)} in row "
        f"{label}, column {name!r}; fill it in or leave the row out"
    )


def mixed(
    name: str,
    cells: Sequence[Any],
    is_number: Sequence[bool],
    labels: Sequence[Any],
) -> ValueError:
    """The error that says where a column has numbers and where text."""
    number, text = is_number.index(True), is_number.index(False)
    return ValueError(
        f"table: column {name!r} must hold numbers or text, not both, got "
        f"{cells[number]!r} in row {labels[number]} and {cells[text]!r} in "
        f"row {labels[text]}{_hint(cells[text])}"
    )


def _cells(name, column):
    """A numeric array, or a list of cells."""
    if isinstance(column, str | bytes) or not isinstance(column, Iterable):
        raise ValueError(
            f"table: column {name!r} must be a sequence of cells, "
            f"got {type(column).__name__}"
        )
    if hasattr(column, "to_numpy"):
        column = column.to_numpy()
    if isinstance(column, np.ndarray) and column.ndim != 1:
        raise ValueError(
            f"table: column {name!r} must have one axis, "
            f"got shape {column.shape}"
        )
    is_numeric = isinstance(column, np.ndarray) and column.dtype.kind in "iuf"
    return column if is_numeric else list(column)


def _typed(name, column, labels):
    """The cells as float64, or as strings in an object array."""
    if isinstance(column, np.ndarray):
        return _finite(name, column.astype(float), column, labels)
    is_number = [_is_number(cell) for cell in column]
    if all(is_number):
        cells = np.array([_float(cell) for cell in column])
        return _finite(name, cells, column, labels)
    for cell, of_number, label in zip(column, is_number, labels):
        if not of_number and not isinstance(cell, str):
            raise bad_cell(name, label, cell, "a number or a string")
    if any(is_number):
        raise mixed(name, column, is_number, labels)
    cells = np.empty(len(column), object)
    cells[:] = [str(cell) for cell in column]
    return cells


def _finite(name, cells, column, labels):
    for index in np.flatnonzero(~np.isfinite(cells))[:1]:
        raise bad_cell(name, labels[index], column[index], "a finite number")
    return cells


def _is_number(cell):
    if isinstance(cell, bool | np.bool_):
        return False
    return isinstance(cell, numbers.Real | decimal.Decimal)


def _float(cell):
    try:
        return float(cell)
    except OverflowError:  # An int beyond float64.
        return np.inf


def _hint(cell):
    """What `question_text` would have a cell like 1,000 written as."""
    try:
        question_text.parse_number(cell)
    except ValueError as error:
        return str(error).partition(repr(cell))[2]
    return ""

"""What the answer to a question is."""

from __future__ import annotations

import numpy as np

from data_gen.synthetic_tables import grammar as grammar_lib
from np_tf import programs

Answer = float | np.ndarray  # A number, or the chosen cells (M, C).


def answer(
    template: grammar_lib.Template,
    numbers: np.ndarray,
    columns: str,
    table: np.ndarray,
    entries: np.ndarray,
) -> Answer:
    """The answer to a question, read off its phrases.

    Sums are exact: a sum of float32 hundredths fits in a float64.

    Args:
        template: The question.
        numbers: Its numbers in order, float32.
        columns: Letters of the table's columns.
        table: Numbers, float32 `(M, C)`.
        entries: k of word:k, `(M, C)`; negative in numeric columns.

    Returns:
        A float, or for "print" 0 and 1, uint8 `(M, C)`.
    """
    if len(template) == 3:
        first, _, second = template
        rows = np.ones(len(table), bool)
        return _aggregate(first, rows, columns, table) - _aggregate(
            second, rows, columns, table
        )
    rows, last = np.ones(len(table), bool), None
    left = iter(numbers)
    for phrase in template[:-1]:
        if phrase.operation in ("and", "or"):
            last = phrase.operation, rows
            continue
        number = next(left) if phrase.operation in programs.COMPARISONS else 0
        rows = _matching(phrase, number, columns, table, entries)
        if last:
            rows = rows & last[1] if last[0] == "and" else rows | last[1]
    return _aggregate(template[-1], rows, columns, table)


def _matching(
    phrase: grammar_lib.Phrase,
    number: np.float32,
    columns: str,
    table: np.ndarray,
    entries: np.ndarray,
) -> np.ndarray:
    """The rows that meet a condition."""
    column = columns.index(phrase.column)
    if phrase.operation == "text_match":
        return entries[:, column] == grammar_lib.ENTRIES.index(phrase.words)
    if phrase.operation == "greater":
        return table[:, column] > number
    return table[:, column] < number


def _aggregate(
    phrase: grammar_lib.Phrase,
    rows: np.ndarray,
    columns: str,
    table: np.ndarray,
) -> Answer:
    if phrase.operation == "count":
        return float(rows.sum())
    column = columns.index(phrase.column)
    if phrase.operation == "sum":
        return float(table[rows, column].sum(dtype=np.float64))
    cells = np.zeros(table.shape, np.uint8)
    cells[:, column] = rows
    return cells

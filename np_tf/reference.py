"""The reference executor: a program with hard choices, in plain NumPy.

The oracle that the network's executor must agree with.

Source: arXiv 1511.04834, section 2.3 and Table 1. Where the paper is
silent: states before the first step are the initial ones, and a program
whose last step gives no answer has none.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from np_tf import programs

NO_PIVOT = -1.0  # What Table 3 shows for a question without numbers.


@dataclasses.dataclass(frozen=True, eq=False)
class Execution:
    """All that a program did.

    Attributes:
        kind: `scalar`, `lookup`, or None for a program without an answer.
        answer: A float; for a lookup the chosen cells, bool `[M, C]`; None
            without an answer.
        row_selects: Rows selected after every step, bool `[T, M]`.
        scalars: Scalar answer after every step, `[T]`.
    """

    kind: str | None
    answer: float | np.ndarray | None
    row_selects: np.ndarray
    scalars: np.ndarray


def execute(
    program: programs.Program,
    table: np.ndarray,
    pivots: Sequence[float] = (NO_PIVOT, NO_PIVOT),
    text_matches: np.ndarray | None = None,
    is_text: Sequence[bool] | None = None,
) -> Execution:
    """Executes a program step by step, in float64.

    `row_select_0 = 1`, `scalar_0 = 0`; likewise for all earlier steps.
    A step that selects no rows (sum, count, difference, assign) leaves
    `row_select_t = 0`; one that gives no scalar leaves `scalar_t = 0`. Sums
    over text columns are 0, comparisons there and `text_match` elsewhere
    select nothing.

    Args:
        program: T calls.
        table: Numbers, `[M, C]`; what stands in text columns is not read.
        pivots: What greater and lesser compare with.
        text_matches: True where an entry matches the question, `[M, C]`;
            None for nowhere.
        is_text: True for text columns, `[C]`; None for no such column.

    Raises:
        ValueError: If the program is empty or has a column that the table
            lacks, or if the shapes do not go together.
    """
    state = _State(*_checked(program, table, pivots, text_matches, is_text))
    for call in program:
        state.step(call)
    kind = programs.answer_kind(program)
    answer = None
    if kind == "scalar":
        answer = float(state.scalars[-1])
    elif kind == "lookup":
        answer = np.zeros(state.table.shape, bool)
        answer[:, program[-1].column] = state.rows(len(program) - 1)
    return Execution(
        kind, answer, np.stack(state.row_selects), np.array(state.scalars)
    )


class _State:
    """Row selections and scalars so far; index t - 1 is step t's."""

    def __init__(self, table, pivots, text_matches, is_text):
        self.table = table
        self.pivots = pivots
        self.text_matches = text_matches
        self.is_text = is_text
        self.row_selects = []
        self.scalars = []

    def rows(self, t):
        """`row_select_t`; the initial one for t <= 0."""
        if t <= 0:
            return np.ones(len(self.table), bool)
        return self.row_selects[t - 1]

    def scalar(self, t):
        """`scalar_answer_t`; the initial one for t <= 0."""
        return 0.0 if t <= 0 else self.scalars[t - 1]

    def step(self, call):
        """Appends what the call gives."""
        t = len(self.scalars) + 1
        scalar = self._scalar(call, t)
        rows = self._rows(call, t)
        self.scalars.append(scalar)
        self.row_selects.append(rows)

    def _scalar(self, call, t):
        if call.operation == "sum" and not self.is_text[call.column]:
            return float(self.table[self.rows(t - 1), call.column].sum())
        if call.operation == "count":
            return float(self.rows(t - 1).sum())
        if call.operation == "difference":
            return self.scalar(t - 3) - self.scalar(t - 1)
        return 0.0

    def _rows(self, call, t):
        nothing = np.zeros(len(self.table), bool)
        if call.operation == "reset":
            return ~nothing
        if call.operation == "and":
            return self.rows(t - 1) & self.rows(t - 2)
        if call.operation == "or":
            return self.rows(t - 1) | self.rows(t - 2)
        if call.operation == "text_match" and self.is_text[call.column]:
            return self.text_matches[:, call.column].copy()
        if call.operation in programs.COMPARISONS:
            return self._compare(call) & ~self.is_text[call.column]
        return nothing

    def _compare(self, call):
        cells = self.table[:, call.column]
        if call.operation == "greater":
            return cells > self.pivots[0]
        return cells < self.pivots[1]


def _checked(program, table, pivots, text_matches, is_text):
    table = np.asarray(table, float)
    if table.ndim != 2:
        raise ValueError(f"table: must be [M, C], got shape {table.shape}")
    if not program:
        raise ValueError("program: must have a call, got none")
    num_columns = table.shape[1]
    for call in program:
        if call.column is not None and call.column >= num_columns:
            raise ValueError(
                f"program: columns must be < {num_columns}, got {call}"
            )
    if len(pivots) != 2:
        raise ValueError(f"pivots: must be two numbers, got {len(pivots)}")
    if text_matches is None:
        text_matches = np.zeros(table.shape, bool)
    if is_text is None:
        is_text = np.zeros(num_columns, bool)
    text_matches = _of_shape("text_matches", text_matches, table.shape)
    is_text = _of_shape("is_text", is_text, (num_columns,))
    return table, tuple(pivots), text_matches, is_text


def _of_shape(name, values, shape):
    values = np.asarray(values, bool)
    if values.shape != shape:
        raise ValueError(f"{name}: must be {shape}, got {values.shape}")
    return values

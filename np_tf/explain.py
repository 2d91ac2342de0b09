"""An answer with all that led to it, and how it reads."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import numpy as np

from np_tf import mentions
from np_tf import programs
from np_tf import table as table_lib

SURE = 0.9  # Trained models are surer of what they were trained on.
_MOST_CELLS = 20  # That are printed.
_MOST_CHARS = 60  # Of a step, in the table of steps.


@dataclasses.dataclass(frozen=True)
class Cell:
    """A cell of the user's table.

    Attributes:
        row: Label of its row.
        column: Name of its column.
        value: What it holds.
    """

    row: Any
    column: str
    value: float | str


@dataclasses.dataclass(frozen=True, eq=False)
class Step:
    """One step of the program.

    Attributes:
        call: The operation and the column.
        text: The same, as a person reads it.
        is_relevant: Whether the answer depends on it, padding apart.
        mask: The rows selected after it, bool `[M]`.
        rows: Their labels.
        scalar: The scalar answer after it; 0 if it gives none.
        operation_probs: Of every operation of the model, `[O]`.
        column_probs: Of every column of the table, `[C]`.
    """

    call: programs.Call
    text: str
    is_relevant: bool
    mask: np.ndarray
    rows: tuple[Any, ...]
    scalar: float
    operation_probs: np.ndarray
    column_probs: np.ndarray

    @property
    def operation_prob(self) -> float:
        """Probability of the operation that was chosen."""
        index = programs.OPERATION_IDS[self.call.operation]
        return float(self.operation_probs[index])

    @property
    def column_prob(self) -> float | None:
        """Probability of the column; None for an operation without one."""
        if self.call.column is None:
            return None
        return float(self.column_probs[self.call.column])


@dataclasses.dataclass(frozen=True, eq=False)
class Answer:
    """What a model answers, and how it got there.

    Attributes:
        question: As it was asked.
        kind: `scalar` or `lookup`.
        answer: A float; for a lookup the cells, in the order of the rows.
        program: What was executed, as a person reads it; without the steps
            that cannot influence the answer.
        full_program: The same with all steps.
        pivots: What `greater` and `lesser` compare with; None in a question
            without numbers.
        pivot_probs: Probability of every number, for greater and for lesser,
            `[2, N]`.
        numbers: Those of the question, `[N]`.
        steps: All T of them.
        notes: What makes the answer doubtful, if anything does.
        pieces: The parts of the question, with what each was taken for.
        table: The user's.
    """

    question: str
    kind: str
    answer: float | tuple[Cell, ...]
    program: str
    full_program: str
    pivots: Mapping[str, float | None]
    pivot_probs: np.ndarray
    numbers: tuple[float, ...]
    steps: tuple[Step, ...]
    notes: tuple[str, ...]
    pieces: tuple[mentions.Piece, ...]
    table: table_lib.Table

    @property
    def calls(self) -> programs.Program:
        """The program: an operation and a column a step."""
        return tuple(step.call for step in self.steps)

    def __str__(self) -> str:
        lines = [f"answer: {self.answer_text()}"]
        if self.kind == "lookup":
            lines += [
                f"  row {cell.row}: {value_text(cell.value)}"
                for cell in self.answer[:_MOST_CELLS]
            ]
            left_out = len(self.answer) - _MOST_CELLS
            lines += [f"  and {left_out} more"] if left_out > 0 else []
        lines.append(f"program: {self.program}")
        lines += _step_lines(self)
        return "\n".join(lines + [f"note: {note}" for note in self.notes])

    def answer_text(self) -> str:
        """The answer in a few words."""
        if self.kind == "scalar":
            return value_text(self.answer)
        column = self.table.names[self.calls[-1].column]
        cells = "cell" if len(self.answer) == 1 else "cells"
        return f"{len(self.answer)} {cells} of {column}"

    def outcome_text(self, number: int) -> str:
        """What step `number` (from 1) gives: rows, a scalar, or cells."""
        step = self.steps[number - 1]
        if step.call.operation in programs.SCALAR_OPERATIONS:
            return value_text(step.scalar)
        if step.call.operation != "assign":
            return f"{len(step.rows)} of {len(step.mask)} rows"
        if number == len(self.steps):
            return self.answer_text()
        return "nothing"


def doubts(steps: Sequence[Step], pivot_probs: np.ndarray) -> tuple[str, ...]:
    """A sentence for each choice of which the model was not sure.

    Args:
        steps: Of the program; only relevant ones count.
        pivot_probs: Of every number, for greater and for lesser, `[2, N]`.
    """
    found = []
    for number, step in enumerate(steps, start=1):
        if not step.is_relevant:
            continue
        probs = {"operation": step.operation_prob, "column": step.column_prob}
        if step.call.operation in programs.COMPARISONS and pivot_probs.size:
            pivot = programs.COMPARISONS.index(step.call.operation)
            probs["number"] = float(pivot_probs[pivot].max())
        found += [
            f"the model is only {prob:.0%} sure of the {what} of step {number}"
            for what, prob in probs.items()
            if prob is not None and prob < SURE
        ]
    return tuple(found)


def value_text(value: float | str) -> str:
    """A number without the last digits, where rounding shows; text as is.

    >>> value_text(0.1 + 0.2), value_text(3.0), value_text("red")
    ('0.3', '3', 'red')
    """
    return value if isinstance(value, str) else f"{value:.12g}"


def _step_lines(answer):
    """The relevant steps as lines with aligned columns."""
    shown = [
        (
            str(number),
            _shortened(step.text),
            answer.outcome_text(number),
            f"{step.operation_prob:.1%}",
            "" if step.column_prob is None else f"{step.column_prob:.1%}",
        )
        for number, step in enumerate(answer.steps, start=1)
        if step.is_relevant
    ]
    header = ("step", "", "gives", "operation", "column")
    widths = [max(map(len, cells)) for cells in zip(header, *shown)]
    return [
        "  ".join(
            cell.rjust(width) if index > 2 else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(cells, widths))
        ).rstrip()
        for cells in (header, *shown)
    ]


def _shortened(text):
    return text if len(text) <= _MOST_CHARS else text[: _MOST_CHARS - 1] + "…"

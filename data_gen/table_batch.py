"""Many questions, tables and answers as padded arrays."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

_INPUTS = (
    "question",
    "numbers",
    "number_positions",
    "column_names",
    "table",
    "num_rows",
    "text",
)


@dataclasses.dataclass(frozen=True, eq=False)
class TableBatch:
    """Questions, tables and answers, padded at the end.

    n examples, Q words, N = 2 numbers, M rows, C columns. Q, M and C are
    the most that the config allows, whatever the examples need.

    Attributes:
        question: Ids of the words, int32 `[n, Q]`; 0 is padding.
        numbers: float32 `[n, N]`; 0 where there is none.
        number_positions: Index of the word on a number's left, int32
            `[n, N]`; -1 where there is no number.
        column_names: Ids of the letters, int32 `[n, C]`; 0 is padding.
        table: Numbers, float32 `[n, M, C]`; 0 in text columns and padding.
        num_rows: Rows of each table, int32 `[n]`.
        text: Ids of the entries, int32 `[n, M, C]`, 0 in numeric columns
            and padding; None if the config has no text columns.
        answer_is_scalar: bool `[n]`.
        scalar_answer: float64 `[n]`; 0 where the answer is cells.
        lookup_answer: 0 and 1, uint8 `[n, M, C]`.
    """

    question: np.ndarray
    numbers: np.ndarray
    number_positions: np.ndarray
    column_names: np.ndarray
    table: np.ndarray
    num_rows: np.ndarray
    text: np.ndarray | None
    answer_is_scalar: np.ndarray
    scalar_answer: np.ndarray
    lookup_answer: np.ndarray

    def __len__(self) -> int:
        return len(self.question)

    def inputs(self) -> dict[str, np.ndarray]:
        """What the model reads; `text` only where there is any."""
        arrays = {name: getattr(self, name) for name in _INPUTS}
        return {k: v for k, v in arrays.items() if v is not None}

    def targets(self) -> dict[str, np.ndarray]:
        """The answers, which are all that training is told."""
        return {
            "answer_is_scalar": self.answer_is_scalar,
            "scalar_answer": self.scalar_answer,
            "lookup_answer": self.lookup_answer,
        }

    def rows(self, indices: Any) -> TableBatch:
        """Some of the examples.

        Args:
            indices: A slice, indices, or a mask `[n]`.
        """
        fields = dataclasses.fields(self)
        arrays = {f.name: getattr(self, f.name) for f in fields}
        return TableBatch(
            **{k: v if v is None else v[indices] for k, v in arrays.items()}
        )

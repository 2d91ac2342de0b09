"""Applies the chosen operations to the table, softly or hard.

Source: arXiv 1511.04834, section 2.3 and Algorithm 1.
"""

from __future__ import annotations

from typing import Any
from typing import NamedTuple

import keras
from keras import ops

from np_tf import operations
from np_tf import programs


class TableFacts(NamedTuple):
    """What every step needs of the table.

    Attributes:
        table: `[B, M, C]`, 0 where there is no number.
        row_mask: `[B, M]`, 1 in rows that the table has.
        greater: `g`, `[B, M, C]`.
        lesser: `l`, `[B, M, C]`.
        text_match: `[B, M, C]`, or None.
        pivots: `[B, 2]`, for greater and for lesser.
        is_numeric: `[B, C]`, 1 in columns of numbers.
    """

    table: Any
    row_mask: Any
    greater: Any
    lesser: Any
    text_match: Any
    pivots: Any = None
    is_numeric: Any = None


class Memory(NamedTuple):
    """What a step can see of the steps before it.

    Attributes:
        row_selects: Of steps t - 1 and t - 2, `[B, M]` each.
        scalars: `scalar_answer` of steps t - 1, t - 2, t - 3, `[B]` each.
    """

    row_selects: tuple[Any, Any]
    scalars: tuple[Any, Any, Any]


@keras.saving.register_keras_serializable("np_tf")
class Executor(keras.layers.Layer):
    """One step of the operations, weighted by the selections.

    `scalar_answer_t = alpha_op(count) count_t + alpha_op(difference) diff_t
    + sum_j alpha_col(j) alpha_op(sum) sum_t[j]`
    `lookup_answer_t[i][j] = alpha_col(j) alpha_op(assign) assign_t[i][j]`
    `row_select_t[i] = alpha_op(and) and_t[i] + alpha_op(or) or_t[i]
    + alpha_op(reset) reset_t[i] + sum_j alpha_col(j) (alpha_op(greater)
    g[i][j] + alpha_op(lesser) l[i][j] + alpha_op(text_match) text_match[i][j])`

    With one-hot selections this is hard execution. Computes in the dtype of
    the table. Has no weights.

    Args:
        **kwargs: Of `keras.layers.Layer`.

    Call arguments:
        operation_probs: `alpha_op`, `[B, O]`.
        column_probs: `alpha_col`, `[B, C]`.
        memory: A `Memory`.
        facts: A `TableFacts`.

    Returns:
        `scalar_answer_t` `[B]`, `lookup_answer_t` `[B, M, C]` and the next
        `Memory`.

    Source: section 2.3.
    """

    def __init__(self, **kwargs: Any):
        super().__init__(autocast=False, **kwargs)

    def facts(
        self,
        table: Any,
        num_rows: Any,
        pivots: Any,
        is_numeric: Any,
        text_match: Any = None,
    ) -> TableFacts:
        """Compares once what every step may select.

        Args:
            table: `[B, M, C]`.
            num_rows: `[B]`, rows that the table has; the others are padding.
            pivots: `[B, 2]`, for greater and for lesser.
            is_numeric: `[B, C]`, True in columns of numbers.
            text_match: `[B, M, C]`, or None.
        """
        dtype = table.dtype
        rows = ops.arange(ops.shape(table)[1], dtype="int32")[None, :]
        row_mask = ops.cast(rows < num_rows[:, None], dtype)
        is_numeric = ops.cast(is_numeric, dtype)
        cell_mask = row_mask[:, :, None] * is_numeric[:, None]
        table = ops.where(cell_mask > 0, table, ops.zeros_like(table))
        if text_match is not None:
            text_match = ops.cast(text_match, dtype) * row_mask[:, :, None]
        return TableFacts(
            table,
            row_mask,
            operations.greater(table, pivots[:, 0], cell_mask),
            operations.lesser(table, pivots[:, 1], cell_mask),
            text_match,
            pivots,
            is_numeric,
        )

    def select(
        self,
        operation: Any,
        column: Any,
        memory: Memory,
        facts: TableFacts,
    ) -> tuple[Any, Any, Memory]:
        """A step with one-hot selections; reads the chosen column only.

        Gives what `call` gives, at a fraction of its cost on long tables.

        Args:
            operation: `[B, O]`, one-hot.
            column: `[B, C]`, one-hot.
            memory: A `Memory`.
            facts: A `TableFacts`.
        """
        chosen = ops.cast(column, facts.table.dtype)
        scalar, cells, memory = self(
            operation,
            ops.ones_like(chosen[:, :1]),
            memory,
            _of_column(chosen, facts),
        )
        return scalar, cells * chosen[:, None, :], memory

    def initial(self, facts: TableFacts) -> Memory:
        """Before the first step: all rows, and 0; Deviation N1."""
        zero = ops.zeros_like(ops.sum(facts.row_mask, axis=1))
        return Memory((facts.row_mask,) * 2, (zero,) * 3)

    def call(self, operation_probs, column_probs, memory, facts):
        dtype = facts.table.dtype
        probs = ops.cast(operation_probs, dtype)
        columns = ops.cast(column_probs, dtype)

        def prob(name):
            return probs[:, programs.OPERATIONS.index(name)]

        before, two_before = memory.row_selects
        sums = operations.sum_columns(before, facts.table)  # [B, C]
        subtracted = operations.difference(memory.scalars[2], memory.scalars[0])
        scalar = (
            _weigh(prob("count"), operations.count(before))
            + _weigh(prob("difference"), subtracted)
            + _weigh(prob("sum"), ops.sum(columns * sums, axis=-1))
        )
        lookup = (prob("assign")[:, None] * columns)[
            :, None, :
        ] * operations.assign(before, facts.table.shape[2])
        cells = (
            prob("greater")[:, None, None] * facts.greater
            + prob("lesser")[:, None, None] * facts.lesser
        )
        if facts.text_match is not None:
            match = prob("text_match")[:, None, None] * facts.text_match
            cells = cells + match
        select = (
            prob("and")[:, None] * operations.logical_and(before, two_before)
            + prob("or")[:, None] * operations.logical_or(before, two_before)
            + prob("reset")[:, None] * operations.reset(facts.row_mask)
            + ops.sum(columns[:, None, :] * cells, axis=-1)
        )
        scalars = (scalar, *memory.scalars[:2])
        return scalar, lookup, Memory((select, before), scalars)


def _weigh(prob: Any, value: Any) -> Any:
    """`prob * value`; 0 where the choice is impossible, also of an infinity."""
    return ops.where(prob > 0, prob * value, ops.zeros_like(value))


def _of_column(chosen: Any, facts: TableFacts) -> TableFacts:
    """The facts about one column a table, `[B, M, 1]`."""

    def of(cells):
        return ops.sum(chosen[:, None, :] * cells, axis=2, keepdims=True)

    table = of(facts.table)
    is_numeric = ops.sum(chosen * facts.is_numeric, axis=1, keepdims=True)
    mask = (facts.row_mask * is_numeric)[:, :, None]
    return TableFacts(
        table,
        facts.row_mask,
        operations.greater(table, facts.pivots[:, 0], mask),
        operations.lesser(table, facts.pivots[:, 1], mask),
        None if facts.text_match is None else of(facts.text_match),
        facts.pivots,
        is_numeric,
    )

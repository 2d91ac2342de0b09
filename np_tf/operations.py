"""The operations of Table 1, as pure functions on `keras.ops`.

Shapes: B questions, M rows, C columns. Padded rows have row mask 0; every
row selection stays 0 there. Each function computes in the dtype of its
floating-point arguments.

Source: Neelakantan, Le and Sutskever, arXiv 1511.04834, section 2.3.
"""

from __future__ import annotations

from typing import Any

from keras import ops


def sum_columns(row_select: Any, table: Any) -> Any:
    """Weighted sum of every column.

    `sum_t[j] = sum_i row_select_{t-1}[i] * table[i][j]`

    Args:
        row_select: `[B, M]`, the selection of the step before.
        table: `[B, M, C]`, 0 in text columns.

    Returns:
        `[B, C]`.
    """
    return ops.sum(row_select[:, :, None] * table, axis=1)


def count(row_select: Any) -> Any:
    """Weighted number of selected rows.

    `count_t = sum_i row_select_{t-1}[i]`

    Args:
        row_select: `[B, M]`, the selection of the step before.

    Returns:
        `[B]`.
    """
    return ops.sum(row_select, axis=1)


def difference(scalar_three_before: Any, scalar_before: Any) -> Any:
    """Difference of two earlier scalar answers.

    `diff_t = scalar_answer_{t-3} - scalar_answer_{t-1}`

    Args:
        scalar_three_before: `[B]`, 0 where t - 3 < 1.
        scalar_before: `[B]`, 0 where t - 1 < 1.

    Returns:
        `[B]`.
    """
    return scalar_three_before - scalar_before


def greater(table: Any, pivot: Any, cell_mask: Any) -> Any:
    """Cells above the pivot; strict.

    `g[i][j] = table[i][j] > pivot_greater`, as 0 or 1. A hard threshold:
    no gradient reaches the pivot through it.

    Args:
        table: `[B, M, C]`.
        pivot: `[B]`, in the table's dtype.
        cell_mask: `[B, M, C]`, 1 in numeric cells, else 0.

    Returns:
        `[B, M, C]`.
    """
    return ops.cast(table > pivot[:, None, None], cell_mask.dtype) * cell_mask


def lesser(table: Any, pivot: Any, cell_mask: Any) -> Any:
    """Cells below the pivot; strict.

    `l[i][j] = table[i][j] < pivot_lesser`, as 0 or 1; see `greater`.

    Args:
        table: `[B, M, C]`.
        pivot: `[B]`, in the table's dtype.
        cell_mask: `[B, M, C]`, 1 in numeric cells, else 0.

    Returns:
        `[B, M, C]`.
    """
    return ops.cast(table < pivot[:, None, None], cell_mask.dtype) * cell_mask


def logical_and(row_select: Any, row_select_before: Any) -> Any:
    """Rows in both earlier selections.

    `and_t[i] = min(row_select_{t-1}[i], row_select_{t-2}[i])`

    Args:
        row_select: `[B, M]`, of step t - 1.
        row_select_before: `[B, M]`, of step t - 2.

    Returns:
        `[B, M]`.
    """
    return ops.minimum(row_select, row_select_before)


def logical_or(row_select: Any, row_select_before: Any) -> Any:
    """Rows in either earlier selection.

    `or_t[i] = max(row_select_{t-1}[i], row_select_{t-2}[i])`

    Args:
        row_select: `[B, M]`, of step t - 1.
        row_select_before: `[B, M]`, of step t - 2.

    Returns:
        `[B, M]`.
    """
    return ops.maximum(row_select, row_select_before)


def assign(row_select: Any, num_columns: int) -> Any:
    """The selected rows, in every column.

    `assign_t[i][j] = row_select_{t-1}[i]` for all j

    Args:
        row_select: `[B, M]`, the selection of the step before.
        num_columns: C.

    Returns:
        `[B, M, C]`.
    """
    return ops.repeat(row_select[:, :, None], num_columns, axis=2)


def reset(row_mask: Any) -> Any:
    """All rows.

    `reset_t[i] = 1`

    Args:
        row_mask: `[B, M]`, 1 in the rows that the table has.

    Returns:
        `[B, M]`.
    """
    return row_mask


def text_match_logits(entries: Any, queries: Any) -> Any:
    """What `text_match` takes the sigmoid of.

    `sum_p A[m][k][p] G[k][p]`, for every word that an entry can be.

    Args:
        entries: `A`, `[W, d]`, word vectors.
        queries: `G`, `[B, C, d]`, one vector a column.

    Returns:
        `[B, C, W]`.
    """
    return ops.matmul(queries, ops.transpose(entries))


def text_match(entries: Any, queries: Any) -> Any:
    """How well text entries match what the question says of their column.

    `text_match[m][k] = sigmoid(sum_p A[m][k][p] G[k][p])`

    Args:
        entries: `A`, `[W, d]`, word vectors.
        queries: `G`, `[B, C, d]`, one vector a column.

    Returns:
        `[B, C, W]`, in (0, 1).
    """
    return ops.sigmoid(text_match_logits(entries, queries))

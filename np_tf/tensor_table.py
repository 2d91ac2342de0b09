"""The users' tables of a served batch, checked as `np_tf.table` does."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from np_tf import tensor_text
from np_tf import verdicts


class Entries(NamedTuple):
    """The distinct text entries of every row's table.

    In the order of the batch; within a table, column by column.

    Attributes:
        batch: Which row of the batch each is of, `[U]`.
        text: The entries, `[U]`.
        in_column: Which columns hold each, bool `[U, K]`.
        cells: Places of all cells of text, `(b, column, row)`, `[L, 3]`.
        ids: Index of the entry in each of these cells, `[L]`.
    """

    batch: tf.Tensor
    text: tf.Tensor
    in_column: tf.Tensor
    cells: tf.Tensor
    ids: tf.Tensor


class Tables(NamedTuple):
    """K is the number of columns that the model knows.

    Attributes:
        names: As requested, `[B, K]`; "" for no column.
        cells: Float64 `[B, M, K]`; 0 where there is no number.
        num_rows: `[B]`.
        is_text: Bool `[B, K]`.
        entries: An `Entries`; None for a model of numbers.
    """

    names: tf.Tensor
    cells: tf.Tensor
    num_rows: tf.Tensor
    is_text: tf.Tensor
    entries: Entries | None

    @property
    def is_column(self) -> tf.Tensor:
        """Bool `[B, K]`."""
        return self.names != ""


def read(
    inputs: dict[str, tf.Tensor], most_columns: int
) -> tuple[Tables, verdicts.Verdict]:
    """The tables of a request.

    Args:
        inputs: `column_names` `[B, C]`, `cells` `[B, M, C]`, `num_rows`
            `[B]` and, for a model of text, `text_cells` `[B, M, C]`.
        most_columns: K.
    """
    all_names = tensor_text.valid(inputs["column_names"])
    verdict = _check_columns(all_names, most_columns)
    names = fit(all_names, most_columns)
    cells = fit(inputs["cells"], most_columns)
    num_rows, max_rows = inputs["num_rows"], tf.shape(cells)[1]
    asked = tf.strings.as_string(num_rows)
    verdict = verdict.refuse(
        "bad_num_rows", (num_rows < 0) | (num_rows > max_rows), asked
    ).refuse("empty_table", num_rows == 0)
    # So that what is refused costs nothing.
    num_rows = tf.where(verdict.is_ok, num_rows, 0)
    is_cell = (
        tf.sequence_mask(num_rows, max_rows)[:, :, None]
        & (names != "")[:, None]
    )
    is_text, text = tf.zeros_like(names, bool), None
    if "text_cells" in inputs:
        text = fit(tensor_text.valid(inputs["text_cells"]), most_columns)
        is_text = tf.reduce_any(is_cell & (text != ""), axis=1)  # [B, K]
    bad = is_cell & ~tf.math.is_finite(cells)
    both = is_cell & is_text[:, None] & (cells != 0)
    verdict = verdict.refuse(
        "bad_cell", tf.reduce_any(bad, axis=[1, 2]), _place(bad, names)
    ).refuse(
        "mixed_column", tf.reduce_any(both, axis=[1, 2]), _place(both, names)
    )
    is_number = is_cell & ~is_text[:, None] & verdict.is_ok[:, None, None]
    is_entry = is_cell & is_text[:, None] & verdict.is_ok[:, None, None]
    return Tables(
        names,
        tf.where(is_number, cells, tf.zeros_like(cells)),
        num_rows,
        is_text,
        None if text is None else _entries(text, is_entry),
    ), verdict


def fit(values: tf.Tensor, width: int | tf.Tensor) -> tf.Tensor:
    """The last axis cut or filled up to a width."""
    padding = [[0, 0]] * (values.shape.rank - 1)
    missing = tf.maximum(width - tf.shape(values)[-1], 0)
    if values.dtype == tf.string:
        # Of a string tensor tf.pad knows no default.
        values = tf.pad(values, [*padding, [0, missing]], constant_values="")
    else:
        values = tf.pad(values, [*padding, [0, missing]])
    values = values[..., :width]
    if isinstance(width, int):
        values = tf.ensure_shape(values, [*values.shape[:-1], width])
    return values


def _check_columns(names, most):
    """Rules of names that hold whatever the question words are."""
    verdict = verdicts.start(tf.shape(names)[0])
    is_named = names != ""
    counts = tf.reduce_sum(tf.cast(is_named, tf.int32), axis=1)
    words = tensor_text.plain_words(tf.reshape(names, [-1]))
    has_words = tf.reshape(words.row_lengths() > 0, tf.shape(names))
    before = tf.sequence_mask(counts, tf.shape(names)[1])
    blank = (is_named & ~has_words) | (is_named != before)
    return (
        verdict.refuse("no_columns", counts == 0)
        .refuse_first({"unnamed_column": blank}, names)
        .refuse("too_many_columns", counts > most, _more_than(counts, most))
    )


def _more_than(counts, most):
    return tf.strings.join([tf.strings.as_string(counts), f" > {most}"])


def _place(mask, names):
    """Where the first cell is: "row 2 of price"; rows count from 0."""
    width = mask.shape[2]
    flat = tf.reshape(mask, [tf.shape(mask)[0], tf.shape(mask)[1] * width])
    order = tf.range(tf.shape(flat)[1])
    at = tf.reduce_min(tf.where(flat, order, tf.int32.max), axis=1)
    at = tf.where(tf.reduce_any(flat, axis=1), at, 0)
    row = tf.strings.as_string(at // width)
    name = tf.gather(names, at % width, batch_dims=1)
    return tf.strings.join(["row ", row, " of ", name])


def _entries(text, is_entry):
    """The `Entries` of text `[B, M, K]`."""
    by_column = tf.transpose(text, [0, 2, 1])
    cells = tf.where(tf.transpose(is_entry, [0, 2, 1]))  # [L, 3]
    found = tf.gather_nd(by_column, cells)
    batch = cells[:, 0]
    unique, ids = tf.unique(tagged(batch, found))
    size = tf.size(unique)
    # All cells of an entry are of one row and read the same.
    firsts = tf.math.unsorted_segment_min(tf.range(tf.size(ids)), ids, size)
    columns = tf.stack([tf.cast(ids, tf.int64), cells[:, 1]], axis=1)
    in_column = tf.scatter_nd(
        columns,
        tf.ones_like(ids),
        tf.stack([tf.cast(size, tf.int64), text.shape[2]]),
    )
    return Entries(
        tf.gather(batch, firsts),
        tf.gather(found, firsts),
        in_column > 0,
        cells,
        ids,
    )


def tagged(batch: tf.Tensor, strings: tf.Tensor) -> tf.Tensor:
    """The strings, each with its row of the batch: equal only within one."""
    return tf.strings.join([tf.strings.as_string(batch), strings], " ")

"""The names that questions may mention, and where they stand; on tensors.

Every row of a batch has a table, and so names, of its own. Which name stands
where is found by `tf.unique` over the names of all tables and all runs of
words of all questions, each with its row.
"""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from np_tf import tensor_table
from np_tf import tensor_text
from np_tf import verdicts


class Names(NamedTuple):
    """Columns and entries, N in all tables together.

    Attributes:
        batch: Which row of the batch each is of, `[N]`.
        words: Its words, `[N, (words)]`.
        exact: The words with a space between them, `[N]`.
        folded: The same without upper and lower case, `[N]`.
        target: The index of a column; K and the index of an entry, `[N]`.
    """

    batch: tf.Tensor
    words: tf.RaggedTensor
    exact: tf.Tensor
    folded: tf.Tensor
    target: tf.Tensor


def read(
    tables: tensor_table.Tables,
    known: list[str],
    verdict: verdicts.Verdict,
) -> tuple[Names, verdicts.Verdict]:
    """The names of all tables; refuses those of columns that cannot be.

    Args:
        tables: Of the batch.
        known: The question words, folded.
        verdict: So far.
    """
    places = tf.where(tables.is_column)  # [N, 2]
    column = tf.cast(places[:, 1], tf.int32)
    texts = tf.gather_nd(tables.names, places)
    columns = _with_words(places[:, 0], texts, column)
    verdict = _check_columns(columns, places, tables, known, verdict)
    if tables.entries is None:
        return columns, verdict
    indices = tf.range(tf.size(tables.entries.batch))
    entries = _with_words(
        tables.entries.batch,
        tables.entries.text,
        indices + tables.names.shape[1],
    )
    can_be_meant = ~_all_taken(entries, known)
    entries = (tf.ragged.boolean_mask(part, can_be_meant) for part in entries)
    return Names(
        *(tf.concat(parts, axis=0) for parts in zip(columns, entries))
    ), verdict


def longest(
    words: tf.Tensor, names: Names
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """The longest name that begins at each word.

    Exact names come before those that differ in upper and lower case.

    Args:
        words: Of the questions, `[B, Q]`; "" after the end.
        names: Of the same batch.

    Returns:
        How many words it has, 0 for no name; its target; how many targets it
        has, more than one is ambiguous. `[B, Q]` each.
    """
    most = tf.concat([[1], names.words.row_lengths()], axis=0)
    most = tf.cast(tf.reduce_max(most), tf.int32)
    most = tf.minimum(most, words.shape[1])
    count, target = _look_up(names, names.exact, words, most)
    folded = tensor_text.casefold(words)
    folded_count, folded_target = _look_up(names, names.folded, folded, most)
    target = tf.where(count > 0, target, folded_target)
    count = tf.where(count > 0, count, folded_count)  # [B, Q, L]
    lengths = tf.range(1, most + 1)
    length = tf.reduce_max(tf.where(count > 0, lengths, 0), axis=2)
    at = tf.maximum(length - 1, 0)
    return (
        length,
        tf.gather(target, at, batch_dims=2),
        tf.gather(count, at, batch_dims=2),
    )


def _with_words(batch, texts, target):
    words = tensor_text.plain_words(texts)
    exact = tensor_text.joined(words)
    return Names(batch, words, exact, tensor_text.casefold(exact), target)


def _check_columns(columns, places, tables, known, verdict):
    reserved = _all_taken(columns, known)
    _, ids = tf.unique(tensor_table.tagged(columns.batch, columns.exact))
    order = tf.range(tf.size(ids))
    firsts = tf.math.unsorted_segment_min(order, ids, tf.size(ids))
    twice = tf.gather(firsts, ids) < order
    wrong = {
        status: tf.scatter_nd(
            places,
            tf.cast(mask, tf.int32),
            tf.shape(tables.names, tf.int64),
        )
        > 0
        for status, mask in (
            ("reserved_name", reserved),
            ("duplicate_column", twice & ~reserved),
        )
    }
    return verdict.refuse_first(wrong, tables.names)


def _all_taken(names, known):
    """Names of which every word is a number or a question word, `[N]`."""
    flat = names.words.flat_values
    _, is_number, _ = tensor_text.parse_numbers(flat)
    is_word = tensor_text.index_in(tensor_text.casefold(flat), known) >= 0
    free = tf.cast(~is_number & ~is_word, tf.int32)
    return tf.reduce_sum(names.words.with_flat_values(free), axis=1) == 0


def _look_up(names, keys, words, most):
    """How many keys each run of words equals, and the first one's target.

    Returns:
        `[B, Q, L]` each; runs of 1 to L words.
    """
    runs = _runs(words, most)
    shape = tf.shape(runs)
    rows = tf.range(shape[0], dtype=names.batch.dtype)
    tagged = tensor_table.tagged(
        tf.concat([names.batch, tf.repeat(rows, shape[1] * shape[2])], axis=0),
        tf.concat([keys, tf.reshape(runs, [-1])], axis=0),
    )
    unique, ids = tf.unique(tagged)
    num_keys, size = tf.size(keys), tf.size(unique)
    of_key, of_run = ids[:num_keys], ids[num_keys:]
    counts = tf.math.unsorted_segment_sum(tf.ones_like(of_key), of_key, size)
    firsts = tf.math.unsorted_segment_min(names.target, of_key, size)
    return (
        tf.reshape(tf.gather(counts, of_run), shape),
        tf.reshape(tf.gather(firsts, of_run), shape),
    )


def _runs(words, most):
    """Every run of up to `most` words, cut from the question.

    Returns:
        `[B, Q, L]`; "" where the question is over.
    """
    text = tf.strings.reduce_join(words, axis=1, separator=" ")  # [B]
    sizes = tf.strings.length(words)
    ends = tf.cumsum(sizes + 1, axis=1) - 1  # In bytes.
    begins = (ends - sizes)[:, :, None]  # [B, Q, 1]
    num_words = tf.reduce_sum(tf.cast(words != "", tf.int32), axis=1)
    last = tf.range(words.shape[1])[:, None] + tf.range(most)  # [Q, L]
    there = last < num_words[:, None, None]  # [B, Q, L]
    last = tf.minimum(last, words.shape[1] - 1)
    sizes = tf.where(there, tf.gather(ends, last, axis=1) - begins, 0)
    begins = tf.where(there, begins, 0)
    shape, flat = tf.shape(sizes), [tf.shape(words)[0], words.shape[1] * most]
    runs = tf.strings.substr(
        text[:, None], tf.reshape(begins, flat), tf.reshape(sizes, flat)
    )
    return tf.reshape(runs, shape)

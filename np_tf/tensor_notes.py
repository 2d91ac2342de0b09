"""What makes served answers doubtful: what `ask` says in its notes."""

from __future__ import annotations

import tensorflow as tf

from np_tf import explain
from np_tf import programs
from np_tf import tensor_checks
from np_tf import tensor_mentions
from np_tf import tensor_table


def notes(
    done: tensor_checks.Programs,
    tables: tensor_table.Tables,
    pieces: tensor_mentions.Pieces,
) -> tf.Tensor:
    """Sentences with "; " between them, "" if there are none: `[B]`.

    Args:
        done: What the model did.
        tables: Of the same batch.
        pieces: The questions.
    """
    width = tables.names.shape[1]
    calls = done.calls(*programs.COLUMN_OPERATIONS) & done.is_relevant
    used = _which(done.columns, calls, width)
    is_column = pieces.kind == tensor_mentions.COLUMN
    asked = _which(pieces.value, is_column, width)
    several = tf.reduce_sum(tf.cast(tables.is_column, tf.int32), axis=1) > 1
    found = [
        _quoted("the program leaves out column", tables.names, asked & ~used),
        _quoted(
            "the question does not mention column",
            tables.names,
            used & ~asked & several[:, None],
        ),
    ]
    if tables.entries is not None:
        found += _entry_notes(done, tables.entries, pieces)
    found = tf.concat([*found, _doubts(done)], axis=1)  # [B, n]
    found = tf.ragged.boolean_mask(found, found != "")
    return tf.strings.reduce_join(found, axis=-1, separator="; ")


def _which(indices, mask, width):
    """Indices `[B, P]` where the mask is True, as a mask: `[B, width]`."""
    same = (indices[:, :, None] == tf.range(width)) & mask[:, :, None]
    return tf.reduce_any(same, axis=1)


def _quoted(text, names, mask):
    sentences = tf.strings.join([text + " '", names, "'"])
    return tf.where(mask, sentences, "")


def _entry_notes(done, entries, pieces):
    """Two joined sentences, `[B, 1]` each."""
    size, num_entries = tf.shape(done.columns)[0], tf.size(entries.batch)
    batch, column, row = tf.unstack(entries.cells, axis=1)
    selected = tf.gather_nd(
        tf.transpose(done.row_selects, [0, 2, 1]), tf.stack([batch, row], 1)
    )  # [L, T]
    selected &= tf.gather(done.calls("text_match"), batch)
    selected &= (
        tf.gather(done.columns, batch) == tf.cast(column, tf.int32)[:, None]
    )
    selected = tf.reduce_any(selected, axis=1)
    selected = _of_entries(selected, entries.ids, num_entries)
    is_entry = pieces.kind == tensor_mentions.ENTRY
    asked = _of_entries(is_entry, pieces.value, num_entries)
    return [
        tf.strings.unsorted_segment_join(
            tf.boolean_mask(
                tf.strings.join([text + " '", entries.text, "'"]), mask
            ),
            tf.boolean_mask(entries.batch, mask),
            size,
            "; ",
        )[:, None]
        for text, mask in (
            ("the program does not select", asked & ~selected),
            ("the program also selects", selected & ~asked),
        )
    ]


def _of_entries(mask, ids, num_entries):
    """Which entries the mask holds somewhere, `[U]`."""
    ids = tf.where(mask, ids, num_entries)
    found = tf.math.unsorted_segment_max(
        tf.cast(mask, tf.int32), ids, num_entries + 1
    )
    return found[:num_entries] > 0


def _doubts(done):
    """As `explain.doubts`, `[B, 3 T]`."""
    num_steps = done.probs.shape[1]
    steps = tf.strings.as_string(tf.range(1, num_steps + 1))
    whats = ["operation", "column", "number"]
    what = tf.strings.join(
        [
            " of the ",
            tf.tile(whats, [num_steps]),
            " of step ",
            tf.repeat(steps, len(whats)),
        ]
    )
    percent = tf.strings.as_string(tf.cast(tf.round(100 * done.probs), "int32"))
    percent = tf.reshape(percent, [-1, num_steps * len(whats)])
    text = tf.strings.join(
        [
            "the model is only ",
            percent,
            "% sure",
            tf.broadcast_to(what, tf.shape(percent)),
        ]
    )
    unsure = done.is_relevant[:, :, None] & (done.probs < explain.SURE)
    return tf.where(tf.reshape(unsure, tf.shape(text)), text, "")

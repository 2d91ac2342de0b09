"""From pieces and tables to the inputs of a model, in its symbols."""

from __future__ import annotations

from typing import Any
from typing import NamedTuple

import tensorflow as tf

from np_tf import programs
from np_tf import tensor_mentions
from np_tf import tensor_table
from np_tf import verdicts
from np_tf import vocabulary

# Of a question in the model's words, numbers apart: its RNN is unrolled.
MAX_MODEL_WORDS = 24
MAX_NUMBERS = len(programs.COMPARISONS)
_CONNECTIVES = ("and", "or")


class Symbols(NamedTuple):
    """Ids of a model's words.

    Attributes:
        words: Of the question words.
        columns: Of the column symbols.
        entries: Of the text symbols.
    """

    words: list[int]
    columns: list[int]
    entries: list[int]


def symbols(model: Any) -> tuple[list[str], Symbols]:
    """The question words of a model, and the ids of all its words."""
    known = vocabulary.Vocabulary(model.vocabulary)
    taken = {*model.column_symbols, *model.text_symbols}
    words = [word for word in model.vocabulary if word not in taken]
    return words, Symbols(
        known.ids(words),
        known.ids(model.column_symbols),
        known.ids(model.text_symbols),
    )


def build(
    pieces: tensor_mentions.Pieces,
    tables: tensor_table.Tables,
    question_words: list[str],
    ids: Symbols,
    verdict: verdicts.Verdict,
) -> tuple[dict[str, tf.Tensor], verdicts.Verdict]:
    """The inputs of the model; empty questions in rows that are not ok."""
    verdict = verdict.refuse(
        "no_operation",
        ~tf.reduce_any(pieces.kind == tensor_mentions.WORD, axis=1),
    )
    entry_ids = tf.zeros([0], tf.int32)
    if tables.entries is not None:
        entry_ids, verdict = _assign(pieces, tables.entries, ids, verdict)
    verdict = _check_numbers(pieces, question_words, ids, verdict)
    inputs, verdict = _read_pieces(pieces, ids, entry_ids, verdict)
    column_ids = tf.where(tables.is_column, ids.columns, 0)
    inputs |= {
        "column_names": column_ids,
        "table": tables.cells,
        "num_rows": tables.num_rows,
    }
    if tables.entries is not None:
        inputs["text"] = _text(tables, entry_ids)
    # As `np_tf.ask` does: a softmax over one column is none.
    width = max(len(ids.columns), 2)
    for name in inputs.keys() & {"column_names", "table", "text"}:
        inputs[name] = tensor_table.fit(inputs[name], width)
    return inputs, verdict


def _kinds(pieces, ids):
    """Which pieces are numbers, and which are words of the model."""
    is_number = pieces.kind == tensor_mentions.NUMBER
    is_word = (pieces.kind > 0) & ~is_number
    if len(ids.columns) == 1:  # Then questions name no column.
        is_word &= pieces.kind != tensor_mentions.COLUMN
    return is_number, is_word


def _num_before(is_word):
    return tf.cumsum(tf.cast(is_word, tf.int32), axis=1, exclusive=True)


def _check_numbers(pieces, question_words, ids, verdict):
    """As `question_text.take_numbers` and `program_checks.check_numbers`."""
    is_number, is_word = _kinds(pieces, ids)
    before = _num_before(is_word)
    before = tensor_mentions.compact(before, is_number, default=-1)
    same = (before[:, 1:] == before[:, :-1]) & (before[:, 1:] > 0)
    misplaced = tf.reduce_any(same, axis=1) | (before[:, 0] == 0)
    phrases = _phrases(pieces, is_number, question_words)
    twice = (phrases[:, 0] == phrases[:, 1]) & (phrases[:, 0] != "")
    return (
        verdict.refuse("misplaced_number", misplaced)
        .refuse("too_many_numbers", _count(is_number) > MAX_NUMBERS)
        .refuse("repeated_comparison", twice, phrases[:, 0])
    )


def _phrases(pieces, is_number, question_words):
    """The question words right before each number, `[B, MAX_NUMBERS]`."""
    is_phrase = pieces.kind == tensor_mentions.WORD
    word = tf.gather(question_words, tf.where(is_phrase, pieces.value, 0))
    is_phrase &= tf.reduce_all(word[..., None] != _CONNECTIVES, axis=-1)
    # No word holds white space, such as these two separators.
    text = tf.where(is_phrase, tf.strings.join([" ", word]), "\x1f")
    text = tf.where(is_number, "\x1f\x1e", text)
    text = tf.strings.reduce_join(text, axis=1)
    parts = tf.strings.split(text, "\x1e").to_tensor(
        "", shape=[None, MAX_NUMBERS + 1]
    )[:, :MAX_NUMBERS]
    phrases = tf.strings.regex_replace(parts, "\x1f$", "")
    return tf.strings.strip(
        tf.strings.regex_replace(phrases, "^(?s:.*)\x1f", "")
    )


def _read_pieces(pieces, ids, entry_ids, verdict):
    """`question`, `numbers` and `number_positions`."""
    is_number, is_word = _kinds(pieces, ids)
    most = f"more than {MAX_MODEL_WORDS} words and names"
    num_words = _count(is_word)
    verdict = verdict.refuse("too_long", num_words > MAX_MODEL_WORDS, most)
    is_word &= verdict.is_ok[:, None]
    is_number &= verdict.is_ok[:, None]
    return {
        "question": tensor_mentions.compact(
            _model_words(pieces, ids, entry_ids), is_word, MAX_MODEL_WORDS
        ),
        "numbers": tensor_mentions.compact(
            pieces.number, is_number, MAX_NUMBERS
        ),
        "number_positions": tensor_mentions.compact(
            _num_before(is_word) - 1, is_number, MAX_NUMBERS, default=-1
        ),
    }, verdict


def _model_words(pieces, ids, entry_ids):
    """The id of each piece's word in the model, 0 for numbers, `[B, P]`."""
    model_words = tf.zeros_like(pieces.kind)
    for kind, its_ids in (
        (tensor_mentions.WORD, ids.words),
        (tensor_mentions.COLUMN, ids.columns),
        (tensor_mentions.ENTRY, entry_ids),
    ):
        is_kind = pieces.kind == kind
        at = tf.where(is_kind, pieces.value + 1, 0)
        found = tf.gather(tf.concat([[0], its_ids], axis=0), at)
        model_words = tf.where(is_kind, found, model_words)
    return model_words


def _assign(pieces, entries, ids, verdict):
    """As `mentions.assign_symbols`: the id of every entry's symbol, `[U]`."""
    num_entries, num_symbols = tf.size(entries.batch), len(ids.entries)
    batch, size = tf.cast(entries.batch, tf.int32), tf.shape(pieces.kind)[0]
    is_entry = pieces.kind == tensor_mentions.ENTRY
    value = tf.where(is_entry, pieces.value, num_entries)
    order = tf.broadcast_to(tf.range(value.shape[1]), tf.shape(value))
    firsts = tf.math.unsorted_segment_min(order, value, num_entries + 1)
    is_first = is_entry & (tf.gather(firsts, value) == order)
    rank = tf.cumsum(tf.cast(is_first, tf.int32), axis=1, exclusive=True)
    mentioned = tf.math.unsorted_segment_max(
        tf.where(is_first, rank, -1), value, num_entries + 1
    )[:num_entries]
    num_mentioned = _count(is_first)
    # The others share what is left, in turn.
    is_other = tf.cast(mentioned < 0, tf.int32)
    num_others = tf.math.unsorted_segment_sum(is_other, batch, size)
    turn = tf.cumsum(is_other, exclusive=True) - tf.gather(
        tf.cumsum(num_others, exclusive=True), batch
    )
    left = tf.maximum(num_symbols - num_mentioned, 1)
    turn = tf.gather(num_mentioned, batch) + turn % tf.gather(left, batch)
    most = num_symbols - tf.cast(num_others > 0, tf.int32)
    verdict = verdict.refuse("too_many_entries", num_mentioned > most)
    symbol = tf.where(mentioned < 0, turn, mentioned)
    return tf.gather(ids.entries, tf.minimum(symbol, num_symbols - 1)), verdict


def _text(tables, entry_ids):
    """Ids of the text entries, `[B, M, K]`; 0 where there is none."""
    size, max_rows, columns = tf.unstack(tf.shape(tables.cells, tf.int64))
    text = tf.scatter_nd(
        tables.entries.cells,
        tf.gather(entry_ids, tables.entries.ids),
        tf.stack([size, columns, max_rows]),
    )
    text = tf.transpose(text, [0, 2, 1])
    return tf.ensure_shape(text, [None, None, tables.cells.shape[2]])


def _count(mask):
    return tf.reduce_sum(tf.cast(mask, tf.int32), axis=1)

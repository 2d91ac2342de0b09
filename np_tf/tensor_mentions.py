"""What `np_tf.mentions` does, on tensors: the questions in pieces."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from np_tf import tensor_names
from np_tf import tensor_table
from np_tf import tensor_text
from np_tf import verdicts

MAX_WORDS = 64  # Of a question; of a name of several words, each counts.
MAX_BYTES = 2_000
NUMBER, WORD, COLUMN, ENTRY = 1, 2, 3, 4  # Kinds of pieces; 0 is none.


class Pieces(NamedTuple):
    """The parts of the questions, in order; P is `MAX_WORDS`.

    Attributes:
        kind: `[B, P]`.
        value: Of a word its index, of a column its index, of an entry its
            index in `Entries`, `[B, P]`.
        number: Of a number its value, float64 `[B, P]`.
    """

    kind: tf.Tensor
    value: tf.Tensor
    number: tf.Tensor


def read(
    questions: tf.Tensor,
    tables: tensor_table.Tables,
    question_words: list[str],
    verdict: verdicts.Verdict,
) -> tuple[Pieces, verdicts.Verdict]:
    """The questions as pieces.

    Args:
        questions: `[B]`.
        tables: Of the same batch.
        question_words: Words of the model that are no symbols.
        verdict: So far.
    """
    known = {word.casefold(): i for i, word in enumerate(question_words)}
    words, verdict = _split(questions, verdict)
    names, verdict = tensor_names.read(tables, list(known), verdict)
    length, target, count = tensor_names.longest(words, names)
    folded = tensor_text.index_in(tensor_text.casefold(words), list(known))
    word = tf.gather([-1, *known.values()], folded + 1)
    number, is_number, is_malformed = tensor_text.parse_numbers(words)
    is_name = length > 0
    is_word = ~is_name & (word >= 0)
    is_other = ~is_name & ~is_word
    starts = _starts(length) & (words != "")
    verdict = verdict.refuse_first(
        {
            "ambiguous_word": starts & is_name & (count > 1),
            "malformed_number": starts & is_other & is_malformed,
            "unknown_word": starts & is_other & ~is_number & ~is_malformed,
        },
        words,
    )
    num_columns = tables.names.shape[1]
    is_column = target < num_columns
    kind = tf.where(is_word, WORD, NUMBER)
    kind = tf.where(is_name, tf.where(is_column, COLUMN, ENTRY), kind)
    target = tf.where(is_column, target, target - num_columns)
    value = tf.where(is_name, target, word)
    starts &= verdict.is_ok[:, None]
    pieces = Pieces(*(compact(x, starts) for x in (kind, value, number)))
    return pieces, _check_pairs(pieces, tables, verdict)


def compact(
    values: tf.Tensor,
    mask: tf.Tensor,
    width: int = MAX_WORDS,
    default: int = 0,
) -> tf.Tensor:
    """Values where the mask is True, moved to the left: `[B, width]`."""
    kept = tf.ragged.boolean_mask(values, mask)
    default = tf.cast(default, values.dtype)
    return kept.to_tensor(default, shape=[None, width])


def _split(questions, verdict):
    """Words `[B, MAX_WORDS]`, "" after the end."""
    questions = tensor_text.valid(questions)
    is_long = tf.strings.length(questions) > MAX_BYTES
    most = f"more than {MAX_BYTES} bytes"
    verdict = verdict.refuse("too_long", is_long, most)
    questions = tf.where(verdict.is_ok, questions, "")
    words = tensor_text.plain_words(questions)
    counts = words.row_lengths()
    verdict = verdict.refuse("empty_question", counts == 0)
    most = f"more than {MAX_WORDS} words"
    verdict = verdict.refuse("too_long", counts > MAX_WORDS, most)
    return words.to_tensor("", shape=[None, MAX_WORDS]), verdict


def _starts(length):
    """Where pieces begin, read from the left: each as long as its name.

    Jumps of 1, 2, 4, ... pieces reach every place that single ones do.
    """
    after = tf.range(MAX_WORDS) + tf.maximum(length, 1)
    beyond = tf.fill([tf.shape(length)[0], 1], MAX_WORDS)
    after = tf.concat([tf.minimum(after, MAX_WORDS), beyond], axis=1)
    reached = tf.range(MAX_WORDS + 1) == tf.zeros_like(after)
    jumps = 1
    while jumps <= MAX_WORDS:
        lands = tf.one_hot(after, MAX_WORDS + 1, True, False, dtype=tf.bool)
        reached |= tf.reduce_any(lands & reached[:, :, None], axis=1)
        after = tf.gather(after, after, batch_dims=1)
        jumps *= 2
    return reached[:, :MAX_WORDS]


def _check_pairs(pieces, tables, verdict):
    """Refuses what cannot stand before a column."""
    kind, value = pieces.kind, pieces.value
    before = kind[:, :-1]
    is_column = kind[:, 1:] == COLUMN
    column = tf.where(is_column, value[:, 1:], 0)
    of_text = tf.gather(tables.is_text, column, batch_dims=1)
    name = tf.gather(tables.names, column, batch_dims=1)
    wrong = {"comparison_on_text": is_column & of_text & (before == NUMBER)}
    if tables.entries is None:
        return verdict.refuse_first(wrong, name)
    is_entry = is_column & (before == ENTRY)
    entry = tf.where(is_entry, value[:, :-1] + 1, 0)
    in_column = tf.pad(tables.entries.in_column, [[1, 0], [0, 0]])
    has = tf.gather_nd(in_column, tf.stack([entry, column], axis=-1))
    wrong["entry_not_in_column"] = is_entry & ~has
    text = tf.gather(tf.concat([[""], tables.entries.text], axis=0), entry)
    both = tf.strings.join([text, " ", name])
    return verdict.refuse_first(wrong, tf.where(is_entry, both, name))

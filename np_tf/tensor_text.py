"""What `np_tf.question_text` does, on tensors of strings.

Words are split, cleaned and folded exactly as Python does it: by Unicode's
white space and case folding.
"""

from __future__ import annotations

import functools
import sys

import numpy as np
import tensorflow as tf

_QUOTES = "[\"'`]+"
_END_OF_WORD = "[\"'`?!,;.]+"
_NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
# Also with a true minus sign or a dash.
_LIKE_A_NUMBER = "[+\\-\u2212\u2013]*[.,]?[0-9](?s:.*)"
_FOLDED_CHARS = 3  # The most that one character becomes.


def valid(strings: tf.Tensor) -> tf.Tensor:
    """The strings as UTF-8, with U+FFFD for bytes that are none."""
    return tf.strings.unicode_transcode(strings, "UTF-8", "UTF-8")


def plain_words(strings: tf.Tensor) -> tf.RaggedTensor:
    """Words as `question_text.plain_words` gives them.

    Args:
        strings: `[N]`.

    Returns:
        `[N, (words)]`.
    """
    spaced = tf.strings.regex_replace(strings, _white_space() + "+", " ")
    words = tf.strings.split(spaced, sep=" ")
    flat = tf.strings.regex_replace(words.flat_values, "^" + _QUOTES, "")
    flat = tf.strings.regex_replace(flat, _END_OF_WORD + "$", "")
    return tf.ragged.boolean_mask(
        words.with_flat_values(flat), words.with_flat_values(flat != "")
    )


def without_outer_space(strings: tf.Tensor) -> tf.Tensor:
    """As `str.strip`, for any shape."""
    space = _white_space()
    strings = tf.strings.regex_replace(strings, f"^{space}+", "")
    return tf.strings.regex_replace(strings, f"{space}+$", "")


def joined(words: tf.RaggedTensor) -> tf.Tensor:
    """Words `[N, (words)]` with a space between them, `[N]`."""
    return tf.strings.reduce_join(words, axis=-1, separator=" ")


def casefold(strings: tf.Tensor) -> tf.Tensor:
    """As `str.casefold`, for any shape."""
    chars = tf.strings.unicode_decode(tf.reshape(strings, [-1]), "UTF-8")
    sources, targets = _case_folding()
    flat = chars.flat_values
    at = tf.minimum(tf.searchsorted(sources, flat), len(sources) - 1)
    same = tf.pad(flat[:, None], [[0, 0], [0, _FOLDED_CHARS - 1]])
    is_folded = tf.gather(sources, at) == flat
    folded = tf.where(is_folded[:, None], tf.gather(targets, at), same)
    # The first is always there; it may be NUL, which the others cannot.
    there = tf.concat([tf.ones_like(folded[:, :1], bool), folded[:, 1:] > 0], 1)
    sizes = tf.reduce_sum(tf.cast(there, tf.int64), axis=1)
    ends = tf.concat([[0], tf.cumsum(sizes)], axis=0)
    splits = tf.gather(ends, chars.row_splits)
    folded = tf.RaggedTensor.from_row_splits(
        folded[there], splits, validate=False
    )
    folded = tf.strings.unicode_encode(folded, "UTF-8")
    return tf.reshape(folded, tf.shape(strings))


def parse_numbers(
    words: tf.Tensor,
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """As `question_text.parse_number`.

    Args:
        words: Of any shape.

    Returns:
        Of the same shape: the numbers (float64, 0 where there is none), which
        words are numbers, and which begin as numbers and are none or too
        large.
    """
    looks = tf.strings.regex_full_match(words, _NUMBER)
    values = tf.strings.to_number(tf.where(looks, words, "0"), tf.float64)
    is_number = looks & tf.math.is_finite(values)
    begins = tf.strings.regex_full_match(words, _LIKE_A_NUMBER)
    return tf.where(is_number, values, 0.0), is_number, begins & ~is_number


def index_in(words: tf.Tensor, known: list[str]) -> tf.Tensor:
    """Index of each word in a short list, -1 where it is not there.

    Args:
        words: Of any shape.
        known: Distinct words.
    """
    same = words[..., None] == tf.constant(known, tf.string, [len(known)])
    numbers = tf.range(1, len(known) + 1)
    return tf.reduce_sum(tf.where(same, numbers, 0), axis=-1) - 1


@functools.cache
def _white_space():
    """Of Python, as a class of a regular expression."""
    spaces = [c for c in range(sys.maxunicode + 1) if chr(c).isspace()]
    return "[" + "".join(f"\\x{{{c:x}}}" for c in spaces) + "]"


@functools.cache
def _case_folding():
    """Characters that folding changes `[F]`, and to what `[F, 3]`."""
    folded = {
        code: [ord(char) for char in chr(code).casefold()]
        for code in range(sys.maxunicode + 1)
        if chr(code).casefold() != chr(code)
    }
    targets = np.zeros((len(folded), _FOLDED_CHARS), np.int32)
    for row, codes in zip(targets, folded.values()):
        row[: len(codes)] = codes
    return np.array(list(folded), np.int32), targets

"""Text on tensors is read as `question_text` reads it."""

import sys

import hypothesis
import pytest
import tensorflow as tf
from hypothesis import strategies as st

from np_tf import question_text
from np_tf import tensor_text

# Without surrogates, which UTF-8 cannot say.
texts = st.lists(st.text(st.characters(codec="utf-8")), min_size=1)
pieces = st.sampled_from([*"\"'`?!,;.+-eE05 \t\x1c\u3000\u2212\u2013a\0"])
odd_texts = st.lists(
    st.lists(pieces, max_size=8).map("".join), min_size=1, max_size=20
)


@pytest.mark.parametrize("first", range(0, sys.maxunicode, 0x20000))
def test_every_character_folds_and_splits_as_in_python(first):
    codes = [
        c
        for c in range(first, min(first + 0x20000, sys.maxunicode))
        if not 0xD800 <= c < 0xE000
    ]
    chars = [f"A{chr(code)}b" for code in codes]
    folded = tensor_text.casefold(tf.constant(chars)).numpy()
    assert [f.decode() for f in folded] == [c.casefold() for c in chars]
    words = tensor_text.plain_words(tf.constant(chars)).to_list()
    wanted = [
        [word.encode() for word in question_text.plain_words(c)] for c in chars
    ]
    assert words == wanted


@hypothesis.given(st.one_of(texts, odd_texts))
def test_words(strings):
    found = tensor_text.plain_words(tf.constant(strings)).to_list()
    wanted = [question_text.plain_words(text) for text in strings]
    assert [tuple(w.decode() for w in words) for words in found] == wanted


@hypothesis.given(st.one_of(texts, odd_texts))
def test_case_folding(strings):
    found = tensor_text.casefold(tf.constant(strings)).numpy()
    assert [f.decode() for f in found] == [s.casefold() for s in strings]


def numbers_of(words):
    for word in words:
        try:
            number = question_text.parse_number(word)
        except ValueError:
            yield 0.0, False, True
        else:
            yield number or 0.0, number is not None, False


@hypothesis.given(
    st.one_of(
        texts,
        odd_texts,
        st.lists(st.floats(allow_nan=False).map(repr), min_size=1),
    )
)
def test_numbers(words):
    found = zip(
        *(
            part.numpy()
            for part in tensor_text.parse_numbers(tf.constant(words))
        )
    )
    assert list(found) == list(numbers_of(words))


def test_indices():
    words = tf.constant([["b", "a"], ["c", ""]])
    found = tensor_text.index_in(words, ["a", "b"]).numpy()
    assert found.tolist() == [[1, 0], [-1, -1]]

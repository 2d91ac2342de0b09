"""Words and ids."""

import pytest

from np_tf import vocabulary as vocabulary_lib


def test_ids_and_words_are_inverse():
    words = ["A", "sum", "word:3"]
    vocabulary = vocabulary_lib.Vocabulary(words)
    assert vocabulary.ids(words) == [1, 2, 3]
    assert [vocabulary.word(index) for index in (1, 2, 3)] == words
    assert len(vocabulary) == 4
    assert "sum" in vocabulary
    assert "count" not in vocabulary
    assert vocabulary.words == tuple(words)


def test_unknown_word_is_named():
    vocabulary = vocabulary_lib.Vocabulary(["A"])
    with pytest.raises(ValueError, match=r"^words: must be in .* got 'B'$"):
        vocabulary.ids(["A", "B"])


@pytest.mark.parametrize("index", [0, -1, 2])
def test_id_without_a_word_is_named(index):
    vocabulary = vocabulary_lib.Vocabulary(["A"])
    with pytest.raises(
        ValueError, match=rf"^index: must be in 1 to 1, got {index}"
    ):
        vocabulary.word(index)


@pytest.mark.parametrize("word", ["", " ", "how many", " A", 3, None])
def test_bad_word_is_named(word):
    with pytest.raises(ValueError, match=r"^words: each must be a string"):
        vocabulary_lib.Vocabulary(["A", word])


def test_word_that_comes_twice_is_named():
    with pytest.raises(ValueError, match=r"^words: .* distinct, got 'B' twice"):
        vocabulary_lib.Vocabulary(["A", "B", "B"])

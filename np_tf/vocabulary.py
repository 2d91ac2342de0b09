"""Words and their ids."""

from __future__ import annotations

from collections.abc import Iterable

PADDING = 0  # The id of no word.


class Vocabulary:
    """The words that a model knows; word i of `words` has the id i + 1.

    Args:
        words: The words, each of them once.

    Raises:
        ValueError: If a word is no string, empty, has a space in it, or
            comes twice.

    Example:

    >>> vocabulary = Vocabulary(["A", "sum", "print"])
    >>> vocabulary.ids(["sum", "A"])
    [2, 1]
    >>> vocabulary.word(3), "B" in vocabulary, len(vocabulary)
    ('print', False, 4)
    """

    def __init__(self, words: Iterable[str]):
        self.words = tuple(words)
        for word in self.words:
            if not isinstance(word, str) or word.split() != [word]:
                raise ValueError(
                    "words: each must be a string of at least one character "
                    f"and no spaces, got {word!r}"
                )
        self._ids = {word: i for i, word in enumerate(self.words, start=1)}
        if len(self._ids) < len(self.words):
            twice = next(w for w in self.words if self.words.count(w) > 1)
            raise ValueError(f"words: must be distinct, got {twice!r} twice")

    def ids(self, words: Iterable[str]) -> list[int]:
        """The ids of some words.

        Raises:
            ValueError: If a word is not in the vocabulary.
        """
        try:
            return [self._ids[word] for word in words]
        except KeyError as error:
            raise ValueError(
                f"words: must be in the vocabulary, got {error.args[0]!r}"
            ) from None

    def word(self, index: int) -> str:
        """The word that has an id.

        Raises:
            ValueError: If no word has this id; 0, the padding, is none.
        """
        if not PADDING < index < len(self):
            raise ValueError(
                f"index: must be in 1 to {len(self) - 1}, got {index!r}"
            )
        return self.words[index - 1]

    def __contains__(self, word: object) -> bool:
        return word in self._ids

    def __len__(self) -> int:
        """How many ids there are, the padding among them."""
        return len(self.words) + 1

    def __repr__(self) -> str:
        return f"Vocabulary({list(self.words)!r})"

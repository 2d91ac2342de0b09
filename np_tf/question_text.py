"""From the text of a question to its words and its numbers.

Numbers are taken out of the words; of each one is kept which word stands
on its left.

Source: arXiv 1511.04834, section 2.1 and Algorithm 1.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Sequence

_QUOTES = "\"'`"
_END_OF_WORD = _QUOTES + "?!,;."
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_WITH_SEPARATORS = re.compile(r"[+-]?[0-9]{1,3}([,'_][0-9]{3})+(\.[0-9]*)?")
_WITH_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+")
# Also with a true minus sign or a dash.
_LIKE_A_NUMBER = re.compile(r"[+\-\u2212\u2013]*[.,]?[0-9]")


@dataclasses.dataclass(frozen=True)
class QuestionText:
    """A question after preprocessing.

    Attributes:
        words: The words, without the numbers.
        numbers: The numbers, in the order of the question.
        number_positions: For each number, the index into `words` of the
            word on its left.
    """

    words: tuple[str, ...]
    numbers: tuple[float, ...]
    number_positions: tuple[int, ...]


def read(question: str) -> QuestionText:
    """Splits a question into words and numbers.

    >>> text = read("greater 50.32 C and lesser 20.21 E sum H")
    >>> text.words
    ('greater', 'C', 'and', 'lesser', 'E', 'sum', 'H')
    >>> text.numbers, text.number_positions
    ((50.32, 20.21), (0, 3))

    Raises:
        ValueError: As `split_words` and `take_numbers`.
    """
    return take_numbers(split_words(question))


def split_words(question: str) -> tuple[str, ...]:
    """The words, numbers still among them.

    Split at white space; quotes around a word and the punctuation that ends
    it are dropped, its case is kept.

    Raises:
        ValueError: If `question` is not a string or holds no word.
    """
    if not isinstance(question, str):
        raise ValueError(
            f"question: must be a string, got {type(question).__name__}"
        )
    words = plain_words(question)
    if not words:
        raise ValueError(
            "question: must have words, such as 'sum A', got "
            + (repr(question) if question else "an empty string")
        )
    return words


def plain_words(text: str) -> tuple[str, ...]:
    """Words of any text, cleaned as those of a question; may be none."""
    stripped = (
        word.lstrip(_QUOTES).rstrip(_END_OF_WORD) for word in text.split()
    )
    return tuple(word for word in stripped if word)


def take_numbers(words: Sequence[str]) -> QuestionText:
    """Takes the numbers out of the words.

    Args:
        words: From `split_words`; what is no number may have been replaced.

    Raises:
        ValueError: If a word begins as a number does and is none, or if a
            number has no word on its left.
    """
    kept, numbers, positions = [], [], []
    after_number = False
    for word in words:
        number = parse_number(word)
        if number is None:
            kept.append(word)
        elif after_number or not kept:
            raise ValueError(
                f"question: number {word} must have a word on its left, "
                "such as 'greater 5', got "
                + ("another number there" if kept else "it at the start")
            )
        else:
            numbers.append(number)
            positions.append(len(kept) - 1)
        after_number = number is not None
    return QuestionText(tuple(kept), tuple(numbers), tuple(positions))


def parse_number(word: str) -> float | None:
    """The number that a word is; None for any other word.

    Read are 50, -3.5, +2, .5 and 1e3.

    >>> parse_number("-3.5"), parse_number("word:3")
    (-3.5, None)

    Raises:
        ValueError: If the word begins as a number does and is none, or is
            too large.
    """
    if _NUMBER.fullmatch(word):
        number = float(word)
        if math.isinf(number):
            raise ValueError(
                f"question: a number must be finite in float64, got {word}"
            )
        return number
    if _LIKE_A_NUMBER.match(word):
        raise ValueError(
            "question: a number must look like 50, -3.5, +2, .5 or 1e3, "
            f"got {word!r}{_hint(word)}"
        )
    return None


def _hint(word):
    if _WITH_SEPARATORS.fullmatch(word):
        plain = re.sub("[,'_]", "", word)
        return f"; write {plain}, without thousands separators"
    if _WITH_DECIMAL_COMMA.fullmatch(word):
        return f"; write {word.replace(',', '.')}"
    return ""

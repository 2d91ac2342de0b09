"""What a baseline reads and writes: symbols of questions, characters.

Deviations N31 and N33.
"""

from __future__ import annotations

import itertools
import re

import numpy as np

from reproduce import np_baselines_data

NUM_POSITIONS = np_baselines_data.MAX_QUESTION + np_baselines_data.MAX_ROWS
SYMBOLS = 5  # A number's sign, tens, units, tenths, hundredths.

# Source ids: 0 is nothing, then words, signs and digits.
PLUS = 1 + len(np_baselines_data.WORDS)
MINUS = PLUS + 1
DIGIT = MINUS + 1
NUM_SOURCE_IDS = DIGIT + 10

# Answer ids: 0 is nothing (and what stands before the first character).
END = 1
CHARACTERS = "-.0123456789"
NUM_ANSWER_IDS = END + 1 + len(CHARACTERS)
ANSWER_LENGTH = 8  # "-356.99" and the end: the furthest is -7 * 50 - 7.


def source(
    questions: np_baselines_data.Questions, table_first: bool
) -> np.ndarray:
    """What the encoder reads, `[B, 13, 5]` int32.

    A position is a word `(id, 0, 0, 0, 0)`, a number `(sign, tens, units,
    tenths, hundredths)`, or nothing, all 0, which the encoder skips
    (Deviation N31).
    """
    words = _WORDS[questions.template]  # [B, 6, 5]
    numbers = _number_ids(questions.pivots)  # [B, 2, 5]
    for rank in range(2):
        here = (_NUMBER_RANK[questions.template] == rank)[..., None]
        words = np.where(here, numbers[:, rank : rank + 1], words)
    table = _number_ids(questions.column) * questions.is_row()[..., None]
    parts = [table, words] if table_first else [words, table]
    return np.concatenate(parts, axis=1).astype(np.int32)


def spell(answers: np.ndarray) -> np.ndarray:
    """Answers as characters, `[B, 8]` int32: -1750 as `-17.5`, END, 0, 0.

    Args:
        answers: `[B]`, in hundredths.
    """
    spelt = np.zeros((len(answers), ANSWER_LENGTH), np.int32)
    for row, answer in zip(spelt, answers.tolist()):
        text = f"{answer / np_baselines_data.HUNDREDTHS:.2f}"
        text = text.rstrip("0").rstrip(".")
        ids = [END + 1 + CHARACTERS.index(letter) for letter in text]
        row[: len(ids) + 1] = [*ids, END]
    return spelt


def read(spelt: np.ndarray) -> np.ndarray:
    """The numbers that characters spell, `[B]`; NaN where they spell none."""
    numbers = []
    for row in spelt.tolist():
        ids = list(itertools.takewhile(lambda index: index > END, row))
        text = "".join(CHARACTERS[index - END - 1] for index in ids)
        ended = row[len(ids) :][:1] == [END]
        is_number = ended and re.fullmatch(r"-?\d+(\.\d+)?", text)
        numbers.append(float(text) if is_number else np.nan)
    return np.array(numbers)


def _number_ids(numbers):
    """Hundredths `[...]` to sign and four digits `[..., 5]`."""
    size = np.abs(numbers)
    digits = [DIGIT + size // 10**place % 10 for place in (3, 2, 1, 0)]
    sign = np.where(numbers < 0, MINUS, PLUS)
    return np.stack([sign, *digits], axis=-1)


def _word_ids(template):
    ids = np.zeros((np_baselines_data.MAX_QUESTION, SYMBOLS), np.int64)
    for place, word in enumerate(template.words):
        if word != np_baselines_data.NUMBER:
            ids[place, 0] = 1 + np_baselines_data.WORDS.index(word)
    return ids


def _number_rank(template):
    """Which number stands where in the question, -1 where none does."""
    ranks = itertools.count()
    rank = [
        next(ranks) if w == np_baselines_data.NUMBER else -1
        for w in template.words
    ]
    return rank + [-1] * (np_baselines_data.MAX_QUESTION - len(rank))


_WORDS = np.array(
    [_word_ids(template) for template in np_baselines_data.TEMPLATES]
)
_NUMBER_RANK = np.array(
    [_number_rank(template) for template in np_baselines_data.TEMPLATES]
)

"""The simplified single-column task: few elements, scalar answers.

Numbers are kept as whole hundredths, so that every answer is exact. Training
questions are a function of seed and step alone: every step has fresh ones,
and a resumed run goes on bit for bit.

Source: Neelakantan, Le and Sutskever, arXiv 1511.04834, section 3.2.2; the
templates are those of its Table 4 whose answer is a number.
"""

from __future__ import annotations

import dataclasses
import itertools
import re

import numpy as np

from reproduce import np_baselines_configs

NUMBER = "<number>"
CATEGORIES = ("simple", "comparison", "logic", "difference")
WORDS = ("sum", "count", "greater", "lesser", "and", "or", "diff")
MAX_ROWS = 7
MAX_QUESTION = 6
NUM_POSITIONS = MAX_QUESTION + MAX_ROWS

# Source ids: 0 is nothing, then words, signs and digits.
PLUS = 1 + len(WORDS)
MINUS = PLUS + 1
DIGIT = MINUS + 1
NUM_SOURCE_IDS = DIGIT + 10

# Answer ids: 0 is nothing (and what stands before the first character).
END = 1
CHARACTERS = "-.0123456789"
NUM_ANSWER_IDS = END + 1 + len(CHARACTERS)
ANSWER_LENGTH = 8  # "-356.99" and the end: the furthest is -7 * 50 - 7.
LARGEST = 99  # Numbers have two digits before the point.
HUNDREDTHS = 100
SYMBOLS = 5  # Of a number: sign, tens, units, tenths, hundredths.

_GREATER, _LESSER = 0, 1
_AND, _OR = 0, 1
_SUM, _COUNT, _SUM_MINUS_COUNT, _COUNT_MINUS_SUM = range(4)


@dataclasses.dataclass(frozen=True)
class Template:
    """A question without its numbers.

    Attributes:
        category: One of `CATEGORIES`.
        words: Its words; `NUMBER` where a number stands.
    """

    category: str
    words: tuple[str, ...]


def _templates():
    for aggregate in ("sum", "count"):
        yield Template("simple", (aggregate,))
    for word, aggregate in itertools.product(("greater", "lesser"), WORDS[:2]):
        yield Template("comparison", (word, NUMBER, aggregate))
    pairs = (("greater", "lesser"), ("lesser", "greater"))
    for joint, (one, other), aggregate in itertools.product(
        ("and", "or"), pairs, WORDS[:2]
    ):
        words = (one, NUMBER, joint, other, NUMBER, aggregate)
        yield Template("logic", words)
    yield Template("difference", ("sum", "diff", "count"))
    yield Template("difference", ("count", "diff", "sum"))


TEMPLATES = tuple(_templates())
TEMPLATE_CATEGORIES = np.array(
    [CATEGORIES.index(template.category) for template in TEMPLATES]
)


@dataclasses.dataclass(frozen=True)
class Questions:
    """A batch of B questions, each with its own column.

    Attributes:
        template: `[B]`, index into `TEMPLATES`.
        pivots: `[B, 2]`, the question's numbers in their order, in
            hundredths; those that its template does not have are never
            shown.
        column: `[B, 7]`, in hundredths; 0 beyond the last element.
        num_rows: `[B]`.
    """

    template: np.ndarray
    pivots: np.ndarray
    column: np.ndarray
    num_rows: np.ndarray

    def __len__(self) -> int:
        return len(self.template)

    def is_row(self) -> np.ndarray:
        """`[B, 7]`, True where the column has an element."""
        return np.arange(MAX_ROWS) < self.num_rows[:, None]

    def answers(self) -> np.ndarray:
        """`[B]`, the right answers in hundredths; no element has sum 0."""
        first, second, joint, aggregate = _MEANING[self.template].T
        one = _compare(first, self.column, self.pivots[:, :1])
        other = _compare(second, self.column, self.pivots[:, 1:])
        both = np.where((joint == _AND)[:, None], one & other, one | other)
        selected = np.where((joint < 0)[:, None], one, both) & self.is_row()
        count = HUNDREDTHS * selected.sum(axis=1)
        total = (selected * self.column).sum(axis=1)
        choices = np.stack([total, count, total - count, count - total])
        return choices[aggregate, np.arange(len(self))]


def draw(
    rng: np.random.Generator,
    template: np.ndarray,
    span: int,
    recipe: np_baselines_configs.Recipe,
) -> Questions:
    """Questions with everything but their templates drawn uniformly.

    Args:
        rng: Where from.
        template: `[B]`, index into `TEMPLATES`.
        span: Elements and pivots are in `[-span, span]`.
        recipe: How many elements a column and decimals a number has.

    Raises:
        ValueError: If numbers would have more than two digits before or
            behind the point, or columns more than seven elements.
    """
    _check(span, recipe)
    size, most = len(template), span * 10**recipe.decimals
    unit = HUNDREDTHS // 10**recipe.decimals
    pivots, column = (
        unit * rng.integers(-most, most, (size, width), endpoint=True)
        for width in (2, MAX_ROWS)
    )
    rows = rng.integers(*recipe.num_rows, size, endpoint=True)
    questions = Questions(template, pivots, column, rows)
    return dataclasses.replace(questions, column=column * questions.is_row())


def _check(span, recipe):
    if not 0 < span <= LARGEST:
        raise ValueError(f"span: must be in 1..{LARGEST}, got {span}")
    if recipe.decimals not in np_baselines_configs.DECIMALS:
        raise ValueError(
            f"decimals: must be one of {np_baselines_configs.DECIMALS}, "
            f"got {recipe.decimals}"
        )
    fewest, most = recipe.num_rows
    if not 0 < fewest <= most <= MAX_ROWS:
        raise ValueError(
            f"num_rows: must be fewest and most, in 1..{MAX_ROWS}, "
            f"got {recipe.num_rows}"
        )


def training_questions(
    recipe: np_baselines_configs.Recipe, seed: int, step: int
) -> Questions:
    """The questions of a training step.

    First a category is drawn, then each of its templates is equally likely
    (caption of Table 4).
    """
    rng = np.random.default_rng([seed, step])
    category = rng.integers(0, len(CATEGORIES), recipe.batch_size)
    rank = rng.random(recipe.batch_size)
    counts = np.bincount(TEMPLATE_CATEGORIES)
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    within = np.floor(rank * counts[category]).astype(np.int64)
    template = first[category] + within
    return draw(rng, template, recipe.span, recipe)


def evaluation_questions(
    evaluation: np_baselines_configs.Evaluation,
    recipe: np_baselines_configs.Recipe,
    span: int,
) -> Questions:
    """Every template equally often, in the order of `TEMPLATES`."""
    rng = np.random.default_rng([evaluation.seed, span])
    template = np.repeat(
        np.arange(len(TEMPLATES)), evaluation.questions_per_template
    )
    return draw(rng, template, span, recipe)


def source(questions: Questions, table_first: bool) -> np.ndarray:
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
        text = f"{answer / HUNDREDTHS:.2f}".rstrip("0").rstrip(".")
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


def _compare(word, column, pivot):
    greater = (word == _GREATER)[:, None]
    return (word < 0)[:, None] | np.where(
        greater, column > pivot, column < pivot
    )


def _number_ids(numbers):
    """Hundredths `[...]` to sign and four digits `[..., 5]`."""
    size = np.abs(numbers)
    digits = [DIGIT + size // 10**place % 10 for place in (3, 2, 1, 0)]
    sign = np.where(numbers < 0, MINUS, PLUS)
    return np.stack([sign, *digits], axis=-1)


def _meaning(template):
    """First and second comparison, connective (-1 if none), aggregate."""
    words = template.words
    compared = [
        ("greater", "lesser").index(w) for w in words if w in WORDS[2:4]
    ]
    joint = [("and", "or").index(w) for w in words if w in WORDS[4:6]]
    aggregate = WORDS.index(words[-1])
    if "diff" in words:
        aggregate = _COUNT_MINUS_SUM if aggregate == _SUM else _SUM_MINUS_COUNT
    first, second = (compared + [-1, -1])[:2]
    return first, second, (joint + [-1])[0], aggregate


def _word_ids(template):
    ids = np.zeros((MAX_QUESTION, SYMBOLS), np.int64)
    for place, word in enumerate(template.words):
        ids[place, 0] = 0 if word == NUMBER else 1 + WORDS.index(word)
    return ids


def _number_rank(template):
    """Which number stands where in the question, -1 where none does."""
    ranks = itertools.count()
    rank = [next(ranks) if w == NUMBER else -1 for w in template.words]
    return rank + [-1] * (MAX_QUESTION - len(rank))


_MEANING = np.array([_meaning(template) for template in TEMPLATES])
_WORDS = np.array([_word_ids(template) for template in TEMPLATES])
_NUMBER_RANK = np.array([_number_rank(template) for template in TEMPLATES])

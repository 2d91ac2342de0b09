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

import numpy as np

from reproduce import np_baselines_configs

NUMBER = "<number>"
CATEGORIES = ("simple", "comparison", "logic", "difference")
WORDS = ("sum", "count", "greater", "lesser", "and", "or", "diff")
MAX_ROWS = 7
MAX_QUESTION = 6
LARGEST = 99  # Numbers have two digits before the point.
HUNDREDTHS = 100

# What `_MEANING` holds: ranks among two comparisons, two connectives, and
# four aggregates.
_GREATER, _AND, _SUM = 0, 0, 0
_SUM_MINUS_COUNT, _COUNT_MINUS_SUM = 2, 3


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


def _compare(word, column, pivot):
    greater = (word == _GREATER)[:, None]
    return (word < 0)[:, None] | np.where(
        greater, column > pivot, column < pivot
    )


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


_MEANING = np.array([_meaning(template) for template in TEMPLATES])

"""Which templates the test asks, and which columns must be text for one."""

from __future__ import annotations

import itertools

import numpy as np

from data_gen.synthetic_tables import grammar as grammar_lib
from np_tf import programs

_NUMERIC = ("sum", *programs.COMPARISONS)

Columns = tuple[str, str]  # Letters of numeric columns, of text columns.


def all_columns(letters: str, num_text: int) -> list[Columns]:
    """Every choice of which columns are text."""
    return [
        ("".join(c for c in letters if c not in text), "".join(text))
        for text in itertools.combinations(letters, num_text)
    ]


def enumerate_all(
    grammar: grammar_lib.Grammar, letters: str, num_text: int
) -> dict[str, list[grammar_lib.Template]]:
    """The templates of each category, as distinct sequences of words.

    Args:
        grammar: The language of the questions.
        letters: Letters of all columns.
        num_text: How many of them are text columns, any of them.
    """
    found = {category: {} for category in grammar_lib.CATEGORIES}
    for numeric, text in all_columns(letters, num_text):
        for category, blocks in grammar.blocks(numeric, text).items():
            for template in grammar_lib.every(blocks):
                found[category].setdefault(template)
    return {category: list(known) for category, known in found.items()}


def choose(
    templates: dict[str, list[grammar_lib.Template]],
    wanted: int | None,
    keep_others: bool,
    rng: np.random.Generator,
) -> list[tuple[str, grammar_lib.Template]]:
    """The templates of a test, each with its category.

    Args:
        templates: All templates of each category.
        wanted: How many to choose; None for all.
        keep_others: True to leave out none but logic questions.
        rng: Where the choice comes from.

    Raises:
        ValueError: If there are not as many templates, or if more than the
            logic ones would have to go.
    """
    known = [(c, t) for c, group in templates.items() for t in group]
    if wanted is None:
        return known
    may_go = [
        i
        for i, (category, _) in enumerate(known)
        if category == "logic" or not keep_others
    ]
    least = len(known) - len(may_go)
    if not least <= wanted <= len(known):
        raise ValueError(
            f"num_test: must be in {least} to {len(known)}, the number of "
            f"templates, or None for all, got {wanted}"
        )
    gone = rng.choice(may_go, len(known) - wanted, replace=False)
    gone = set(gone.tolist())
    return [t for i, t in enumerate(known) if i not in gone]


def suits(template: grammar_lib.Template, columns: Columns) -> bool:
    """Whether a table with these columns can be asked a template."""
    numeric, text = columns
    wanted = {"text_match": text, **dict.fromkeys(_NUMERIC, numeric)}
    return all(
        phrase.column in wanted[phrase.operation]
        for phrase in template
        if phrase.operation in wanted
    )

"""Which templates the test asks, and which columns must be text for one."""

from __future__ import annotations

import functools
import itertools

import numpy as np

from data_gen.synthetic_tables import grammar as grammar_lib

Columns = tuple[str, str]  # Letters of numeric columns, of text columns.


def all_columns(letters: str, num_text: int) -> list[Columns]:
    """Every choice of which columns are text."""
    return [
        ("".join(c for c in letters if c not in text), "".join(text))
        for text in itertools.combinations(letters, num_text)
    ]


@functools.lru_cache(maxsize=16)
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
                # Equal phrases are equal words, and the other way round.
                found[category].setdefault(template)
    return {category: list(known) for category, known in found.items()}


def choose(
    templates: dict[str, list[grammar_lib.Template]],
    wanted: int | None,
    keep: bool,
    rng: np.random.Generator,
) -> list[tuple[str, grammar_lib.Template]]:
    """The templates of a test, each with its category.

    Args:
        templates: All templates of each category.
        wanted: How many to choose; None for all.
        keep: True to leave out only logic questions.
        rng: Where the choice comes from.

    Raises:
        ValueError: If there are not as many templates, or if more than the
            logic ones would have to go.
    """
    everything = [(c, t) for c, group in templates.items() for t in group]
    if wanted is None:
        return everything
    movable = [
        i for i, (c, _) in enumerate(everything) if c == "logic" or not keep
    ]
    least = len(everything) - len(movable)
    if not least <= wanted <= len(everything):
        raise ValueError(
            f"num_test: must be in {least} to {len(everything)}, the number "
            f"of templates, got {wanted}"
        )
    left_out = rng.choice(movable, len(everything) - wanted, replace=False)
    left_out = set(left_out.tolist())
    return [t for i, t in enumerate(everything) if i not in left_out]


def suits(template: grammar_lib.Template, columns: Columns) -> bool:
    """Whether a table with these columns can be asked a template."""
    numeric, text = columns
    for phrase in template:
        if phrase.operation == "text_match" and phrase.column not in text:
            return False
        if phrase.operation in ("sum", "greater", "lesser"):
            if phrase.column not in numeric:
                return False
    return True

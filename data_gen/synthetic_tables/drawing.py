"""What is drawn for an example: its columns, its template, its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from data_gen.synthetic_tables import grammar as grammar_lib
from data_gen.synthetic_tables import templates

if TYPE_CHECKING:
    from data_gen.synthetic_tables import config as config_lib

PER_UNIT = 100  # Numbers are whole hundredths: they have two decimals.


def question(
    config: config_lib.SyntheticTablesConfig,
    split: str,
    index: int,
    rng: np.random.Generator,
) -> tuple[str, grammar_lib.Template, templates.Columns]:
    """A category, a template of it, and columns that it suits."""
    if split == "test":
        category, template = config.test_templates[index]
        return category, template, _columns_for(config, template, rng)
    columns = _columns(config, split == "train", rng)
    return *_template(config, columns, rng), columns


def hundredths(
    config: config_lib.SyntheticTablesConfig,
    split: str,
    shape: int | tuple[int, ...],
    rng: np.random.Generator,
) -> np.ndarray:
    """Numbers of a question or a table, times 100, as integers."""
    limit = config.test_value_range if split == "test" else config.value_range
    limit *= PER_UNIT
    return rng.integers(-limit, limit + 1, size=shape)


def to_float(numbers: np.ndarray) -> np.ndarray:
    """Hundredths as float32: what the decimal number reads as."""
    return (numbers / PER_UNIT).astype(np.float32)


def table(
    config: config_lib.SyntheticTablesConfig,
    split: str,
    is_text: np.ndarray,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """A table.

    Args:
        config: The data set.
        split: Decides how many rows, and the range.
        is_text: Which columns are text, bool `(C,)`.
        rng: Where the draws come from.

    Returns:
        Numbers, float32 `(M, C)`, 0 in text columns; and k of word:k, int8
        `(M, C)`, -1 in numeric columns.
    """
    num_rows = config.test_rows
    if split != "test":
        num_rows = int(rng.integers(config.rows[0], config.rows[1] + 1))
    shape = (num_rows, len(is_text))
    numbers = to_float(hundredths(config, split, shape, rng))
    entries = np.full(shape, -1, np.int8)
    if is_text.any():
        numbers[:, is_text] = 0
        size = (num_rows, int(is_text.sum()))
        entries[:, is_text] = rng.integers(len(grammar_lib.ENTRIES), size=size)
    return numbers, entries


def _columns(
    config: config_lib.SyntheticTablesConfig,
    fewer: bool,
    rng: np.random.Generator,
) -> templates.Columns:
    """Letters, any of them; not all there are if `fewer`."""
    num_numeric, num_text = config.numeric_columns[1], config.text_columns[1]
    if fewer:
        num_numeric = int(
            rng.integers(config.numeric_columns[0], num_numeric + 1)
        )
        num_text = int(rng.integers(config.text_columns[0], num_text + 1))
    order = rng.permutation(len(config.letters)).tolist()
    letters = [config.letters[i] for i in order[: num_numeric + num_text]]
    numeric, text = sorted(letters[:num_numeric]), sorted(letters[num_numeric:])
    return "".join(numeric), "".join(text)


def _columns_for(
    config: config_lib.SyntheticTablesConfig,
    template: grammar_lib.Template,
    rng: np.random.Generator,
) -> templates.Columns:
    """Of the largest tables that suit a template, any one."""
    largest = templates.all_columns(config.letters, config.text_columns[1])
    suitable = [c for c in largest if templates.suits(template, c)]
    return suitable[rng.integers(len(suitable))]


def _template(
    config: config_lib.SyntheticTablesConfig,
    columns: templates.Columns,
    rng: np.random.Generator,
) -> tuple[str, grammar_lib.Template]:
    """A template, and before it its category."""
    blocks = config.grammar.blocks(*columns)
    counts = [grammar_lib.count(blocks[c]) for c in grammar_lib.CATEGORIES]
    if config.sampling == "category":
        which = int(rng.integers(len(counts)))
        index = int(rng.integers(counts[which]))
    else:
        index, which = int(rng.integers(sum(counts))), 0
        while index >= counts[which]:
            index -= counts[which]
            which += 1
    category = grammar_lib.CATEGORIES[which]
    return category, grammar_lib.pick(blocks[category], index)

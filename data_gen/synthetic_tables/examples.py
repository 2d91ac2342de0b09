"""From a seed and an index to an example."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING
from typing import Any

import numpy as np

from data_gen.synthetic_tables import answers
from data_gen.synthetic_tables import grammar as grammar_lib
from data_gen.synthetic_tables import templates
from np_tf import programs
from np_tf import vocabulary as vocabulary_lib

if TYPE_CHECKING:
    from data_gen.synthetic_tables import config as config_lib

_HUNDREDTHS = 100  # Numbers have two decimals.
_SPLITS = ("train", "validation", "test")


def generate(
    config: config_lib.SyntheticTablesConfig, split: str
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yields the examples of a split with their indices."""
    for index in range(config.num_examples(split)):
        yield index, example(config, split, index)


def example(
    config: config_lib.SyntheticTablesConfig, split: str, index: int
) -> dict[str, Any]:
    """One example: decided by the config, the split and the index alone."""
    entropy = (config.seed, _SPLITS.index(split), index)
    rng = np.random.default_rng(np.random.SeedSequence(entropy))
    if split == "test":
        category, template = config.test_templates[index]
        numeric, text = _columns_for(config, template, rng)
    else:
        numeric, text = _draw_columns(config, split == "train", rng)
        category, template = _draw_template(config, numeric, text, rng)
    columns = "".join(sorted(numeric + text))
    is_text = np.array([column in text for column in columns])
    table, entries = _draw_table(config, split, is_text, rng)
    limit = _value_range(config, split) * _HUNDREDTHS
    tokens, positions = config.grammar.tokens(template)
    drawn = rng.integers(-limit, limit + 1, size=len(positions))
    numbers = (drawn / _HUNDREDTHS).astype(np.float32)
    answer = answers.answer(template, numbers, columns, table, entries)
    is_scalar = isinstance(answer, float)
    return {
        "question": _text(tokens, positions, drawn),
        "column_names": list(columns),
        "table": table,
        "text": entries,
        "answer_is_scalar": is_scalar,
        "scalar_answer": answer if is_scalar else 0.0,
        "lookup_answer": np.zeros_like(entries, np.uint8)
        if is_scalar
        else answer,
        "tokens": np.array(vocabulary(config).ids(tokens), np.int32),
        "numbers": numbers,
        "number_positions": np.array(positions, np.int32),
        "program": programs.to_text(
            grammar_lib.program(template, columns), columns, full=True
        ),
        "category": category,
    }


@functools.lru_cache(maxsize=16)
def _vocabulary(
    grammar: grammar_lib.Grammar, letters: str, has_text: bool
) -> vocabulary_lib.Vocabulary:
    return vocabulary_lib.Vocabulary(grammar.words(letters, has_text))


def vocabulary(
    config: config_lib.SyntheticTablesConfig,
) -> vocabulary_lib.Vocabulary:
    """The words of a config: letters, words of phrases, text entries."""
    has_text = config.text_columns[1] > 0
    return _vocabulary(config.grammar, config.letters, has_text)


def _draw_columns(
    config: config_lib.SyntheticTablesConfig,
    smaller: bool,
    rng: np.random.Generator,
) -> templates.Columns:
    """Which letters are numeric and which text; fewer if `smaller`."""
    (least, most), (least_text, most_text) = (
        config.numeric_columns,
        config.text_columns,
    )
    if smaller:
        most = int(rng.integers(least, most + 1))
        most_text = int(rng.integers(least_text, most_text + 1))
    drawn = rng.permutation(len(config.letters))[: most + most_text].tolist()
    letters = [config.letters[i] for i in drawn]
    numeric, text = sorted(letters[:most]), sorted(letters[most:])
    return "".join(numeric), "".join(text)


def _columns_for(
    config: config_lib.SyntheticTablesConfig,
    template: grammar_lib.Template,
    rng: np.random.Generator,
) -> templates.Columns:
    """Of the largest tables that suit a template, any one."""
    suitable = [
        columns
        for columns in templates.all_columns(
            config.letters, config.text_columns[1]
        )
        if templates.suits(template, columns)
    ]
    return suitable[rng.integers(len(suitable))]


def _draw_template(
    config: config_lib.SyntheticTablesConfig,
    numeric: str,
    text: str,
    rng: np.random.Generator,
) -> tuple[str, grammar_lib.Template]:
    blocks = config.grammar.blocks(numeric, text)
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


def _value_range(config: config_lib.SyntheticTablesConfig, split: str) -> int:
    return config.test_value_range if split == "test" else config.value_range


def _draw_table(
    config: config_lib.SyntheticTablesConfig,
    split: str,
    is_text: np.ndarray,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Numbers `(M, C)` and k of word:k `(M, C)`."""
    num_rows = config.test_rows
    if split != "test":
        num_rows = int(rng.integers(config.rows[0], config.rows[1] + 1))
    limit = _value_range(config, split) * _HUNDREDTHS
    shape = (num_rows, len(is_text))
    drawn = rng.integers(-limit, limit + 1, size=shape)
    table = (drawn / _HUNDREDTHS).astype(np.float32)
    entries = np.full(shape, -1, np.int8)
    if is_text.any():
        table[:, is_text] = 0
        size = (num_rows, int(is_text.sum()))
        entries[:, is_text] = rng.integers(len(grammar_lib.ENTRIES), size=size)
    return table, entries


def _text(tokens: list[str], positions: list[int], drawn: np.ndarray) -> str:
    """The question with its numbers, written with up to two decimals."""
    words = list(tokens)
    for position, number in zip(positions, drawn.tolist()):
        words[position] += f" {number / _HUNDREDTHS:.10g}"
    return " ".join(words)

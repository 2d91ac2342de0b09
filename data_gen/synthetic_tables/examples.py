"""From a seed and an index to an example, in one process or on Beam."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING
from typing import Any

import numpy as np

from data_gen import prepare
from data_gen.synthetic_tables import answers
from data_gen.synthetic_tables import drawing
from data_gen.synthetic_tables import grammar as grammar_lib
from np_tf import programs
from np_tf import vocabulary as vocabulary_lib

if TYPE_CHECKING:
    from data_gen.synthetic_tables import config as config_lib

SPLITS = ("train", "validation", "test")

_BLOCK = 1000  # Examples that a Beam worker makes in one go.

Keyed = tuple[int, dict[str, Any]]


def generate(
    config: config_lib.SyntheticTablesConfig,
    split: str,
    start: int = 0,
    stop: int | None = None,
) -> Iterator[Keyed]:
    """Yields the examples of a split with their indices.

    Args:
        config: The data set.
        split: Which of its splits.
        start: The first index.
        stop: After the last index; None for all.
    """
    total = config.num_examples(split)
    for index in range(start, total if stop is None else min(stop, total)):
        yield index, example(config, split, index)


def beam_examples(config: config_lib.SyntheticTablesConfig, split: str) -> Any:
    """The same examples as `generate`, as an Apache Beam transform.

    Raises:
        ModuleNotFoundError: If Apache Beam is not installed.
    """
    beam = prepare.import_beam()
    starts = range(0, config.num_examples(split), _BLOCK)
    return (
        "Blocks" >> beam.Create(starts)
        | "Spread" >> beam.Reshuffle()
        | "Examples" >> beam.FlatMap(functools.partial(_block, config, split))
    )


def _block(
    config: config_lib.SyntheticTablesConfig, split: str, start: int
) -> Iterator[Keyed]:
    return generate(config, split, start, start + _BLOCK)


def example(
    config: config_lib.SyntheticTablesConfig, split: str, index: int
) -> dict[str, Any]:
    """One example: decided by the config, the split and the index alone.

    Args:
        config: The data set.
        split: Which of its splits.
        index: Which example of the split; in the test, of which template.

    Returns:
        The features of the data set.
    """
    entropy = (config.seed, SPLITS.index(split), index)
    rng = np.random.default_rng(np.random.SeedSequence(entropy))
    category, template, (numeric, text) = drawing.question(
        config, split, index, rng
    )
    columns = "".join(sorted(numeric + text))
    is_text = np.array([column in text for column in columns])
    table, entries = drawing.table(config, split, is_text, rng)
    tokens, positions = config.grammar.tokens(template)
    drawn = drawing.hundredths(config, split, len(positions), rng)
    numbers = drawing.to_float(drawn)
    answer = answers.answer(template, numbers, columns, table, entries)
    program = grammar_lib.program(template, columns)
    return {
        "question": _text(tokens, positions, drawn),
        "tokens": np.array(vocabulary(config).ids(tokens), np.int32),
        "numbers": numbers,
        "number_positions": np.array(positions, np.int32),
        "column_names": list(columns),
        "table": table,
        **({"text": entries} if config.has_text else {}),
        **_answer_features(answer, table.shape),
        "program": programs.to_text(program, columns, full=True),
        "category": category,
    }


def _text(tokens: list[str], positions: list[int], drawn: np.ndarray) -> str:
    """The question with its numbers, written with up to two decimals."""
    words = list(tokens)
    for position, number in zip(positions, drawn.tolist()):
        words[position] += f" {number / drawing.PER_UNIT:.10g}"
    return " ".join(words)


def _answer_features(
    answer: answers.Answer, shape: tuple[int, int]
) -> dict[str, Any]:
    is_scalar = isinstance(answer, float)
    return {
        "answer_is_scalar": is_scalar,
        "scalar_answer": answer if is_scalar else 0.0,
        "lookup_answer": np.zeros(shape, np.uint8) if is_scalar else answer,
    }


def vocabulary(
    config: config_lib.SyntheticTablesConfig,
) -> vocabulary_lib.Vocabulary:
    """The words of a config: letters, words of phrases, text entries."""
    return _vocabulary(config.grammar, config.letters, config.has_text)


@functools.lru_cache(maxsize=16)
def _vocabulary(
    grammar: grammar_lib.Grammar, letters: str, has_text: bool
) -> vocabulary_lib.Vocabulary:
    return vocabulary_lib.Vocabulary(grammar.words(letters, has_text))

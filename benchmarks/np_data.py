"""Questions on tables in memory: nothing is read from a disk."""

from __future__ import annotations

import dataclasses
from typing import Any
from typing import NamedTuple

import numpy as np

from data_gen import read_tables
from data_gen import synthetic_tables
from data_gen import table_batch

# Gold calls: an operation, and a column's letter or None.
Program = tuple[tuple[str, str | None], ...]


class Questions(NamedTuple):
    """Questions of one setting, and their gold programs.

    Attributes:
        batch: n questions, padded as `data_gen.load_tables` pads them.
        programs: The gold program of each.
    """

    batch: table_batch.TableBatch
    programs: list[Program]


def config_of(setting: str, num_rows: int | None = None) -> Any:
    """The config of `synthetic_tables` of a setting.

    Args:
        setting: Without text columns.
        num_rows: Of every table; None for the config's own range.
    """
    config = synthetic_tables.Builder.builder_configs[setting]
    if num_rows is None:
        return config
    return dataclasses.replace(
        config, name=f"{setting}_{num_rows}", rows=(num_rows, num_rows)
    )


def draw(config: Any, split: str, count: int) -> Questions:
    """The first questions of a split.

    Args:
        config: A `SyntheticTablesConfig`.
        split: "train", or "validation", whose tables have all columns.
        count: n.
    """
    generated = synthetic_tables.generate(config, split, 0, count)
    examples = [example for _, example in generated]
    num_rows, num_columns = config.max_rows(split), len(config.letters)
    arrays = {
        name: np.stack([_pad(example[name], shape) for example in examples])
        for name, shape in (
            ("tokens", (config.max_words,)),
            ("numbers", (read_tables.MAX_NUMBERS,)),
            ("table", (num_rows, num_columns)),
            ("lookup_answer", (num_rows, num_columns)),
        )
    }
    batch = table_batch.TableBatch(
        question=arrays.pop("tokens"),
        number_positions=_positions(examples),
        column_names=_column_names(examples, num_columns),
        num_rows=np.array([len(e["table"]) for e in examples], np.int32),
        text=None,
        answer_is_scalar=np.array([e["answer_is_scalar"] for e in examples]),
        scalar_answer=np.array([e["scalar_answer"] for e in examples]),
        **arrays,
    )
    return Questions(batch, [_parse(e["program"]) for e in examples])


def _pad(values, shape):
    missing = [(0, size - own) for size, own in zip(shape, values.shape)]
    return np.pad(values, missing)


def _positions(examples):
    shape = (read_tables.MAX_NUMBERS,)
    # Shifted, so that the padding is -1.
    shifted = [_pad(e["number_positions"] + 1, shape) for e in examples]
    return (np.stack(shifted) - 1).astype(np.int32)


def _column_names(examples, num_columns):
    ids = np.zeros((len(examples), num_columns), np.int32)
    for row, example in zip(ids, examples):
        names = example["column_names"]
        # A vocabulary starts with the letters: the id of A is 1.
        row[: len(names)] = [ord(name) - ord("A") + 1 for name in names]
    return ids


def _parse(program: str) -> Program:
    calls = [call.split() for call in program.split("; ")]
    return tuple((call[0], call[1] if call[1:] else None) for call in calls)

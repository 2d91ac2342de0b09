"""Synthetic questions and tables as arrays; generates what is missing."""

from __future__ import annotations

from typing import Any

import numpy as np

from data_gen import prepare as prepare_lib
from data_gen import read_tables
from data_gen import table_batch
from np_tf import programs
from np_tf import vocabulary as vocabulary_lib

_GOLD = ("program", "category")
_NOT_READ = (*_GOLD, "question")  # Of the question the tokens are read.


def vocabulary(config: Any = "single_column") -> vocabulary_lib.Vocabulary:
    """The words of a config, in a fixed order.

    Letters of columns; the words of all phrases, in the order of
    `grammar.PLAIN` or `grammar.SYNONYMS`; word:0 to word:9 if there are text
    columns.

    Args:
        config: As for `load_tables`.

    Raises:
        ModuleNotFoundError: As `load_tables`.
        ValueError: If `config` is unknown.
    """
    _, package = prepare_lib.import_package("synthetic_tables")
    prepare_lib.check_config(package.Builder, config)
    if isinstance(config, str):
        config = package.Builder.builder_configs[config]
    return package.vocabulary(config)


def load_tables(
    split: str = "train",
    config: Any = "single_column",
    data_dir: str | None = None,
    limit: int | None = None,
) -> table_batch.TableBatch:
    """The questions of a split with their tables and answers.

    In the order in which they lie on disk, which is random. The programs
    and categories that lie beside them are not read.

    Args:
        split: "train", "validation" or "test", or a slice of one as TFDS
            writes it ("train[:10%]").
        config: Name of a config of `synthetic_tables`, or a
            `SyntheticTablesConfig`.
        data_dir: Where data sets lie; by default `TFDS_DATA_DIR`, else
            `~/tensorflow_datasets`. What is not there is generated.
        limit: How many examples to load at most; None for all.

    Raises:
        ModuleNotFoundError: If tensorflow-datasets is not installed.
        ValueError: If `split` or `config` is unknown, `limit` is below 1,
            or the padded arrays would be larger than `read_tables.MAX_BYTES`.
    """
    builder = prepare(config, data_dir)
    names = [n for n in builder.info.features if n not in _NOT_READ]
    arrays = read_tables.read(builder, split, names, limit)
    text = arrays.pop("text", None)
    if text is not None:
        words = vocabulary(builder.builder_config)
        first = words.ids(["word:0"])[0]
        text = np.where(text < 0, 0, text.astype(np.int32) + first)
    return table_batch.TableBatch(
        question=arrays.pop("tokens"),
        text=text,
        **arrays,
    )


def load_gold(
    split: str = "train",
    config: Any = "single_column",
    data_dir: str | None = None,
    limit: int | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Programs and categories of the same examples: for evaluation only.

    Args:
        split: As for `load_tables`.
        config: As for `load_tables`.
        data_dir: As for `load_tables`.
        limit: As for `load_tables`.

    Returns:
        Ids of operations, int32 `[n, T]`; columns as indices into the
        table, int32 `[n, T]`, -1 where the operation has none; indices into
        `grammar.CATEGORIES`, int32 `[n]`.

    Raises:
        ModuleNotFoundError: As `load_tables`.
        ValueError: As `load_tables`.
    """
    builder = prepare(config, data_dir)
    arrays = read_tables.read(builder, split, [*_GOLD, "column_names"], limit)
    names = arrays["column_names"]  # [n, C]
    texts, which = np.unique(arrays["program"], return_inverse=True)
    parsed = np.array([_parse(text.decode()) for text in texts], np.int32)
    operations, letters = parsed[which, 0], parsed[which, 1]  # [n, T]
    is_column = names[:, None, :] == letters[:, :, None]  # [n, T, C]
    columns = np.where(letters > 0, is_column.argmax(-1), -1)
    return operations, columns.astype(np.int32), arrays["category"]


def share_seen(
    config: Any = "single_column", data_dir: str | None = None
) -> float:
    """The share of test templates that occur in train.

    A template is a sequence of words: a question without its numbers.

    Args:
        config: As for `load_tables`.
        data_dir: As for `load_tables`.

    Raises:
        ModuleNotFoundError: As `load_tables`.
        ValueError: As `load_tables`, and if there is no test.
    """
    builder = prepare(config, data_dir)
    train, test = (
        read_tables.read(builder, split, ["tokens"], None)["tokens"]
        for split in ("train", "test")
    )
    known = set(map(bytes, train))
    return sum(bytes(question) in known for question in test) / len(test)


def prepare(
    config: Any = "single_column",
    data_dir: str | None = None,
    num_workers: int = 1,
) -> Any:
    """The TFDS builder of a config, its data generated if need be.

    Args:
        config: As for `load_tables`.
        data_dir: As for `load_tables`.
        num_workers: Processes for a config that is generated on Beam.

    Raises:
        ModuleNotFoundError: As `load_tables`.
        ValueError: If `config` is unknown or `num_workers` is below 1.
    """
    name = "synthetic_tables"
    return prepare_lib.prepare(name, config, data_dir, num_workers)


def _parse(program: str) -> tuple[list[int], list[int]]:
    """Ids of a program's operations, and of its letters: A is 1, none 0."""
    calls = [call.split() for call in program.split("; ")]
    operations = [programs.OPERATION_IDS[operation] for operation, *_ in calls]
    letters = [
        ord(column[0]) - ord("A") + 1 if column else 0 for _, *column in calls
    ]
    return operations, letters

"""Synthetic questions and tables as arrays; generates what is missing."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

from data_gen import checks
from data_gen import prepare as prepare_lib
from np_tf import programs
from np_tf import vocabulary as vocabulary_lib

MAX_NUMBERS = 2  # Numbers in a question.

# Tables and their answers, padded, are larger than this only where somebody
# loads a large data set by mistake.
MAX_BYTES = 4 * 2**30

_BATCH = 2048
_BYTES_PER_CELL = 4 + 1  # Of a table and of an answer.
_FILL = {"number_positions": np.int32(-1), "text": np.int8(-1)}  # Else 0.
_GOLD = ("program", "category")
_INPUTS = (
    "question",
    "numbers",
    "number_positions",
    "column_names",
    "table",
    "num_rows",
    "text",
)


@dataclasses.dataclass(frozen=True, eq=False)
class TableBatch:
    """Questions, tables and answers, padded at the end.

    n examples, Q words, N = 2 numbers, M rows, C columns. Q, M and C are
    the most that the config allows, whatever the examples need.

    Attributes:
        question: Ids of the words, int32 `[n, Q]`; 0 is padding.
        numbers: float32 `[n, N]`; 0 where there is none.
        number_positions: Index of the word on a number's left, int32
            `[n, N]`; -1 where there is no number.
        column_names: Ids of the letters, int32 `[n, C]`; 0 is padding.
        table: Numbers, float32 `[n, M, C]`; 0 in text columns and padding.
        num_rows: Rows of each table, int32 `[n]`.
        text: Ids of the entries, int32 `[n, M, C]`, 0 in numeric columns
            and padding; None if the config has no text columns.
        answer_is_scalar: bool `[n]`.
        scalar_answer: float64 `[n]`; 0 where the answer is cells.
        lookup_answer: 0 and 1, uint8 `[n, M, C]`.
    """

    question: np.ndarray
    numbers: np.ndarray
    number_positions: np.ndarray
    column_names: np.ndarray
    table: np.ndarray
    num_rows: np.ndarray
    text: np.ndarray | None
    answer_is_scalar: np.ndarray
    scalar_answer: np.ndarray
    lookup_answer: np.ndarray

    def __len__(self) -> int:
        return len(self.question)

    def inputs(self) -> dict[str, np.ndarray]:
        """What the model reads; `text` only where there is any."""
        arrays = {name: getattr(self, name) for name in _INPUTS}
        return {k: v for k, v in arrays.items() if v is not None}

    def targets(self) -> dict[str, np.ndarray]:
        """The answers, which are all that training is told."""
        return {
            "answer_is_scalar": self.answer_is_scalar,
            "scalar_answer": self.scalar_answer,
            "lookup_answer": self.lookup_answer,
        }

    def rows(self, indices: Any) -> TableBatch:
        """Some of the examples.

        Args:
            indices: A slice, indices, or a mask `[n]`.
        """
        fields = dataclasses.fields(self)
        arrays = {f.name: getattr(self, f.name) for f in fields}
        return TableBatch(
            **{k: v if v is None else v[indices] for k, v in arrays.items()}
        )


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
) -> TableBatch:
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
            or the padded arrays would be larger than `MAX_BYTES`.
    """
    builder = prepare(config, data_dir)
    config, words = builder.builder_config, vocabulary(builder.builder_config)
    names = [n for n in builder.info.features if n not in (*_GOLD, "question")]
    arrays = _read(builder, split, names, limit)
    text = arrays.pop("text", None)
    if text is not None:
        first = words.ids(["word:0"])[0]
        text = np.where(text < 0, 0, text.astype(np.int32) + first)
    return TableBatch(
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
    arrays = _read(builder, split, [*_GOLD, "column_names"], limit)
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
        _read(builder, split, ["tokens"], None)["tokens"]
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


def _read(
    builder: Any, split: str, names: list[str], limit: int | None
) -> dict[str, np.ndarray]:
    """Some features of a split, padded; with a table also `num_rows`."""
    if limit is not None:
        checks.integer("limit", limit, 1)
    dataset = prepare_lib.dataset(builder, split, names)
    dataset = dataset.take(-1 if limit is None else limit).map(_numeric)
    config, spec = builder.builder_config, dataset.element_spec
    shapes = {k: _shape(k, config, split) for k in spec}
    fills = {k: _FILL.get(k) for k in spec}
    size = int(dataset.cardinality())
    _check_size(split, size, shapes)
    arrays = {
        k: np.empty((size, *shapes[k]), spec[k].dtype.as_numpy_dtype)
        for k in spec
    }
    start = 0
    for batch in dataset.padded_batch(_BATCH, shapes, fills):
        stop = start + len(next(iter(batch.values())))
        for name, values in batch.items():
            arrays[name][start:stop] = values.numpy()
        start = stop
    return arrays


def _numeric(example: dict[str, Any]) -> dict[str, Any]:
    """An example with letters as ids, and with its number of rows."""
    import tensorflow as tf

    example = dict(example)
    if "table" in example:
        example["num_rows"] = tf.shape(example["table"])[0]
    if "column_names" in example:
        letters = tf.io.decode_raw(example["column_names"], tf.uint8)[:, 0]
        # A vocabulary starts with the letters: the id of A is 1.
        example["column_names"] = tf.cast(letters, tf.int32) - (ord("A") - 1)
    if "category" in example:
        example["category"] = tf.cast(example["category"], tf.int32)
    return example


def _shape(name: str, config: Any, split: str) -> tuple[int, ...]:
    """The shape of a feature, padded to what the config allows."""
    # A split may be written as a slice or a sum of splits.
    rows = max(config.max_rows(s) for s in config.splits if s in split)
    columns = len(config.letters)
    return {
        "tokens": (config.max_words,),
        "numbers": (MAX_NUMBERS,),
        "number_positions": (MAX_NUMBERS,),
        "column_names": (columns,),
        "table": (rows, columns),
        "text": (rows, columns),
        "lookup_answer": (rows, columns),
    }.get(name, ())


def _check_size(split: str, size: int, shapes: dict[str, Any]) -> None:
    cells = size * math.prod(shapes.get("table", (0,)))
    if cells * _BYTES_PER_CELL > MAX_BYTES:
        raise ValueError(
            f"split: padded arrays must fit in {MAX_BYTES:,} bytes, got "
            f"{split!r} with {size:,} tables of up to {shapes['table'][0]:,} "
            f"rows and {shapes['table'][1]} columns; set limit, or read it "
            "with tfds.load"
        )


def _parse(program: str) -> tuple[list[int], list[int]]:
    """Ids of a program's operations, and of its letters: A is 1, none 0."""
    calls = [call.split() for call in program.split("; ")]
    operations = [programs.OPERATION_IDS[operation] for operation, *_ in calls]
    letters = [
        ord(column[0]) - ord("A") + 1 if column else 0 for _, *column in calls
    ]
    return operations, letters

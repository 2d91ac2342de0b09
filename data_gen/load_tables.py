"""Synthetic questions and tables as arrays; generates what is missing."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

import numpy as np

from np_tf import vocabulary as vocabulary_lib

MAX_NUMBERS = 2  # Numbers in a question.


@dataclasses.dataclass(frozen=True, eq=False)
class TableBatch:
    """Questions, tables and answers, padded at the end.

    n examples, Q words, N = 2 numbers, M rows, C columns.

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
        scalar_answer: float64 `[n]`; 0 for the others.
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
        names = (
            "question",
            "numbers",
            "number_positions",
            "column_names",
            "table",
            "num_rows",
            "text",
        )
        arrays = {name: getattr(self, name) for name in names}
        return {k: v for k, v in arrays.items() if v is not None}

    def targets(self) -> dict[str, np.ndarray]:
        """What the model is trained on."""
        return {
            "answer_is_scalar": self.answer_is_scalar,
            "scalar_answer": self.scalar_answer,
            "lookup_answer": self.lookup_answer,
        }

    def rows(self, indices: Any) -> TableBatch:
        """Some of the examples.

        Args:
            indices: A slice, indices or a mask, `[n]`.
        """
        fields = dataclasses.fields(self)
        arrays = {f.name: getattr(self, f.name) for f in fields}
        return TableBatch(
            **{k: v if v is None else v[indices] for k, v in arrays.items()}
        )


def vocabulary(config: Any = "single_column") -> vocabulary_lib.Vocabulary:
    """The words of a config: letters, words of phrases, text entries."""
    from data_gen.synthetic_tables import examples

    return examples.vocabulary(_config(config))


def load_tables(
    split: str = "train",
    config: Any = "single_column",
    data_dir: str | None = None,
    limit: int | None = None,
) -> TableBatch:
    """The questions of a split with their tables and answers."""
    del data_dir
    from data_gen.synthetic_tables import examples

    config = _config(config)
    count = config.num_examples(split)
    count = count if limit is None else min(limit, count)
    drawn = (examples.example(config, split, i) for i in range(count))
    return from_examples(drawn, config)


def load_gold(
    split: str = "train",
    config: Any = "single_column",
    data_dir: str | None = None,
    limit: int | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Programs and categories, for evaluation only."""
    del data_dir
    from data_gen.synthetic_tables import examples
    from data_gen.synthetic_tables import grammar

    config = _config(config)
    count = config.num_examples(split)
    count = count if limit is None else min(limit, count)
    drawn = [examples.example(config, split, i) for i in range(count)]
    operations, columns = _parse([e["program"] for e in drawn], drawn)
    categories = [grammar.CATEGORIES.index(e["category"]) for e in drawn]
    return operations, columns, np.array(categories, np.int32)


def _parse(texts, drawn):
    from np_tf import programs

    operations = np.zeros((len(texts), programs.NUM_STEPS), np.int32)
    columns = np.full((len(texts), programs.NUM_STEPS), -1, np.int32)
    for row, (text, example) in enumerate(zip(texts, drawn)):
        for step, call in enumerate(text.split("; ")):
            operation, *column = call.split()
            operations[row, step] = programs.OPERATION_IDS[operation]
            if column:
                columns[row, step] = example["column_names"].index(column[0])
    return operations, columns


def share_seen(
    config: Any = "single_column", data_dir: str | None = None
) -> float:
    """The share of test templates that occur in train."""
    train, test = (
        load_tables(split, config, data_dir).question
        for split in ("train", "test")
    )
    known = set(map(bytes, train))
    return sum(bytes(question) in known for question in test) / len(test)


def from_examples(
    examples: Iterable[dict[str, Any]], config: Any
) -> TableBatch:
    """Examples as `synthetic_tables.examples` makes them, padded."""
    examples = list(examples)
    config, words = _config(config), vocabulary(config)
    n, c = len(examples), len(config.letters)
    m = max((len(e["table"]) for e in examples), default=0)
    has_text = config.text_columns[1] > 0
    arrays = {
        "question": np.zeros((n, config.max_words), np.int32),
        "numbers": np.zeros((n, MAX_NUMBERS), np.float32),
        "number_positions": np.full((n, MAX_NUMBERS), -1, np.int32),
        "column_names": np.zeros((n, c), np.int32),
        "table": np.zeros((n, m, c), np.float32),
        "num_rows": np.zeros(n, np.int32),
        "text": np.zeros((n, m, c), np.int32) if has_text else None,
        "answer_is_scalar": np.zeros(n, bool),
        "scalar_answer": np.zeros(n),
        "lookup_answer": np.zeros((n, m, c), np.uint8),
    }
    first = len(words) - 10
    for i, e in enumerate(examples):
        r, k = e["table"].shape
        arrays["question"][i, : len(e["tokens"])] = e["tokens"]
        arrays["numbers"][i, : len(e["numbers"])] = e["numbers"]
        arrays["number_positions"][i, : len(e["numbers"])] = e[
            "number_positions"
        ]
        arrays["column_names"][i, :k] = words.ids(e["column_names"])
        arrays["table"][i, :r, :k] = e["table"]
        arrays["num_rows"][i] = r
        if has_text:
            arrays["text"][i, :r, :k] = np.where(
                e["text"] < 0, 0, e["text"].astype(np.int32) + first
            )
        arrays["answer_is_scalar"][i] = e["answer_is_scalar"]
        arrays["scalar_answer"][i] = e["scalar_answer"]
        arrays["lookup_answer"][i, :r, :k] = e["lookup_answer"]
    return TableBatch(**arrays)


def _config(config: Any) -> Any:
    from data_gen import synthetic_tables

    if isinstance(config, str):
        return synthetic_tables.Builder.builder_configs[config]
    return config

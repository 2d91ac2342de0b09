"""Questions about tiny synthetic tables as arrays, without a data set."""

import numpy as np

from data_gen import synthetic_tables
from np_tf import programs

# The settings of Table 2 in small: few rows and the largest variety.
SETTINGS = {
    "single_column": {},
    "three_columns": {"numeric_columns": (1, 3)},
    "ten_columns": {"numeric_columns": (1, 10)},
    "word_variability_1": {"varied": True},
    "word_variability_5": {
        "varied": True,
        "numeric_columns": (1, 5),
        "sampling": "uniform",
    },
    "text_match_2": {"text_columns": (1, 1)},
    "text_match_5": {"numeric_columns": (1, 3), "text_columns": (0, 2)},
}


class Questions:
    """Some training questions of a setting, or all of its test.

    Attributes:
        inputs: Of the model.
        targets: The answers.
        gold: The programs that they were made from.
        categories: Theirs.
        text_ids: Word ids of the text entries.
        words: The vocabulary.
    """

    def __init__(self, setting, count=1, rows=(4, 8), seed=0, split="train"):
        config = synthetic_tables.SyntheticTablesConfig(
            name="tiny",
            rows=rows,
            num_train=count,
            num_validation=0,
            num_test=None if split == "test" else 0,
            seed=seed,
            **SETTINGS[setting],
        )
        self.words = synthetic_tables.vocabulary(config)
        entries = [w for w in self.words.words if w.startswith("word:")]
        self.text_ids = tuple(self.words.ids(entries))
        made = [e for _, e in synthetic_tables.generate(config, split)]
        self.letters = config.letters
        self.shape = config.max_rows(split), len(config.letters)
        self.categories = [e["category"] for e in made]
        self.inputs = self._inputs(made, config)
        self.targets = {
            "answer_is_scalar": np.array([e["answer_is_scalar"] for e in made]),
            "scalar_answer": np.array([e["scalar_answer"] for e in made]),
            "lookup_answer": self._pad(made, "lookup_answer", np.uint8),
        }
        self.gold = [_parse(e["program"], e["column_names"]) for e in made]

    def _inputs(self, made, config):
        inputs = {
            "question": _rows(made, "tokens", config.max_words, 0, np.int32),
            "numbers": _rows(made, "numbers", 2, 0, np.float32),
            "number_positions": _rows(
                made, "number_positions", 2, -1, np.int32
            ),
            "column_names": np.zeros((len(made), self.shape[1]), np.int32),
            "table": self._pad(made, "table", np.float32),
            "num_rows": np.array([len(e["table"]) for e in made], np.int32),
        }
        for row, example in enumerate(made):
            ids = self.words.ids(example["column_names"])
            inputs["column_names"][row, : len(ids)] = ids
        if config.has_text:
            for example in made:
                text = example["text"].astype(np.int32)
                example["ids"] = np.where(text < 0, 0, text + self.text_ids[0])
            inputs["text"] = self._pad(made, "ids", np.int32)
        return inputs

    def _pad(self, made, name, dtype):
        padded = np.zeros((len(made), *self.shape), dtype)
        for row, example in enumerate(made):
            m, c = example[name].shape
            padded[row, :m, :c] = example[name]
        return padded


def _rows(made, name, width, fill, dtype):
    padded = np.full((len(made), width), fill, dtype)
    for row, example in enumerate(made):
        padded[row, : len(example[name])] = example[name]
    return padded


def _parse(text, names):
    """The calls of a program's text."""
    calls = [part.split() for part in text.split("; ")]
    return tuple(
        programs.Call(operation, names.index(column[0]) if column else None)
        for operation, *column in calls
    )

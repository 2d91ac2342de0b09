"""What a data set of questions is made of: grammar, sizes, ranges, a seed."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from data_gen import checks
from data_gen.synthetic_tables import examples
from data_gen.synthetic_tables import grammar as grammar_lib
from data_gen.synthetic_tables import templates

SAMPLINGS = ("category", "uniform")
MAX_VALUE = 10**6


@dataclasses.dataclass(eq=False, kw_only=True)
class SyntheticTablesConfig(tfds.core.BuilderConfig):
    """One data set: everything that decides which records it holds.

    Attributes:
        numeric_columns: Least and most numeric columns of a table. In
            train both ends and all between are equally likely; tables of
            validation and test have the most.
        text_columns: The same for text columns.
        varied: True for the synonyms of the paper's Table 6.
        sampling: How a question of train and validation is drawn:
            "category": one of the categories, then one of its templates;
            "uniform": one of all templates.
        rows: Least and most rows of a table in train and validation.
        test_rows: Rows of a table in the test.
        value_range: Numbers in train and validation are in
            [-value_range, value_range].
        test_value_range: The same for the test.
        num_train: Examples in train.
        num_validation: Examples in validation; 0 for no split.
        num_test: Examples in the test, each of another template; None for
            all templates of the largest table, 0 for no split.
        seed: Seed of all draws.
        use_beam: True to generate with Apache Beam. The records are the
            same either way.

    Raises:
        ValueError: If a value breaks its rule.
    """

    numeric_columns: tuple[int, int] = (1, 1)
    text_columns: tuple[int, int] = (0, 0)
    varied: bool = False
    sampling: str = "category"
    rows: tuple[int, int] = (30, 100)
    test_rows: int = 120
    value_range: int = 100
    test_value_range: int = 200
    num_train: int = 50_000
    num_validation: int = 2_000
    num_test: int | None = None
    seed: int = 0
    use_beam: bool = False

    def __post_init__(self):
        self._check_columns()
        self.rows = _check_pair("rows", self.rows, 1)
        for name, minimum in (
            ("test_rows", 1),
            ("value_range", 1),
            ("test_value_range", 1),
            ("num_train", 1),
            ("num_validation", 0),
            ("seed", 0),
        ):
            checks.integer(name, getattr(self, name), minimum)
        for name in ("value_range", "test_value_range"):
            if getattr(self, name) > MAX_VALUE:
                raise ValueError(
                    f"{name}: must be at most {MAX_VALUE}, "
                    f"got {getattr(self, name)!r}"
                )
        if self.num_test is not None:
            checks.integer("num_test", self.num_test, 0)
        for name in ("varied", "use_beam"):
            checks.boolean(name, getattr(self, name))
        if self.sampling not in SAMPLINGS:
            raise ValueError(
                f"sampling: must be one of {', '.join(SAMPLINGS)}, "
                f"got {self.sampling!r}"
            )

    def _check_columns(self) -> None:
        for name, minimum in (("numeric_columns", 1), ("text_columns", 0)):
            setattr(self, name, _check_pair(name, getattr(self, name), minimum))
        most = self.numeric_columns[1] + self.text_columns[1]
        if most > len(grammar_lib.LETTERS):
            raise ValueError(
                "numeric_columns, text_columns: must together be at most "
                f"{len(grammar_lib.LETTERS)}, as many as there are letters, "
                f"got {most}"
            )

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits that hold examples."""
        return tuple(s for s in examples.SPLITS if self.num_examples(s))

    def num_examples(self, split: str) -> int:
        """How many examples a split has."""
        if split == "test":
            return len(self.test_templates)
        return getattr(self, f"num_{split}")

    def max_rows(self, split: str) -> int:
        """The most rows that a table of a split can have."""
        return self.test_rows if split == "test" else self.rows[1]

    @property
    def has_text(self) -> bool:
        """Whether tables can have text columns."""
        return self.text_columns[1] > 0

    @property
    def letters(self) -> str:
        """The letters that name columns."""
        most = self.numeric_columns[1] + self.text_columns[1]
        return grammar_lib.LETTERS[:most]

    @functools.cached_property
    def grammar(self) -> grammar_lib.Grammar:
        """The language of the questions."""
        return grammar_lib.Grammar(self.varied, len(self.letters) > 1)

    @functools.cached_property
    def max_words(self) -> int:
        """The most words that a question can have, numbers not counted."""
        numeric = self.letters[: self.numeric_columns[1]]
        blocks = self.grammar.blocks(numeric, self.letters[len(numeric) :])
        return self.grammar.max_words(blocks)

    @functools.cached_property
    def test_templates(self) -> list[tuple[str, grammar_lib.Template]]:
        """The templates of the test, each with its category.

        Where fewer are wanted than there are, logic ones are left out at
        random, or, if training draws from all alike, any of them.

        Raises:
            ValueError: If `num_test` is not possible.
        """
        if self.num_test == 0:
            return []
        found = templates.enumerate_all(
            self.grammar, self.letters, self.text_columns[1]
        )
        # No split has this number: no example's draws are repeated.
        seed = np.random.SeedSequence((self.seed, len(examples.SPLITS)))
        return templates.choose(
            found,
            self.num_test,
            keep_others=self.sampling == "category",
            rng=np.random.default_rng(seed),
        )

    @functools.cached_property
    def recipe(self) -> dict[str, Any]:
        """What identifies the records, as JSON; stored beside the data.

        `generator` is a digest of some examples, so that records of a
        changed generator are not taken for current ones.
        """
        inherited = {
            f.name for f in dataclasses.fields(tfds.core.BuilderConfig)
        }
        names = {f.name for f in dataclasses.fields(self)} - inherited
        recipe = {name: getattr(self, name) for name in sorted(names)}
        del recipe["use_beam"]  # The records are the same.
        recipe = {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in recipe.items()
        }
        recipe["generator"] = self._generator_digest()
        return recipe

    def _generator_digest(self) -> str:
        digest = hashlib.blake2b(digest_size=8)
        for split in self.splits:
            last = self.num_examples(split) - 1
            for index in sorted({0, last // 3, last // 2, last}):
                made = examples.example(self, split, index)
                for name, value in sorted(made.items()):
                    raw = getattr(value, "tobytes", repr(value).encode)()
                    digest.update(name.encode() + raw)
        return digest.hexdigest()


def _check_pair(name: str, value: Any, minimum: int) -> tuple[int, int]:
    """The least and the most of something."""
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise ValueError(
            f"{name}: must be two integers, least and most, got {value!r}"
        )
    for bound in value:
        checks.integer(name, bound, minimum)
    if value[0] > value[1]:
        raise ValueError(
            f"{name}: must not have a least above the most, got {value!r}"
        )
    return tuple(map(int, value))

"""What a data set of questions is made of: grammar, sizes, ranges, a seed."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from data_gen.synthetic_tables import grammar as grammar_lib
from data_gen.synthetic_tables import templates

SPLITS = ("train", "validation", "test")
SAMPLINGS = ("category", "uniform")
# Values are whole hundredths that float32 and "%g" tell apart.
_MAX_VALUE = 1000


@dataclasses.dataclass(eq=False, kw_only=True)
class SyntheticTablesConfig(tfds.core.BuilderConfig):
    """One data set: everything that decides which records it holds.

    Attributes:
        numeric_columns: Least and most numeric columns of a table; all
            tables of validation and test have the most.
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

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits that hold examples."""
        return tuple(split for split in SPLITS if self.num_examples(split))

    def num_examples(self, split: str) -> int:
        """How many examples a split has."""
        if split == "test":
            return len(self.test_templates)
        return getattr(self, f"num_{split}")

    @property
    def letters(self) -> str:
        """The letters that name columns."""
        most = self.numeric_columns[1] + self.text_columns[1]
        return grammar_lib.LETTERS[:most]

    @property
    def max_rows(self) -> int:
        """The most rows of any table."""
        return max(self.rows[1], self.test_rows)

    @functools.cached_property
    def grammar(self) -> grammar_lib.Grammar:
        """The language of the questions."""
        return grammar_lib.Grammar(self.varied, len(self.letters) > 1)

    @functools.cached_property
    def test_templates(
        self,
    ) -> list[tuple[str, grammar_lib.Template]]:
        """The templates of the test, each with its category.

        Of more templates than wanted, logic ones are left out at random, or
        any, where training draws from all alike.
        """
        if self.num_test == 0:
            return []
        found = templates.enumerate_all(
            self.grammar, self.letters, self.text_columns[1]
        )
        seed = np.random.SeedSequence((self.seed, len(SPLITS)))
        return templates.choose(
            found,
            self.num_test,
            keep=self.sampling == "category",
            rng=np.random.default_rng(seed),
        )

    @functools.cached_property
    def max_words(self) -> int:
        """The most words that a question can have, numbers not counted."""
        return max(
            len(self.grammar.tokens(template)[0])
            for template in self._longest_templates()
        )

    def _longest_templates(self):
        numeric = self.letters[: self.numeric_columns[1]]
        blocks = self.grammar.blocks(numeric, self.letters[len(numeric) :])
        for category in grammar_lib.CATEGORIES:
            for block in blocks[category]:
                yield tuple(
                    phrase
                    for choices in block
                    for phrase in max(
                        choices,
                        key=lambda c: len(self.grammar.tokens(c)[0]),
                    )
                )

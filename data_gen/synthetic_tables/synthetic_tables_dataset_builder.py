"""The TFDS builder `synthetic_tables`: a question, a table, the answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from data_gen import prepare
from data_gen.synthetic_tables import config as config_lib
from data_gen.synthetic_tables import examples
from data_gen.synthetic_tables import grammar

_HOMEPAGE = "https://arxiv.org/abs/1511.04834"


def _named(name: str, description: str, **values: Any) -> Any:
    return config_lib.SyntheticTablesConfig(
        name=name, description=description, **values
    )


class Builder(tfds.core.GeneratorBasedBuilder):
    """Questions about synthetic tables, with their answers.

    `Builder(config=SyntheticTablesConfig(name="mine", ...))` makes a data
    set of your own; `README.md` describes the named ones, a row of Table 2
    of the paper each.

    Raises:
        ValueError: If the data folder holds records of another
            configuration under the same name, or of an older generator.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "The eight settings of Table 2."}
    BUILDER_CONFIGS = [
        _named("single_column", "One column."),
        _named("three_columns", "Up to three columns.", numeric_columns=(1, 3)),
        _named("five_columns", "Up to five columns.", numeric_columns=(1, 5)),
        _named(
            "ten_columns",
            "Up to ten columns.",
            numeric_columns=(1, 10),
            num_test=7900,
        ),
        _named("word_variability_1", "One column, synonyms.", varied=True),
        _named(
            "word_variability_5",
            "Up to five columns, synonyms.",
            varied=True,
            numeric_columns=(1, 5),
            sampling="uniform",
            num_test=24_000,
        ),
        _named(
            "text_match_2",
            "One numeric and one text column.",
            text_columns=(1, 1),
            num_test=1125,
        ),
        _named(
            "text_match_5",
            "Up to three numeric and two text columns.",
            numeric_columns=(1, 3),
            text_columns=(0, 2),
            num_test=14_600,
        ),
        _named(
            "ten_columns_large",
            "Up to ten columns, 1,000,000 examples, on Apache Beam.",
            numeric_columns=(1, 10),
            num_test=7900,
            num_train=1_000_000,
            use_beam=True,
        ),
    ]

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        prepare.check_recipe(self)

    def _info(self) -> tfds.core.DatasetInfo:
        config = self.builder_config
        return self.dataset_info_from_configs(
            features=_features(config.has_text),
            homepage=_HOMEPAGE,
            metadata=tfds.core.MetadataDict(config.recipe),
        )

    def _split_generators(self, dl_manager: Any) -> dict[str, Any]:
        del dl_manager  # Nothing is downloaded.
        splits = self.builder_config.splits
        return {split: self._generate_examples(split) for split in splits}

    def _generate_examples(self, split: str) -> Any:
        config = self.builder_config
        if config.use_beam:
            return examples.beam_examples(config, split)
        return examples.generate(config, split)


def _features(has_text: bool) -> tfds.features.FeaturesDict:
    def tensor(dtype: Any, doc: str, *shape: None) -> tfds.features.Tensor:
        # As bytes a table is read in one piece, and float64 stays float64.
        encoding = "none" if len(shape) == 1 else "bytes"
        return tfds.features.Tensor(
            shape=shape, dtype=dtype, encoding=encoding, doc=doc
        )

    features = {
        "question": tfds.features.Text(doc="The question."),
        "tokens": tensor(np.int32, "Its words' ids, without numbers.", None),
        "numbers": tensor(np.float32, "Its numbers.", None),
        "number_positions": tensor(
            np.int32, "For each number, the word on its left.", None
        ),
        "column_names": tfds.features.Sequence(
            tfds.features.Text(), doc="Letters, in alphabetical order."
        ),
        "table": tensor(np.float32, "Numbers; 0 in text columns.", None, None),
        "answer_is_scalar": tfds.features.Scalar(
            np.bool_, doc="Whether the answer is a number."
        ),
        "scalar_answer": tensor(np.float64, "The number, else 0."),
        "lookup_answer": tensor(
            np.uint8, "1 in the cells that are the answer.", None, None
        ),
        "program": tfds.features.Text(doc="For evaluation only."),
        "category": tfds.features.ClassLabel(
            names=grammar.CATEGORIES, doc="For evaluation only."
        ),
    }
    if has_text:
        features["text"] = tensor(
            np.int8, "k of word:k; -1 in numeric columns.", None, None
        )
    return tfds.features.FeaturesDict(features)

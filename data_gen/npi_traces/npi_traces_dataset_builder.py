"""The TFDS builder `npi_traces`: one example is one program invocation."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from data_gen import prepare
from data_gen.npi_traces import cars
from data_gen.npi_traces import config as config_lib
from data_gen.npi_traces import examples
from npi_tf import domains
from npi_tf import specs

_HOMEPAGE = "https://arxiv.org/abs/1511.06279"


class Builder(tfds.core.GeneratorBasedBuilder):
    """Training frames of the Neural Programmer-Interpreter.

    `Builder(config=NpiTracesConfig(name="mine", ...))` makes a data set of
    your own; `README.md` describes the named ones.

    Raises:
        ValueError: If the data folder holds records of another
            configuration under the same name, or of older programs.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "Addition, sorting, maximum, cars."}
    BUILDER_CONFIGS = [
        config_lib.NpiTracesConfig(
            name="addition",
            description="Addition as in the paper: 32 problems per length.",
        ),
        config_lib.NpiTracesConfig(
            name="addition_large",
            description="Addition, 1,000 problems per length, on Apache Beam.",
            problems_per_length=1000,
            validation_problems_per_length=100,
            use_beam=True,
        ),
        config_lib.SORTING,
        config_lib.MAXIMUM,
        cars.CANONICALIZATION,
    ]

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        prepare.check_recipe(self)

    def _info(self) -> tfds.core.DatasetInfo:
        config = self.builder_config
        if isinstance(config, cars.CarsConfig):
            features = config.features()
        else:
            features = _features(domains.get(config.domain))
        return self.dataset_info_from_configs(
            features=features,
            homepage=_HOMEPAGE,
            metadata=tfds.core.MetadataDict(config.recipe),
        )

    def _split_generators(self, dl_manager: Any) -> dict[str, Any]:
        del dl_manager  # Nothing is downloaded.
        splits = self.builder_config.splits
        return {split: self._generate_examples(split) for split in splits}

    def _generate_examples(self, split: str) -> Any:
        config = self.builder_config
        if isinstance(config, cars.CarsConfig):
            return config.generate(split)
        if config.use_beam:
            return examples.beam_examples(config, split)
        return examples.generate(config, split)


def _features(domain: specs.Domain) -> tfds.features.FeaturesDict:
    def integers(doc: str, *shape: int | None) -> tfds.features.Tensor:
        return tfds.features.Tensor(shape=shape, dtype=np.int32, doc=doc)

    width = len(domain.observations.features)
    arguments = specs.NUM_ARGUMENTS
    return tfds.features.FeaturesDict(
        {
            "program": tfds.features.ClassLabel(
                names=domain.program_names, doc="The program that runs."
            ),
            "arguments": integers("Its arguments.", arguments),
            "observations": integers("Seen before each step.", None, width),
            "calls": integers("Index of the program called, or -1.", None),
            "call_arguments": integers("Its arguments.", None, arguments),
            "ends": integers("1 on the step that returns, else 0.", None),
            "count": tfds.features.Scalar(
                np.int64, doc="How many invocations are equal to this one."
            ),
            "problem": tfds.features.Text(
                doc="The problems that this invocation solves, one a line."
            ),
        }
    )

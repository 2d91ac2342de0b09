"""A data set small enough for a test, and its records as they lie on disk."""

import pathlib
from typing import Any

import tensorflow as tf

from data_gen import npi_traces

# Splits meet at lengths 2 and 5, and 60 of the 100 problems of length 1 are
# more than a split may take.
TINY = {
    "train_lengths": (1, 2, 5),
    "problems_per_length": 60,
    "validation_lengths": (1, 2),
    "validation_problems_per_length": 5,
    "test_lengths": (5, 30),
    "test_problems_per_length": 2,
}


def tiny(name: str = "tiny", **changes: Any) -> npi_traces.NpiTracesConfig:
    """The tiny config, some of its values changed."""
    return npi_traces.NpiTracesConfig(name=name, **{**TINY, **changes})


def records(builder: Any, split: str) -> list[bytes]:
    """The examples of a split, in file order.

    Serialized again: protobuf writes the features of an example in an order
    that changes from process to process.
    """
    folder = pathlib.Path(builder.data_dir)
    paths = sorted(map(str, folder.glob(f"*-{split}.tfrecord-*")))
    return [
        tf.train.Example.FromString(record.numpy()).SerializeToString(
            deterministic=True
        )
        for record in tf.data.TFRecordDataset(paths)
    ]

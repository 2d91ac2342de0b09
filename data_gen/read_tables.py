"""Records of `synthetic_tables` as padded arrays."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from data_gen import checks
from data_gen import prepare

MAX_NUMBERS = 2  # Numbers in a question.

# Larger are only large data sets, loaded by mistake.
MAX_BYTES = 4 * 2**30

_BATCH = 2048
_BYTES_PER_CELL = {"table": 4, "lookup_answer": 1, "text": 1 + 4}
_FILL = {"number_positions": np.int32(-1), "text": np.int8(-1)}  # Else 0.


def read(
    builder: Any, split: str, names: list[str], limit: int | None
) -> dict[str, np.ndarray]:
    """Some features of a split; no other feature is read.

    Args:
        builder: What `prepare.prepare` gave for a config.
        split: A split, or a slice of one as TFDS writes it.
        names: The features; with `table` comes `num_rows`.
        limit: How many examples to read at most; None for all.

    Returns:
        Arrays `[n, ...]` in file order, padded to what the config allows;
        letters as ids.

    Raises:
        ValueError: If `split` is unknown, `limit` is below 1, or padded
            tables would be larger than `MAX_BYTES`.
    """
    if limit is not None:
        checks.integer("limit", limit, 1)
    dataset = prepare.dataset(builder, split, names)
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
    # A split may be a slice, a sum of splits, or "all".
    named = [s for s in config.splits if s in split] or config.splits
    rows = max(map(config.max_rows, named))
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
    """Rejects what would not fit in memory."""
    num_bytes = size * sum(
        math.prod(shapes[name]) * each
        for name, each in _BYTES_PER_CELL.items()
        if name in shapes
    )
    if num_bytes > MAX_BYTES:
        rows, columns = shapes["table"]
        raise ValueError(
            f"split: padded arrays must fit in {MAX_BYTES:,} bytes, got "
            f"{split!r} with {size:,} tables of up to {rows:,} rows and "
            f"{columns} columns; set limit, or read it with tfds.load"
        )

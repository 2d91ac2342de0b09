"""Generated data as arrays and problems; generates what is missing."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from data_gen import prepare as prepare_lib
from npi_tf import frames as frames_lib

# Padding repeats the longest frame's length for every frame: the test split,
# whose root frames have 6,000 steps, would take 7.5 GB.
MAX_BYTES = 4 * 2**30

_BATCH = 4096


def load_frames(
    split: str = "train",
    config: Any = "addition",
    data_dir: str | None = None,
) -> frames_lib.FrameBatch:
    """The frames of a split, in the order in which they lie on disk.

    Args:
        split: "train", "validation" or "test", or a slice of one as TFDS
            writes it ("train[:10%]").
        config: Name of a config of `npi_traces`, or a `NpiTracesConfig`.
        data_dir: Where data sets lie; by default `TFDS_DATA_DIR`, else
            `~/tensorflow_datasets`. What is not there is generated.

    Returns:
        Padded arrays, `n` distinct frames with their counts.

    Raises:
        ModuleNotFoundError: If tensorflow-datasets is not installed.
        ValueError: If `split` or `config` is unknown, or if the padded
            arrays would be larger than `MAX_BYTES`.
    """
    names = list(frames_lib.ARRAYS)
    dataset = prepare_lib.dataset(prepare(config, data_dir), split, names)
    batches = [
        {name: _flatten(value) for name, value in batch.items()}
        for batch in dataset.ragged_batch(_BATCH)
    ]
    columns = {}
    for name in names:
        values, lengths = zip(*(batch[name] for batch in batches))
        array = np.concatenate(values)
        if name in frames_lib.PADDING:
            lengths = np.concatenate(lengths)
            _check_size(split, lengths, array)
            array = _pad(array, lengths, frames_lib.PADDING[name])
        columns[name] = array if name == "count" else array.astype(np.int32)
    return frames_lib.FrameBatch(**columns)


def load_problems(
    split: str = "train",
    config: Any = "addition",
    data_dir: str | None = None,
) -> list[tuple]:
    """The problems of a split, by length, then in alphabetical order.

    Args:
        split: As for `load_frames`.
        config: As for `load_frames`.
        data_dir: As for `load_frames`.

    Returns:
        For addition, `(augend, addend)` pairs of digit strings; for sorting
        tuples of numbers.

    Raises:
        ModuleNotFoundError: As `load_frames`.
        ValueError: As `load_frames`.
    """
    builder = prepare(config, data_dir)
    dataset = prepare_lib.dataset(builder, split, ["problem"]).batch(_BATCH)
    texts = [t.decode() for batch in dataset for t in batch["problem"].numpy()]
    lines = (line for text in texts for line in text.splitlines())
    sampler = builder.builder_config.sampler
    problems = map(sampler.from_text, lines)
    return sorted(problems, key=lambda p: (sampler.length(p), p))


def prepare(
    config: Any = "addition",
    data_dir: str | None = None,
    num_workers: int = 1,
) -> Any:
    """The TFDS builder of a config, its data generated if need be.

    Args:
        config: As for `load_frames`.
        data_dir: As for `load_frames`.
        num_workers: Processes for a config that is generated on Beam.

    Raises:
        ModuleNotFoundError: As `load_frames`.
        ValueError: If `config` is unknown or `num_workers` is below 1.
    """
    return prepare_lib.prepare("npi_traces", config, data_dir, num_workers)


def _flatten(value: Any) -> tuple[np.ndarray, np.ndarray]:
    """A batch's values in one row after the other, and the row lengths."""
    if hasattr(value, "row_lengths"):
        return value.values.numpy(), value.row_lengths().numpy()
    return value.numpy(), np.ones(len(value), np.int64)


def _check_size(split: str, lengths: np.ndarray, array: np.ndarray) -> None:
    cell = math.prod(array.shape[1:]) * np.dtype(np.int32).itemsize
    size = len(lengths) * int(lengths.max()) * cell
    if size > MAX_BYTES:
        raise ValueError(
            f"split: padded arrays must fit in {MAX_BYTES:,} bytes, got "
            f"{split!r} with {len(lengths):,} frames of up to "
            f"{lengths.max():,} steps; read it with tfds.load"
        )


def _pad(values: np.ndarray, lengths: np.ndarray, fill: int) -> np.ndarray:
    """Rows of unequal length side by side, `[n, T, ...]`."""
    shape = (len(lengths), int(lengths.max()), *values.shape[1:])
    padded = np.full(shape, fill, np.int32)
    padded[np.arange(shape[1]) < lengths[:, None]] = values
    return padded

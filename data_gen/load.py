"""Generated data as arrays and problems; generates what is missing."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from absl import logging

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
    names = [field.name for field in dataclasses.fields(frames_lib.FrameBatch)]
    dataset = _dataset(prepare(config, data_dir), split, names)
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
        For addition, `(augend, addend)` pairs of digit strings.

    Raises:
        ModuleNotFoundError: As `load_frames`.
        ValueError: As `load_frames`.
    """
    builder = prepare(config, data_dir)
    dataset = _dataset(builder, split, ["problem"]).batch(_BATCH)
    texts = [t.decode() for b in dataset for t in b["problem"].numpy() if t]
    sampler = builder.builder_config.sampler
    problems = map(sampler.from_text, texts)
    return sorted(problems, key=lambda p: (sampler.length(p), p))


def prepare(
    config: Any = "addition",
    data_dir: str | None = None,
    num_workers: int = 1,
) -> Any:
    """The TFDS builder of a config, its data generated if need be.

    Several processes may do this at once: all generate, the first one to
    finish leaves its records, which are everyone's.

    Args:
        config: As for `load_frames`.
        data_dir: As for `load_frames`.
        num_workers: Processes for a config that is generated on Beam.

    Raises:
        ModuleNotFoundError: As `load_frames`.
        ValueError: If `config` is unknown or `num_workers` is below 1.
    """
    tfds, npi_traces = _import_tfds()
    if num_workers < 1:
        raise ValueError(f"num_workers: must be at least 1, got {num_workers}")
    _check_config(npi_traces, config)
    with _quiet(tfds):
        builder = npi_traces.Builder(config=config, data_dir=data_dir)
        settings = tfds.download.DownloadConfig()
        if builder.builder_config.use_beam and not builder.is_prepared():
            settings = _on_beam(settings, num_workers)
        try:
            builder.download_and_prepare(download_config=settings)
        except OSError:
            builder = npi_traces.Builder(config=config, data_dir=data_dir)
            if not builder.is_prepared():  # Nobody was first: a real error.
                raise
    return builder


def _check_config(npi_traces: Any, config: Any) -> None:
    names = npi_traces.Builder.builder_configs
    if not isinstance(config, npi_traces.NpiTracesConfig | str) or (
        isinstance(config, str) and config not in names
    ):
        raise ValueError(
            f"config: must be one of {', '.join(names)} or a "
            f"NpiTracesConfig, got {config!r}"
        )


def _on_beam(settings: Any, num_workers: int) -> Any:
    """Settings for Beam's in-process runner.

    FnApiRunner is what "DirectRunner" ends in as well, but that one first
    looks for a Prism binary, and downloads one where there is none.
    """
    from data_gen.npi_traces import examples

    examples.import_beam()
    from apache_beam.options import pipeline_options

    mode = "in_memory" if num_workers == 1 else "multi_processing"
    options = pipeline_options.PipelineOptions(
        flags=[], direct_num_workers=num_workers, direct_running_mode=mode
    )
    return dataclasses.replace(
        settings, beam_runner="FnApiRunner", beam_options=options
    )


def _import_tfds() -> tuple[Any, Any]:
    try:
        import tensorflow_datasets as tfds

        from data_gen import npi_traces
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"data_gen needs {error.name}, which is not installed: "
            'pip install -e ".[data]"',
            name=error.name,
        ) from error
    return tfds, npi_traces


@contextlib.contextmanager
def _quiet(tfds: Any) -> Iterator[None]:
    """Without TFDS's progress bars, announcements and warnings."""
    bars = tfds.core.utils.tqdm_utils
    shown, verbosity = bars._active, logging.get_verbosity()
    tfds.display_progress_bar(enable=False)
    logging.set_verbosity(logging.ERROR)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        logging.set_verbosity(verbosity)
        tfds.display_progress_bar(enable=shown)


def _dataset(builder: Any, split: str, names: list[str]) -> Any:
    """A `tf.data.Dataset` of some features, in file order."""
    import tensorflow_datasets as tfds

    wanted = {name: True for name in names}
    try:
        if not isinstance(split, str):
            raise TypeError("A split is named by a string.")
        with _quiet(tfds):
            return builder.as_dataset(
                split=split,
                shuffle_files=False,
                decoders=tfds.decode.PartialDecoding(wanted),
                read_config=tfds.ReadConfig(interleave_cycle_length=1),
            )
    except (ValueError, TypeError, AssertionError) as error:
        raise ValueError(
            f"split: must be one of {', '.join(builder.info.splits)}, or a "
            f"slice of one, got {split!r}"
        ) from error


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

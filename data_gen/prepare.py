"""Data sets of this package: generated once, then read from disk."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import io
from collections.abc import Iterator
from typing import Any

from absl import logging


def import_package(name: str) -> tuple[Any, Any]:
    """TFDS, and the package of a data set.

    Args:
        name: Its folder, for example "npi_traces".

    Raises:
        ModuleNotFoundError: If tensorflow-datasets is not installed.
    """
    try:
        import tensorflow_datasets as tfds

        package = importlib.import_module(f"data_gen.{name}")
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"data_gen needs {error.name}, which is not installed: "
            'pip install -e ".[data]"',
            name=error.name,
        ) from error
    return tfds, package


def import_beam() -> Any:
    """Apache Beam, which only large data sets need.

    Raises:
        ModuleNotFoundError: If it is not installed.
    """
    try:
        import apache_beam
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "use_beam: needs Apache Beam, which is not installed: "
            'pip install -e ".[data,beam]"',
            name=error.name,
        ) from error
    return apache_beam


def prepare(
    name: str,
    config: Any,
    data_dir: str | None = None,
    num_workers: int = 1,
) -> Any:
    """The TFDS builder of a config, its data generated if need be.

    Several processes may do this at once: all generate, the first one to
    finish leaves its records, which are everyone's.

    Args:
        name: The data set, for example "npi_traces".
        config: Name of one of its configs, or a config of its class.
        data_dir: Where data sets lie; by default `TFDS_DATA_DIR`, else
            `~/tensorflow_datasets`.
        num_workers: Processes for a config that is generated on Beam.

    Raises:
        ModuleNotFoundError: If tensorflow-datasets is not installed.
        ValueError: If `config` is unknown or `num_workers` is below 1.
    """
    tfds, package = import_package(name)
    if num_workers < 1:
        raise ValueError(f"num_workers: must be at least 1, got {num_workers}")
    check_config(package.Builder, config)
    with quiet(tfds):
        builder = package.Builder(config=config, data_dir=data_dir)
        settings = tfds.download.DownloadConfig()
        if builder.builder_config.use_beam and not builder.is_prepared():
            settings = _on_beam(settings, num_workers)
        try:
            builder.download_and_prepare(download_config=settings)
        except OSError:
            builder = package.Builder(config=config, data_dir=data_dir)
            if not builder.is_prepared():  # Nobody was first: a real error.
                raise
    return builder


def check_config(builder_class: Any, config: Any) -> None:
    """Rejects what is no config of a data set.

    Raises:
        ValueError: If `config` is neither a config of the builder's class
            nor the name of one.
    """
    names = builder_class.builder_configs
    kind = type(builder_class.BUILDER_CONFIGS[0])
    if not isinstance(config, kind | str) or (
        isinstance(config, str) and config not in names
    ):
        raise ValueError(
            f"config: must be one of {', '.join(names)} or a "
            f"{kind.__name__}, got {config!r}"
        )


def check_recipe(builder: Any) -> None:
    """Rejects a data folder whose records come from another recipe.

    Args:
        builder: Its config's `recipe` identifies the records; it is stored
            beside them as their metadata.

    Raises:
        ValueError: If what is stored differs.
    """
    stored, recipe = dict(builder.info.metadata), builder.builder_config.recipe
    differing = [k for k in recipe if stored.get(k) != recipe[k]]
    if differing:
        name = differing[0]
        raise ValueError(
            f"config: {builder.builder_config.name!r} must be what was "
            f"generated in {builder.data_dir} under this name, got {name} = "
            f"{recipe[name]!r} where the folder has {stored.get(name)!r}; "
            "rename the config or delete the folder"
        )


def _on_beam(settings: Any, num_workers: int) -> Any:
    """Settings for Beam's in-process runner.

    FnApiRunner is what "DirectRunner" ends in as well, but that one first
    looks for a Prism binary, and downloads one where there is none.
    """
    import_beam()
    from apache_beam.options import pipeline_options

    mode = "in_memory" if num_workers == 1 else "multi_processing"
    options = pipeline_options.PipelineOptions(
        flags=[], direct_num_workers=num_workers, direct_running_mode=mode
    )
    return dataclasses.replace(
        settings, beam_runner="FnApiRunner", beam_options=options
    )


@contextlib.contextmanager
def quiet(tfds: Any) -> Iterator[None]:
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


def dataset(builder: Any, split: str, names: list[str]) -> Any:
    """Some features of a split, in file order.

    Args:
        builder: What `prepare` gave.
        split: A split, or a slice of one as TFDS writes it.
        names: The features; no other is read.

    Returns:
        A `tf.data.Dataset` of dicts.

    Raises:
        ValueError: If `split` is unknown.
    """
    import tensorflow_datasets as tfds

    wanted = {name: True for name in names}
    try:
        if not isinstance(split, str):
            raise TypeError("A split is named by a string.")
        with quiet(tfds):
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

"""What the scripts of the LSTM baselines share: one run, its record."""

from __future__ import annotations

import contextlib
import dataclasses
import pathlib
import time
from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf
from absl import logging

from reproduce import npi_flags
from reproduce import npi_seq2seq_training
from reproduce import progress as progress_lib
from reproduce import run_record

SAVE_SECONDS = npi_flags.save_seconds()


@dataclasses.dataclass(frozen=True)
class Baseline:
    """An LSTM that is trained and asked.

    Attributes:
        name: Of the script, without `.py`.
        setting: Which row of a table, or curve of a figure.
        recipe: How to train.
        evaluation: What to ask.
        build: Gives the untrained model of a recipe.
        groups: The examples of each length.
        evaluate: `(model, evaluation)` to metrics.
        show: Prints what a person wants to see of them.
    """

    name: str
    setting: str
    recipe: Any
    evaluation: Any
    build: Callable[[Any], keras.Model]
    groups: Sequence[npi_seq2seq_training.Examples]
    evaluate: Callable[[keras.Model, Any], dict[str, Any]]
    show: Callable[[dict[str, Any]], None]


def run(baseline: Baseline, started: float) -> None:
    """Trains, evaluates, writes the record, as the flags say.

    Args:
        baseline: What to run.
        started: When the script began (`npi_flags.start`).
    """
    tf.config.set_visible_devices([], "GPU")
    setting, seed = baseline.setting, npi_flags.SEED.value
    recipe_name = "smoke" if npi_flags.SMOKE.value else "ours"
    workdir = npi_flags.workdir(baseline.name, f"{setting}-{recipe_name}")
    recipe = npi_flags.with_num_steps(baseline.recipe)
    config = dataclasses.asdict(recipe)
    model, trained, earlier = train(
        lambda: baseline.build(recipe),
        recipe,
        baseline.groups,
        config | {"setting": setting, "seed": seed},
        workdir,
        SAVE_SECONDS.value,
    )
    metrics = baseline.evaluate(model, baseline.evaluation)
    baseline.show(metrics)
    run_record.write_run(
        workdir,
        npi_flags.RECORD.value,
        baseline.name,
        recipe_name,
        seed,
        config | {"evaluation": dataclasses.asdict(baseline.evaluation)},
        time.monotonic() - started + earlier,
        metrics | trained,
        setting=setting,
    )


def train(
    build: Callable[[], keras.Model],
    recipe: Any,
    groups: Sequence[npi_seq2seq_training.Examples],
    identity: dict[str, Any],
    workdir: pathlib.Path,
    save_seconds: float,
) -> tuple[keras.Model, dict[str, Any], float]:
    """Trains a model, or goes on where an earlier run stopped.

    Args:
        build: Gives the untrained model.
        recipe: How to train.
        groups: The examples of each length.
        identity: What names the run; its "seed" seeds weights and order.
        workdir: Where checkpoints and metrics lie.
        save_seconds: Time between two checkpoints.

    Returns:
        The model, what is recorded of training, seconds before a stop.
    """
    keras.utils.set_random_seed(identity["seed"])
    model = build()
    adam = npi_seq2seq_training.optimizer(recipe)
    adam.build(model.trainable_variables)
    progress = progress_lib.Progress(
        workdir,
        model,
        adam,
        (),  # No curriculum: nothing beside the step.
        identity,
    )
    earlier = progress.resume()
    epochs = npi_seq2seq_training.Epochs(
        groups, recipe.batch_size, identity["seed"]
    )
    with contextlib.closing(progress):
        seconds = npi_seq2seq_training.train(
            model, recipe, epochs, progress, adam, save_seconds
        )
    logging.info("trained for %.0f s", seconds)
    trained = {
        "train_seconds": round(seconds, 1),
        "num_parameters": model.count_params(),
        "num_examples": sum(map(len, groups)),
        "num_epochs": round(recipe.num_steps / epochs.num_batches, 2),
    }
    return model, trained, earlier

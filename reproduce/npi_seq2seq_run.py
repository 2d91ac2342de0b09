"""What the scripts of the LSTM baselines share: train one, resumably."""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

import keras
from absl import logging

from reproduce import npi_seq2seq_training
from reproduce import progress as progress_lib


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
    earlier = float(progress.seconds.numpy())
    resumed = int(progress.step.numpy())
    if resumed:
        logging.info("resuming at step %d from %s", resumed, workdir)
    epochs = npi_seq2seq_training.Epochs(
        groups, recipe.batch_size, identity["seed"]
    )
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

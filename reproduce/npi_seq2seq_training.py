"""Trains an LSTM on examples of many lengths; stops and resumes anywhere."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from absl import logging

from reproduce import progress as progress_lib

LOG_EVERY = 100


@dataclasses.dataclass(frozen=True)
class Examples:
    """Examples of one length, side by side.

    Attributes:
        inputs: What the model is called with, arrays `[n, ...]`.
        targets: What it shall say, int32 `[n, T]`.
        weights: 1 where that counts, else 0, float32 `[n, T]`.
    """

    inputs: dict[str, np.ndarray]
    targets: np.ndarray
    weights: np.ndarray

    def __len__(self) -> int:
        return len(self.targets)

    def rows(self, index: Any) -> Examples:
        """The examples that an index or a slice takes."""
        inputs = {name: array[index] for name, array in self.inputs.items()}
        return Examples(inputs, self.targets[index], self.weights[index])


class Epochs:
    """Batches as a function of the step: shuffled examples, epoch by epoch.

    A batch holds examples of one length, as in Sutskever, Vinyals and Le,
    arXiv 1409.3215, section 3.4: nothing is padded. The last batch of a
    length holds what is left of it.

    Args:
        groups: The examples of each length.
        batch_size: Examples of a batch, at most.
        seed: Of the order.
    """

    def __init__(self, groups: Sequence[Examples], batch_size: int, seed: int):
        self._groups = [group for group in groups if len(group)]
        self._batch_size = batch_size
        self._seed = seed
        sizes = [-(-len(group) // batch_size) for group in self._groups]
        self.num_batches = sum(sizes)
        self._order = functools.lru_cache(maxsize=2)(self._shuffled)

    def batch(self, step: int) -> Examples:
        """The batch of a step."""
        epoch, place = divmod(step, self.num_batches)
        group, index = self._order(epoch)[place]
        return self._groups[group].rows(index)

    def _shuffled(self, epoch):
        rng = np.random.default_rng([self._seed, epoch])
        batches = []
        for number, group in enumerate(self._groups):
            order = rng.permutation(len(group))
            for start in range(0, len(group), self._batch_size):
                part = order[start : start + self._batch_size]
                batches.append((number, part))
        return [batches[place] for place in rng.permutation(len(batches))]


def optimizer(recipe: Any) -> keras.optimizers.Optimizer:
    """Adam with warm-up, cosine decay, weight decay and clipped gradients."""
    warmup = min(recipe.warmup_steps, recipe.num_steps // 2)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0,
        recipe.num_steps - warmup,
        alpha=recipe.final_fraction,
        warmup_target=recipe.learning_rate,
        warmup_steps=warmup,
    )
    return keras.optimizers.AdamW(
        rate,
        weight_decay=recipe.weight_decay,
        global_clipnorm=recipe.clip_norm,
    )


def train(
    model: keras.Model,
    recipe: Any,
    epochs: Epochs,
    progress: progress_lib.Progress,
    adam: keras.optimizers.Optimizer,
    save_seconds: float = 20.0,
) -> float:
    """Runs the remaining steps.

    Args:
        model: Trained in place.
        recipe: `num_steps`.
        epochs: Where the batches come from.
        progress: Restored before the call.
        adam: `optimizer(recipe)`, built.
        save_seconds: Time between two checkpoints.

    Returns:
        Seconds of training, those before an interruption included.

    Raises:
        FloatingPointError: If the loss is no longer finite; the checkpoint
            before stays.
    """
    step_of = _graph_step(model, adam)
    clock, seen = progress_lib.Clock(progress, save_seconds), []
    for step in range(int(progress.step.numpy()), recipe.num_steps):
        batch = epochs.batch(step)
        tensors = (batch.inputs, batch.targets, batch.weights)
        loss = float(step_of(*tf.nest.map_structure(tf.constant, tensors)))
        if not math.isfinite(loss):
            raise FloatingPointError(
                f"loss: must be finite, got {loss} at step {step}; the last "
                f"good checkpoint is in {progress.workdir / 'checkpoints'}"
            )
        seen.append(loss)
        progress.step.assign_add(1)
        last = step + 1 == recipe.num_steps
        if (step + 1) % LOG_EVERY == 0 or last:
            _report(progress, clock, recipe.num_steps, seen)
            seen.clear()
        if clock.save_is_due() or last:
            clock.write()
            progress.save()
    return float(progress.seconds.numpy())


def _graph_step(model, adam):
    """One step as a plain graph.

    The loss is the mean over the symbols that count of
    `-log P(symbol | what was read before)`. Lengths change from batch to
    batch, and on a CPU the plain graph of a Keras LSTM was a quarter faster
    than the same step compiled by XLA.
    """

    def step(inputs, targets, weights):
        with tf.GradientTape() as tape:
            losses = keras.losses.sparse_categorical_crossentropy(
                targets, model(inputs, training=True), from_logits=True
            )
            loss = tf.reduce_sum(losses * weights) / tf.reduce_sum(weights)
        gradients = tape.gradient(loss, model.trainable_variables)
        adam.apply(gradients, model.trainable_variables)
        return loss

    return tf.function(step, reduce_retracing=True, autograph=False)


def right_symbols(
    model: keras.Model, examples: Examples, batch_size: int = 64
) -> np.ndarray:
    """Where the likeliest symbol is the right one, bool `[n, T]`.

    True as well where a symbol does not count. For a decoder, which is given
    the right symbols before: a row is true throughout if and only if greedy
    decoding writes exactly this answer.

    Args:
        model: Of `npi_seq2seq`.
        examples: Of one length.
        batch_size: Examples of one call.
    """
    likeliest = _likeliest(model)
    found = []
    for start in range(0, len(examples), batch_size):
        part = examples.rows(slice(start, start + batch_size))
        inputs = tf.nest.map_structure(tf.constant, part.inputs)
        best = likeliest(inputs).numpy()
        found.append((best == part.targets) | (part.weights == 0))
    return np.concatenate(found)


@functools.lru_cache(maxsize=1)
def _likeliest(model):
    return tf.function(
        lambda inputs: tf.argmax(model(inputs), -1, tf.int32),
        reduce_retracing=True,
        autograph=False,
    )


def _report(progress, clock, num_steps, seen):
    clock.write()
    loss = sum(seen) / len(seen)
    done, seconds = int(progress.step.numpy()), float(progress.seconds.numpy())
    progress.write({"loss": loss, "seconds": round(seconds, 2)})
    logging.info(
        "step %d of %d  loss %.4f  %.0f s", done, num_steps, loss, seconds
    )

"""Trains a baseline; stops and resumes anywhere."""

from __future__ import annotations

import math
from typing import Any

import keras
import tensorflow as tf
from absl import logging

from reproduce import np_baselines_configs
from reproduce import np_baselines_data
from reproduce import np_baselines_model
from reproduce import np_baselines_symbols
from reproduce import progress as progress_lib

LOG_EVERY = 200


def optimizer(
    recipe: np_baselines_configs.Recipe,
) -> keras.optimizers.Optimizer:
    """Adam with warm-up, cosine decay and clipped gradients."""
    warmup = min(recipe.warmup_steps, recipe.num_steps // 2)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0,
        recipe.num_steps - warmup,
        alpha=recipe.final_fraction,
        warmup_target=recipe.learning_rate,
        warmup_steps=warmup,
    )
    return keras.optimizers.Adam(rate, global_clipnorm=recipe.clip_norm)


def train(
    model: keras.Model,
    recipe: np_baselines_configs.Recipe,
    seed: int,
    table_first: bool,
    progress: progress_lib.Progress,
    adam: keras.optimizers.Optimizer,
    save_seconds: float = 20.0,
) -> float:
    """Runs the remaining steps.

    Args:
        model: Trained in place.
        recipe: How.
        seed: Of the questions.
        table_first: Whether the column stands before the question.
        progress: Restored before the call.
        adam: `optimizer(recipe)`, built.
        save_seconds: Time between two checkpoints.

    Returns:
        Seconds of training, those before an interruption included.

    Raises:
        FloatingPointError: If the loss is no longer finite; the checkpoint
            before stays.
    """
    step_of = _compiled_step(model, adam)
    clock, seen = progress_lib.Clock(progress, save_seconds), []
    for step in range(int(progress.step.numpy()), recipe.num_steps):
        arrays = _arrays(recipe, seed, step, table_first)
        loss, right = step_of(arrays).numpy().tolist()
        if not math.isfinite(loss):
            raise FloatingPointError(
                f"loss: must be finite, got {loss} at step {step}; the last "
                f"good checkpoint is in {progress.workdir / 'checkpoints'}"
            )
        seen.append((loss, right))
        progress.step.assign_add(1)
        last = step + 1 == recipe.num_steps
        if (step + 1) % LOG_EVERY == 0 or last:
            _report(progress, clock, recipe.num_steps, seen)
            seen.clear()
        if clock.save_is_due() or last:
            clock.write()
            progress.save()
    return float(progress.seconds.numpy())


def _arrays(recipe, seed, step, table_first):
    questions = np_baselines_data.training_questions(recipe, seed, step)
    return {
        "source": np_baselines_symbols.source(questions, table_first),
        "spelt": np_baselines_symbols.spell(questions.answers()),
    }


def _compiled_step(model: keras.Model, adam: Any) -> Any:
    """One XLA-compiled step: arrays in, loss and share of right answers out.

    The loss is the mean over questions of `-log P(answer | question)`, the
    sum over its characters and its end. An answer is right if every
    character is the most likely one after the right ones, which is when
    greedy decoding finds it; the questions are fresh, so this is an
    accuracy on questions that were not trained on yet.
    """

    def step(arrays):
        spelt = arrays["spelt"]
        inputs = {
            "source": arrays["source"],
            "previous": np_baselines_model.shift(spelt),
        }
        shown = spelt != 0
        with tf.GradientTape() as tape:
            logits = model(inputs, training=True)
            losses = keras.losses.sparse_categorical_crossentropy(
                spelt, logits, from_logits=True
            )
            losses = tf.where(shown, losses, 0.0)
            loss = tf.reduce_mean(tf.reduce_sum(losses, axis=1))
        gradients = tape.gradient(loss, model.trainable_variables)
        adam.apply(gradients, model.trainable_variables)
        best = tf.argmax(logits, axis=-1, output_type=tf.int32)
        right = tf.reduce_all((best == spelt) | ~shown, axis=1)
        return tf.stack([loss, tf.reduce_mean(tf.cast(right, loss.dtype))])

    return tf.function(step, jit_compile=True, autograph=False)


def _report(progress, clock, num_steps, seen):
    clock.write()
    loss, right = (sum(values) / len(seen) for values in zip(*seen))
    done, seconds = int(progress.step.numpy()), float(progress.seconds.numpy())
    progress.write(
        {"loss": loss, "accuracy": right, "seconds": round(seconds, 2)}
    )
    logging.info(
        "step %d of %d  loss %.4f  right %.2f %%  %.0f s",
        done,
        num_steps,
        loss,
        100 * right,
        seconds,
    )

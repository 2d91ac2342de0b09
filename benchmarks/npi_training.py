"""Training: the fast recipe's step, and one frame at a time."""

from __future__ import annotations

import dataclasses
from typing import Any

import keras
import numpy as np
import tensorflow as tf

import npi_tf
from benchmarks import measure
from benchmarks import npi_limit
from npi_tf import addition
from npi_tf import frames as frames_lib
from npi_tf import losses
from npi_tf import teacher
from npi_tf.addition import problems as problems_lib
from reproduce import npi_configs
from reproduce import npi_schedules
from reproduce import npi_train_step

# A product `x W` is followed by two of its size: the gradients of x and W.
PASSES = 3

# One program only: it compiles in seconds, and trains nothing.
QUICK_RECIPE = dataclasses.replace(
    npi_configs.FastRecipe(), batch_sizes=((("ADD1", 8),),), whole_every=1
)


def teach(problems_per_length: int) -> frames_lib.FrameBatch:
    """Frames made as those of the recipes: sums of 1 to 20 digits."""
    rng = np.random.default_rng(0)
    problems = [
        problem
        for length in range(1, 21)
        for problem in problems_lib.distinct_problems(
            rng, length, problems_per_length
        )
    ]
    return teacher.teach(addition.ADDITION, problems)


def cases(
    recipe: npi_configs.FastRecipe,
    frames: frames_lib.FrameBatch,
    num_single_frames: int,
) -> dict[str, measure.Case]:
    """Both ways to train, on fresh models.

    Args:
        recipe: The fast recipe, or a short one.
        frames: Training frames.
        num_single_frames: Frames that are trained on one at a time, drawn
            from the recipe's own batches.
    """
    programs = addition.ADDITION.program_names
    schedule = npi_schedules.FastSchedule(recipe, frames, programs, 0)
    return {
        "train_fast": _fast(schedule),
        "train_single": _single(schedule, num_single_frames),
    }


def _fast(schedule):
    """One cycle of steps: whole ADD frames once, cut ones else."""
    model = npi_tf.NPI.for_domains(addition.ADDITION)
    optimizer = schedule.optimizer()
    optimizer.build(model.trainable_variables)
    step = npi_train_step.TrainStep(
        model, optimizer, tf.distribute.get_strategy()
    )
    cycle = range(schedule.config.whole_every)
    batches = [batch for i in cycle for batch, _ in schedule.batches(i)]

    def run():
        return [step(schedule.batches(i)) for i in cycle]

    return measure.Case(
        run, lambda losses_seen: _work(model, batches, losses_seen), run
    )


def _single(schedule, count):
    """Batch size 1, every layer called from Python: nothing compiled."""
    model = npi_tf.NPI.for_domains(addition.ADDITION)
    optimizer = keras.optimizers.Adam(1e-4)
    optimizer.build(model.trainable_variables)
    drawn = [batch for batch, _ in schedule.batches(0)]
    everything = frames_lib.concatenate(drawn)
    rng = np.random.default_rng(0)
    chosen = rng.choice(len(everything), size=count, replace=False)
    batches = [everything.take(np.array([i])) for i in chosen]
    return measure.Case(
        lambda: [train_one(model, optimizer, batch) for batch in batches],
        lambda losses_seen: _work(model, batches, losses_seen),
        lambda: train_one(model, optimizer, batches[0]),
    )


def train_one(model: Any, optimizer: Any, batch: Any) -> float:
    """One step on a batch of frames, run eagerly; returns the loss."""
    with tf.GradientTape() as tape:
        outputs = model(batch.inputs())
        likelihood = losses.step_log_likelihood(outputs, batch.targets())
        loss = -tf.reduce_sum(likelihood)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    return float(loss)


def _work(model: Any, batches: list, losses_seen: list[float]):
    """Frames, decisions and arithmetic; padded ones are computed as well."""
    if not np.isfinite(losses_seen).all():
        raise RuntimeError(f"losses must be finite, got {losses_seen}")
    shapes = npi_limit.shapes_of(model, addition.ADDITION.name)
    flop = 2 * PASSES * shapes.num_weights
    decisions = sum(int(batch.num_steps.sum()) for batch in batches)
    padded = sum(batch.ends.size for batch in batches)
    return {
        "frames": sum(map(len, batches)),
        "decisions": decisions,
        "flop": flop * decisions,
        "flop_with_padding": flop * padded,
    }

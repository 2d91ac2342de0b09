"""What is trained on which step: the paper's curriculum, and ours."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from npi_tf import frames as frames_lib
from npi_tf import losses
from npi_tf import sampling
from reproduce import npi_configs

# A batch and the weight of each of its steps in the loss.
Weighted = tuple[frames_lib.FrameBatch, float]


class FastSchedule:
    """The same mix of programs on every step; mean loss of each group."""

    def __init__(
        self,
        config: npi_configs.FastRecipe,
        frames: frames_lib.FrameBatch,
        programs: tuple[str, ...],
        seed: int,
    ):
        self.config = config
        self.seed = seed
        self.sampler = sampling.FrameSampler(frames, config.count_power)
        self.groups = [
            {programs.index(name): size for name, size in group}
            for group in config.batch_sizes
        ]

    def optimizer(self) -> keras.optimizers.Optimizer:
        """AdamW with warm-up and cosine decay."""
        config = self.config
        rate = keras.optimizers.schedules.CosineDecay(
            0.0,
            config.num_steps - config.warmup_steps,
            alpha=config.final_fraction,
            warmup_target=config.learning_rate,
            warmup_steps=config.warmup_steps,
        )
        return keras.optimizers.AdamW(rate, weight_decay=config.weight_decay)

    def batches(self, step: int) -> list[Weighted]:
        """The batches of one step, each frame group with its mean."""
        rng = sampling.step_rng(self.seed, step)
        whole = step % self.config.whole_every == 0
        drawn = []
        for sizes in self.groups:
            batch = self.sampler.sample(rng, sizes)
            if not whole:
                batch = batch.first_steps(self.config.first_steps)
            drawn.append((batch, 1.0 / int(batch.num_steps.sum())))
        return drawn

    def update(self, step: int, model: Any, errors: np.ndarray) -> np.ndarray:
        """Nothing is estimated here."""
        return errors


class PaperSchedule:
    """One frame a step, its program drawn by the adaptive curriculum."""

    def __init__(
        self,
        config: npi_configs.PaperRecipe,
        frames: frames_lib.FrameBatch,
        programs: tuple[str, ...],
        seed: int,
    ):
        self.config = config
        self.seed = seed
        self.sampler = sampling.FrameSampler(frames, config.count_power)
        self.probs = np.full(len(programs), 1 / len(programs))
        self._right = tf.function(_frames_right, reduce_retracing=False)

    def optimizer(self) -> keras.optimizers.Optimizer:
        """Adam, its rate decayed in steps (section 4)."""
        config = self.config
        rate = keras.optimizers.schedules.ExponentialDecay(
            config.learning_rate,
            config.decay_steps,
            config.decay_rate,
            staircase=True,
        )
        return keras.optimizers.Adam(rate)

    def batches(self, step: int) -> list[Weighted]:
        """One batch of one program; the sum over its steps (equation 7)."""
        rng = sampling.step_rng(self.seed, step)
        program = int(rng.choice(len(self.probs), p=self.probs))
        size = self.config.batch_size
        batch = self.sampler.sample(rng, {program: size})
        return [(batch, 1.0 / size)]

    def update(self, step: int, model: Any, errors: np.ndarray) -> np.ndarray:
        """Re-estimates the prediction error of every program.

        The error of a program is the fraction of invocations in which the
        model, shown the true observations, gets any decision wrong
        (Deviation D7).

        Returns:
            The errors `[N]` that the curriculum follows until next time.
        """
        if step % self.config.estimate_every == 0:
            rng = sampling.step_rng(self.seed + 1, step)
            errors = np.array(
                [
                    self._error(model, rng, program)
                    for program in range(len(self.probs))
                ]
            )
        self.probs = sampling.curriculum_probs(errors, self.config.temperature)
        return errors

    def _error(self, model, rng, program):
        sizes = {program: self.config.estimate_frames}
        batch = self.sampler.sample(rng, sizes)
        right = self._right(model, batch.inputs(), batch.targets())
        return 1.0 - float(np.mean(right))


def _frames_right(model, inputs, targets):
    correct = losses.correct_steps(model(inputs), targets)
    return tf.reduce_all(correct, axis=1)


def make(
    config: npi_configs.PaperRecipe | npi_configs.FastRecipe,
    frames: frames_lib.FrameBatch,
    programs: tuple[str, ...],
    seed: int,
) -> FastSchedule | PaperSchedule:
    """The schedule that belongs to a recipe."""
    paper = isinstance(config, npi_configs.PaperRecipe)
    schedule = PaperSchedule if paper else FastSchedule
    return schedule(config, frames, programs, seed)

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

# A batch and the weight of its steps in the loss: one number, one for each
# frame `[B]`, or one for each step `[B, T]`.
Weighted = tuple[frames_lib.FrameBatch, float | np.ndarray]
# Those of one step; by domain where there are several.
Batches = list[Weighted] | dict[str, list[Weighted]]


class _Schedule:
    """What both schedules hold.

    Args:
        config: The recipe.
        frames: Training frames, their programs as rows of the memory.
        seed: Of all batches.
        domain: Whose encoder to use, where the model has several.
    """

    def __init__(self, config, frames, seed, domain=None):
        self.config = config
        self.seed = seed
        self.domain = domain
        self.sampler = sampling.FrameSampler(frames, config.count_power)


class FastSchedule(_Schedule):
    """The same mix of programs on every step; mean loss of each group.

    The paper's curriculum, at the level of frames: within its program, a
    frame that the model gets wrong is drawn more often.
    """

    def __init__(self, config, frames, programs, seed, domain=None):
        super().__init__(config, frames, seed, domain)
        self.groups = [
            {programs.index(name): size for name, size in group}
            for group in config.batch_sizes
        ]
        self.first_errors = self._errors = np.ones(len(frames))
        self._wrong = tf.function(_frames_wrong, autograph=False)

    def optimizer(self) -> keras.optimizers.Optimizer:
        """AdamW with warm-up and cosine decay."""
        return fast_optimizer(self.config)

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
        """Now and then, estimates how likely each frame is to go wrong.

        Args:
            step: Steps taken so far.
            model: The model in training.
            errors: `[n]`, the last estimate.

        Returns:
            `1 - P(frame)`, the probability of at least one wrong decision if
            decisions were drawn from the model's distributions, `[n]`.
        """
        every = self.config.estimate_every
        if step and step % every == 0:
            frames = self.sampler.by_program.values()
            errors = np.concatenate(
                [
                    np.asarray(
                        self._wrong(model, f.inputs(), f.targets(), self.domain)
                    )
                    for f in frames
                ]
            ).astype(np.float64)
        if errors is not self._errors:
            self._errors = errors
            self.sampler.reweight(errors + self.config.error_floor)
        return errors


class PaperSchedule(_Schedule):
    """One frame a step, its program drawn by the adaptive curriculum."""

    def __init__(self, config, frames, programs, seed, domain=None):
        super().__init__(config, frames, seed, domain)
        self.first_errors = np.ones(len(programs))
        self.probs = np.full(len(programs), 1 / len(programs))
        self._right = tf.function(_frames_right, autograph=False)

    def optimizer(self) -> keras.optimizers.Optimizer:
        """Adam, its rate decayed in steps (section 4)."""
        return paper_optimizer(self.config)

    def batches(self, step: int) -> list[Weighted]:
        """One batch of one program; the sum over its steps (equation 7)."""
        rng = sampling.step_rng(self.seed, step)
        program = int(rng.choice(len(self.probs), p=self.probs))
        size = self.config.batch_size
        return [(self.sample(rng, program, size), 1.0 / size)]

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
                    self.error(model, rng, program)
                    for program in range(len(self.probs))
                ]
            )
        self.probs = sampling.curriculum_probs(errors, self.config.temperature)
        return errors

    def error(self, model: Any, rng: Any, program: int) -> float:
        """The fraction of a program's frames that go wrong."""
        batch = self.sample(rng, program, self.config.estimate_frames)
        right = self._right(model, batch.inputs(), batch.targets(), self.domain)
        return 1.0 - float(np.mean(right))

    def sample(self, rng: Any, program: int, size: int) -> Any:
        """Frames of one program."""
        return self.sampler.sample(rng, {program: size})


def paper_optimizer(config: Any) -> keras.optimizers.Optimizer:
    """Adam, its rate decayed in steps, as a `PaperRecipe` says."""
    rate = keras.optimizers.schedules.ExponentialDecay(
        config.learning_rate,
        config.decay_steps,
        config.decay_rate,
        staircase=True,
    )
    return keras.optimizers.Adam(rate)


def fast_optimizer(config: Any) -> keras.optimizers.Optimizer:
    """AdamW with warm-up and cosine decay, as a `FastRecipe` says."""
    warmup = min(config.warmup_steps, config.num_steps // 2)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0,
        config.num_steps - warmup,
        alpha=config.final_fraction,
        warmup_target=config.learning_rate,
        warmup_steps=warmup,
    )
    return keras.optimizers.AdamW(rate, weight_decay=config.weight_decay)


def _frames_wrong(model, inputs, targets, domain):
    likelihood = losses.step_log_likelihood(
        model(inputs, domain=domain), targets
    )
    return -tf.math.expm1(tf.reduce_sum(likelihood, axis=1))


def _frames_right(model, inputs, targets, domain):
    correct = losses.correct_steps(model(inputs, domain=domain), targets)
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

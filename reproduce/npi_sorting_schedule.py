"""What is trained on which step of sorting."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from npi_tf import frames as frames_lib
from npi_tf import sampling
from npi_tf.sorting import environment
from reproduce import npi_schedules
from reproduce import npi_sorting_configs

_DIGITS = np.array(
    [feature.blank is None for feature in environment.OBSERVATIONS.features]
)


class EvenSchedule(npi_schedules.FastSchedule):
    """The same mix of programs on every step, all lengths alike.

    Within its program a frame is drawn so that each number of steps is as
    likely as any other: an array of 20 numbers makes 20 calls of BUBBLE, one
    of 2 numbers makes 2, and where BUBBLE ends is learnt from both.
    """

    def __init__(self, config, frames, programs, seed, domain=None):
        super().__init__(config, frames, programs, seed, domain)
        batches = self.sampler.by_program.values()
        self.sampler.reweight(np.concatenate([*map(even_factors, batches)]))

    def batches(self, step: int) -> list[npi_schedules.Weighted]:
        """The batches of one step, each frame group with its mean."""
        rng = sampling.step_rng(self.seed, step)
        drawn = [self.sampler.sample(rng, sizes) for sizes in self.groups]
        return [(batch, 1.0 / int(batch.num_steps.sum())) for batch in drawn]

    def update(self, step: int, model: Any, errors: np.ndarray) -> np.ndarray:
        """Errors are not estimated."""
        return errors


class FewExamplesSchedule(EvenSchedule):
    """For few examples: less is shown, and bits are exchanged.

    The core would learn a few arrays by heart. A digit that is hidden (from
    programs that loop) is coded as zeros; decisions that do not need it
    become the same with and without. The chance of it falls linearly. And
    frames of a program that make the same calls exchange their bits: what
    follows from digits is then learnt whatever the bits are. Long frames
    come seldom, for time, and their last steps count more: of a frame that
    loops only the last step says where it ends.
    """

    def batches(self, step: int) -> list[npi_schedules.Weighted]:
        """The batches of one step; a group's on every n-th, n-fold."""
        rng = sampling.step_rng(self.seed, step)
        left = max(1 - step / self.config.num_steps, self.config.last_hidden)
        drawn = []
        for sizes, every, hidden, end in zip(
            self.groups,
            self.config.every,
            self.config.hidden_fractions,
            self.config.end_weights,
        ):
            if step % every == 0:
                batch = self.sampler.sample(rng, sizes)
                weights = every * ends_weighted(batch, end)
                batch = exchange_bits(rng, batch, self.config.exchanged_bits)
                drawn.append((hide_digits(rng, batch, hidden * left), weights))
        return drawn


def ends_weighted(batch: frames_lib.FrameBatch, weight: float) -> np.ndarray:
    """Weights of a mean over steps to which the last ones count more.

    Args:
        batch: Frames.
        weight: What a frame's last step counts; the others count 1.

    Returns:
        `[B, T]`, 0 after the end of a frame; they sum to 1.
    """
    weights = np.choose(batch.ends + 1, (0.0, 1.0, weight))
    return weights / weights.sum()


def hide_digits(
    rng: np.random.Generator, batch: frames_lib.FrameBatch, chance: float
) -> frames_lib.FrameBatch:
    """Frames of sorting of which the encoder is not shown every digit.

    Bits are always shown: one that is not set is coded as zeros anyway.

    Args:
        rng: Source of randomness.
        batch: Frames.
        chance: That a digit is not shown on a step, each on its own.
    """
    hidden = rng.random(batch.observations.shape) < chance
    return dataclasses.replace(
        batch, observations=np.where(hidden & _DIGITS, -1, batch.observations)
    )


def exchange_bits(
    rng: np.random.Generator, batch: frames_lib.FrameBatch, chance: float
) -> frames_lib.FrameBatch:
    """Frames of sorting, some with the bits of others that call the same.

    Args:
        rng: Source of randomness.
        batch: Frames.
        chance: That a frame is shown the bits of a random one (on every
            step) among those of its program with the same calls and ends.
    """
    targets = [
        array.reshape(len(batch), -1)
        for array in (
            batch.program,
            batch.calls,
            batch.call_arguments,
            batch.ends,
        )
    ]
    _, kinds = np.unique(
        np.concatenate(targets, axis=1), axis=0, return_inverse=True
    )
    kinds = kinds.reshape(-1)
    order = np.lexsort((rng.random(len(batch)), kinds))
    others = np.empty_like(order)
    others[np.argsort(kinds, kind="stable")] = order
    chosen = (rng.random(len(batch)) < chance)[:, None, None] & ~_DIGITS
    seen = np.where(chosen, batch.observations[others], batch.observations)
    return dataclasses.replace(batch, observations=seen)


def even_factors(batch: frames_lib.FrameBatch) -> np.ndarray:
    """Weights of frames that sum to 1 for each number of steps, `[n]`."""
    _, kinds, counts = np.unique(
        batch.num_steps, return_inverse=True, return_counts=True
    )
    return 1.0 / counts[kinds]


def make(
    config: npi_sorting_configs.PaperRecipe | npi_sorting_configs.FastRecipe,
    frames: frames_lib.FrameBatch,
    programs: tuple[str, ...],
    seed: int,
) -> EvenSchedule | npi_schedules.PaperSchedule:
    """The schedule that belongs to a recipe."""
    schedule = EvenSchedule
    if isinstance(config, npi_sorting_configs.PaperRecipe):
        schedule = npi_schedules.PaperSchedule
    elif isinstance(config, npi_sorting_configs.FewExamplesRecipe):
        schedule = FewExamplesSchedule
    return schedule(config, frames, programs, seed)

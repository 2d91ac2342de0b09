"""Draws frames for training: reproducible, and a pure function of the step."""

from __future__ import annotations

import numpy as np

from npi_tf import frames as frames_lib


def step_rng(seed: int, step: int) -> np.random.Generator:
    """The random numbers of one training step, whatever came before it.

    A run that is stopped and resumed needs no stored random state.
    """
    return np.random.default_rng([seed, step])


def curriculum_probs(errors: np.ndarray, temperature: float) -> np.ndarray:
    """The adaptive curriculum: how often each program is trained.

    `p(i) = exp(err_i / T) / sum_j exp(err_j / T)`: programs on which the
    model errs more are fetched more often.

    Args:
        errors: Average prediction error of each program, in 0..1.
        temperature: `T`, positive; small values follow the errors closely.

    Returns:
        Probabilities, same shape as `errors`.

    Raises:
        ValueError: If the temperature is not positive.

    References:
        Reed and de Freitas, arXiv 1511.06279, section 3.2.
    """
    if not temperature > 0:
        raise ValueError(f"temperature: must be positive, got {temperature}")
    scores = np.asarray(errors, np.float64) / temperature
    weights = np.exp(scores - scores.max())
    return weights / weights.sum()


class FrameSampler:
    """Draws frames of given programs, with replacement.

    Args:
        frames: All training frames.
        count_power: A frame is drawn with probability proportional to
            `count ** count_power` among those of its program: 1 draws
            invocations exactly as they occur, 0 distinct frames uniformly.

    Raises:
        ValueError: If `count_power` is negative.
    """

    def __init__(self, frames: frames_lib.FrameBatch, count_power: float = 1.0):
        if count_power < 0:
            raise ValueError(
                f"count_power: must not be negative, got {count_power}"
            )
        self.by_program = frames.by_program()
        self._base = {
            program: batch.count.astype(np.float64) ** count_power
            for program, batch in self.by_program.items()
        }
        self.reweight(np.ones(len(frames)))

    def reweight(self, factors: np.ndarray) -> None:
        """Multiplies the chance of every frame, in place of earlier factors.

        Args:
            factors: `[n]`, positive, frames in the order of `by_program`.

        Raises:
            ValueError: If there is not one positive factor for each frame.
        """
        size = sum(map(len, self._base.values()))
        if np.shape(factors) != (size,) or not np.all(factors > 0):
            raise ValueError(
                f"factors: must be {size} positive numbers, got shape "
                f"{np.shape(factors)}"
            )
        self._cumulative = {}
        start = 0
        for program, base in self._base.items():
            weights = base * factors[start : start + len(base)]
            self._cumulative[program] = np.cumsum(weights / weights.sum())
            start += len(base)

    def sample(
        self, rng: np.random.Generator, sizes: dict[int, int]
    ) -> frames_lib.FrameBatch:
        """One batch, padded alike on every call with the same programs.

        Args:
            rng: Source of randomness.
            sizes: How many frames of each program.

        Raises:
            ValueError: If a program has no frames.
        """
        unknown = set(sizes) - set(self.by_program)
        if unknown:
            raise ValueError(
                f"sizes: every program must have frames, got {sorted(unknown)}"
            )
        drawn = []
        for program, size in sizes.items():
            cumulative = self._cumulative[program]
            indices = np.searchsorted(cumulative, rng.random(size))
            indices = np.minimum(indices, len(cumulative) - 1)
            drawn.append(self.by_program[program].rows(indices))
        return frames_lib.concatenate(drawn)

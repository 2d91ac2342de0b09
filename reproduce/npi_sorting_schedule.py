"""What is trained on which step of sorting."""

from __future__ import annotations

from typing import Any

import numpy as np

from npi_tf import frames as frames_lib
from npi_tf import sampling
from reproduce import npi_schedules
from reproduce import npi_sorting_configs


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
    paper = isinstance(config, npi_sorting_configs.PaperRecipe)
    schedule = npi_schedules.PaperSchedule if paper else EvenSchedule
    return schedule(config, frames, programs, seed)

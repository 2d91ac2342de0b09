"""Training several domains on every step."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from npi_tf import sampling
from reproduce import npi_schedules


class MultiSchedule:
    """The batches of several schedules side by side, for one core.

    Args:
        config: Optimizer and number of steps of all (`num_steps`, and what
            `npi_schedules.fast_optimizer` needs).
        schedules: The schedule of each domain, by name.
    """

    def __init__(self, config: Any, schedules: dict[str, Any]):
        self.config = config
        self.schedules = schedules
        sizes = [len(s.first_errors) for s in schedules.values()]
        self._splits = np.cumsum(sizes)[:-1]
        self.first_errors = np.concatenate(
            [schedule.first_errors for schedule in schedules.values()]
        )
        self._errors = {
            domain: schedule.first_errors
            for domain, schedule in schedules.items()
        }

    def optimizer(self) -> keras.optimizers.Optimizer:
        """AdamW with warm-up and cosine decay."""
        return npi_schedules.fast_optimizer(self.config)

    def batches(self, step: int) -> npi_schedules.Batches:
        """The batches of one step, by domain."""
        return {
            domain: schedule.batches(step)
            for domain, schedule in self.schedules.items()
        }

    def update(self, step: int, model: Any, errors: np.ndarray) -> np.ndarray:
        """Lets every schedule follow its part of the errors.

        Args:
            step: Steps taken so far.
            model: The model in training.
            errors: The last estimates, one domain's after the other's.
        """
        parts = dict(zip(self.schedules, np.split(errors, self._splits)))
        for domain, schedule in self.schedules.items():
            known = self._errors[domain]
            if np.array_equal(known, parts[domain]):
                parts[domain] = known  # A schedule tells news by identity.
            self._errors[domain] = schedule.update(step, model, parts[domain])
        return np.concatenate(list(self._errors.values()))


class PaperMultiSchedule:
    """One frame a step, its program drawn over all domains by its error.

    The adaptive curriculum of section 3.2 over every program of every
    domain; one that several domains share counts once for each.

    Args:
        config: `npi_multitask_configs.PaperRecipe`.
        schedules: The `npi_schedules.PaperSchedule` of each domain.
        seed: Of the domains and programs drawn.
    """

    def __init__(self, config: Any, schedules: dict[str, Any], seed: int):
        self.config = config
        self.schedules = schedules
        self.seed = seed
        self.choices = [
            (domain, program)
            for domain, schedule in schedules.items()
            for program in schedule.sampler.by_program
        ]
        self.first_errors = np.ones(len(self.choices))
        self.probs = np.full(len(self.choices), 1 / len(self.choices))

    def optimizer(self) -> keras.optimizers.Optimizer:
        """Adam, its rate decayed in steps (section 4)."""
        return npi_schedules.paper_optimizer(self.config)

    def batches(self, step: int) -> npi_schedules.Batches:
        """One batch of one program; the sum over its steps (equation 7)."""
        rng = sampling.step_rng(self.seed, step)
        choice = int(rng.choice(len(self.choices), p=self.probs))
        domain, program = self.choices[choice]
        size = self.config.batch_size
        frames = self.schedules[domain].sample(rng, program, size)
        return {domain: [(frames, 1.0 / size)]}

    def update(self, step: int, model: Any, errors: np.ndarray) -> np.ndarray:
        """Re-estimates every program's error now and then (D7)."""
        if step % self.config.estimate_every == 0:
            rng = sampling.step_rng(self.seed + 1, step)
            errors = np.array(
                [
                    self.schedules[domain].error(model, rng, program)
                    for domain, program in self.choices
                ]
            )
        self.probs = sampling.curriculum_probs(errors, self.config.temperature)
        return errors

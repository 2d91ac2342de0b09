"""The cells of Table 1: each task run to its end, results compared."""

from __future__ import annotations

from typing import Any

import numpy as np
from absl import logging

from data_gen import load
from data_gen import load_cars
from npi_tf import addition
from npi_tf import canonicalization
from npi_tf import runner as runner_lib
from npi_tf import sorting
from npi_tf.addition import problems as addition_problems
from npi_tf.sorting import problems as sorting_problems
from reproduce import npi_canonicalization_evaluation
from reproduce import npi_canonicalization_training
from reproduce import npi_multitask_configs

CELLS = (
    "addition",
    "sorting",
    "canonicalization_seen",
    "canonicalization_unseen",
    "maximum",
)


class Examiner:
    """Gives models of any tasks the same problems.

    Args:
        config: Sizes.
        smoke: Whether a few cars will do; nor is anything compiled, which
            takes longer than a few problems.
        cars: Whether to try the cars at all, which must be rendered.
        known_arrays: Arrays that are not asked, beside sorting's training.
    """

    def __init__(
        self,
        config: npi_multitask_configs.Evaluation,
        smoke: bool,
        cars: bool = True,
        known_arrays: set | frozenset = frozenset(),
    ):
        self._config = config
        self._jit_compile = not smoke
        self._tasks = {
            "addition": (
                addition.ADDITION,
                addition_problems.distinct_problems,
                addition_problems.exact_sum,
                (config.digits, config.long_digits),
            ),
            "sorting": (
                sorting.SORTING,
                sorting_problems.distinct_problems,
                lambda array: tuple(sorted(array)),
                (config.array_length, config.long_array),
            ),
            "maximum": (
                sorting.MAXIMUM,
                sorting_problems.distinct_problems,
                max,
                (config.array_length, config.long_array),
            ),
        }
        self._taken = {
            "addition": set(load.load_problems("train", "addition")),
            # MAX is taught on sorting's arrays and on others of its own.
            "sorting": set(load.load_problems("train", "sorting"))
            | known_arrays,
        }
        self._cars = {
            name: load_cars.load(
                split, npi_canonicalization_training.data(smoke)
            ).images
            for name, split in (("seen", "train"), ("unseen", "test"))
            if cars
        }

    def column(
        self, model: Any, tasks: tuple[str, ...] | None = None
    ) -> tuple[dict[str, float], dict[str, list]]:
        """What a model gets right.

        Args:
            model: A `npi_tf.NPI`.
            tasks: Which tasks to try; all that the model knows by default.

        Returns:
            Fractions by cell, longer problems under names of their own; and,
            for comparison, how every run ended: its output (of cars, the
            pose), status and number of core steps.
        """
        cells, outputs = {}, {}
        for task in tasks or self._known(model):
            if task == canonicalization.CANONICALIZATION.name:
                self._look_at_cars(model, cells, outputs)
            else:
                self._try(model, task, cells, outputs)
        return cells, outputs

    def _known(self, model):
        names = [*self._tasks, canonicalization.CANONICALIZATION.name]
        known = set(model.encoders)
        if "MAX" in model.programs:
            known.add("maximum")
        return [name for name in names if name in known]

    def _try(self, model, task, cells, outputs):
        domain, draw, answer, (length, long) = self._tasks[task]
        config = self._config
        runner = runner_lib.Runner(model, domain, jit_compile=self._jit_compile)
        for name, size, count in (
            (task, length, config.problems),
            (f"{task}_{long}", long, config.long_problems),
        ):
            seed = [config.seed, list(self._tasks).index(task), size]
            taken = self._taken[domain.encoder_name]
            problems = draw(np.random.default_rng(seed), size, count, taken)
            runs = runner(problems)
            right = [
                run.output is not None and _same(run.output, answer(problem))
                for run, problem in zip(runs, problems)
            ]
            cells[name] = float(np.mean(right))
            outputs[name] = [(r.output, r.status, r.num_steps) for r in runs]
            logging.info("%s: %.4f of %d", name, cells[name], count)

    def _look_at_cars(self, model, cells, outputs):
        most = self._config.canonicalization_steps
        for name, images in self._cars.items():
            found = npi_canonicalization_evaluation.evaluate(model, images)
            cell = f"canonicalization_{name}"
            cells[cell] = found.accuracy(1, most)
            cells[f"{cell}_all_poses"] = found.accuracy()
            outputs[cell] = [
                ends.tolist()
                for ends in (found.pose, found.status, found.num_steps)
            ]
            logging.info("%s: %.4f", cell, cells[cell])


def _same(result, answer):
    if isinstance(answer, tuple):
        return tuple(result) == answer
    return result == answer

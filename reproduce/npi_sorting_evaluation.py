"""Closed-loop evaluation of sorting: the program runs, its array counts."""

from __future__ import annotations

import collections
import dataclasses
from typing import Any

import numpy as np
from absl import logging

from npi_tf.sorting import environment
from npi_tf.sorting import problems as problems_lib
from reproduce import npi_sorting_configs
from reproduce import npi_sorting_runner

_SHOWN = 40  # Numbers of a longer array are not all written down.


@dataclasses.dataclass
class Report:
    """What evaluation found.

    Attributes:
        accuracy_by_length: Fraction of arrays that were sorted, by length.
        accuracy_adversarial: The same on the adversarial set.
        num_problems: How many arrays were tried in all.
        failures: Every array that was not sorted.
    """

    accuracy_by_length: dict[str, float] = dataclasses.field(
        default_factory=dict
    )
    accuracy_adversarial: float | None = None
    num_problems: int = 0
    failures: list[dict[str, str]] = dataclasses.field(default_factory=list)


def evaluate(
    model: Any,
    config: npi_sorting_configs.SortingEvaluation,
    taken: set[problems_lib.Problem],
) -> Report:
    """Tries random arrays of every length, then the adversarial set.

    Args:
        model: A trained `npi_tf.NPI`.
        config: Lengths, and arrays of each.
        taken: Training arrays, which are not asked again.
    """
    runner = npi_sorting_runner.CachedRunner(model)
    report = Report()
    for length in config.lengths:
        problems = evaluation_problems(config, length, taken)
        accuracy = float(np.mean(_right(runner, report, problems, "random")))
        report.accuracy_by_length[str(length)] = accuracy
        logging.info("length %d: %.4f of %d", length, accuracy, len(problems))
    groups = collections.defaultdict(list)
    adversarial = problems_lib.adversarial_problems(config.adversarial_lengths)
    for problem in adversarial:
        groups[len(problem)].append(problem)
    right = [
        flag
        for problems in groups.values()
        for flag in _right(runner, report, problems, "adversarial")
    ]
    report.accuracy_adversarial = float(np.mean(right))
    logging.info("adversarial: %.4f", report.accuracy_adversarial)
    return report


def evaluation_problems(
    config: npi_sorting_configs.SortingEvaluation,
    length: int,
    taken: set[problems_lib.Problem],
) -> list[problems_lib.Problem]:
    """Distinct arrays of one length that were not trained on.

    Of the few arrays of one and of two numbers, those that training left.
    """
    rng = np.random.default_rng([config.seed, length])
    seen = sum(len(problem) == length for problem in taken)
    left = environment.BASE**length - seen
    count = min(config.problems_per_length, left)
    if length > config.long:
        count = min(count, config.problems_if_long)
    return problems_lib.distinct_problems(rng, length, count, taken)


def _right(runner, report, problems, kind):
    right = []
    for problem, run in zip(problems, runner(problems)):
        expected = tuple(sorted(problem))
        right.append(run.output == expected)
        if not right[-1]:
            failure = {
                "kind": kind,
                "array": _short(problem),
                "got": _short(run.output),
                "status": run.status,
            }
            report.failures.append(failure)
            logging.error("wrong: %s", failure)
    report.num_problems += len(problems)
    return right


def _short(array):
    """An array that fits on a line; a long one by its ends."""
    if array is None:
        return "None"
    digits = "".join(map(str, array))
    if len(digits) <= _SHOWN:
        return digits
    return f"{digits[:12]}...{digits[-12:]} ({len(digits)} numbers)"

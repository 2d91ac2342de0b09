"""Closed-loop evaluation of addition: the program runs, its sum counts."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from absl import logging

from npi_tf import runner as runner_lib
from npi_tf.addition import problems as problems_lib
from reproduce import npi_configs

_SHORT = 20  # Lengths up to this run as one batch.
_BATCH_WIDTH = 4096  # Longer ones share one compiled shape.


@dataclasses.dataclass
class Report:
    """What evaluation found.

    Attributes:
        accuracy_by_length: Fraction of exactly right sums by digits.
        accuracy_adversarial: The same on the adversarial set.
        num_problems: How many sums were tried in all.
        failures: Every sum that was not right, long numbers by their ends.
    """

    accuracy_by_length: dict[str, float] = dataclasses.field(
        default_factory=dict
    )
    accuracy_adversarial: float | None = None
    num_problems: int = 0
    failures: list[dict[str, str]] = dataclasses.field(default_factory=list)


def evaluate(
    model: Any,
    config: npi_configs.AdditionEvaluation,
    taken: set[problems_lib.Problem],
) -> Report:
    """Tries random sums of every length, then the adversarial set.

    Args:
        model: A trained `npi_tf.NPI`.
        config: Lengths, and problems of each.
        taken: Training problems, which are not asked again.
    """
    runner = runner_lib.Runner(model, "addition", jit_compile=True)
    report = Report()
    problems = {
        length: evaluation_problems(config, length, taken)
        for length in config.lengths
    }
    short = [length for length in problems if length <= _SHORT]
    if short:
        _try(runner, report, {length: problems[length] for length in short})
    for length in problems:
        if length > _SHORT:
            _try(runner, report, {length: problems[length]})
    adversarial = [
        problem
        for problem in problems_lib.adversarial_problems()
        if max(map(len, problem)) <= config.longest_adversarial
    ]
    right = _right(runner, report, adversarial, "adversarial")
    report.accuracy_adversarial = float(np.mean(right))
    logging.info("adversarial: %.4f", report.accuracy_adversarial)
    return report


def evaluation_problems(
    config: npi_configs.AdditionEvaluation,
    length: int,
    taken: set[problems_lib.Problem],
) -> list[problems_lib.Problem]:
    """Distinct problems of one length that were not trained on.

    Of the 100 pairs of single digits, those that training left over.
    """
    rng = np.random.default_rng([config.seed, length])
    count = config.problems_per_length
    if length > config.long:
        count = min(count, config.problems_if_long)
    if length == 1:
        seen = sum(len(a) == len(b) == 1 for a, b in taken)
        count = min(count, 100 - seen)
    return problems_lib.distinct_problems(rng, length, count, taken)


def _try(runner, report, problems):
    """Runs problems of several lengths as one batch."""
    batch = [p for group in problems.values() for p in group]
    right = _right(runner, report, batch, "random")
    for length, group in problems.items():
        accuracy = float(np.mean(right[: len(group)]))
        right = right[len(group) :]
        report.accuracy_by_length[str(length)] = accuracy
        logging.info("length %d: %.4f of %d", length, accuracy, len(group))


def _right(runner, report, problems, kind):
    longest = max(len(operand) for p in problems for operand in p)
    width = _BATCH_WIDTH if longest > _SHORT else _SHORT + 1
    runs = runner(problems, min_width=width)
    right = []
    for problem, run in zip(problems, runs):
        expected = problems_lib.exact_sum(problem)
        right.append(run.output == expected)
        if not right[-1]:
            failure = {
                "kind": kind,
                "augend": _short(problem[0]),
                "addend": _short(problem[1]),
                "expected": _short(expected),
                "got": _short(str(run.output)),
                "status": run.status,
            }
            report.failures.append(failure)
            logging.error("wrong: %s", failure)
    report.num_problems += len(problems)
    return right


def _short(number):
    """A number that fits on a line: a long one by its ends."""
    if len(number) <= 40:
        return number
    return f"{number[:12]}...{number[-12:]} ({len(number)} digits)"

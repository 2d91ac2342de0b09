"""The cells of Table 1: each task run to its end, results compared."""

from __future__ import annotations

from typing import Any

import numpy as np
from absl import logging

from npi_tf import addition
from npi_tf import runner as runner_lib
from npi_tf import sorting
from npi_tf.addition import problems as addition_problems
from npi_tf.sorting import problems as sorting_problems
from reproduce import npi_multitask_configs


def evaluate_addition(
    model: Any,
    digits: int,
    count: int,
    seed: int,
    taken: set | frozenset = frozenset(),
) -> tuple[float, list[Any]]:
    """The fraction of exact sums, and all outputs."""
    rng = np.random.default_rng([seed, 1, digits])
    problems = addition_problems.distinct_problems(rng, digits, count, taken)
    runs = runner_lib.Runner(model, addition.ADDITION, jit_compile=True)(
        problems
    )
    outputs = [run.output for run in runs]
    right = [
        output == addition_problems.exact_sum(problem)
        for output, problem in zip(outputs, problems)
    ]
    return float(np.mean(right)), outputs


def evaluate_sorting(
    model: Any,
    length: int,
    count: int,
    seed: int,
    taken: set | frozenset = frozenset(),
) -> tuple[float, list[Any]]:
    """The fraction of arrays that are sorted, and all outputs."""
    problems = _arrays(length, count, seed, taken)
    runs = runner_lib.Runner(model, sorting.SORTING, jit_compile=True)(problems)
    outputs = [run.output for run in runs]
    right = [
        output is not None and tuple(output) == tuple(sorted(problem))
        for output, problem in zip(outputs, problems)
    ]
    return float(np.mean(right)), outputs


def evaluate_maximum(
    model: Any,
    length: int,
    count: int,
    seed: int,
    taken: set | frozenset = frozenset(),
) -> tuple[float, list[Any]]:
    """The fraction of arrays whose maximum was read, and all outputs."""
    problems = _arrays(length, count, seed + 1, taken)
    runs = runner_lib.Runner(model, sorting.MAXIMUM, jit_compile=True)(problems)
    outputs = [run.output for run in runs]
    right = [out == max(p) for out, p in zip(outputs, problems)]
    return float(np.mean(right)), outputs


def _arrays(length, count, seed, taken):
    rng = np.random.default_rng([seed, 2, length])
    return sorting_problems.distinct_problems(rng, length, count, taken)


def evaluate(
    model: Any,
    config: npi_multitask_configs.Evaluation,
    taken: dict[str, set],
    cars: dict[str, Any],
    with_maximum: bool = False,
) -> tuple[dict[str, float], dict[str, list]]:
    """One column of Table 1.

    Args:
        model: Knows the domains.
        config: Sizes.
        taken: Training problems by domain, which are not asked again.
        cars: For "seen" and "unseen", what `npi_canonicalization_evaluation`
            takes.
        with_maximum: Whether the model knows MAX.

    Returns:
        Fractions by task, and the outputs of every task for comparison.
    """
    cells, outputs = {}, {}
    tasks = {
        "addition": (evaluate_addition, config.digits, config.long_digits),
        "sorting": (evaluate_sorting, config.array_length, config.long_array),
    }
    if with_maximum:
        tasks["maximum"] = (
            evaluate_maximum,
            config.array_length,
            config.long_array,
        )
    for task, (run, size, long_size) in tasks.items():
        known = taken.get("sorting" if task == "maximum" else task, set())
        for name, length, count in (
            (task, size, config.problems),
            (f"{task}_{long_size}", long_size, config.long_problems),
        ):
            cells[name], outputs[name] = run(
                model, length, count, config.seed, known
            )
            logging.info("%s: %.4f of %d", name, cells[name], count)
    return cells, outputs

"""Sorting: the compiled interpreter, and step by step in Python."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

import npi_tf
from benchmarks import measure
from benchmarks import npi_execution
from npi_tf import sorting
from npi_tf import stepwise as stepwise_lib
from npi_tf.sorting import problems as problems_lib

# Without tensors an environment is run by `npi_tf.stepwise`.
STEPWISE = dataclasses.replace(sorting.SORTING, tensor_environment=None)


def arrays(length: int, count: int) -> list[tuple]:
    """Random arrays of one length, the same ones always."""
    rng = np.random.default_rng(length)
    return [problems_lib.random_problem(rng, length) for _ in range(count)]


def run_by(runner: npi_tf.Runner, problems: list, repeats=None) -> measure.Case:
    """A runner on a batch of arrays; the work is `core_steps` of all rows."""

    def run():
        return [(run.output, run.num_steps) for run in runner(problems)]

    return measure.Case(
        run,
        lambda outcomes: _work(problems, outcomes),
        lambda: runner(problems, step_budget=1),
        repeats,
    )


def from_python(model: Any, problem: tuple) -> measure.Case:
    """One array, every layer of every step called from Python."""
    program = npi_execution.StepByStep(
        model, sorting.SORTING, step_budget=stepwise_lib.DEFAULT_STEP_BUDGET
    )
    return measure.Case(
        lambda: [program(problem)],
        lambda outcomes: _work([problem], outcomes),
        lambda: program((2, 1)),
    )


def cases(
    model: Any,
    length: int,
    batches: tuple[int, ...],
    python_length: int,
    many_repeats: int,
) -> dict[str, measure.Case]:
    """Everything that sorts on each batch size.

    A case raises RuntimeError when an array is not sorted.

    Args:
        model: That can sort.
        length: Of the arrays.
        batches: How many at once.
        python_length: Of the array that is sorted from Python, whose steps
            cost the same at any length.
        many_repeats: Most rounds with more than one array.
    """
    found = {}
    for batch in batches:
        problems = arrays(length, batch)
        for name, runner in _runners(model).items():
            most = None if batch == 1 else _most(name, many_repeats)
            found[f"sort_{name}/{batch}"] = run_by(runner, problems, most)
    problem = arrays(python_length, 1)
    stepwise = npi_tf.Runner(model, STEPWISE)
    return found | {
        "python_eager/1": from_python(model, problem[0]),
        "python_graph/1": run_by(stepwise, problem),
    }


def long_array(
    model: Any, length: int, repeats: int
) -> dict[str, measure.Case]:
    """One long array, which takes many seconds."""
    problem = arrays(length, 1)
    return {
        f"array_{name}/{length}": run_by(runner, problem, _most(name, repeats))
        for name, runner in _runners(model).items()
    }


def _runners(model):
    """Compiled by XLA, and a plain graph."""
    return {
        name: npi_tf.Runner(model, sorting.SORTING, jit_compile=jit_compile)
        for name, jit_compile in (("xla", True), ("graph", False))
    }


def _most(name, repeats):
    """What takes long is done once by the plain graph, the slowest."""
    return 1 if name == "graph" else repeats


def _work(problems: list, outcomes: list) -> dict[str, float]:
    for problem, (output, _) in zip(problems, outcomes, strict=True):
        if output != tuple(sorted(problem)):
            raise RuntimeError(f"{problem}: {output} is not sorted")
    return {"core_steps": sum(steps for _, steps in outcomes)}

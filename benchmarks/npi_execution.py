"""Running programs: the compiled interpreter, and step by step in Python."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

import npi_tf
from benchmarks import measure
from npi_tf import addition
from npi_tf import interpreter as interpreter_lib
from npi_tf import specs
from npi_tf.addition import problems as problems_lib

Outcome = tuple[str | None, int]  # The sum, and core steps taken.


class StepByStep:
    """Algorithm 1 as a Python recursion that calls the model on each step.

    What public re-implementations do: one problem, the call stack is
    Python's, every layer is called on its own and every decision read back.

    Args:
        model: The `NPI`.
        domain: Where environment and programs come from.
        compiled: Make one `tf.function` of a core step, which saves the
            calls of the layers but not the loop in Python.
        step_budget: Most core steps; a run that takes more raises
            RuntimeError.
    """

    def __init__(
        self,
        model: Any,
        domain: specs.Domain,
        compiled: bool = False,
        step_budget: int = 100_000,
    ):
        self.model = model
        self.domain = domain
        self.step_budget = step_budget
        self._decide = (
            tf.function(self._core_step, autograph=False)
            if compiled
            else self._core_step
        )

    def __call__(self, problem: tuple) -> Outcome:
        """Runs the root program; returns the result and its core steps."""
        self.environment = self.domain.make_environment(*problem)
        self.num_steps = 0
        self._run(self.domain.root.name, specs.NO_ARGUMENTS)
        return self.environment.result(), self.num_steps

    def _run(self, program, arguments):
        core = self.model.core
        states = [tf.zeros([1, core.hidden_dim])] * (2 * core.num_layers)
        row = np.array([self.model.programs.index(program)], np.int32)
        given = np.array([arguments], np.int32)
        end = 0.0
        while end < interpreter_lib.STOP_THRESHOLD:
            self.num_steps += 1
            if self.num_steps > self.step_budget:
                raise RuntimeError(
                    f"{program} took over {self.step_budget} steps"
                )
            seen = self.environment.observe()[None].astype(np.int32)
            end_probs, call, heads, states = self._decide(
                row, given, seen, states
            )
            end = float(end_probs[0])
            if program == specs.ACT:
                self.environment.act(arguments)
                continue
            called = self.model.programs[int(call[0])]
            self._run(called, tuple(int(head[0]) for head in heads))

    def _core_step(self, row, arguments, seen, states):
        model = self.model
        encoding = model.encoder(self.domain.name)(seen, arguments)
        outputs, states = model.core.step(
            encoding, model.memory.embed(row), states
        )
        scores = model.program_logits(outputs["key"], row)
        heads = [tf.argmax(x, axis=-1) for x in outputs["argument_logits"]]
        end_probs = tf.sigmoid(outputs["end_logits"])
        return end_probs, tf.argmax(scores, axis=-1), heads, states


def sums(rng: np.random.Generator, digits: int, count: int) -> list[tuple]:
    """Random problems whose operands both have `digits` digits."""
    draw = problems_lib.random_digits
    return [(draw(rng, digits), draw(rng, digits)) for _ in range(count)]


def interpreter(model: Any, problems: list, repeats=None, **kwargs):
    """The compiled interpreter on a batch; `kwargs` go to `Runner`.

    Work is counted in `core_steps` and `digits` of all rows together; rows
    that end early wait for the last one.
    """
    runner = npi_tf.Runner(model, addition.ADDITION, **kwargs)

    def run():
        return [(run.output, run.num_steps) for run in runner(problems)]

    return measure.Case(
        run,
        lambda runs: _work(problems, runs),
        lambda: runner(problems, step_budget=1),
        repeats,
    )


def step_by_step(model: Any, problem: tuple, compiled: bool):
    """One problem, step by step from Python."""
    program = StepByStep(model, addition.ADDITION, compiled)
    return measure.Case(
        lambda: [program(problem)],
        lambda runs: _work([problem], runs),
        lambda: program(("1", "1")),
    )


def cases(
    model: Any, digits: int, batches: tuple[int, ...]
) -> dict[str, measure.Case]:
    """Everything that runs programs on each batch size.

    A case raises RuntimeError when a sum comes out wrong.
    """
    found = {}
    for batch in batches:
        problems = sums(np.random.default_rng(batch), digits, batch)
        for name, kwargs in (
            ("interpreter_xla", {"jit_compile": True}),
            ("interpreter_graph", {}),
            ("no_act_step_xla", {"jit_compile": True, "act_step": False}),
        ):
            found[f"{name}/{batch}"] = interpreter(model, problems, **kwargs)
        if batch == 1:
            for compiled in (False, True):
                name = "python_graph" if compiled else "python_eager"
                found[f"{name}/1"] = step_by_step(model, problems[0], compiled)
    return found


def check_same_steps(measured: dict[str, dict[str, Any]]) -> None:
    """Compares what was run by the interpreter and from Python.

    Raises:
        RuntimeError: If one problem took them different numbers of steps.
    """
    names = ("interpreter_xla/1", "python_eager/1", "python_graph/1")
    steps = {name: measured[name]["work"]["core_steps"] for name in names}
    if len(set(steps.values())) > 1:
        raise RuntimeError(f"core steps of the same sum differ: {steps}")


def long_sums(
    model: Any, lengths: tuple[int, ...], repeats: int
) -> dict[str, measure.Case]:
    """One sum of each length, compiled by XLA and as a plain graph."""
    found = {}
    for digits in lengths:
        problems = sums(np.random.default_rng(digits), digits, 1)
        for name, jit_compile in (("sum_xla", True), ("sum_graph", False)):
            found[f"{name}/{digits}"] = interpreter(
                model, problems, repeats, jit_compile=jit_compile
            )
    return found


def _work(problems: list, runs: list[Outcome]) -> dict[str, float]:
    for problem, (output, _) in zip(problems, runs):
        if output != problems_lib.exact_sum(problem):
            raise RuntimeError(f"{problem}: the sum {output!r} is wrong")
    return {
        "core_steps": sum(steps for _, steps in runs),
        "digits": sum(max(map(len, problem)) for problem in problems),
    }

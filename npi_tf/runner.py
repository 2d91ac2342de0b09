"""Runs programs on a trained model from Python: outputs, status, trace."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from npi_tf import checks
from npi_tf import domains
from npi_tf import interpreter as interpreter_lib
from npi_tf import specs
from npi_tf import stepwise
from npi_tf import trace as trace_lib


@dataclasses.dataclass(frozen=True)
class Run:
    """What came out of one problem.

    Attributes:
        output: The result that stands in the environment; None when there
            is none, or when the program did not end by itself.
        status: `ok`, `step_budget_exhausted`, `stack_overflow` or
            `invalid_action`.
        num_steps: Core steps taken.
        trace: The call tree, when asked for.
    """

    output: Any
    status: str
    num_steps: int
    trace: trace_lib.Call | None = None


class Record(NamedTuple):
    """What one loop iteration leaves for the trace; `[steps, B, ...]`."""

    running: Any
    program: Any
    arguments: Any
    observation: Any
    end: Any
    call: Any
    call_arguments: Any
    end_probs: Any
    program_probs: Any
    argument_probs_0: Any
    argument_probs_1: Any
    argument_probs_2: Any


class Runner:
    """A model and a domain, ready to run batches of problems.

    A domain without a `tensor_environment` is run step by step from Python,
    one problem after another (`npi_tf.stepwise`): the same runs, slowly.

    Args:
        model: A `npi_tf.NPI`.
        domain: A `Domain`, or its name.
        depth_limit: Most callers on a problem's stack.
        act_step: Whether ACT costs a core step (as in Algorithm 1).
        jit_compile: Compile the loop with XLA: over twice as fast a step,
            but about a second to compile for each new shape. Traced runs
            are never compiled, nor are domains without tensors.

    Raises:
        ValueError: If the model does not know the domain (`check_knows`),
            or the depth limit is invalid.

    Example:

    >>> import npi_tf
    >>> runner = Runner(npi_tf.NPI.from_preset("addition"), "addition")
    >>> [run.output for run in runner([("96", "125"), ("5", "99999")])]
    ['221', '100004']
    """

    def __init__(
        self,
        model: Any,
        domain: str | specs.Domain,
        depth_limit: int = interpreter_lib.DEFAULT_DEPTH_LIMIT,
        act_step: bool = True,
        jit_compile: bool = False,
    ):
        checks.check_at_least("depth_limit", depth_limit, 0)
        self.domain = domains.get(domain)
        self.model = model
        model.check_knows(self.domain)
        if self.domain.tensor_environment is None:
            self.interpreter = stepwise.StepwiseInterpreter(
                model, self.domain, depth_limit, act_step
            )
            return
        self.interpreter = interpreter_lib.Interpreter(
            model,
            self.domain.tensor_environment(),
            self.domain.encoder_name,
            depth_limit,
            act_step,
        )
        self._fast = tf.function(
            self._run,
            jit_compile=jit_compile,
            autograph=False,
            # XLA needs sizes; a plain graph then serves them all.
            reduce_retracing=not jit_compile,
        )
        self._traced = tf.function(
            self._run_traced, autograph=False, reduce_retracing=True
        )

    def __call__(
        self,
        problems: list,
        program: str | None = None,
        arguments: specs.Arguments = specs.NO_ARGUMENTS,
        step_budget: int | None = None,
        trace: bool = False,
        min_width: int = 0,
    ) -> list[Run]:
        """Runs one program on every problem.

        Args:
            problems: The domain's problems, each the values that
                `domain.make_environment` takes.
            program: Name of the program; the domain's root by default.
            arguments: Its arguments.
            step_budget: Most core steps of each problem; by default the
                tensor environment sets a generous one, and without it
                `npi_tf.stepwise.DEFAULT_STEP_BUDGET` holds.
            trace: Whether to return call trees.
            min_width: Pad the tensor environment to at least this size, so
                that problems of several sizes share one compiled graph.

        Returns:
            One `Run` a problem, in order.

        Raises:
            ValueError: If a problem, the program, an argument, the budget
                or the width is invalid.
        """
        if not isinstance(problems, Iterable):
            raise ValueError(f"problems: must be a list, got {problems!r}")
        problems = list(problems)
        name = self._check_program(program)
        self.domain.check_arguments(arguments)
        if step_budget is not None:
            checks.check_at_least("step_budget", step_budget, 1)
        checks.check_at_least("min_width", min_width, 0)
        for problem in problems:
            self.domain.check_problem(problem)
        if not problems:
            return []
        if self.domain.tensor_environment is None:
            return self._run_stepwise(
                problems, name, arguments, step_budget, trace
            )
        environment = self.interpreter.environment
        arrays = environment.encode(problems, min_width)
        row = self.model.programs.index(name)
        inputs = (
            tf.constant(step_budget or 0, tf.int32),
            tf.fill([len(problems)], row),
            tf.tile(tf.constant([arguments], tf.int32), [len(problems), 1]),
            tuple(map(tf.constant, arrays)),
        )
        if trace:
            machine, record = self._traced(*inputs)
            calls = self._call_trees(record)
        else:
            machine, calls = self._fast(*inputs), [None] * len(problems)
        outputs = environment.decode(machine.environment)
        statuses = [
            interpreter_lib.STATUSES[code] for code in machine.status.numpy()
        ]
        return [
            Run(output if status == interpreter_lib.OK else None, status, n, c)
            for output, status, n, c in zip(
                outputs, statuses, machine.num_steps.numpy().tolist(), calls
            )
        ]

    def _check_program(self, program: str | None) -> str:
        name = self.domain.root.name if program is None else program
        if self.domain.program(name).name == specs.ACT and (
            not self.interpreter.act_step
        ):
            raise ValueError(
                f"program: must be called to act if act_step is False, "
                f"got {name!r}, which nobody calls"
            )
        return name

    def _run_stepwise(self, problems, name, arguments, step_budget, trace):
        environments = [self.domain.make_environment(*p) for p in problems]
        budget = step_budget or stepwise.DEFAULT_STEP_BUDGET
        runs = []
        for environment in environments:
            status, num_steps, call = self.interpreter.run(
                environment, name, arguments, budget
            )
            ended = status == interpreter_lib.OK
            output = environment.result() if ended else None
            runs.append(Run(output, status, num_steps, call if trace else None))
        return runs

    def _start(self, step_budget, program, arguments, arrays):
        state = self.interpreter.environment.reset(*arrays)
        machine = self.interpreter.start(state, program, arguments)
        default = self.interpreter.environment.step_budget(state)
        return machine, tf.where(step_budget > 0, step_budget, default)

    def _run(self, *inputs):
        return self.interpreter.run(*self._start(*inputs))

    def _run_traced(self, *inputs):
        machine, values = self.interpreter.run_recorded(
            *self._start(*inputs), _record
        )
        return machine, Record(*values)

    def _call_trees(self, record: Record) -> list[trace_lib.Call]:
        record = Record(
            *(np.asarray(tf.cast(v, _plain(v.dtype))) for v in record)
        )
        return [
            self._call_tree(Record(*(value[:, row] for value in record)))
            for row in range(record.running.shape[1])
        ]

    def _call_tree(self, record: Record) -> trace_lib.Call:
        """Replays the call stack of one problem over its recorded steps."""
        names = self.model.programs
        root = node = trace_lib.Call(
            names[record.program[0]], tuple(record.arguments[0].tolist())
        )
        callers = []
        for t in np.flatnonzero(record.running):
            step = trace_lib.CallStep(
                record.observation[t],
                bool(record.end[t]),
                probs={
                    "end": float(record.end_probs[t]),
                    "program": record.program_probs[t].tolist(),
                    "arguments": [p[t].tolist() for p in record[-3:]],
                },
            )
            node.steps.append(step)
            if node.program == specs.ACT:
                if step.end and callers:
                    node = callers.pop()
                continue
            step.child = trace_lib.Call(
                names[record.call[t]], tuple(record.call_arguments[t].tolist())
            )
            acted = (
                not self.interpreter.act_step
                and step.child.program == specs.ACT
            )
            if acted and step.end and callers:
                node = callers.pop()
            elif not acted:
                callers += [] if step.end else [node]
                node = step.child
        return root


def _record(machine, decision, seen):
    return Record(
        machine.running,
        machine.registers[:, 0],
        machine.registers[:, 1:4],
        seen,
        decision.end,
        decision.call,
        decision.arguments,
        *decision.probs,
    )


def _plain(dtype):
    return tf.float32 if dtype.is_floating else dtype

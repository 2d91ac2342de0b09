"""Algorithm 1 in plain Python, on any environment, one step at a time."""

from __future__ import annotations

import traceback
from typing import Any
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from absl import logging

from npi_tf import interpreter as interpreter_lib
from npi_tf import specs
from npi_tf import trace

DEFAULT_STEP_BUDGET = 10_000


class Outcome(NamedTuple):
    """How one program ended.

    Attributes:
        status: One of `npi_tf.interpreter.STATUSES`.
        num_steps: Core steps taken.
        call: The call tree, with probabilities.
    """

    status: str
    num_steps: int
    call: trace.Call


class StepwiseInterpreter:
    """`npi_tf.interpreter.Interpreter` for domains without tensors.

    It does the same to one `Environment` at a time. Only the core step is
    a graph, so a step costs about a millisecond more; a domain that is run
    a lot wants a `TensorEnvironment`.

    A ValueError of the environment's `act` ends a run as `invalid_action`.
    What it says, and the line that raised it, is logged as a warning, once
    for each line, since it may be a mistake in `act` itself.

    Args:
        model: A `npi_tf.NPI`.
        domain: Where the environments come from.
        depth_limit: Most callers on the stack.
        act_step: Whether ACT costs a core step.
    """

    def __init__(
        self,
        model: Any,
        domain: specs.Domain,
        depth_limit: int = interpreter_lib.DEFAULT_DEPTH_LIMIT,
        act_step: bool = True,
    ):
        self.depth_limit = depth_limit
        self.act_step = act_step
        self._names = model.programs
        self._domain = domain
        self._sizes = [len(spec.values) for spec in domain.arguments]
        self._logged = set()  # Lines whose ValueError was logged.
        self._core = interpreter_lib.Interpreter(
            model, None, domain.encoder_name
        )
        self._decide = tf.function(self._decide_with_probs, autograph=False)

    def run(
        self,
        environment: specs.Environment,
        program: str,
        arguments: specs.Arguments = specs.NO_ARGUMENTS,
        step_budget: int = DEFAULT_STEP_BUDGET,
    ) -> Outcome:
        """Runs a program until it ends, fails or spends its budget.

        Args:
            environment: Changed in place.
            program: Name of the program.
            arguments: Its arguments.
            step_budget: Most core steps.

        Raises:
            ValueError: If an observation is none of the domain's.
        """
        root = node = trace.Call(program, tuple(arguments))
        no_hidden = hidden = self._core.no_hidden(1)
        callers = []  # Those that will go on, with their LSTM states.
        for num_steps in range(1, step_budget + 1):
            step, called, hidden = self._step(environment, node, hidden)
            node.steps.append(step)
            if node.program != specs.ACT:
                step.child = called
            actor = node if self.act_step else called
            if actor.program == specs.ACT:
                if not self._act(environment, actor.arguments):
                    return Outcome(interpreter_lib.BAD_ACTION, num_steps, root)
                if step.end and not callers:
                    return Outcome(interpreter_lib.OK, num_steps, root)
                if step.end:
                    node, hidden = callers.pop()
                continue
            if not step.end:
                callers.append((node, hidden))
            if len(callers) > self.depth_limit:
                return Outcome(interpreter_lib.OVERFLOW, num_steps, root)
            node, hidden = called, no_hidden
        return Outcome(interpreter_lib.BUDGET, step_budget, root)

    def _step(self, environment, node, hidden):
        """The step without its child, the call it names, the LSTM state."""
        seen = np.array(environment.observe())
        self._domain.check_observation(seen)
        registers = [self._names.index(node.program), *node.arguments]
        decision, probs, hidden = self._decide(
            tf.constant([registers], tf.int32),
            hidden,
            tf.constant(seen[None], tf.int32),
        )
        end, programs, *heads = [value[0].numpy().tolist() for value in probs]
        step = trace.CallStep(
            seen,
            bool(decision.end[0]),
            probs={"end": end, "program": programs, "arguments": heads},
        )
        called = trace.Call(
            self._names[int(decision.call[0])],
            tuple(decision.arguments[0].numpy().tolist()),
        )
        return step, called, hidden

    def _decide_with_probs(self, call, hidden, seen):
        decision, hidden = self._core.decide(call, hidden, seen)
        # NumPy has no bfloat16 of its own; float64 becomes float32 as well.
        probs = [tf.cast(value, tf.float32) for value in decision.probs]
        return decision, probs, hidden

    def _act(self, environment, arguments):
        """Acts; False if `arguments` names no action.

        A core that several domains share may name values out of range.
        """
        if any(a >= size for a, size in zip(arguments, self._sizes)):
            return False
        try:
            environment.act(arguments)
        except ValueError as error:
            self._log(error, arguments)
            return False
        return True

    def _log(self, error, arguments):
        """Warns of the first error that a line of `act` raises."""
        *_, (frame, line) = traceback.walk_tb(error.__traceback__)
        place = frame.f_code.co_filename, line
        if place in self._logged:
            return
        self._logged.add(place)
        logging.warning(
            "invalid_action: act(%s) raised %s: %s (%s, line %d)",
            arguments,
            type(error).__name__,
            error,
            *place,
        )

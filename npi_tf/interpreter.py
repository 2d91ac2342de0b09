"""The compiled interpreter: whole programs inside one `tf.while_loop`."""

from __future__ import annotations

import dataclasses
from typing import Any
from typing import NamedTuple
from typing import Protocol

import tensorflow as tf

from npi_tf import specs

RUNNING = "running"
OK = "ok"
BUDGET = "step_budget_exhausted"
OVERFLOW = "stack_overflow"
BAD_ACTION = "invalid_action"
STATUSES = (RUNNING, OK, BUDGET, OVERFLOW, BAD_ACTION)

STOP_THRESHOLD = 0.5  # alpha, section 3 of the paper
DEFAULT_DEPTH_LIMIT = 16


class TensorEnvironment(Protocol):
    """A batch of environments as tensors: `f_env` inside the graph."""

    def encode(self, problems: list, min_width: int = 0) -> tuple:
        """Arrays for `reset` from problems as the user states them."""

    def reset(self, *arrays: tf.Tensor) -> Any:
        """The state of a batch of problems at their start."""

    def step_budget(self, state: Any) -> tf.Tensor:
        """Core steps that each row may take unless told otherwise, `[B]`."""

    def observe(self, state: Any) -> tf.Tensor:
        """`e_t` of every row, `[B, num_features]` int32."""

    def act(self, state: Any, arguments: tf.Tensor, mask: tf.Tensor) -> tuple:
        """The state after one action a row, and where it was an action."""

    def decode(self, state: Any) -> list:
        """The result of every row, from concrete tensors."""


class Machine(NamedTuple):
    """Everything that changes while a batch of `B` programs runs.

    Attributes:
        environment: State of the `TensorEnvironment`.
        registers: Running program, its three arguments, and its level in
            the call tree: `[B, 5]` int32.
        hidden: LSTM state of the running invocation, `[B, S]`.
        saved_registers: Callers that have not ended, `[B, depth + 1, 5]`.
        saved_hidden: Their LSTM states, `[B, depth + 1, S]`.
        depth: Number of saved callers, `[B]` int32.
        status: Index into `STATUSES`, `[B]` int32.
        num_steps: Core steps taken, `[B]` int32.
    """

    environment: Any
    registers: tf.Tensor
    hidden: tf.Tensor
    saved_registers: tf.Tensor
    saved_hidden: tf.Tensor
    depth: tf.Tensor
    status: tf.Tensor
    num_steps: tf.Tensor

    @property
    def running(self) -> tf.Tensor:
        """Rows that have not ended, `[B]` bool."""
        return self.status == STATUSES.index(RUNNING)


class Decision(NamedTuple):
    """What the core said on one step.

    Attributes:
        end: `r_t >= alpha`, `[B]` bool.
        call: Memory row of the called program, `[B]` int32.
        arguments: Its arguments, `[B, 3]` int32.
        end_probs: `r_t`, `[B]`.
        program_logits: `M_key k_t`, `[B, N]`.
        argument_logits: Three of `[B, num_values]`.
    """

    end: tf.Tensor
    call: tf.Tensor
    arguments: tf.Tensor
    end_probs: tf.Tensor
    program_logits: tf.Tensor
    argument_logits: list

    @property
    def probs(self) -> tuple[tf.Tensor, ...]:
        """Of the end `[B]`, the programs `[B, N]` and each argument."""
        logits = (self.program_logits, *self.argument_logits)
        return self.end_probs, *map(tf.nn.softmax, logits)


@dataclasses.dataclass(frozen=True)
class Interpreter:
    """Algorithm 1 of the paper for a batch of independent problems.

    Every iteration of the loop is one core step of every row that is still
    running. A call zeroes the LSTM state; the caller's state is kept on a
    stack unless the caller has ended (`r_t >= alpha`): then nothing of it
    is needed again and the call takes its place, so `depth` counts callers
    that will go on. ACT takes a core step of its own and acts with its own
    arguments, as in Algorithm 1; with `act_step=False` the environment acts
    at once when ACT is called (Deviation D3).

    Attributes:
        model: The `NPI`.
        environment: The domain's `TensorEnvironment`.
        domain: Name of the encoder to use.
        depth_limit: Most callers on a row's stack.
        act_step: Whether ACT costs a core step.
    """

    model: Any
    environment: TensorEnvironment
    domain: str
    depth_limit: int = DEFAULT_DEPTH_LIMIT
    act_step: bool = True

    def start(self, state: Any, program: tf.Tensor, arguments: tf.Tensor):
        """The machine before the first step.

        Args:
            state: Environment, one row a problem.
            program: Memory row of the program to run, `[B]` int32.
            arguments: Its arguments, `[B, 3]` int32.
        """
        batch = tf.shape(program)[0]
        hidden = self.no_hidden(batch)
        slots = self.depth_limit + 1
        registers = tf.concat(
            [program[:, None], arguments, tf.zeros_like(program[:, None])], 1
        )
        zeros = tf.zeros([batch], tf.int32)
        return Machine(
            state,
            registers,
            hidden,
            tf.zeros([batch, slots, registers.shape[1]], tf.int32),
            tf.zeros([batch, slots, hidden.shape[1]], hidden.dtype),
            zeros,
            zeros,
            zeros,
        )

    def no_hidden(self, batch: tf.Tensor | int) -> tf.Tensor:
        """The LSTM state before the first step of a call, `[batch, S]`."""
        core = self.model.core
        width = 2 * core.num_layers * core.hidden_dim  # h, c of each layer
        return tf.zeros([batch, width], core.compute_dtype)

    def run(self, machine: Machine, step_budget: tf.Tensor) -> Machine:
        """Runs until every row has ended or spent its budget.

        Args:
            machine: From `start`.
            step_budget: `[B]` int32.
        """
        return tf.while_loop(
            lambda machine: tf.reduce_any(machine.running),
            lambda machine: [self.step(machine, step_budget)[0]],
            [machine],
        )[0]

    def run_recorded(self, machine: Machine, step_budget: tf.Tensor, record):
        """As `run`, and what was recorded on each step.

        The first step lies outside of the loop: from it the records get
        their types and shapes, also when no row runs. It changes no row
        that has ended.

        Args:
            machine: From `start`.
            step_budget: `[B]` int32.
            record: Function of the machine before a step, the step's
                `Decision` and the observation; returns a list of tensors.

        Returns:
            The machine, and the records stacked over steps, `[steps, ...]`.
        """

        def step(i, machine, arrays):
            after, decision, seen = self.step(machine, step_budget)
            values = record(machine, decision, seen)
            arrays = arrays or [
                tf.TensorArray(
                    value.dtype, 1, dynamic_size=True, element_shape=value.shape
                )
                for value in values
            ]
            written = [a.write(i, value) for a, value in zip(arrays, values)]
            return i + 1, after, written

        _, machine, arrays = tf.while_loop(
            lambda i, machine, arrays: tf.reduce_any(machine.running),
            step,
            step(0, machine, None),
        )
        return machine, [array.stack() for array in arrays]

    def step(self, machine: Machine, step_budget: tf.Tensor):
        """One core step of every running row.

        Returns:
            The machine after, the `Decision`, and the observation.
        """
        seen = self.environment.observe(machine.environment)
        decision, hidden = self.decide(
            machine.registers[:, :4], machine.hidden, seen
        )
        act = tf.constant(self.model.programs.index(specs.ACT))
        if self.act_step:
            acts = machine.registers[:, 0] == act
            arguments = machine.registers[:, 1:4]
        else:
            acts, arguments = decision.call == act, decision.arguments
        environment, valid = self.environment.act(
            machine.environment, arguments, acts & machine.running
        )
        after = self._transfer(machine, decision, hidden, acts)
        status = self._status(machine, after, acts & ~valid, step_budget)
        after = after._replace(environment=environment, status=status)
        depth = tf.where(after.running, after.depth, 0)
        return after._replace(depth=depth), decision, seen

    def decide(self, call: tf.Tensor, hidden: tf.Tensor, seen: tf.Tensor):
        """Equations 1 to 4: one step of the core.

        Args:
            call: Running program and its three arguments, `[B, 4]` int32.
            hidden: LSTM state, `[B, S]`.
            seen: The observation, `[B, num_features]` int32.

        Returns:
            The `Decision`, and the new LSTM state.
        """
        model = self.model
        encoding = model.encoder(self.domain)(seen, call[:, 1:])
        parts = tf.split(hidden, 2 * model.core.num_layers, axis=1)
        outputs, parts = model.core.step(
            encoding, model.memory.embed(call[:, 0]), parts
        )
        program_logits = model.program_logits(outputs["key"], call[:, 0])
        end_probs = tf.sigmoid(outputs["end_logits"])
        argument_logits = outputs["argument_logits"]
        heads = [_argmax(logits) for logits in argument_logits]
        decision = Decision(
            end_probs >= STOP_THRESHOLD,
            _argmax(program_logits),
            tf.stack(heads, axis=1),
            end_probs,
            program_logits,
            argument_logits,
        )
        return decision, tf.concat(parts, axis=1)

    def _transfer(self, machine, decision, hidden, acts):
        """Call, return or go on: registers, LSTM states and stack."""
        returns = acts & decision.end
        calls = ~acts
        pushes = calls & ~decision.end
        batch = tf.range(tf.shape(acts)[0])
        # The slot above the top is scratch: written always, kept by a push.
        top = tf.stack([batch, machine.depth], axis=1)
        saved_registers = tf.tensor_scatter_nd_update(
            machine.saved_registers, top, machine.registers
        )
        saved_hidden = tf.tensor_scatter_nd_update(
            machine.saved_hidden, top, hidden
        )
        # Read after the write, never from the slot written: so XLA updates
        # the stacks in place. Without a caller the row ends here anyway.
        caller = tf.stack([batch, tf.maximum(machine.depth - 1, 0)], axis=1)
        callee = tf.concat(
            [
                decision.call[:, None],
                decision.arguments,
                machine.registers[:, 4:] + 1,
            ],
            axis=1,
        )
        registers = _choose(
            calls,
            callee,
            returns,
            tf.gather_nd(saved_registers, caller),
            machine.registers,
        )
        hidden = _choose(
            calls,
            tf.zeros_like(hidden),
            returns,
            tf.gather_nd(saved_hidden, caller),
            hidden,
        )
        change = tf.cast(pushes, tf.int32) - tf.cast(returns, tf.int32)
        num_steps = machine.num_steps + tf.cast(machine.running, tf.int32)
        return machine._replace(
            registers=registers,
            hidden=hidden,
            saved_registers=saved_registers,
            saved_hidden=saved_hidden,
            depth=machine.depth + change,
            num_steps=num_steps,
        )

    def _status(self, before, after, bad_action, step_budget):
        """Later rules win; a row that has ended keeps its status.

        `_transfer` leaves a depth of -1 where a program without a caller
        returned, and `depth_limit + 1` where a push had no slot.
        """
        status = before.status
        for rule, name in (
            (after.num_steps >= step_budget, BUDGET),
            (after.depth > self.depth_limit, OVERFLOW),
            (after.depth < 0, OK),
            (bad_action, BAD_ACTION),
        ):
            status = tf.where(rule, STATUSES.index(name), status)
        return tf.where(before.running, status, before.status)


def _argmax(logits):
    return tf.argmax(logits, axis=-1, output_type=tf.int32)


def _choose(first, if_first, second, if_second, otherwise):
    """Row-wise `if first ... elif second ... else`."""
    rest = tf.where(second[:, None], if_second, otherwise)
    return tf.where(first[:, None], if_first, rest)

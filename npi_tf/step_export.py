"""Programs as a step function: the environment stays with the client.

A domain without a `tensor_environment` acts on a world outside of the graph,
such as a renderer. Its programs are served without a session: a request
holds what the client sees and the state that the answer before carried; the
answer holds the next action and the state to send next.
"""

from __future__ import annotations

import itertools
import math
from typing import Any
from typing import NamedTuple

import tensorflow as tf

from npi_tf import interpreter as interpreter_lib
from npi_tf import precision
from npi_tf import specs

INVALID_INPUT = "invalid_input"
INVALID_STATE = "invalid_state"
STATUSES = (*interpreter_lib.STATUSES, INVALID_INPUT, INVALID_STATE)

START = "start"  # Name of the signature beside "serving_default".
MAX_STEP_BUDGET = 10_000  # So that one request cannot run for long.

_RUNNING = STATUSES.index(interpreter_lib.RUNNING)


class OutsideState(NamedTuple):
    """What the graph knows of a batch of environments during one request.

    Attributes:
        seen: The observation, which no step of the request changes,
            `[B, width]` int32.
        arguments: Of the action that the client is to take, `[B, 3]` int32.
        acted: Where there is one, `[B]` bool.
    """

    seen: tf.Tensor
    arguments: tf.Tensor
    acted: tf.Tensor


class OutsideEnvironment:
    """A `TensorEnvironment` whose actions are left to the client.

    Args:
        domain: Tells the values of arguments, and which actions do nothing:
            those without words (Deviation D11).
    """

    def __init__(self, domain: specs.Domain):
        self._sizes = [len(spec.values) for spec in domain.arguments]
        every = itertools.product(*map(range, self._sizes))
        self.words = [domain.describe_action(tuple(a)) for a in every]
        self._does_something = [bool(words) for words in self.words]

    def observe(self, state: OutsideState) -> tf.Tensor:
        """What the client has sent."""
        return state.seen

    def act(
        self, state: OutsideState, arguments: tf.Tensor, mask: tf.Tensor
    ) -> tuple[OutsideState, tf.Tensor]:
        """Notes an action that does something for the client."""
        # A core that several domains share may name values out of range.
        valid = tf.reduce_all(arguments < self._sizes, axis=1)
        noted = mask & valid
        index = tf.where(noted, self.index(arguments), 0)
        noted &= tf.gather(self._does_something, index)
        arguments = tf.where(noted[:, None], arguments, state.arguments)
        return OutsideState(state.seen, arguments, state.acted | noted), valid

    def index(self, arguments: tf.Tensor) -> tf.Tensor:
        """Index into `words` of `[B, 3]` arguments."""
        first, second, third = tf.unstack(arguments, axis=1)
        return (first * self._sizes[1] + second) * self._sizes[2] + third


class StepExecutor(tf.Module):
    """The served functions of one model on a domain outside of the graph.

    Args:
        model: A `npi_tf.NPI`; computes in float32 whatever its policy.
        domain: The `Domain`; its root program is what is served.
    """

    def __init__(self, model: Any, domain: specs.Domain):
        super().__init__(name=f"npi_{domain.name}")
        model = precision.in_float32(model)
        self._domain = domain
        self._root = model.programs.index(domain.root.name)
        self._outside = OutsideEnvironment(domain)
        self._interpreter = interpreter_lib.Interpreter(
            model, self._outside, domain.encoder_name
        )
        self._call_sizes = [
            len(model.programs),
            *map(int, model.core.num_argument_values),
        ]
        # What the signatures capture; the Keras objects stay behind.
        self.weights = [variable.value for variable in model.weights]
        self.inputs = _observation_inputs(domain.observations)
        self.state = self._state_inputs()

    def _state_inputs(self):
        machine = self._interpreter.start(
            None, tf.zeros([1], tf.int32), tf.zeros([1, 3], tf.int32)
        )
        fields = _carried(machine) | {"step_budget": machine.num_steps}
        return {
            name: tf.TensorSpec([None, *value.shape[1:]], value.dtype, name)
            for name, value in fields.items()
        }

    def signatures(self) -> dict[str, Any]:
        """The concrete functions by signature name."""
        default = tf.saved_model.DEFAULT_SERVING_SIGNATURE_DEF_KEY
        budget = self.state["step_budget"]
        start = tf.function(self.start, autograph=False)
        step = tf.function(self.step, autograph=False)
        return {
            default: step.get_concrete_function(**self.inputs, **self.state),
            START: start.get_concrete_function(step_budget=budget),
        }

    def requests(self) -> list[tuple[str, dict[str, Any]]]:
        """Requests that warm a server up, with their signatures."""
        budget = {"step_budget": tf.constant([1])}
        answer = self.start(**budget)
        inputs = {name: answer[name] for name in self.state}
        for name, spec in self.inputs.items():
            inputs[name] = tf.zeros([1, *spec.shape[1:]], spec.dtype)
        default = tf.saved_model.DEFAULT_SERVING_SIGNATURE_DEF_KEY
        return [(START, budget), (default, inputs)]

    def start(self, step_budget: tf.Tensor) -> dict[str, tf.Tensor]:
        """The carried state before the first step.

        Args:
            step_budget: Most core steps of each row, over all requests,
                `[B]` int32 in 1 .. `MAX_STEP_BUDGET`.
        """
        step_budget = tf.ensure_shape(step_budget, [None])
        valid = (step_budget > 0) & (step_budget <= MAX_STEP_BUDGET)
        size = tf.shape(step_budget)[0]
        machine = self._interpreter.start(
            None,
            tf.fill([size], self._root),
            tf.zeros([size, specs.NUM_ARGUMENTS], tf.int32),
        )
        status = tf.where(valid, _RUNNING, STATUSES.index(INVALID_INPUT))
        machine = machine._replace(status=status)
        return self._state(machine, tf.where(valid, step_budget, 1))

    def step(self, **inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        """Runs every row until it acts or ends.

        Args:
            **inputs: The observation and the carried state.

        Returns:
            `action` and `arguments` of what the client is to do, `status`,
            and the state to carry on; each `[B, ...]`.

        Raises:
            tf.errors.InvalidArgumentError: When executed, if the inputs
                differ in batch size, or have other shapes.
        """
        inputs = self._checked_shapes(inputs)
        seen, seen_is_valid = self._observation(inputs)
        machine, valid = self._machine(inputs, seen)
        budget = tf.where(valid, inputs["step_budget"], 1)
        status = machine.status
        for rule, name in (
            (machine.num_steps >= budget, interpreter_lib.BUDGET),
            (~seen_is_valid, INVALID_INPUT),
        ):
            running = status == _RUNNING
            status = tf.where(rule & running, STATUSES.index(name), status)
        status = tf.where(valid, status, STATUSES.index(INVALID_STATE))
        machine = self._run(machine._replace(status=status), budget)
        acted, arguments = machine.environment.acted, machine.environment[1]
        words = tf.gather(self._outside.words, self._outside.index(arguments))
        return self._state(machine, budget) | {
            "action": tf.where(acted, words, ""),
            "arguments": arguments,
        }

    def _run(self, machine, budget):
        """As `Interpreter.run`, but a row that has acted stands still."""

        def active(machine):
            return machine.running & ~machine.environment.acted

        def body(machine):
            after, _, _ = self._interpreter.step(machine, budget)
            return [_where(active(machine), after, machine)]

        return tf.while_loop(
            lambda machine: tf.reduce_any(active(machine)), body, [machine]
        )[0]

    def _checked_shapes(self, inputs):
        # A C session and a server do not look at the rank of what they are fed.
        shapes = {
            name: spec.shape
            for name, spec in (self.inputs | self.state).items()
        }
        inputs = {
            name: tf.ensure_shape(value, shapes[name])
            for name, value in inputs.items()
        }
        sizes = [tf.shape(value)[0] for value in inputs.values()]
        same = tf.debugging.assert_equal(
            tf.stack(sizes),
            sizes[0],
            message="inputs: must be batches of the same size",
        )
        with tf.control_dependencies([same]):
            return {name: tf.identity(v) for name, v in inputs.items()}

    def _observation(self, inputs):
        """A flat observation, `[B, width]`, and which rows hold one."""
        size = tf.shape(inputs["depth"])[0]
        observations = self._domain.observations
        parts, valid = [], tf.ones([size], tf.bool)
        if observations.features:
            features = inputs["features"]
            known = (features >= 0) & (features < observations.num_values)
            valid = tf.reduce_all(known, axis=1)
            parts.append(tf.where(valid[:, None], features, 0))
        if observations.image_shape:
            pixels = math.prod(observations.image_shape)
            image = tf.reshape(inputs["image"], [size, pixels])
            parts.append(tf.cast(image, tf.int32))
        return tf.concat(parts, axis=1), valid

    def _machine(self, inputs, seen):
        """The machine that was carried, and which rows can be one.

        The others are made blank, so that no index leads astray.
        """
        valid = tf.ones_like(seen[:, 0], tf.bool)
        for name, least, limit in (
            ("status_code", 0, len(STATUSES)),
            ("depth", 0, self._interpreter.depth_limit + 1),
            ("num_steps", 0, MAX_STEP_BUDGET + 1),
            ("step_budget", 1, MAX_STEP_BUDGET + 1),
        ):
            valid &= (inputs[name] >= least) & (inputs[name] < limit)
        for name in ("registers", "saved_registers"):
            level = [MAX_STEP_BUDGET + 1]
            known = (inputs[name] >= 0) & (
                inputs[name] < self._call_sizes + level
            )
            valid &= tf.reduce_all(known, axis=range(1, known.shape.rank))
        for name in ("hidden", "saved_hidden"):
            finite = tf.math.is_finite(inputs[name])
            valid &= tf.reduce_all(finite, axis=range(1, finite.shape.rank))
        size = tf.shape(valid)[0]
        outside = OutsideState(
            seen,
            tf.zeros([size, specs.NUM_ARGUMENTS], tf.int32),
            tf.zeros([size], tf.bool),
        )
        fields = {name: inputs[name] for name in self.state}
        del fields["step_budget"]
        fields["status"] = fields.pop("status_code")
        machine = interpreter_lib.Machine(outside, **fields)
        blank = tf.nest.map_structure(tf.zeros_like, machine)
        return _where(valid, machine, blank), valid

    def _state(self, machine, step_budget):
        """What the client carries; of a row that has ended, only numbers."""
        blank = tf.nest.map_structure(tf.zeros_like, _carried(machine))
        carried = _where(machine.running, _carried(machine), blank)
        return carried | {
            "num_steps": machine.num_steps,
            "status_code": machine.status,
            "step_budget": step_budget,
            "status": tf.gather(STATUSES, machine.status),
        }


def _carried(machine):
    """The tensors of a machine by name, without its environment."""
    fields = machine._asdict()
    del fields["environment"]
    fields["status_code"] = fields.pop("status")
    return fields


def _observation_inputs(observations):
    inputs = {}
    if observations.features:
        inputs["features"] = tf.TensorSpec(
            [None, len(observations.features)], tf.int32, name="features"
        )
    if observations.image_shape:
        inputs["image"] = tf.TensorSpec(
            [None, *observations.image_shape], tf.uint8, name="image"
        )
    return inputs


def _where(rows, if_true, if_false):
    """`tf.where` by rows, for nested tensors `[B, ...]`."""

    def choose(one, other):
        shape = [-1] + [1] * (one.shape.rank - 1)
        return tf.where(tf.reshape(rows, shape), one, other)

    return tf.nest.map_structure(choose, if_true, if_false)

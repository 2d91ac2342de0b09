"""The network and Algorithm 1 written once more, in plain NumPy.

An oracle for the tests: float64, one step of one problem at a time, the
call stack is Python's own. It shares nothing with `npi_tf` but the weights.
"""

import numpy as np

from npi_tf import specs
from npi_tf import trace

ALPHA = 0.5


class NumpyNPI:
    """Equations 1 to 4 with the weights of an `npi_tf.NPI`.

    Args:
        model: The Keras model.
        domain: Name of the encoder.
    """

    def __init__(self, model, domain="addition"):
        core, encoder = model.core, model.encoder(domain)
        self.names = model.programs
        self.hidden_dim = core.hidden_dim
        self.sizes = encoder.num_values + encoder.num_argument_values
        self.blanks = encoder.blanks + (0, 0, 0)
        self.encoder_layers = _weights(encoder.hidden, encoder.out)
        self.fuse_layers = _weights(core.fuse_hidden, core.fuse_out)
        self.cells = _weights(*core.cell.cells)
        self.end, self.key, *self.heads = _weights(
            core.end, core.key, *core.argument_heads
        )
        self.keys, self.programs = (
            np.concatenate([np.asarray(block, np.float64) for block in blocks])
            for blocks in (model.memory.keys, model.memory.embeddings)
        )

    def zero_states(self):
        """`h, c` of each layer: what every call starts from."""
        return [np.zeros(self.hidden_dim) for _ in range(2 * len(self.cells))]

    def encode(self, observation, arguments):
        """`s_t` of equations 1 and 9."""
        values = (*observation, *arguments)
        units = [
            float(value == unit != blank)
            for value, size, blank in zip(values, self.sizes, self.blanks)
            for unit in range(size)
        ]
        hidden, out = self.encoder_layers
        return relu(dense(out, relu(dense(hidden, np.array(units)))))

    def step(self, observation, arguments, program, states):
        """One core step.

        Returns:
            `r_t`, program scores, three lists of argument scores, and the
            new states.
        """
        both = np.concatenate(
            [self.encode(observation, arguments), self.programs[program]]
        )
        hidden, out = self.fuse_layers
        top = dense(out, relu(dense(hidden, both)))
        after = []
        for layer, cell in enumerate(self.cells):
            pair = states[2 * layer : 2 * layer + 2]
            after += lstm(cell, top, *pair)
            top = after[-2]
        end = sigmoid(dense(self.end, top)[0])
        scores = self.keys @ dense(self.key, top)
        heads = [dense(head, top) for head in self.heads]
        return end, scores, heads, after

    def run(self, environment, program, arguments, budget, depth_limit=16):
        """Algorithm 1 as printed: `RUN(i, a)`, recursive.

        Returns:
            The call tree, the status and the number of steps.
        """
        execution = _Execution(self, environment, budget, depth_limit)
        root = trace.Call(program, tuple(arguments))
        try:
            execution.run(root, waiting=0)
            status = "ok"
        except _Stop as stop:
            status = str(stop)
        return root, status, execution.num_steps


class _Stop(Exception):
    """A program cannot go on; its message is the status."""


class _Execution:
    def __init__(self, network, environment, budget, depth_limit):
        self.network = network
        self.environment = environment
        self.budget = budget
        self.depth_limit = depth_limit
        self.num_steps = 0

    def run(self, call, waiting):
        """`waiting` callers have not ended and will go on afterwards."""
        program = self.network.names.index(call.program)
        states = self.network.zero_states()
        end = 0.0
        while end < ALPHA:
            if self.num_steps == self.budget:
                raise _Stop("step_budget_exhausted")
            self.num_steps += 1
            seen = self.environment.observe()
            end, scores, heads, states = self.network.step(
                seen, call.arguments, program, states
            )
            step = trace.CallStep(seen, bool(end >= ALPHA))
            call.steps.append(step)
            if call.program == specs.ACT:
                self._act(call.arguments)
                continue
            chosen = tuple(int(np.argmax(head)) for head in heads)
            name = self.network.names[int(np.argmax(scores))]
            step.child = trace.Call(name, chosen)
            if waiting + (end < ALPHA) > self.depth_limit:
                raise _Stop("stack_overflow")
            self.run(step.child, waiting + (end < ALPHA))

    def _act(self, arguments):
        try:
            self.environment.act(arguments)
        except ValueError:
            raise _Stop("invalid_action") from None


def dense(weights, x):
    """`x W + b`."""
    kernel, bias = weights
    return x @ kernel + bias


def lstm(weights, x, hidden, memory):
    """One LSTM step; Keras keeps the gates in the order i, f, c, o."""
    kernel, recurrent_kernel, bias = weights
    gates = x @ kernel + hidden @ recurrent_kernel + bias
    i, f, c, o = np.split(gates, 4)
    memory = sigmoid(f) * memory + sigmoid(i) * np.tanh(c)
    return sigmoid(o) * np.tanh(memory), memory


def relu(x):
    """`max(x, 0)`."""
    return np.maximum(x, 0.0)


def sigmoid(x):
    """`1 / (1 + exp(-x))`, written so that it does not overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * x))


def plain(call):
    """A call tree as tuples that `==` compares, without probabilities."""
    return [
        (
            depth,
            node.program,
            tuple(node.arguments),
            [(step.observation.tolist(), step.end) for step in node.steps],
        )
        for depth, node in call.walk()
    ]


def _weights(*layers):
    return [
        [array.astype(np.float64) for array in layer.get_weights()]
        for layer in layers
    ]

"""What the machine allows: the matrix products of a core step, alone."""

from __future__ import annotations

from typing import Any
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from benchmarks import measure

BYTES_PER_WEIGHT = 4  # float32


class Shapes(NamedTuple):
    """Shapes `(inputs, outputs)` of the kernels of one core step."""

    encoder: list[tuple[int, int]]
    fuse: list[tuple[int, int]]
    cells: list[tuple[int, int]]  # Input, recurrent; layer after layer.
    heads: list[tuple[int, int]]  # The key first.
    lookup: tuple[int, int]
    embedding_dim: int

    @property
    def kernels(self) -> list[tuple[int, int]]:
        """All of them, in the order of a step."""
        return [
            *self.encoder,
            *self.fuse,
            *self.cells,
            *self.heads,
            self.lookup,
        ]

    @property
    def num_weights(self) -> int:
        """Weights, and so multiplications and additions for each row."""
        return sum(inputs * outputs for inputs, outputs in self.kernels)


def shapes_of(model: Any, domain: str) -> Shapes:
    """The kernels that one core step of a model multiplies with."""
    core, encoder = model.core, model.encoder(domain)
    heads = (core.key, core.end, *core.argument_heads)
    cells = [
        tuple(kernel.shape)
        for cell in core.cell.cells
        for kernel in (cell.kernel, cell.recurrent_kernel)
    ]
    return Shapes(
        [tuple(d.kernel.shape) for d in (encoder.hidden, encoder.out)],
        [tuple(d.kernel.shape) for d in (core.fuse_hidden, core.fuse_out)],
        cells,
        [tuple(dense.kernel.shape) for dense in heads],
        (core.key_dim, model.memory.num_programs),
        core.embedding_dim,
    )


class ProductLoop:
    """The products of a core step in a loop, and hardly anything else.

    No gates, biases, one-hot codes, environment or stack. So that nothing
    can be left out or moved out of the loop, each product depends on the
    one before it, and an iteration on all results of the one before: heads
    and scores are added to the next input, the four quarters of what would
    be gates are added up to the next state. A ReLU stands where the model
    has one, since a chain of plain products could be multiplied out once
    and for all.

    Args:
        shapes: The kernels' shapes.
        batch: Rows.
        seed: Of weights and inputs. Weights are small, so that values
            neither grow nor die out.
        jit_compile: Compile the loop with XLA.
    """

    def __init__(
        self,
        shapes: Shapes,
        batch: int,
        seed: int = 0,
        jit_compile: bool = True,
    ):
        rng = np.random.default_rng(seed)
        self.shapes = shapes
        self.weights = [
            tf.Variable(
                rng.normal(0, 0.25 / inputs**0.5, (inputs, outputs)),
                dtype=tf.float32,
            )
            for inputs, outputs in shapes.kernels
        ]
        width = shapes.encoder[0][0] + shapes.embedding_dim
        self.inputs = tf.constant(rng.random((batch, width)), tf.float32)
        self._loop = tf.function(
            self._run, jit_compile=jit_compile, autograph=False
        )

    def __call__(self, num_iterations: int) -> np.ndarray:
        """Runs the loop; returns the last iteration's results."""
        return self._loop(tf.constant(num_iterations)).numpy()

    def _run(self, num_iterations):
        batch, width = self.inputs.shape
        layers = len(self.shapes.cells) // 2
        hidden = [
            tf.zeros([batch, recurrent[0]])
            for recurrent in self.shapes.cells[1::2]
        ]
        return tf.while_loop(
            lambda i, *_: i < num_iterations,
            lambda i, fed, *hidden: (i + 1, *self._step(fed, hidden)),
            (0, tf.zeros([batch, width]), *hidden[:layers]),
        )[1]

    def _step(self, fed, hidden):
        kernels = iter(self.weights)
        features = self.shapes.encoder[0][0]
        observed, embedding = tf.split(
            self.inputs + fed, [features, self.shapes.embedding_dim], axis=1
        )
        state = tf.nn.relu(tf.nn.relu(observed @ next(kernels)) @ next(kernels))
        both = tf.concat([state, embedding], axis=1)
        top = tf.nn.relu(both @ next(kernels)) @ next(kernels)
        after = []
        for before in hidden:
            gates = top @ next(kernels) + before @ next(kernels)
            top = tf.add_n(tf.split(gates, 4, axis=1))
            after.append(top)
        heads = [top @ next(kernels) for _ in self.shapes.heads]
        scores = heads[0] @ next(kernels)
        results = tf.concat([*heads[1:], scores], axis=1)
        missing = self.inputs.shape[1] - results.shape[1]
        return tf.pad(results, [[0, 0], [0, missing]]), *after


def cases(
    model: Any, domain: str, batches: dict[int, int], matmul_size: int
) -> dict[str, measure.Case]:
    """The product loops, and what bounds them.

    Args:
        model: Whose core step.
        domain: Whose encoder.
        batches: Iterations of the loop by number of rows.
        matmul_size: Rows and columns of the large matrix product.
    """
    shapes = shapes_of(model, domain)
    found = {}
    for batch, iterations in batches.items():
        loop = ProductLoop(shapes, batch)
        for name, count in (("products", 1), ("products_twice", 2)):
            found[f"{name}/{batch}"] = _loop_case(loop, count * iterations)
        loop = ProductLoop(shapes, batch, jit_compile=False)
        found[f"products_graph/{batch}"] = _loop_case(loop, iterations)
    return found | {
        "matmul": matmul(matmul_size),
        "read_weights": _reading(shapes.num_weights),
    }


def _loop_case(loop, iterations):
    rows, weights = loop.inputs.shape[0], loop.shapes.num_weights
    work = {
        "core_steps": rows * iterations,
        "bytes": BYTES_PER_WEIGHT * weights * iterations,
        "flop": 2 * weights * rows * iterations,
    }

    def count(results):
        if not np.isfinite(results).all() or not results.any():
            raise RuntimeError("the product loop must keep its values alive")
        return work

    return measure.Case(lambda: loop(iterations), count, lambda: loop(1))


def matmul(size: int) -> measure.Case:
    """One large float32 matrix product: the machine's rate."""
    rng = np.random.default_rng(0)
    left, right = (
        tf.constant(rng.random((size, size)), tf.float32) for _ in range(2)
    )

    def run():
        return tf.matmul(left, right).numpy()

    return measure.Case(run, lambda _: {"flop": 2 * size**3}, run)


def _reading(num_weights, times=1000):
    """Reads as many bytes as the weights have, on one core."""
    values = np.random.default_rng(0).random(num_weights, np.float32)

    def run():
        return [values.max() for _ in range(times)]

    return measure.Case(run, lambda _: {"bytes": times * values.nbytes}, run)

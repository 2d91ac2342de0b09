"""Arrays as tensors: a batch of sorting environments in one graph."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from npi_tf.sorting import environment
from npi_tf.sorting import problems as problems_lib


class ArrayState(NamedTuple):
    """A batch of arrays; `environment.SortingEnvironment` for each row.

    Attributes:
        array: Numbers, `[B, N]` int32, 0 beyond a row's length.
        pointers: `[B, 3]` int32, column 0 the leftmost.
        length: Numbers that belong to each problem, `[B]` int32.
    """

    array: tf.Tensor
    pointers: tf.Tensor
    length: tf.Tensor


class SortingTensorEnvironment:
    """`SortingEnvironment` over a batch; a property test says they agree."""

    # The textbook programs sort N numbers in 14 N^2 - 8 N core steps (one
    # number in 15); MAX takes 5 N + 2 more.
    STEPS_PER_SQUARE = 16
    STEPS_MORE = 16
    _LONGEST = 11_000  # Beyond it the budget would overflow.

    def encode(
        self, problems: list[problems_lib.Problem], min_width: int = 0
    ) -> tuple[np.ndarray, ...]:
        """Arrays for `reset` from tuples of digits.

        Args:
            problems: Arrays of any lengths.
            min_width: Columns of the padded array, at least.

        Raises:
            ValueError: If an array is empty or holds anything but 0..9.
        """
        rows = [environment.check_array(problem) for problem in problems]
        columns = max([len(row) for row in rows] + [min_width])
        arrays = np.zeros([len(rows), columns], np.int32)
        for padded, row in zip(arrays, rows):
            padded[: len(row)] = row
        return arrays, np.array([len(row) for row in rows], np.int32)

    def reset(self, array: tf.Tensor, length: tf.Tensor) -> ArrayState:
        """Arrays at their start.

        Args:
            array: `[B, N]` int32, numbers 0..9.
            length: `[B]` int32, each in 1..N.
        """
        pointers = tf.zeros(
            [tf.shape(array)[0], environment.NUM_POINTERS], tf.int32
        )
        return ArrayState(array, pointers, length)

    def step_budget(self, state: ArrayState) -> tf.Tensor:
        """The default number of core steps that each row may take, `[B]`."""
        length = tf.minimum(state.length, self._LONGEST)
        return self.STEPS_PER_SQUARE * length * length + self.STEPS_MORE

    def observe(self, state: ArrayState) -> tf.Tensor:
        """Cells of pointers 1 and 2, then start and end bits: `[B, 8]`."""
        cells = tf.gather(state.array, state.pointers[:, :2], batch_dims=1)
        start = state.pointers == 0
        end = state.pointers == state.length[:, None] - 1
        bits = tf.stack([start, end], axis=2)  # [B, 3, 2]
        bits = tf.reshape(bits, [-1, 2 * environment.NUM_POINTERS])
        return tf.concat([cells, tf.cast(bits, tf.int32)], axis=1)

    def act(
        self, state: ArrayState, arguments: tf.Tensor, mask: tf.Tensor
    ) -> tuple[ArrayState, tf.Tensor]:
        """One action in each row where `mask` holds.

        Args:
            state: Before.
            arguments: `[B, 3]` int32.
            mask: `[B]` bool; other rows stay as they are.

        Returns:
            The state after, and `[B]` bool: False where `arguments` names no
            action (`SortingEnvironment.act` raises there).
        """
        pointer, other, action = tf.unstack(arguments, axis=1)
        swaps = _equal(arguments, environment.SWAP_1_2)
        left, right = action == environment.LEFT, action == environment.RIGHT
        moves = (pointer >= 1) & (pointer <= environment.NUM_POINTERS)
        moves &= (other == 0) & (left | right)
        valid = swaps | moves | _equal(arguments, (0, 0, 0))
        array = self._swap(state, mask & swaps)
        chosen = tf.one_hot(
            pointer - 1, environment.NUM_POINTERS, True, False, dtype=bool
        )
        moved = state.pointers + tf.where(right, 1, -1)[:, None]
        moved = tf.clip_by_value(moved, 0, state.length[:, None] - 1)
        chosen &= (mask & moves)[:, None]
        pointers = tf.where(chosen, moved, state.pointers)
        return ArrayState(array, pointers, state.length), valid

    def _swap(self, state, mask):
        pair = state.pointers[:, :2]
        cells = tf.gather(state.array, pair, batch_dims=1)
        cells = tf.where(mask[:, None], cells[:, ::-1], cells)
        rows = tf.range(tf.shape(pair)[0])[:, None]
        where = tf.stack([tf.broadcast_to(rows, tf.shape(pair)), pair], axis=2)
        # Where the pointers meet both updates hold the same number.
        return tf.tensor_scatter_nd_update(state.array, where, cells)

    def decode(self, state: ArrayState) -> list[problems_lib.Problem]:
        """The array of every row, as `SortingEnvironment.result`."""
        arrays, lengths = np.asarray(state.array), np.asarray(state.length)
        return [
            tuple(row[:length].tolist()) for row, length in zip(arrays, lengths)
        ]


class MaximumTensorEnvironment(SortingTensorEnvironment):
    """`MaximumEnvironment` over a batch."""

    def decode(self, state: ArrayState) -> list[int]:
        """The number under pointer 1, as `MaximumEnvironment.result`."""
        arrays, pointers = np.asarray(state.array), np.asarray(state.pointers)
        return [int(row[p]) for row, p in zip(arrays, pointers[:, 0])]


def _equal(arguments, action):
    return tf.reduce_all(arguments == tf.constant(action), axis=1)

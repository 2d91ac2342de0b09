"""The scratch pad as tensors: a batch of independent pads in one graph."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from npi_tf.addition import environment
from npi_tf.addition import problems as problems_lib

_OUT = environment.NUM_ROWS - 1


class PadState(NamedTuple):
    """A batch of pads; `environment.AdditionEnvironment` for each row.

    Attributes:
        pad: Cells, `[B, 4, N]` int32, column 0 the rightmost.
        pointers: `[B, 4]` int32.
        ends: One past the leftmost written column, `[B, 4]` int32.
        width: Columns that belong to each problem, `[B]` int32.
    """

    pad: tf.Tensor
    pointers: tf.Tensor
    ends: tf.Tensor
    width: tf.Tensor


class AdditionTensorEnvironment:
    """`AdditionEnvironment` over a batch; a property test says they agree."""

    # One more than the 19 core steps that the textbook programs take a column.
    STEPS_PER_COLUMN = 20

    def encode(
        self, problems: list[problems_lib.Problem], min_width: int = 0
    ) -> tuple[np.ndarray, ...]:
        """Arrays for `reset` from pairs of digit strings.

        Args:
            problems: `(augend, addend)` pairs.
            min_width: Columns of the padded array, at least.

        Raises:
            ValueError: If an operand is not a string of digits.
        """
        pads = [
            environment.AdditionEnvironment(*problem) for problem in problems
        ]
        columns = max([pad.width for pad in pads] + [min_width])
        shape = (len(pads), environment.NUM_ROWS, columns)
        cells = np.full(shape, environment.BLANK, np.int32)
        for row, pad in zip(cells, pads):
            row[:, : pad.width] = pad.pad
        lengths = np.array([pad.ends[:2] for pad in pads], np.int32)
        return cells, lengths

    def reset(self, cells: tf.Tensor, lengths: tf.Tensor) -> PadState:
        """Pads at their start.

        Args:
            cells: `[B, 4, N]` int32, the operands written, the rest blank.
            lengths: Digits of both operands, `[B, 2]` int32.
        """
        pointers = tf.zeros_like(cells[:, :, 0])
        ends = tf.pad(lengths, [[0, 0], [0, environment.NUM_ROWS - 2]])
        width = tf.reduce_max(lengths, axis=1) + 1
        return PadState(cells, pointers, ends, width)

    def step_budget(self, state: PadState) -> tf.Tensor:
        """The default number of core steps that each row may take, `[B]`."""
        return self.STEPS_PER_COLUMN * state.width

    def observe(self, state: PadState) -> tf.Tensor:
        """Cells under the pointers, then the end bits, `[B, 8]` int32."""
        cells = tf.gather(state.pad, state.pointers, axis=2, batch_dims=2)
        bits = tf.cast(state.pointers + 1 >= state.ends, tf.int32)
        return tf.concat([cells, bits], axis=1)

    def act(
        self, state: PadState, arguments: tf.Tensor, mask: tf.Tensor
    ) -> tuple[PadState, tf.Tensor]:
        """One action in each row where `mask` holds.

        Args:
            state: Before.
            arguments: `[B, 3]` int32.
            mask: `[B]` bool; other rows stay as they are.

        Returns:
            The state after, and `[B]` bool: False where `arguments` names no
            action (`AdditionEnvironment.act` raises there).
        """
        row, digit, action = tf.unstack(arguments - [1, 1, 0], axis=1)
        writes = action == environment.WRITE
        # A core that several domains share may name values out of range.
        valid = (row >= 0) & (row < environment.NUM_ROWS)
        valid &= (action > 0) & (action <= environment.WRITE)
        valid &= (digit >= tf.where(writes, 0, -1)) & (digit < environment.BASE)
        mask = mask & valid
        chosen = tf.one_hot(row, environment.NUM_ROWS, True, False, dtype=bool)
        write = mask & writes
        row = tf.clip_by_value(row, 0, environment.NUM_ROWS - 1)
        pad, ends = self._write(state, row, digit, write, chosen)
        step = tf.where(action == environment.LEFT, 1, -1)
        moved = tf.clip_by_value(
            state.pointers + step[:, None], 0, state.width[:, None] - 1
        )
        moves = (mask & ~writes)[:, None] & chosen
        pointers = tf.where(moves, moved, state.pointers)
        return PadState(pad, pointers, ends, state.width), valid

    def _write(self, state, row, digit, mask, chosen):
        pointer = tf.gather(state.pointers, row, axis=1, batch_dims=1)
        batch = tf.range(tf.shape(row)[0])
        where = tf.stack([batch, row, pointer], axis=1)  # [B, 3]
        cell = tf.where(mask, digit, tf.gather_nd(state.pad, where))
        pad = tf.tensor_scatter_nd_update(state.pad, where, cell)
        end = tf.maximum(state.ends, state.pointers + 1)
        return pad, tf.where(mask[:, None] & chosen, end, state.ends)

    def decode(self, state: PadState) -> list[str | None]:
        """The sum of every row, as `AdditionEnvironment.result`."""
        pads, ends = np.asarray(state.pad), np.asarray(state.ends)
        return [
            environment.read_number(pad[_OUT, : end[_OUT]])
            for pad, end in zip(pads, ends)
        ]

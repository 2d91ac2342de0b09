"""The history RNN: what was selected so far.

Source: arXiv 1511.04834, section 2.4.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from np_tf import question as question_lib


@keras.saving.register_keras_serializable("np_tf")
class HistoryRNN(keras.layers.Layer):
    """Remembers the selections of the steps before.

    `c_t = [alpha_op_{t-1}^T U; alpha_col_{t-1}^T P]`
    `h_t = tanh(W_history [c_t; h_{t-1}])`, `h_1 = 0`; no bias.

    Where all questions share the rows, `W (alpha^T U)` is computed as
    `alpha^T (W U)`, which gives the same sums with far fewer products.

    Args:
        hidden_dim: d.

    Call arguments:
        operation_probs: `alpha_op_{t-1}`, `[B, O]`.
        column_probs: `alpha_col_{t-1}`, `[B, C]`, or `[B, W]` as
            probabilities of the words that name the columns.
        operations: `U`, `[O, d]`.
        columns: `P`, `[B, C, d]`, or the vectors of all words, `[W, d]`.
        history: `h_{t-1}`, `[B, d]`, or None for zeros.

    Returns:
        `h_t`, `[B, d]`.

    Source: section 2.4.
    """

    def __init__(self, hidden_dim: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.hidden_dim = hidden_dim

    def build(
        self,
        operation_probs_shape=None,
        column_probs_shape=None,
        operations_shape=None,
        columns_shape=None,
        history_shape=None,
    ):
        self.kernel = self.add_weight(
            name="history",
            shape=(3 * self.hidden_dim, self.hidden_dim),
            initializer=question_lib.uniform(),
        )

    def call(
        self, operation_probs, column_probs, operations, columns, history=None
    ):
        width = self.hidden_dim
        of_operation, of_column, of_history = (
            self.kernel[i * width : (i + 1) * width] for i in range(3)
        )
        total = ops.matmul(
            operation_probs, ops.matmul(operations, of_operation)
        )
        if len(columns.shape) == 2:
            rows = ops.matmul(columns, of_column)
            total = total + ops.matmul(column_probs, rows)
        else:
            chosen = ops.einsum("bc,bcd->bd", column_probs, columns)
            total = total + ops.matmul(chosen, of_column)
        if history is not None:
            total = total + ops.matmul(history, of_history)
        return ops.tanh(total)

    def get_config(self):
        return {**super().get_config(), "hidden_dim": self.hidden_dim}

"""The selector: which operation, and which column.

Source: arXiv 1511.04834, section 2.2.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from np_tf import question as question_lib


@keras.saving.register_keras_serializable("np_tf")
class Selector(keras.layers.Layer):
    """Scores the rows of a matrix for a question and a history.

    `logits = R tanh(W [q; h_t])`, with `alpha_t = softmax(logits)`. `R` is `U`
    (one row an operation) or `P` (one row a column). With attention,
    `W [q; attended_t; h_t]` (Deviation N3). No bias.

    Args:
        hidden_dim: d, the width of the rows and of every input.
        num_inputs: 2, or 3 with attention.

    Call arguments:
        parts: `[q, h_t]` or `[q, attended_t, h_t]`, `[B, d]` each; `h_t` may
            be left out where it is zero.
        rows: `R`, `[K, d]`, or `[B, K, d]` where each question has its own.

    Returns:
        `[B, K]`.

    Source: section 2.2.
    """

    def __init__(self, hidden_dim: int, num_inputs: int = 2, **kwargs: Any):
        super().__init__(**kwargs)
        self.hidden_dim = hidden_dim
        self.num_inputs = num_inputs

    def build(self, parts_shape=None, rows_shape=None):
        self.kernel = self.add_weight(
            name="kernel",
            shape=(self.num_inputs * self.hidden_dim, self.hidden_dim),
            initializer=question_lib.uniform(),
        )

    def call(self, parts, rows):
        hidden = ops.tanh(project(parts, self.kernel))
        if len(rows.shape) == 2:
            return ops.matmul(hidden, ops.transpose(rows))
        return ops.einsum("bd,bkd->bk", hidden, rows)

    def get_config(self):
        return {
            **super().get_config(),
            "hidden_dim": self.hidden_dim,
            "num_inputs": self.num_inputs,
        }


def project(parts: list[Any], kernel: Any) -> Any:
    """`W [x; y; ...]` without the concatenation.

    The product with what is the same at every step is then computed once:
    the compiler sees that it is equal. Parts that are left out at the end
    are zero, as `h_1` is.

    Args:
        parts: `[B, d]` each.
        kernel: `[num_parts * d, d]`; `W` transposed.

    Returns:
        `[B, d]`.
    """
    width = kernel.shape[1]
    products = [
        ops.matmul(part, kernel[i * width : (i + 1) * width])
        for i, part in enumerate(parts)
    ]
    return sum(products[1:], products[0])

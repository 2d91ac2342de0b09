"""Which number of the question a comparison compares with.

Source: arXiv 1511.04834, section 2.3.
"""

from __future__ import annotations

import keras
from keras import ops

from np_tf import question as question_lib

NO_NUMBER = -1.0  # What Table 3 shows for a question without numbers.


@keras.saving.register_keras_serializable("np_tf")
class PivotSelector(keras.layers.Layer):
    """Attention over the numbers, one for each comparison operation.

    `beta_op = softmax(Z U(op))` for op in {greater, lesser}, where the rows
    of `Z` are the question's states at the words left of the numbers. No
    parameters of its own.

    Args:
        **kwargs: Of `keras.layers.Layer`.

    Call arguments:
        states: `z`, `[B, Q, d]`.
        number_positions: `[B, N]`, positions in the question of the words
            left of the numbers, -1 where there is no number.
        comparisons: `[2, d]`, the rows of `U` for greater and lesser.

    Returns:
        The logits `[B, 2, N]`, and `[B, N]`, True where there is a number.

    Source: section 2.3.
    """

    def call(self, states, number_positions, comparisons):
        at = ops.one_hot(
            number_positions, states.shape[1], dtype=states.dtype
        )  # [B, N, Q]; -1 gives zeros.
        left_words = ops.einsum("bnq,bqd->bnd", at, states)
        logits = ops.einsum("bnd,od->bon", left_words, comparisons)
        return logits, number_positions >= 0


def pivots(probs, numbers, is_number):
    """The two pivots.

    `pivot_op = sum_i beta_op(i) qn_i`; -1 in a question without numbers.

    Args:
        probs: `beta`, `[B, 2, N]`.
        numbers: `qn`, `[B, N]`.
        is_number: `[B, N]`.

    Returns:
        `[B, 2]`: for greater, for lesser; in the dtype of `numbers`.
    """
    probs = ops.cast(probs, numbers.dtype)
    numbers = ops.where(is_number, numbers, ops.zeros_like(numbers))
    chosen = ops.sum(probs * numbers[:, None, :], axis=-1)
    has_number = ops.any(is_number, axis=-1, keepdims=True)
    missing = ops.cast(NO_NUMBER, numbers.dtype)
    return ops.where(has_number, chosen, missing)


def pivot_probs(logits, is_number):
    """`beta`, `[B, 2, N]`: 0 where there is no number."""
    mask = ops.repeat(is_number[:, None, :], 2, axis=1)
    return question_lib.masked_softmax(logits, mask)

"""The question module: a tanh RNN over the words, and attention over it.

Source: arXiv 1511.04834, section 2.1; the attention of the 10-column
experiment is described in words only (section 3.2.1).
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

INITIALIZER_RANGE = 0.1  # Section 3.2.1: all parameters from U[-0.1, 0.1].


def uniform() -> keras.initializers.Initializer:
    """The paper's initialisation of every parameter, U[-0.1, 0.1]."""
    return keras.initializers.RandomUniform(
        -INITIALIZER_RANGE, INITIALIZER_RANGE
    )


@keras.saving.register_keras_serializable("np_tf")
class QuestionRNN(keras.layers.Layer):
    """Reads the question word by word, with no bias.

    `z_0 = 0`, `z_i = tanh(W_question [z_{i-1}; V(w_i)])`, i = 1 .. Q

    `W_question V(w)` is computed once for every word of the vocabulary and
    then looked up, which gives the same sums. Padding leaves the state as it
    is. The number of words must be static: the loop is unrolled.

    Args:
        hidden_dim: Width of `z`.
        reverse: True to read from the last word to the first; `z_i` is still
            found at position i.

    Call arguments:
        question: `[B, Q]` word ids, 0 is padding, at the right.
        word_vectors: `V`, `[W, d]`.

    Returns:
        The states `[B, Q, hidden_dim]` and the last one read,
        `[B, hidden_dim]`.

    Source: section 2.1.
    """

    def __init__(self, hidden_dim: int, reverse: bool = False, **kwargs: Any):
        super().__init__(**kwargs)
        if hidden_dim < 1:
            raise ValueError(f"hidden_dim: must be >= 1, got {hidden_dim}")
        self.hidden_dim = hidden_dim
        self.reverse = reverse

    def build(self, question_shape, word_vectors_shape):
        self.kernel = self.add_weight(
            name="question",
            shape=(self.hidden_dim + word_vectors_shape[-1], self.hidden_dim),
            initializer=uniform(),
        )

    def call(self, question, word_vectors):
        if question.shape[1] is None:
            raise ValueError(
                "question: the number of words must be static, got shape "
                f"{tuple(question.shape)}"
            )
        recurrent, inward = (
            self.kernel[: self.hidden_dim],
            self.kernel[self.hidden_dim :],
        )
        words = look_up(ops.matmul(word_vectors, inward), question)
        is_word = ops.cast(question > 0, words.dtype)[:, :, None]
        order = range(question.shape[1])
        state, states = None, {}
        for i in reversed(order) if self.reverse else order:
            if state is None:
                state = is_word[:, i] * ops.tanh(words[:, i])
            else:
                new = ops.tanh(words[:, i] + ops.matmul(state, recurrent))
                state = state + is_word[:, i] * (new - state)
            states[i] = state
        return ops.stack([states[i] for i in order], axis=1), state

    def get_config(self):
        return {
            **super().get_config(),
            "hidden_dim": self.hidden_dim,
            "reverse": self.reverse,
        }


@keras.saving.register_keras_serializable("np_tf")
class QuestionAttention(keras.layers.Layer):
    """What the history vector looks for in the question.

    `a_t = softmax_i(h_t . z_i)`, `attended_t = sum_i a_t(i) z_i`; no
    parameters. Deviation N3.

    Args:
        **kwargs: Of `keras.layers.Layer`.

    Call arguments:
        query: `h_t`, `[B, d]`.
        states: `z`, `[B, Q, d]`.
        is_word: `[B, Q]`, True where there is a word.

    Returns:
        `[B, d]`.

    Source: section 3.2.1, in words.
    """

    def call(self, query, states, is_word):
        logits = ops.einsum("bd,bqd->bq", query, states)
        probs = masked_softmax(logits, is_word)
        return ops.einsum("bq,bqd->bd", probs, states)


def look_up(rows: Any, ids: Any) -> Any:
    """Rows of a small matrix, as a product with one-hot vectors.

    The vocabulary has a few dozen words; the gradient of a product is a
    product, that of a gather a slow scatter.

    Args:
        rows: `[W, d]`.
        ids: Integers `[...]`.

    Returns:
        `[..., d]`.
    """
    one_hot = ops.one_hot(ids, rows.shape[0], dtype=rows.dtype)
    return ops.matmul(one_hot, rows)


def masked_softmax(logits: Any, mask: Any) -> Any:
    """Softmax over the last axis where `mask` is True; 0 elsewhere.

    Where nothing is True, all zeros.
    """
    mask = ops.cast(mask, logits.dtype)
    lowest = ops.cast(-1e9, logits.dtype)
    return softmax(logits * mask + lowest * (1 - mask)) * mask


def softmax(logits: Any) -> Any:
    """Softmax over the last axis, which may have one entry.

    Keras' own warns then; a table of one column has such a choice.
    """
    return ops.exp(ops.log_softmax(logits))

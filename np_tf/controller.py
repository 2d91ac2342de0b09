"""Question module, selector and history RNN: what chooses each step.

Source: arXiv 1511.04834, sections 2.1, 2.2 and 2.4.
"""

from __future__ import annotations

from typing import Any
from typing import NamedTuple

import keras
from keras import ops

from np_tf import history as history_lib
from np_tf import question as question_lib
from np_tf import selector

ENCODERS = ("rnn", "bidirectional", "attention")


class Encoding(NamedTuple):
    """What is read once, before the first step.

    Attributes:
        question: `q`, `[B, d]`.
        states: `z`, `[B, Q, d]`.
        is_word: `[B, Q]`, True where there is a word.
        columns: `P`, `[B, C, d]`.
        is_column: `[B, C]`, True where there is a column.
        names: `[B, C, W]`, 1 at the word that names the column.
    """

    question: Any
    states: Any
    is_word: Any
    columns: Any
    is_column: Any
    names: Any


@keras.saving.register_keras_serializable("np_tf")
class Controller(keras.layers.Layer):
    """Chooses operations and columns; never sees a number of the table.

    Args:
        vocabulary_size: W, padding included.
        num_operations: O.
        hidden_dim: d.
        encoder: "rnn"; "bidirectional", d/2 units in each direction
            (Deviation N2); "attention", that and attention over the question
            at every step (Deviation N3).

    Call arguments:
        encoding: From `encode`.
        chosen: None at the first step, else the selections of the step
            before, `[B, O]` and `[B, C]`.
        history: `h_{t-1}`, `[B, d]`, or None before there is one.

    Returns:
        Logits of the operations `[B, O]`, of the columns `[B, C]`, and `h_t`.
    """

    def __init__(
        self,
        vocabulary_size: int,
        num_operations: int,
        hidden_dim: int = 256,
        encoder: str = "rnn",
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if encoder not in ENCODERS:
            raise ValueError(
                f"encoder: must be one of {', '.join(ENCODERS)}, "
                f"got {encoder!r}"
            )
        if hidden_dim < 2 or hidden_dim % 2:
            raise ValueError(
                f"hidden_dim: must be even and >= 2, got {hidden_dim}"
            )
        self.vocabulary_size = vocabulary_size
        self.num_operations = num_operations
        self.hidden_dim = hidden_dim
        self.encoder = encoder
        part = {"dtype": self.dtype_policy}
        two_ways = encoder != "rnn"
        width = hidden_dim // 2 if two_ways else hidden_dim
        self.forward = question_lib.QuestionRNN(width, name="forward", **part)
        self.backward = self.attention = None
        if two_ways:
            self.backward = question_lib.QuestionRNN(
                width, reverse=True, name="backward", **part
            )
        if encoder == "attention":
            self.attention = question_lib.QuestionAttention(
                name="attention", **part
            )
        inputs = 3 if self.attention else 2
        self.operation_selector = selector.Selector(
            hidden_dim, inputs, name="operation_selector", **part
        )
        self.column_selector = selector.Selector(
            hidden_dim, inputs, name="column_selector", **part
        )
        self.history = history_lib.HistoryRNN(
            hidden_dim, name="history", **part
        )

    def build(self, encoding_shape=None, chosen_shape=None, history_shape=None):
        self.word_vectors = self.add_weight(
            name="words",
            shape=(self.vocabulary_size, self.hidden_dim),
            initializer=question_lib.uniform(),
        )
        self.operations = self.add_weight(
            name="operations",
            shape=(self.num_operations, self.hidden_dim),
            initializer=question_lib.uniform(),
        )
        vectors = (self.vocabulary_size, self.hidden_dim)
        for layer in (self.forward, self.backward):
            if layer is not None:
                layer.build((None, None), vectors)
        for layer in (
            self.operation_selector,
            self.column_selector,
            self.history,
        ):
            layer.build()

    def encode(self, question: Any, column_names: Any) -> Encoding:
        """Reads the question and the column names.

        Args:
            question: `[B, Q]` word ids, 0 is padding.
            column_names: `[B, C]` word ids, 0 is no column.
        """
        words = ops.convert_to_tensor(self.word_vectors)
        states, last = self.forward(question, words)
        if self.backward is not None:
            other_states, other_last = self.backward(question, words)
            states = ops.concatenate([states, other_states], axis=-1)
            last = ops.concatenate([last, other_last], axis=-1)
        return Encoding(
            question=last,
            states=states,
            is_word=question > 0,
            columns=question_lib.look_up(words, column_names),
            is_column=column_names > 0,
            names=ops.one_hot(
                column_names, self.vocabulary_size, dtype=words.dtype
            ),
        )

    def call(self, encoding, chosen=None, history=None):
        parts, now = [encoding.question], None
        operations = ops.convert_to_tensor(self.operations)
        if chosen is not None:
            operation_probs, column_probs = chosen
            now = self.history(
                operation_probs,
                ops.einsum("bc,bcw->bw", column_probs, encoding.names),
                operations,
                ops.convert_to_tensor(self.word_vectors),
                history,
            )
        if self.attention is not None:
            query = ops.zeros_like(encoding.question) if now is None else now
            parts.append(
                self.attention(query, encoding.states, encoding.is_word)
            )
        if now is not None:
            parts.append(now)
        operation_logits = self.operation_selector(parts, operations)
        column_logits = self.column_selector(parts, encoding.columns)
        lowest = ops.cast(-1e9, column_logits.dtype)
        column_logits = ops.where(encoding.is_column, column_logits, lowest)
        return operation_logits, column_logits, now

    def get_config(self):
        return {
            **super().get_config(),
            "vocabulary_size": self.vocabulary_size,
            "num_operations": self.num_operations,
            "hidden_dim": self.hidden_dim,
            "encoder": self.encoder,
        }

"""The NPI core: fusing MLP, two LSTM layers and the three decoders."""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable("npi_tf")
class NPICore(keras.layers.Layer):
    """One recurrent core that all programs of all domains share.

    `h_t = f_lstm(s_t, p_t, h_{t-1})` (equation 2): `s_t` and `p_t` are
    concatenated and pass a two-layer MLP, ReLU then linear, which feeds the
    stack of LSTM layers. Decoders read the top layer (equation 3):
    `r_t = sigmoid(f_end(h_t))`, `k_t = f_prog(h_t)`, and for each argument
    one categorical `a_{t+1}(j) = softmax(f_arg_j(h_t))`; each is linear.

    Args:
        num_argument_values: Number of values of each argument.
        key_dim: `K`, width of the program key.
        embedding_dim: `P`, width of a program embedding.
        state_dim: `D`, width of the state encoding.
        fuse_dim: Width of both layers of the fusing MLP.
        hidden_dim: `M`, units of each LSTM layer.
        num_layers: `L`, number of LSTM layers.

    Call arguments:
        state_encodings: `s_1 .. s_T`, `[B, T, D]`.
        embedding: `p`, `[B, P]`, the same on every step.

    Returns:
        A dict with `end_logits [B, T]`, `key [B, T, K]` and
        `argument_logits`, a list of `[B, T, num_values]`. The LSTM state is
        zero before step 1.

    References:
        Reed and de Freitas, arXiv 1511.06279, section 3.1 and Algorithm 1.
    """

    def __init__(
        self,
        num_argument_values,
        key_dim=32,
        embedding_dim=64,
        state_dim=128,
        fuse_dim=128,
        hidden_dim=256,
        num_layers=2,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.num_argument_values = tuple(num_argument_values)
        self.key_dim = key_dim
        self.embedding_dim = embedding_dim
        self.state_dim = state_dim
        self.fuse_dim = fuse_dim
        self.hidden_dim = hidden_dim
        self.num_layers = num_layers
        self.fuse_hidden = self._dense(fuse_dim, "fuse_hidden", "relu")
        self.fuse_out = self._dense(fuse_dim, "fuse_out")
        self.cell = keras.layers.StackedRNNCells(
            [
                keras.layers.LSTMCell(
                    hidden_dim, dtype=self.dtype_policy, name=f"lstm_{layer}"
                )
                for layer in range(num_layers)
            ],
            dtype=self.dtype_policy,
            name="cell",
        )
        self.rnn = keras.layers.RNN(
            self.cell,
            return_sequences=True,
            dtype=self.dtype_policy,
            name="rnn",
        )
        self.end = self._dense(1, "end")
        self.key = self._dense(key_dim, "key")
        self.argument_heads = [
            self._dense(values, f"argument_{slot}")
            for slot, values in enumerate(self.num_argument_values)
        ]

    def _dense(self, units, name, activation=None):
        return keras.layers.Dense(
            units, activation=activation, dtype=self.dtype_policy, name=name
        )

    def build(self, *shapes):
        self.fuse_hidden.build((None, self.state_dim + self.embedding_dim))
        self.fuse_out.build((None, self.fuse_dim))
        self.rnn.build((None, None, self.fuse_dim))
        for head in (self.end, self.key, *self.argument_heads):
            head.build((None, self.hidden_dim))
        self.built = True

    def call(self, state_encodings, embedding):
        num_steps = ops.shape(state_encodings)[1]
        fused = self._fuse(
            state_encodings, ops.repeat(embedding[:, None], num_steps, axis=1)
        )
        return self._decode(self.rnn(fused))

    def step(self, state_encoding, embedding, states):
        """One step of one invocation per row.

        Args:
            state_encoding: `s_t`, `[B, D]`.
            embedding: `p_t`, `[B, P]`.
            states: List of `2 L` tensors `[B, M]`: `h, c` of each layer.

        Returns:
            The dict of `call` without its time axis, and the new states.
        """
        fused = self._fuse(state_encoding, embedding)
        pairs = [states[i : i + 2] for i in range(0, len(states), 2)]
        hidden, pairs = self.cell(fused, pairs)
        # Keras drops the outer list when there is one layer only.
        return self._decode(hidden), keras.tree.flatten(pairs)

    def _fuse(self, state_encoding, embedding):
        both = ops.concatenate([state_encoding, embedding], axis=-1)
        return self.fuse_out(self.fuse_hidden(both))

    def _decode(self, hidden):
        return {
            "end_logits": ops.squeeze(self.end(hidden), axis=-1),
            "key": self.key(hidden),
            "argument_logits": [head(hidden) for head in self.argument_heads],
        }

    def get_config(self):
        return super().get_config() | {
            "num_argument_values": self.num_argument_values,
            "key_dim": self.key_dim,
            "embedding_dim": self.embedding_dim,
            "state_dim": self.state_dim,
            "fuse_dim": self.fuse_dim,
            "hidden_dim": self.hidden_dim,
            "num_layers": self.num_layers,
        }

"""The state encoder f_enc for discrete observations."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable("npi_tf")
class DiscreteEncoder(keras.layers.Layer):
    """State encoding of a discrete observation and the arguments.

    `s_t = MLP([e_t, a_t(1), a_t(2), a_t(3)])` (equations 1, 9 and 10), with
    every value one-hot. The value named blank, and the default argument 0,
    is coded as the zero vector. The MLP is two ReLU layers. The first starts
    near zero, so that an input which a program does not need stays without
    effect instead of being unlearnt one combination at a time (Deviation
    D4).

    Args:
        num_values: Number of values of each observation feature.
        blanks: For each feature the value coded as zeros, or -1 for none.
        num_argument_values: Number of values of each argument.
        hidden_dim: Width of the hidden layer.
        output_dim: `D`, width of the state encoding.

    Call arguments:
        observations: Integers `[..., num_features]`. They are not checked
            here (`npi_tf.specs.Domain.check_observation` does it where they
            are made): a value out of range is coded as one of another
            feature, or not at all.
        arguments: Integers `[..., 3]`, same leading shape.

    Returns:
        State encoding `s_t`, `[..., D]`.

    Example:

    >>> encoder = DiscreteEncoder((11, 2), (10, 0), (5, 11, 4))
    >>> encoder(np.array([[3, 1]]), np.array([[1, 0, 0]])).shape
    TensorShape([1, 128])

    References:
        Reed and de Freitas, arXiv 1511.06279, sections 3.1 and 4.
    """

    def __init__(
        self,
        num_values,
        blanks,
        num_argument_values,
        hidden_dim=128,
        output_dim=128,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.num_values = tuple(num_values)
        self.blanks = tuple(blanks)
        self.num_argument_values = tuple(num_argument_values)
        self.hidden_dim = hidden_dim
        self.output_dim = output_dim
        sizes = self.num_values + self.num_argument_values
        blanks = self.blanks + (0,) * len(self.num_argument_values)
        if len(self.num_values) != len(self.blanks):
            raise ValueError(
                "blanks: must have one entry a feature, got "
                f"{len(self.blanks)} for {len(self.num_values)} features"
            )
        self._blanks = np.array(blanks, np.int32)
        self._offsets = np.cumsum((0,) + sizes[:-1]).astype(np.int32)
        self._num_units = sum(sizes)
        self.hidden = keras.layers.Dense(
            hidden_dim,
            activation="relu",
            kernel_initializer=keras.initializers.RandomNormal(stddev=0.01),
            dtype=self.dtype_policy,
            name="hidden",
        )
        self.out = keras.layers.Dense(
            output_dim, activation="relu", dtype=self.dtype_policy, name="out"
        )

    def build(self, *shapes):
        self.hidden.build((None, self._num_units))
        self.out.build((None, self.hidden_dim))
        self.built = True

    def call(self, observations, arguments):
        values = ops.concatenate(
            [ops.cast(observations, "int32"), ops.cast(arguments, "int32")],
            axis=-1,
        )
        units = ops.where(values == self._blanks, -1, values + self._offsets)
        hot = ops.one_hot(units, self._num_units, dtype=self.compute_dtype)
        return self.out(self.hidden(ops.sum(hot, axis=-2)))

    def get_config(self):
        return super().get_config() | {
            "num_values": self.num_values,
            "blanks": self.blanks,
            "num_argument_values": self.num_argument_values,
            "hidden_dim": self.hidden_dim,
            "output_dim": self.output_dim,
        }

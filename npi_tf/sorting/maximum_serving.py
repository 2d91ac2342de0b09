"""What a served maximum reads and answers: sorting's arrays, one number."""

from __future__ import annotations

import tensorflow as tf

from npi_tf.sorting import serving
from npi_tf.sorting import tensor_environment

INPUTS = serving.INPUTS
WARMUP = serving.WARMUP
parse = serving.parse


def read(
    state: tensor_environment.ArrayState,
) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
    """The numbers under pointer 1; all rows hold.

    Returns:
        `{"maximum": [B] int32}`, and `[B]` bool.
    """
    numbers = tf.gather(state.array, state.pointers[:, 0], batch_dims=1)
    return {"maximum": numbers}, tf.ones_like(state.length, tf.bool)

"""What a served sort reads and answers, in graph operations only."""

from __future__ import annotations

import tensorflow as tf

from npi_tf.sorting import environment
from npi_tf.sorting import tensor_environment

# The longest that was tried (docs/deviations.md, D15): 200,000 core steps.
MAX_LENGTH = 120
NO_NUMBER = -1  # In the answer, beyond the length of a row.

INPUTS = {
    "array": tf.TensorSpec([None, None], tf.int32, name="array"),
    "lengths": tf.TensorSpec([None], tf.int32, name="lengths"),
}

# Sent to a server before its first user: one short and one longer batch.
WARMUP = (
    {"array": [[9, 2, 5]], "lengths": [3]},
    {"array": [[3, 1, 0, 0], [4, 4, 9, 7]], "lengths": [2, 4]},
)


def parse(inputs: dict[str, tf.Tensor]) -> tuple[tuple, tf.Tensor]:
    """Arrays for `SortingTensorEnvironment.reset`, and which rows hold.

    A row holds if its length is 1 to `MAX_LENGTH` and no more than there are
    columns, and its numbers are 0 to 9. What stands beyond its length does
    not matter. The other rows become one 0. Columns beyond `MAX_LENGTH`,
    where no row has a number, are cut off: every step would copy them.

    Args:
        inputs: `array` `[B, N]` and `lengths` `[B]`, int32.

    Returns:
        `(array [B, N], length [B])`, and `[B]` bool. N is 1 to `MAX_LENGTH`.

    Raises:
        tf.errors.InvalidArgumentError: When executed, if the two batches
            differ in size, or have other ranks.
    """
    # A C session and a server do not look at the rank of what they are fed.
    array, lengths = (
        tf.ensure_shape(inputs[name], spec.shape)
        for name, spec in INPUTS.items()
    )
    same = tf.debugging.assert_equal(
        tf.shape(array)[0],
        tf.shape(lengths)[0],
        message="array and lengths: must be batches of the same size",
    )
    with tf.control_dependencies([same]):
        lengths = tf.identity(lengths)
    array = array[:, :MAX_LENGTH]
    columns = tf.shape(array)[1]
    valid = (lengths >= 1) & (lengths <= columns)
    inside = tf.sequence_mask(lengths, columns)
    known = (array >= 0) & (array < environment.BASE)
    valid &= tf.reduce_all(known | ~inside, axis=1)
    array = tf.where(inside & valid[:, None], array, 0)
    array = tf.pad(array, [[0, 0], [0, tf.maximum(1 - columns, 0)]])
    return (array, tf.where(valid, lengths, 1)), valid


def read(
    state: tensor_environment.ArrayState,
) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
    """The arrays as they stand, -1 beyond their lengths; all rows hold.

    Returns:
        `{"sorted": [B, N] int32}`, and `[B]` bool.
    """
    inside = tf.sequence_mask(state.length, tf.shape(state.array)[1])
    numbers = tf.where(inside, state.array, NO_NUMBER)
    return {"sorted": numbers}, tf.ones_like(state.length, tf.bool)

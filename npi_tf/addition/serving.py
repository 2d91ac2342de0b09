"""What a served addition reads and answers, in graph operations only."""

from __future__ import annotations

import tensorflow as tf

from npi_tf.addition import environment
from npi_tf.addition import tensor_environment

MAX_DIGITS = 10_000

INPUTS = {
    "augend": tf.TensorSpec([None], tf.string, name="augend"),
    "addend": tf.TensorSpec([None], tf.string, name="addend"),
}

# Sent to a server before its first user: one short and one longer batch.
WARMUP = (
    {"augend": ["96"], "addend": ["125"]},
    {"augend": ["0", "5", "9" * 20], "addend": ["0", "99999", "1"]},
)

_OUT = environment.NUM_ROWS - 1
_SYMBOLS = [str(digit) for digit in range(environment.BASE)]


def parse(inputs: dict[str, tf.Tensor]) -> tuple[tuple, tf.Tensor]:
    """Arrays for `AdditionTensorEnvironment.reset`, and which rows hold.

    A row holds if both of its strings are 1 to `MAX_DIGITS` digits 0-9. The
    others become pads without digits, so that they widen no other row's pad.

    Args:
        inputs: `augend` and `addend`, `[B]` string.

    Returns:
        `(cells [B, 4, N], lengths [B, 2])`, and `[B]` bool.

    Raises:
        tf.errors.InvalidArgumentError: When executed, if the two batches
            differ in size, or are no vectors.
    """
    # A C session and a server do not look at the rank of what they are fed.
    augend, addend = (
        tf.ensure_shape(inputs[name], spec.shape)
        for name, spec in INPUTS.items()
    )
    same = tf.debugging.assert_equal(
        tf.shape(augend),
        tf.shape(addend),
        message="augend and addend: must be batches of the same size",
    )
    with tf.control_dependencies([same]):
        operands = tf.stack([tf.identity(augend), tf.identity(addend)], axis=1)
    size = tf.strings.length(operands)  # In bytes: [B, 2]
    digits = tf.strings.regex_full_match(operands, "[0-9]+")
    valid = tf.reduce_all(digits & (size <= MAX_DIGITS), axis=1)
    operands = tf.where(valid[:, None], operands, "")
    lengths = tf.strings.length(operands)
    columns = tf.reduce_max(tf.concat([[0], tf.reshape(lengths, [-1])], 0)) + 1
    rows = [_cells(operands[:, i], lengths[:, i], columns) for i in (0, 1)]
    blank = tf.fill(tf.shape(rows[0]), environment.BLANK)
    blanks = [blank] * (environment.NUM_ROWS - len(rows))
    return (tf.stack(rows + blanks, axis=1), lengths), valid


def read(
    state: tensor_environment.PadState,
) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
    """The sums without leading zeros, and which rows hold a number.

    As `environment.read_number`: a row without a digit, or with a blank
    cell between its digits, holds none.

    Returns:
        `{"sum": [B] string}`, and `[B]` bool.
    """
    cells, ends = state.pad[:, _OUT], state.ends[:, _OUT]
    written = tf.sequence_mask(ends, tf.shape(cells)[1])
    digit = cells < environment.BASE
    holds = (ends > 0) & tf.reduce_all(digit | ~written, axis=1)
    symbols = tf.gather(_SYMBOLS, tf.where(digit, cells, 0))
    symbols = tf.where(written & digit, symbols, "")
    text = tf.strings.reduce_join(tf.reverse(symbols, [1]), axis=1)
    return {"sum": tf.strings.regex_replace(text, "^0+([0-9])", "\\1")}, holds


def _cells(operand, lengths, columns):
    """Digits of one operand, rightmost first, then blanks: `[B, N]`."""
    codes = tf.io.decode_raw(operand, tf.uint8, fixed_length=columns)
    codes = tf.reverse_sequence(codes, lengths, seq_axis=1)
    written = tf.sequence_mask(lengths, columns)
    digits = tf.cast(codes, tf.int32) - ord("0")
    return tf.where(written, digits, environment.BLANK)

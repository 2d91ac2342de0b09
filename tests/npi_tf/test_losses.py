"""The loss: worked by hand, by differences, and blind to padding."""

import numpy as np
import pytest
import tensorflow as tf

from npi_tf import losses


def constants(values, dtype):
    """A nest of arrays as tensors."""
    return tf.nest.map_structure(lambda v: tf.constant(v, dtype), values)


# One frame of three steps; the last has only an end, as on ACT, and a
# fourth comes after the end. Two programs, arguments of 2, 2 and 3 values.
_LOG2, _LOG3, _LOG4 = np.log([2, 3, 4])
LOGITS = {
    "end_logits": np.array([[0, -_LOG3, _LOG3, 9]]),
    "program_logits": np.array([[[0, 0], [0, _LOG3], [5, 1], [1, 2]]]),
    "argument_logits": [
        np.array([[[0, 0], [_LOG4, 0], [7, 0], [1, 2]]]),
        np.array([[[0, 0], [0, 0], [0, 7], [1, 2]]]),
        np.array([[[0, 0, 0], [0, _LOG2, 0], [7, 0, 1], [1, 1, 1]]]),
    ],
}
TARGETS = {
    "ends": np.array([[0, 0, 1, -1]]),
    "calls": np.array([[1, 1, -1, -1]]),
    "call_arguments": np.array(
        [[[0, 1, 2], [0, 0, 1], [-1, -1, -1], [-1, -1, -1]]]
    ),
}
# Step 1: end 1/2, program 1/2, arguments 1/2, 1/2, 1/3.
# Step 2: end 1 - 1/4, program 3/4, arguments 4/5, 1/2, 2/4.
# Step 3: end 3/4, nothing else. Step 4: nothing.
LIKELIHOODS = [
    1 / 2 * 1 / 2 * 1 / 2 * 1 / 2 * 1 / 3,
    3 / 4 * 3 / 4 * 4 / 5 * 1 / 2 * 2 / 4,
    3 / 4,
    1.0,
]


@pytest.mark.parametrize("dtype, atol", [("float64", 1e-12), ("float32", 1e-5)])
def test_likelihood_by_hand(dtype, atol):
    steps = losses.step_log_likelihood(
        constants(LOGITS, dtype), constants(TARGETS, "int32")
    )
    assert steps.dtype == dtype
    np.testing.assert_allclose(steps, [np.log(LIKELIHOODS)], atol=atol)


def test_the_loss_is_the_mean_over_steps_with_a_target():
    loss = losses.mean_step_loss(
        constants(LOGITS, "float64"), constants(TARGETS, "int32")
    )
    np.testing.assert_allclose(loss, -sum(np.log(LIKELIHOODS)) / 3)


def test_nothing_to_learn_costs_nothing():
    targets = {name: np.full_like(v, -1) for name, v in TARGETS.items()}
    loss = losses.mean_step_loss(
        constants(LOGITS, "float32"), constants(targets, "int32")
    )
    assert float(loss) == 0.0


def test_a_certain_wrong_answer_costs_a_lot_but_not_infinity():
    logits = tf.nest.map_structure(lambda v: 1e4 * v, LOGITS)
    steps = losses.step_log_likelihood(
        constants(logits, "float32"), constants(TARGETS, "int32")
    )
    assert np.isfinite(steps).all()
    # Step 2: end (0 for r = sigmoid(-1e4 log 3)) and all others are right,
    # but for the tie of argument 2; step 1 is five ties.
    np.testing.assert_allclose(
        steps, [[np.log(LIKELIHOODS[0]), np.log(1 / 2), 0.0, 0.0]], atol=1e-5
    )


def test_bfloat16_logits_are_added_up_in_float32():
    narrow = constants(LOGITS, "bfloat16")
    steps = losses.step_log_likelihood(narrow, constants(TARGETS, "int32"))
    assert steps.dtype == "float32"
    np.testing.assert_allclose(steps, [np.log(LIKELIHOODS)], atol=0.02)


def _random_case(seed=0, batch=3, steps=4):
    rng = np.random.default_rng(seed)
    sizes = (3, 2, 4)
    logits = {
        "end_logits": rng.normal(size=(batch, steps)),
        "program_logits": rng.normal(size=(batch, steps, 5)),
        "argument_logits": [
            rng.normal(size=(batch, steps, size)) for size in sizes
        ],
    }
    targets = {
        "ends": rng.integers(-1, 2, size=(batch, steps)),
        "calls": rng.integers(-1, 5, size=(batch, steps)),
        "call_arguments": rng.integers(-1, sizes, size=(batch, steps, 3)),
    }
    return logits, constants(targets, "int32")


def test_gradient_is_the_numeric_one():
    logits, targets = _random_case()
    tensors = constants(logits, "float64")
    flat = tf.nest.flatten(tensors)
    with tf.GradientTape() as tape:
        tape.watch(flat)
        loss = losses.mean_step_loss(tensors, targets)
    gradients = tape.gradient(loss, flat)
    eps = 1e-6
    for array, gradient in zip(tf.nest.flatten(logits), gradients):
        numeric = np.zeros_like(array)
        for index in np.ndindex(array.shape):
            kept, sides = array[index], []
            for sign in (1, -1):
                array[index] = kept + sign * eps
                moved = constants(logits, "float64")
                sides.append(float(losses.mean_step_loss(moved, targets)))
            array[index] = kept
            numeric[index] = (sides[0] - sides[1]) / (2 * eps)
        assert np.abs(numeric).max() > 0
        np.testing.assert_allclose(gradient, numeric, atol=1e-9)


def test_padding_changes_nothing():
    logits, targets = _random_case()
    loss = losses.mean_step_loss(constants(logits, "float64"), targets)
    more = tf.nest.map_structure(_pad_time(3.0), logits)
    padded = tf.nest.map_structure(_pad_time(-1), targets)
    longer = losses.mean_step_loss(constants(more, "float64"), padded)
    np.testing.assert_allclose(longer, loss, rtol=1e-12)


def _pad_time(value):
    def pad(array):
        width = [(0, 0), (0, 2)] + [(0, 0)] * (len(array.shape) - 2)
        return np.pad(np.asarray(array), width, constant_values=value)

    return pad


def test_correct_steps_by_hand():
    right = losses.correct_steps(
        constants(LOGITS, "float32"), constants(TARGETS, "int32")
    )
    # Step 1: an end logit of 0 is r = 1/2 = alpha, so it ends: wrong.
    np.testing.assert_array_equal(right, [[False, True, True, True]])


@pytest.mark.parametrize(
    "name, wrong",
    [
        ("ends", [[0, 1, 1, -1]]),
        ("calls", [[1, 0, -1, -1]]),
        ("call_arguments", [[[0, 1, 2], [0, 0, 2], [-1] * 3, [-1] * 3]]),
    ],
)
def test_one_wrong_decision_makes_the_step_wrong(name, wrong):
    targets = constants(TARGETS | {name: np.array(wrong)}, "int32")
    right = losses.correct_steps(constants(LOGITS, "float32"), targets)
    np.testing.assert_array_equal(right, [[False, False, True, True]])


def test_weights_that_are_zero_give_zero():
    outputs, targets = constants(LOGITS, "float64"), constants(TARGETS, "int32")
    assert float(losses.mean_step_loss(outputs, targets, np.zeros(1))) == 0
    np.testing.assert_allclose(
        losses.mean_step_loss(outputs, targets, np.array([0.25])),
        losses.mean_step_loss(outputs, targets),
        rtol=1e-12,
    )

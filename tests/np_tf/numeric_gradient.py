"""Gradients by central differences, for any function of float64 arrays."""

import keras
import numpy as np
import tensorflow as tf


def check(function, arrays, eps=1e-5, atol=1e-8):
    """Checks a function's gradient; returns the numeric one.

    Args:
        function: From tensors to a nest of tensors. What it gives is added up
            with fixed random weights, so that no error cancels another.
        arrays: Its arguments, float64.
        eps: Half the distance of the two points of a difference; a kink of
            the function must be further away.
        atol: What the gradients may differ by.

    Returns:
        One array an argument.
    """

    def total(*tensors):
        rng = np.random.default_rng(0)
        parts = keras.tree.flatten(function(*tensors))
        return sum(
            tf.reduce_sum(part * rng.normal(size=part.shape)) for part in parts
        )

    tensors = [tf.constant(array, tf.float64) for array in arrays]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        value = total(*tensors)
    exact = tape.gradient(
        value, tensors, unconnected_gradients=tf.UnconnectedGradients.ZERO
    )
    compiled = tf.function(total, autograph=False)
    numeric = [
        _differences(compiled, arrays, which, eps)
        for which in range(len(arrays))
    ]
    for one, other in zip(exact, numeric):
        np.testing.assert_allclose(one, other, atol=atol, rtol=1e-6)
    return numeric


def _differences(function, arrays, which, eps):
    moved = [np.array(array, np.float64) for array in arrays]
    gradient = np.zeros_like(moved[which])
    for index in np.ndindex(gradient.shape):
        kept, sides = moved[which][index], []
        for sign in (1, -1):
            moved[which][index] = kept + sign * eps
            sides.append(float(function(*map(tf.constant, moved))))
        moved[which][index] = kept
        gradient[index] = (sides[0] - sides[1]) / (2 * eps)
    return gradient

"""Pivots: the paper's attention over numbers, and questions without any."""

import numpy as np
import pytest

from np_tf import pivots as pivots_lib
from tests.np_tf import numpy_np

_RNG = np.random.default_rng(0)
B, Q, N, D = 4, 5, 3, 6
STATES = _RNG.normal(size=(B, Q, D))
COMPARISONS = _RNG.normal(size=(2, D))
# Three numbers, one, none, and two behind one word.
POSITIONS = np.array([[0, 2, 4], [3, -1, -1], [-1, -1, -1], [1, 1, -1]])
NUMBERS = np.array([[5.5, -2, 8], [7.25, 99, 99], [99, 99, 99], [1, 2, 99]])


def attend():
    layer = pivots_lib.PivotSelector(dtype="float64")
    logits, is_number = layer(STATES, POSITIONS, COMPARISONS)
    return logits, is_number, pivots_lib.pivot_probs(logits, is_number)


def test_beta_is_the_equation():
    _, is_number, probs = attend()
    np.testing.assert_array_equal(is_number, POSITIONS >= 0)
    for row, positions in enumerate(POSITIONS):
        known = positions[positions >= 0]
        z = STATES[row, known]  # The words on the left of the numbers.
        for op in range(2):
            beta = np.zeros(N)
            if len(known):
                beta[: len(known)] = numpy_np.softmax(z @ COMPARISONS[op])
            np.testing.assert_allclose(probs[row, op], beta, atol=1e-12)


def test_pivots_are_the_weighted_numbers():
    _, is_number, probs = attend()
    pivots = pivots_lib.pivots(probs, NUMBERS, is_number)
    for row in range(B):
        for op in range(2):
            expected = np.asarray(probs)[row, op] @ NUMBERS[row]
            if row == 2:
                expected = -1.0  # No number.
            np.testing.assert_allclose(pivots[row, op], expected, atol=1e-12)
    # A single number is taken as it is; equal words share evenly.
    assert pivots[1, 0] == pivots[1, 1] == 7.25
    np.testing.assert_allclose(pivots[3], [1.5, 1.5])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_pivots_have_the_precision_of_the_numbers(dtype):
    probs = np.array([[[1, 0], [0, 1]]], np.float32)
    numbers = np.array([[50.32, 123456789.125]], dtype)
    pivots = pivots_lib.pivots(probs, numbers, np.array([[True, True]]))
    assert pivots.dtype == dtype
    np.testing.assert_array_equal(pivots[0], numbers[0])


def test_what_is_behind_the_last_number_is_not_read():
    probs = np.array([[[1.0, 0.0], [1.0, 0.0]]])
    numbers = np.array([[3.0, np.nan]])
    pivots = pivots_lib.pivots(probs, numbers, np.array([[True, False]]))
    np.testing.assert_array_equal(pivots, [[3, 3]])

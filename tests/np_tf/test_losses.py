"""The loss worked by hand, and which answers are right."""

import numpy as np
import pytest
import tensorflow as tf

from np_tf import losses
from tests.np_tf import numeric_gradient

DELTA, WEIGHT = 10.0, 50.0


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (7.0, 0.0),
        (10.0, 4.5),  # 3^2 / 2
        (4.0, 4.5),
        (17.0, 50.0),  # 10^2 / 2: both branches agree at delta.
        (-3.0, 50.0),
        (18.0, 60.0),  # 10 * 11 - 10^2 / 2
        (-93.0, 950.0),  # 10 * 100 - 50
        (7.0 + 1e6, 1e7 - 50.0),
    ],
)
def test_huber_by_hand(answer, expected):
    loss = losses.scalar_loss(np.array([answer]), np.array([7.0]), DELTA)
    np.testing.assert_allclose(loss, [expected])


def test_huber_has_the_slope_of_the_error_up_to_delta():
    answers = np.array([0.5, 9.9, 10.1, 1000.0, -3.0, -30.0])
    (gradient,) = numeric_gradient.check(
        lambda a: tf.reduce_sum(losses.scalar_loss(a, np.zeros(6), DELTA)),
        (answers,),
        atol=1e-5,
    )
    # Weighted by the check with one number.
    slopes = gradient / gradient[0] * 0.5
    np.testing.assert_allclose(slopes, [0.5, 9.9, 10, 10, -3, -10], rtol=1e-5)


LOOKUP = np.array([[[0.5, 0.25], [0.75, 0.9], [0.3, 0.3]]])
GOLD = np.array([[[1, 0], [0, 0], [1, 1]]])


def test_cross_entropy_by_hand():
    # Two rows of two columns: log 1/2 + log 3/4 + log 1/4 + log 1/10 over 4;
    # the third row is padding.
    mask = np.array([[[1, 1], [1, 1], [0, 0]]])
    loss = losses.lookup_loss(LOOKUP, GOLD, mask)
    expected = -np.log(1 / 2 * 3 / 4 * 1 / 4 * 1 / 10) / 4
    np.testing.assert_allclose(loss, [expected])
    # One column: log 1/2 + log 1/4 over 2.
    mask = np.array([[[1, 0], [1, 0], [0, 0]]])
    loss = losses.lookup_loss(LOOKUP, GOLD, mask)
    np.testing.assert_allclose(loss, [-np.log(1 / 8) / 2])


def test_cross_entropy_of_certain_answers_is_finite():
    certain = np.array([[[1.0, 0.0]]])
    mask = np.ones((1, 1, 2))
    right = losses.lookup_loss(certain, certain, mask)
    wrong = losses.lookup_loss(certain, 1 - certain, mask)
    np.testing.assert_allclose(right, [0.0], atol=1e-6)
    np.testing.assert_allclose(wrong, [-np.log(losses.EPSILON)], rtol=1e-6)
    # Also in float32, where 1 - 1e-7 is not 1.
    wrong = losses.lookup_loss(certain.astype("float32"), 1 - certain, mask)
    assert np.isfinite(wrong).all() and wrong[0] > 10
    nothing = losses.lookup_loss(certain, certain, np.zeros((1, 1, 2)))
    np.testing.assert_array_equal(nothing, [0.0])


def test_cross_entropy_gradient_is_the_numeric_one_and_masked():
    mask = np.array([[[1, 1], [1, 0], [0, 0]]])
    (gradient,) = numeric_gradient.check(
        lambda p: losses.lookup_loss(p, GOLD, mask), (LOOKUP,)
    )
    assert (np.abs(gradient) > 0.01).tolist() == (mask > 0).tolist()


def outputs(**changes):
    """Of hard execution: a scalar 57 and a lookup of two cells."""
    values = {
        "scalar_answer": np.array([57.0, 0.0]),
        "lookup_answer": np.array([[[0, 0], [0, 0]], [[1, 0], [1, 0]]], float),
        "answer_is_scalar": np.array([True, False]),
        "valid_answer": np.array([True, True]),
    }
    return values | {k: np.asarray(v) for k, v in changes.items()}


def targets(**changes):
    values = {
        "answer_is_scalar": np.array([True, False]),
        "scalar_answer": np.array([57.0, 0.0]),
        "lookup_answer": np.array(
            [[[0, 0], [0, 0]], [[1, 0], [1, 0]]], np.uint8
        ),
    }
    return values | {k: np.asarray(v) for k, v in changes.items()}


def test_the_loss_is_that_of_the_answers_kind():
    mask = np.ones((2, 2, 2))
    soft = outputs(
        scalar_answer=[60.0, 60.0], lookup_answer=np.full((2, 2, 2), 0.5)
    )
    loss = losses.loss(soft, targets(), mask, DELTA, WEIGHT)
    # 3^2 / 2; 50 log 2: lambda weighs the lookup.
    np.testing.assert_allclose(loss, [4.5, 50 * np.log(2)])
    # With integers for booleans, as they come from a file.
    same = targets(answer_is_scalar=[1, 0])
    np.testing.assert_allclose(
        losses.loss(soft, same, mask, DELTA, WEIGHT), loss
    )


@pytest.mark.parametrize(
    ("changes", "wanted", "right"),
    [
        ({}, {}, [True, True]),
        ({"scalar_answer": [57.049, 3.0]}, {}, [True, True]),
        ({"scalar_answer": [57.051, 0.0]}, {}, [False, True]),
        ({"scalar_answer": [56.949, 0.0]}, {}, [False, True]),
        ({"scalar_answer": [np.nan, 0.0]}, {}, [False, True]),
        # One cell too few, one too many, the right rows of another column.
        ({"lookup_answer": [[[0, 0], [0, 0]], [[1, 0], [0, 0]]]}, {}, [1, 0]),
        ({"lookup_answer": [[[0, 0], [0, 0]], [[1, 0], [1, 1]]]}, {}, [1, 0]),
        ({"lookup_answer": [[[0, 0], [0, 0]], [[0, 1], [0, 1]]]}, {}, [1, 0]),
        # The right number or cells, but the last operation gives the other.
        ({"answer_is_scalar": [False, False]}, {}, [False, True]),
        ({"answer_is_scalar": [True, True]}, {}, [True, False]),
        # The last operation gives neither.
        (
            {
                "answer_is_scalar": [False, False],
                "valid_answer": [False, False],
            },
            {},
            [False, False],
        ),
        # Nothing is the answer, and nothing is given: by assign it is right.
        (
            {"lookup_answer": np.zeros((2, 2, 2))},
            {"lookup_answer": np.zeros((2, 2, 2), np.uint8)},
            [True, True],
        ),
        (
            {
                "lookup_answer": np.zeros((2, 2, 2)),
                "valid_answer": [True, False],
            },
            {"lookup_answer": np.zeros((2, 2, 2), np.uint8)},
            [True, False],
        ),
    ],
)
def test_right_answers(changes, wanted, right):
    found = losses.correct(outputs(**changes), targets(**wanted))
    assert np.asarray(found).tolist() == [bool(value) for value in right]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_answers_are_compared_in_their_own_precision(dtype):
    ours = outputs(scalar_answer=np.array([57.0, 0.0], dtype))
    mask = np.ones((2, 2, 2))
    loss = losses.loss(ours, targets(), mask, DELTA, WEIGHT)
    assert loss.dtype == "float64" or dtype == "float32"
    assert np.asarray(losses.correct(ours, targets())).all()

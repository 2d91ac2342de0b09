"""The operations: worked by hand, by differences, and as properties."""

import hypothesis
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies as st

from np_tf import operations
from tests.np_tf import numeric_gradient

# Two questions. The first table has three rows; columns are price and weight.
# The second has two rows and one column; what is padded is 0.
TABLE = np.array(
    [
        [[10.0, 3.0], [20.0, 2.0], [30.0, 1.0]],
        [[-4.0, 0.0], [8.0, 0.0], [0.0, 0.0]],
    ]
)
ROW_MASK = np.array([[1.0, 1.0, 1.0], [1.0, 1.0, 0.0]])
CELL_MASK = ROW_MASK[:, :, None] * np.array([[[1.0, 1.0]], [[1.0, 0.0]]])
# Genuinely soft: rows selected by 0.5, 0.25, 1 and by 0.75, 0.1.
SELECT = np.array([[0.5, 0.25, 1.0], [0.75, 0.1, 0.0]])
BEFORE = np.array([[0.2, 0.9, 0.4], [0.3, 0.6, 0.0]])


def test_sum_by_hand():
    # 0.5 * 10 + 0.25 * 20 + 30 = 40, 0.5 * 3 + 0.25 * 2 + 1 = 3;
    # 0.75 * -4 + 0.1 * 8 = -2.2.
    sums = operations.sum_columns(SELECT, TABLE)
    np.testing.assert_allclose(sums, [[40, 3], [-2.2, 0]], atol=1e-12)


def test_count_by_hand():
    # 0.5 + 0.25 + 1 and 0.75 + 0.1.
    np.testing.assert_allclose(operations.count(SELECT), [1.75, 0.85])


def test_difference_by_hand():
    # scalar_{t-3} - scalar_{t-1}, in this order: a sum minus a count.
    scalars = np.array([60.0, -2.2]), np.array([3.0, 0.85])
    np.testing.assert_allclose(operations.difference(*scalars), [57.0, -3.05])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_comparisons_by_hand(dtype):
    table, mask = TABLE.astype(dtype), CELL_MASK.astype(dtype)
    # 10 > 10 and 3 < 3 are False: both are strict. -1 > -5 would be True in
    # the padding (0 > -5): the mask says no.
    above = operations.greater(table, np.array([10.0, -5.0], dtype), mask)
    np.testing.assert_array_equal(
        above, [[[0, 0], [1, 0], [1, 0]], [[1, 0], [1, 0], [0, 0]]]
    )
    below = operations.lesser(table, np.array([3.0, 5.0], dtype), mask)
    np.testing.assert_array_equal(
        below, [[[0, 0], [0, 1], [0, 1]], [[1, 0], [0, 0], [0, 0]]]
    )
    assert above.dtype == below.dtype == dtype


def test_logic_by_hand():
    # min and max of 0.5, 0.2; 0.25, 0.9; 1, 0.4; and 0.75, 0.3; 0.1, 0.6.
    np.testing.assert_array_equal(
        operations.logical_and(SELECT, BEFORE),
        [[0.2, 0.25, 0.4], [0.3, 0.1, 0.0]],
    )
    np.testing.assert_array_equal(
        operations.logical_or(SELECT, BEFORE),
        [[0.5, 0.9, 1.0], [0.75, 0.6, 0.0]],
    )


def test_assign_and_reset_by_hand():
    cells = operations.assign(SELECT, 2)
    np.testing.assert_array_equal(
        cells,
        [
            [[0.5, 0.5], [0.25, 0.25], [1, 1]],
            [[0.75, 0.75], [0.1, 0.1], [0, 0]],
        ],
    )
    np.testing.assert_array_equal(
        operations.reset(ROW_MASK), [[1, 1, 1], [1, 1, 0]]
    )


def test_text_match_by_hand():
    # Words (0, 0), (1, 2), (-1, 1); G is (log 3, 0) for one column and
    # (0, log 2) for the other: A.G is 0, log 3, -log 3 and 0, 2 log 2, log 2,
    # sigmoids 1/2, 3/4, 1/4 and 1/2, 4/5, 2/3.
    words = np.array([[0.0, 0.0], [1.0, 2.0], [-1.0, 1.0]])
    queries = np.array([[[np.log(3), 0.0], [0.0, np.log(2)]]])
    matches = operations.text_match(words, queries)
    np.testing.assert_allclose(
        matches, [[[1 / 2, 3 / 4, 1 / 4], [1 / 2, 4 / 5, 2 / 3]]]
    )
    logits = operations.text_match_logits(words, queries)
    np.testing.assert_allclose(logits[0, 0], [0, np.log(3), -np.log(3)])


_RNG = np.random.default_rng(0)
SCALARS = _RNG.normal(size=(2, 2))

# Operation -> its function of float64 arrays, where it is evaluated, and
# which arguments it has a gradient with respect to.
GRADIENTS = {
    "sum": (operations.sum_columns, (SELECT, TABLE), (True, True)),
    "count": (operations.count, (SELECT,), (True,)),
    "difference": (operations.difference, tuple(SCALARS), (True, True)),
    # Hard thresholds: none for the table nor for the pivot.
    "greater": (
        operations.greater,
        (TABLE, np.array([15.0, -5.0]), CELL_MASK),
        (False, False, True),
    ),
    "lesser": (
        operations.lesser,
        (TABLE, np.array([2.5, 5.0]), CELL_MASK),
        (False, False, True),
    ),
    "and": (operations.logical_and, (SELECT, BEFORE), (True, True)),
    "or": (operations.logical_or, (SELECT, BEFORE), (True, True)),
    "assign": (lambda s: operations.assign(s, 2), (SELECT,), (True,)),
    "reset": (operations.reset, (ROW_MASK,), (True,)),
    "text_match": (
        operations.text_match,
        (_RNG.normal(size=(4, 3)), _RNG.normal(size=(2, 2, 3))),
        (True, True),
    ),
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradient_is_the_numeric_one(name):
    function, arrays, moves = GRADIENTS[name]
    # The last row of the second question is padding: a tie of two zeros.
    if name in ("and", "or"):
        arrays = tuple(array[:, :2] for array in arrays)
    gradients = numeric_gradient.check(function, arrays)
    assert tuple(np.abs(g).max() > 0.1 for g in gradients) == moves


@pytest.mark.parametrize("name", ["and", "or"])
def test_a_tie_has_a_subgradient(name):
    function = GRADIENTS[name][0]
    one, other = tf.constant([[0.5]]), tf.constant([[0.5]])
    with tf.GradientTape() as tape:
        tape.watch([one, other])
        value = function(one, other)
    parts = [float(g[0, 0]) for g in tape.gradient(value, [one, other])]
    assert sum(parts) == 1 and min(parts) >= 0


sizes = st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(1, 3))


@st.composite
def tables(draw):
    """Random selections, tables and masks; the masked is whatever it is."""
    b, m, c = draw(sizes)
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    rows = rng.integers(1, m + 1, b)
    mask = (np.arange(m) < rows[:, None]).astype(float)
    soft = rng.uniform(size=(2, b, m)) * mask
    if draw(st.booleans()):
        soft = np.round(soft)
    return soft[0], soft[1], rng.normal(size=(b, m, c)), mask


@hypothesis.given(tables())
def test_selections_stay_between_0_and_1_and_off_the_padding(case):
    one, other, table, mask = case
    cells = np.repeat(mask[:, :, None], table.shape[2], axis=2)
    pivot = table[:, 0, 0]
    for rows in (
        operations.logical_and(one, other),
        operations.logical_or(one, other),
        operations.reset(mask),
        *np.moveaxis(np.asarray(operations.assign(one, 2)), 2, 0),
        *np.moveaxis(np.asarray(operations.greater(table, pivot, cells)), 2, 0),
        *np.moveaxis(np.asarray(operations.lesser(table, pivot, cells)), 2, 0),
    ):
        rows = np.asarray(rows)
        assert (rows >= 0).all() and (rows <= 1).all()
        assert (rows[mask == 0] == 0).all()


@hypothesis.given(tables())
def test_a_cell_is_greater_or_lesser_or_equal(case):
    _, _, table, mask = case
    cells = np.repeat(mask[:, :, None], table.shape[2], axis=2)
    pivot = table[:, -1, 0]
    above = np.asarray(operations.greater(table, pivot, cells))
    below = np.asarray(operations.lesser(table, pivot, cells))
    equal = (table == pivot[:, None, None]) * cells
    np.testing.assert_array_equal(above + below + equal, cells)


@hypothesis.given(tables())
def test_logic_is_that_of_sets_and_lattices(case):
    one, other, _, mask = case
    both = np.asarray(operations.logical_and(one, other))
    either = np.asarray(operations.logical_or(one, other))
    np.testing.assert_array_equal(both, operations.logical_and(other, one))
    np.testing.assert_array_equal(both, np.where(one < other, one, other))
    # min + max = the sum; not both = not one or not the other.
    np.testing.assert_allclose(both + either, one + other, atol=1e-12)
    negated = operations.logical_or(mask - one, mask - other)
    np.testing.assert_allclose(mask - both, negated, atol=1e-12)
    if set(np.unique([one, other])) <= {0.0, 1.0}:
        np.testing.assert_array_equal(both, one * other)


@hypothesis.given(tables())
def test_sums_and_counts_are_linear_in_the_selection(case):
    one, other, table, _ = case
    for function in (
        lambda select: operations.sum_columns(select, table),
        operations.count,
    ):
        mixed = np.asarray(function(0.3 * one + 0.7 * other))
        parts = 0.3 * np.asarray(function(one)) + 0.7 * np.asarray(
            function(other)
        )
        np.testing.assert_allclose(mixed, parts, atol=1e-9)
    # Of a hard selection of whole rows, what NumPy sums.
    hard = (one > 0.5).astype(float)
    for b, rows in enumerate(hard > 0):
        np.testing.assert_allclose(
            np.asarray(operations.sum_columns(hard, table))[b],
            table[b][rows].sum(axis=0),
            atol=1e-9,
        )
        assert operations.count(hard)[b] == rows.sum()

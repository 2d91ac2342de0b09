"""The executor: hard, it is the reference executor; soft, a plain loop."""

import hypothesis
import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies as st

from np_tf import executor as executor_lib
from np_tf import programs
from np_tf import reference
from tests.np_tf import drawn
from tests.np_tf import numeric_gradient

NAMES = programs.OPERATIONS


def one_hot(program, num_columns, num_operations=10):
    """Selections that are a program; operations without a column take one.

    Which one must not matter: it is another one every step.
    """
    operations, columns = programs.to_ids(program)
    columns = [
        step % num_columns if call.column is None else column
        for step, (call, column) in enumerate(zip(program, columns))
    ]
    return np.eye(num_operations)[operations], np.eye(num_columns)[columns]


def run(
    op_probs,
    col_probs,
    table,
    num_rows,
    pivots,
    is_numeric,
    match=None,
    one_column=False,
):
    """All steps of the executor on a batch; steps are the second axis.

    Args:
        op_probs: Selections of all steps.
        col_probs: Likewise.
        table: As for `Executor.facts`.
        num_rows: Likewise.
        pivots: Likewise.
        is_numeric: Likewise.
        match: Likewise.
        one_column: Whether to read the chosen column only.

    Returns:
        Scalars `[B, T]`, row selections `[B, T, M]` and lookups
        `[B, T, M, C]`.
    """
    executor = executor_lib.Executor()
    facts = executor.facts(
        tf.constant(table), num_rows, tf.constant(pivots), is_numeric, match
    )
    memory = executor.initial(facts)
    scalars, rows, lookups = [], [], []
    for t in range(op_probs.shape[1]):
        step = executor.select if one_column else executor
        scalar, lookup, memory = step(
            op_probs[:, t], col_probs[:, t], memory, facts
        )
        scalars.append(scalar)
        rows.append(memory.row_selects[0])
        lookups.append(lookup)
    return tuple(np.stack(part, axis=1) for part in (scalars, rows, lookups))


def run_case(case, padding, one_column):
    """A drawn case, on a table with garbage in its padding and its text."""
    m, c = case.table.shape
    wide = ((0, padding), (0, padding))
    table = np.where(case.is_text, 77.0, case.table)
    table = np.pad(table, wide, constant_values=3.0)
    match = case.text_matches & case.is_text
    match = np.pad(match.astype(float), ((0, padding), (0, padding)))
    match[m:] = 1.0  # What stands in padded rows is not read.
    numeric = np.pad(~case.is_text, (0, padding))
    operations, columns = one_hot(case.program, c)
    columns = np.pad(columns, ((0, 0), (0, padding)))
    done = run(
        operations[None],
        columns[None],
        table[None],
        np.array([m]),
        np.array([case.pivots]),
        numeric[None],
        match[None],
        one_column,
    )
    return tuple(part[0] for part in done)


@pytest.mark.parametrize("one_column", [False, True])
@hypothesis.given(drawn.cases(), st.sampled_from([0, 2]))
def test_one_hot_selections_are_the_reference_executor(
    one_column, case, padding
):
    scalars, rows, lookups = run_case(case, padding, one_column)
    done = case.execute()
    m, c = case.table.shape
    np.testing.assert_array_equal(scalars, done.scalars)
    np.testing.assert_array_equal(rows[:, :m], done.row_selects)
    assert not rows[:, m:].any()
    expected = done.answer if done.kind == "lookup" else np.zeros((m, c))
    np.testing.assert_array_equal(lookups[-1][:m, :c], expected)
    assert not lookups[-1][m:].any() and not lookups[-1][:, c:].any()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_it_computes_in_the_dtype_of_the_table(dtype):
    table = np.array([[[1e9], [0.25]]], dtype)
    operations, columns = one_hot((programs.Call("sum", 0),), 1, 9)
    scalars, rows, lookups = run(
        operations[None].astype(np.float32),
        columns[None].astype(np.float32),
        table,
        np.array([2]),
        np.zeros((1, 2), dtype),
        np.array([[True]]),
    )
    assert scalars.dtype == rows.dtype == lookups.dtype == dtype
    assert scalars[0, 0] == table.sum(dtype=dtype)
    assert (float(scalars[0, 0]) == 1e9 + 0.25) == (dtype == "float64")


B, T, M, C = 3, 5, 4, 3
_RNG = np.random.default_rng(0)
TABLE = _RNG.normal(scale=5, size=(B, M, C))
NUM_ROWS = np.array([4, 2, 1])
PIVOTS = _RNG.normal(scale=2, size=(B, 2))
IS_TEXT = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]], bool)
IS_COLUMN = np.array([[1, 1, 1], [1, 1, 0], [1, 1, 1]], bool)
MATCH = _RNG.uniform(0.1, 0.9, (B, M, C)) * IS_TEXT[:, None, :]


def soft(*shape):
    """Probabilities, none of them near 0 or 1."""
    scores = _RNG.uniform(0.2, 1, shape)
    return scores / scores.sum(axis=-1, keepdims=True)


OPERATIONS, COLUMNS = soft(B, T, len(NAMES)), soft(B, T, C)


def by_loops(b):
    """Section 2.3 for question b, one cell after the other.

    Returns:
        Scalars and rows of all steps, and the last lookup.
    """
    m = NUM_ROWS[b]
    rows = {-1: [1.0] * m, 0: [1.0] * m}
    scalars = {-2: 0.0, -1: 0.0, 0: 0.0}
    for t in range(1, T + 1):
        op = dict(zip(NAMES, OPERATIONS[b, t - 1]))
        col, last = COLUMNS[b, t - 1], rows[t - 1]
        scalars[t] = op["count"] * sum(last)
        scalars[t] += op["difference"] * (scalars[t - 3] - scalars[t - 1])
        lookup = np.zeros((M, C))
        now = []
        for i in range(m):
            row = op["and"] * min(last[i], rows[t - 2][i])
            row += op["or"] * max(last[i], rows[t - 2][i]) + op["reset"]
            for j in range(C):
                lookup[i, j] = col[j] * op["assign"] * last[i]
                cell = TABLE[b, i, j]
                if IS_TEXT[b, j]:
                    row += col[j] * op["text_match"] * MATCH[b, i, j]
                elif IS_COLUMN[b, j]:
                    scalars[t] += col[j] * op["sum"] * last[i] * cell
                    row += col[j] * op["greater"] * (cell > PIVOTS[b, 0])
                    row += col[j] * op["lesser"] * (cell < PIVOTS[b, 1])
            now.append(row)
        rows[t] = now
    steps = range(1, T + 1)
    return [scalars[t] for t in steps], [rows[t] for t in steps], lookup


def test_soft_selections_are_the_loops():
    scalars, rows, lookups = run(
        OPERATIONS,
        COLUMNS,
        TABLE,
        NUM_ROWS,
        PIVOTS,
        IS_COLUMN & ~IS_TEXT,
        MATCH,
    )
    for b in range(B):
        one, selected, lookup = by_loops(b)
        np.testing.assert_allclose(scalars[b], one, rtol=1e-12)
        np.testing.assert_allclose(
            rows[b, :, : NUM_ROWS[b]], selected, rtol=1e-12
        )
        assert not rows[b, :, NUM_ROWS[b] :].any()
        np.testing.assert_allclose(lookups[b, -1], lookup, atol=1e-12)


def test_gradient_through_all_steps_is_the_numeric_one():
    def steps(operations, columns, table, match):
        executor = executor_lib.Executor()
        facts = executor.facts(
            table, NUM_ROWS, PIVOTS, IS_COLUMN & ~IS_TEXT, match
        )
        memory = executor.initial(facts)
        for t in range(4):
            scalar, lookup, memory = executor(
                operations[:, t], columns[:, t], memory, facts
            )
        return scalar, lookup, memory

    arrays = (OPERATIONS[:, :4], COLUMNS[:, :4], TABLE, MATCH)
    gradients = numeric_gradient.check(steps, arrays, atol=1e-6)
    for gradient in gradients:
        assert np.abs(gradient).max() > 0.01
    # Nothing comes from padding, nor from numbers in text columns.
    outside = np.arange(M) >= NUM_ROWS[:, None]
    assert not gradients[2][outside].any()
    assert not gradients[3][outside].any()
    assert not np.swapaxes(gradients[2], 1, 2)[IS_TEXT | ~IS_COLUMN].any()


def test_a_model_of_numbers_has_no_text_match():
    nine = OPERATIONS[..., :9] / OPERATIONS[..., :9].sum(-1, keepdims=True)
    rest = NUM_ROWS, PIVOTS, IS_COLUMN
    without = run(nine, COLUMNS, TABLE, *rest)
    ten = np.concatenate([nine, np.zeros((B, T, 1))], axis=2)
    for one, other in zip(without, run(ten, COLUMNS, TABLE, *rest, MATCH)):
        np.testing.assert_allclose(one, other, atol=1e-12)


def test_the_reference_refuses_nothing_that_the_executor_takes():
    """Programs without an answer run in both."""
    program = (programs.Call("difference"), programs.Call("reset"))
    done = reference.execute(program, TABLE[0])
    operations, columns = one_hot(program, C, 9)
    scalars, rows, _ = run(
        operations[None],
        columns[None],
        TABLE[:1],
        NUM_ROWS[:1],
        PIVOTS[:1],
        np.ones((1, C), bool),
    )
    np.testing.assert_array_equal(scalars[0], done.scalars)
    np.testing.assert_array_equal(rows[0], done.row_selects)


def test_compiled_it_is_the_same():
    def steps(operations, columns):
        executor = executor_lib.Executor()
        facts = executor.facts(
            TABLE, NUM_ROWS, PIVOTS, IS_COLUMN & ~IS_TEXT, MATCH
        )
        memory = executor.initial(facts)
        for t in range(4):
            *answer, memory = executor(
                operations[:, t], columns[:, t], memory, facts
            )
        return *answer, memory

    expected = keras.tree.flatten(steps(OPERATIONS, COLUMNS))
    for jit_compile in (False, True):
        compiled = tf.function(steps, jit_compile=jit_compile, autograph=False)
        done = keras.tree.flatten(
            compiled(tf.constant(OPERATIONS), tf.constant(COLUMNS))
        )
        for one, other in zip(done, expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)

"""The reference executor: hand values, and the definition by recursion."""

import hypothesis
import numpy as np
import pytest

from np_tf import programs
from np_tf import reference
from tests.np_tf import drawn

Call = programs.Call

# Columns: price, weight, colour (text; what stands there is never read).
TABLE = np.array([[10.0, 3.0, 99.0], [20.0, 2.0, 99.0], [30.0, 1.0, 99.0]])
IS_TEXT = (False, False, True)
MATCHES = np.array([[1, 0, 0], [1, 1, 1], [1, 0, 1]], bool)
PIVOTS = (10.0, 3.0)


def run(*calls):
    return reference.execute(calls, TABLE, PIVOTS, MATCHES, IS_TEXT)


@pytest.mark.parametrize(
    ("calls", "scalar"),
    [
        ([Call("sum", 0)], 60.0),  # 10 + 20 + 30: before step 1 all rows are
        ([Call("count")], 3.0),
        ([Call("greater", 0), Call("sum", 0)], 50.0),  # 20 + 30; 10 > 10 no
        ([Call("lesser", 1), Call("sum", 0)], 50.0),  # 2 < 3, 1 < 3; 3 < 3 no
        ([Call("lesser", 1), Call("count")], 2.0),
        ([Call("sum", 2)], 0.0),  # Text.
        ([Call("sum", 0), Call("sum", 0)], 0.0),  # A sum selects no rows.
        # 60 - 3, with the reset; without it count sees no rows: 60 - 0.
        (
            [Call("sum", 0), Call("reset"), Call("count"), Call("difference")],
            57.0,
        ),
        (
            [Call("sum", 0), Call("sum", 0), Call("count"), Call("difference")],
            60.0,
        ),
        ([Call("difference")], 0.0),  # 0 - 0
        ([Call("count"), Call("difference")], -3.0),  # 0 - 3
    ],
)
def test_scalars_by_hand(calls, scalar):
    done = run(*calls)
    assert (done.kind, done.answer) == ("scalar", scalar)
    assert done.scalars[-1] == scalar


@pytest.mark.parametrize(
    ("calls", "rows"),
    [
        ([Call("greater", 0)], [0, 1, 1]),
        ([Call("greater", 1)], [0, 0, 0]),
        ([Call("greater", 2)], [0, 0, 0]),  # Text, though 99 > 10 is there.
        ([Call("lesser", 1)], [0, 1, 1]),
        ([Call("lesser", 2)], [0, 0, 0]),
        ([Call("text_match", 2)], [0, 1, 1]),
        ([Call("text_match", 1)], [0, 0, 0]),  # Numbers.
        ([Call("reset")], [1, 1, 1]),
        ([Call("and")], [1, 1, 1]),  # Two times the initial selection.
        ([Call("lesser", 1), Call("and")], [0, 1, 1]),  # With the initial one.
        ([Call("greater", 1), Call("or")], [1, 1, 1]),
        ([Call("count"), Call("reset"), Call("or")], [1, 1, 1]),
        ([Call("count"), Call("reset"), Call("and")], [0, 0, 0]),
        # Comparisons do not look at what was selected before.
        ([Call("greater", 1), Call("greater", 0)], [0, 1, 1]),
        ([Call("assign", 0)], [0, 0, 0]),
        ([Call("sum", 0)], [0, 0, 0]),
    ],
)
def test_row_selections_by_hand(calls, rows):
    assert run(*calls).row_selects[-1].tolist() == [bool(row) for row in rows]


def test_a_lookup_by_hand():
    done = run(Call("greater", 0), Call("assign", 2))
    assert done.kind == "lookup"
    assert done.answer.tolist() == [
        [False, False, False],
        [False, False, True],
        [False, False, True],
    ]
    assert done.scalars.tolist() == [0.0, 0.0]


def test_a_program_without_an_answer():
    done = run(Call("sum", 0), Call("reset"))
    assert (done.kind, done.answer) == (None, None)
    assert done.scalars.tolist() == [60.0, 0.0]


def recursive(case):
    """The definition of section 2.3, as functions of the step."""
    table, (above, below), matches, is_text = case.arguments
    every = range(len(table))

    def rows(t):
        if t <= 0:
            return set(every)
        name, j = case.program[t - 1].operation, case.program[t - 1].column
        if name == "greater" and not is_text[j]:
            return {i for i in every if table[i][j] > above}
        if name == "lesser" and not is_text[j]:
            return {i for i in every if table[i][j] < below}
        if name == "text_match" and is_text[j]:
            return {i for i in every if matches[i][j]}
        if name == "and":
            return rows(t - 1).intersection(rows(t - 2))
        if name == "or":
            return rows(t - 1).union(rows(t - 2))
        return set(every) if name == "reset" else set()

    def scalar(t):
        if t <= 0:
            return 0.0
        name, j = case.program[t - 1].operation, case.program[t - 1].column
        if name == "sum":
            return 0.0 if is_text[j] else sum(table[i][j] for i in rows(t - 1))
        if name == "count":
            return len(rows(t - 1))
        return scalar(t - 3) - scalar(t - 1) if name == "difference" else 0.0

    return rows, scalar


@hypothesis.given(drawn.cases())
def test_execution_is_the_definition(case):
    done = case.execute()
    rows, scalar = recursive(case)
    for t in range(1, len(case.program) + 1):
        assert set(np.flatnonzero(done.row_selects[t - 1])) == rows(t)
        assert done.scalars[t - 1] == scalar(t)
    last = case.program[-1]
    if last.operation == "assign":
        cells = {(i, last.column) for i in rows(len(case.program) - 1)}
        assert set(map(tuple, np.argwhere(done.answer))) == cells
    elif done.kind == "scalar":
        assert done.answer == scalar(len(case.program))
    else:
        assert done.answer is None


@hypothesis.given(drawn.cases())
def test_resets_in_front_change_nothing(case):
    padded = (Call("reset"),) * 3 + case.program
    before, after = case.execute(), reference.execute(padded, *case.arguments)
    assert np.array_equal(before.answer, after.answer)
    assert np.array_equal(before.row_selects, after.row_selects[3:])
    assert np.array_equal(before.scalars, after.scalars[3:])


def test_sums_are_in_float64():
    table = np.array([[1e9], [0.25]])
    assert reference.execute((Call("sum", 0),), table).answer == 1e9 + 0.25


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((), TABLE), "program: must have a call, got none"),
        (((Call("sum", 3),), TABLE), "program: columns must be < 3"),
        (((Call("count"),), TABLE[0]), r"table: must be \[M, C\], got .*3,"),
        (((Call("count"),), TABLE, (1.0,)), "pivots: must be two numbers"),
        (
            ((Call("count"),), TABLE, PIVOTS, MATCHES[:2]),
            r"text_matches: must be \(3, 3\), got \(2, 3\)",
        ),
        (
            ((Call("count"),), TABLE, PIVOTS, None, (True,)),
            r"is_text: must be \(3,\), got \(1,\)",
        ),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        reference.execute(*arguments)

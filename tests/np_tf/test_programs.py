"""Calls, canonical programs, and how they read."""

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from np_tf import programs
from np_tf import reference
from tests.np_tf import drawn

Call = programs.Call

CONDITIONS = (Call("greater", 0), Call("lesser", 1), Call("and"))
DIFFERENCE = (Call("sum", 0), Call("reset"), Call("count"), Call("difference"))
NAMES = ("price", "unit weight", "cost")


def test_the_ids_are_the_fixed_ones():
    assert programs.OPERATIONS == (
        "sum",
        "count",
        "difference",
        "greater",
        "lesser",
        "and",
        "or",
        "assign",
        "reset",
        "text_match",
    )
    assert programs.OPERATION_IDS["text_match"] == 9
    assert programs.NUM_NUMERIC_OPERATIONS == 9


@pytest.mark.parametrize(
    ("operation", "column", "message"),
    [
        ("add", 0, "operation: must be one of sum, .*, got 'add'"),
        ("sum", None, "column: sum must have an index >= 0, got None"),
        ("greater", -1, "column: greater must have an index >= 0, got -1"),
        ("count", 0, "column: count has none, got 0"),
        ("reset", 1, "column: reset has none, got 1"),
    ],
)
def test_bad_calls_are_refused(operation, column, message):
    with pytest.raises(ValueError, match=message):
        Call(operation, column)


def test_pad_puts_resets_in_front():
    reset = Call("reset")
    assert programs.pad([Call("sum", 1)]) == (*(reset,) * 3, Call("sum", 1))
    assert programs.pad(DIFFERENCE) == DIFFERENCE
    assert programs.pad([], 2) == (reset, reset)
    with pytest.raises(ValueError, match="calls: must be at most 4, got 5"):
        programs.pad([reset] * 5)


def test_ids_of_a_program_and_back():
    program = (*CONDITIONS, Call("assign", 2))
    assert programs.to_ids(program) == ([3, 4, 5, 7], [0, 1, 0, 2])
    assert programs.from_ids([3, 4, 5, 7], [0, 1, 9, 2]) == program
    assert programs.from_ids(np.array([1]), np.array([3])) == (Call("count"),)


@hypothesis.given(drawn.programs())
def test_ids_hold_all_of_a_program(program):
    assert programs.from_ids(*programs.to_ids(program)) == program


@pytest.mark.parametrize(
    ("last", "kind"),
    [
        (Call("sum", 0), "scalar"),
        (Call("count"), "scalar"),
        (Call("difference"), "scalar"),
        (Call("assign", 0), "lookup"),
        (Call("reset"), None),
        (Call("text_match", 0), None),
    ],
)
def test_the_last_step_decides_the_kind(last, kind):
    assert programs.answer_kind(programs.pad([last])) == kind


@pytest.mark.parametrize(
    ("calls", "steps"),
    [
        ([Call("sum", 0)], [3]),
        ([Call("greater", 0), Call("count")], [2, 3]),
        ([*CONDITIONS, Call("assign", 0)], [0, 1, 2, 3]),
        (DIFFERENCE, [0, 1, 2, 3]),
        ([Call("count"), Call("reset"), *DIFFERENCE[::3]], [0, 1, 2, 3]),
        # What a reset cuts off; what nothing reads.
        ([Call("greater", 0), Call("reset"), Call("sum", 0)], [3]),
        ([Call("greater", 0), Call("lesser", 1), Call("sum", 0)], [2, 3]),
        ([Call("sum", 0), Call("count")], [2, 3]),
        # A difference that reads the initial scalar.
        ([Call("count"), Call("difference")], [2, 3]),
        # No answer: all of it.
        ([Call("sum", 0), Call("reset")], [0, 1, 2, 3]),
    ],
)
def test_relevant_steps(calls, steps):
    assert programs.relevant_steps(programs.pad(calls)) == steps


@hypothesis.given(drawn.cases(), st.data())
def test_irrelevant_steps_cannot_change_the_answer(case, data):
    relevant = programs.relevant_steps(case.program)
    other = tuple(
        call
        if step in relevant or call.operation == "reset"
        else data.draw(drawn.calls(case.table.shape[1]))
        for step, call in enumerate(case.program)
    )
    before = case.execute()
    after = reference.execute(other, *case.arguments)
    assert before.kind == after.kind
    assert np.array_equal(before.answer, after.answer)


@pytest.mark.parametrize(
    ("calls", "text", "full"),
    [
        (
            [*CONDITIONS, Call("sum", 2)],
            "greater price 50.32; lesser unit weight -3; and; sum cost",
            "greater price 50.32; lesser unit weight -3; and; sum cost",
        ),
        ([Call("sum", 0)], "sum price", "reset; reset; reset; sum price"),
        (
            DIFFERENCE,
            "sum price; reset; count; difference",
            "sum price; reset; count; difference",
        ),
        (
            [Call("text_match", 1), Call("count")],
            "text_match unit weight dark red; count",
            "reset; reset; text_match unit weight dark red; count",
        ),
        (
            [Call("text_match", 0), Call("count")],
            "text_match price; count",
            "reset; reset; text_match price; count",
        ),
    ],
)
def test_programs_as_text(calls, text, full):
    program = programs.pad(calls)
    reading = {"numbers": (50.32, -3.0), "texts": {1: "dark red"}}
    assert programs.to_text(program, NAMES, **reading) == text
    assert programs.to_text(program, NAMES, **reading, full=True) == full


def test_a_text_without_numbers():
    program = programs.pad([Call("greater", 2), Call("count")])
    assert programs.to_text(program, NAMES) == "greater cost; count"


def test_a_column_without_a_name_is_refused():
    with pytest.raises(ValueError, match="must name column 3, got 3 names"):
        programs.to_text((Call("sum", 3),), NAMES)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (50.32, "50.32"),
        (np.float32(50.32), "50.32"),
        (-3.0, "-3"),
        (1e300, "1e+300"),
        (0.0, "0"),
    ],
)
def test_numbers_as_text(number, text):
    assert programs.number_text(number) == text

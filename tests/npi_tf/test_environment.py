"""The scratch pad, and that its tensor form is the same pad."""

import hypothesis
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies as st

from npi_tf import addition
from npi_tf import observation_spec
from npi_tf.addition import environment as environment_lib
from npi_tf.addition import tensor_environment
from tests.npi_tf import environment_contract

LEFT, RIGHT, WRITE = 1, 2, 3
INP1, INP2, CARRY, OUT = range(4)
BLANK = 10

write = environment_lib.write
move = environment_lib.move
ACTIONS = tuple(write(row, digit) for row in range(4) for digit in range(10))
ACTIONS += tuple(move(row, to) for row in range(4) for to in (LEFT, RIGHT))
NON_ACTIONS = (
    (0, 0, 0),
    (0, 3, WRITE),  # No row.
    (0, 0, LEFT),
    (2, 4, 0),  # No action.
    (1, 0, WRITE),  # No digit.
    (5, 1, WRITE),  # Out of range, as a core shared with larger domains may.
    (5, 0, LEFT),
    (1, 11, WRITE),
    (1, 12, LEFT),
    (1, 1, 4),
    (-1, 1, WRITE),
    (1, -1, LEFT),
    (1, 1, -1),
)


class TestAdditionEnvironment(environment_contract.EnvironmentContract):
    domain = addition.ADDITION
    problems = (("96", "125"), ("0", "0"), ("007", "12345678901234567890"))
    bad_problems = (
        ("", "1"),
        ("1", ""),
        ("-1", "1"),
        ("1", "1.0"),
        (" 1", "1"),
        ("1", "x"),
        ("\u0661", "1"),  # An Arabic 1: a digit, but not 0-9.
        ("\u00b2", "1"),
        (1, 2),
        (None, "1"),
        (b"1", "1"),
    )
    actions = ACTIONS
    non_actions = NON_ACTIONS


def test_the_first_column_of_96_plus_125():
    pad = environment_lib.AdditionEnvironment("96", "125")
    # Cells 6 and 5, two blanks. Digits lie left of both operands' pointers;
    # the empty rows are at their end from the start.
    assert pad.observe().tolist() == [6, 5, BLANK, BLANK, 0, 0, 1, 1]
    assert pad.width == 4


def test_end_bits_are_set_on_the_leftmost_written_cell_and_beyond():
    pad = environment_lib.AdditionEnvironment("96", "125")
    seen = []
    for _ in range(4):
        seen.append(pad.observe()[[INP1, INP2, 4 + INP1, 4 + INP2]].tolist())
        pad.act(move(INP1, LEFT))
        pad.act(move(INP2, LEFT))
    assert seen == [
        [6, 5, 0, 0],
        [9, 2, 1, 0],
        [BLANK, 1, 1, 1],
        [BLANK, BLANK, 1, 1],
    ]


def test_a_write_to_the_left_moves_the_end_of_its_row():
    pad = environment_lib.AdditionEnvironment("9", "9")
    pad.act(move(CARRY, LEFT))
    pad.act(write(CARRY, 1))
    assert pad.observe()[[CARRY, 4 + CARRY]].tolist() == [1, 1]
    pad.act(move(CARRY, RIGHT))
    # Blank under the pointer, but a written cell to the left.
    assert pad.observe()[[CARRY, 4 + CARRY]].tolist() == [BLANK, 0]
    pad.act(write(CARRY, 0))  # Further right: the end stays where it was.
    assert pad.observe()[[CARRY, 4 + CARRY]].tolist() == [0, 0]


def test_a_written_zero_is_not_a_blank():
    pad = environment_lib.AdditionEnvironment("0", "7")
    assert pad.observe()[INP1] == 0
    assert pad.observe()[OUT] == BLANK
    pad.act(write(OUT, 0))
    assert pad.observe()[OUT] == 0


@pytest.mark.parametrize("row", range(4))
def test_moves_stop_at_both_edges(row):
    pad = environment_lib.AdditionEnvironment("12", "3")
    pad.act(move(row, RIGHT))
    assert pad.pointers[row] == 0
    for _ in range(5):
        pad.act(move(row, LEFT))
    assert pad.pointers[row] == 2  # Three columns: two digits and a carry.
    assert [p for r, p in enumerate(pad.pointers) if r != row] == [0, 0, 0]


def test_the_result_needs_digits_without_a_gap():
    pad = environment_lib.AdditionEnvironment("12", "3")
    assert pad.result() is None
    pad.act(write(OUT, 5))
    assert pad.result() == "5"
    pad.act(move(OUT, LEFT))
    pad.act(move(OUT, LEFT))
    pad.act(write(OUT, 0))
    assert pad.result() is None  # 0, blank, 5
    pad.act(move(OUT, RIGHT))
    pad.act(write(OUT, 0))
    assert pad.result() == "5"  # 005


def test_a_result_of_zeros_keeps_one():
    assert environment_lib.read_number(np.array([0, 0, 0])) == "0"
    assert environment_lib.read_number(np.array([3, 2, 0])) == "23"
    assert environment_lib.read_number(np.array([])) is None


def test_the_snapshot_is_the_pad_as_it_is_written_down():
    pad = environment_lib.AdditionEnvironment("96", "125")
    pad.act(move(INP2, LEFT))
    pad.act(write(OUT, 1))
    assert environment_lib.snapshot(pad) == {
        "kind": "pad",
        "rows": ["INP1", "INP2", "CARRY", "OUT"],
        "cells": ["  96", " 125", "    ", "   1"],
        "pointers": [3, 2, 3, 3],
    }


def test_actions_in_the_papers_words():
    words = [
        environment_lib.describe_action(arguments)
        for arguments in (write(OUT, 1), move(CARRY, LEFT), (0, 0, 0))
    ]
    assert words == ["WRITE OUT 1", "PTR CARRY LEFT", "ACT - - -"]


def test_a_finite_observation_space_is_enumerated_once_each():
    space = observation_spec.ObservationSpec(
        (
            observation_spec.Feature("a", 2),
            observation_spec.Feature("b", 3, blank=2),
        )
    )
    rows = [tuple(row.tolist()) for row in space.enumerate()]
    assert rows == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    assert space.size == 6
    assert addition.ADDITION.observations.size == 11**4 * 2**4


digits = st.text(alphabet="0123456789", min_size=1, max_size=6)
problems = st.lists(st.tuples(digits, digits), min_size=1, max_size=4)
# Valid actions often, so that walks get somewhere; anything else too.
lefts = st.sampled_from([move(row, LEFT) for row in range(4)])
argument_tuples = (
    lefts
    | st.sampled_from(ACTIONS)
    | st.tuples(st.integers(0, 4), st.integers(0, 10), st.integers(0, 3))
)
argument_tuples |= st.sampled_from(NON_ACTIONS)


@hypothesis.given(st.data(), problems, st.integers(0, 9))
def test_tensor_pads_are_the_pads(data, problems, min_width):
    pads = [environment_lib.AdditionEnvironment(*p) for p in problems]
    tensor_pads = tensor_environment.AdditionTensorEnvironment()
    state = tensor_pads.reset(
        *map(tf.constant, tensor_pads.encode(problems, min_width))
    )
    rows = st.lists(
        st.tuples(argument_tuples, st.booleans()),
        min_size=len(pads),
        max_size=len(pads),
    )
    for row in data.draw(st.lists(rows, max_size=20)):
        arguments, mask = zip(*row)
        state, valid = tensor_pads.act(
            state, tf.constant(arguments, tf.int32), tf.constant(mask)
        )
        expected = [_act(*each) for each in zip(pads, arguments, mask)]
        assert valid.numpy().tolist() == expected
        np.testing.assert_array_equal(
            tensor_pads.observe(state), [pad.observe() for pad in pads]
        )
    assert tensor_pads.decode(state) == [pad.result() for pad in pads]
    assert state.width.numpy().tolist() == [pad.width for pad in pads]


def _act(pad, arguments, mask):
    """Acts where the mask holds; says whether it is an action at all."""
    if not mask:
        pad = environment_lib.AdditionEnvironment("1", "1")
    try:
        pad.act(arguments)
    except ValueError:
        return False
    return True


def test_tensor_pads_pad_the_batch_to_its_widest_problem():
    tensor_pads = tensor_environment.AdditionTensorEnvironment()
    cells, lengths = tensor_pads.encode([("12", "3"), ("4", "5678")])
    assert cells.shape == (2, 4, 5)
    assert cells[0, 0].tolist() == [2, 1, BLANK, BLANK, BLANK]
    assert lengths.tolist() == [[2, 1], [1, 4]]
    cells, _ = tensor_pads.encode([("12", "3")], min_width=9)
    assert cells.shape == (1, 4, 9)
    with pytest.raises(ValueError, match="addend: must"):
        tensor_pads.encode([("12", "3"), ("1", "x")])


def test_the_step_budget_grows_with_the_columns():
    tensor_pads = tensor_environment.AdditionTensorEnvironment()
    arrays = tensor_pads.encode([("12", "3"), ("4", "5678")])
    state = tensor_pads.reset(*map(tf.constant, arrays))
    assert tensor_pads.step_budget(state).numpy().tolist() == [60, 100]


def test_each_pad_of_a_batch_has_edges_of_its_own():
    tensor_pads = tensor_environment.AdditionTensorEnvironment()
    arrays = tensor_pads.encode([("1", "2"), ("4", "5678")], min_width=9)
    state = tensor_pads.reset(*map(tf.constant, arrays))
    left = tf.constant([move(OUT, LEFT)] * 2)
    for _ in range(7):
        state, _ = tensor_pads.act(state, left, tf.constant([True, True]))
    assert state.pointers.numpy().tolist() == [[0, 0, 0, 1], [0, 0, 0, 4]]

"""The array with three pointers, and that its tensor form is the same."""

import hypothesis
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies as st

from npi_tf import sorting
from npi_tf.sorting import environment as environment_lib
from npi_tf.sorting import tensor_environment
from tests.npi_tf import environment_contract

LEFT, RIGHT, SWAP = 1, 2, 3
NULL = (0, 0, 0)
SWAP_1_2 = (1, 2, SWAP)
MOVES = tuple((pointer, 0, to) for pointer in (1, 2, 3) for to in (LEFT, RIGHT))
NON_ACTIONS = (
    (1, 0, 0),  # No action.
    (0, 0, LEFT),  # No pointer.
    (1, 0, SWAP),
    (1, 1, SWAP),
    (2, 1, SWAP),
    (3, 2, SWAP),  # Pointer 3 reads nothing.
    (1, 2, RIGHT),  # Two pointers.
    (4, 0, LEFT),  # Out of range, as a core shared with others may say.
    (1, 0, 4),
    (-1, 0, LEFT),
    (0, 1, 0),
)


class TestSortingEnvironment(environment_contract.EnvironmentContract):
    domain = sorting.SORTING
    problems = ((9, 2, 5), (4,), tuple(range(10)) * 3)
    bad_problems = (
        (),
        (10,),
        (-1,),
        (3, 12, 4),
        (1.0,),
        (True, False),
        ("1",),
        (None,),
        ((1, 2),),
    )
    actions = (*MOVES, SWAP_1_2)
    non_actions = NON_ACTIONS


class TestMaximumEnvironment(TestSortingEnvironment):
    domain = sorting.MAXIMUM


def test_all_pointers_start_at_the_left():
    array = environment_lib.SortingEnvironment(9, 2, 5)
    # Both cells are the first; every pointer is at the start, none at the
    # end.
    assert array.observe().tolist() == [9, 9, 1, 0, 1, 0, 1, 0]
    array.act((2, 0, RIGHT))
    assert array.observe().tolist() == [9, 2, 1, 0, 0, 0, 1, 0]
    array.act((3, 0, RIGHT))
    array.act((3, 0, RIGHT))
    assert array.observe().tolist() == [9, 2, 1, 0, 0, 0, 0, 1]


def test_one_number_is_start_and_end():
    array = environment_lib.SortingEnvironment(7)
    assert array.observe().tolist() == [7, 7, 1, 1, 1, 1, 1, 1]
    for action in (*MOVES, SWAP_1_2):
        array.act(action)
    assert array.result() == (7,)
    assert array.pointers == [0, 0, 0]


@pytest.mark.parametrize("pointer", (1, 2, 3))
def test_moves_stop_at_both_ends(pointer):
    array = environment_lib.SortingEnvironment(1, 2, 3)
    array.act((pointer, 0, LEFT))
    assert array.pointers == [0, 0, 0]
    for _ in range(4):
        array.act((pointer, 0, RIGHT))
    expected = [0, 0, 0]
    expected[pointer - 1] = 2
    assert array.pointers == expected


def test_a_swap_exchanges_what_the_pointers_read():
    array = environment_lib.SortingEnvironment(9, 2, 5)
    array.act(SWAP_1_2)  # Both pointers at one cell.
    assert array.result() == (9, 2, 5)
    array.act((2, 0, RIGHT))
    array.act((2, 0, RIGHT))
    array.act(SWAP_1_2)
    assert array.result() == (5, 2, 9)
    assert array.pointers == [0, 2, 0]


def test_the_null_action_changes_nothing_and_has_no_words():
    array = environment_lib.SortingEnvironment(9, 2)
    array.act((2, 0, RIGHT))
    before = environment_lib.snapshot(array)
    array.act(NULL)
    assert environment_lib.snapshot(array) == before
    assert environment_lib.describe_action(NULL) == ""


def test_actions_in_the_papers_words():
    describe = environment_lib.describe_action
    assert describe(SWAP_1_2) == "SWAP 1 2"
    assert describe((3, 0, RIGHT)) == "PTR 3 RIGHT"
    assert describe((2, 1, LEFT)) == "ACT 2 1 LEFT"  # No action.


def test_the_result_of_maximum_is_under_pointer_1():
    array = environment_lib.MaximumEnvironment(3, 8, 5)
    assert array.result() == 3
    array.act((1, 0, RIGHT))
    assert array.result() == 8


def test_the_snapshot_holds_one_row_and_three_pointers():
    array = environment_lib.SortingEnvironment(9, 2, 5)
    array.act((2, 0, RIGHT))
    assert environment_lib.snapshot(array) == {
        "kind": "pad",
        "rows": ["ARRAY"],
        "cells": ["925"],
        "pointers": [[0, 0], [0, 1], [0, 0]],
    }


@pytest.mark.parametrize(
    "array",
    [
        [9, 2, 5],
        (9, 2, 5),
        np.array([9, 2, 5]),
        np.array([9, 2, 5], np.uint8),
        tuple(np.array([9, 2, 5])),
    ],
)
def test_lists_tuples_and_numpy_arrays_are_arrays(array):
    checked = environment_lib.check_array(array)
    assert checked.dtype == np.int8
    assert checked.tolist() == [9, 2, 5]


@pytest.mark.parametrize(
    "array, got",
    [
        (np.zeros([0], int), "numbers 0 to 9, got none"),
        ([], "numbers 0 to 9, got none"),
        (np.array([9.0]), "numbers 0 to 9, got 9.0"),
        (np.array([True]), "numbers 0 to 9, got True"),
        (np.array([3, 10]), "numbers 0 to 9, got 10"),
        (np.array([[9, 2]]), r"numbers 0 to 9, got \[9, 2\]"),
        (np.array(9), "list, tuple or NumPy array, got 9"),
        ("925", "list, tuple or NumPy array, got '925'"),
        (None, "list, tuple or NumPy array, got None"),
    ],
)
def test_what_is_no_array_of_digits_is_refused(array, got):
    with pytest.raises(ValueError, match=f"^array: must be .*{got}$"):
        environment_lib.check_array(array)


def test_words_of_the_command_line_become_numbers():
    assert environment_lib.parse_values(("9", "2", "5")) == (9, 2, 5)
    for words in (("925",), ("-1",), ("x",), ("1", ""), ("1.0",), ("\u0663",)):
        with pytest.raises(ValueError, match="array: must be numbers 0 to 9"):
            environment_lib.parse_values(words)
    with pytest.raises(ValueError, match=r"one or more .*, got none"):
        environment_lib.parse_values(())


arrays = st.lists(
    st.lists(st.integers(0, 9), min_size=1, max_size=6).map(tuple),
    min_size=1,
    max_size=4,
)
argument_tuples = st.sampled_from((*MOVES, SWAP_1_2, NULL, *NON_ACTIONS))
argument_tuples |= st.tuples(
    st.integers(0, 4), st.integers(0, 10), st.integers(0, 4)
)


@hypothesis.given(st.data(), arrays, st.integers(0, 9), st.booleans())
def test_tensor_arrays_are_the_arrays(data, problems, min_width, maximum):
    domain = sorting.MAXIMUM if maximum else sorting.SORTING
    singles = [domain.make_environment(*problem) for problem in problems]
    batch = domain.tensor_environment()
    state = batch.reset(*map(tf.constant, batch.encode(problems, min_width)))
    rows = st.lists(
        st.tuples(argument_tuples, st.booleans()),
        min_size=len(singles),
        max_size=len(singles),
    )
    for row in data.draw(st.lists(rows, max_size=20)):
        arguments, mask = zip(*row)
        state, valid = batch.act(
            state, tf.constant(arguments, tf.int32), tf.constant(mask)
        )
        expected = [_act(*each) for each in zip(singles, arguments, mask)]
        assert valid.numpy().tolist() == expected
        np.testing.assert_array_equal(
            batch.observe(state), [single.observe() for single in singles]
        )
    assert batch.decode(state) == [single.result() for single in singles]


def _act(array, arguments, mask):
    """Acts where the mask holds; says whether it is an action at all."""
    if not mask:
        array = environment_lib.SortingEnvironment(1, 1)
    try:
        array.act(arguments)
    except ValueError:
        return False
    return True


def test_tensor_arrays_pad_the_batch_to_its_longest():
    batch = tensor_environment.SortingTensorEnvironment()
    array, length = batch.encode([(9, 2), (1, 2, 3, 4)])
    assert array.tolist() == [[9, 2, 0, 0], [1, 2, 3, 4]]
    assert length.tolist() == [2, 4]
    array, _ = batch.encode([np.array([9, 2])], min_width=5)
    assert array.shape == (1, 5)
    with pytest.raises(ValueError, match=r"array: must be .*, got 10"):
        batch.encode([(9, 2), (1, 10)])
    with pytest.raises(ValueError, match=r"array: must be .*, got none"):
        batch.encode([()])


def test_the_step_budget_grows_with_the_square():
    batch = tensor_environment.SortingTensorEnvironment()
    state = batch.reset(tf.zeros([3, 1], tf.int32), tf.constant([1, 10, 90000]))
    budget = batch.step_budget(state).numpy()
    assert budget[:2].tolist() == [32, 1616]
    assert budget[2] > 1e9  # Does not overflow.

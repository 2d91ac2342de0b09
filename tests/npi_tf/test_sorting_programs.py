"""The textbook programs sort, find the maximum, and print as Figure 8."""

import hypothesis
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies as st

from npi_tf import domains
from npi_tf import sorting
from npi_tf import specs
from npi_tf import teacher
from npi_tf import trace
from npi_tf.sorting import problems as problems_lib
from npi_tf.sorting import tensor_environment
from tests.npi_tf import figures

arrays = st.lists(st.integers(0, 9), min_size=1, max_size=12).map(tuple)


def run(domain, array, program=None):
    environment = domain.make_environment(*array)
    return teacher.run(domain, environment, program), environment


def num_steps(call):
    return sum(len(node.steps) for _, node in call.walk())


def test_the_trace_of_figure_8_line_for_line():
    call, environment = run(sorting.SORTING, (9, 2, 5))
    lines = trace.format_trace(sorting.SORTING, call).splitlines()
    assert lines == figures.FIGURE_8.splitlines()
    assert len(lines) == 63
    assert environment.result() == (2, 5, 9)


@hypothesis.given(arrays)
def test_every_array_is_sorted(array):
    call, environment = run(sorting.SORTING, array)
    n = len(array)
    assert environment.result() == tuple(sorted(array))
    assert environment.pointers == [0, 0, n - 1]
    assert num_steps(call) == max(14 * n**2 - 8 * n, 15)


@hypothesis.given(arrays)
def test_the_maximum_is_found(array):
    call, environment = run(sorting.MAXIMUM, array)
    assert environment.result() == max(array)
    # "All pointers to the right end", where the sorted array has it.
    assert environment.pointers == [len(array) - 1] * 3
    [jump] = [node for _, node in call.walk() if node.program == "RJMP"]
    assert [step.child.program for step in jump.steps] == ["RSHIFT"] * len(
        array
    )


def test_adversarial_arrays_are_sorted():
    for array in problems_lib.adversarial_problems(lengths=(1, 2, 3, 10)):
        _, environment = run(sorting.SORTING, array)
        assert environment.result() == tuple(sorted(array))


@pytest.mark.parametrize("n", [2, 3, 7])
def test_counts_of_calls_as_in_the_paper(n):
    call, _ = run(sorting.SORTING, tuple(range(n)))
    counts = {name: 0 for name in sorting.SORTING.program_names}
    for _, node in call.walk():
        counts[node.program] += 1
    assert counts["BUBBLE"] == counts["RESET"] == n
    assert counts["BSTEP"] == counts["COMPSWAP"] == n * (n - 1)
    assert counts["LSHIFT"] == counts["RSHIFT"] == n * (n - 1)


@pytest.mark.parametrize("n", [1, 2, 3, 20])
def test_the_step_budget_suffices(n):
    batch = tensor_environment.SortingTensorEnvironment()
    state = batch.reset(*map(tf.constant, batch.encode([(5,) * n])))
    for domain in (sorting.SORTING, sorting.MAXIMUM):
        call, _ = run(domain, (5,) * n)
        assert num_steps(call) < int(batch.step_budget(state)[0])


def test_compswap_swaps_only_what_is_out_of_order():
    compswap = sorting.SORTING.program("COMPSWAP")
    for first in range(10):
        for second in range(10):
            seen = np.array([first, second, 0, 0, 0, 0, 0, 0], np.int8)
            step = compswap.decide(0, seen, specs.NO_ARGUMENTS)
            action = (1, 2, 3) if first > second else (0, 0, 0)
            assert step == specs.Step(specs.ACT, action, end=True)


def test_maximum_extends_sorting():
    assert domains.get("maximum").encoder_name == "sorting"
    assert sorting.MAXIMUM.programs[2:] == sorting.SORTING.programs
    assert sorting.MAXIMUM.observations == sorting.SORTING.observations
    assert sorting.MAXIMUM.arguments == sorting.SORTING.arguments


def test_frames_of_the_maximum_hold_every_program():
    batch = teacher.teach(sorting.MAXIMUM, [(3, 1, 2)])
    names = sorting.MAXIMUM.program_names
    assert {names[index] for index in batch.program} == set(names)


def test_problems_are_drawn_by_seed_and_nested():
    first, more = (
        problems_lib.distinct_problems(np.random.default_rng(1), 20, count)
        for count in (4, 32)
    )
    assert more[:4] == first
    assert len(set(more)) == 32
    assert {len(problem) for problem in more} == {20}
    digits = {digit for problem in more for digit in problem}
    assert digits == set(range(10))


def test_no_problem_is_drawn_that_is_taken():
    rng = np.random.default_rng(0)
    train = problems_lib.distinct_problems(rng, 2, 64)
    test = problems_lib.distinct_problems(rng, 2, 36, taken=set(train))
    assert len({*train, *test}) == 100  # All that there are.
    with pytest.raises(ValueError, match=r"count: must .* length 2, got 37"):
        problems_lib.distinct_problems(rng, 2, 37, taken=set(train))


def test_adversarial_arrays_hold_what_is_hard():
    drawn = problems_lib.adversarial_problems(lengths=(1, 4))
    assert len(set(drawn)) == len(drawn)
    for array in ((0,), (9,), (7, 5, 2, 0), (9, 9, 9, 9), (9, 9, 9, 0)):
        assert array in drawn

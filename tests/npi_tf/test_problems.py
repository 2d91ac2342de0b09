"""Problems: their lengths, that sets do not meet, and the exact sum."""

import collections
import sys

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from npi_tf.addition import problems


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_digits_are_uniform(rng):
    digits = problems.random_digits(rng, 20_000)
    counts = collections.Counter(digits)
    assert set(counts) == set("0123456789")
    # Each count is 2,000 with a standard deviation of 42.
    assert all(abs(count - 2000) < 5 * 42 for count in counts.values())


@pytest.mark.parametrize("length", [1, 2, 5, 20])
def test_one_operand_has_the_length_and_the_other_at_most(rng, length):
    drawn = [problems.random_problem(rng, length) for _ in range(200)]
    assert all(max(map(len, problem)) == length for problem in drawn)
    assert all(min(map(len, problem)) >= 1 for problem in drawn)


def test_half_the_operands_are_of_equal_length(rng):
    n, length = 4000, 10
    drawn = [problems.random_problem(rng, length) for _ in range(n)]
    lengths = collections.Counter(tuple(map(len, pair)) for pair in drawn)
    # 1/2, and 1/10 of the other half; standard deviation 0.008.
    assert abs(lengths[length, length] / n - 0.55) < 0.04
    # Every shorter length on either side: 1/2 * 1/10 * 1/2 = 0.025 (0.0025).
    for shorter in range(1, length):
        assert abs(lengths[shorter, length] / n - 0.025) < 0.0125
        assert abs(lengths[length, shorter] / n - 0.025) < 0.0125


def test_a_seed_decides_the_problems():
    first, same, other = (
        problems.distinct_problems(np.random.default_rng(seed), 6, 50)
        for seed in (1, 1, 2)
    )
    assert first == same
    assert first != other


def test_sets_do_not_meet(rng):
    train = problems.distinct_problems(rng, 1, 60)
    test = problems.distinct_problems(rng, 1, 40, taken=set(train))
    assert len(set(train)) == 60 and len(set(test)) == 40
    # 100 problems of one digit exist; both together are all of them.
    assert len(set(train) | set(test)) == 100


def test_more_problems_than_exist_raise(rng):
    with pytest.raises(
        ValueError, match=r"count: must .* of 1 digits, got 101"
    ):
        problems.distinct_problems(rng, 1, 101)
    assert problems.distinct_problems(rng, 1, 0) == []


def test_adversarial_problems_hold_what_broke_others():
    drawn = problems.adversarial_problems()
    assert len(set(drawn)) == len(drawn)
    for problem in (
        ("1007", "3"),
        ("0", "0"),
        ("5", "99999"),
        ("99", "1"),
        ("9" * 101, "1"),
        ("7", "8" * 50),
        ("000", "0"),
    ):
        assert problem in drawn
        assert problem[::-1] in drawn


@hypothesis.given(
    st.text(alphabet="0123456789", min_size=1, max_size=200),
    st.text(alphabet="0123456789", min_size=1, max_size=200),
)
def test_the_exact_sum_is_pythons(augend, addend):
    assert problems.exact_sum((augend, addend)) == str(
        int(augend) + int(addend)
    )


@pytest.mark.parametrize("length", [1000, 3999])
def test_the_exact_sum_of_long_numbers(rng, length):
    assert length < sys.get_int_max_str_digits()
    problem = tuple(problems.random_digits(rng, length) for _ in range(2))
    assert problems.exact_sum(problem) == str(sum(map(int, problem)))


def test_the_exact_sum_beyond_what_python_prints():
    assert problems.exact_sum(("9" * 10_000, "1")) == "1" + "0" * 10_000
    assert problems.exact_sum(("0" * 10_000, "0")) == "0"

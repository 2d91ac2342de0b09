"""Random and adversarial arrays, as tuples of digits."""

from __future__ import annotations

import numpy as np

from npi_tf.sorting import environment

Problem = tuple[int, ...]
MAX_TAUGHT_LENGTH = 20  # Section 4.2 of the paper trains from 2 up to here.


def random_problem(rng: np.random.Generator, length: int) -> Problem:
    """`length` numbers, each uniform in 0..9."""
    return tuple(rng.integers(environment.BASE, size=length).tolist())


def distinct_problems(
    rng: np.random.Generator,
    length: int,
    count: int,
    taken: set[Problem] | frozenset[Problem] = frozenset(),
) -> list[Problem]:
    """`count` different arrays of one length, none of them in `taken`.

    Drawing fewer with the same generator gives the first of them.

    Raises:
        ValueError: If so many do not exist, or are too rare to be drawn.
    """
    drawn: dict[Problem, None] = {}
    for _ in range(100 * count + 1000):
        if len(drawn) == count:
            return list(drawn)
        problem = random_problem(rng, length)
        if problem not in taken:
            drawn[problem] = None
    raise ValueError(
        f"count: must leave enough distinct arrays of length {length}, "
        f"got {count} with {len(taken)} taken"
    )


def sample_problems(rng: np.random.Generator, count: int) -> list[Problem]:
    """`count` arrays that teach sorting: 1 to 20 numbers, as often each."""
    lengths = rng.integers(1, MAX_TAUGHT_LENGTH + 1, size=count).tolist()
    return [random_problem(rng, length) for length in lengths]


def adversarial_problems(
    lengths: tuple[int, ...] = (1, 2, 3, 5, 10, 21, 40, 60),
) -> list[Problem]:
    """Arrays with a pattern, at several lengths.

    Sorted and reversed, all equal, two values in any order, one number out
    of its place, the smallest at the end (it moves one cell a sweep), and
    every array of one number.
    """
    arrays: list[Problem] = [(digit,) for digit in range(environment.BASE)]
    for n in lengths:
        spread = [environment.BASE * i // n for i in range(n)]
        arrays += [
            tuple(spread),
            tuple(spread[::-1]),
            (0,) * n,
            (9,) * n,
            tuple(i % 2 for i in range(n)),
            tuple(9 - i % 2 for i in range(n)),
            (9,) * (n // 2) + (0,) * (n - n // 2),
            (9,) * (n - 1) + (0,),
            (9,) + (0,) * (n - 1),
            tuple(spread[1:] + spread[:1]),
            tuple(i % environment.BASE for i in range(n)),
            tuple(9 - i % environment.BASE for i in range(n)),
        ]
    return list(dict.fromkeys(arrays))

"""What arrays that are sorted say of the order of numbers, and what not.

COMPSWAP sees two numbers, coded one-hot, and swaps them if the first one is
larger. Nothing else tells a learner which number is larger: examples in which
no 5 ever stood before a 4 say nothing of what to do with 5 and 4. Of arrays
that need it, no learner can be sure; the others are determined.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from npi_tf.sorting import environment

Pairs = set[tuple[int, int]]  # The numbers under pointers 1 and 2.


def compared(array: Iterable[int]) -> Pairs:
    """The pairs of numbers that COMPSWAP sees while an array is sorted.

    Of two numbers or more; of one it sees that number twice.

    >>> sorted(compared((9, 2, 5)))
    [(2, 5), (5, 9), (9, 2), (9, 5)]
    """
    row = list(array)
    pairs = set()
    for _ in row:
        for i in range(len(row) - 1):
            first, second = row[i : i + 2]
            pairs.add((first, second))
            row[i : i + 2] = min(first, second), max(first, second)
    return pairs


def determined(pairs: Pairs) -> Pairs:
    """The pairs of which it follows whether they are swapped.

    A pair that was swapped says that its first number is larger, another one
    that it is not; from `a > b` and `b >= c` follows `a > c`, and so on. That
    different numbers are never equal does not follow.

    >>> (3, 1) in determined({(3, 2), (2, 1)})
    True
    >>> (2, 1) in determined({(1, 2), (3, 2), (3, 1)})
    False
    """
    size = environment.BASE
    larger = np.zeros((size, size), bool)  # Of the row's number.
    not_less = np.eye(size, dtype=bool)
    for first, second in pairs:
        if first > second:
            larger[first, second] = not_less[first, second] = True
        else:
            not_less[second, first] = True
    for middle in range(size):
        before, after = not_less[:, [middle]], not_less[[middle]]
        larger |= (larger[:, [middle]] & after) | (before & larger[[middle]])
        not_less |= before & after
    return {
        (a, b)
        for a in range(size)
        for b in range(size)
        if (larger[a, b] if a > b else not_less[b, a])
    }


def fraction(
    examples: Iterable[Iterable[int]], tests: list[Iterable[int]]
) -> float:
    """Of the arrays in `tests`, those that `examples` determine."""
    known = determined(set().union(*map(compared, examples)))
    return sum(compared(test) <= known for test in tests) / len(tests)

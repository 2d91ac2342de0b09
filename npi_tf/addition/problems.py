"""Random and adversarial addition problems, as pairs of digit strings."""

from __future__ import annotations

import decimal

import numpy as np

Problem = tuple[str, str]
MAX_TAUGHT_LENGTH = 20  # Section 4.1 of the paper trains up to here.


def random_digits(rng: np.random.Generator, length: int) -> str:
    """`length` digits, each uniform in 0..9 (so the first may be 0)."""
    return "".join(map(str, rng.integers(10, size=length)))


def random_problem(rng: np.random.Generator, length: int) -> Problem:
    """A problem of `length` digits (Deviation D2).

    One operand, either with equal chance, has exactly `length` digits. The
    other has as many with probability 1/2, else a length that is uniform in
    1 .. `length`.
    """
    other = length if rng.random() < 0.5 else int(rng.integers(1, length + 1))
    operands = random_digits(rng, length), random_digits(rng, other)
    return operands if rng.random() < 0.5 else operands[::-1]


def distinct_problems(
    rng: np.random.Generator,
    length: int,
    count: int,
    taken: set[Problem] | frozenset[Problem] = frozenset(),
) -> list[Problem]:
    """`count` different problems of one length, none of them in `taken`.

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
        f"count: must leave enough distinct problems of {length} digits, "
        f"got {count} with {len(taken)} taken"
    )


def sample_problems(rng: np.random.Generator, count: int) -> list[Problem]:
    """`count` problems that teach addition: 1 to 20 digits, as often each."""
    lengths = rng.integers(1, MAX_TAUGHT_LENGTH + 1, size=count).tolist()
    return [random_problem(rng, length) for length in lengths]


def adversarial_problems() -> list[Problem]:
    """Sums that public implementations get wrong, and their like.

    All carries, no carry, one operand much shorter, interior and leading
    zeros, zeros alone, and what a user would type; each also with the
    operands exchanged.
    """
    sums: list[Problem] = [
        ("1007", "3"),
        ("0", "0"),
        ("5", "99999"),
        ("99", "1"),
        ("96", "125"),
        ("934", "348"),
        ("822", "233"),
        ("109", "101"),
        ("50", "50"),
        ("0", "7"),
        ("000", "0"),
        ("007", "0035"),
        ("0001", "0001"),
        ("0009", "1"),
        ("0099", "0901"),
        ("1000000007", "993"),
    ]
    for n in (1, 2, 3, 5, 10, 21, 50, 101, 300):
        sums += [
            ("9" * n, "1"),  # A carry through every column.
            ("9" * n, "9" * n),
            ("5" * n, "5" * n),
            ("4" * n, "5" * n),  # No carry at all, every digit 9.
            ("1" + "0" * n, "1" + "0" * n),
            ("1" + "0" * n, "0"),
            ("1" * n, "0" * n),
            ("0" * n, "0" * n),
            ("0" * n + "1", "9"),
            ("9" * n, "0" * n + "1"),
            ("90" * n, "10"),
            ("90" * n, "10" * n),  # A carry in every second column.
            ("1" + "9" * n, "1"),
            ("7", "8" * n),
            ("123456789" * min(n, 21), "987654321"),
        ]
    both = sums + [(addend, augend) for augend, addend in sums]
    return list(dict.fromkeys(both))


def exact_sum(problem: Problem) -> str:
    """The sum by decimal arithmetic, at any length, without leading zeros.

    >>> exact_sum(("0096", "125"))
    '221'
    """
    digits = max(map(len, problem)) + 1
    context = decimal.Context(prec=digits, Emax=decimal.MAX_EMAX)
    return format(context.add(*map(decimal.Decimal, problem)), "f")

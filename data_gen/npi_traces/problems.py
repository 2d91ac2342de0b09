"""Which problems a split holds: drawn by length, none of them in two splits."""

from __future__ import annotations

import dataclasses
import fractions
from collections.abc import Callable
from collections.abc import Mapping

import numpy as np

from npi_tf.addition import problems as addition_problems
from npi_tf.sorting import environment as sorting_environment
from npi_tf.sorting import problems as sorting_problems

SPLITS = ("train", "validation", "test")


@dataclasses.dataclass(frozen=True)
class Sampler:
    """How the problems of a domain are drawn and written down.

    Attributes:
        length: The length of a problem.
        space: How many problems of a length exist.
        draw: `draw(rng, length, count, taken)` gives `count` different
            problems of that length, none of them in the set `taken`.
        to_text: A problem as text, different for different problems.
        from_text: The problem that `to_text` wrote.
        largest_share: Of the problems of a length that are left, the most
            that one split may take.
    """

    length: Callable[[tuple], int]
    space: Callable[[int], int]
    draw: Callable[[np.random.Generator, int, int, set], list[tuple]]
    to_text: Callable[[tuple], str]
    from_text: Callable[[str], tuple]
    largest_share: fractions.Fraction = fractions.Fraction(1, 2)


def _addition_length(problem: tuple[str, str]) -> int:
    return max(map(len, problem))


def _addition_space(length: int) -> int:
    """Pairs of digit strings, the longer one of `length` digits."""
    shorter = (10**length - 10) // 9  # Strings of 1 .. length - 1 digits.
    return (shorter + 10**length) ** 2 - shorter**2


def _from_sum(text: str) -> tuple[str, str]:
    augend, addend = text.split("+")
    return augend, addend


ADDITION = Sampler(
    length=_addition_length,
    space=_addition_space,
    draw=addition_problems.distinct_problems,
    to_text="+".join,
    from_text=_from_sum,
)


def _sorting_space(length: int) -> int:
    return sorting_environment.BASE**length


def _to_words(problem: tuple[int, ...]) -> str:
    return " ".join(map(str, problem))


def _from_words(text: str) -> tuple[int, ...]:
    return sorting_environment.parse_values(tuple(text.split()))


SORTING = Sampler(
    length=len,
    space=_sorting_space,
    draw=sorting_problems.distinct_problems,
    to_text=_to_words,
    from_text=_from_words,
    # The paper's 64 arrays of length 2 are more than half of them.
    largest_share=fractions.Fraction(2, 3),
)


def rng(seed: int, split: str, length: int) -> np.random.Generator:
    """The generator of one split and length: independent of all others."""
    entropy = (seed, SPLITS.index(split), length)
    return np.random.default_rng(np.random.SeedSequence(entropy))


def draw(
    sampler: Sampler, seed: int, length: int, wanted: Mapping[str, int]
) -> dict[str, list[tuple]]:
    """The problems of one length in each split.

    Splits draw in the order train, validation, test, and a later split never
    gets what an earlier one took. No split takes more than the sampler's
    share of what is left, so that short lengths, of which few problems exist,
    reach them all.

    Args:
        sampler: Where problems come from.
        seed: Seed of the data set.
        length: Length of all problems.
        wanted: For each split that has this length, how many it wants.

    Returns:
        For each split in `wanted`, its problems.
    """
    taken: set[tuple] = set()
    drawn = {}
    for split in SPLITS:
        if split in wanted:
            left = sampler.space(length) - len(taken)
            count = min(wanted[split], int(left * sampler.largest_share))
            generator = rng(seed, split, length)
            drawn[split] = sampler.draw(generator, length, count, taken)
            taken.update(drawn[split])
    return drawn

"""What a data set of traces is made of: a domain, lengths, counts, a seed."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
from typing import Any

import tensorflow_datasets as tfds

from data_gen import checks
from data_gen.npi_traces import examples
from data_gen.npi_traces import problems
from npi_tf import domains

# Lengths in Figure 9 of the paper (tests) and section 4.1 (training).
TRAIN_LENGTHS = tuple(range(1, 21))
TEST_LENGTHS = (5, 10, 20, 40, 80, 160, 240, 480, 960, 2000, 3000)

# Section 4.2 and Figure 6.
SORTING_TRAIN_LENGTHS = tuple(range(2, 21))
SORTING_TEST_LENGTHS = tuple(range(5, 71, 5))


@dataclasses.dataclass(eq=False, kw_only=True)
class NpiTracesConfig(tfds.core.BuilderConfig):
    """One data set: everything that decides which records it holds.

    A later split holds no problem of an earlier one. Where a length has few
    problems, a split gets at most the sampler's share of those left.

    Attributes:
        domain: Name of the domain whose programs are run.
        sampler: How its problems are drawn.
        seed: Seed of all draws.
        train_lengths: Lengths of the training problems.
        problems_per_length: Training problems of each length.
        validation_lengths: The same for validation; empty for no split.
        validation_problems_per_length: The same for validation.
        test_lengths: The same for the test; empty for no split.
        test_problems_per_length: The same for the test.
        use_beam: True to generate with Apache Beam. The records are the
            same either way.

    Raises:
        ValueError: If a value breaks its rule.
    """

    domain: str = "addition"
    sampler: problems.Sampler = problems.ADDITION
    seed: int = 0
    train_lengths: tuple[int, ...] = TRAIN_LENGTHS
    problems_per_length: int = 32
    validation_lengths: tuple[int, ...] = (*TRAIN_LENGTHS, 40, 100)
    validation_problems_per_length: int = 16
    test_lengths: tuple[int, ...] = TEST_LENGTHS
    test_problems_per_length: int = 4
    use_beam: bool = False

    def __post_init__(self):
        domains.get(self.domain)
        checks.integer("seed", self.seed, 0)
        for split in problems.SPLITS:
            name = f"{split}_lengths"
            lengths = _check_lengths(name, getattr(self, name))
            setattr(self, name, lengths)
            name = _count_name(split)
            checks.integer(name, getattr(self, name), 1)
        if not self.train_lengths:
            raise ValueError("train_lengths: must hold a length, got none")
        checks.boolean("use_beam", self.use_beam)

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits that hold problems."""
        return tuple(s for s in problems.SPLITS if self.lengths(s))

    def lengths(self, split: str) -> tuple[int, ...]:
        """Lengths of the problems in a split."""
        return getattr(self, f"{split}_lengths")

    def problems(self, split: str, length: int) -> list[tuple]:
        """The problems of one length in a split, always the same."""
        wanted = {
            name: getattr(self, _count_name(name))
            for name in problems.SPLITS
            if length in self.lengths(name)
        }
        return problems.draw(self.sampler, self.seed, length, wanted)[split]

    @functools.cached_property
    def recipe(self) -> dict[str, Any]:
        """What identifies the records, as JSON; stored beside the data.

        `teacher` is a digest of what the teacher does on one problem, so
        that records of changed programs are not taken for current ones.
        """
        fields = ("domain", "seed", *map(_count_name, problems.SPLITS))
        recipe = {name: getattr(self, name) for name in fields}
        for split in problems.SPLITS:
            recipe[f"{split}_lengths"] = list(self.lengths(split))
        recipe["teacher"] = self._teacher_digest()
        return recipe

    def _teacher_digest(self) -> str:
        length = min(max(self.train_lengths), max(TRAIN_LENGTHS))
        generator = problems.rng(self.seed, "train", length)
        problem = self.sampler.draw(generator, length, 1, set())[0]
        domain = domains.get(self.domain)
        to_text = self.sampler.to_text
        tallies = examples.tally(domain, [problem], to_text)
        keys = sorted(map(examples.frame_key, tallies))
        return hashlib.blake2b(
            "".join(keys).encode(), digest_size=8
        ).hexdigest()


def _count_name(split: str) -> str:
    prefix = "" if split == "train" else f"{split}_"
    return f"{prefix}problems_per_length"


def _check_lengths(name: str, values: Any) -> tuple[int, ...]:
    try:
        lengths = tuple(values)
    except TypeError:
        lengths = None
    if lengths is None or isinstance(values, str):
        raise ValueError(f"{name}: must be a sequence, got {values!r}")
    for length in lengths:
        checks.integer(name, length, 1)
    if len(set(lengths)) < len(lengths):
        raise ValueError(
            f"{name}: must hold each length once, got {list(lengths)}"
        )
    return tuple(map(int, lengths))


def sorting_of_length(
    length: int, num_examples: int, seed: int = 0
) -> NpiTracesConfig:
    """Arrays of one length, as in Figure 5 of the paper (length 20).

    Of one seed, fewer examples are the first of more.

    Args:
        length: Of all arrays.
        num_examples: Arrays to train on.
        seed: Of the arrays.
    """
    return NpiTracesConfig(
        name=f"sorting_{length}_{num_examples}_seed{seed}",
        description=f"Sorting {num_examples} arrays of length {length}.",
        domain="sorting",
        sampler=problems.SORTING,
        seed=seed,
        train_lengths=(length,),
        problems_per_length=num_examples,
        validation_lengths=(length,),
        test_lengths=(),
    )


SORTING = NpiTracesConfig(
    name="sorting",
    description="Sorting as in the paper: 64 arrays per length, 2 to 20.",
    domain="sorting",
    sampler=problems.SORTING,
    train_lengths=SORTING_TRAIN_LENGTHS,
    problems_per_length=64,
    validation_lengths=(*SORTING_TRAIN_LENGTHS, 40),
    test_lengths=SORTING_TEST_LENGTHS,
)
MAXIMUM = NpiTracesConfig(
    name="maximum",
    description="MAX and all that it calls: 64 arrays per length, 2 to 10.",
    domain="maximum",
    sampler=problems.SORTING,
    train_lengths=tuple(range(2, 11)),
    problems_per_length=64,
    validation_lengths=tuple(range(2, 11)),
    test_lengths=(5, 10, 20, 40),
)

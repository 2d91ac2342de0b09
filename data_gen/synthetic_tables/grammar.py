"""The questions that can be asked about a table, and their programs.

A template is a tuple of phrases: ("greater", "bigger than", "C") stands for
"bigger than [number] C". Templates are never listed to draw one: those of a
category are sums of products, which are indexed.

Source: arXiv 1511.04834, section 3.1 and Tables 4 to 8.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math
from collections.abc import Iterator
from typing import NamedTuple

from np_tf import programs

LETTERS = "ABCDEFGHIJ"
ENTRIES = tuple(f"word:{k}" for k in range(10))
CATEGORIES = ("simple", "comparison", "logic", "difference")

# Operation -> the words for it, where words do not vary.
PLAIN = {
    "sum": ("sum",),
    "count": ("count",),
    "assign": ("print",),
    "greater": ("greater",),
    "lesser": ("lesser",),
    "and": ("and",),
    "or": ("or",),
    "difference": ("diff",),
}

# Table 6.
SYNONYMS = {
    "sum": ("sum", "total", "total of", "sum of"),
    "count": ("count", "count of", "how many"),
    "assign": ("print", "display", "show"),
    "greater": (
        "greater",
        "greater than",
        "bigger",
        "bigger than",
        "larger",
        "larger than",
    ),
    "lesser": ("lesser", "lesser than", "smaller", "smaller than", "under"),
    "and": ("and",),
    "or": ("or",),
    "difference": ("difference", "difference between"),
}


class Phrase(NamedTuple):
    """An operation in a question: its words and its column, if it has one."""

    operation: str
    words: str
    column: str | None = None


Template = tuple[Phrase, ...]
Choices = list[Template]  # What may stand in one place.
Block = tuple[Choices, ...]  # All ways to fill places in a row.


@dataclasses.dataclass(frozen=True)
class Grammar:
    """A language of questions.

    Attributes:
        varied: True for the synonyms of Table 6.
        names_columns: True if questions say which column; a table of one
            column has only one.
    """

    varied: bool
    names_columns: bool

    @property
    def operation_words(self) -> dict[str, tuple[str, ...]]:
        """The phrases for every operation."""
        return SYNONYMS if self.varied else PLAIN

    def blocks(self, numeric: str, text: str) -> dict[str, list[Block]]:
        """The templates of each category for one table.

        Args:
            numeric: Letters of its numeric columns.
            text: Letters of its text columns.
        """
        return _blocks(self, numeric, text)

    def phrases(self, operation: str, columns: str = "") -> Choices:
        """All phrases for an operation, with each of the columns if any."""
        return [
            (Phrase(operation, words, column),)
            for words in self.operation_words[operation]
            for column in columns or (None,)
        ]

    def tokens(self, template: Template) -> tuple[list[str], list[int]]:
        """A template's words, and which of them a number follows."""
        tokens, positions = [], []
        for phrase in template:
            tokens += phrase.words.split()
            if phrase.operation in programs.COMPARISONS:
                positions.append(len(tokens) - 1)
            if phrase.column and self.names_columns:
                tokens.append(phrase.column)
        return tokens, positions

    def max_words(self, blocks: dict[str, list[Block]]) -> int:
        """Words of the longest question, numbers not counted."""
        return max(
            sum(max(len(self.tokens(c)[0]) for c in choices) for choices in b)
            for group in blocks.values()
            for b in group
        )

    def words(self, letters: str, entries: bool) -> list[str]:
        """The vocabulary's words: letters, those of phrases, entries."""
        spoken = " ".join(itertools.chain(*self.operation_words.values()))
        ours = dict.fromkeys(spoken.split())
        return [*letters, *ours, *(ENTRIES if entries else ())]


@functools.lru_cache(maxsize=4096)
def _blocks(
    grammar: Grammar, numeric: str, text: str
) -> dict[str, list[Block]]:
    def phrases(*operations: str) -> Choices:
        return [p for o in operations for p in grammar.phrases(o, numeric)]

    greater, lesser = phrases("greater"), phrases("lesser")
    sums, counts = phrases("sum"), grammar.phrases("count")
    prints = grammar.phrases("assign", "".join(sorted(numeric + text)))
    aggregates = sums + counts + prints
    connectives = grammar.phrases("and") + grammar.phrases("or")
    matches = [(Phrase("text_match", e, c),) for c in text for e in ENTRIES]
    differences = grammar.phrases("difference")
    blocks = {
        "simple": [(aggregates,)],
        "comparison": [(greater + lesser + matches, aggregates)],
        "logic": [
            (greater, connectives, lesser, aggregates),
            (lesser, connectives, greater, aggregates),
            (matches, connectives, greater + lesser, aggregates),
            (greater + lesser, connectives, matches, aggregates),
            (_two_matches(matches, connectives), aggregates),
        ],
        "difference": [
            (sums, differences, counts),
            (counts, differences, sums),
        ],
    }
    return {c: [b for b in blocks[c] if all(b)] for c in CATEGORIES}


def _two_matches(matches: Choices, connectives: Choices) -> Choices:
    """Two text conditions: on two columns, or two words for one column.

    One entry never equals two words, so a column is only asked for either.
    """
    return [
        first + connective + second
        for first in matches
        for connective in connectives
        for second in matches
        if first[0].column != second[0].column
        or (first != second and connective[0].operation == "or")
    ]


def count(blocks: list[Block]) -> int:
    """How many templates there are in some blocks."""
    return sum(math.prod(map(len, block)) for block in blocks)


def pick(blocks: list[Block], index: int) -> Template:
    """The template of an index, in the order of `every`."""
    for block in blocks:
        size = math.prod(map(len, block))
        if index < size:
            chosen = []
            for choices in reversed(block):
                index, which = divmod(index, len(choices))
                chosen.append(choices[which])
            return tuple(itertools.chain(*reversed(chosen)))
        index -= size
    raise IndexError("index: must be less than the number of templates")


def every(blocks: list[Block]) -> Iterator[Template]:
    """All templates of some blocks."""
    for block in blocks:
        for chosen in itertools.product(*block):
            yield tuple(itertools.chain(*chosen))


def program(template: Template, columns: str) -> programs.Program:
    """The template's program: four calls, resets at the left.

    Two words for one column are one text_match, which finds both. In a
    difference the reset lets the second aggregate see all rows again.

    Args:
        template: What is asked.
        columns: Letters of the table's columns.
    """
    calls = [
        programs.Call(
            p.operation, columns.index(p.column) if p.column else None
        )
        for p in template
    ]
    if len(template) == 3:
        first, difference, second = calls
        calls = [first, programs.Call("reset"), second, difference]
    elif is_one_match(template):
        calls = [calls[0], calls[3]]
    elif len(template) == 4:
        first, connective, second, aggregate = calls
        calls = [first, second, connective, aggregate]
    return programs.pad(calls)


def is_one_match(template: Template) -> bool:
    """Whether the template asks for two words in one text column."""
    return (
        len(template) == 4
        and template[0].operation == template[2].operation == "text_match"
        and template[0].column == template[2].column
    )

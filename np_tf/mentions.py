"""Where a question mentions columns and text entries of the user's table."""

from __future__ import annotations

import dataclasses
import difflib
import itertools
from collections.abc import Iterable
from collections.abc import Sequence

from np_tf import question_text
from np_tf import table as table_lib

NUMBER, WORD, COLUMN, ENTRY = "number", "word", "column", "entry"


@dataclasses.dataclass(frozen=True)
class Piece:
    """A part of the question that means one thing.

    Attributes:
        kind: `number`, `word`, `column` or `entry`.
        text: As the user wrote it.
        value: The number; the model's word; the index of the column; the
            entry.
    """

    kind: str
    text: str
    value: float | str | int


class Lexicon:
    """What the words of a question can mean, given a table.

    At each place the longest name or entry counts, exact before one that
    differs in upper and lower case. An entry that consists of words of the
    model, or of numbers, is never taken for one.

    Args:
        table: The user's.
        question_words: Words of the model that are no symbols.

    Raises:
        ValueError: If a column is named like a question word, a number, or
            (apart from punctuation) another column.
    """

    def __init__(self, table: table_lib.Table, question_words: Iterable[str]):
        self.table = table
        self.question_words = {word.casefold(): word for word in question_words}
        self._exact: dict[tuple[str, ...], list[tuple]] = {}
        self._folded: dict[tuple[str, ...], list[tuple]] = {}
        for index, name in enumerate(table.names):
            self._add_column(index, name)
        for entry in table.entries():
            words = question_text.plain_words(entry)
            if not all(map(self._is_taken, words)):
                self._add(words, (ENTRY, entry))
        self._longest = max(map(len, self._exact))

    def pieces(self, words: Sequence[str]) -> list[Piece]:
        """The question as pieces.

        Args:
            words: From `question_text.split_words`.

        Raises:
            ValueError: If a word is unknown, or can mean two things; if
                what stands before a column cannot go with it.
        """
        found, at = [], 0
        while at < len(words):
            piece, length = self._next(words[at : at + self._longest])
            found.append(piece)
            at += length
        for before, after in itertools.pairwise(found):
            self._check_pair(before, after)
        return found

    def _add_column(self, index, name):
        words = question_text.plain_words(name)
        if all(map(self._is_taken, words)):
            raise ValueError(
                f"table: a column must not have the name {name!r}, which is "
                "a number or a word of questions; rename it"
            )
        if words in self._exact:
            other = self.table.names[self._exact[words][0][1]]
            raise ValueError(
                "table: column names must differ in more than punctuation, "
                f"got {other!r} and {name!r}"
            )
        self._add(words, (COLUMN, index))

    def _add(self, words, target):
        self._exact.setdefault(words, []).append(target)
        folded = tuple(word.casefold() for word in words)
        self._folded.setdefault(folded, []).append(target)

    def _is_taken(self, word):
        """Whether the word is a number or a question word, in any case."""
        try:
            is_number = question_text.parse_number(word) is not None
        except ValueError:  # Such as 2020-01-01: no number.
            is_number = False
        return is_number or word.casefold() in self.question_words

    def _next(self, words):
        """The piece that begins here, and how many words it has."""
        for length in range(len(words), 0, -1):
            key = tuple(words[:length])
            folded = tuple(word.casefold() for word in key)
            targets = self._exact.get(key) or self._folded.get(folded)
            if targets:
                text = " ".join(key)
                value = self._only(text, targets)
                return Piece(targets[0][0], text, value), length
        return self._word_or_number(words[0]), 1

    def _only(self, text, targets):
        if len(targets) > 1:
            raise ValueError(
                f"question: {text!r} must mean one thing, got "
                + " and ".join(map(self._describe, targets))
            )
        return targets[0][1]

    def _describe(self, target):
        kind, value = target
        name = self.table.names[value] if kind == COLUMN else value
        return f"{kind} {name!r}"

    def _word_or_number(self, word):
        known = self.question_words.get(word.casefold())
        if known is not None:
            return Piece(WORD, word, known)
        number = question_text.parse_number(word)
        if number is not None:
            return Piece(NUMBER, word, number)
        names = ", ".join(self.table.names)
        raise ValueError(
            f"question: {word!r} is no column ({names}), no text entry and "
            f"no word of the preset{self._nearest(word)}"
        )

    def _nearest(self, word):
        """The hint of what was meant."""
        known = {}
        for kind, value in itertools.chain(*self._exact.values()):
            text = self.table.names[value] if kind == COLUMN else value
            for part in (text, *text.split()):
                known.setdefault(part.casefold(), f"{kind} {text!r}")
        for word_known in self.question_words.values():
            known[word_known.casefold()] = repr(word_known)
        near = difflib.get_close_matches(word.casefold(), known, cutoff=0.5)
        if near:
            hints = dict.fromkeys(known[text] for text in near)
            return f"; nearest: {', '.join(hints)}"
        words = ", ".join(sorted(self.question_words.values()))
        return f"; its words are {words}"

    def _check_pair(self, before, after):
        if after.kind != COLUMN:
            return
        name = self.table.names[after.value]
        is_text = self.table.is_text[after.value]
        if before.kind == NUMBER and is_text:
            raise ValueError(
                f"question: only a column of numbers can be compared with "
                f"{before.text}, got {name!r}, which holds text; ask for an "
                f"entry, such as '{self.table.columns[after.value][0]} {name}'"
            )
        if before.kind != ENTRY:
            return
        if not is_text or before.value not in self.table.columns[after.value]:
            homes = [
                repr(home)
                for home, column, of_text in zip(
                    self.table.names, self.table.columns, self.table.is_text
                )
                if of_text and before.value in column
            ]
            raise ValueError(
                f"question: {before.text!r} must stand before a column that "
                f"has it ({', '.join(homes)}), got {name!r}"
            )


def values(pieces: Sequence[Piece], kind: str) -> list:
    """Distinct values of the pieces of a kind, in order.

    >>> values([Piece(COLUMN, "price", 0), Piece(WORD, "and", "and")], COLUMN)
    [0]
    """
    return list(dict.fromkeys(p.value for p in pieces if p.kind == kind))

"""Where a question mentions columns and text entries of the user's table.

A model knows letters as column names and `word:0`, `word:1`, ... as text
entries. The user's names stand for them: columns in the order of the table,
entries in the order of the question.
"""

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
        for entry in dict.fromkeys(
            cell
            for column, is_text in zip(table.columns, table.is_text)
            if is_text
            for cell in column
        ):
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
        if len(words) == 1 and self._is_taken(words[0]):
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
                return Piece(targets[0][0], text, self._only(text, targets)), (
                    length
                )
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


def to_model_words(
    pieces: Sequence[Piece],
    column_symbols: Sequence[str],
    entry_symbols: dict[str, str],
) -> tuple[str, ...]:
    """The question in the model's words, numbers still among them.

    The questions of a model of one column name no column: mentions of it
    are left out.
    """
    words = []
    for piece in pieces:
        if piece.kind == COLUMN:
            if len(column_symbols) > 1:
                words.append(column_symbols[piece.value])
        elif piece.kind == ENTRY:
            words.append(entry_symbols[piece.value])
        else:
            words.append(
                piece.text if piece.kind == NUMBER else str(piece.value)
            )
    return tuple(words)


def assign_symbols(
    table: table_lib.Table,
    mentioned: Sequence[str],
    text_symbols: Sequence[str],
) -> dict[str, str]:
    """A symbol for every text entry of the table.

    Each entry that the question mentions has one to itself. All others
    share what is left, in turn: the question cannot ask for them, so only
    that they differ from the mentioned ones matters.

    Args:
        table: The user's.
        mentioned: Distinct entries, in the order of the question.
        text_symbols: Those of the model; as many as it tells apart.

    Raises:
        ValueError: If there are fewer symbols than it takes.
    """
    others = dict.fromkeys(
        cell
        for column, is_text in zip(table.columns, table.is_text)
        if is_text
        for cell in column
    )
    others = [entry for entry in others if entry not in set(mentioned)]
    most = len(text_symbols) - bool(others)
    if len(mentioned) > most:
        raise ValueError(
            f"question: may mention at most {max(most, 0)} different text "
            f"entries, got {len(mentioned)}"
        )
    symbols = dict(zip(mentioned, text_symbols))
    left = text_symbols[len(mentioned) :]
    return symbols | {
        entry: left[index % len(left)] for index, entry in enumerate(others)
    }

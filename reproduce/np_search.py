"""Finds the programs that give a question's answer.

The `fast` recipe's first half: every program of a space is run on the table
of every training question, and those whose answer is the given one are kept.
Only the numbers and the text entries that occur in a question are read from
it, never what its words mean; nothing but its answer says what is right.

The space: rows are all rows, those of one condition, or of two joined by
`and` or `or` (in the order in which their numbers or entries occur in the
question, so that programs read like it). A condition is `greater` or `lesser`
with a column and a number of the question, or `text_match` with a column and
one or two entries that occur in the question. Then `sum`, `count` or
`assign`. Or the difference of two aggregates of all rows.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np

from np_tf import programs

NUM_STEPS = programs.NUM_STEPS
FREE = -1  # A choice that does not change the answer.
MAX_TEXT_WORDS = 2

_IDS = {name: i for i, name in enumerate(programs.OPERATIONS)}


@dataclasses.dataclass(frozen=True)
class Candidates:
    """Programs that give the right answer, for many questions.

    Those of question i are `starts[i]` to `starts[i + 1]` (exclusive).

    Attributes:
        starts: `[n + 1]`.
        operations: `[K, T]` ids.
        columns: `[K, T]` indices, -1 where it does not matter.
        pivots: `[K, 2]`, which number greater and lesser compare with, -1
            where it does not matter.
        text_columns: `[K, 2]`, columns whose entries text_match selects by,
            -1 for none.
        text_words: `[K, 2, 2]`, ids of the words that are selected there,
            -1 for none.
    """

    starts: np.ndarray
    operations: np.ndarray
    columns: np.ndarray
    pivots: np.ndarray
    text_columns: np.ndarray
    text_words: np.ndarray

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def counts(self) -> np.ndarray:
        """Programs of each question, `[n]`."""
        return np.diff(self.starts)


@dataclasses.dataclass(frozen=True)
class _Conditions:
    """Conditions that the questions of a group can have.

    All questions of a group have the same number of numbers and text words.

    Attributes:
        rows: `[b, K, M]`, 1 where a row fulfils the condition.
        operation: `[K]`.
        column: `[K]`.
        number: `[K]`, -1 for text.
        words: `[K, 2]`, which of the question's text words, -1 for none.
        position: `[b, K]`, where in the question its number or entry is.
    """

    rows: np.ndarray
    operation: np.ndarray
    column: np.ndarray
    number: np.ndarray
    words: np.ndarray
    position: np.ndarray

    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """Indices of two conditions that one program can hold, i < j.

        Both of an operation need the same number, and one column's text is
        matched once.
        """
        first, second = np.triu_indices(len(self.operation), 1)
        same_operation = self.operation[first] == self.operation[second]
        is_text = self.number[first] < 0
        same_number = self.number[first] == self.number[second]
        same_column = self.column[first] == self.column[second]
        allowed = ~same_operation | np.where(is_text, ~same_column, same_number)
        return first[allowed], second[allowed]


def search(
    inputs: dict[str, np.ndarray],
    targets: dict[str, np.ndarray],
    text_ids: tuple[int, ...] = (),
    max_programs: int = 12,
    chunk: int = 128,
) -> Candidates:
    """All programs of the space that give each question's answer.

    Args:
        inputs: Of the model, `n` questions.
        targets: Their answers.
        text_ids: Word ids of the text entries.
        max_programs: A question with more is left without any: its answer
            says little. Nor does a 0, or an answer without cells.
        chunk: Questions that are searched at once.

    Returns:
        The candidates of all `n` questions.
    """
    found = []
    for indices in _groups(inputs, text_ids):
        for start in range(0, len(indices), chunk):
            part = indices[start : start + chunk]
            group = _Group(
                {k: v[part] for k, v in inputs.items()},
                {k: v[part] for k, v in targets.items()},
                text_ids,
            )
            for rows in group.programs():
                found.append((part[rows[0]], *rows[1:]))
    return _collect(found, len(inputs["question"]), max_programs)


def _groups(inputs, text_ids) -> Iterator[np.ndarray]:
    """Indices of questions whose conditions have the same shape."""
    number = (inputs["number_positions"] >= 0).sum(axis=1)
    columns = (inputs["column_names"] > 0).sum(axis=1)
    keys = [number, columns]
    if text_ids:
        is_text = (inputs["text"] > 0).any(axis=1)
        keys.append(is_text @ (1 << np.arange(is_text.shape[1])))
        keys.append(_text_words(inputs["question"], text_ids)[1])
    keys = np.stack(keys, axis=1)
    _, group = np.unique(keys, axis=0, return_inverse=True)
    group = group.reshape(-1)
    order = np.argsort(group, kind="stable")
    yield from np.split(order, np.nonzero(np.diff(group[order]))[0] + 1)


def _text_words(question, text_ids) -> tuple[np.ndarray, ...]:
    """The distinct text words of each question, how many, and where first."""
    words = np.full((len(question), MAX_TEXT_WORDS), -1)
    positions = np.zeros_like(words)
    count = np.zeros(len(question), int)
    for position in range(question.shape[1]):
        word = question[:, position]
        new = np.isin(word, text_ids) & (words != word[:, None]).all(axis=1)
        new &= count < MAX_TEXT_WORDS
        words[new, count[new]] = word[new]
        positions[new, count[new]] = position
        count += new
    return words, count, positions


class _Group:
    """Questions of one group, and the programs that answer them."""

    def __init__(self, inputs, targets, text_ids):
        self.num_columns = int((inputs["column_names"][0] > 0).sum())
        table = inputs["table"][:, :, : self.num_columns].astype(np.float64)
        rows = np.arange(table.shape[1])[None] < inputs["num_rows"][:, None]
        self.rows = rows.astype(np.float64)
        self.is_text = np.zeros(self.num_columns, bool)
        self.text, self.words = None, None
        num_words = 0
        if text_ids:
            self.text = inputs["text"][:, :, : self.num_columns]
            self.is_text = (self.text[0] > 0).any(axis=0)
            self.words, counts, self.word_positions = _text_words(
                inputs["question"], text_ids
            )
            num_words = int(counts[0])
        numeric = ~self.is_text
        self.table = table * self.rows[:, :, None] * numeric
        self.numbers = inputs["numbers"].astype(np.float64)
        self.number_positions = inputs["number_positions"]
        self.num_numbers = int((self.number_positions[0] >= 0).sum())
        lookup = targets["lookup_answer"][:, :, : self.num_columns] > 0
        self.answer_rows = lookup.any(axis=2).astype(np.float64)
        self.answer_columns = lookup.any(axis=1)  # [b, C]
        self.is_scalar = targets["answer_is_scalar"].astype(bool)
        self.answer = targets["scalar_answer"].astype(np.float64)
        informative = np.where(
            self.is_scalar, self.answer != 0, self.answer_columns.any(axis=1)
        )
        self.is_scalar &= informative
        self.is_lookup = informative & ~self.is_scalar
        # What a row adds: its numbers, itself, and whether it is an answer.
        ones, answers = self.rows[:, :, None], self.answer_rows[:, :, None]
        self.weights = np.concatenate([self.table, ones, answers], axis=2)
        self.conditions = self._conditions(num_words)

    def programs(self) -> Iterator[tuple]:
        """(question, operations, columns, pivots, text) of what is right."""
        everything = self.weights.sum(axis=1)[:, None]  # [b, 1, C + 2]
        steps = _Steps(self.conditions, self.words)
        for match in self._answers(everything):
            yield steps.program(match, [])
        yield from self._differences(everything[:, 0], steps)
        if not len(self.conditions.operation):
            return
        single = self.conditions.rows @ self.weights
        for match in self._answers(single):
            yield steps.program(match, [np.arange(single.shape[1])])
        first, second = self.conditions.pairs()
        if not len(first):
            return
        both = self._both(first, second)
        either = single[:, first] + single[:, second] - both
        for name, totals in (("and", both), ("or", either)):
            for match in self._answers(totals):
                for one, other in ((first, second), (second, first)):
                    found = self._in_order(match, one, other)
                    yield steps.program(found, [one, other], name)

    def _in_order(self, match, one, other) -> tuple[np.ndarray, ...]:
        """Matches whose conditions come in the order of the question."""
        question, rows, operation, column = match
        where = self.conditions.position
        kept = where[question, one[rows]] <= where[question, other[rows]]
        return question[kept], rows[kept], operation, column[kept]

    def _conditions(self, num_words) -> _Conditions:
        rows, fields, positions = [], [], []
        for column in np.nonzero(~self.is_text)[0]:
            cells = self.table[:, :, column]
            for number in range(self.num_numbers):
                pivot = self.numbers[:, number, None]
                none = (-1, -1)
                rows += [cells > pivot, cells < pivot]
                positions += [self.number_positions[:, number]] * 2
                fields += [
                    (_IDS["greater"], column, number, none),
                    (_IDS["lesser"], column, number, none),
                ]
        for column in np.nonzero(self.is_text)[0] if num_words else ():
            entries = self.text[:, :, column]
            is_word = [
                entries == self.words[:, i, None] for i in range(num_words)
            ]
            subsets = [((i, -1), is_word[i]) for i in range(num_words)]
            if num_words == 2:
                subsets.append(((0, 1), is_word[0] | is_word[1]))
            for subset, selected in subsets:
                rows.append(selected)
                positions.append(self.word_positions[:, subset[0]])
                fields.append((_IDS["text_match"], column, -1, subset))
        b, m = self.rows.shape
        stacked = np.stack(rows, 1) if rows else np.zeros((b, 0, m), bool)
        operation, column, number, words = zip(*fields) if fields else [()] * 4
        return _Conditions(
            stacked * self.rows[:, None],
            np.array(operation, int),
            np.array(column, int),
            np.array(number, int),
            np.array(words, int).reshape(-1, 2),
            np.stack(positions, 1) if rows else np.zeros((b, 0), int),
        )

    def _both(self, first, second) -> np.ndarray:
        """What rows of both conditions add, `[b, pairs, C + 2]`."""
        rows = self.conditions.rows
        other = rows.transpose(0, 2, 1)
        totals = [
            ((rows * self.weights[:, None, :, i]) @ other)[:, first, second]
            for i in range(self.weights.shape[2])
        ]
        return np.stack(totals, axis=2)

    def _answers(self, totals) -> Iterator[tuple]:
        """(question, row set, last operation, column) of what is right.

        Args:
            totals: `[b, R, C + 2]`, what the rows of each set add.
        """
        count, hits = totals[..., -2], totals[..., -1]
        c = self.num_columns
        wanted, scalar = self.answer[:, None], self.is_scalar[:, None]
        equal = close(totals[..., :c], wanted[..., None]) & scalar[..., None]
        equal &= ~self.is_text
        question, rows, column = np.nonzero(equal)
        yield question, rows, _IDS["sum"], column
        question, rows = np.nonzero(close(count, wanted) & scalar)
        yield question, rows, _IDS["count"], np.full(len(rows), FREE)
        size = self.answer_rows.sum(axis=1)[:, None]
        same = np.isclose(hits, size) & np.isclose(count, size)
        question, rows = np.nonzero(same & self.is_lookup[:, None])
        column = self.answer_columns[question].argmax(axis=1)
        yield question, rows, _IDS["assign"], column

    def _differences(self, everything, steps) -> Iterator[tuple]:
        """Differences of two aggregates of all rows, count the last one."""
        c = self.num_columns
        values = everything[:, : c + 1]
        differs = values[:, :, None] - values[:, None, :]
        right = close(differs, self.answer[:, None, None])
        right &= self.is_scalar[:, None, None]
        usable = np.append(~self.is_text, True)
        right &= usable[:, None] & usable[None, :]
        question, one, other = np.nonzero(right)
        operations = np.full((len(question), NUM_STEPS), _IDS["reset"])
        columns = np.full((len(question), NUM_STEPS), FREE)
        for step, chosen in ((0, one), (2, other)):
            is_count = chosen == c
            operations[:, step] = np.where(is_count, _IDS["count"], _IDS["sum"])
            columns[:, step] = np.where(is_count, FREE, chosen)
        operations[:, 3] = _IDS["difference"]
        yield question, operations, columns, *steps.nothing(len(question))


class _Steps:
    """Puts conditions and a last operation together to programs."""

    def __init__(self, conditions, words):
        self.conditions = conditions
        self.words = words

    def nothing(self, n) -> tuple[np.ndarray, np.ndarray]:
        """No pivots, no text."""
        return np.full((n, 2), FREE), np.full((n, 2, 3), FREE)

    def program(self, match, used, joined=None) -> tuple:
        """Programs for matches with the row sets `used`."""
        question, rows, last, last_column = match
        n, known = len(question), self.conditions
        operations = np.full((n, NUM_STEPS), _IDS["reset"])
        columns = np.full((n, NUM_STEPS), FREE)
        pivots, text = self.nothing(n)
        operations[:, -1], columns[:, -1] = last, last_column
        start = NUM_STEPS - 1 - len(used)
        if joined:
            start -= 1
            operations[:, -2] = _IDS[joined]
        for i, indices in enumerate(used):
            index = indices[rows]
            operation = known.operation[index]
            operations[:, start + i] = operation
            columns[:, start + i] = known.column[index]
            for pivot, name in enumerate(programs.COMPARISONS):
                is_it = operation == _IDS[name]
                pivots[is_it, pivot] = known.number[index][is_it]
            is_text = operation == _IDS["text_match"]
            text[is_text, i, 0] = known.column[index][is_text]
            if is_text.any():
                which = known.words[index][is_text]
                ids = np.take_along_axis(
                    self.words[question[is_text]], np.maximum(which, 0), axis=1
                )
                text[is_text, i, 1:] = np.where(which < 0, FREE, ids)
        return question, operations, columns, pivots, text


def close(values: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Equal but for the rounding of sums in another order."""
    return np.abs(values - wanted) <= 1e-6 * (1 + np.abs(wanted))


def _collect(found: list[tuple], n: int, max_programs: int) -> Candidates:
    """Sorts what was found by question; drops questions with too many."""
    if not found:
        found = [
            (
                np.zeros(0, int),
                np.zeros((0, NUM_STEPS), int),
                np.zeros((0, NUM_STEPS), int),
                np.zeros((0, 2), int),
                np.zeros((0, 2, 3), int),
            )
        ]
    parts: list[Any] = [np.concatenate(column) for column in zip(*found)]
    question = parts[0]
    counts = np.bincount(question, minlength=n)
    kept = counts[question] <= max_programs
    order = np.argsort(question[kept], kind="stable")
    question, operations, columns, pivots, text = (
        part[kept][order] for part in parts
    )
    starts = np.concatenate(
        [[0], np.cumsum(np.bincount(question, minlength=n))]
    )
    return Candidates(
        starts,
        operations.astype(np.int32),
        columns.astype(np.int32),
        pivots.astype(np.int32),
        text[..., 0].astype(np.int32),
        text[..., 1:].astype(np.int32),
    )

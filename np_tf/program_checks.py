"""Whether a program is one that its question and table can mean.

A model always writes some program. What cannot be right is refused; what
may be right, and may not, is noted.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence

import numpy as np

from np_tf import mentions
from np_tf import programs
from np_tf import table as table_lib

_CONNECTIVES = ("and", "or")


def check_numbers(pieces: Sequence[mentions.Piece]) -> None:
    """Refuses a question with numbers that no program can keep apart.

    Args:
        pieces: The parts of the question.

    Raises:
        ValueError: If there are more numbers than pivots, or if the same
            words stand before two of them.
    """
    phrases, words = [], []
    for piece in pieces:
        if piece.kind == mentions.NUMBER:
            phrases.append(" ".join(words))
        is_phrase = piece.kind == mentions.WORD
        is_phrase = is_phrase and piece.value not in _CONNECTIVES
        words = [*words, piece.value] if is_phrase else []
    most = len(programs.COMPARISONS)
    if len(phrases) > most:
        raise ValueError(
            f"question: may have at most {most} numbers, one for each "
            f"comparison, got {len(phrases)}"
        )
    if len(phrases) == 2 and phrases[0] == phrases[1] != "":
        raise ValueError(
            "question: may have one comparison of each kind, because the "
            f"model has one pivot for each, got {phrases[0]!r} twice; ask for "
            "one with greater and one with lesser, or ask twice"
        )


def check(
    program: programs.Program,
    text: str,
    table: table_lib.Table,
    numbers: Sequence[float],
    pivot_choices: Sequence[int],
) -> None:
    """Refuses a program that misreads its question.

    Args:
        program: What the model wrote.
        text: The program as a person reads it.
        table: The user's.
        numbers: Those of the question.
        pivot_choices: Index into `numbers` for greater and for lesser.

    Raises:
        ValueError: If the program gives no answer, treats text as numbers or
            numbers as text, searches a column twice, or does not take one
            number for each comparison and every number once.
    """
    if programs.answer_kind(program) is None:
        raise ValueError(
            "question: the program must end in a sum, a count, a difference "
            f"or a print, got {text!r}; ask such as 'sum {table.names[0]}'"
        )
    calls = [program[step] for step in programs.relevant_steps(program)]
    for call in calls:
        _check_column(call, table)
    searched = [c.column for c in calls if c.operation == "text_match"]
    joined_by_and = any(call.operation == "and" for call in calls)
    for column in searched if joined_by_and else ():
        if searched.count(column) > 1:
            raise ValueError(
                "question: a column may be searched once with 'and', because "
                f"a row has one entry in it, got {text!r}; join two entries "
                "of a column by 'or'"
            )
    _check_numbers(calls, text, numbers, pivot_choices)


def _check_column(call, table):
    if call.column is None or call.operation == "assign":
        return
    name = table.names[call.column]
    if call.operation == "text_match" and not table.is_text[call.column]:
        raise ValueError(
            f"question: column {name!r} must hold text to be searched for an "
            f"entry, got numbers; ask such as 'greater 5 {name}'"
        )
    if call.operation != "text_match" and table.is_text[call.column]:
        raise ValueError(
            f"question: column {name!r} must hold numbers for "
            f"{call.operation}, got text; ask for an entry, such as "
            f"'{table.columns[call.column][0]} {name}'"
        )


def _check_numbers(calls, text, numbers, pivot_choices):
    compared = [
        call.operation
        for call in calls
        if call.operation in programs.COMPARISONS
    ]
    if len(numbers) < len(compared):
        raise ValueError(
            "question: must have one number for each comparison, got "
            f"{_count(len(compared), 'comparison')} "
            f"({' and '.join(compared)}) and "
            f"{_count(len(numbers), 'number')}; write the number after the "
            "comparison, such as 'greater 5'"
        )
    twice = [name for name in compared if compared.count(name) > 1]
    if twice:
        raise ValueError(
            "question: may have one comparison of each kind, because the "
            f"model has one pivot for each, got {twice[0]} twice in {text!r}"
        )
    used = {
        pivot_choices[programs.COMPARISONS.index(name)] for name in compared
    }
    for index, number in enumerate(numbers):
        if index not in used:
            raise ValueError(
                "question: every number must be compared with once, got the "
                f"program {text!r} for it, which leaves out "
                f"{programs.number_text(number)}"
            )


def _count(number, noun):
    words = ("no", "one", "two", "three")
    word = words[number] if number < len(words) else str(number)
    return f"{word} {noun}{'' if number == 1 else 's'}"


def notes(
    program: programs.Program,
    table: table_lib.Table,
    pieces: Sequence[mentions.Piece],
    matched: Mapping[int, Sequence[str]],
) -> tuple[str, ...]:
    """What makes an answer doubtful.

    Args:
        program: What the model wrote.
        table: The user's.
        pieces: The parts of the question.
        matched: Text column -> entries that `text_match` selected in it.

    Returns:
        A sentence for each column or entry that the question mentions and
        the program leaves out, and the other way round.
    """
    calls = [program[step] for step in programs.relevant_steps(program)]
    columns = {call.column for call in calls if call.column is not None}
    entries = set().union(*matched.values())
    asked_columns = mentions.values(pieces, mentions.COLUMN)
    asked_entries = mentions.values(pieces, mentions.ENTRY)
    found = [
        f"the program leaves out column {table.names[index]!r}"
        for index in asked_columns
        if index not in columns
    ]
    if len(table.names) > 1:
        found += [
            f"the question does not mention column {table.names[index]!r}"
            for index in sorted(columns - set(asked_columns))
        ]
    found += [
        f"the program does not select {entry!r}"
        for entry in asked_entries
        if entry not in entries
    ]
    found += [
        f"the program also selects {entry!r}"
        for entry in sorted(entries - set(asked_entries))
    ]
    return tuple(found)


def matched_entries(
    program: programs.Program,
    table: table_lib.Table,
    row_selects: np.ndarray,
) -> dict[int, list[str]]:
    """The entries that each `text_match` of a program selected.

    Args:
        program: T calls.
        table: The user's.
        row_selects: Rows selected after every step, bool `[T, M]`.

    Returns:
        Text column -> distinct entries, in the order of the table.
    """
    return {
        call.column: list(dict.fromkeys(table.columns[call.column][mask]))
        for call, mask in zip(program, row_selects)
        if call.operation == "text_match" and table.is_text[call.column]
    }

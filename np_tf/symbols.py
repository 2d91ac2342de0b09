"""What the user's names are called in a model's questions.

A model knows letters as column names and `word:0`, `word:1`, ... as text
entries. They stand for the user's: columns in the order of the table,
entries in the order of the question.
"""

from __future__ import annotations

from collections.abc import Sequence

from np_tf import mentions
from np_tf import table as table_lib


def to_model_words(
    pieces: Sequence[mentions.Piece],
    column_symbols: Sequence[str],
    entry_symbols: dict[str, str],
) -> tuple[str, ...]:
    """The question in the model's words, numbers still among them.

    The questions of a model of one column name no column: mentions of it
    are left out.
    """
    words = []
    for piece in pieces:
        if piece.kind == mentions.COLUMN:
            if len(column_symbols) > 1:
                words.append(column_symbols[piece.value])
        elif piece.kind == mentions.ENTRY:
            words.append(entry_symbols[piece.value])
        else:
            words.append(
                piece.text
                if piece.kind == mentions.NUMBER
                else str(piece.value)
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
    others = [entry for entry in table.entries() if entry not in mentioned]
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

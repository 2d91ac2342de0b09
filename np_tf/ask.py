"""Asks a trained model about a user's own table.

The user's names become the model's symbols, the numbers stay in float64,
and what the model did comes back in the user's names.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from np_tf import explain
from np_tf import mentions
from np_tf import program_checks
from np_tf import programs
from np_tf import question_text
from np_tf import symbols
from np_tf import table as table_lib
from np_tf import vocabulary

# What a table is asked with if nothing is said.
TEXT_PRESET = "text_match_5"
FEW_COLUMNS_PRESET = "five_columns"
MANY_COLUMNS_PRESET = "ten_columns"
FEW_COLUMNS = 5
_MOST_ENTRIES = 3  # That the text of a text_match names.


def ask(model: Any, question: str, table: Any) -> explain.Answer:
    """Answers a question about a table.

    Args:
        model: A `np_tf.NeuralProgrammer`.
        question: Such as "greater 50.32 price and lesser 20.21 weight sum
            cost", in the words of the model's vocabulary and the names and
            text entries of the table.
        table: A mapping from column names to cells, a pandas DataFrame, or a
            `np_tf.Table`.

    Raises:
        ValueError: If the table or the question breaks a rule, or if the
            model's program cannot be what the question means.
    """
    table = table_lib.as_table(table)
    _check_fits(model, table)
    pieces = _pieces(model, question, table)
    entry_symbols = symbols.assign_symbols(
        table, mentions.values(pieces, mentions.ENTRY), model.text_symbols
    )
    text = question_text.take_numbers(
        symbols.to_model_words(pieces, model.column_symbols, entry_symbols)
    )
    program_checks.check_numbers(pieces)
    inputs = _inputs(model, text, table, entry_symbols)
    outputs = model(inputs, training=False)
    outputs = {name: np.asarray(value)[0] for name, value in outputs.items()}
    for name in ("column_probs", "lookup_answer"):
        outputs[name] = outputs[name][:, : len(table.names)]
    return _answer(question, text.numbers, pieces, table, outputs)


def default_preset(table: table_lib.Table) -> str:
    """Name of the preset that knows such tables."""
    if any(table.is_text):
        return TEXT_PRESET
    if len(table.names) <= FEW_COLUMNS:
        return FEW_COLUMNS_PRESET
    return MANY_COLUMNS_PRESET


def _check_fits(model, table):
    most = len(model.column_symbols)
    if len(table.names) > most:
        raise ValueError(
            f"table: must have at most {most} columns for this preset, got "
            f"{len(table.names)} ({_few(table.names)}); leave out columns "
            "that the question does not need, or take another preset"
        )
    if model.text_symbols:
        return
    for name, is_text in zip(table.names, table.is_text):
        if is_text:
            raise ValueError(
                f"table: column {name!r} must hold numbers for this preset, "
                f"got text; leave it out, or take the preset {TEXT_PRESET}"
            )


def _pieces(model, question, table):
    """What the parts of the question mean; some must say what to do."""
    words = question_text.split_words(question)
    known_symbols = {*model.column_symbols, *model.text_symbols}
    lexicon = mentions.Lexicon(
        table, (word for word in model.vocabulary if word not in known_symbols)
    )
    pieces = lexicon.pieces(words)
    if not mentions.values(pieces, mentions.WORD):
        raise ValueError(
            "question: must have words that say what to do, such as 'sum' "
            f"or 'count', got {question!r}"
        )
    return pieces


def _few(names: Iterable[str], most: int = 12) -> str:
    names = list(names)
    return ", ".join(names[:most]) + (", ..." if len(names) > most else "")


def _inputs(model, text, table, entry_symbols):
    """A batch of one, in the model's symbols; padded to at least two."""
    known = vocabulary.Vocabulary(model.vocabulary)
    names = known.ids(model.column_symbols[: len(table.names)])
    inputs = {
        "question": _padded(known.ids(text.words), np.int32, 0),
        "numbers": _padded(text.numbers, float, 0),
        "number_positions": _padded(text.number_positions, np.int32, -1),
        "column_names": _padded(names, np.int32, 0),
        "num_rows": np.array([table.num_rows], np.int32),
    }
    shape = (1, table.num_rows, inputs["column_names"].shape[1])
    inputs["table"] = np.zeros(shape)
    inputs["table"][0, :, : len(names)] = table.numeric_cells()
    if model.text_symbols:
        inputs["text"] = np.zeros(shape, np.int32)
        for index, column in enumerate(table.columns):
            if table.is_text[index]:
                ids = known.ids(map(entry_symbols.get, column))
                inputs["text"][0, :, index] = ids
    return inputs


def _padded(values, dtype, padding):
    """`[1, at least 2]`: Keras warns of a softmax over one thing."""
    short = max(2 - len(values), 0)
    return np.array([[*values, *[padding] * short]], dtype)


def _answer(question, numbers, pieces, table, outputs):
    """The model's outputs, in the user's names."""
    program = programs.from_ids(outputs["operations"], outputs["columns"])
    masks = outputs["row_select"] > 0.5
    matched = program_checks.matched_entries(program, table, masks)
    pivots = tuple(float(pivot) for pivot in outputs["pivots"])
    reading = {
        "column_names": table.names,
        "numbers": pivots if numbers else None,
        "texts": {column: _entries(found) for column, found in matched.items()},
    }
    text = programs.to_text(program, **reading)
    pivot_probs = outputs["pivot_probs"][:, : len(numbers)]
    choices = pivot_probs.argmax(axis=1) if numbers else ()
    program_checks.check(program, text, table, numbers, choices)
    if not np.isfinite(outputs["scalar_answer"]):
        raise ValueError(
            f"answer: must be finite, got {outputs['scalar_answer']} from "
            f"{text!r}; the numbers are too large to add up"
        )
    kind = programs.answer_kind(program)
    steps = _steps(program, table, masks, outputs, reading)
    return explain.Answer(
        question=question,
        kind=kind,
        answer=float(outputs["scalar_answer"])
        if kind == "scalar"
        else _cells(table, outputs["lookup_answer"] > 0.5),
        program=text,
        full_program=programs.to_text(program, full=True, **reading),
        pivots=dict(
            zip(programs.COMPARISONS, pivots if numbers else (None, None))
        ),
        pivot_probs=pivot_probs,
        numbers=numbers,
        steps=steps,
        notes=program_checks.notes(program, table, pieces, matched)
        + explain.doubts(steps, pivot_probs),
        pieces=tuple(pieces),
        table=table,
    )


def _entries(found):
    """Entries in words; `nothing` if there are none."""
    more = [f"{len(found) - _MOST_ENTRIES} more"]
    shown = found[:_MOST_ENTRIES] + more * (len(found) > _MOST_ENTRIES)
    return " or ".join(shown) or "(nothing)"


def _cells(table, mask):
    return tuple(
        explain.Cell(
            table.labels[row], table.names[column], _plain(table, row, column)
        )
        for row, column in np.argwhere(mask)
    )


def _plain(table, row, column):
    value = table.columns[column][row]
    return value if isinstance(value, str) else float(value)


def _steps(program, table, masks, outputs, reading):
    relevant = programs.relevant_steps(program)
    return tuple(
        explain.Step(
            call=call,
            text=programs.call_text(call, *reading.values()),
            is_relevant=index in relevant,
            mask=masks[index],
            rows=tuple(table.labels[row] for row in np.flatnonzero(mask)),
            scalar=float(outputs["scalar_answers"][index]),
            operation_probs=outputs["operation_probs"][index],
            column_probs=outputs["column_probs"][index],
        )
        for index, (call, mask) in enumerate(zip(program, masks))
    )

"""One self-contained HTML page that shows how an answer came about."""

from __future__ import annotations

import html
import json
import pathlib
import re
from typing import Any

import numpy as np

from np_tf import explain
from np_tf import programs

TEMPLATE = pathlib.Path(__file__).with_name("page.html")
PROB_UNITS = 10_000  # Probabilities are stored as whole hundredths of 1 %.
_TITLE_CHARS = 80
_MOST_CELLS = 5  # Of a lookup, named above the table that shows all.


def answer_record(answer: explain.Answer) -> dict[str, Any]:
    """All that the page shows, as one JSON-able dict."""
    table = answer.table
    operation_probs = [step.operation_probs for step in answer.steps]
    return {
        "pieces": [[piece.kind, piece.text] for piece in answer.pieces],
        "kind": answer.kind,
        "answer": answer.answer_text(),
        "cells": _cells(answer),
        "program": answer.program,
        "notes": list(answer.notes),
        "names": list(table.names),
        "isText": list(table.is_text),
        "labels": [str(label) for label in table.labels],
        "columns": [column.tolist() for column in table.columns],
        "operations": list(programs.OPERATIONS[: len(operation_probs[0])]),
        "steps": [_step(answer, index) for index in range(len(answer.steps))],
        "start": f"All {_rows(table.num_rows)} are selected.",
        "operationProbs": [_quantize(probs) for probs in operation_probs],
        "columnProbs": [_quantize(step.column_probs) for step in answer.steps],
        "numbers": [programs.number_text(n) for n in answer.numbers],
        "pivotNames": list(programs.COMPARISONS),
        "pivots": [
            None if pivot is None else programs.number_text(pivot)
            for pivot in answer.pivots.values()
        ],
        "pivotProbs": [_quantize(probs) for probs in answer.pivot_probs],
    }


def render_html(answer: explain.Answer) -> str:
    """The page of an answer; it needs no other file and no network."""
    heading = answer.question
    if len(heading) > _TITLE_CHARS:
        heading = heading[: _TITLE_CHARS - 1] + "…"
    parts = {
        "title": html.escape(heading),
        "answer": _script_json(answer_record(answer)),
    }
    template = TEMPLATE.read_text(encoding="utf-8")
    # One pass, so that nothing of the user's is taken for a placeholder.
    return re.sub(
        r"\{\{(title|answer)\}\}", lambda match: parts[match[1]], template
    )


def write_html(path: str | pathlib.Path, answer: explain.Answer) -> None:
    """Writes the page of an answer into a file.

    Raises:
        OSError: If the file cannot be written.
    """
    pathlib.Path(path).write_text(render_html(answer), encoding="utf-8")


def _script_json(value):
    """JSON that is safe inside a script element: no tag can begin in it."""
    text = json.dumps(value, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _quantize(probs):
    return np.rint(np.asarray(probs, float) * PROB_UNITS).astype(int).tolist()


def _cells(answer):
    """Value and row label of the first cells of a lookup."""
    if answer.kind == "scalar":
        return []
    return [
        [str(cell.row), explain.value_text(cell.value)]
        for cell in answer.answer[:_MOST_CELLS]
    ]


def _step(answer, index):
    step = answer.steps[index]
    before = answer.steps[index - 1].mask if index else np.ones_like(step.mask)
    reads = step.call.operation in ("sum", "count", "assign")
    return {
        "operation": step.call.operation,
        "column": step.call.column,
        "text": step.text,
        "relevant": step.is_relevant,
        "gives": answer.outcome_text(index + 1),
        "says": _sentence(answer, index, int(before.sum())),
        "rows": _bits(step.mask),
        "reads": _bits(before) if reads else None,
    }


def _bits(mask):
    return "".join(np.where(mask, "1", "0"))


def _rows(number):
    return f"{number:,} row" + "s" * (number != 1)


def _sentence(answer, index, num_before):
    """What the step does, in words."""
    step = answer.steps[index]
    operation, column = step.call.operation, step.call.column
    name = None if column is None else answer.table.names[column]
    selected = f"{_rows(len(step.rows))} of {len(step.mask):,}"
    scalar = explain.value_text(step.scalar)
    left = _rows(num_before)
    if operation == "reset":
        return f"Selects all {_rows(len(step.mask))}."
    if operation in programs.COMPARISONS:
        pivot = answer.pivots[operation]
        than = "" if pivot is None else f" {programs.number_text(pivot)}"
        return f"Selects where {name} is {operation} than{than}: {selected}."
    if operation == "text_match":
        entries = step.text.removeprefix(f"text_match {name} ")
        return f"Selects where {name} is {entries}: {selected}."
    if operation in ("and", "or"):
        which = "both" if operation == "and" else "either"
        return f"Selects what {which} of the two steps before did: {selected}."
    if operation == "sum":
        return f"Adds up {name} in the {left} selected before: {scalar}."
    if operation == "count":
        return f"Counts what was selected before: {scalar}."
    if operation == "assign":
        return f"Takes {name} from the {left} selected before."
    scalars = [0.0] * 3 + [earlier.scalar for earlier in answer.steps]
    first, last = map(explain.value_text, (scalars[index], scalars[index + 2]))
    return (
        "Takes the scalar of the step before from that of three steps "
        f"before: {first} - {last} = {scalar}."
    )

"""The scratch pad of the addition task: four rows, four pointers."""

from __future__ import annotations

import numpy as np

from npi_tf import observation_spec
from npi_tf import specs

ROWS = ("INP1", "INP2", "CARRY", "OUT")
NUM_ROWS = len(ROWS)
BASE = 10
BLANK = BASE  # An unwritten cell; its one-hot code is the zero vector.

# The argument 3-tuple: (row, value, action). Index 0 is the default.
ROW_VALUES = ("-",) + ROWS
DIGIT_VALUES = ("-",) + tuple(str(digit) for digit in range(BASE))
ACTION_VALUES = ("-", "LEFT", "RIGHT", "WRITE")
LEFT, RIGHT, WRITE = 1, 2, 3

ARGUMENTS = (
    specs.ArgumentSpec("row", ROW_VALUES),
    specs.ArgumentSpec("digit", DIGIT_VALUES),
    specs.ArgumentSpec("action", ACTION_VALUES),
)

OBSERVATIONS = observation_spec.ObservationSpec(
    tuple(observation_spec.Feature(row, BASE + 1, blank=BLANK) for row in ROWS)
    + tuple(observation_spec.Feature(f"{row}_END", 2, blank=0) for row in ROWS)
)


def write(row: int, digit: int) -> specs.Arguments:
    """Arguments of ACT that write `digit` at the pointer of `row` (0..3)."""
    return (row + 1, digit + 1, WRITE)


def move(row: int, direction: int) -> specs.Arguments:
    """Arguments of ACT that move the pointer of `row` LEFT or RIGHT."""
    return (row + 1, 0, direction)


def describe_action(arguments: specs.Arguments) -> str:
    """The paper's words for an action, as in its Figure 3b.

    >>> describe_action((4, 2, 3))
    'WRITE OUT 1'
    >>> describe_action((3, 0, 1))
    'PTR CARRY LEFT'
    """
    row, digit, action = (
        spec.values[index] for spec, index in zip(ARGUMENTS, arguments)
    )
    if arguments[2] == WRITE:
        return f"WRITE {row} {digit}"
    if arguments[2] in (LEFT, RIGHT):
        return f"PTR {row} {action}"
    return f"ACT {row} {digit} {action}"


def check_operand(name: str, value: str) -> str:
    """Returns `value` if it is a string of decimal digits.

    Raises:
        ValueError: If it is not.
    """
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return value
    raise ValueError(
        f"{name}: must be a string of one or more digits 0-9, got {value!r}"
    )


class AdditionEnvironment:
    """The pad `Q` (4 x N x 10) with its pointers `i1 .. i4`.

    Rows are INP1, INP2, CARRY, OUT; the pad has one column more than the
    longer operand. Columns count from the right: pointer 0 is the rightmost
    column, LEFT adds one. Moves stop at the edges. A cell that was never
    written is blank (the zero vector of `Q`), which a written 0 is not.

    For each row the pad shows the cell under its pointer and, as in section
    4.2 of the paper, a bit that says whether the pointer is at the end of
    its sequence: no written cell lies to its left (Deviation D1).

    Args:
        augend: First operand, digits; leading zeros are put down as typed.
        addend: Second operand.

    Raises:
        ValueError: If an operand is not a string of digits.
    """

    def __init__(self, augend: str, addend: str):
        check_operand("augend", augend)
        check_operand("addend", addend)
        self.width = max(len(augend), len(addend)) + 1
        self.pad = np.full((NUM_ROWS, self.width), BLANK, np.int8)
        self.pointers = [0] * NUM_ROWS
        # One past the leftmost written column of each row.
        self.ends = [len(augend), len(addend), 0, 0]
        for row, operand in enumerate((augend, addend)):
            digits = np.frombuffer(operand.encode(), np.uint8) - ord("0")
            self.pad[row, : len(operand)] = digits[::-1]

    def observe(self) -> np.ndarray:
        """Cells under the four pointers, then the four end bits: `[8]`."""
        cells = [self.pad[r, p] for r, p in enumerate(self.pointers)]
        bits = [p + 1 >= e for p, e in zip(self.pointers, self.ends)]
        return np.array(cells + bits, np.int8)

    def act(self, arguments: specs.Arguments) -> None:
        """Moves a pointer or writes a digit.

        Args:
            arguments: `(row, digit, action)` as made by `write` and `move`.

        Raises:
            ValueError: If the row or the action is missing, a digit is
                missing from a WRITE, or a value is out of range.
        """
        row, digit, action = arguments[0] - 1, arguments[1] - 1, arguments[2]
        known = 0 <= row < NUM_ROWS and digit < BASE and 0 < action <= WRITE
        if not known or digit < (0 if action == WRITE else -1):
            raise ValueError(
                "arguments: must name a row and LEFT, RIGHT, or WRITE with a "
                f"digit, got {tuple(arguments)!r}"
            )
        if action == WRITE:
            self.pad[row, self.pointers[row]] = digit
            self.ends[row] = max(self.ends[row], self.pointers[row] + 1)
        else:
            step = 1 if action == LEFT else -1
            position = self.pointers[row] + step
            self.pointers[row] = min(max(position, 0), self.width - 1)

    def result(self) -> str | None:
        """The number in the output row without leading zeros.

        None when the row holds no number: nothing was written, or a blank
        cell lies between its digits.
        """
        return read_number(self.pad[NUM_ROWS - 1, : self.ends[NUM_ROWS - 1]])


def read_number(cells: np.ndarray) -> str | None:
    """The number in `cells`, rightmost first; None if there is none."""
    if not len(cells) or BLANK in cells:
        return None
    return "".join(map(str, cells[::-1])).lstrip("0") or "0"


def snapshot(environment: AdditionEnvironment) -> dict:
    """The pad as text, leftmost column first, for viewers."""
    symbols = "0123456789 "
    return {
        "kind": "pad",
        "rows": list(ROWS),
        "cells": [
            "".join(symbols[cell] for cell in row[::-1])
            for row in environment.pad
        ],
        "pointers": [
            environment.width - 1 - pointer for pointer in environment.pointers
        ],
    }

"""The array of the sorting task: one row, three pointers, a swap."""

from __future__ import annotations

import numbers
from collections.abc import Sequence

import numpy as np

from npi_tf import observation_spec
from npi_tf import specs

BASE = 10
NUM_POINTERS = 3

# The argument 3-tuple: (pointer, other, action). Index 0 is the default.
ACTION_VALUES = ("-", "LEFT", "RIGHT", "SWAP")
LEFT, RIGHT, SWAP = 1, 2, 3

ARGUMENTS = (
    specs.ArgumentSpec("pointer", ("-", "1", "2", "3")),
    specs.ArgumentSpec("other", ("-", "1", "2")),
    specs.ArgumentSpec("action", ACTION_VALUES),
)

OBSERVATIONS = observation_spec.ObservationSpec(
    tuple(observation_spec.Feature(f"CELL_{p}", BASE) for p in (1, 2))
    + tuple(
        observation_spec.Feature(f"PTR{p}_{side}", 2, blank=0)
        for p in (1, 2, 3)
        for side in ("START", "END")
    )
)

SWAP_1_2: specs.Arguments = (1, 2, SWAP)


def move(pointer: int, direction: int) -> specs.Arguments:
    """Arguments of ACT that move pointer 1, 2 or 3 LEFT or RIGHT."""
    return (pointer, 0, direction)


MOVES = tuple(
    move(pointer, direction)
    for pointer in range(1, NUM_POINTERS + 1)
    for direction in (LEFT, RIGHT)
)
# The null action (Deviation D11) is one that changes nothing.
ACTIONS = (specs.NO_ARGUMENTS, *MOVES, SWAP_1_2)


def describe_action(arguments: specs.Arguments) -> str:
    """The paper's words for an action, as in its Figure 8.

    The null action has none.

    >>> describe_action((2, 0, 2))
    'PTR 2 RIGHT'
    >>> describe_action((1, 2, 3))
    'SWAP 1 2'
    """
    pointer, other, action = (
        spec.values[index] for spec, index in zip(ARGUMENTS, arguments)
    )
    if tuple(arguments) == specs.NO_ARGUMENTS:
        return ""
    if tuple(arguments) in MOVES:
        return f"PTR {pointer} {action}"
    if tuple(arguments) == SWAP_1_2:
        return f"{action} {pointer} {other}"
    return f"ACT {pointer} {other} {action}"


def check_array(array: Sequence[int] | np.ndarray) -> np.ndarray:
    """The numbers as `[N]` int8.

    Args:
        array: A list or tuple of integers, or a NumPy array `[N]` of them.

    Raises:
        ValueError: If it is none of these, or if there are no numbers, or
            one is not an integer in 0..9.
    """
    if isinstance(array, np.ndarray):
        array = array.tolist()
    if not isinstance(array, list | tuple):
        raise ValueError(
            f"array: must be a list, tuple or NumPy array, got {array!r}"
        )
    if not array:
        raise ValueError("array: must be one or more numbers 0 to 9, got none")
    for number in array:
        # True and False are integers in Python, but no digits.
        whole = isinstance(number, numbers.Integral)
        if not whole or isinstance(number, bool) or not 0 <= number < BASE:
            raise ValueError(
                f"array: must be one or more numbers 0 to 9, got {number!r}"
            )
    return np.array(array, np.int8)


def parse_values(words: tuple[str, ...]) -> tuple[int, ...]:
    """The array that words name, one number a word.

    >>> parse_values(("9", "2", "5"))
    (9, 2, 5)

    Raises:
        ValueError: If there are none, or a word is not one digit 0-9.
    """
    for word in words:
        if not (len(word) == 1 and word.isascii() and word.isdigit()):
            raise ValueError(
                f"array: must be numbers 0 to 9 with spaces between them, "
                f"got {word!r}"
            )
    return tuple(check_array(tuple(map(int, words))).tolist())


class SortingEnvironment:
    """The array `Q` (1 x N x 10) with pointers 1, 2 and 3.

    All pointers start at the leftmost cell, column 0. A move stops at the
    first and at the last cell (Deviation D14). Pointers 1 and 2 read their
    cells, which a SWAP exchanges; pointer 3 counts sweeps and reads nothing.
    For each pointer two bits say whether it is at the start and at the end.

    Args:
        *array: The numbers, each an integer in 0..9.

    Raises:
        ValueError: If there are none, or one is not an integer in 0..9.
    """

    def __init__(self, *array: int):
        self.array = check_array(array).tolist()
        self.pointers = [0] * NUM_POINTERS

    def observe(self) -> np.ndarray:
        """Cells under pointers 1 and 2, then start and end bits: `[8]`."""
        array, last = self.array, len(self.array) - 1
        i, j, k = self.pointers
        cells = [array[i], array[j]]
        bits = [i == 0, i == last, j == 0, j == last, k == 0, k == last]
        return np.array(cells + bits, np.int8)

    def act(self, arguments: specs.Arguments) -> None:
        """Moves a pointer, swaps, or does nothing.

        Args:
            arguments: `(pointer, other, action)`: `SWAP_1_2`, one of `MOVES`
                or `(0, 0, 0)`.

        Raises:
            ValueError: If `arguments` is none of these.
        """
        arguments = tuple(arguments)
        if arguments not in ACTIONS:
            raise ValueError(
                "arguments: must be a pointer and LEFT or RIGHT, SWAP 1 2 or "
                f"(0, 0, 0), got {arguments!r}"
            )
        if arguments == SWAP_1_2:
            i, j = self.pointers[:2]
            self.array[i], self.array[j] = self.array[j], self.array[i]
        elif arguments in MOVES:
            index = arguments[0] - 1
            step = 1 if arguments[2] == RIGHT else -1
            position = self.pointers[index] + step
            self.pointers[index] = min(max(position, 0), len(self.array) - 1)

    def result(self) -> tuple[int, ...]:
        """The array as it stands."""
        return tuple(self.array)


class MaximumEnvironment(SortingEnvironment):
    """The same array, read under pointer 1 at the end (section 4.3)."""

    def result(self) -> int:
        """The number under pointer 1."""
        return self.array[self.pointers[0]]


def snapshot(environment: SortingEnvironment) -> dict:
    """The array as text, for viewers; each pointer as `[row, column]`."""
    return {
        "kind": "pad",
        "rows": ["ARRAY"],
        "cells": ["".join(map(str, environment.array))],
        "pointers": [[0, pointer] for pointer in environment.pointers],
    }

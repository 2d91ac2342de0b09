"""Operations, calls and programs, and how they read.

A program is a tuple of calls, one a step. Shorter programs are padded on
the left with `reset`, which leaves the state as it starts.

Source: Neelakantan, Le and Sutskever, arXiv 1511.04834, section 2.3.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from collections.abc import Sequence

# The index is the id. A model of numeric tables has the first nine.
OPERATIONS = (
    "sum",
    "count",
    "difference",
    "greater",
    "lesser",
    "and",
    "or",
    "assign",
    "reset",
    "text_match",
)
OPERATION_IDS = {name: index for index, name in enumerate(OPERATIONS)}
NUM_NUMERIC_OPERATIONS = 9
COMPARISONS = ("greater", "lesser")  # The order of the two pivots.
COLUMN_OPERATIONS = frozenset({"sum", *COMPARISONS, "assign", "text_match"})
SCALAR_OPERATIONS = frozenset({"sum", "count", "difference"})
NUM_STEPS = 4  # T in all experiments of the paper.


@dataclasses.dataclass(frozen=True)
class Call:
    """One step of a program.

    Attributes:
        operation: One of `OPERATIONS`.
        column: Index of the column; None for an operation without one.

    Raises:
        ValueError: If the operation is unknown, or has a column and must
            not, or lacks one.
    """

    operation: str
    column: int | None = None

    def __post_init__(self):
        if self.operation not in OPERATION_IDS:
            raise ValueError(
                f"operation: must be one of {', '.join(OPERATIONS)}, "
                f"got {self.operation!r}"
            )
        if self.operation not in COLUMN_OPERATIONS:
            if self.column is not None:
                raise ValueError(
                    f"column: {self.operation} has none, got {self.column!r}"
                )
        elif self.column is None or self.column < 0:
            raise ValueError(
                f"column: {self.operation} must have an index >= 0, "
                f"got {self.column!r}"
            )


Program: typing.TypeAlias = tuple[Call, ...]


def pad(calls: Sequence[Call], num_steps: int = NUM_STEPS) -> Program:
    """The program with `reset` in front, `num_steps` calls long.

    >>> [call.operation for call in pad([Call("sum", 0)])]
    ['reset', 'reset', 'reset', 'sum']

    Raises:
        ValueError: If there are more calls than steps.
    """
    if len(calls) > num_steps:
        raise ValueError(
            f"calls: must be at most {num_steps}, got {len(calls)}"
        )
    return (Call("reset"),) * (num_steps - len(calls)) + tuple(calls)


def from_ids(operations: Sequence[int], columns: Sequence[int]) -> Program:
    """The program of the ids that a model chose.

    Args:
        operations: Index into `OPERATIONS` of every step, `[T]`.
        columns: Index of the column of every step, `[T]`; ignored where the
            operation has none.
    """
    names = [OPERATIONS[int(index)] for index in operations]
    return tuple(
        Call(name, int(column) if name in COLUMN_OPERATIONS else None)
        for name, column in zip(names, columns)
    )


def to_ids(program: Program) -> tuple[list[int], list[int]]:
    """Ids of operations and of columns; column 0 where there is none."""
    operations = [OPERATION_IDS[call.operation] for call in program]
    return operations, [call.column or 0 for call in program]


def answer_kind(program: Program) -> str | None:
    """What the last step gives: `scalar`, `lookup`, or None: no answer."""
    last = program[-1].operation if program else None
    if last in SCALAR_OPERATIONS:
        return "scalar"
    return "lookup" if last == "assign" else None


def relevant_steps(program: Program) -> list[int]:
    """Steps that can influence the answer, without resets that only pad.

    Followed back from the last step: sum, count and assign read the rows of
    the step before; and, or those of the two before; difference the scalars
    one and three steps before. All steps, if the last one gives no answer.

    >>> relevant_steps(pad([Call("count")]))
    [3]

    Args:
        program: T calls.

    Returns:
        Indices into the program, ascending.
    """
    if answer_kind(program) is None:
        return list(range(len(program)))
    seen = set()
    stack = [(len(program) - 1, program[-1].operation != "assign")]
    while stack:
        step, is_scalar = stack.pop()
        if step < 0 or (step, is_scalar) in seen:
            continue
        seen.add((step, is_scalar))
        stack.extend(_reads(program[step].operation, step, is_scalar))
    steps = sorted({step for step, _ in seen})
    # In front, a reset gives what the state starts with.
    while program[steps[0]].operation == "reset":
        steps = steps[1:]
    return steps


def _reads(operation, step, is_scalar):
    """`(step, is it the scalar)` of all that a step's result depends on."""
    if operation == "difference" and is_scalar:
        return [(step - 1, True), (step - 3, True)]
    if operation in ("sum", "count") and is_scalar:
        return [(step - 1, False)]
    if operation == "assign":
        return [(step - 1, False)]
    if operation in ("and", "or") and not is_scalar:
        return [(step - 1, False), (step - 2, False)]
    return []


def to_text(
    program: Program,
    column_names: Sequence[str],
    numbers: Sequence[float] | None = None,
    texts: Mapping[int, str] | None = None,
    full: bool = False,
) -> str:
    """The program as a person reads it.

    >>> program = Call("greater", 0), Call("lesser", 1), Call("and")
    >>> program += (Call("sum", 2),)
    >>> to_text(program, ["price", "weight", "cost"], [50.32, 20.21])
    'greater price 50.32; lesser weight 20.21; and; sum cost'

    Args:
        program: The calls.
        column_names: One name a column of the table.
        numbers: The pivots of greater and of lesser; None leaves them out.
        texts: Column -> the entry that `text_match` looks for in it.
        full: Also show the steps that `relevant_steps` leaves out.

    Raises:
        ValueError: If a call has a column that has no name.
    """
    steps = range(len(program)) if full else relevant_steps(program)
    return "; ".join(
        call_text(program[step], column_names, numbers, texts) for step in steps
    )


def call_text(
    call: Call,
    column_names: Sequence[str],
    numbers: Sequence[float] | None = None,
    texts: Mapping[int, str] | None = None,
) -> str:
    """One call as a person reads it; see `to_text`."""
    words = [call.operation]
    if call.column is not None:
        if call.column >= len(column_names):
            raise ValueError(
                f"column_names: must name column {call.column}, got "
                f"{len(column_names)} names"
            )
        words.append(str(column_names[call.column]))
    if call.operation in COMPARISONS and numbers is not None:
        words.append(number_text(numbers[COMPARISONS.index(call.operation)]))
    if call.operation == "text_match" and call.column in (texts or {}):
        words.append(texts[call.column])
    return " ".join(words)


def number_text(number: float) -> str:
    """The shortest text that reads as the number; no `.0`.

    >>> number_text(50.32), number_text(-3.0)
    ('50.32', '-3')
    """
    return str(number).removesuffix(".0")

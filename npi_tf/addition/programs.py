"""The textbook programs of addition (Table 2 of the paper)."""

from __future__ import annotations

import numpy as np

from npi_tf import specs
from npi_tf.addition import environment

INP1, INP2, CARRY, OUT = range(environment.NUM_ROWS)
_END_BITS = environment.NUM_ROWS  # Where the end bits begin.


def column_total(observation: np.ndarray) -> int:
    """`in1 + in2 + carry` under the pointers; a blank cell counts 0."""
    cells = observation[: CARRY + 1]
    return int(np.where(cells == environment.BLANK, 0, cells).sum())


def _add(state, observation, arguments) -> specs.Step:
    """ADD1, LSHIFT, ADD1, LSHIFT, ... until nothing is left to add.

    After the last column's ADD1 no operand digit and no carry lies further
    left: the end bits of INP1, INP2 and CARRY are all set.
    """
    if state == 0:
        return specs.Step("ADD1", next_state=1)
    end = bool(observation[_END_BITS : _END_BITS + OUT].all())
    return specs.Step("LSHIFT", end=end)


def _add1(state, observation, arguments) -> specs.Step:
    total = column_total(observation)
    if state == 0:
        digit = environment.write(OUT, total % environment.BASE)
        end = total < environment.BASE
        return specs.Step(specs.ACT, digit, end, next_state=1)
    return specs.Step("CARRY", end=True)


def _shift(direction: int) -> specs.Decide:
    rows = range(environment.NUM_ROWS)
    moves = (environment.move(row, direction) for row in rows)
    return specs.act_in_turn(*moves)


PROGRAMS = (
    specs.Program(
        "ADD",
        "multi-digit addition",
        calls=("ADD1", "LSHIFT"),
        num_states=2,
        decide=_add,
    ),
    specs.Program(
        "ADD1",
        "single-digit addition",
        calls=(specs.ACT, "CARRY"),
        num_states=2,
        decide=_add1,
    ),
    specs.Program(
        "CARRY",
        "mark a 1 in the carry row one unit left",
        calls=(specs.ACT,),
        num_states=3,
        decide=specs.act_in_turn(
            environment.move(CARRY, environment.LEFT),
            environment.write(CARRY, 1),
            environment.move(CARRY, environment.RIGHT),
        ),
    ),
    specs.Program(
        "LSHIFT",
        "shift all pointers one step left",
        calls=(specs.ACT,),
        num_states=environment.NUM_ROWS,
        decide=_shift(environment.LEFT),
    ),
    specs.Program(
        "RSHIFT",
        "shift all pointers one step right",
        calls=(specs.ACT,),
        num_states=environment.NUM_ROWS,
        decide=_shift(environment.RIGHT),
    ),
    specs.Program(specs.ACT, "move a pointer or write to the pad"),
)

"""The textbook programs of sorting and of the maximum (Table 2)."""

from __future__ import annotations

from npi_tf import specs
from npi_tf.sorting import environment

# Where the features of an observation are.
_CELL_1, _CELL_2, _START_1, _END_1, _START_2, _END_2, _START_3, _END_3 = range(
    len(environment.OBSERVATIONS.features)
)


def _bubblesort(state, observation, arguments) -> specs.Step:
    """BUBBLE, RESET, ...; the sweep with pointer 3 at the end is the last."""
    if state == 0:
        return specs.Step("BUBBLE", next_state=1)
    return specs.Step("RESET", end=bool(observation[_END_3]), next_state=0)


def _bubble(state, observation, arguments) -> specs.Step:
    """PTR 2 RIGHT, BSTEP, ... until pointer 2 was at the end before one."""
    if state == 0:
        right = environment.move(2, environment.RIGHT)
        return specs.Step(specs.ACT, right, next_state=1)
    return specs.Step("BSTEP", end=bool(observation[_END_2]), next_state=1)


def _reset(state, observation, arguments) -> specs.Step:
    """LSHIFT until pointer 1 is at the start, then PTR 3 RIGHT."""
    if not observation[_START_1]:
        return specs.Step("LSHIFT")
    right = environment.move(3, environment.RIGHT)
    return specs.Step(specs.ACT, right, end=True)


def _compswap(state, observation, arguments) -> specs.Step:
    """SWAP 1 2 or, where that is not called for, the null action (D11)."""
    swap = observation[_CELL_1] > observation[_CELL_2]
    action = environment.SWAP_1_2 if swap else specs.NO_ARGUMENTS
    return specs.Step(specs.ACT, action, end=True)


def _rjmp(state, observation, arguments) -> specs.Step:
    """RSHIFT, and once more where pointer 2 is at the end already."""
    return specs.Step("RSHIFT", end=bool(observation[_END_2]))


PROGRAMS = (
    specs.Program(
        "BUBBLESORT",
        "bubble sort, ascending",
        calls=("BUBBLE", "RESET"),
        num_states=2,
        decide=_bubblesort,
    ),
    specs.Program(
        "BUBBLE",
        "one sweep of pointers left to right",
        calls=(specs.ACT, "BSTEP"),
        num_states=2,
        decide=_bubble,
    ),
    specs.Program(
        "RESET",
        "move both pointers all the way left",
        calls=("LSHIFT", specs.ACT),
        decide=_reset,
    ),
    specs.Program(
        "BSTEP",
        "conditionally swap and advance pointers",
        calls=("COMPSWAP", "RSHIFT"),
        num_states=2,
        decide=specs.call_in_turn("COMPSWAP", "RSHIFT"),
    ),
    specs.Program(
        "COMPSWAP",
        "conditionally swap two elements",
        calls=(specs.ACT,),
        decide=_compswap,
    ),
    specs.Program(
        "LSHIFT",
        "shift pointers 1 and 2 one step left",
        calls=(specs.ACT,),
        num_states=2,
        decide=specs.act_in_turn(
            environment.move(1, environment.LEFT),
            environment.move(2, environment.LEFT),
        ),
    ),
    specs.Program(
        "RSHIFT",
        "shift pointers 1 and 2 one step right",
        calls=(specs.ACT,),
        num_states=2,
        decide=specs.act_in_turn(
            environment.move(1, environment.RIGHT),
            environment.move(2, environment.RIGHT),
        ),
    ),
    specs.Program(specs.ACT, "swap two values at pointers or move a pointer"),
)

MAXIMUM_PROGRAMS = (
    specs.Program(
        "MAX",
        "find the maximum of an array",
        calls=("BUBBLESORT", "RJMP"),
        num_states=2,
        decide=specs.call_in_turn("BUBBLESORT", "RJMP"),
    ),
    specs.Program(
        "RJMP",
        "move all pointers to the rightmost position",
        calls=("RSHIFT",),
        decide=_rjmp,
    ),
    *PROGRAMS,
)

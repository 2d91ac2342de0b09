"""Random programs and tables, for properties."""

import dataclasses

import numpy as np
from hypothesis import strategies as st

from np_tf import programs as programs_lib
from np_tf import reference


@dataclasses.dataclass
class Case:
    """A program and all that its execution takes."""

    program: tuple
    table: np.ndarray
    pivots: tuple
    text_matches: np.ndarray
    is_text: np.ndarray

    @property
    def arguments(self):
        return self.table, self.pivots, self.text_matches, self.is_text

    def execute(self):
        return reference.execute(self.program, *self.arguments)


def calls(num_columns=3):
    """Any call on a table."""
    return st.builds(
        lambda name, column: programs_lib.Call(
            name, column if name in programs_lib.COLUMN_OPERATIONS else None
        ),
        st.sampled_from(programs_lib.OPERATIONS),
        st.integers(0, num_columns - 1),
    )


def programs(num_columns=3, most=6):
    """Any calls, not only those that make sense."""
    return st.lists(calls(num_columns), min_size=1, max_size=most).map(tuple)


# Small whole numbers: sums are exact, and cells often equal a pivot.
numbers = st.integers(-4, 4).map(float)


@st.composite
def cases(draw):
    """Any program on any small table."""
    shape = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    size = shape[0] * shape[1]
    cells = draw(st.lists(numbers, min_size=size, max_size=size))
    matches = draw(st.lists(st.booleans(), min_size=size, max_size=size))
    is_text = draw(
        st.lists(st.booleans(), min_size=shape[1], max_size=shape[1])
    )
    return Case(
        draw(programs(shape[1])),
        np.reshape(cells, shape),
        (draw(numbers), draw(numbers)),
        np.reshape(matches, shape),
        np.array(is_text),
    )

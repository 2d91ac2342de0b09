"""What examples determine, against a search through all orders."""

import itertools

import hypothesis
import pytest
from hypothesis import strategies as st

from npi_tf import sorting
from npi_tf import teacher
from reproduce import npi_sorting_determined


@pytest.mark.parametrize("array", [(9, 2, 5), (3, 3), (4, 1, 3, 1, 0)])
def test_compared_pairs_are_those_of_the_traces(array):
    batch = teacher.teach(sorting.SORTING, [array])
    row = sorting.SORTING.program_names.index("COMPSWAP")
    frames = batch.by_program()[row]
    seen = {tuple(map(int, frame[0][:2])) for frame in frames.observations}
    assert npi_sorting_determined.compared(array) == seen


NUMBERS = st.integers(0, 3)  # All orders of four numbers are few.


@hypothesis.given(
    st.permutations(range(4)), st.sets(st.tuples(NUMBERS, NUMBERS))
)
def test_determined_is_what_all_orders_agree_on(order, asked):
    """An order ranks numbers, with ties: 75 of four numbers."""
    swapped = {(a, b): order[a] > order[b] for a, b in asked}
    # The module knows pairs by the numbers' true order: rename them to it.
    facts = {(order[a], order[b]) for a, b in asked}
    agreeing = [
        ranks
        for ranks in itertools.product(range(4), repeat=4)
        if all((ranks[a] > ranks[b]) == s for (a, b), s in swapped.items())
    ]
    known = npi_sorting_determined.determined(facts)
    for a, b in itertools.product(range(4), repeat=2):
        answers = {ranks[a] > ranks[b] for ranks in agreeing}
        assert ((order[a], order[b]) in known) == (len(answers) == 1)


def test_an_array_is_determined_if_all_its_pairs_are():
    examples = [(3, 2, 1)]  # Swaps each pair once.
    tests = [(1, 2, 3), (3, 1, 2), (2, 2), (0, 1), (4, 3)]
    assert npi_sorting_determined.fraction(examples, tests) == 3 / 5
    assert npi_sorting_determined.fraction([(1, 2)], [(2, 1), (1, 2)]) == 0.5

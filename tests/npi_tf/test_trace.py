"""Call trees: their order, and their text."""

import numpy as np

from npi_tf import addition
from npi_tf import trace

NOTHING_SEEN = np.zeros(8, np.int8)


def call(program, *children, arguments=(0, 0, 0)):
    """A call tree without observations."""
    steps = [
        trace.CallStep(NOTHING_SEEN, child is children[-1], child)
        for child in children
    ]
    return trace.Call(program, arguments, steps)


def test_calls_are_walked_in_the_order_in_which_they_were_made():
    tree = call("A", call("B", call("C"), call("D")), call("E", call("F")))
    assert [(depth, node.program) for depth, node in tree.walk()] == [
        (0, "A"),
        (1, "B"),
        (2, "C"),
        (2, "D"),
        (1, "E"),
        (2, "F"),
    ]


def test_a_walk_is_not_bound_by_pythons_recursion_limit():
    tree = call("A")
    for _ in range(5000):
        tree = call("A", tree)
    assert max(depth for depth, _ in tree.walk()) == 5000


def test_text_has_a_line_a_call():
    tree = call(
        "ADD",
        call("ADD1", call("ACT", arguments=(4, 2, 3))),
        call("LSHIFT", call("ACT", arguments=(1, 0, 1))),
    )
    assert trace.format_trace(addition.ADDITION, tree, indent="\t") == (
        "ADD\n\tADD1\n\t\tWRITE OUT 1\n\tLSHIFT\n\t\tPTR INP1 LEFT"
    )


def test_arguments_that_are_not_the_default_are_printed():
    domain = addition.ADDITION
    given = call("CARRY", arguments=(3, 0, 1))
    assert trace.describe(domain, given) == "CARRY CARRY LEFT"
    assert trace.describe(domain, call("CARRY")) == "CARRY"


def test_a_step_of_act_has_no_child():
    step = trace.CallStep(NOTHING_SEEN, end=True)
    tree = trace.Call("ACT", (1, 0, 1), [step])
    assert [node.program for _, node in tree.walk()] == ["ACT"]
    assert step.child is None and step.probs is None


def test_arguments_without_words_are_printed_as_numbers():
    call = trace.Call("ACT", (7, 0, 2))
    assert trace.describe(addition.ADDITION, call) == "ACT 7 0 2"

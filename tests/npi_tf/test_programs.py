"""The textbook programs as automata, walked over what they can see."""

import itertools

import numpy as np
import pytest

from npi_tf import domains
from npi_tf import specs
from npi_tf.addition import environment as environment_lib
from npi_tf.addition import programs

BLANK = environment_lib.BLANK

# Those whose programs read pictures are walked over poses instead.
DISCRETE = [
    domain
    for domain in domains.DOMAINS.values()
    if not domain.observations.image_shape
]


@pytest.mark.parametrize(
    "domain", domains.DOMAINS.values(), ids=lambda d: d.name
)
def test_names_are_distinct_and_act_alone_calls_nothing(domain):
    names = domain.program_names
    assert len(set(names)) == len(names)
    for program in domain.programs:
        assert set(program.calls) <= set(names)
        assert (program.decide is None) == (program.name == specs.ACT)
        assert bool(program.calls) == (program.name != specs.ACT)
        assert program.description


@pytest.mark.parametrize("domain", DISCRETE, ids=lambda d: d.name)
def test_every_step_of_every_automaton_is_declared(domain):
    sizes = [len(spec.values) for spec in domain.arguments]
    programs_ = [p for p in domain.programs if p.decide is not None]
    states = [(p, state) for p in programs_ for state in range(p.num_states)]
    steps = {
        (program, step, type(step.end))
        for observation in domain.observations.enumerate()
        for program, state in states
        for step in [program.decide(state, observation, specs.NO_ARGUMENTS)]
    }
    reached = {program.name: {0} for program in programs_}
    for program, step, end_type in steps:
        assert step.call in program.calls, program.name
        assert all(0 <= a < n for a, n in zip(step.arguments, sizes))
        assert step.call == specs.ACT or not any(step.arguments)
        assert end_type is bool
        if not step.end:
            assert 0 <= step.next_state < program.num_states
            reached[program.name].add(step.next_state)
    # No state is idle: what is declared is what is used.
    for program in programs_:
        assert reached[program.name] == set(range(program.num_states))


def test_every_action_of_a_program_is_an_action():
    domain = domains.get("addition")
    pad = domain.make_environment("1", "1")
    seen = set()
    for observation in itertools.islice(
        domain.observations.enumerate(), 0, None, 7
    ):
        for program in domain.programs[:-1]:
            for state in range(program.num_states):
                step = program.decide(state, observation, specs.NO_ARGUMENTS)
                if step.call == specs.ACT:
                    seen.add(step.arguments)
    for arguments in seen:
        pad.act(arguments)
    # 10 digits to OUT, 1 to CARRY, four pointers each way.
    assert len(seen) == 10 + 1 + 8


@pytest.mark.parametrize(
    "cells, total",
    [
        ((9, 9, 1, 0), 19),
        ((BLANK, 9, 1, 5), 10),
        ((4, BLANK, BLANK, BLANK), 4),
        ((BLANK, BLANK, BLANK, 7), 0),
        ((0, 0, 0, 0), 0),
    ],
)
def test_blanks_count_zero_in_a_column(cells, total):
    observation = np.array(cells + (0, 0, 0, 0), np.int8)
    assert programs.column_total(observation) == total


@pytest.mark.parametrize(
    "bits, end",
    [
        ((1, 1, 1, 0), True),
        ((1, 1, 1, 1), True),
        ((0, 1, 1, 1), False),
        ((1, 0, 1, 1), False),
        ((1, 1, 0, 1), False),
    ],
)
def test_add_ends_when_nothing_is_left_to_add(bits, end):
    add = domains.get("addition").program("ADD")
    observation = np.array((1, 2, BLANK, 3) + bits, np.int8)
    step = add.decide(1, observation, specs.NO_ARGUMENTS)
    assert step == specs.Step("LSHIFT", end=end)


def test_an_unknown_program_raises():
    with pytest.raises(ValueError, match="program: must be one of ADD, ADD1"):
        domains.get("addition").program("MUL")


def test_domains_are_found_by_name_or_passed_through():
    domain = domains.get("addition")
    assert domains.get(domain) is domain
    assert domain.root.name == "ADD"
    with pytest.raises(ValueError, match="domain: must be one of addition"):
        domains.get("subtraction")

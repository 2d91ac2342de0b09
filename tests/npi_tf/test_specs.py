"""What a domain refuses to be made of, and to be given."""

import dataclasses

import pytest

from npi_tf import addition
from npi_tf import specs

ADDITION = addition.ADDITION
NO_VALUES = specs.ArgumentSpec("row", ())


def ends_at_once(state, observation, arguments):
    """A program of one step."""
    return specs.Step(specs.ACT, end=True)


def changed_act(**changes):
    """The programs of addition with another ACT."""
    act = dataclasses.replace(ADDITION.program(specs.ACT), **changes)
    return (*ADDITION.programs[:-1], act)


@pytest.mark.parametrize(
    "programs, match",
    [
        (ADDITION.programs + ADDITION.programs[:1], "programs: .* distinct"),
        (ADDITION.programs[:-1], "programs: must .* contain ACT"),
        ((), "programs: must .* contain ACT"),
        (
            (specs.Program("NEW", "no decide"), *ADDITION.programs),
            "must have decide, ACT alone none, got None for 'NEW'",
        ),
        (changed_act(decide=ends_at_once), "ACT alone none, got .* for 'ACT'"),
        (
            (
                specs.Program("NEW", "", ("SUB", "ADD"), 1, ends_at_once),
                *ADDITION.programs,
            ),
            r"'NEW' must call programs of the domain, got calls \['SUB'\]",
        ),
    ],
)
def test_bad_programs_raise(programs, match):
    with pytest.raises(ValueError, match=match):
        dataclasses.replace(ADDITION, programs=programs)


@pytest.mark.parametrize(
    "arguments, match",
    [
        (ADDITION.arguments[:2], "arguments: must be 3 ArgumentSpecs, got 2"),
        (ADDITION.arguments * 2, "arguments: must be 3 ArgumentSpecs, got 6"),
        (
            (NO_VALUES, *ADDITION.arguments[1:]),
            "arguments: each must have at least one value, got 'row' without",
        ),
    ],
)
def test_bad_arguments_raise(arguments, match):
    with pytest.raises(ValueError, match=match):
        dataclasses.replace(ADDITION, arguments=arguments)


def test_what_only_some_domains_have_may_be_left_out():
    domain = specs.Domain(
        ADDITION.name,
        ADDITION.description,
        ADDITION.programs,
        ADDITION.arguments,
        ADDITION.observations,
        ADDITION.make_environment,
        ADDITION.describe_action,
    )
    optional = ("snapshot", "tensor_environment", "serving", "make_encoder")
    assert [getattr(domain, name) for name in optional] == [None] * 4


@pytest.mark.parametrize(
    "problem", ["12", ("1",), ("1", "2", "3"), 5, ["1", "2"], None, ()]
)
def test_a_problem_must_be_a_tuple_of_the_domains_values(problem):
    with pytest.raises(ValueError) as error:
        ADDITION.check_problem(problem)
    assert str(error.value) == (
        f"problem: must be a tuple (augend, addend), got {problem!r}"
    )


def test_a_problem_that_fits_passes():
    ADDITION.check_problem(("1", "2"))

    def make(start, goal=None):
        return ADDITION.make_environment(start, goal or "0")

    domain = dataclasses.replace(ADDITION, make_environment=make)
    domain.check_problem(("1",))
    domain.check_problem(("1", "2"))
    with pytest.raises(ValueError, match=r"must be a tuple \(start, goal\)"):
        domain.check_problem(())


def test_nothing_is_no_tuple_without_values():
    domain = dataclasses.replace(ADDITION, make_environment=lambda: None)
    domain.check_problem(())
    with pytest.raises(ValueError, match=r"must be a tuple \(\), got None"):
        domain.check_problem(None)

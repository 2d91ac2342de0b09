"""What a domain refuses to be made of, and to be given."""

import dataclasses

import numpy as np
import pytest

from npi_tf import addition
from npi_tf import observation_spec
from npi_tf import specs
from tests.npi_tf import counter_world
from tests.npi_tf import dot_world

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


@pytest.mark.parametrize(
    "values, match",
    [
        ({"num_values": 0}, "num_values: must .* 1, got 0 for feature 'N'"),
        ({"num_values": -3}, "num_values: must .* 1, got -3 for feature 'N'"),
        ({"num_values": 2.0}, "num_values: must be an integer .* got 2.0 "),
        ({"num_values": 2, "blank": 2}, "blank: must be None or 0 to 1, got 2"),
        ({"num_values": 2, "blank": -1}, "blank: must .* got -1 for feature"),
        ({"num_values": 9, "blank": 1.5}, "blank: must .* 0 to 8, got 1.5 for"),
    ],
)
def test_a_bad_feature_raises(values, match):
    with pytest.raises(ValueError, match=match):
        observation_spec.Feature("N", **values)


def test_features_have_names_of_their_own():
    bit = observation_spec.Feature("BIT", np.int64(2), blank=0)
    with pytest.raises(
        ValueError, match=r"features: must have distinct .* \['BIT', 'BIT'\]"
    ):
        observation_spec.ObservationSpec((bit, bit))
    assert observation_spec.ObservationSpec(
        [bit]
    ) == observation_spec.ObservationSpec((bit,))
    assert (
        observation_spec.ObservationSpec(
            (observation_spec.Feature("ONLY", 1),)
        ).size
        == 1
    )
    assert (
        observation_spec.ObservationSpec((), image_shape=(2, 2, 1)).width == 4
    )


@pytest.mark.parametrize(
    "seen, match",
    [
        ([2], r"observation: last must be 0 to 1 in domain 'counter', got 2$"),
        ([-1], "observation: last must be 0 to 1 .* got -1$"),
        ([0, 1], r"must be 1 integers in domain 'counter', got int64 \(2,\)"),
        ([], r"must be 1 integers in domain 'counter', got float64 \(0,\)"),
        (0, r"must be 1 integers .* got int64 \(\)"),
        ([[0]], r"must be 1 integers .* got int64 \(1, 1\)"),
        ([1.0], r"must be 1 integers .* got float64 \(1,\)"),
        ([None], r"must be 1 integers .* got object \(1,\)"),
        (["1"], r"must be 1 integers .* got <U1 \(1,\)"),
    ],
)
def test_a_bad_observation_raises(seen, match):
    with pytest.raises(ValueError, match=match):
        counter_world.COUNTER.check_observation(np.array(seen))


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint8, np.int64])
def test_any_integers_are_an_observation(dtype):
    counter_world.COUNTER.check_observation(np.array([1], dtype))


def test_of_a_picture_the_features_and_the_size_are_checked():
    domain = dot_world.DOTS
    seen = dot_world.Dot(3).observe()  # Pixels of 255, a feature of 0 to 7.
    domain.check_observation(seen)
    with pytest.raises(ValueError, match=r"must be 193 integers .* uint8"):
        domain.check_observation(seen[:-1])
    seen[0] = 8
    with pytest.raises(ValueError, match=r"TARGET must be 0 to 7 .* got 8$"):
        domain.check_observation(seen)
    alone = dataclasses.replace(domain.observations, features=())
    domain = dataclasses.replace(domain, observations=alone)
    domain.check_observation(seen[1:])


def test_the_first_feature_that_is_wrong_is_named():
    seen = ADDITION.make_environment("1", "2").observe()
    ADDITION.check_observation(seen)
    seen[2:4] = 11
    with pytest.raises(ValueError, match=r"CARRY must be 0 to 10 .* got 11$"):
        ADDITION.check_observation(seen)


@pytest.mark.parametrize(
    "name", ["", "my domain", "my-domain", "a/b", "1st", "é", None]
)
def test_names_of_domains_are_names_anywhere(name):
    with pytest.raises(ValueError, match="name: must be letters, digits"):
        dataclasses.replace(counter_world.COUNTER, name=name)

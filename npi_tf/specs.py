"""Types that describe a domain: what can be seen, passed, called and done."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import re
from collections.abc import Callable
from typing import Any
from typing import NamedTuple
from typing import Protocol

import numpy as np

from npi_tf import observation_spec

NUM_ARGUMENTS = 3
ACT = "ACT"

Arguments = tuple[int, int, int]
NO_ARGUMENTS: Arguments = (0, 0, 0)


@dataclasses.dataclass(frozen=True)
class ArgumentSpec:
    """One slot of the argument 3-tuple `a_t`.

    Attributes:
        name: What the slot means.
        values: The words for 0, 1, ...; `values[0]` is the default that
            every program but ACT receives.
    """

    name: str
    values: tuple[str, ...]


class Step(NamedTuple):
    """What a program does on one step: one call, and whether it ends there.

    Attributes:
        call: Name of the program that is called.
        arguments: Its arguments, indices into the domain's `ArgumentSpec`s.
        end: True when the caller returns after this call (`r_t >= alpha`).
        next_state: State of the program's automaton after the call.
    """

    call: str
    arguments: Arguments = NO_ARGUMENTS
    end: bool = False
    next_state: int = 0


Decide = Callable[[int, np.ndarray, Arguments], Step]


def call_in_turn(*names: str) -> Decide:
    """A program that calls a fixed list of programs and ends.

    >>> decide = call_in_turn("COMPSWAP", "RSHIFT")
    >>> decide(1, np.zeros(8, np.int8), NO_ARGUMENTS)
    Step(call='RSHIFT', arguments=(0, 0, 0), end=True, next_state=2)
    """
    return _in_turn([Step(name) for name in names])


def act_in_turn(*actions: Arguments) -> Decide:
    """A program that runs a fixed list of actions and ends.

    >>> decide = act_in_turn((1, 0, 1), (2, 0, 1))
    >>> decide(0, np.zeros(8, np.int8), NO_ARGUMENTS)
    Step(call='ACT', arguments=(1, 0, 1), end=False, next_state=1)
    """
    return _in_turn([Step(ACT, arguments) for arguments in actions])


def _in_turn(steps):
    """The automaton whose state is the number of steps done."""
    last = len(steps) - 1
    table = [
        step._replace(end=state == last, next_state=state + 1)
        for state, step in enumerate(steps)
    ]
    return lambda state, observation, arguments: table[state]


@dataclasses.dataclass(frozen=True)
class Program:
    """A textbook program: a finite automaton that a verifier can walk.

    It starts in state 0. `decide(state, observation, arguments)` is a pure
    function, so the whole program is the table of its values over
    `range(num_states)` and the domain's observations.

    Attributes:
        name: The paper's name.
        description: One line, as in Table 2 of the paper.
        calls: Names of all programs that it may call.
        num_states: Number of states of the automaton.
        decide: The transition function; None for ACT, which calls nothing.
    """

    name: str
    description: str
    calls: tuple[str, ...] = ()
    num_states: int = 1
    decide: Decide | None = None


class Environment(Protocol):
    """The world a program acts on (`f_env` of equation 5)."""

    def observe(self) -> np.ndarray:
        """The observation `e_t`, `[width]` int8, or uint8 with an image.

        What it returns is copied: it may be one buffer, filled anew each
        time, or a list. Every value must lie in the range of its feature.
        """

    def act(self, arguments: Arguments) -> None:
        """Changes the world.

        Raises:
            ValueError: If `arguments` names no action. A network's run then
                ends as `invalid_action`, and the message is logged.
        """

    def result(self) -> Any:
        """The answer that stands in the environment now."""


@dataclasses.dataclass(frozen=True)
class Domain:
    """A task that plugs into the core: environment, programs and encoder.

    A domain is taught, trained and run with the fields without a default;
    the others add to it.

    Attributes:
        name: The name used on the command line, by presets and by exports:
            letters, digits and underscores, a letter first.
        description: One line.
        programs: All programs, ACT among them; the first is the root.
        arguments: The three argument slots.
        observations: What the environment shows.
        make_environment: Builds an environment for one problem, given as
            the domain's own positional values (two strings for addition).
        describe_action: The words for ACT's arguments ("WRITE OUT 1").
        snapshot: A JSON-able picture of an environment, for viewers.
        tensor_environment: Returns the batched environment in TensorFlow
            (`npi_tf.interpreter.TensorEnvironment`); imported when called.
            Without it programs run on the environment itself, slowly, one
            problem after another (`npi_tf.stepwise`).
        serving: Returns the domain's served functions (`npi_tf.export`);
            imported when called. A domain without it and without
            `tensor_environment` is exported as a step function, its
            environment staying with the client (`npi_tf.step_export`).
        parse_values: The problem that words on the command line name
            (`("9", "2", "5")` for an array); by default the words.
        sample_problems: `(rng, count)` to a list of problems that teach the
            domain, where `python -m npi_tf train` is to train it.
        extends: Name of the domain whose encoder this one uses, where
            it extends another; its own by default.
        make_encoder: Returns `f_enc`, called as `make_encoder(domain,
            num_argument_values, state_dim, dtype, name)`; by default a
            `npi_tf.encoder.DiscreteEncoder` of the observations. It must be
            a serializable Keras layer whose `build()` needs no shape,
            called with observations `[..., width]` and arguments `[..., 3]`,
            and return `[..., state_dim]`. Where observations hold an image
            it is trained on `observations [..., num_features + 1]` whose
            last value is an index into a further argument `images
            [num_images, height, width, channels]`.

    Raises:
        ValueError: If the name has other characters, if programs share a name
            or lack ACT, call what is not there or have no `decide`, or if
            there are not three arguments with a value each.
    """

    name: str
    description: str
    programs: tuple[Program, ...]
    arguments: tuple[ArgumentSpec, ArgumentSpec, ArgumentSpec]
    observations: observation_spec.ObservationSpec
    make_environment: Callable[..., Environment]
    describe_action: Callable[[Arguments], str]
    snapshot: Callable[[Environment], dict[str, Any]] | None = None
    tensor_environment: Callable[[], Any] | None = None
    serving: Callable[[], Any] | None = None
    parse_values: Callable[[tuple[str, ...]], tuple] | None = None
    sample_problems: Callable[[np.random.Generator, int], list] | None = None
    extends: str | None = None
    make_encoder: Callable[..., Any] | None = None

    def __post_init__(self):
        if not isinstance(self.name, str) or not re.fullmatch(
            r"[A-Za-z]\w*", self.name, re.ASCII
        ):
            raise ValueError(
                "name: must be letters, digits and underscores, a letter "
                f"first, got {self.name!r}"
            )
        _check_programs(self.programs)
        _check_argument_specs(self.arguments)

    @property
    def encoder_name(self) -> str:
        """The name under which a model keeps the domain's encoder."""
        return self.extends or self.name

    @property
    def root(self) -> Program:
        """The program that solves a problem from its start."""
        return self.programs[0]

    @property
    def program_names(self) -> tuple[str, ...]:
        """Names of all programs, root first."""
        return tuple(program.name for program in self.programs)

    def program(self, name: str) -> Program:
        """The program of that name.

        Raises:
            ValueError: If the domain has none.
        """
        for program in self.programs:
            if program.name == name:
                return program
        raise ValueError(
            f"program: must be one of {', '.join(self.program_names)} in "
            f"domain {self.name!r}, got {name!r}"
        )

    @functools.cached_property
    def known_steps(self) -> dict[tuple[str, Step], Step]:
        """Steps that the teacher has checked, by program and step."""
        return {}

    @functools.cached_property
    def known_observations(self) -> dict[tuple, dict[bytes, np.ndarray]]:
        """Those that it has checked, by dtype and shape, then by bytes."""
        return {}

    def check_arguments(self, arguments: Arguments, where: str = "") -> None:
        """Refuses what are no arguments of this domain's programs.

        Args:
            arguments: A tuple of three indices into `arguments`.
            where: Ends the message.

        Raises:
            ValueError: If they are not.
        """
        sizes = [len(spec.values) for spec in self.arguments]
        if (
            not isinstance(arguments, tuple)
            or len(arguments) != len(sizes)
            or not all(map(observation_spec.is_index, arguments, sizes))
        ):
            raise ValueError(
                f"arguments: must be a tuple of indices below {sizes}, got "
                f"{arguments!r}{where}"
            )

    def check_observation(self, seen: np.ndarray) -> None:
        """Refuses what an encoder would take for something else.

        Args:
            seen: A flat observation; of an image only the size is checked.

        Raises:
            ValueError: If it is not `[width]` integers, each in the range
                of its feature.
        """
        spec = self.observations
        if seen.shape != (spec.width,) or seen.dtype.kind not in "biu":
            raise ValueError(
                f"observation: must be {spec.width} integers in domain "
                f"{self.name!r}, got {seen.dtype} {seen.shape}"
            )
        index = spec.out_of_range(seen)
        if index is not None:
            feature = spec.features[index]
            raise ValueError(
                f"observation: {feature.name} must be 0 to "
                f"{feature.num_values - 1} in domain {self.name!r}, got "
                f"{seen[index]}"
            )

    def check_problem(self, problem: Any) -> None:
        """Refuses what `make_environment(*problem)` cannot be called with.

        Raises:
            ValueError: If `problem` is not a tuple of as many values.
        """
        values = inspect.signature(self.make_environment)
        fits = isinstance(problem, tuple)
        try:
            values.bind(*(problem if fits else ()))
        except TypeError:  # Too few values, or too many.
            fits = False
        if not fits:
            names = ", ".join(values.parameters)
            raise ValueError(
                f"problem: must be a tuple ({names}), got {problem!r}"
            )


def _check_programs(programs):
    names = [program.name for program in programs]
    if len(set(names)) != len(names) or ACT not in names:
        raise ValueError(
            f"programs: must have distinct names and contain {ACT}, got {names}"
        )
    for program in programs:
        if (program.decide is None) != (program.name == ACT):
            raise ValueError(
                f"programs: each must have decide, {ACT} alone none, got "
                f"{program.decide!r} for {program.name!r}"
            )
        unknown = [name for name in program.calls if name not in names]
        if unknown:
            raise ValueError(
                f"programs: {program.name!r} must call programs of the "
                f"domain, got calls {unknown}"
            )


def _check_argument_specs(arguments):
    if len(arguments) != NUM_ARGUMENTS:
        raise ValueError(
            f"arguments: must be {NUM_ARGUMENTS} ArgumentSpecs, "
            f"got {len(arguments)}"
        )
    for spec in arguments:
        if not spec.values:
            raise ValueError(
                f"arguments: each must have at least one value, got "
                f"{spec.name!r} without"
            )

"""The teacher: runs textbook programs and writes down what they do."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from npi_tf import frames
from npi_tf import observation_spec
from npi_tf import specs
from npi_tf import trace

DEFAULT_STEP_BUDGET = 1_000_000
TEACH_STEP_BUDGET = 100_000  # Enough to sort 80 numbers.
_MOST_KNOWN = 50_000  # Observations that a domain remembers.


class StepBudgetExhausted(ValueError):
    """A textbook program did not end within its budget.

    Attributes:
        call: The call tree up to there.
    """

    def __init__(self, message: str, call: trace.Call | None = None):
        super().__init__(message)
        self.call = call


def run(
    domain: specs.Domain,
    environment: specs.Environment,
    program: str | None = None,
    arguments: specs.Arguments = specs.NO_ARGUMENTS,
    step_budget: int = DEFAULT_STEP_BUDGET,
) -> trace.Call:
    """Runs a textbook program on an environment, as Algorithm 1 does.

    A step calls one program; when its `end` is set the caller returns after
    that call. ACT changes the environment and returns.

    Textbook programs are shown what the environment's method `reveal` gives,
    where it has one, since pictures tell them nothing.

    Args:
        domain: Where the programs come from.
        environment: Changed in place.
        program: Name of the program; the domain's root by default.
        arguments: Its arguments.
        step_budget: The most steps that may be taken.

    Returns:
        The call tree with the observation before every step, read-only;
        equal ones may be the same array.

    Raises:
        ValueError: If the program is unknown, if an observation is none of
            the domain's, if a program returns no `Step` or one that calls
            what it does not declare, passes no arguments of the domain or
            goes on in a state that it has not, or (`StepBudgetExhausted`)
            if the budget is spent.
    """
    programs = {known.name: known for known in domain.programs}
    root = domain.program(program or domain.root.name)
    domain.check_arguments(arguments)
    call = trace.Call(root.name, arguments)
    stack = [(root, call, 0)]
    observe, reveal = environment.observe, getattr(environment, "reveal", None)
    known_steps, known = domain.known_steps, {}
    for _ in range(step_budget):
        if not stack:
            return call
        current, node, state = stack.pop()
        seen = observe()
        try:
            observation = known.get(seen.tobytes())
        except AttributeError:  # A list.
            observation = None
        if observation is None:  # As on every first step.
            observation, known = _check_observation(domain, seen)
        if current.decide is None:
            environment.act(node.arguments)
            node.steps.append(trace.CallStep(observation, end=True))
            continue
        shown = reveal() if reveal else observation
        step = current.decide(state, shown, node.arguments)
        try:
            sound = known_steps.get((current.name, step))
        except TypeError:  # What cannot be hashed is no Step.
            sound = None
        if sound is None:
            sound = _check_step(domain, current, step)
        name, passed, end, next_state = sound
        child = trace.Call(name, passed)
        node.steps.append(trace.CallStep(observation, end, child))
        if not end:
            stack.append((current, node, next_state))
        stack.append((programs[name], child, 0))
    if stack:
        raise _exhausted(call, stack, step_budget)
    return call


def _check_observation(domain, seen):
    """A copy of what is seen, and all like it that were checked, by bytes."""
    seen = np.array(seen)
    kind = seen.dtype, seen.shape
    known = domain.known_observations.setdefault(kind, {})
    if (same := known.get(seen.tobytes())) is not None:
        return same, known
    domain.check_observation(seen)
    seen.setflags(write=False)
    if domain.observations.image_shape is None and len(known) < _MOST_KNOWN:
        known[seen.tobytes()] = seen
    return seen, known


def _check_step(domain, program, step):
    """Returns the step if the program may take it, otherwise raises."""
    name = program.name
    if not isinstance(step, specs.Step):
        raise ValueError(f"decide: {name} must return a Step, got {step!r}")
    if step.call not in program.calls:
        raise ValueError(
            f"programs: {name} declares calls {program.calls}, but calls "
            f"{step.call!r}"
        )
    domain.check_arguments(step.arguments, f" from {name} to {step.call}")
    if not (
        observation_spec.is_index(step.end, 2) or isinstance(step.end, np.bool_)
    ):
        raise ValueError(
            f"end: {name} must set True or False, got {step.end!r}"
        )
    last = program.num_states - 1
    if not step.end and not observation_spec.is_index(
        step.next_state, last + 1
    ):
        raise ValueError(
            f"next_state: {name} must go on in a state 0 to {last}, got "
            f"{step.next_state!r}"
        )
    domain.known_steps[name, step] = step
    return step


def _exhausted(call, stack, step_budget):
    """The error; the program that calls most may be what does not end."""
    running = [node for _, node, _ in stack if node.program != specs.ACT]
    running = running or [call]
    busiest = max(running, key=lambda node: len(node.steps))
    return StepBudgetExhausted(
        f"step_budget: {call.program} must end within {step_budget} steps, "
        f"got {step_budget} with {running[-1].program} running deepest; "
        f"{busiest.program} took {len(busiest.steps)} of them itself: does "
        f"it ever set end=True?",
        call,
    )


def teach(
    domain: specs.Domain,
    problems: list,
    step_budget: int = TEACH_STEP_BUDGET,
) -> frames.FrameBatch:
    """Training frames from the textbook runs of some problems.

    For every problem the root program is run from the start; then every
    program that no other program calls is run once where the root ended, so
    that no row of the memory stays untrained (RSHIFT in addition, Deviation
    D6).

    Args:
        domain: Where the programs come from.
        problems: Each the values that `domain.make_environment` takes.
        step_budget: The most steps that a run may take.

    Returns:
        All frames; equal ones once, with their count.

    Raises:
        ValueError: If a problem is no tuple of such values, or as `run`.
    """
    problems = list(problems)
    for problem in problems:
        domain.check_problem(problem)
    traces = (
        call
        for problem in problems
        for call in problem_traces(domain, problem, step_budget)
    )
    return frames.FrameBatch.from_counts(frames.count_frames(domain, traces))


def problem_traces(
    domain: specs.Domain,
    problem: tuple,
    step_budget: int = DEFAULT_STEP_BUDGET,
) -> Iterator[trace.Call]:
    """The root program's call tree, then those of uncalled programs.

    Args:
        domain: Where the programs come from.
        problem: The values that `domain.make_environment` takes.
        step_budget: The most steps that each run may take.
    """
    environment = domain.make_environment(*problem)
    yield run(domain, environment, step_budget=step_budget)
    called = {name for program in domain.programs for name in program.calls}
    for program in domain.programs[1:]:
        if program.name not in called:
            yield run(
                domain, environment, program.name, step_budget=step_budget
            )

"""The teacher: runs textbook programs and writes down what they do."""

from __future__ import annotations

from collections.abc import Iterator

from npi_tf import frames
from npi_tf import specs
from npi_tf import trace

DEFAULT_STEP_BUDGET = 10_000_000


class StepBudgetExhausted(ValueError):
    """A textbook program did not end within its budget."""


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
        The call tree with the observation before every step.

    Raises:
        ValueError: If the program is unknown, if a program calls what it
            does not declare, or (`StepBudgetExhausted`) if the budget is
            spent.
    """
    programs = {known.name: known for known in domain.programs}
    root = domain.program(program or domain.root.name)
    call = trace.Call(root.name, arguments)
    stack = [(root, call, 0)]
    look = getattr(environment, "reveal", None)
    for _ in range(step_budget):
        if not stack:
            return call
        current, node, state = stack.pop()
        observation = environment.observe()
        if current.decide is None:
            environment.act(node.arguments)
            node.steps.append(trace.CallStep(observation, end=True))
            continue
        shown = look() if look else observation
        step = current.decide(state, shown, node.arguments)
        if step.call not in current.calls:
            raise ValueError(
                f"programs: {current.name} declares calls {current.calls}, "
                f"but calls {step.call!r}"
            )
        child = trace.Call(step.call, step.arguments)
        node.steps.append(trace.CallStep(observation, step.end, child))
        if not step.end:
            stack.append((current, node, step.next_state))
        stack.append((programs[step.call], child, 0))
    if stack:
        raise StepBudgetExhausted(
            f"step_budget: {root.name} must end within {step_budget} steps"
        )
    return call


def teach(domain: specs.Domain, problems: list) -> frames.FrameBatch:
    """Training frames from the textbook runs of some problems.

    For every problem the root program is run from the start; then every
    program that no other program calls is run once where the root ended, so
    that no row of the memory stays untrained (RSHIFT in addition, Deviation
    D6).

    Args:
        domain: Where the programs come from.
        problems: Each the values that `domain.make_environment` takes.

    Returns:
        All frames; equal ones once, with their count.

    Raises:
        ValueError: If a problem is no tuple of such values.
    """
    problems = list(problems)
    for problem in problems:
        domain.check_problem(problem)
    traces = (call for p in problems for call in problem_traces(domain, p))
    return frames.FrameBatch.from_counts(frames.count_frames(domain, traces))


def problem_traces(
    domain: specs.Domain, problem: tuple
) -> Iterator[trace.Call]:
    """The root program's call tree, then those of uncalled programs."""
    environment = domain.make_environment(*problem)
    yield run(domain, environment)
    called = {name for program in domain.programs for name in program.calls}
    for program in domain.programs[1:]:
        if program.name not in called:
            yield run(domain, environment, program.name)

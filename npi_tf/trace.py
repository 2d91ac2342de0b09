"""The call tree of a run, and its text form (Figure 3b of the paper)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np

from npi_tf import specs


@dataclasses.dataclass
class CallStep:
    """One core step inside an invocation.

    Attributes:
        observation: What was seen before the step, `[num_features]` int8.
        end: True when the invocation returns after this step.
        child: The invocation that the step called; None on a step of ACT.
        probs: What the network thought, or None for a textbook program:
            `{"end": float, "program": [N], "arguments": [[...]] * 3}`.
    """

    observation: np.ndarray
    end: bool
    child: Call | None = None
    probs: dict[str, Any] | None = None


@dataclasses.dataclass
class Call:
    """One invocation of a program: a frame of the call stack, and its calls."""

    program: str
    arguments: specs.Arguments = specs.NO_ARGUMENTS
    steps: list[CallStep] = dataclasses.field(default_factory=list)

    def walk(self) -> Iterator[tuple[int, Call]]:
        """Yields `(depth, call)` in the order in which calls were made."""
        stack = [(0, self)]
        while stack:
            depth, call = stack.pop()
            yield depth, call
            children = [step.child for step in call.steps if step.child]
            stack.extend((depth + 1, child) for child in reversed(children))


def describe(domain: specs.Domain, call: Call) -> str:
    """One call as the paper prints it: its name, or the action of ACT.

    Arguments that the domain has no words for, which a network that serves
    several domains can choose, are printed as numbers.
    """
    sizes = [len(spec.values) for spec in domain.arguments]
    if any(not 0 <= a < n for a, n in zip(call.arguments, sizes)):
        return " ".join([call.program, *map(str, call.arguments)])
    if call.program == specs.ACT:
        return domain.describe_action(call.arguments)
    given = [
        spec.values[index]
        for spec, index in zip(domain.arguments, call.arguments)
        if index
    ]
    return " ".join([call.program, *given])


def format_trace(domain: specs.Domain, call: Call, indent: str = "  ") -> str:
    """The call tree as indented text, one line a call.

    An action that does nothing (Deviation D11) has no words and no line, as
    in Figure 8 of the paper.

    >>> from npi_tf import addition
    >>> from npi_tf import teacher
    >>> pad = addition.ADDITION.make_environment("9", "1")
    >>> call = teacher.run(addition.ADDITION, pad, "CARRY")
    >>> print(format_trace(addition.ADDITION, call))
    CARRY
      PTR CARRY LEFT
      WRITE CARRY 1
      PTR CARRY RIGHT
    """
    lines = ((depth, describe(domain, node)) for depth, node in call.walk())
    return "\n".join(indent * depth + words for depth, words in lines if words)

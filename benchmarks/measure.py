"""Times several things side by side, so that noise hits all alike."""

from __future__ import annotations

import dataclasses
import statistics
import time
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any
from typing import NamedTuple


@dataclasses.dataclass
class Case:
    """Something to time.

    Attributes:
        run: Does the work once.
        count: Checks what `run` returned and says how much work it was, by
            unit: `{"core_steps": 1600}`. Not timed.
        prepare: What is done once before: compiles, with little work.
        repeats: Most rounds in which it takes part; None for all.
    """

    run: Callable[[], Any]
    count: Callable[[Any], dict[str, float]]
    prepare: Callable[[], Any]
    repeats: int | None = None


def interleaved(
    cases: dict[str, Case],
    rounds: int,
    say: Callable[[str], None] = lambda line: None,
) -> Iterator[dict[str, dict[str, Any]]]:
    """Prepares every case, then runs every case once a round, in order.

    Args:
        cases: By name.
        rounds: How often; at least 1.
        say: Is told how far it is.

    Yields:
        After every round, for each case `seconds` of each round so far, the
        `work` of one, and `prepare_seconds`.

    Raises:
        ValueError: If `rounds` is below 1.
    """
    if rounds < 1:
        raise ValueError(f"rounds: must be at least 1, got {rounds}")
    measured: dict[str, dict[str, Any]] = {}
    for name, case in cases.items():
        say(f"preparing {name}")
        seconds, _ = _timed(case.prepare)
        measured[name] = {"prepare_seconds": seconds, "seconds": []}
    for number in range(rounds):
        say(f"round {number + 1} of {rounds}")
        for name, case in cases.items():
            if case.repeats is not None and number >= case.repeats:
                continue
            seconds, outcome = _timed(case.run)
            measured[name]["seconds"].append(seconds)
            measured[name]["work"] = case.count(outcome)
        yield measured


def _timed(run):
    start = time.perf_counter()
    outcome = run()
    return time.perf_counter() - start, outcome


class Spread(NamedTuple):
    """The median of several values, the lowest and the highest."""

    median: float
    low: float
    high: float


def spread(values: list[float]) -> Spread:
    """Median and range."""
    return Spread(statistics.median(values), min(values), max(values))


def rates(measured: dict[str, Any], unit: str) -> list[float]:
    """Work a second in each round."""
    work = measured["work"][unit]
    return [work / seconds for seconds in measured["seconds"]]


def ratios(
    ours: dict[str, Any], theirs: dict[str, Any], unit: str
) -> list[float]:
    """How many times faster `ours` did the same kind of work, each round."""
    pairs = zip(rates(ours, unit), rates(theirs, unit))
    return [our / their for our, their in pairs]

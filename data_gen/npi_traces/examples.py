"""From problems to counted frames to examples, in one process or on Beam."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from typing import TYPE_CHECKING
from typing import Any

from data_gen import prepare
from npi_tf import domains
from npi_tf import frames
from npi_tf import specs
from npi_tf import teacher

if TYPE_CHECKING:
    from data_gen.npi_traces import config as config_lib

Tally = tuple[int, str]  # How often a frame occurs, and its problems.
Keyed = tuple[str, tuple[tuple, Tally]]


def frame_key(frame: frames.Frame) -> str:
    """A digest of a frame's content, the same in every process.

    Raises:
        TypeError: If a value is not a plain integer.
    """
    content = json.dumps(frame, separators=(",", ":"))
    return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()


def merge(tallies: Iterable[Tally]) -> Tally:
    """Tallies of equal frames as one: counts add up, problems are listed.

    Problems whose root frames are equal stand one a line, the shorter first,
    then alphabetical, whichever order they come in. In addition there are
    none: the root frame shows every digit of both operands. BUBBLESORT sees
    only the first and the last number after each sweep.
    """
    counts, texts = zip(*tallies)
    if not any(texts):
        return sum(counts), ""
    named = {line for text in texts for line in text.splitlines()}
    lines = sorted(named, key=lambda line: (len(line), line))
    return sum(counts), "\n".join(lines)


def tally(
    domain: specs.Domain,
    problems: Iterable[tuple],
    to_text: Callable[[tuple], str],
) -> dict[frames.Frame, Tally]:
    """Counts the frames that the teacher makes of some problems.

    Args:
        domain: Whose programs are run.
        problems: What `teacher.problem_traces` takes, one after the other.
        to_text: Writes a problem down in a line; it goes to its root frame.

    Returns:
        For each distinct frame its tally, in order of appearance.
    """
    tallies: dict[frames.Frame, Tally] = {}
    for problem in problems:
        text = to_text(problem)
        for call in teacher.problem_traces(domain, problem):
            for frame in frames.call_frames(domain, call):
                new = (1, text)
                known = tallies.get(frame)
                tallies[frame] = merge([known, new]) if known else new
                text = ""  # Only the first frame is the problem's root.
    return tallies


def example(frame: frames.Frame, counted: Tally) -> dict[str, Any]:
    """A counted frame as the features of the data set."""
    count, problem = counted
    return {**frame._asdict(), "count": count, "problem": problem}


def generate(
    config: config_lib.NpiTracesConfig, split: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields the keyed examples of a split."""
    problems = (
        problem
        for length in config.lengths(split)
        for problem in config.problems(split, length)
    )
    domain = domains.get(config.domain)
    tallies = tally(domain, problems, config.sampler.to_text)
    for frame, counted in tallies.items():
        yield frame_key(frame), example(frame, counted)


def _keyed(
    config: config_lib.NpiTracesConfig, problem: tuple
) -> Iterator[Keyed]:
    domain = domains.get(config.domain)
    tallies = tally(domain, [problem], config.sampler.to_text)
    for frame, counted in tallies.items():
        yield frame_key(frame), (tuple(frame), counted)


def _merge_keyed(values: Iterable[tuple[tuple, Tally]]) -> tuple[tuple, Tally]:
    contents, tallies = zip(*values)
    return contents[0], merge(tallies)


def _keyed_example(
    key: str, value: tuple[tuple, Tally]
) -> tuple[str, dict[str, Any]]:
    content, counted = value
    return key, example(frames.Frame(*content), counted)


def beam_examples(config: config_lib.NpiTracesConfig, split: str) -> Any:
    """The same examples as `generate`, as an Apache Beam transform.

    Every length draws its problems on one worker; every problem is run on
    its own; equal frames meet by their key.

    Raises:
        ModuleNotFoundError: If Apache Beam is not installed.
    """
    beam = prepare.import_beam()
    draw = functools.partial(config.problems, split)
    return (
        "Lengths" >> beam.Create(config.lengths(split))
        | "Problems" >> beam.FlatMap(draw)
        | "Spread" >> beam.Reshuffle()
        | "Frames" >> beam.FlatMap(functools.partial(_keyed, config))
        | "Count" >> beam.CombinePerKey(_merge_keyed)
        | "Examples" >> beam.MapTuple(_keyed_example)
    )

"""Training examples: one frame is one invocation of one program."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Iterable
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from npi_tf import specs
from npi_tf import trace

NO_TARGET = -1
PADDING = {
    "observations": 0,
    "calls": NO_TARGET,
    "call_arguments": NO_TARGET,
    "ends": NO_TARGET,
}  # Arrays with a time axis, and what pads them.
ARRAYS = ("program", "arguments", *PADDING, "count")


class Frame(NamedTuple):
    """One invocation, hashable: inputs and targets of its `T` steps.

    Attributes:
        program: Index `i` of the running program in the domain (not the row
            of a model's memory; see `FrameBatch.for_rows`).
        arguments: Its arguments `a`.
        observations: `e_1 .. e_T`, each a tuple of feature values.
        calls: `i_{t+1}`, the program called on each step; -1 on ACT.
        call_arguments: `a_{t+1}`; (-1, -1, -1) on ACT.
        ends: `r_t`, 1 on the last step.
    """

    program: int
    arguments: specs.Arguments
    observations: tuple[tuple[int, ...], ...]
    calls: tuple[int, ...]
    call_arguments: tuple[specs.Arguments, ...]
    ends: tuple[int, ...]


def call_frames(domain: specs.Domain, call: trace.Call) -> Iterator[Frame]:
    """Yields the frame of every invocation in a call tree."""
    index = {name: i for i, name in enumerate(domain.program_names)}
    nothing = (NO_TARGET,) * specs.NUM_ARGUMENTS
    for _, node in call.walk():
        children = [step.child for step in node.steps]
        yield Frame(
            index[node.program],
            node.arguments,
            tuple(tuple(step.observation.tolist()) for step in node.steps),
            tuple(index[c.program] if c else NO_TARGET for c in children),
            tuple(c.arguments if c else nothing for c in children),
            tuple(int(step.end) for step in node.steps),
        )


def count_frames(
    domain: specs.Domain, calls: Iterable[trace.Call]
) -> dict[Frame, int]:
    """Counts equal frames over many call trees, in order of appearance."""
    counts: dict[Frame, int] = collections.Counter()
    for call in calls:
        counts.update(call_frames(domain, call))
    return counts


@dataclasses.dataclass(frozen=True)
class FrameBatch:
    """Frames as arrays, padded to the longest: `n` frames of `T` steps.

    Attributes:
        program: `[n]` int32.
        arguments: `[n, 3]` int32.
        observations: `[n, T, num_features]` int32, 0 after the end.
        calls: `[n, T]` int32, -1 where there is no target.
        call_arguments: `[n, T, 3]` int32, -1 where there is no target.
        ends: `[n, T]` int32, 0 or 1, and -1 after the end.
        count: `[n]` int64, how often each frame occurs.
        of_rows: Whether `program` and `calls` are rows of a model's memory
            (`for_rows`), not the domain's indices.
    """

    program: np.ndarray
    arguments: np.ndarray
    observations: np.ndarray
    calls: np.ndarray
    call_arguments: np.ndarray
    ends: np.ndarray
    count: np.ndarray
    of_rows: bool = False

    def __len__(self) -> int:
        return len(self.program)

    @classmethod
    def from_counts(cls, counts: dict[Frame, int]) -> FrameBatch:
        """Stacks counted frames.

        Raises:
            ValueError: If there are none.
        """
        if not counts:
            raise ValueError("counts: must hold at least one frame, got none")
        frames = list(counts)
        return cls(
            np.array([frame.program for frame in frames], np.int32),
            np.array([frame.arguments for frame in frames], np.int32),
            _pad([frame.observations for frame in frames], 0),
            _pad([frame.calls for frame in frames], NO_TARGET),
            _pad([frame.call_arguments for frame in frames], NO_TARGET),
            _pad([frame.ends for frame in frames], NO_TARGET),
            np.array([counts[frame] for frame in frames], np.int64),
        )

    @property
    def num_steps(self) -> np.ndarray:
        """Steps of each frame before padding, `[n]`."""
        return (self.ends != NO_TARGET).sum(axis=1)

    def arrays(self) -> dict[str, np.ndarray]:
        """All arrays by name."""
        return {name: getattr(self, name) for name in ARRAYS}

    def rows(self, indices: np.ndarray | slice) -> FrameBatch:
        """The frames at `indices`, padded as they are."""
        arrays = self.arrays().items()
        return dataclasses.replace(
            self, **{name: array[indices] for name, array in arrays}
        )

    def first_steps(self, num_steps: int) -> FrameBatch:
        """At most the first `num_steps` steps of every frame."""
        arrays = self.arrays()
        for name in PADDING:
            arrays[name] = arrays[name][:, :num_steps]
        return dataclasses.replace(self, **arrays)

    def for_rows(self, rows: list[int]) -> FrameBatch:
        """The frames with memory rows in place of the domain's indices.

        Args:
            rows: Memory row of each of the domain's programs
                (`model.rows(domain)`).

        Raises:
            ValueError: If they hold memory rows already.
        """
        if self.of_rows:
            raise ValueError(
                "frames: must hold the domain's indices, got memory rows "
                "(for_rows was called before)"
            )
        rows = np.array(rows, np.int32)
        arrays = self.arrays()
        arrays["program"] = rows[self.program]
        arrays["calls"] = np.where(
            self.calls == NO_TARGET, NO_TARGET, rows[self.calls]
        )
        return FrameBatch(**arrays, of_rows=True)

    def take(self, indices: np.ndarray) -> FrameBatch:
        """The frames at `indices`, trimmed to the longest of them."""
        longest = int(self.num_steps[indices].max())
        return self.rows(indices).first_steps(longest)

    def by_program(self) -> dict[int, FrameBatch]:
        """The frames of each program that occurs."""
        return {
            int(program): self.take(np.flatnonzero(self.program == program))
            for program in np.unique(self.program)
        }

    def inputs(self) -> dict[str, np.ndarray]:
        """What `NPI` is called with."""
        names = ("program", "arguments", "observations")
        return {name: getattr(self, name) for name in names}

    def targets(self) -> dict[str, np.ndarray]:
        """What the loss compares with."""
        names = ("calls", "call_arguments", "ends")
        return {name: getattr(self, name) for name in names}


def concatenate(batches: list[FrameBatch]) -> FrameBatch:
    """Frames of several batches in one, padded to the longest.

    Raises:
        ValueError: If some hold memory rows and others do not.
    """
    if len({batch.of_rows for batch in batches}) > 1:
        raise ValueError("batches: must all hold memory rows, or none of them")
    longest = max(batch.ends.shape[1] for batch in batches)
    columns = {}
    for name in batches[0].arrays():
        arrays = [getattr(batch, name) for batch in batches]
        if name in PADDING:
            arrays = [_widen(a, longest, PADDING[name]) for a in arrays]
        columns[name] = np.concatenate(arrays)
    return dataclasses.replace(batches[0], **columns)


def _widen(array: np.ndarray, num_steps: int, value: int) -> np.ndarray:
    width = [(0, 0)] * array.ndim
    width[1] = (0, num_steps - array.shape[1])
    return np.pad(array, width, constant_values=value)


def _pad(sequences: list, value: int) -> np.ndarray:
    """Stacks sequences of unequal length, `[n, T, ...]` int32."""
    longest = max(map(len, sequences))
    shape = np.shape(sequences[0])[1:]
    padded = np.full((len(sequences), longest, *shape), value, np.int32)
    for row, sequence in zip(padded, sequences):
        row[: len(sequence)] = sequence
    return padded

"""Practice programs: a core that is to learn new rows learns that first.

A core trained on a few programs reads little from a program's embedding but
which of them it is, and never calls the programs that only a user calls. Rows
trained on such a core, frozen, learn nothing (Deviation D22). So it is also
trained on random programs, each with a row of its own that is thrown away
afterwards: a list of calls, a loop until a bit is seen, or a choice by a bit.
Some of their calls go to keys that no program has, so that a later program
finds a key that the core can be made to say.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from npi_tf import frames as frames_lib
from npi_tf import sampling
from npi_tf import specs

SEQUENCE, LOOP, CHOICE = range(3)
_KINDS = (*3 * (LOOP, SEQUENCE), *2 * (LOOP, CHOICE))  # Of ten programs.


@dataclasses.dataclass(frozen=True)
class PracticeProgram:
    """One random program.

    Attributes:
        kind: A list of calls, a loop, or a choice.
        calls: Four calls `(memory row, arguments)`.
        length: How many of them a list has.
        feature: Which bit is looked at.
        value: Its value that ends the loop, or decides the choice.
        prefix: Whether a loop has a call before it.
        suffix: Whether the last call of a loop is another one.
    """

    kind: int
    calls: list[tuple[int, specs.Arguments]]
    length: int
    feature: int
    value: int
    prefix: int
    suffix: int


class Practice:
    """Random programs of a domain, and frames of them.

    Observations are those of the domain's own frames, each step's drawn
    anew; nothing is executed.

    Args:
        domain: Its observations must be discrete and hold a feature of two
            values.
        frames: Its training frames, with memory rows.
        num_programs: How many random programs.
        num_rows: Rows of the memory.
        num_keys: Keys beside the memory's that are called, too.
        num_steps: Most steps of a frame.
        seed: Of the programs.
        held_out: Given a program, whether it may not be practised.

    Raises:
        ValueError: If the domain shows no bit that takes both values.
    """

    def __init__(
        self,
        domain: specs.Domain,
        frames: frames_lib.FrameBatch,
        num_programs: int,
        num_rows: int,
        num_keys: int,
        num_steps: int,
        seed: int,
        held_out: Callable[[PracticeProgram], bool] | None = None,
    ):
        self.num_programs = num_programs
        self.num_steps = num_steps
        done = frames.ends != frames_lib.NO_TARGET
        self._seen = np.unique(frames.observations[done], axis=0)
        self._bits = [
            index
            for index, feature in enumerate(domain.observations.features)
            if feature.num_values == 2
            and len(np.unique(self._seen[:, index])) == 2
        ]
        if not self._bits:
            raise ValueError(
                f"domain: must show a bit that takes both values, got none "
                f"in {domain.name!r}"
            )
        self._called = _calls(domain, frames)
        self._keys = range(num_rows, num_rows + num_keys)
        self._held_out = held_out
        rng = np.random.default_rng(seed)
        self.programs = [self._invent(rng, n) for n in range(num_programs)]

    def _invent(self, rng, number):
        """A random program, none that is held out."""
        while True:
            program = self._draw(rng, number)
            if self._held_out is None or not self._held_out(program):
                return program

    def _draw(self, rng, number):
        """Of ten programs five are loops, three lists and two choices.

        Loops take turns in the bits and their values, and so do choices, so
        that none is left out.
        """
        tens, place = divmod(number, 10)
        kind = _KINDS[place]
        turn = tens * _KINDS.count(kind) + _KINDS[:place].count(kind)
        value, bit = divmod(turn, len(self._bits))
        return PracticeProgram(
            kind,
            [self._call(rng) for _ in range(4)],
            int(rng.integers(1, 5)),
            self._bits[bit],
            (1 + value) % 2,
            *rng.integers(2, size=2).tolist(),
        )

    def _call(self, rng):
        """A new key, an action, or a program, the root as often as any."""
        kind = rng.random()
        if kind < 0.25 and self._keys:
            return int(rng.choice(self._keys)), specs.NO_ARGUMENTS
        programs, actions = self._called
        pool = actions if kind < 0.45 else programs
        return pool[rng.integers(len(pool))]

    def sample(
        self, rng: np.random.Generator, size: int
    ) -> frames_lib.FrameBatch:
        """Frames of random programs of this practice.

        Args:
            rng: Source of randomness.
            size: Number of frames.

        Returns:
            Frames whose `program` counts this practice's programs from 0;
            calls beyond the memory's rows mean keys beside it.
        """
        chosen = rng.integers(self.num_programs, size=size)
        drawn = rng.integers(len(self._seen), size=(size, self.num_steps))
        observations = self._seen[drawn]
        calls = np.full((size, self.num_steps), frames_lib.NO_TARGET)
        arguments = np.full((*calls.shape, specs.NUM_ARGUMENTS), -1)
        ends = calls.copy()
        for row, index in enumerate(chosen):
            made = self._frame(rng, self.programs[index], observations[row])
            for step, (call, given) in enumerate(made):
                calls[row, step], arguments[row, step] = call, given
            ends[row, : len(made)] = 0
            ends[row, len(made) - 1] = 1
        parts = (observations, calls, arguments, ends)
        return frames_lib.FrameBatch(
            chosen.astype(np.int32),
            np.zeros((size, specs.NUM_ARGUMENTS), np.int32),
            *(part.astype(np.int32) for part in parts),
            np.ones(size, np.int64),
        )

    def _frame(self, rng, program, observations):
        """The calls of one frame; changes what a loop or choice sees."""
        first, second, third, _ = program.calls
        if program.kind == SEQUENCE:
            return program.calls[: program.length]
        if program.kind == CHOICE:
            met = bool(rng.integers(2))
            self._show(rng, program, observations, 0, met)
            return [first if met else second]
        last = int(rng.integers(program.prefix, self.num_steps))
        for step in range(program.prefix, last + 1):
            self._show(rng, program, observations, step, step == last)
        loop = [first] * (last - program.prefix)
        end = second if program.suffix else first
        return [third] * program.prefix + loop + [end]

    def _show(self, rng, program, observations, step, met):
        """Puts in an observation where the bit has its value, or has not."""
        bits = self._seen[:, program.feature]
        fits = np.flatnonzero((bits == program.value) == met)
        observations[step] = self._seen[rng.choice(fits)]


def blind_frames(
    domain: specs.Domain,
    frames: frames_lib.FrameBatch,
    size: int,
    seed: int,
) -> frames_lib.FrameBatch:
    """Frames of programs that always do the same, whatever they see.

    A program that makes the same calls in every frame needs to see nothing;
    but what it does where it sees what no frame shows is left to chance. A
    later program may call it there: MAX moves pointers that stand on one cell,
    which BUBBLESORT never does.

    Args:
        domain: Its observations must be discrete.
        frames: Its training frames.
        size: Frames of each such program.
        seed: Of what they see: every feature of every step uniformly.

    Returns:
        Frames of the programs whose calls are the same in all frames, as
        `frames` has them but for the observations.
    """
    rng = np.random.default_rng(seed)
    highest = domain.observations.num_values
    parts = []
    for batch in frames.by_program().values():
        targets = (batch.calls, batch.call_arguments, batch.ends)
        if any((array != array[:1]).any() for array in targets):
            continue
        part = batch.rows(rng.integers(len(batch), size=size))
        done = (part.ends != frames_lib.NO_TARGET)[..., None]
        seen = rng.integers(highest, size=part.observations.shape)
        seen = np.where(done, seen, 0).astype(np.int32)
        parts.append(dataclasses.replace(part, observations=seen))
    return frames_lib.concatenate(parts)


def _calls(domain, frames):
    """All programs but ACT without arguments, and all actions seen."""
    rows = frames.calls[frames.calls >= 0]
    given = frames.call_arguments[frames.calls >= 0]
    called = sorted({(int(r), tuple(a.tolist())) for r, a in zip(rows, given)})
    acting = _act_row(domain, frames)
    actions = [call for call in called if call[0] == acting]
    programs = np.unique(frames.program).tolist()
    return (
        [(row, specs.NO_ARGUMENTS) for row in programs if row != acting],
        actions,
    )


def _act_row(domain, frames):
    """The memory row of ACT: the one that calls nothing."""
    nothing = (frames.calls == frames_lib.NO_TARGET).all(axis=1)
    rows = np.unique(frames.program[nothing])
    if len(rows) != 1:
        raise ValueError(
            f"frames: must hold frames of ACT in {domain.name!r}, got {rows}"
        )
    return int(rows[0])


@dataclasses.dataclass(frozen=True)
class _Batch:
    """Practice frames as a batch of `reproduce.npi_train_step`."""

    frames: frames_lib.FrameBatch
    offset: int

    def __len__(self):
        return len(self.frames)

    def inputs(self):
        inputs = self.frames.inputs()
        return inputs | {"practice": inputs.pop("program") + self.offset}

    def targets(self):
        return self.frames.targets()


class PracticeSchedule:
    """A domain's schedule with a batch of practice on every step.

    Args:
        schedule: The domain's own.
        practice: Its random programs.
        offset: Row of the first of them in `PractisingNPI`.
        batch_size: Frames of practice on a step.
        weight: Of their mean loss beside the domain's own.
        seed: Of the batches.
    """

    def __init__(self, schedule, practice, offset, batch_size, weight, seed):
        self.schedule, self.practice = schedule, practice
        self.offset, self.batch_size = offset, batch_size
        self.weight, self.seed = weight, seed
        self.first_errors = schedule.first_errors

    def batches(self, step: int) -> list[tuple[Any, float]]:
        """The domain's batches of one step, then one of practice."""
        rng = sampling.step_rng(self.seed + 1_000_003, step)
        frames = self.practice.sample(rng, self.batch_size)
        weight = self.weight / int(frames.num_steps.sum())
        batch = _Batch(frames, self.offset)
        return [*self.schedule.batches(step), (batch, weight)]

    def update(self, step: int, model: Any, errors: np.ndarray) -> np.ndarray:
        """As the domain's own schedule."""
        return self.schedule.update(step, model, errors)


class PractisingNPI(keras.Model):
    """An NPI with rows for practice beside its memory, for training only.

    Args:
        npi: The `npi_tf.NPI` that is trained and kept.
        num_programs: Practice programs, of all domains.
        num_keys: Keys beside the memory's.

    Call arguments:
        frames: As for `NPI`; or practice frames, with `practice [B]` in
            place of `program`. Then `program_logits` has `num_keys` more
            columns.
        domain: As for `NPI`.
    """

    def __init__(self, npi, num_programs, num_keys, **kwargs):
        super().__init__(dtype=npi.dtype_policy, **kwargs)
        self.npi = npi
        self.programs = npi.programs
        self.embeddings = self._rows(
            "practice", num_programs, npi.memory.embedding_dim
        )
        self.new_keys = self._rows(
            "practice_keys", num_keys, npi.memory.key_dim
        )
        self.built = True

    def _rows(self, name, rows, width):
        return self.add_weight(
            shape=(rows, width),
            initializer=keras.initializers.RandomNormal(stddev=width**-0.5),
            name=name,
        )

    def call(self, frames, domain=None):
        if "practice" not in frames:
            return self.npi(frames, domain=domain)
        table = ops.cast(self.embeddings, self.compute_dtype)
        embedding = ops.take(table, frames["practice"], axis=0)
        outputs = self.npi.decode(frames, embedding, domain)
        key = outputs.pop("key")
        new_keys = ops.cast(self.new_keys, key.dtype)
        outputs["program_logits"] = ops.concatenate(
            [self.npi.memory(key), ops.matmul(key, ops.transpose(new_keys))],
            axis=-1,
        )
        return outputs

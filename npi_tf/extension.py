"""New programs on a frozen core: only their own memory rows are trained."""

from __future__ import annotations

import os
from typing import Any
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from npi_tf import attempts as attempts_lib
from npi_tf import domains
from npi_tf import frames as frames_lib
from npi_tf import losses
from npi_tf import model_parts
from npi_tf import race as race_lib
from npi_tf import sampling
from npi_tf import specs

_CHECK_EVERY = 50
_RACE_STEPS = 250  # Of candidates, side by side.
_RACE_LEARNING_RATE = 0.05
_CHECKED_NEGATIVES = 256  # Frames of each group of negatives.


def learn_programs(
    model: Any,
    domain: str | specs.Domain,
    frames: frames_lib.FrameBatch,
    negatives: dict[str, frames_lib.FrameBatch] | None = None,
    num_steps: int = 2_000,
    batch_size: int = 32,
    learning_rate: float = 0.03,
    num_restarts: int = 5,
    target_loss: float = 0.01,
    seed: int = 0,
    jit_compile: bool = False,
    num_candidates: int = 1,
    workdir: str | os.PathLike | None = None,
) -> dict[str, Any]:
    """Trains the memory rows that were added last, and nothing else.

    Maximises the log-likelihood (8) of the new programs' frames over
    `M_key[i, :]` and `M_prog[i, :]` of the last block of the memory (section
    3.4 of the specification, 4.3 of the paper); the core, the encoders and
    all older rows stay as they are, to the bit.

    An old program must not call a new one. Either the model forbids it
    (`with_programs(..., protect_blocks=True)`), which needs no old data, or
    frames of old programs are given as `negatives`, on which new keys learn
    not to answer: the two remedies of the paper.

    Args:
        model: An `npi_tf.NPI` from `with_programs`; changed in place.
        domain: Where the new programs run, or its name.
        frames: Invocations of the new programs, in the domain's indices
            (`npi_tf.teach(domain, problems)`, without `for_rows`); those of
            old programs are taken as further negatives if `negatives` is
            given, else left out.
        negatives: Frames of old programs by domain name, as rows of the
            memory (`frames.for_rows(model.rows(domain))`). Must be given
            where the model does not protect its blocks; `{}` suffices if
            `frames` holds old programs.
        num_steps: Most optimizer steps of one attempt.
        batch_size: Frames of each new program, and of the negatives of each
            domain, in a step.
        learning_rate: Of Adam, with cosine decay.
        num_restarts: Attempts from other rows; the first that reaches
            `target_loss` with every frame right is kept, else the one with
            most frames right. Programs whose frames are all right keep
            their rows for the next attempt. The others begin with random
            rows, and on every second attempt near an older program's.
        target_loss: When an attempt is good enough.
        seed: Of the rows and the batches.
        jit_compile: Compile the step with XLA: faster steps, but longer to
            compile than a few programs of short frames take to learn.
        num_candidates: With more than one, an attempt begins with the best
            of so many, which are trained side by side for 250 steps on
            frames of the new programs; it ends there if that is enough.
        workdir: Folder that keeps what is known after each attempt: a call
            that was stopped goes on there with the next attempt when it is
            made again, and ends with the same rows.

    Returns:
        `loss` of the kept attempt, the fraction `right` of the new programs'
        frames, the same by program (`right_by_program`), `right_old` of (at
        most 256 of) each domain's negatives, None if there are none, `steps`
        of all attempts, and `attempts`.

    Raises:
        ValueError: If the model has one block only; if it does not know the
            domain, or that of negatives; if `frames` lacks a new program or
            holds memory rows, or negatives do not; if nothing keeps old
            programs from calling new ones; or if a number is not positive.
    """
    domain = domains.get(domain)
    model_parts.check_sizes(
        num_steps=num_steps,
        batch_size=batch_size,
        num_restarts=num_restarts,
        num_candidates=num_candidates,
    )
    _check_numbers(learning_rate, target_loss, seed)
    _check_model(model, domain, negatives)
    problem = _Problem(model, domain, frames, negatives, batch_size, seed)
    if not (problem.old or model.protect_blocks):
        raise ValueError(
            "negatives: must hold frames of old programs, as neither does "
            "frames, for a model without protect_blocks: else old programs "
            "may call new ones"
        )
    kept = attempts_lib.Attempts(
        workdir,
        model,
        [frames for _, frames in problem.groups],
        num_steps=num_steps,
        batch_size=batch_size,
        learning_rate=learning_rate,
        num_restarts=num_restarts,
        target_loss=target_loss,
        seed=seed,
        jit_compile=jit_compile,
        num_candidates=num_candidates,
    )
    problem.compile(learning_rate, num_steps, jit_compile)
    race = None
    if num_candidates > 1:
        race = race_lib.Race(
            model,
            problem.domain,
            problem.new,
            num_candidates,
            _RACE_STEPS,
            _RACE_LEARNING_RATE,
            jit_compile,
        )
    best, steps, done = problem.resume(kept)
    for attempt in range(done, num_restarts):
        if best and best[0].is_good(target_loss):
            break
        for found, taken in problem.tries(
            attempt, race, num_steps, target_loss
        ):
            steps += taken
            if best is None or found.rank > best[0].rank:
                best = found, problem.values()
        done = attempt + 1
        problem.keep(kept, best, steps, done)
    problem.assign(best[1])
    report = best[0]._asdict() | {"steps": steps, "attempts": done}
    return report if problem.old else report | {"right_old": None}


def _check_numbers(learning_rate, target_loss, seed):
    """Refuses what is not a positive number, or not a seed."""
    for name, value in (
        ("learning_rate", learning_rate),
        ("target_loss", target_loss),
    ):
        if not (np.isscalar(value) and np.isreal(value) and 0 < value < np.inf):
            raise ValueError(f"{name}: must be positive, got {value!r}")
    if type(seed) is not int or seed < 0:
        raise ValueError(f"seed: must be an integer from 0 on, got {seed!r}")


def _check_model(model, domain, negatives):
    """Refuses a model that cannot learn the domain's new programs."""
    if len(model.blocks) < 2:
        raise ValueError(
            "model: must have rows that were added (with_programs), got "
            f"{len(model.blocks)} block"
        )
    model.check_knows(domain)
    if negatives is None and not model.protect_blocks:
        raise ValueError(
            "negatives: must be given ({} suffices where frames hold old "
            "programs) for a model without protect_blocks: else old programs "
            "may call new ones"
        )
    for name, frames in (negatives or {}).items():
        if name not in model.encoders:
            raise ValueError(
                f"negatives: must be of {', '.join(model.encoders)}, "
                f"got {name!r}"
            )
        if not frames.of_rows:
            raise ValueError(
                f"negatives: must hold memory rows "
                f"(frames.for_rows(model.rows(domain))), got the indices of "
                f"{name!r}"
            )
        rows = np.unique(frames.program)
        new = [model.programs[row] for row in rows if row >= _first_new(model)]
        if new or not len(frames):
            raise ValueError(
                f"negatives: must be frames of old programs, got "
                f"{', '.join(new) or 'none'} of {name!r}"
            )


def _first_new(model):
    """The memory row of the first of the new programs."""
    return len(model.programs) - model.blocks[-1]


class _Found(NamedTuple):
    """How good the rows of an attempt are."""

    loss: float
    right: float
    right_by_program: dict[str, float]
    right_old: float

    @property
    def rank(self):
        return self.right + self.right_old, -self.loss

    def is_good(self, target_loss):
        all_right = self.right == self.right_old == 1.0
        return all_right and self.loss <= target_loss


class _Problem:
    """The new rows, their frames, and one optimizer step."""

    def __init__(self, model, domain, frames, negatives, batch_size, seed):
        self.model, self.domain = model, domain.encoder_name
        self.rows = (model.memory.keys[-1], model.memory.embeddings[-1])
        self.seed, self.batch_size = seed, batch_size
        first = _first_new(model)
        mapped = frames.for_rows(model.rows(domain)).by_program()
        self.new = {i: f for i, f in mapped.items() if i >= first}
        names = dict(enumerate(model.programs[first:], first))
        missing = [name for i, name in names.items() if i not in self.new]
        if missing:
            raise ValueError(
                f"frames: must hold every new program, got none of {missing}"
            )
        new = [(self.domain, batch) for batch in self.new.values()]
        self.old = []
        if negatives is not None:
            mine = [f for i, f in mapped.items() if i < first]
            self.old = [*negatives.items(), *((self.domain, f) for f in mine)]
        self.groups = new + self.old
        self.names = names
        self.callers = {
            i: {c for c, f in self.new.items() if i in f.calls} for i in names
        }
        older = [i for i in model.rows(domain) if i < first]
        embeddings = keras.ops.convert_to_numpy(model.memory.embed(older))
        self.older = embeddings.astype(np.float64)
        self.sure = set()  # New programs whose rows an attempt keeps.

    def tries(self, attempt, race, num_steps, target_loss):
        """What one attempt finds, and steps taken: by a race, by descent.

        The race alone is kept where it is good enough; descent, whose rate
        begins anew, may lead away from what it found.
        """
        if race:
            found = self._race(race, attempt)
            yield found, race.num_steps
            if found.is_good(target_loss):
                return
        else:
            self.restart(attempt)
        yield self.descend(num_steps, target_loss, attempt)

    def _race(self, race, attempt):
        """Takes the best of several candidates; how good it is."""
        drawn = []
        for number in range(race.num_candidates):
            self.restart(attempt, number)
            drawn.append(self.values())
        keys, embeddings = map(np.stack, zip(*drawn))
        self.assign(race(keys, embeddings, self.seed + attempt))
        return self._assess()

    def restart(self, attempt: int, candidate: int = 0) -> None:
        """Fresh rows for the programs that are not learnt yet.

        As the memory's initialiser draws them; but on every second attempt
        (and for every second candidate) an embedding is that of an older
        program and half as much noise. A key is kept if all that call it are.
        """
        rng = np.random.default_rng([self.seed, attempt, candidate])
        keys, embeddings = self.values()
        near = self.older[rng.choice(len(self.older), len(keys))]
        for place, i in enumerate(self.names):
            key, embedding = (
                rng.normal(size=rows.shape[1]) * rows.shape[1] ** -0.5
                for rows in (keys, embeddings)
            )
            if (attempt + candidate) % 2:
                embedding = near[place] + embedding / 2
            if i not in self.sure:
                embeddings[place] = embedding
            if not (self.sure and self.callers[i] <= self.sure):
                keys[place] = key
        self.assign([keys, embeddings])

    def keep(self, kept, best, steps, done):
        """Writes down all that later attempts depend on."""
        state = {
            "best": best[0]._asdict(),
            "steps": steps,
            "done": done,
            "sure": sorted(self.sure),
        }
        kept.save(state, [*self.values(), *best[1]])

    def resume(self, kept):
        """The best so far and its rows, steps taken, attempts that ended."""
        found = kept.load()
        if found is None:
            return None, 0, 0
        state, arrays = found
        self.sure = set(state["sure"])
        self.assign(arrays[:2])
        best = _Found(**state["best"]), arrays[2:]
        return best, state["steps"], state["done"]

    def values(self) -> list[np.ndarray]:
        """The rows as they are now."""
        return [keras.ops.convert_to_numpy(row).copy() for row in self.rows]

    def assign(self, values: list[np.ndarray]) -> None:
        """Puts rows back."""
        for row, value in zip(self.rows, values):
            row.assign(value)

    def compile(self, learning_rate, num_steps, jit_compile):
        """Makes the optimizer and its step, for all attempts."""
        rate = keras.optimizers.schedules.CosineDecay(learning_rate, num_steps)
        self.optimizer = keras.optimizers.Adam(rate)
        self.optimizer.build(list(self.rows))
        self.step = tf.function(
            self._step, jit_compile=jit_compile, autograph=False
        )

    def descend(self, num_steps, target_loss, attempt):
        """One attempt: how good it is, and steps taken."""
        race_lib.reset(self.optimizer)
        for taken in range(1, num_steps + 1):
            rng = sampling.step_rng(self.seed + attempt, taken)
            self.step(self._draw(rng))
            if taken % _CHECK_EVERY == 0 or taken == num_steps:
                found = self._assess()
                if found.is_good(target_loss):
                    break
        self.sure = {
            i
            for i, name in self.names.items()
            if found.right_by_program[name] == found.right_old == 1.0
        }
        return found, taken

    def _draw(self, rng):
        batches = []
        for _, frames in self.groups:
            indices = rng.integers(len(frames), size=self.batch_size)
            batch = frames.rows(indices)
            batches.append(batch.inputs() | batch.targets())
        return batches

    def _step(self, batches):
        variables = [row.value for row in self.rows]
        with tf.GradientTape() as tape:
            loss = tf.add_n(
                [
                    losses.mean_step_loss(
                        self.model(batch, domain=domain), batch
                    )
                    for (domain, _), batch in zip(self.groups, batches)
                ]
            )
        gradients = tape.gradient(loss, variables)
        self.optimizer.apply(gradients, list(self.rows))
        return loss

    def _assess(self):
        """The new programs' summed mean losses, and who is right."""
        new = {i: self._try(self.domain, f) for i, f in self.new.items()}
        old = []
        for domain, batch in self.old:
            rng = np.random.default_rng(self.seed)
            chosen = rng.permutation(len(batch))[:_CHECKED_NEGATIVES]
            old.append(self._try(domain, batch.rows(chosen)))
        rights = {i: float(np.mean(right)) for i, (_, right) in new.items()}
        return _Found(
            sum(loss for loss, _ in new.values()),
            float(
                np.mean(np.concatenate([right for _, right in new.values()]))
            ),
            {self.names[i]: right for i, right in rights.items()},
            min((float(np.mean(right)) for _, right in old), default=1.0),
        )

    def _try(self, domain, batch):
        """The mean loss of frames, and which are right, `[n]`."""
        outputs = self.model(batch.inputs(), domain=domain)
        targets = {k: tf.constant(v) for k, v in batch.targets().items()}
        right = np.asarray(losses.correct_steps(outputs, targets))
        loss = float(losses.mean_step_loss(outputs, targets))
        return loss, right.all(axis=1)

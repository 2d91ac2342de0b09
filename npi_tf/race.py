"""Many candidates for new memory rows, trained side by side."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from npi_tf import frames as frames_lib
from npi_tf import losses
from npi_tf import sampling

_FRAMES = 8  # Of each new program, for each candidate, on a step.
_JUDGED = 20  # Last steps, on which candidates are compared.


class Race:
    """Trains candidates for the rows of new programs in one batch.

    On a frozen core most random rows get stuck, and some do not. A step of
    many candidates at once costs little more than one of a large batch.
    Each candidate is trained on frames of its own; none sees another.

    Args:
        model: An `npi_tf.NPI` whose last block of rows is new.
        domain: Whose encoder to use.
        frames: Frames of each new program, by memory row.
        num_candidates: `R`, how many there are.
        num_steps: Steps of the optimizer.
        learning_rate: Of Adam, with cosine decay.
        jit_compile: Compile the step with XLA.
    """

    def __init__(
        self,
        model: Any,
        domain: str,
        frames: dict[int, frames_lib.FrameBatch],
        num_candidates: int,
        num_steps: int,
        learning_rate: float,
        jit_compile: bool = False,
    ):
        self.model, self.domain, self.frames = model, domain, frames
        self.num_candidates, self.num_steps = num_candidates, num_steps
        self.first = len(model.programs) - model.blocks[-1]
        memory = model.memory
        self.rows = [
            keras.Variable(np.zeros((num_candidates, *rows[-1].shape)))
            for rows in (memory.keys, memory.embeddings)
        ]
        rate = keras.optimizers.schedules.CosineDecay(learning_rate, num_steps)
        self.optimizer = keras.optimizers.Adam(rate)
        self.optimizer.build(self.rows)
        self.step = tf.function(
            self._step, jit_compile=jit_compile, autograph=False
        )

    def __call__(
        self, keys: np.ndarray, embeddings: np.ndarray, seed: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """The best candidate after training.

        Args:
            keys: Of the new programs, for each candidate, `[R, n, K]`.
            embeddings: The same, `[R, n, P]`.
            seed: Of the frames.

        Returns:
            Keys `[n, K]` and embeddings `[n, P]` of the candidate that was
            right on most frames, and then had the lowest loss.
        """
        for variable, value in zip(self.rows, (keys, embeddings)):
            variable.assign(value)
        reset(self.optimizer)
        losses_seen, rights_seen = [], []
        for number in range(self.num_steps):
            rng = sampling.step_rng(seed, number)
            loss, right = self.step(self._draw(rng))
            losses_seen.append(np.asarray(loss))
            rights_seen.append(np.asarray(right))
        rights, means = (
            np.mean(seen[-_JUDGED:], axis=0)
            for seen in (rights_seen, losses_seen)
        )
        candidates = range(self.num_candidates)
        best = max(candidates, key=lambda r: (rights[r], -means[r]))
        return tuple(ops.convert_to_numpy(row)[best] for row in self.rows)

    def _step(self, batches):
        """One step of all candidates; loss and frames right of each, `[R]`."""
        with tf.GradientTape() as tape:
            results = [
                self._try(batch, place) for place, batch in enumerate(batches)
            ]
            loss, right = (sum(parts) for parts in zip(*results))
            total = ops.sum(loss)
        values = [row.value for row in self.rows]
        self.optimizer.apply(tape.gradient(total, values), self.rows)
        return loss, right

    def _draw(self, rng):
        """Frames of each new program, `_FRAMES` for each candidate."""
        batches, size = [], self.num_candidates * _FRAMES
        for row in sorted(self.frames):
            frames = self.frames[row]
            batch = frames.rows(rng.integers(len(frames), size=size))
            batches.append(batch.inputs() | batch.targets())
        return batches

    def _try(self, batch, place):
        """Loss and frames right of every candidate on one program, `[R]`."""
        (keys, embeddings), count = self.rows, self.num_candidates
        dtype = self.model.compute_dtype
        embedding = ops.repeat(
            ops.cast(embeddings[:, place], dtype), _FRAMES, axis=0
        )
        outputs = self.model.decode(batch, embedding, self.domain)
        key = outputs.pop("key")  # [R * F, T, K]
        old = self.model.memory(key)[..., : self.first]
        own = ops.repeat(ops.cast(keys, dtype), _FRAMES, axis=0)
        new = ops.matmul(key, ops.transpose(own, (0, 2, 1)))
        outputs["program_logits"] = ops.concatenate([old, new], axis=-1)
        likelihood = losses.step_log_likelihood(outputs, batch)  # [R * F, T]
        right = ops.all(losses.correct_steps(outputs, batch), axis=1)
        return (
            -ops.mean(ops.reshape(ops.sum(likelihood, 1), (count, -1)), 1),
            ops.mean(ops.cast(ops.reshape(right, (count, -1)), "float32"), 1),
        )


def reset(optimizer: keras.optimizers.Optimizer) -> None:
    """Puts a built optimizer with a schedule back to its first step."""
    for variable in optimizer.variables:
        variable.assign(ops.zeros_like(variable))

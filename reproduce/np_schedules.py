"""What the Neural Programmer is trained on at each step, by each recipe.

A batch is a function of the step, so a run that was stopped goes on with
the same ones.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from np_tf import gradient_noise
from np_tf import losses
from np_tf import model as model_lib
from reproduce import np_likelihood
from reproduce import np_search

CONTROLLER_INPUTS = ("question", "numbers", "number_positions", "column_names")


class PaperSchedule:
    """Random questions, the soft answer and the paper's loss.

    Args:
        config: A `np_configs.PaperRecipe`.
        inputs: Of the model, all training questions.
        targets: Their answers.
        seed: Of the order of the questions and the noise.
    """

    def __init__(self, config, inputs, targets, seed):
        self.config = config
        self.train_steps = config.train_steps
        self._inputs, self._targets = dict(inputs), dict(targets)
        answer = self._targets["scalar_answer"]
        self._targets["scalar_answer"] = answer.astype(np.float32)
        if config.batch_size > len(answer):
            raise ValueError(
                f"batch_size: must be <= {len(answer)}, the number of "
                f"questions, got {config.batch_size}"
            )
        self._order = _Order(len(answer), seed)
        self._seed = seed

    def optimizer(self) -> keras.optimizers.Optimizer:
        """Adam with clipping, then noise."""
        config = self.config
        return gradient_noise.GradientNoise(
            keras.optimizers.Adam(
                config.learning_rate,
                config.beta_1,
                config.beta_2,
                config.epsilon,
            ),
            config.noise_eta,
            config.noise_gamma,
            config.clip_norm,
            self._seed,
        )

    def batch(self, step: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """Inputs and targets of a step."""
        size = self.config.batch_size
        per_epoch = self._order.size // size
        epoch, index = divmod(step, per_epoch)
        rows = self._order.of(epoch)[index * size : (index + 1) * size]
        return (
            {name: values[rows] for name, values in self._inputs.items()},
            {name: values[rows] for name, values in self._targets.items()},
        )

    def loss(self, model: Any, inputs: Any, targets: Any) -> Any:
        """The paper's objective of one batch."""
        outputs = model(inputs, training=True)
        mask = model_lib.cell_mask(inputs, outputs["lookup_answer"].dtype)
        return ops.mean(
            losses.loss(
                outputs,
                targets,
                mask,
                self.config.huber_delta,
                self.config.lookup_weight,
            )
        )


class FastSchedule:
    """Questions with the programs that were found, and their likelihood.

    Args:
        config: A `np_configs.FastRecipe`.
        inputs: Of the model, all training questions.
        targets: Their answers.
        text_ids: Ids of the text entries' words.
        seed: Of the order of the questions.
    """

    def __init__(self, config, inputs, targets, text_ids, seed):
        if config.max_candidates < config.max_programs:
            raise ValueError(
                f"max_candidates: must be >= {config.max_programs}, as many "
                f"as a question has, got {config.max_candidates}"
            )
        self.config = config
        self.train_steps = config.train_steps
        names = (*CONTROLLER_INPUTS, *(("text",) if text_ids else ()))
        self._inputs = {name: inputs[name] for name in names}
        self.candidates = np_search.search(
            inputs, targets, text_ids, config.max_programs
        )
        self._usable = np.nonzero(self.candidates.counts)[0]
        if not len(self._usable):
            raise ValueError(
                "targets: some question must have programs that give its "
                f"answer, got none in {len(self.candidates)} questions"
            )
        self._order = _Order(len(self._usable), seed)
        self._epochs = []

    def optimizer(self) -> keras.optimizers.Optimizer:
        """Adam with a falling rate and clipping."""
        config = self.config
        rate = keras.optimizers.schedules.CosineDecay(
            config.learning_rate, config.train_steps, config.final_fraction
        )
        return gradient_noise.GradientNoise(
            keras.optimizers.Adam(rate), eta=0.0, clip_norm=config.clip_norm
        )

    def batch(self, step: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """Inputs and candidates of a step, padded to static shapes."""
        epoch, first = 0, 0
        while step >= first + len(self._bounds(epoch)) - 1:
            first += len(self._bounds(epoch)) - 1
            epoch += 1
        start, end = self._bounds(epoch)[step - first : step - first + 2]
        rows = self._usable[self._order.of(epoch)[start:end]]
        size = self.config.batch_size
        padding = np.zeros(size - len(rows), int)
        inputs = {
            name: values[np.concatenate([rows, padding])]
            for name, values in self._inputs.items()
        }
        return inputs, self._programs(rows)

    def loss(self, model: Any, inputs: Any, targets: Any) -> Any:
        """Minus the mean log likelihood of one batch."""
        likelihood = np_likelihood.log_likelihood(model, inputs, targets)
        owned = ops.any(
            targets["question"][:, None]
            == ops.arange(likelihood.shape[0], dtype="int32"),
            axis=0,
        )
        owned = ops.cast(owned, likelihood.dtype)
        return -ops.sum(owned * likelihood) / ops.maximum(ops.sum(owned), 1)

    def _bounds(self, epoch):
        """Where an epoch's batches start in its order, and its end.

        A batch has at most `batch_size` questions with at most
        `max_candidates` programs.
        """
        while len(self._epochs) <= epoch:
            order = self._order.of(len(self._epochs))
            total = np.cumsum(self.candidates.counts[self._usable[order]])
            bounds, before = [0], 0
            while bounds[-1] < len(order):
                limit = before + self.config.max_candidates
                end = int(np.searchsorted(total, limit, side="right"))
                end = min(end, bounds[-1] + self.config.batch_size)
                bounds.append(end)
                before = total[end - 1]
            self._epochs.append(bounds)
        return self._epochs[epoch]

    def _programs(self, rows):
        known = self.candidates
        counts = known.counts[rows]
        chosen = np.concatenate(
            [
                np.arange(known.starts[row], known.starts[row + 1])
                for row in rows
            ]
        )
        fields = {
            "question": np.repeat(np.arange(len(rows)), counts),
            "operations": known.operations[chosen],
            "columns": known.columns[chosen],
            "pivots": known.pivots[chosen],
            "text_columns": known.text_columns[chosen],
            "text_words": known.text_words[chosen],
        }
        return {name: self._pad(values) for name, values in fields.items()}

    def _pad(self, values):
        shape = (self.config.max_candidates, *values.shape[1:])
        padded = np.full(shape, np_search.FREE, np.int32)
        padded[: len(values)] = values
        return padded


class _Order:
    """A random order of the questions for each epoch."""

    def __init__(self, size, seed):
        self.size = size
        self._seed = seed
        self._last = (None, None)

    def of(self, epoch: int) -> np.ndarray:
        """Indices, the same for the same seed and epoch."""
        if self._last[0] != epoch:
            generator = np.random.default_rng([self._seed, epoch])
            self._last = epoch, generator.permutation(self.size)
        return self._last[1]

"""How well a Neural Programmer answers, executed with hard choices."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from np_tf import losses

BATCH = 500
CATEGORIES = ("simple", "comparison", "logic", "difference")
_KEPT = ("operations", "columns", "pivots")


class Evaluator:
    """Answers questions in batches of one shape.

    Args:
        model: The `np_tf.NeuralProgrammer`; its current weights are used at
            every call.
        batch_size: Questions at once.
        jit_compile: Compile with XLA.
    """

    def __init__(
        self, model: Any, batch_size: int = BATCH, jit_compile: bool = True
    ):
        self.batch_size = batch_size

        def answer(inputs, targets):
            outputs = model(inputs, training=False)
            kept = {name: outputs[name] for name in _KEPT}
            return losses.correct(outputs, targets), kept

        self._answer = tf.function(
            answer, jit_compile=jit_compile, autograph=False
        )

    def __call__(
        self, inputs: dict[str, Any], targets: dict[str, Any]
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Which answers are right.

        Args:
            inputs: Of the model, n questions.
            targets: Their answers.

        Returns:
            `[n]` bool, and the programs: `operations` and `columns` `[n, T]`,
            `pivots` `[n, 2]`.
        """
        count = len(inputs["question"])
        right, programs = [], {name: [] for name in _KEPT}
        for start in range(0, count, self.batch_size):
            rows = np.arange(start, min(start + self.batch_size, count))
            padded = np.resize(rows, self.batch_size)
            correct, kept = self._answer(
                {name: values[padded] for name, values in inputs.items()},
                {name: values[padded] for name, values in targets.items()},
            )
            right.append(correct.numpy()[: len(rows)])
            for name, values in kept.items():
                programs[name].append(values.numpy()[: len(rows)])
        joined = {name: np.concatenate(v) for name, v in programs.items()}
        return np.concatenate(right), joined


def accuracy_by_category(
    right: np.ndarray, categories: np.ndarray
) -> dict[str, float]:
    """The share of right answers among the questions of each category.

    Args:
        right: `[n]` bool.
        categories: `[n]`, indices of `CATEGORIES`. One that does not occur
            is left out.
    """
    return {
        name: float(right[categories == index].mean())
        for index, name in enumerate(CATEGORIES)
        if (categories == index).any()
    }

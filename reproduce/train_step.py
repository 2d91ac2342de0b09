"""One optimizer step of any loss, on one replica or several."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf


class TrainStep:
    """Applies the gradient of `loss(model, inputs, targets)`.

    On one replica the whole step is compiled by XLA; the shapes of a batch
    must not change, or it compiles again. On several, each takes a batch of
    its own, the gradient is their mean, and the step is a plain graph (TPUs
    compile it themselves).

    Args:
        model: The model.
        optimizer: Built; must take the gradient of each replica's share of
            the loss, as `np_tf.gradient_noise.GradientNoise` does.
        loss: The loss of a batch, a scalar.
        strategy: Where the replicas are.
        jit_compile: False for a plain graph on one replica, too.
    """

    def __init__(
        self,
        model: Any,
        optimizer: Any,
        loss: Callable[[Any, Any, Any], Any],
        strategy: tf.distribute.Strategy,
        jit_compile: bool = True,
    ):
        self.model = model
        self.optimizer = optimizer
        self.loss = loss
        self.strategy = strategy
        self.num_replicas = strategy.num_replicas_in_sync
        alone = self.num_replicas == 1
        self._step = tf.function(
            self._replica_step if alone else self._distributed_step,
            jit_compile=jit_compile and alone,
            autograph=False,
        )

    def __call__(self, batch: Callable[[int], Any], step: int) -> float:
        """Takes step `step`.

        Args:
            batch: From a number to the inputs and targets of a batch.
            step: With n replicas, they take the batches n step to
                n step + n - 1.

        Returns:
            The loss before the step.
        """
        if self.num_replicas == 1:
            return float(self._step(*batch(step)))
        shares = self.strategy.experimental_distribute_values_from_function(
            lambda context: tf.nest.map_structure(
                tf.constant,
                batch(
                    step * self.num_replicas + context.replica_id_in_sync_group
                ),
            )
        )
        return float(self._step(*shares))

    def _replica_step(self, inputs, targets):
        with tf.GradientTape() as tape:
            loss = self.loss(self.model, inputs, targets) / self.num_replicas
        variables = self.model.trainable_variables
        gradients = [
            tf.zeros_like(variable) if gradient is None else gradient
            for gradient, variable in zip(
                tape.gradient(loss, variables), variables
            )
        ]
        self.optimizer.apply(gradients, variables)
        return loss

    def _distributed_step(self, inputs, targets):
        shares = self.strategy.run(self._replica_step, (inputs, targets))
        return self.strategy.reduce(tf.distribute.ReduceOp.SUM, shares, None)

"""One optimizer step, on one worker or many, compiled by XLA."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import tensorflow as tf

from npi_tf import losses
from reproduce import npi_schedules


class TrainStep:
    """Applies the gradient of a step's batches.

    The loss is `sum_b sum_t -w_bt log P(xi_out_t | .)` over all batches `b`,
    where the weights make it a mean or a sum. With several replicas each
    takes every n-th frame of every batch and the gradients are summed (by
    the Keras optimizer), which is the same loss up to rounding.

    Args:
        model: The `npi_tf.NPI`.
        optimizer: A built Keras optimizer.
        strategy: Where the replicas are.
        jit_compile: Compile the whole step with XLA; or names of the domains
            whose gradients XLA compiles, those of the others being a plain
            graph. On several replicas the step is a plain graph (TPUs
            compile it themselves).
    """

    def __init__(self, model, optimizer, strategy, jit_compile=True):
        self.model = model
        self.optimizer = optimizer
        self.strategy = strategy
        self.num_replicas = strategy.num_replicas_in_sync
        alone = self.num_replicas == 1
        self._apart = () if isinstance(jit_compile, bool) else jit_compile
        self._step = tf.function(
            self._replica_step if alone else self._distributed_step,
            jit_compile=jit_compile is True and alone,
            autograph=False,
        )
        self._apply = tf.function(
            lambda gradients: optimizer.apply(
                gradients, model.trainable_variables
            ),
            autograph=False,
        )
        self._graph, self._compiled = (
            tf.function(self._gradients_of, jit_compile=xla, autograph=False)
            for xla in (False, True)
        )

    def __call__(self, batches: npi_schedules.Batches) -> float:
        """Takes one step.

        Args:
            batches: Frames and weight of each batch, or lists of them by
                domain; the number of frames must be divisible by the number
                of replicas.

        Returns:
            The loss before the step.

        Raises:
            ValueError: If a batch cannot be divided.
        """
        by_domain = batches if isinstance(batches, dict) else {"": batches}
        arrays = {
            domain: [self._arrays(batch, weight) for batch, weight in group]
            for domain, group in by_domain.items()
        }
        if self.num_replicas == 1:
            step = self._step_in_parts if self._apart else self._step
            return float(step(arrays))
        for batch in itertools.chain(*arrays.values()):
            if len(batch["ends"]) % self.num_replicas:
                raise ValueError(
                    "batches: frames must be divisible by "
                    f"{self.num_replicas} replicas, got {len(batch['ends'])}"
                )
        return float(self._step(self._distribute(arrays)))

    def _arrays(self, batch, weight) -> dict[str, Any]:
        if np.ndim(weight) < 2:  # Else it is `[B, T]`.
            weight = np.broadcast_to(weight, len(batch))[:, None]
        weights = np.asarray(weight, np.float64)
        return batch.inputs() | batch.targets() | {"weight": weights}

    def _distribute(self, arrays):
        def share(context):
            mine = slice(
                context.replica_id_in_sync_group, None, self.num_replicas
            )
            # Frames of every replica point into the same images.
            return {
                domain: [
                    {
                        name: tf.constant(a if name == "images" else a[mine])
                        for name, a in batch.items()
                    }
                    for batch in group
                ]
                for domain, group in arrays.items()
            }

        return self.strategy.experimental_distribute_values_from_function(share)

    def _step_in_parts(self, arrays):
        """One step, the gradients of some domains compiled by XLA."""
        inside = {d: a for d, a in arrays.items() if d in self._apart}
        outside = {d: a for d, a in arrays.items() if d not in self._apart}
        parts = [self._compiled(inside), self._graph(outside)]
        losses_seen, gradients = zip(*parts)
        gradients = [
            tf.add_n([g for g in same if g is not None])
            for same in zip(*gradients)
        ]
        self._apply(gradients)
        return tf.add_n(losses_seen)

    def _gradients_of(self, arrays):
        with tf.GradientTape() as tape:
            loss = tf.add_n(
                [
                    self._loss(batch, domain or None)
                    for domain, group in arrays.items()
                    for batch in group
                ]
            )
        return loss, tape.gradient(loss, self.model.trainable_variables)

    def _loss(self, batch, domain):
        outputs = self.model(batch, domain=domain)
        likelihood = losses.step_log_likelihood(outputs, batch)
        weight = tf.cast(batch["weight"], likelihood.dtype)
        return -tf.reduce_sum(weight * likelihood)

    def _replica_step(self, arrays):
        loss, gradients = self._gradients_of(arrays)
        self.optimizer.apply(gradients, self.model.trainable_variables)
        return loss

    def _distributed_step(self, arrays):
        shares = self.strategy.run(self._replica_step, (arrays,))
        return self.strategy.reduce(tf.distribute.ReduceOp.SUM, shares, None)

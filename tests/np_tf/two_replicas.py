"""Trains the same on one CPU and on two logical ones; prints JSON.

A process of its own, because the devices must be made first.
"""

import json

import keras
import numpy as np
import tensorflow as tf

from np_tf import gradient_noise
from reproduce import train_step

STEPS = 6
RNG = np.random.default_rng(0)
X = RNG.normal(size=(STEPS, 8, 5)).astype(np.float32)
Y = 10 * RNG.normal(size=(STEPS, 8, 1)).astype(np.float32)


def loss(model, inputs, targets):
    """Mean squared error: of a batch, the mean of that of its halves."""
    return keras.ops.mean((model(inputs) - targets) ** 2)


def train(strategy, eta=1.0):
    """All steps; each replica takes its part of a step's batch.

    Returns:
        The weights at the start and at the end, the losses, and the weights
        of each replica.
    """
    keras.utils.set_random_seed(0)
    with strategy.scope():
        model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(1)])
        optimizer = gradient_noise.GradientNoise(
            keras.optimizers.Adam(0.1), eta=eta, clip_norm=1.0, seed=4
        )
        optimizer.build(model.trainable_variables)
    start = model.get_weights()[0].tolist()
    step = train_step.TrainStep(model, optimizer, loss, strategy)
    size = 8 // strategy.num_replicas_in_sync

    def batch(number):
        index, part = divmod(number, 8 // size)
        rows = slice(part * size, (part + 1) * size)
        return X[index, rows], Y[index, rows]

    losses = [step(batch, index) for index in range(STEPS)]
    kernel = model.trainable_variables[0].value
    each = strategy.experimental_local_results(kernel)
    each = [np.asarray(value).tolist() for value in each]
    return start, model.get_weights()[0].tolist(), losses, each


def main():
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(
        cpu, [tf.config.LogicalDeviceConfiguration()] * 2
    )
    tf.get_logger().setLevel("ERROR")
    one = train(tf.distribute.get_strategy())
    silent = train(tf.distribute.get_strategy(), eta=0.0)
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    two = train(strategy)
    found = {
        "num_replicas": strategy.num_replicas_in_sync,
        "start": one[0],
        "one": one[1],
        "without noise": silent[1],
        "two": two[1],
        "losses of one": one[2],
        "losses of two": two[2],
        "each of two": two[3],
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()

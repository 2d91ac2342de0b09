"""Where a run computes: CPU, GPU, TPU, one worker or several."""

from __future__ import annotations

import os

import tensorflow as tf

DEVICES = ("cpu", "gpu", "tpu")


def make(device: str) -> tf.distribute.Strategy:
    """The distribution strategy for a device.

    With `TF_CONFIG` set, the workers it names train together on CPU or GPU.
    Must be called before anything else uses TensorFlow.

    Args:
        device: `cpu`, `gpu` or `tpu`.

    Raises:
        ValueError: If the device is unknown, or this machine has none.
    """
    if device not in DEVICES:
        raise ValueError(
            f"device: must be one of {', '.join(DEVICES)}, got {device!r}"
        )
    if device == "tpu":
        return _tpu()
    gpus = tf.config.list_physical_devices("GPU")
    if device == "cpu":
        tf.config.set_visible_devices([], "GPU")
    elif not gpus:
        raise ValueError(
            "device: gpu needs a GPU that TensorFlow sees, got none"
        )
    if "TF_CONFIG" in os.environ:
        return tf.distribute.MultiWorkerMirroredStrategy()
    if device == "gpu" and len(gpus) > 1:
        return tf.distribute.MirroredStrategy()
    return tf.distribute.get_strategy()


def _tpu() -> tf.distribute.Strategy:
    try:
        resolver = tf.distribute.cluster_resolver.TPUClusterResolver.connect()
    except (ValueError, tf.errors.OpError) as error:
        raise ValueError(
            f"device: tpu needs a reachable TPU, got none ({error})"
        ) from error
    return tf.distribute.TPUStrategy(resolver)


def is_chief(strategy: tf.distribute.Strategy) -> bool:
    """True on the worker that writes results."""
    resolver = strategy.cluster_resolver
    if resolver is None or not resolver.task_type:
        return True
    return resolver.task_type == "chief" or (
        resolver.task_type == "worker"
        and resolver.task_id == 0
        and "chief" not in resolver.cluster_spec().jobs
    )

"""Requests that TensorFlow Serving replays before it answers a user."""

from __future__ import annotations

import pathlib

import tensorflow as tf
from absl import logging

# Where TensorFlow Serving looks for them.
WARMUP_FILE = pathlib.PurePath("assets.extra", "tf_serving_warmup_requests")


def write(
    folder: pathlib.Path, model: str, requests: list[tuple[str, dict]]
) -> None:
    """Writes a TFRecord of `PredictionLog`s into a SavedModel.

    Without the package tensorflow-serving-api, which defines the protobufs,
    nothing is written and a warning is logged: the model serves all the
    same, but its first requests are slow.

    Args:
        folder: The SavedModel.
        model: Name of the model in the requests; servers ignore it here.
        requests: Each the name of a signature, and tensors by input name.
    """
    try:
        from tensorflow_serving.apis import prediction_log_pb2
    except ImportError:
        logging.warning(
            "No warm-up requests in %s: install tensorflow-serving-api "
            "(extra [serving]) and export again to have them.",
            folder,
        )
        return
    path = folder / WARMUP_FILE
    path.parent.mkdir(exist_ok=True)
    with tf.io.TFRecordWriter(str(path)) as writer:
        for signature, inputs in requests:
            log = prediction_log_pb2.PredictionLog()
            predict = log.predict_log.request
            predict.model_spec.name = model
            predict.model_spec.signature_name = signature
            for name, value in inputs.items():
                proto = tf.make_tensor_proto(value)
                predict.inputs[name].CopyFrom(proto)
            writer.write(log.SerializeToString())

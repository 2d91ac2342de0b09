"""Requests that TensorFlow Serving replays before it answers a user."""

from __future__ import annotations

import pathlib
from typing import Any

import tensorflow as tf
from absl import logging

# Where TensorFlow Serving looks for them.
WARMUP_FILE = pathlib.PurePath("assets.extra", "tf_serving_warmup_requests")


def write(folder: pathlib.Path, model: str, serving: Any) -> None:
    """Writes a TFRecord of `PredictionLog`s into a SavedModel.

    Without the package tensorflow-serving-api, which defines the protobufs,
    nothing is written and a warning is logged: the model serves all the
    same, but its first requests are slow.

    Args:
        folder: The SavedModel.
        model: Name of the model in the requests; servers ignore it here.
        serving: The `np_tf.serving.Serving` that it holds.
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
        for request in serving.warmup:
            log = prediction_log_pb2.PredictionLog()
            predict = log.predict_log.request
            predict.model_spec.name = model
            predict.model_spec.signature_name = "serving_default"
            for name, values in request.items():
                tensor = tf.make_tensor_proto(
                    values, serving.inputs[name].dtype
                )
                predict.inputs[name].CopyFrom(tensor)
            writer.write(log.SerializeToString())

"""Stands in for TensorFlow Serving: its REST and gRPC predict calls.

Only what the clients use: the JSON and protobuf forms of a predict request
and of its answer, served from a loaded SavedModel over real sockets.
"""

from __future__ import annotations

import contextlib
import http.server
import json
import threading
from concurrent import futures

import grpc
import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2
from tensorflow_serving.apis import prediction_service_pb2_grpc

MODEL = "npi_addition"
VERSION = 1
_FIELDS = {
    tf.string: "string_val",
    tf.int32: "int_val",
    tf.float32: "float_val",
    tf.float64: "double_val",
    tf.bool: "bool_val",
}


def predict_json(signatures, request: dict) -> dict:
    """The answer to a JSON body: rows to rows, columns to columns."""
    function = signatures[request.get("signature_name", "serving_default")]
    if "inputs" in request:
        return {"outputs": _run(function, request["inputs"])}
    instances = request["instances"]
    names = sorted({name for instance in instances for name in instance})
    columns = {name: [row[name] for row in instances] for name in names}
    outputs = _run(function, columns)
    return {
        "predictions": [
            dict(zip(outputs, row)) for row in zip(*outputs.values())
        ]
    }


def predict_proto(
    signatures, request: predict_pb2.PredictRequest
) -> predict_pb2.PredictResponse:
    """The answer to a `PredictRequest`; tensors as lists of values."""
    name = request.model_spec.signature_name or "serving_default"
    tensors = {
        key: tf.constant(tf.make_ndarray(value))
        for key, value in request.inputs.items()
    }
    response = predict_pb2.PredictResponse()
    response.model_spec.name = request.model_spec.name
    response.model_spec.version.value = VERSION
    response.model_spec.signature_name = name
    for key, value in signatures[name](**tensors).items():
        proto = response.outputs[key]
        proto.dtype = value.dtype.as_datatype_enum
        proto.tensor_shape.CopyFrom(value.shape.as_proto())
        values = getattr(proto, _FIELDS[value.dtype])
        values.extend(np.ravel(value.numpy()).tolist())
    return response


@contextlib.contextmanager
def rest_server(signatures, model=MODEL):
    """Serves JSON on a free port of this machine; gives the port."""
    paths = (
        f"/v1/models/{model}:predict",
        f"/v1/models/{model}/versions/{VERSION}:predict",
    )

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                if self.path not in paths:
                    raise LookupError(f"no such model: {self.path}")
                code, answer = 200, predict_json(signatures, json.loads(body))
            except (LookupError, ValueError, tf.errors.OpError) as error:
                code, answer = 400, {"error": str(error)}
            text = json.dumps(answer).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextlib.contextmanager
def grpc_server(signatures):
    """Serves protobufs on a free port of this machine; gives the port."""

    class Servicer(prediction_service_pb2_grpc.PredictionServiceServicer):
        def Predict(self, request, context):
            try:
                return predict_proto(signatures, request)
            except (LookupError, tf.errors.OpError) as error:
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))

    server = grpc.server(futures.ThreadPoolExecutor(2))
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(
        Servicer(), server
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield port
    finally:
        server.stop(None).wait()


def _run(function, columns):
    specs = function.structured_input_signature[1]
    tensors = {
        name: tf.constant(values, specs[name].dtype)
        for name, values in columns.items()
    }
    return {
        name: _text(value.numpy().tolist())
        for name, value in sorted(function(**tensors).items())
    }


def _text(value):
    if isinstance(value, list):
        return [_text(item) for item in value]
    return value.decode() if isinstance(value, bytes) else value

"""Adds numbers over TensorFlow Serving's gRPC API.

pip install tensorflow-serving-api
python serving/grpc_client.py --host localhost --port 8500 96 125 5 99999

Exits with 1 if there is no answer, or one with a status other than `ok`.
"""

import argparse
import json
import sys

import grpc
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2
from tensorflow_serving.apis import prediction_service_pb2_grpc

# Long traces pass the 4 MiB a message that gRPC accepts by default.
OPTIONS = [("grpc.max_receive_message_length", -1)]


def build_request(problems, signature="serving_default", model="npi_addition"):
    """The `PredictRequest` of a batch of problems.

    Args:
        problems: `(augend, addend)` pairs of strings.
        signature: `serving_default` or `trace`.
        model: Name under which the server serves it.
    """
    request = predict_pb2.PredictRequest()
    request.model_spec.name = model
    request.model_spec.signature_name = signature
    for column, name in enumerate(("augend", "addend")):
        values = [problem[column] for problem in problems]
        tensor = tf.make_tensor_proto(values, tf.string, [len(values)])
        request.inputs[name].CopyFrom(tensor)
    return request


def read_response(response):
    """One dict of outputs for each problem of a `PredictResponse`."""
    columns = {
        name: tf.make_ndarray(tensor).tolist()
        for name, tensor in response.outputs.items()
    }
    return [
        {name: _text(value) for name, value in zip(columns, row)}
        for row in zip(*columns.values())
    ]


def predict(host, port, request, timeout=120.0):
    """Sends a request; returns one dict of outputs for each problem.

    Raises:
        RuntimeError: If the server answers with an error, or there is none.
    """
    with grpc.insecure_channel(f"{host}:{port}", OPTIONS) as channel:
        stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        try:
            return read_response(stub.Predict(request, timeout))
        except grpc.RpcError as error:
            raise RuntimeError(
                f"{host}:{port}: {error.code().name}, {error.details()}"
            ) from error


def _text(value):
    if isinstance(value, list):
        return [_text(item) for item in value]
    return value.decode() if isinstance(value, bytes) else value


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=8500)
    parser.add_argument("--signature", default="serving_default")
    parser.add_argument("numbers", nargs="+", metavar="augend addend")
    options = parser.parse_args(arguments)
    if len(options.numbers) % 2:
        parser.error("numbers: must be pairs of augend and addend")
    problems = list(zip(options.numbers[::2], options.numbers[1::2]))
    request = build_request(problems, options.signature)
    try:
        answers = predict(options.host, options.port, request)
    except RuntimeError as error:
        parser.exit(1, f"{parser.prog}: {' '.join(str(error).split())}\n")
    for answer in answers:
        print(json.dumps(answer, sort_keys=True))
    return int(any(answer["status"] != "ok" for answer in answers))


if __name__ == "__main__":
    sys.exit(main())

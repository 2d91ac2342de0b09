"""Sorts arrays of digits over TensorFlow Serving, REST or gRPC.

    python serving/sorting_client.py 925 31415 0
    python serving/sorting_client.py --grpc 925 31415 0

REST needs the standard library only; --grpc needs tensorflow-serving-api.
"""

import argparse
import json
import urllib.error
import urllib.request

MODEL = "npi_sorting"
# Long traces pass the 4 MiB a message that gRPC accepts by default.
OPTIONS = [("grpc.max_receive_message_length", -1)]


def build_rows(arrays):
    """One dict of inputs for each array; the shorter are padded with zeros."""
    width = max(map(len, arrays), default=0)
    return [
        {
            "array": list(array) + [0] * (width - len(array)),
            "lengths": len(array),
        }
        for array in arrays
    ]


def ask_rest(host, port, rows, signature="serving_default", timeout=300.0):
    """Posts a request; returns one dict of outputs for each array.

    Raises:
        RuntimeError: If the server answers with an error.
    """
    url = f"http://{host}:{port}/v1/models/{MODEL}:predict"
    body = {"signature_name": signature, "instances": rows}
    post = urllib.request.Request(
        url,
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(post, timeout=timeout) as response:
            return json.load(response)["predictions"]
    except urllib.error.HTTPError as error:
        text = error.read().decode(errors="replace")
        raise RuntimeError(f"{url}: HTTP {error.code}, {text}") from error


def build_request(rows, signature="serving_default"):
    """The `PredictRequest` of the same rows."""
    import tensorflow as tf
    from tensorflow_serving.apis import predict_pb2

    request = predict_pb2.PredictRequest()
    request.model_spec.name = MODEL
    request.model_spec.signature_name = signature
    width = len(rows[0]["array"]) if rows else 0
    for name, shape in (
        ("array", [len(rows), width]),
        ("lengths", [len(rows)]),
    ):
        values = [row[name] for row in rows]
        tensor = tf.make_tensor_proto(values, tf.int32, shape)
        request.inputs[name].CopyFrom(tensor)
    return request


def ask_grpc(host, port, rows, signature="serving_default", timeout=300.0):
    """As `ask_rest`, over gRPC.

    Raises:
        grpc.RpcError: If the server answers with an error.
    """
    import grpc
    import tensorflow as tf
    from tensorflow_serving.apis import prediction_service_pb2_grpc

    with grpc.insecure_channel(f"{host}:{port}", OPTIONS) as channel:
        stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        response = stub.Predict(build_request(rows, signature), timeout)
    columns = {
        name: _text(tf.make_ndarray(tensor).tolist())
        for name, tensor in response.outputs.items()
    }
    return [dict(zip(columns, row)) for row in zip(*columns.values())]


def _text(value):
    if isinstance(value, list):
        return [_text(item) for item in value]
    return value.decode() if isinstance(value, bytes) else value


def read_answer(answer, row):
    """The answer without what pads the array."""
    return answer | {"sorted": answer["sorted"][: row["lengths"]]}


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n", maxsplit=1)[0]
    )
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, help="default 8501; 8500 for gRPC")
    parser.add_argument("--grpc", action="store_true")
    parser.add_argument("--signature", default="serving_default")
    parser.add_argument("arrays", nargs="+", metavar="digits")
    options = parser.parse_args(arguments)
    if not all(a.isascii() and a.isdigit() for a in options.arrays):
        parser.error("arrays: must be digits 0-9 without spaces, such as 925")
    rows = build_rows([list(map(int, array)) for array in options.arrays])
    ask = ask_grpc if options.grpc else ask_rest
    port = options.port or (8500 if options.grpc else 8501)
    answers = ask(options.host, port, rows, options.signature)
    for answer, row in zip(answers, rows):
        print(json.dumps(read_answer(answer, row), sort_keys=True))


if __name__ == "__main__":
    main()

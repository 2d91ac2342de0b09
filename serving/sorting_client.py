"""Sorts arrays of digits over TensorFlow Serving, REST or gRPC.

    python serving/sorting_client.py 925 31415 0
    python serving/sorting_client.py --grpc 925 31415 0
    python serving/sorting_client.py --model_name npi_maximum 925 31415

The maximum takes the same inputs, and answers with one number for each array.
REST needs the standard library only; --grpc needs tensorflow-serving-api.
Exits with 1 if there is no answer, or one with a status other than `ok`.
"""

import argparse
import http.client
import json
import sys
import urllib.error
import urllib.request

MODEL = "npi_sorting"
MAXIMUM_MODEL = "npi_maximum"
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


def ask_rest(
    host,
    port,
    rows,
    signature="serving_default",
    timeout=300.0,
    model=MODEL,
):
    """Posts a request; returns one dict of outputs for each array.

    Args:
        host: Of the server.
        port: Its port for REST.
        rows: From `build_rows`.
        signature: `serving_default` or `trace`.
        timeout: Seconds.
        model: Name under which the server serves it.

    Raises:
        RuntimeError: If the server answers with an error, or not in HTTP.
        OSError: If there is no server.
    """
    url = f"http://{host}:{port}/v1/models/{model}:predict"
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
    except http.client.HTTPException as error:  # As at a port for gRPC.
        raise RuntimeError(f"{url}: no HTTP answer, {error!r}") from error


def build_request(rows, signature="serving_default", model=MODEL):
    """The `PredictRequest` of the same rows."""
    import tensorflow as tf
    from tensorflow_serving.apis import predict_pb2

    request = predict_pb2.PredictRequest()
    request.model_spec.name = model
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


def ask_grpc(
    host,
    port,
    rows,
    signature="serving_default",
    timeout=300.0,
    model=MODEL,
):
    """As `ask_rest`, over gRPC.

    Raises:
        RuntimeError: If the server answers with an error, or there is none.
    """
    import grpc
    import tensorflow as tf
    from tensorflow_serving.apis import prediction_service_pb2_grpc

    with grpc.insecure_channel(f"{host}:{port}", OPTIONS) as channel:
        stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        request = build_request(rows, signature, model)
        try:
            response = stub.Predict(request, timeout)
        except grpc.RpcError as error:
            raise RuntimeError(
                f"{host}:{port}: {error.code().name}, {error.details()}"
            ) from error
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
    """The answer without what pads the array; a maximum as it came."""
    if "sorted" not in answer:
        return answer
    return answer | {"sorted": answer["sorted"][: row["lengths"]]}


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n", maxsplit=1)[0]
    )
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, help="default 8501; 8500 for gRPC")
    parser.add_argument("--grpc", action="store_true")
    parser.add_argument(
        "--model_name",
        default=MODEL,
        help=f"as the server has it, such as {MAXIMUM_MODEL}",
    )
    parser.add_argument("--signature", default="serving_default")
    parser.add_argument("arrays", nargs="+", metavar="digits")
    options = parser.parse_args(arguments)
    if not all(a.isascii() and a.isdigit() for a in options.arrays):
        parser.error("arrays: must be digits 0-9 without spaces, such as 925")
    rows = build_rows([list(map(int, array)) for array in options.arrays])
    ask = ask_grpc if options.grpc else ask_rest
    port = options.port or (8500 if options.grpc else 8501)
    try:
        answers = ask(
            options.host,
            port,
            rows,
            options.signature,
            model=options.model_name,
        )
    except (OSError, RuntimeError) as error:
        parser.exit(1, f"{parser.prog}: {' '.join(str(error).split())}\n")
    for answer, row in zip(answers, rows):
        print(json.dumps(read_answer(answer, row), sort_keys=True))
    return int(any(answer["status"] != "ok" for answer in answers))


if __name__ == "__main__":
    sys.exit(main())

"""Turns cameras around 3D cars by a served step function.

The renderer lives here, with the client: each request sends a picture of
every car and the state that the answer before carried, each answer names the
next move. Problems are triples of car, azimuth and elevation.

    python serving/car_client.py car-000 45 30             # a server, REST
    python serving/car_client.py --grpc car-000 45 30      # a server, gRPC
    python serving/car_client.py --model models/npi_canonicalization/1 \
        car-000 45 30                                      # no server

Needs this project's renderer (pip install -e .[cars]); TensorFlow for
--model, tensorflow-serving-api for --grpc. Exits with 1 if something fails,
or a program ends with a status other than `ok` or away from the target pose.
"""

import argparse
import http.client
import json
import sys
import urllib.error
import urllib.request

from npi_tf import canonicalization
from npi_tf.canonicalization import environment as environment_lib

MODEL = "npi_canonicalization"
DOMAIN = canonicalization.CANONICALIZATION
STEP = "serving_default"
ANSWERS = ("action", "arguments", "status")  # The other outputs are carried.
# Pictures and states pass the 4 MiB a message that gRPC accepts by default.
OPTIONS = [("grpc.max_receive_message_length", -1)]


def drive(predict, environments, step_budget=1000):
    """Moves every camera until its program has ended.

    Args:
        predict: `(signature, inputs)` to outputs; nested lists by name.
        environments: Of the domain; they are moved.
        step_budget: Most core steps of each program.

    Returns:
        One dict for each: `actions`, `status`, `num_steps`, `result` (the
        pose) and whether the target pose was `reached`.
    """
    start = {"step_budget": [step_budget] * len(environments)}
    outputs = predict("start", start)
    actions = [[] for _ in environments]
    while "running" in outputs["status"]:
        state = {k: v for k, v in outputs.items() if k not in ANSWERS}
        outputs = predict(STEP, see(environments) | state)
        for row, action in enumerate(outputs["action"]):
            if action:  # None in a row that has ended.
                environments[row].act(tuple(outputs["arguments"][row]))
                actions[row].append(action)
    return [
        {
            "actions": actions[row],
            "status": outputs["status"][row],
            "num_steps": outputs["num_steps"][row],
            "result": list(environment.result()),
            "reached": environment.result() == environment_lib.TARGET,
        }
        for row, environment in enumerate(environments)
    ]


def see(environments):
    """Features and pictures as the signature takes them, nested lists."""
    shape = DOMAIN.observations.image_shape
    num_features = len(DOMAIN.observations.features)
    seen = [environment.observe() for environment in environments]
    return {
        "features": [row[:num_features].tolist() for row in seen],
        "image": [row[num_features:].reshape(shape).tolist() for row in seen],
    }


def load(folder):
    """`predict` by TensorFlow alone; raises RuntimeError as a server would."""
    import tensorflow as tf

    signatures = tf.saved_model.load(folder).signatures

    def predict(signature, inputs):
        function = signatures[signature]
        types = function.structured_input_signature[1]
        tensors = {k: tf.constant(v, types[k].dtype) for k, v in inputs.items()}
        try:
            outputs = function(**tensors)
        except tf.errors.InvalidArgumentError as error:
            raise RuntimeError(f"{folder}: {error.message}") from error
        return {k: text(v.numpy().tolist()) for k, v in outputs.items()}

    return predict


def connect_rest(host, port, timeout=60.0):
    """`predict` by a server's REST API; raises RuntimeError for its errors."""
    url = f"http://{host}:{port}/v1/models/{MODEL}:predict"

    def predict(signature, inputs):
        body = {"signature_name": signature, "inputs": inputs}
        post = urllib.request.Request(
            url,
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(post, timeout=timeout) as response:
                outputs = json.load(response)["outputs"]
        except urllib.error.HTTPError as error:
            message = error.read().decode(errors="replace")
            raise RuntimeError(
                f"{url}: HTTP {error.code}, {message}"
            ) from error
        except http.client.HTTPException as error:  # As at a port for gRPC.
            raise RuntimeError(f"{url}: no HTTP answer, {error!r}") from error
        return outputs

    return predict


def connect_grpc(host, port, timeout=60.0):
    """`predict` by a server's gRPC API; raises RuntimeError for its errors."""
    import grpc
    import tensorflow as tf
    from tensorflow_serving.apis import predict_pb2
    from tensorflow_serving.apis import prediction_service_pb2_grpc

    channel = grpc.insecure_channel(f"{host}:{port}", OPTIONS)
    stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    types = {
        "image": tf.uint8,
        "hidden": tf.float32,
        "saved_hidden": tf.float32,
    }

    def predict(signature, inputs):
        request = predict_pb2.PredictRequest()
        request.model_spec.name = MODEL
        request.model_spec.signature_name = signature
        for name, value in inputs.items():
            tensor = tf.make_tensor_proto(value, types.get(name, tf.int32))
            request.inputs[name].CopyFrom(tensor)
        try:
            outputs = stub.Predict(request, timeout).outputs
        except grpc.RpcError as error:
            raise RuntimeError(
                f"{host}:{port}: {error.code().name}, {error.details()}"
            ) from error
        return {
            k: text(tf.make_ndarray(v).tolist()) for k, v in outputs.items()
        }

    return predict


def text(value):
    """Nested lists with strings in place of bytes."""
    if isinstance(value, list):
        return [text(item) for item in value]
    return value.decode() if isinstance(value, bytes) else value


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n", maxsplit=1)[0]
    )
    parser.add_argument("--model", help="a SavedModel, instead of a server")
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, help="default 8501; 8500 for gRPC")
    parser.add_argument("--grpc", action="store_true")
    parser.add_argument("--step_budget", type=int, default=1000)
    parser.add_argument("problems", nargs="+", metavar="car azimuth elevation")
    options = parser.parse_args(arguments)
    if len(options.problems) % 3:
        parser.error("problems: must be triples of car, azimuth, elevation")
    try:
        environments = [
            DOMAIN.make_environment(*DOMAIN.parse_values(tuple(words)))
            for words in zip(*[iter(options.problems)] * 3)
        ]
    except ValueError as error:
        parser.error(str(error))
    try:
        answers = drive(_connect(options), environments, options.step_budget)
    # No server, model or renderer; a mesh that is missing or broken.
    except (OSError, RuntimeError, ValueError) as error:
        parser.exit(1, f"{parser.prog}: {' '.join(str(error).split())}\n")
    for answer in answers:
        print(json.dumps(answer))
    good = [a["reached"] and a["status"] == "ok" for a in answers]
    return int(not all(good))


def _connect(options):
    if options.model:
        return load(options.model)
    connect = connect_grpc if options.grpc else connect_rest
    port = options.port or (8500 if options.grpc else 8501)
    return connect(options.host, port)


if __name__ == "__main__":
    sys.exit(main())

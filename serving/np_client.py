"""Asks a served Neural Programmer about a CSV file, over REST or gRPC.

python serving/np_client.py --table serving/orders.csv "sum cost"

REST needs the standard library only; --grpc needs tensorflow-serving-api.
Exits with 1 if there is no answer, or one with a status other than `ok`.
"""

import argparse
import csv
import http.client
import json
import sys
import urllib.error
import urllib.request

MODEL = "neural_programmer"
# Tables pass the 4 MiB a message that gRPC accepts by default.
OPTIONS = [("grpc.max_receive_message_length", -1)]


def read_table(path):
    """Column names, and the rows of a CSV file; numbers where all are."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        names, *rows = [line for line in csv.reader(file) if line]
    columns = [[row[index] for row in rows] for index in range(len(names))]
    return names, list(zip(*map(_numbers, columns)))


def _numbers(column):
    try:
        return [float(cell) for cell in column]
    except ValueError:
        return column


def build_rows(questions, names, rows, with_text=False):
    """One dict of inputs for each question about the table.

    Args:
        questions: Strings.
        names: Of the columns.
        rows: Cells, numbers or strings.
        with_text: Whether the served model knows text entries.
    """
    table = {
        "column_names": list(names),
        "cells": [[0.0 if isinstance(c, str) else c for c in r] for r in rows],
        "num_rows": len(rows),
    }
    if with_text:
        table["text_cells"] = [
            [c if isinstance(c, str) else "" for c in r] for r in rows
        ]
    elif any(isinstance(cell, str) for row in rows for cell in row):
        raise ValueError("table: a model without --text knows numbers only")
    return [{"question": question, **table} for question in questions]


def ask_rest(host, port, instances, timeout=60.0):
    """Posts a request; returns one dict of outputs for each question.

    Raises:
        RuntimeError: If the server answers with an error, or not in HTTP.
        OSError: If there is no server.
    """
    url = f"http://{host}:{port}/v1/models/{MODEL}:predict"
    post = urllib.request.Request(
        url,
        json.dumps({"instances": instances}).encode(),
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


def build_request(instances):
    """The `PredictRequest` of the same rows."""
    import tensorflow as tf
    from tensorflow_serving.apis import predict_pb2

    types = {"cells": tf.float64, "num_rows": tf.int32}
    request = predict_pb2.PredictRequest()
    request.model_spec.name = MODEL
    request.model_spec.signature_name = "serving_default"
    for name in instances[0]:
        values = [instance[name] for instance in instances]
        tensor = tf.make_tensor_proto(values, types.get(name, tf.string))
        request.inputs[name].CopyFrom(tensor)
    return request


def ask_grpc(host, port, instances, timeout=60.0):
    """As `ask_rest`, over gRPC.

    Raises:
        RuntimeError: If the server answers with an error, or there is none.
    """
    import grpc
    import tensorflow as tf
    from tensorflow_serving.apis import prediction_service_pb2_grpc

    with grpc.insecure_channel(f"{host}:{port}", OPTIONS) as channel:
        stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        try:
            response = stub.Predict(build_request(instances), timeout)
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


def read_answer(answer, rows):
    """What a person wants to see of an answer."""
    steps = [" ".join(filter(None, call)) for call in answer["program"]]
    found = {"status": answer["status"], "detail": answer["detail"]}
    if answer["status"] != "ok":
        return found
    found["program"] = "; ".join(steps)
    if answer["answer_kind"] == "scalar":
        return {"answer": answer["scalar_answer"], **found}
    cells = [
        cell
        for row, mask in zip(rows, answer["lookup_mask"])
        for cell, is_asked in zip(row, mask)
        if is_asked
    ]
    return {"answer": cells, **found}


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, help="default 8501; 8500 for gRPC")
    parser.add_argument("--grpc", action="store_true")
    parser.add_argument("--text", action="store_true", help="a model of text")
    parser.add_argument("--table", required=True, metavar="FILE.csv")
    parser.add_argument("questions", nargs="+")
    options = parser.parse_args(arguments)
    try:
        names, rows = read_table(options.table)
        instances = build_rows(options.questions, names, rows, options.text)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    ask = ask_grpc if options.grpc else ask_rest
    port = options.port or (8500 if options.grpc else 8501)
    try:
        answers = ask(options.host, port, instances)
    except (OSError, RuntimeError) as error:
        parser.exit(1, f"{parser.prog}: {' '.join(str(error).split())}\n")
    for answer in answers:
        print(json.dumps(read_answer(answer, rows)))
    return int(any(answer["status"] != "ok" for answer in answers))


if __name__ == "__main__":
    sys.exit(main())

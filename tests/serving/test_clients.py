"""The client examples: what they send, and what they make of the answer."""

import json

import pytest
import tensorflow as tf

from serving import c_api_client
from serving import grpc_client
from serving import latency
from serving import rest_client
from tests.serving import emulator

PROBLEMS = [("96", "125"), ("5", "99999"), ("seven", "8"), ("007", "")]
ANSWERS = [
    {"sum": "221", "status": "ok", "num_steps": 50},
    {"sum": "100004", "status": "ok", "num_steps": 107},
    {"sum": "", "status": "invalid_input", "num_steps": 0},
    {"sum": "", "status": "invalid_input", "num_steps": 0},
]
NUMBERS = [number for problem in PROBLEMS for number in problem]


@pytest.fixture(scope="module")
def rest_port(signatures):
    with emulator.rest_server(signatures) as port:
        yield port


@pytest.fixture(scope="module")
def grpc_port(signatures):
    with emulator.grpc_server(signatures) as port:
        yield port


def test_rest_request():
    assert rest_client.build_request(PROBLEMS[:2], "trace") == {
        "signature_name": "trace",
        "instances": [
            {"augend": "96", "addend": "125"},
            {"augend": "5", "addend": "99999"},
        ],
    }


def test_rest_client(rest_port):
    request = rest_client.build_request(PROBLEMS)
    assert rest_client.predict("127.0.0.1", rest_port, request) == ANSWERS


def test_rest_client_reports_errors(rest_port):
    request = rest_client.build_request(PROBLEMS, "no_signature")
    with pytest.raises(RuntimeError, match=r"HTTP 400.*no_signature"):
        rest_client.predict("127.0.0.1", rest_port, request)
    with pytest.raises(RuntimeError, match="no such model"):
        rest_client.predict("127.0.0.1", rest_port, request, model="other")


def test_rest_columns_of_unequal_length_are_an_error(signatures):
    request = {"inputs": {"augend": ["1", "2"], "addend": ["1"]}}
    with pytest.raises(tf.errors.InvalidArgumentError, match="same size"):
        emulator.predict_json(signatures, request)


def test_grpc_request():
    request = grpc_client.build_request(PROBLEMS)
    assert request.model_spec.name == "npi_addition"
    assert request.model_spec.signature_name == "serving_default"
    augend = request.inputs["augend"]
    assert augend.dtype == tf.string.as_datatype_enum
    assert list(augend.string_val) == [b"96", b"5", b"seven", b"007"]
    addend = tf.make_ndarray(request.inputs["addend"])
    assert addend.tolist() == [b"125", b"99999", b"8", b""]
    empty = grpc_client.build_request([])
    assert tf.make_ndarray(empty.inputs["augend"]).shape == (0,)


def test_grpc_client(grpc_port):
    request = grpc_client.build_request(PROBLEMS)
    assert grpc_client.predict("127.0.0.1", grpc_port, request) == ANSWERS


def test_grpc_client_reads_tensor_content():
    """A server may send numbers as bytes instead of as a list."""
    response = emulator.predict_pb2.PredictResponse()
    steps = tf.make_tensor_proto([50, 107])
    assert steps.tensor_content
    response.outputs["num_steps"].CopyFrom(steps)
    response.outputs["sum"].CopyFrom(tf.make_tensor_proto(["221", "100004"]))
    assert grpc_client.read_response(response) == [
        {"num_steps": 50, "sum": "221"},
        {"num_steps": 107, "sum": "100004"},
    ]


def test_grpc_client_reports_errors(grpc_port):
    request = grpc_client.build_request(PROBLEMS, "no_signature")
    with pytest.raises(RuntimeError, match=r"INVALID_ARGUMENT.*no_signature"):
        grpc_client.predict("127.0.0.1", grpc_port, request)


def printed(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_command_lines(served_folder, rest_port, grpc_port, capsys):
    for client, port in ((rest_client, rest_port), (grpc_client, grpc_port)):
        options = ["--host", "127.0.0.1", "--port", str(port)]
        assert client.main([*options, *NUMBERS]) == 1  # Two are refused.
        assert printed(capsys) == ANSWERS
        assert client.main([*options, "--signature", "trace", "0", "0"]) == 0
        (answer,) = printed(capsys)
        assert answer["calls"][:3] == ["ADD", "ADD1", "WRITE OUT 0"]
        assert answer["depth"][:3] == [0, 1, 2]


@pytest.mark.parametrize("client", [rest_client, grpc_client, c_api_client])
def test_numbers_come_in_pairs(client, capsys):
    model = ["--model", "none"] if client is c_api_client else []
    with pytest.raises(SystemExit):
        client.main([*model, "1", "2", "3"])
    assert "numbers: must be pairs" in capsys.readouterr().err


def test_latency_prints_a_row_for_each_size(served_folder, capsys):
    options = ["--digits", "1", "2", "--batches", "1", "3", "--repeats", "1"]
    latency.main(["--model", str(served_folder / "1"), *options])
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    sizes = [row[:2] for row in rows]
    assert sizes == [["1", "1"], ["1", "3"], ["2", "1"], ["2", "3"]]
    assert all(float(value) > 0 for row in rows for value in row)

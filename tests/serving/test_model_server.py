"""The clients against a real TensorFlow Serving, where there is one."""

import contextlib
import pathlib
import shutil
import socket
import subprocess
import time
import urllib.request

import pytest
import tensorflow as tf

from serving import grpc_client
from serving import np_client
from serving import rest_client
from tests.serving import emulator

SERVER = shutil.which("tensorflow_model_server")
ORDERS = pathlib.Path(np_client.__file__).with_name("orders.csv")
PROBLEMS = [("96", "125"), ("5", "99999"), ("seven", "8"), ("", "1")]

pytestmark = pytest.mark.skipif(
    SERVER is None,
    reason="no tensorflow_model_server on the PATH: the served model was "
    "not tried on a real TensorFlow Serving",
)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(model, folder, log):
    """A server of a folder of versions: its gRPC and its REST port."""
    grpc_port, rest_port = free_port(), free_port()
    with log.open("wb") as stream:
        server = subprocess.Popen(
            [
                SERVER,
                f"--port={grpc_port}",
                f"--rest_api_port={rest_port}",
                f"--model_name={model}",
                f"--model_base_path={folder}",
            ],
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until_available(model, rest_port, server, log)
        yield grpc_port, rest_port
    finally:
        server.terminate()
        server.wait(30)


def wait_until_available(model, port, server, log):
    url = f"http://127.0.0.1:{port}/v1/models/{model}"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and server.poll() is None:
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(url, timeout=5) as response,
        ):
            if b"AVAILABLE" in response.read():
                return
        time.sleep(0.5)
    raise AssertionError(log.read_text(errors="replace")[-3000:])


@pytest.fixture(scope="module")
def ports(served_folder, tmp_path_factory):
    """Of a server with the exported preset."""
    log = tmp_path_factory.mktemp("server") / "log"
    with running(emulator.MODEL, served_folder, log) as found:
        yield found


@pytest.mark.parametrize("signature", ["serving_default", "trace"])
def test_rest_answers(ports, signatures, signature):
    request = rest_client.build_request(PROBLEMS, signature)
    wanted = emulator.predict_json(signatures, request)["predictions"]
    assert rest_client.predict("127.0.0.1", ports[1], request) == wanted


@pytest.mark.parametrize("signature", ["serving_default", "trace"])
def test_grpc_answers(ports, signatures, signature):
    request = grpc_client.build_request(PROBLEMS, signature)
    response = emulator.predict_proto(signatures, request)
    wanted = grpc_client.read_response(response)
    assert grpc_client.predict("127.0.0.1", ports[0], request) == wanted


@pytest.fixture(scope="module")
def np_ports(five_columns_export, tmp_path_factory):
    """Of a server with the exported Neural Programmer."""
    log = tmp_path_factory.mktemp("np_server") / "log"
    folder = five_columns_export.parent
    with running(np_client.MODEL, folder, log) as found:
        yield found


def test_the_neural_programmer(np_ports, five_columns_export):
    names, rows = np_client.read_table(ORDERS)
    instances = np_client.build_rows(
        ["sum cost", "", "lesser 15 unit weight print cost"], names, rows
    )
    signatures = tf.saved_model.load(five_columns_export).signatures
    request = {"instances": instances}
    wanted = emulator.predict_json(signatures, request)["predictions"]
    grpc_port, rest_port = np_ports
    assert np_client.ask_rest("127.0.0.1", rest_port, instances) == wanted
    assert np_client.ask_grpc("127.0.0.1", grpc_port, instances) == wanted

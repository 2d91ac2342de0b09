"""The clients against a real TensorFlow Serving, where there is one."""

import contextlib
import shutil
import socket
import subprocess
import time
import urllib.request

import pytest

from serving import grpc_client
from serving import rest_client
from tests.serving import emulator

SERVER = shutil.which("tensorflow_model_server")
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


@pytest.fixture(scope="module")
def ports(served_folder, tmp_path_factory):
    """A server with the exported preset: its gRPC and its REST port."""
    grpc_port, rest_port = free_port(), free_port()
    log = tmp_path_factory.mktemp("server") / "log"
    with log.open("wb") as stream:
        server = subprocess.Popen(
            [
                SERVER,
                f"--port={grpc_port}",
                f"--rest_api_port={rest_port}",
                f"--model_name={emulator.MODEL}",
                f"--model_base_path={served_folder}",
            ],
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until_available(rest_port, server, log)
        yield grpc_port, rest_port
    finally:
        server.terminate()
        server.wait(30)


def wait_until_available(port, server, log):
    url = f"http://127.0.0.1:{port}/v1/models/{emulator.MODEL}"
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

"""docs/serving.md shows real requests and their real answers."""

import json
import pathlib
import re
import shlex

import pytest
from google.protobuf import text_format
from tensorflow_serving.apis import predict_pb2

from npi_tf import export
from npi_tf import interpreter
from npi_tf.addition import serving as addition_serving
from serving import c_api_client
from serving import grpc_client
from serving import rest_client
from tests.serving import emulator

ROOT = pathlib.Path(rest_client.__file__).parent.parent
TEXT = (ROOT / "docs" / "serving.md").read_text(encoding="utf-8")
# The rest: test_domain_pages.py and test_np_page.py.
PAGE = TEXT.partition("\n## Sorting\n")[0]


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def pairs(language):
    """Requests and their answers: the page's blocks by turns."""
    found = blocks(language)
    assert found and len(found) % 2 == 0
    return list(zip(found[::2], found[1::2]))


@pytest.mark.parametrize(("request_text", "answer"), pairs("json"))
def test_rest(signatures, request_text, answer):
    request = json.loads(request_text)
    assert emulator.predict_json(signatures, request) == json.loads(answer)
    if "instances" in request:
        problems = [tuple(row.values()) for row in request["instances"]]
        name = request["signature_name"]
        assert rest_client.build_request(problems, name) == request


@pytest.mark.parametrize(("request_text", "answer"), pairs("textproto"))
def test_grpc(signatures, request_text, answer):
    request = text_format.Parse(request_text, predict_pb2.PredictRequest())
    wanted = text_format.Parse(answer, predict_pb2.PredictResponse())
    assert emulator.predict_proto(signatures, request) == wanted
    columns = [request.inputs[n].string_val for n in ("augend", "addend")]
    problems = [tuple(v.decode() for v in row) for row in zip(*columns)]
    assert grpc_client.build_request(problems) == request


SESSIONS = [block for block in blocks("console") if block.startswith("$")]


@pytest.mark.parametrize("session", SESSIONS)
def test_console(served_folder, signatures, session, capsys):
    command, _, wanted = session.removeprefix("$ ").partition("\n")
    python, script, *arguments = shlex.split(command)
    assert python == "python" and (ROOT / script).is_file()
    if "rest" in script:
        with emulator.rest_server(signatures) as port:
            code = rest_client.main(with_port(arguments, port))
    elif "grpc" in script:
        with emulator.grpc_server(signatures) as port:
            code = grpc_client.main(with_port(arguments, port))
    else:
        folder = str(served_folder / "1")
        place = arguments.index("models/npi_addition/1")
        arguments[place] = folder
        code = c_api_client.main(arguments)
    assert capsys.readouterr().out == wanted
    assert code == int(wanted.count('"ok"') < len(wanted.splitlines()))


def with_port(arguments, port):
    place = arguments.index("--port") + 1
    local = [a.replace("localhost", "127.0.0.1") for a in arguments]
    return [*local[:place], str(port), *local[place + 1 :]]


def test_every_status_is_explained():
    explained = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    statuses = set(export.STATUSES) - {interpreter.RUNNING}
    assert set(explained) >= statuses
    assert f"{addition_serving.MAX_DIGITS:,} digits" in PAGE
    assert f"over {interpreter.DEFAULT_DEPTH_LIMIT} callers" in PAGE


def test_compose_file():
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    text = (ROOT / "serving" / "compose.yaml").read_text(encoding="utf-8")
    service = yaml.safe_load(text)["services"]["npi_addition"]
    assert service["image"].startswith("tensorflow/serving")
    assert service["environment"]["MODEL_NAME"] == emulator.MODEL
    assert service["ports"] == ["8500:8500", "8501:8501"]
    (volume,) = service["volumes"]
    assert volume.endswith(f":/models/{emulator.MODEL}:ro")

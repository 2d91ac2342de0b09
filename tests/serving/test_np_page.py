"""docs/serving.md on the Neural Programmer: real requests and answers."""

import json
import pathlib
import re
import shlex

import pytest
import tensorflow as tf

from np_tf import serving
from np_tf import tensor_inputs
from np_tf import tensor_mentions
from np_tf import verdicts
from serving import np_client
from tests.serving import emulator

ROOT = pathlib.Path(np_client.__file__).parent.parent
TEXT = (ROOT / "docs" / "serving.md").read_text(encoding="utf-8")
# The other half: tests/serving/test_page.py.
PAGE = TEXT.partition("\n## The Neural Programmer\n")[2]


def blocks(language):
    found = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found


def rows_of(table):
    """First cells of the rows of the table under a heading."""
    part = PAGE.split(f"\n| {table} |")[1].split("\n\n")[0]
    return re.findall(r"^\| `(\w+)` \| ([^|]*?) \|", part, re.MULTILINE)


@pytest.fixture(scope="module")
def functions(five_columns_export, text_match_export):
    """Signatures of the preset of numbers, and of that of text."""
    return {
        False: tf.saved_model.load(five_columns_export).signatures,
        True: tf.saved_model.load(text_match_export).signatures,
    }


JSON = blocks("json")


@pytest.mark.parametrize(("request_text", "answer"), zip(JSON[::2], JSON[1::2]))
def test_rest(functions, request_text, answer):
    signatures = functions["text_cells" in request_text]
    request = json.loads(request_text)
    assert emulator.predict_json(signatures, request) == json.loads(answer)


SESSIONS = [block for block in blocks("console") if block.startswith("$")]


@pytest.mark.parametrize("session", SESSIONS)
def test_console(functions, session, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    command, _, wanted = session.removeprefix("$ ").partition("\n")
    python, script, *arguments = shlex.split(command)
    assert (python, script) == ("python", "serving/np_client.py")
    if "--grpc" in arguments:
        server = emulator.grpc_server(functions[False])
    else:
        server = emulator.rest_server(functions[False], np_client.MODEL)
    with server as port:
        code = np_client.main(
            [*arguments, "--host", "127.0.0.1", "--port", str(port)]
        )
    assert capsys.readouterr().out == wanted
    assert code == int(wanted.count('"ok"') < len(wanted.splitlines()))


def test_every_status_is_explained():
    assert [name for name, _ in rows_of("status")] == list(verdicts.STATUSES)
    for number in (
        tensor_mentions.MAX_BYTES,
        tensor_mentions.MAX_WORDS,
        tensor_inputs.MAX_MODEL_WORDS,
    ):
        assert re.search(rf"`too_long` .*\b{number}\b", PAGE)


def test_every_input_and_output_is_explained(functions, text_match):
    function = functions[True]["serving_default"]
    wanted = serving.Serving(text_match).inputs
    assert [name for name, _ in rows_of("input")] == list(wanted)
    outputs = dict(rows_of("output"))
    assert outputs.keys() == function.structured_outputs.keys()
    for name, spec in function.structured_outputs.items():
        kind, shape = outputs[name].split(" ", 1)
        assert kind == spec.dtype.name
        assert len(shape.split(",")) == spec.shape.rank


def test_compose_file():
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    text = (ROOT / "serving" / "np_compose.yaml").read_text(encoding="utf-8")
    service = yaml.safe_load(text)["services"]["neural_programmer"]
    assert service["image"].startswith("tensorflow/serving")
    assert service["environment"]["MODEL_NAME"] == np_client.MODEL
    assert service["ports"] == ["8500:8500", "8501:8501"]
    (volume,) = service["volumes"]
    assert volume.endswith(f":/models/{np_client.MODEL}:ro")


def test_the_client_reads_tables_and_reports_errors(functions, tmp_path):
    path = tmp_path / "fruit.csv"
    path.write_text("colour,price\nred,1\ndark red,2\n", encoding="utf-8")
    names, rows = np_client.read_table(path)
    assert (names, rows) == (
        ["colour", "price"],
        [("red", 1.0), ("dark red", 2.0)],
    )
    with pytest.raises(ValueError, match="without --text knows numbers only"):
        np_client.build_rows(["count"], names, rows)
    asked = ["red colour sum price", "dark red colour print price"]
    instances = np_client.build_rows(asked, names, rows, with_text=True)
    with emulator.rest_server(functions[True], np_client.MODEL) as port:
        answers = np_client.ask_rest("127.0.0.1", port, instances)
        for instance in instances:
            instance["column_names"] = ["colour"]
        with pytest.raises(RuntimeError, match=r"HTTP 400.*must go with"):
            np_client.ask_rest("127.0.0.1", port, instances)
    found = [np_client.read_answer(answer, rows) for answer in answers]
    assert [answer["answer"] for answer in found] == [1.0, [2.0]]

"""An exported model runs without this project's code, everywhere."""

import json
import pathlib
import re

import pytest
import tensorflow as tf

from serving import c_api_client
from tests import saved_model
from tests.np_tf import served

HERE = pathlib.Path(__file__).parent

PRICES = {"price": [60.0, 70.0, 10.0], "cost": [1.5, 2.25, 3.0]}
NUMERIC = [
    ("greater 50 price sum cost", PRICES),
    ("", PRICES),
    ("lesser 65 Price print cost", PRICES),
    ("sum prix", {"prix": [1.0], "\u4ef7\u683c": [2.0]}),
    ("sum weight", PRICES),
    ("count", {"price": []}),
]
FRUIT = {"colour": ["red", "dark red", "red"], "price": [1.0, 2.0, 4.0]}
TEXTUAL = [
    ("red colour sum price", FRUIT),
    ("sum colour", FRUIT),
    ("Dark Red colour print price", FRUIT),
]
# Status and answer of each row.
ANSWERS = {
    "five_columns": [
        ("ok", 3.75),
        ("empty_question", 0.0),
        ("ok", 0.0),
        ("ok", 1.0),
        ("unknown_word", 0.0),
        ("empty_table", 0.0),
    ],
    "text_match": [("ok", 5.0), ("sum_of_text", 0.0), ("ok", 0.0)],
}


@pytest.fixture(scope="module", params=list(ANSWERS))
def case(request):
    """Folder of an export, a request as nested lists, and its answer."""
    folder = request.getfixturevalue(f"{request.param}_export")
    with_text = request.param == "text_match"
    rows = TEXTUAL if with_text else NUMERIC
    inputs = served.request(rows, with_text)
    function = tf.saved_model.load(folder).signatures["serving_default"]
    wanted = served.answers(function(**served.tensors(inputs)))
    got = [(answer["status"], answer["scalar_answer"]) for answer in wanted]
    assert got == ANSWERS[request.param]
    lists = {name: value.tolist() for name, value in inputs.items()}
    return folder, lists, wanted


def rows_of(outputs):
    return [dict(zip(outputs, row)) for row in zip(*outputs.values())]


def test_a_fresh_process_with_plain_tensorflow(case, tmp_path):
    folder, inputs, wanted = case
    path = tmp_path / "inputs.json"
    path.write_text(json.dumps(inputs))
    text = saved_model.run_elsewhere(
        [HERE / "load_plain.py", folder, path], tmp_path
    )
    assert rows_of(json.loads(text)) == wanted


C_API = """
import json
import sys
sys.path.insert(0, sys.argv[1])
import c_api_client
model = c_api_client.CModel(c_api_client.find_library(), sys.argv[2])
inputs = json.load(open(sys.argv[3]))
print(json.dumps(model.run("serving_default", inputs)))
inputs["num_rows"] = inputs["num_rows"][1:]
try:
    model.run("serving_default", inputs)
except RuntimeError as error:
    assert "num_rows: must go with the shape of cells" in str(error), error
else:
    raise AssertionError("no error")
assert "tensorflow" not in sys.modules
"""


def test_the_c_api(case, tmp_path):
    folder, inputs, wanted = case
    path = tmp_path / "inputs.json"
    path.write_text(json.dumps(inputs))
    client = pathlib.Path(c_api_client.__file__).parent
    text = saved_model.run_elsewhere(
        ["-c", C_API, client, folder, path], tmp_path
    )
    assert rows_of(json.loads(text)) == wanted


def test_saved_model_cli_shows_the_signature(case):
    folder, inputs, _ = case
    shape = "\n        shape: "
    wanted = {
        "question": f"DT_STRING{shape}(-1)",
        "column_names": f"DT_STRING{shape}(-1, -1)",
        "cells": f"DT_DOUBLE{shape}(-1, -1, -1)",
        "num_rows": f"DT_INT32{shape}(-1)",
        "text_cells": f"DT_STRING{shape}(-1, -1, -1)",
        "scalar_answer": f"DT_DOUBLE{shape}(-1)",
        "lookup_mask": f"DT_BOOL{shape}(-1, -1, -1)",
        "answer_kind": f"DT_STRING{shape}(-1)",
        "program": f"DT_STRING{shape}(-1, 4, 2)",
        "pivots": f"DT_DOUBLE{shape}(-1, 2)",
        "status": f"DT_STRING{shape}(-1)",
        "detail": f"DT_STRING{shape}(-1)",
    }
    if "text_cells" not in inputs:
        del wanted["text_cells"]
    shown = saved_model.shown_signatures(folder)
    assert shown["serving_default"] == wanted


def test_saved_model_cli_runs_the_signature(five_columns_export):
    text = saved_model.cli(
        "run",
        "--dir",
        five_columns_export,
        "--tag_set",
        "serve",
        "--signature_def",
        "serving_default",
        "--input_exprs",
        "question=[b'sum cost', b'sum price'];"
        "column_names=[[b'cost'], [b'cost']];"
        "cells=[[[1.5], [2.0]], [[1.5], [2.0]]];num_rows=[2, 2]",
    )
    shown = dict(re.findall(r"output key (\w+):\n(.*)", text))
    assert shown["scalar_answer"] == "[3.5 0. ]"
    assert shown["status"] == "[b'ok' b'unknown_word']"


def test_no_python_and_no_xla_in_the_graph(case):
    saved_model.check_no_python_and_no_xla(saved_model.graph_of(case[0]))


@pytest.mark.parametrize("preset", ["five_columns", "text_match"])
def test_weights_are_stored_once(preset, request):
    folder = request.getfixturevalue(f"{preset}_export")
    model = request.getfixturevalue(preset)
    size = sum(value.nbytes for value in model.get_weights())
    files = (folder / "variables").glob("variables.data*")
    stored = sum(path.stat().st_size for path in files)
    assert size <= stored < 1.01 * size
    # And none of them as constants.
    assert saved_model.graph_of(folder).ByteSize() < size

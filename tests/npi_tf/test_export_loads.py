"""An exported model runs without this project's code, everywhere."""

import json
import pathlib
import re

import pytest
import tensorflow as tf

from serving import c_api_client
from tests import saved_model
from tests.npi_tf import exported_model

HERE = pathlib.Path(__file__).parent
C_API_CLIENT = pathlib.Path(c_api_client.__file__)

# No NUL: these also pass through a command line.
PROBLEMS = [
    problem for problem in exported_model.MIXED if "\0" not in "".join(problem)
]


@pytest.fixture(scope="module")
def folder(preset_model, tmp_path_factory):
    return preset_model.export(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def answers(folder):
    """The right answers, by signature."""
    signatures = tf.saved_model.load(folder).signatures
    return {
        name: exported_model.ask(signatures[name], PROBLEMS)
        for name in ("serving_default", "trace")
    }


@pytest.fixture(scope="module")
def graph(folder):
    return saved_model.graph_of(folder)


def test_a_fresh_process_with_plain_tensorflow(folder, answers, tmp_path):
    inputs = tmp_path / "inputs.json"
    inputs.write_text(json.dumps(exported_model.columns(PROBLEMS)))
    command = [HERE / "load_plain.py", folder, inputs]
    default, trace = saved_model.read_lines(
        saved_model.run_elsewhere(command, tmp_path)
    )
    assert exported_model.rows(default) == answers["serving_default"]
    assert exported_model.rows(trace) == answers["trace"]


@pytest.mark.parametrize(
    "num_digits", [1_000, pytest.param(10_000, marks=pytest.mark.paper)]
)
def test_long_sums_in_flat_memory(folder, tmp_path, num_digits):
    """15 core steps a digit: a leak of 1 KiB a step would be 15 KiB a digit."""
    command = [HERE / "load_plain.py", folder, "none", num_digits]
    (result,) = saved_model.read_lines(
        saved_model.run_elsewhere(command, tmp_path, timeout=280)
    )
    assert result["right"]
    assert result["mib"] < 5 * num_digits / 1024


@pytest.mark.parametrize("signature", ["serving_default", "trace"])
def test_the_c_api(folder, answers, tmp_path, signature):
    numbers = [number for problem in PROBLEMS for number in problem]
    options = ["--model", folder, "--signature", signature]
    # "--": some of the numbers begin with a sign.
    command = [C_API_CLIENT, *options, "--", *numbers]
    # Some of the answers are not ok.
    lines = saved_model.run_elsewhere(command, tmp_path, status=1)
    assert saved_model.read_lines(lines) == answers[signature]


C_API_CASES = """
import sys
sys.path.insert(0, sys.argv[1])
import c_api_client
model = c_api_client.CModel(c_api_client.find_library(), sys.argv[2])
def run(signature, augend, addend):
    columns = {"augend": augend, "addend": addend}
    return sorted(model.run(signature, columns).items())
print(run("trace", [], []))
print(run("trace", ["", "x"], ["1", "1"])[:2])
print(run("serving_default", ["1\\0", b"\\xff", "1"], ["1", "1", "1"]))
try:
    run("serving_default", ["1"], ["1", "2"])
except RuntimeError as error:
    print("same size" in str(error))
# A batch that is a matrix: the session itself does not mind.
allocate = model._c.TF_AllocateTensor
def allocate_matrix(kind, shape, rank, size):
    return allocate(kind, (c_api_client._INT64 * 2)(1, *shape), 2, size)
model._c.TF_AllocateTensor = allocate_matrix
try:
    run("serving_default", ["1", "2"], ["1", "2"])
except RuntimeError as error:
    print("[1,2] is not compatible with expected shape [?]" in str(error))
assert "tensorflow" not in sys.modules
"""


def test_the_c_api_on_unusual_batches(folder, tmp_path):
    command = ["-c", C_API_CASES, C_API_CLIENT.parent, folder]
    lines = saved_model.run_elsewhere(command, tmp_path).splitlines()
    names = ("calls", "depth", "num_steps", "status", "sum")
    assert lines == [
        str([(name, []) for name in names]),
        str([("calls", [[], []]), ("depth", [[], []])]),
        str(
            [
                ("num_steps", [0, 0, 12]),
                ("status", ["invalid_input", "invalid_input", "ok"]),
                ("sum", ["", "", "2"]),
            ]
        ),
        "True",
        "True",
    ]


def test_saved_model_cli_shows_the_signatures(folder):
    shown = saved_model.shown_signatures(folder)
    shape = "\n        shape: "
    default = {
        "augend": f"DT_STRING{shape}(-1)",
        "addend": f"DT_STRING{shape}(-1)",
        "sum": f"DT_STRING{shape}(-1)",
        "status": f"DT_STRING{shape}(-1)",
        "num_steps": f"DT_INT32{shape}(-1)",
    }
    assert shown["serving_default"] == default
    assert shown["trace"] == default | {
        "calls": f"DT_STRING{shape}(-1, -1)",
        "depth": f"DT_INT32{shape}(-1, -1)",
    }


def test_saved_model_cli_runs_a_signature(folder):
    text = saved_model.cli(
        "run",
        "--dir",
        folder,
        "--tag_set",
        "serve",
        "--signature_def",
        "serving_default",
        "--input_exprs",
        "augend=[b'96', b'5'];addend=[b'125', b'x']",
    )
    shown = dict(re.findall(r"output key (\w+):\n(.*)", text))
    assert shown == {
        "sum": "[b'221' b'']",
        "status": "[b'ok' b'invalid_input']",
        "num_steps": "[50  0]",
    }


def test_no_python_and_no_xla_in_the_graph(graph):
    saved_model.check_no_python_and_no_xla(graph)
    operations, attributes = saved_model.operations_and_attributes(graph)
    assert {"While", "StatelessWhile"} & operations
    kinds = {value.type for name, value in attributes if name in ("T", "dtype")}
    assert not kinds & {
        tf.bfloat16.as_datatype_enum,
        tf.float64.as_datatype_enum,
    }


def test_weights_are_stored_once(folder, preset_model, graph):
    size = sum(value.nbytes for value in preset_model.get_weights())
    files = (folder / "variables").glob("variables.data*")
    stored = sum(path.stat().st_size for path in files)
    assert size <= stored < 1.01 * size
    # And none of them as constants.
    assert graph.ByteSize() < size / 4

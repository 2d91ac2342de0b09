"""An exported model runs without this project's code, everywhere."""

import json
import pathlib
import re
import shutil
import subprocess
import sys

import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from serving import c_api_client
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
    """The only meta graph."""
    saved = saved_model_pb2.SavedModel.FromString(
        (folder / "saved_model.pb").read_bytes()
    )
    (meta_graph,) = saved.meta_graphs
    return meta_graph.graph_def


def test_a_fresh_process_with_plain_tensorflow(folder, answers, tmp_path):
    inputs = tmp_path / "inputs.json"
    inputs.write_text(json.dumps(exported_model.columns(PROBLEMS)))
    command = [HERE / "load_plain.py", folder, inputs]
    default, trace = exported_model.read_lines(
        exported_model.run_elsewhere(command, tmp_path)
    )
    assert exported_model.rows(default) == answers["serving_default"]
    assert exported_model.rows(trace) == answers["trace"]


def test_ten_thousand_digits_in_flat_memory(folder, tmp_path):
    """155,000 core steps: a leak of 1 KiB a step would be 150 MiB."""
    command = [HERE / "load_plain.py", folder, "none", 10_000]
    (result,) = exported_model.read_lines(
        exported_model.run_elsewhere(command, tmp_path, timeout=280)
    )
    assert result["right"]
    assert result["mib"] < 50


@pytest.mark.parametrize("signature", ["serving_default", "trace"])
def test_the_c_api(folder, answers, tmp_path, signature):
    numbers = [number for problem in PROBLEMS for number in problem]
    options = ["--model", folder, "--signature", signature]
    # "--": some of the numbers begin with a sign.
    command = [C_API_CLIENT, *options, "--", *numbers]
    lines = exported_model.run_elsewhere(command, tmp_path)
    assert exported_model.read_lines(lines) == answers[signature]


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
    lines = exported_model.run_elsewhere(command, tmp_path).splitlines()
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


def saved_model_cli(*arguments):
    """What TensorFlow's own tool prints."""
    tool = pathlib.Path(sys.executable).with_name("saved_model_cli")
    tool = tool if tool.exists() else shutil.which("saved_model_cli")
    done = subprocess.run(
        [tool, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_saved_model_cli_shows_the_signatures(folder):
    text = saved_model_cli("show", "--dir", folder, "--all")
    parts = re.split(r"signature_def\['(\w+)'\]:", text)
    shown = {
        name: dict(
            re.findall(
                r"puts\['(\w+)'\] tensor_info:\s+dtype: (\w+\s+shape: .*)", part
            )
        )
        for name, part in zip(parts[1::2], parts[2::2])
    }
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
    text = saved_model_cli(
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


def nodes_and_attributes(graph):
    """Every node's operation, and every attribute of nodes and functions."""
    nodes = list(graph.node)
    attributes = []
    for function in graph.library.function:
        nodes += function.node_def
        attributes += function.attr.items()
    for node in nodes:
        attributes += node.attr.items()
    return {node.op for node in nodes}, attributes


def test_no_python_and_no_xla_in_the_graph(graph):
    operations, attributes = nodes_and_attributes(graph)
    assert "MatMul" in operations
    assert {"While", "StatelessWhile"} & operations
    assert not [op for op in operations if "PyFunc" in op or "Xla" in op]
    compiled = [value for name, value in attributes if "XlaMust" in name]
    assert not [value for value in compiled if value.b]
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

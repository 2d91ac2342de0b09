"""What the tests of both libraries' exports do with a SavedModel."""

from __future__ import annotations

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

from tensorflow.core.protobuf import saved_model_pb2


def run_elsewhere(
    command: list, folder: pathlib.Path, timeout: float = 120.0, status: int = 0
) -> str:
    """What a fresh process prints that has none of this project on its path.

    Args:
        command: After the Python interpreter.
        folder: Its working directory.
        timeout: In seconds.
        status: The exit status that it must have.
    """
    environment = {
        name: value
        for name, value in os.environ.items()
        if name != "PYTHONPATH"
    }
    done = subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=folder,
        env=environment,
        capture_output=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == status, done.stderr.decode()[-3000:]
    return done.stdout.decode()


def read_lines(text: str) -> list[dict]:
    """One dict a line of JSON."""
    return [json.loads(line) for line in text.splitlines()]


def cli(*arguments) -> str:
    """What TensorFlow's own tool, saved_model_cli, prints."""
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


def shown_signatures(folder: pathlib.Path) -> dict[str, dict[str, str]]:
    """Types and shapes by signature and name, as the tool shows them."""
    text = cli("show", "--dir", folder, "--all")
    parts = re.split(r"signature_def\['(\w+)'\]:", text)
    return {
        name: dict(
            re.findall(
                r"puts\['(\w+)'\] tensor_info:\s+dtype: (\w+\s+shape: .*)", part
            )
        )
        for name, part in zip(parts[1::2], parts[2::2])
    }


def graph_of(folder: pathlib.Path):
    """The GraphDef of the only meta graph."""
    saved = saved_model_pb2.SavedModel.FromString(
        (folder / "saved_model.pb").read_bytes()
    )
    (meta_graph,) = saved.meta_graphs
    return meta_graph.graph_def


def operations_and_attributes(graph) -> tuple[set[str], list]:
    """All nodes' operations, and all attributes of nodes and functions."""
    nodes = list(graph.node)
    attributes = []
    for function in graph.library.function:
        nodes += function.node_def
        attributes += function.attr.items()
    for node in nodes:
        attributes += node.attr.items()
    return {node.op for node in nodes}, attributes


def check_no_python_and_no_xla(graph) -> None:
    """What a server on a CPU refuses is not there."""
    operations, attributes = operations_and_attributes(graph)
    assert "MatMul" in operations
    assert not [op for op in operations if "PyFunc" in op or "Xla" in op]
    compiled = [value for name, value in attributes if "XlaMust" in name]
    assert not [value for value in compiled if value.b]

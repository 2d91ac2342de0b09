"""What the README shows is what happens."""

import ast
import functools
import pathlib
import re
import shlex

import numpy as np
import pytest

import npi_tf
from np_tf import cli as np_cli
from npi_tf import cli
from npi_tf import teacher
from npi_tf.addition import problems as problems_lib

ROOT = pathlib.Path(__file__).parents[1]


@functools.cache
def readme():
    """Its text."""
    return (ROOT / "README.md").read_text(encoding="utf-8")


def section(title):
    """What stands under one heading."""
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", readme(), re.M | re.S)
    return found[1]


def blocks(language, text):
    """Bodies of the fenced blocks in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)


def execute(code, monkeypatch, folder):
    """Runs a block in a fresh namespace and an empty folder."""
    monkeypatch.chdir(folder)
    namespace = {"__name__": "readme"}
    exec(compile(code, "README.md", "exec"), namespace)
    return namespace


def test_every_block_is_tested_here():
    # Blocks elsewhere would not be executed by any test below.
    tested = blocks("python", section("From Python"))
    tested += blocks("python", section("A program of your own"))
    tables = blocks("python", section("Ask your own table"))
    assert tables + tested == blocks("python", readme())
    assert len(tables + tested) == 5


def ask_blocks():
    """CSV, printed answer and words of the command in the README."""
    text = section("Ask your own table")
    table, printed = blocks("text", text)
    return table, printed, shlex.split(blocks("bash", text)[0])


def test_asking_a_table_prints_what_is_shown(monkeypatch, tmp_path, capsys):
    table, printed, command = ask_blocks()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "goods.csv").write_text(table)
    assert command[:3] == ["python", "-m", "np_tf"]
    assert np_cli.main([*command[3:], "--html", "answer.html"]) == 0
    assert capsys.readouterr().out.startswith(printed)
    assert (
        "goods" not in printed
        and "lamp" in (tmp_path / "answer.html").read_text()
    )


def test_asking_a_table_from_python(monkeypatch, tmp_path, capsys):
    code = blocks("python", section("Ask your own table"))[0]
    execute(code, monkeypatch, tmp_path)
    stated = re.findall(r"^print\(.*\)  # (.*)$", code, re.M)
    assert capsys.readouterr().out.splitlines() == stated
    assert len(stated) == 2


def test_running_a_preset(monkeypatch, tmp_path, capsys):
    code = blocks("python", section("From Python"))[0]
    execute(code, monkeypatch, tmp_path)
    printed = capsys.readouterr().out.splitlines()
    # The comments beside `print` state what it prints.
    first, last = re.findall(r"^print\(.*# ([\[(].*)$", code, re.M)
    assert (printed[0], printed[-1]) == (first, last)
    assert printed[1:-1] == blocks("text", readme())[0].splitlines()[1:]


def test_training_and_saving(monkeypatch, tmp_path):
    code = blocks("python", section("From Python"))[1]
    namespace = execute(code, monkeypatch, tmp_path)
    import keras

    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.programs == namespace["model"].programs
    assert len(namespace["model"].history.history["loss"]) == 2


def test_training_a_programmer(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "data"))
    code = blocks("python", section("From Python"))[2]
    namespace = execute(code, monkeypatch, tmp_path)
    stated = re.search(r"\.shape\)  # (.*)$", code, re.M)[1]
    assert capsys.readouterr().out.splitlines()[-1] == stated
    losses = namespace["model"].history.history["loss"]
    assert losses[1] < losses[0]
    assert (tmp_path / "programmer.keras").is_file()


def test_a_program_of_your_own(monkeypatch, tmp_path, capsys):
    code = blocks("python", section("A program of your own"))[0]
    namespace = execute(code, monkeypatch, tmp_path)
    domain, model = namespace["domain"], namespace["model"]
    stated = re.search(r"print\(run.output\)  # (.*)$", code, re.M)[1]
    output, *lines = capsys.readouterr().out.splitlines()
    assert output == stated == "210"
    textbook = teacher.run(domain, domain.make_environment("96", "125"))
    expected = npi_tf.format_trace(domain, textbook).splitlines()
    assert lines == expected
    assert lines[:3] == ["ADD_TENS", "  WRITE OUT 0", "  LSHIFT"]
    # Problems that it was not taught: "nearly all" are right.
    taught = set(namespace["problems"])
    rng = np.random.default_rng(7)
    unseen = [
        problem
        for length in (2, 3, 4)
        for problem in problems_lib.distinct_problems(rng, length, 20, taught)
    ]
    tens = [str(sum(int(x) // 10 * 10 for x in pair)) for pair in unseen]
    sums = list(map(problems_lib.exact_sum, unseen))
    for program, expected in (("ADD_TENS", tens), ("ADD", sums)):
        runs = model.run(domain, unseen, program=program)
        right = sum(run.output == e for run, e in zip(runs, expected))
        assert right >= 0.9 * len(unseen), (program, right)


def test_the_first_result_is_what_the_command_prints(capsys):
    text = section("A first result")
    command = blocks("bash", text)[0].split()
    assert command[:3] == ["python", "-m", "npi_tf"] and "--trace" in command
    assert cli.main(command[3:]) == 0
    assert capsys.readouterr().out == blocks("text", text)[0]


@functools.cache
def extras():
    """Names in `extras_require` of setup.py, read without running it."""
    tree = ast.parse((ROOT / "setup.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "extras_require":
            return {key.value for key in node.value.keys}
    raise AssertionError("setup.py must state extras_require")


@pytest.mark.parametrize("number", [0, 1])
def test_the_two_commands_name_extras_that_exist(number):
    commands = blocks("bash", section("Two commands"))
    assert len(commands) == 2
    named = re.search(r'pip install -e "\.\[(.*?)\]"', commands[number])[1]
    assert set(named.split(",")) <= extras()


def test_scripts_that_commands_run_exist():
    paths = re.findall(r"\bpython3? ([\w/]+\.py)", readme())
    assert "reproduce/npi_addition.py" in paths
    for path in paths:
        assert (ROOT / path).is_file(), path

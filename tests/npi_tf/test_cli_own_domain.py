"""The command line with a domain of a user's own, `my_module:counter`."""

import os
import pathlib
import re
import subprocess
import sys
import types

import pytest

import npi_tf
from npi_tf import cli
from npi_tf import domains
from tests import test_adding_a_program
from tests.npi_tf import scripted
from tests.npi_tf import test_cli

ROOT = pathlib.Path(__file__).parents[2]
ONE = (0, 2, 0)  # The page's action WRITE 1.
# What the page defines before it runs or trains anything.
PAGE = [code for code, _ in test_adding_a_program.blocks("A new domain")[:3]]
MORE = """
import dataclasses

maximum = dataclasses.replace(
    counter,
    name="maximum",
    sample_problems=lambda rng, count: [("1",)] * count,
)
number = 3
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current folder, with `my_module.py`, as `python -m` sees it."""
    (tmp_path / "my_module.py").write_text("\n".join([*PAGE, MORE]))
    (tmp_path / "broken.py").write_text("import a_module_that_is_not_there")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    sys.modules.pop("my_module", None)


@pytest.fixture
def run(capsys):
    """Runs a command; `(exit code, stdout, stderr)`."""

    def one(*words):
        code = cli.main(list(words))
        return code, *capsys.readouterr()

    return one


def save_model(folder):
    """A model that writes 1 at the last bit and ends."""
    counter = domains.get("my_module:counter")
    scripted.obedient_model("ACT", ONE, domain=counter).save_to_preset(folder)


def test_the_command_of_the_page(folder, run):
    save_model("my_folder")
    text = test_adding_a_program.text()
    command = re.search(r"`python -m npi_tf (run my_module:.*?)`", text)[1]
    assert run(*command.split()) == (0, "1011\n", "")
    outcome = run(*command.split(), "--program", "HOME", "--trace")
    assert outcome == (0, "1011\nHOME\n  WRITE 1\n", "")


def test_a_process_sees_the_current_folder(folder):
    done = subprocess.run(
        [sys.executable, "-m", "npi_tf"]
        + ["run", "my_module:counter", "1011", "--teacher"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "1100\n", "")


def test_it_is_exported(folder, run, monkeypatch):
    save_model("my_folder")
    given = []

    def export_model(model, domain, export_dir, step_budget):
        given.append((model.programs, domain, step_budget))
        return export_dir

    module = types.SimpleNamespace(export_model=export_model)
    monkeypatch.setitem(sys.modules, "npi_tf.export", module)
    words = ["export", "my_module:counter", "there", "--preset", "my_folder"]
    assert run(*words) == (0, "there\n", "")
    counter = domains.get("my_module:counter")
    assert given == [(counter.program_names, counter, None)]


def test_it_is_trained_whatever_its_name(folder, run, monkeypatch):
    given = []

    def train(domain, *args, **kwargs):
        given.append(domain)
        return scripted.small_model(domain)

    module = types.SimpleNamespace(train=train, accuracy=lambda *args: 1.0)
    monkeypatch.setitem(sys.modules, "npi_tf.training", module)
    words = ["train", "my_module:maximum", "--preset_dir", "new"]
    assert run(*words) == (0, "right on fresh problems: 100%\nnew\n", "")
    assert given == [domains.get("my_module:maximum")]
    assert npi_tf.NPI.from_preset("new").programs[0] == "INCREMENT"


NOT_GIVEN = "preset: must be given for a domain that does not come with"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("run my_module:counter 1011", rf"{NOT_GIVEN}.*for 'counter'"),
        ("run my_module:maximum 1011", rf"{NOT_GIVEN}.*for 'maximum'"),
        ("export my_module:counter x", rf"{NOT_GIVEN}.*for 'counter'"),
        (
            "run my_module:counter 1011 --preset addition",
            "preset: must know the domain counter, got 'addition', "
            "which knows addition",
        ),
        ("run my_module:counter", r"values: .* takes 1 \(bits\), got 0"),
        (
            "train my_module:counter --preset_dir x",
            "domain: must have sample_problems to be trained, got 'counter'",
        ),
        (
            "train npi_tf.sorting:MAXIMUM --preset_dir x",
            "domain: .* reproduce/npi_max.py",
        ),
    ],
)
def test_what_it_lacks_is_said(folder, run, words, message):
    test_cli.assert_refused(run(*words.split()), message)
    assert not (folder / "x").exists()


MODULE = "domain: must name a module that can be imported, got "


@pytest.mark.parametrize("command", ["run", "export", "train"])
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none:counter", rf"{MODULE}'none:counter' \(No module named 'none'\)"),
        ("json.x:counter", rf"{MODULE}.*\(No module named 'json.x'\)"),
        ("my_module.py:counter", rf"{MODULE}.*\(No module named 'my_module.p"),
        ("broken:counter", rf"{MODULE}.*named 'a_module_that_is_not_there'"),
        (":counter", rf"{MODULE}':counter' \(no name of a module: ''\)"),
        (".x:counter", rf"{MODULE}'.x:counter' \(no name of a module: '.x'\)"),
        (
            "my_module:none",
            "domain: must name an attribute of module my_module, got "
            "'my_module:none'",
        ),
        ("my_module:", "domain: must name an attribute of .* got 'my_module:'"),
        (
            "my_module:number",
            "domain: must name a npi_tf.Domain, got 'my_module:number', which "
            "is of type int",
        ),
        ("my_module:Tape", "domain: must name a npi_tf.Domain.* of type type"),
        ("counter", "must be one of .* or package.module:ATTRIBUTE, got 'cou"),
    ],
)
def test_names_that_name_no_domain(folder, run, command, name, message):
    words = {"run": [], "export": ["x"], "train": ["--preset_dir", "x"]}
    outcome = run(command, name, *words[command])
    test_cli.assert_refused(outcome, message)


@pytest.mark.parametrize("command", [[], ["run"], ["train"], ["export"]])
def test_help_says_how_it_is_named(run, command):
    code, out, err = run(*command, "--help")
    assert (code, err) == (0, "")
    assert domains.FORM in out

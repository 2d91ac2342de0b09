"""The command line: answers, exit codes, one line for bad input."""

import json
import pathlib
import re
import subprocess
import sys
import types

import pytest

import np_tf
from np_tf import cli
from tests.np_tf import scripted

ROOT = pathlib.Path(__file__).parents[2]
QUESTION = "greater 50.32 unit price and lesser 20.21 weight sum cost"
LINES = [
    "unit price,weight,cost,name",
    "60,5,1.1,pear",
    "70,30,2.2,plum",
    "10,2,3.3,fig",
    "99.5,20,4.4,red apple",
]
NUMERIC_CSV = "\n".join(line.rpartition(",")[0] for line in LINES)


@pytest.fixture
def run(capsys):
    """Runs a command; `(exit code, stdout, stderr)`."""

    def one(*words):
        code = cli.main(list(map(str, words)))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return one


@pytest.fixture
def loaded(monkeypatch):
    """Obedient models in place of presets; the names that were loaded."""
    names = []

    class Programmer:
        @staticmethod
        def from_preset(name):
            names.append(name)
            if name == "none":
                raise ValueError("preset: must be one of these, got 'none'")
            entries = 10 if name == "text_match_5" else 0
            return scripted.ScriptedModel("ABCDEFGHIJ", entries)

    module = types.SimpleNamespace(NeuralProgrammer=Programmer)
    monkeypatch.setitem(sys.modules, "np_tf.model", module)
    return names


@pytest.fixture
def numeric(tmp_path):
    path = tmp_path / "numeric.csv"
    path.write_text(NUMERIC_CSV, encoding="utf-8")
    return path


@pytest.fixture
def mixed(tmp_path):
    path = tmp_path / "mixed.csv"
    path.write_text("\n".join(LINES), encoding="utf-8")
    return path


def assert_refused(outcome, message):
    """Exit code 2, nothing on stdout, one line on stderr."""
    code, out, err = outcome
    assert code == 2
    assert out == ""
    assert re.fullmatch(r"np_tf: .*\n", err), err
    assert re.search(message, err), err


def process(*words):
    return subprocess.run(
        [sys.executable, "-m", "np_tf", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_a_process_refuses_bad_input_without_a_traceback(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("a,b\n1,2\nnan,3\n")
    done = process("ask", "sum a", "--table", str(path))
    assert_refused(
        (done.returncode, done.stdout, done.stderr),
        "a cell must be a finite number, got 'nan' in row 2, column 'a'",
    )


def test_bad_tables_and_questions_are_refused_without_tensorflow(numeric):
    program = (
        "import sys; from np_tf import cli;"
        f"code = cli.main(['ask', ' ', '--table', {str(numeric)!r}]);"
        "sys.exit(code + 10 * bool({'tensorflow', 'keras'} & {*sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (2, ""), done.stderr


def test_an_answer_is_printed(run, loaded, numeric):
    code, out, err = run("ask", "--table", numeric, QUESTION)
    assert (code, err) == (0, "")
    assert out.splitlines()[:2] == [
        "answer: 5.5",
        "program: greater unit price 50.32; lesser weight 20.21; and; sum cost",
    ]
    assert loaded == ["five_columns"]


def test_a_table_with_text_has_its_own_preset(run, loaded, mixed):
    question = "red apple name print cost"
    code, out, _ = run("ask", question, "--table", mixed)
    assert code == 0
    assert out.startswith("answer: 1 cell of cost\n  row 4: 4.4\n")
    assert loaded == ["text_match_5"]


def test_a_column_can_label_the_rows(run, loaded, mixed):
    words = ["ask", "greater 2 cost print cost", "--table", mixed]
    code, out, _ = run(*words, "--row_labels", "name", "--preset", "mine")
    assert code == 0
    assert "  row plum: 2.2\n  row fig: 3.3\n  row red apple: 4.4\n" in out
    assert loaded == ["mine"]


def test_html_writes_the_page(run, loaded, numeric, tmp_path):
    page = tmp_path / "answer.html"
    code, out, _ = run("ask", QUESTION, "--table", numeric, "--html", page)
    assert (code, out.splitlines()[0]) == (0, "answer: 5.5")
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert '"answer":"5.5"' in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("ask sum --table {}.none", r"No such file .*\.none"),
        ("ask sum", "the following arguments are required: --table"),
        ("ask --table {}", "the following arguments are required: question"),
        ("ask sums --table {}", "question: 'sums' is no column"),
        ("ask sum --table {} --preset none", "preset: must be .* got 'none'"),
        ("ask sum --table {} --row_labels x", "row_labels: .* got 'x'"),
        ("ask sum --table {} --html /none/x.html", "No such file"),
        ("ask sum --tab {}", "required: --table"),
        ("export mine", "the following arguments are required: DIR"),
        ("walk", "invalid choice: 'walk'"),
        ("", "required"),
    ],
)
def test_bad_words_are_refused(run, loaded, numeric, words, message):
    assert_refused(run(*words.format(numeric).split()), message)


def test_list_names_presets_and_their_words(run, monkeypatch, tmp_path):
    for name, entries in (("five_columns", []), ("text", ["word:0"])):
        config = {
            "column_symbols": ["A", "B"],
            "text_symbols": entries,
            "vocabulary": ["A", "B", "sum", "count", *entries],
        }
        (tmp_path / name).mkdir()
        path = tmp_path / name / "config.json"
        path.write_text(json.dumps({"config": config}))
    module = types.SimpleNamespace(
        PRESETS=tmp_path, preset_names=lambda: ["five_columns", "text"]
    )
    monkeypatch.setitem(sys.modules, "np_tf.presets", module)
    assert run("list") == (
        0,
        "preset five_columns: 2 columns\n  words: sum, count\n"
        "preset text: 2 columns, 1 text entry\n  words: sum, count\n",
        "",
    )


def test_export_hands_over_the_model_and_prints_the_folder(
    run, loaded, monkeypatch, tmp_path
):
    given = []

    def export_model(model, folder):
        given.append((type(model), folder))
        return folder / "1"

    module = types.SimpleNamespace(export_model=export_model)
    monkeypatch.setitem(sys.modules, "np_tf.export", module)
    outcome = run("export", "five_columns", tmp_path)
    assert outcome == (0, f"{tmp_path / '1'}\n", "")
    assert given == [(scripted.ScriptedModel, tmp_path)]
    assert loaded == ["five_columns"]


def test_both_libraries_keep_tensorflow_quiet_in_the_same_way():
    texts = [
        (ROOT / room / "quiet.py").read_text(encoding="utf-8")
        for room in ("np_tf", "npi_tf")
    ]
    assert texts[0] == texts[1]


def test_the_public_names_are_there():
    for name in np_tf.__all__:
        assert getattr(np_tf, name).__doc__, name
        assert name in dir(np_tf)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = np_tf.nothing

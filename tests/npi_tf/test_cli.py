"""The command line: results, traces, exit codes, one line for bad input."""

import pathlib
import re
import subprocess
import sys
import types

import numpy as np
import pytest

from npi_tf import cli
from npi_tf import cli_run
from npi_tf import domains
from npi_tf import presets
from npi_tf.canonicalization import renderer
from tests.npi_tf import figures

ROOT = pathlib.Path(__file__).parents[2]


@pytest.fixture
def run(capsys):
    """Runs a command; `(exit code, stdout, stderr)`."""

    def one(*words):
        code = cli.main(list(words))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return one


def process(*words, **kwargs):
    return subprocess.run(
        [sys.executable, "-m", "npi_tf", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
        **kwargs,
    )


def assert_refused(outcome, message):
    """Exit code 2, nothing on stdout, one line on stderr."""
    code, out, err = outcome
    assert code == 2
    assert out == ""
    assert re.fullmatch(r"npi_tf: .*\n", err), err
    assert re.search(message, err), err


# As a user meets it: a process of its own.


def test_a_process_prints_the_sum_and_nothing_else(monkeypatch):
    # What a user has; the tests' own setting would hide the noise.
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    done = process("run", "addition", "96", "125")
    assert (done.returncode, done.stdout, done.stderr) == (0, "221\n", "")


def test_a_process_refuses_bad_input_without_a_traceback():
    done = process("run", "addition", "96", "12x")
    assert_refused(
        (done.returncode, done.stdout, done.stderr),
        r"addend: must be a string of one or more digits 0-9, got '12x'",
    )


def test_the_teacher_needs_no_tensorflow():
    program = (
        "import sys; from npi_tf import cli;"
        "code = cli.main(['run', 'addition', '9', '1', '--teacher']);"
        "sys.exit(code or 10 * bool({'tensorflow', 'keras'} & {*sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (0, "10\n"), done.stderr


def test_a_reader_that_leaves_early_meets_no_traceback():
    command = f"{sys.executable} -m npi_tf run addition {'9' * 3000} 1 "
    done = subprocess.run(
        command + "--teacher --trace | head -n 2",
        shell=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == "1" + "0" * 3000 + "\nADD\n"
    assert done.stderr == ""


# Results.


def test_the_network_prints_figure_3b(run):
    outcome = run("run", "addition", "96", "125", "--trace")
    assert outcome == (0, f"221\n{figures.FIGURE_3B}\n", "")


def test_the_teacher_prints_figure_3b(run):
    outcome = run("run", "addition", "96", "125", "--trace", "--teacher")
    assert outcome == (0, f"221\n{figures.FIGURE_3B}\n", "")


@pytest.mark.parametrize(
    ("words", "result", "first_call"),
    [
        ("sorting 9 2 5", "2 5 9", "BUBBLESORT"),
        ("sorting 7", "7", "BUBBLESORT"),
        ("maximum 2 9 5", "9", "MAX"),
    ],
)
def test_the_teacher_solves_other_domains(run, words, result, first_call):
    code, out, err = run("run", *words.split(), "--teacher", "--trace")
    assert (code, err) == (0, "")
    assert out.splitlines()[:2] == [result, first_call]


def test_the_maximum_is_found_by_the_model_of_all_domains(run):
    outcome = run("run", "maximum", "2", "9", "5", "--program", "MAX")
    assert outcome == (0, "9\n", "")


def test_train_writes_a_model_that_runs(run, tmp_path):
    folder = str(tmp_path / "preset")
    words = ["--steps", "2", "--problems", "1", "--fresh", "1"]
    code, out, err = run("train", "addition", *words, "--preset_dir", folder)
    assert (code, err) == (0, "")
    losses = r"step 1 loss \d+\.\d+\nstep 2 loss \d+\.\d+\n"
    assert re.match(losses + r"right on fresh problems: \d+%\n", out), out
    assert out.endswith(f"{folder}\n")
    addition = domains.get("addition")
    assert presets.load(folder).programs == addition.program_names
    # The run is finished and kept; one with other settings is refused.
    again = run("train", "addition", *words, "--preset_dir", folder)
    assert again == (0, out.partition("step 2")[2].partition("\n")[2], "")
    words[1] = "3"
    outcome = run("train", "addition", *words, "--preset_dir", folder)
    assert_refused(outcome, "workdir: .* same settings, .* num_steps 2, not 3")


def test_sorting_is_trained_too(run, tmp_path):
    folder = str(tmp_path / "preset")
    words = ["--steps", "1", "--problems", "1", "--fresh", "1"]
    code, out, err = run("train", "sorting", *words, "--preset_dir", folder)
    assert (code, err) == (0, "")
    assert out.startswith("step 1 loss ")
    sorting = domains.get("sorting")
    assert presets.load(folder).programs == sorting.program_names


def test_problems_that_teach_are_problems_of_the_domain():
    for name in ("addition", "sorting"):
        domain = domains.get(name)
        problems = domain.sample_problems(np.random.default_rng(0), 50)
        assert len(problems) == 50
        for problem in problems:
            domain.check_problem(problem)
            domain.make_environment(*problem)
        longest = {max(map(str, problem), key=len) for problem in problems}
        assert len(longest) > 5


@pytest.mark.parametrize("teacher", [[], ["--teacher"]])
def test_another_program_and_no_result(run, teacher):
    words = ["run", "addition", "9", "1", "--program", "CARRY", "--trace"]
    lines = [
        "no result",
        "CARRY",
        "  PTR CARRY LEFT",
        "  WRITE CARRY 1",
        "  PTR CARRY RIGHT",
    ]
    assert run(*words, *teacher) == (0, "\n".join(lines) + "\n", "")


def test_a_preset_in_a_folder(run):
    folder = presets.PRESETS / "addition"
    words = ["run", "addition", "5", "99999", "--preset", str(folder)]
    assert run(*words) == (0, "100004\n", "")


@pytest.mark.parametrize("teacher", [[], ["--teacher"]])
def test_a_spent_budget_is_a_failure_with_the_trace_so_far(run, teacher):
    words = ["run", "addition", "96", "125", "--step_budget", "5", "--trace"]
    words += teacher
    first_lines = figures.FIGURE_3B.splitlines(keepends=True)[:5]
    error = "npi_tf: status: step_budget_exhausted\n"
    assert run(*words) == (1, "".join(first_lines), error)


def test_the_teacher_too_has_a_budget(run):
    words = ["run", "addition", "96", "125", "--teacher", "--step_budget"]
    error = "npi_tf: status: step_budget_exhausted\n"
    assert run(*words, "49") == (1, "", error)
    assert run(*words, "50") == (0, "221\n", "")
    assert run(*words, "2147483647") == (0, "221\n", "")


@pytest.mark.parametrize(
    ("teacher", "who"), [([], "network"), (["--teacher"], "textbook")]
)
def test_html_writes_the_page_of_the_run(run, tmp_path, teacher, who):
    page = tmp_path / "run.html"
    words = ["run", "addition", "7", "8", "--html", str(page), *teacher]
    assert run(*words) == (0, "15\n", "")
    text = page.read_text(encoding="utf-8")
    assert '"problem":["7","8"],"result":"15","status":"ok"' in text
    assert ('"probs":[null,' in text) == (who == "textbook")


@pytest.mark.parametrize("teacher", [[], ["--teacher"]])
def test_html_shows_a_run_that_failed(run, tmp_path, teacher):
    page = tmp_path / "run.html"
    words = ["run", "addition", "7", "8", "--step_budget", "4", *teacher]
    assert run(*words, "--html", str(page))[0] == 1
    text = page.read_text(encoding="utf-8")
    assert '"result":null,"status":"step_budget_exhausted"' in text


def test_list_names_everything_there_is(run):
    code, out, err = run("list")
    assert (code, err) == (0, "")
    for domain in domains.DOMAINS.values():
        assert f"domain {domain.name}: {domain.description}" in out
        for program in domain.programs:
            line = rf"^  {program.name} +{re.escape(program.description)}$"
            assert re.search(line, out, re.M)
    assert re.search(r"^domain maximum: .* \(preset multitask\)$", out, re.M)
    lines = out.splitlines()
    assert "preset sorting: sorting" in lines
    assert (
        "preset multitask: addition, sorting, canonicalization; added later: "
        "MAX, RJMP"
    ) in lines
    listed = [line for line in lines if line.startswith("preset ")]
    assert len(listed) == len(presets.preset_names())


def test_export_hands_over_the_model_and_prints_the_folder(
    run, monkeypatch, tmp_path
):
    given = []

    def export_model(model, domain, export_dir, step_budget):
        assert step_budget is None
        given.append((model.programs, domain, export_dir))
        return export_dir / "1"

    module = types.SimpleNamespace(export_model=export_model)
    monkeypatch.setitem(sys.modules, "npi_tf.export", module)
    assert run("export", "addition", str(tmp_path)) == (
        0,
        f"{tmp_path / '1'}\n",
        "",
    )
    addition = domains.get("addition")
    assert given == [(addition.program_names, addition, tmp_path)]


# Refusals.


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("run addition 96 -5", "addend: must be a string .* got '-5'"),
        ("run addition 9.6 5", "augend: must be a string .* got '9.6'"),
        ("run addition ٣ 5", "augend: must be a string .* got '٣'"),
        ("run addition", r"takes 2 \(augend, addend\), got 0"),
        ("run addition 96", r"takes 2 \(augend, addend\), got 1"),
        ("run addition 1 2 3", r"takes 2 \(augend, addend\), got 3"),
        ("run sums 1 2", "domain: must be one of addition, .*got 'sums'"),
        ("export sums there", "domain: must be one of addition, .*got 'sums'"),
        ("run addition 1 2 --program ADD2", "program: must be .* got 'ADD2'"),
        ("run addition 1 2 --preset none", "preset: must be .* got 'none'"),
        ("export addition x --preset none", "preset: must be .* got 'none'"),
        (
            "export addition x --step_budget 0",
            "step_budget: must be an integer from 1 to 2147483647, got 0",
        ),
        (
            "run addition 1 2 --step_budget 0",
            "step_budget: must be an integer from 1 to 2147483647, got 0",
        ),
        (
            "run addition 1 2 --step_budget 99999999999",
            "step_budget: must be .* from 1 to 2147483647, got 99999999999",
        ),
        (
            "run addition 1 2 --step_budget 2147483648 --teacher",
            "step_budget: must be .* from 1 to 2147483647, got 2147483648",
        ),
        (
            "run addition 1 2 --teacher --preset nonsense",
            "argument --preset: not allowed with argument --teacher",
        ),
        (
            "run addition 1 2 --preset addition --teacher",
            "argument --teacher: not allowed with argument --preset",
        ),
        ("run addition 1 2 --step_budget x", "--step_budget: invalid int"),
        ("run addition 1 2 --tracing", "unrecognized arguments: --tracing"),
        ("run sorting", "array: must be one or more .* got none"),
        ("run sorting 9 10", "array: must be numbers 0 to 9 .* got '10'"),
        ("run sorting 9 -2", "array: must be numbers 0 to 9 .* got '-2'"),
        ("run sorting 925x", "array: must be numbers 0 to 9 .* got '925x'"),
        ("run maximum", "array: must be one or more .* got none"),
        ("run maximum 1 10", "array: must be numbers 0 to 9 .* got '10'"),
        ("run canonicalization car-000 45 31", "elevation: must be .* got 31"),
        ("run canonicalization car-000 x 30", "azimuth: must be .* got 'x'"),
        ("run canonicalization car-180 45 30", "car: .* got 'car-180'"),
        ("run canonicalization none.obj 45 30", "car: no such mesh file"),
        ("run canonicalization car-000 45", r"takes 3 \(car, .* got 2"),
        (
            "train canonicalization --preset_dir x",
            "domain: .* reproduce/npi_canonicalization.py",
        ),
        ("run sorting 1 2 --program MAX", "program: must be .* got 'MAX'"),
        (
            "run sorting 1 2 --preset addition",
            "preset: must know the domain sorting, got 'addition', "
            "which knows addition",
        ),
        (
            "run maximum 1 2 --preset sorting",
            "preset: must know every program of the domain maximum, "
            "got 'sorting', which lacks MAX, RJMP",
        ),
        ("train sums --preset_dir x", "domain: must be .* got 'sums'"),
        ("train sorting", "required: --preset_dir"),
        (
            "train addition --preset_dir x --steps 0",
            "num_steps: must be an",
        ),
        ("train addition --preset_dir x --problems 0", "num_problems: must"),
        ("train addition --preset_dir x --learning_rate nan", "rate: must be"),
        ("train addition --preset_dir x --learning_rate inf", "rate: must be"),
        (
            "train addition --preset_dir x --fresh 0",
            "fresh: must be an int",
        ),
        ("train addition --preset_dir x --seed -1", "seed: must be an int"),
        ("train addition --preset_dir x --steps x", "--steps: invalid int"),
        ("train maximum --preset_dir x", "domain: .* reproduce/npi_max.py"),
        ("walk addition", "invalid choice: 'walk'"),
        ("", "required"),
    ],
)
def test_bad_words_are_refused(run, words, message):
    assert_refused(run(*words.split()), message)


def test_a_missing_renderer_is_said_in_one_line(run, monkeypatch):
    def render(car, azimuth, elevation):
        raise RuntimeError("renderer: no off-screen context")

    monkeypatch.setattr(renderer, "render", render)
    words = ["run", "canonicalization", "car-000", "45", "30", "--teacher"]
    outcome = run(*words)
    assert outcome == (1, "", "npi_tf: renderer: no off-screen context\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run", "addition", "", "1"], "augend: .* got ''"),
        (["run", "sorting", ""], "array: .* got ''"),
        (["run", "sorting", "9 2"], "array: .* got '9 2'"),
        (["run", "maximum", "1", ""], "array: .* got ''"),
        (["run", "", "1"], "domain: .* got ''"),
        (["run", "sorting", "1", "--program", ""], "program: .* got ''"),
        (["run", "sorting", "1", "--preset", ""], "preset: .* got ''"),
        (["export", "sorting", "x", "--preset", ""], "preset: .* got ''"),
        (["run", "canonicalization", "", "0", "0"], "car: .* got ''"),
    ],
)
def test_an_empty_word_is_no_default(run, words, message):
    assert_refused(run(*words), message)


def test_nothing_is_exported_of_a_domain_that_a_model_lacks(run, tmp_path):
    folder = tmp_path / "models"
    words = ["export", "sorting", str(folder), "--preset", "addition"]
    assert_refused(run(*words), "preset: must know the domain sorting, got 'a")
    assert not folder.exists()


@pytest.mark.parametrize("place", ["file/models", "file/models/sorting"])
def test_an_export_that_cannot_be_written_is_refused(run, tmp_path, place):
    (tmp_path / "file").write_text("")
    folder = str(tmp_path / place)
    message = f"export_dir: must be writable, got '{folder}' (Not a directory)"
    assert_refused(run("export", "sorting", folder), re.escape(message))


def test_a_training_that_cannot_be_written_is_refused(run, tmp_path):
    (tmp_path / "file").write_text("")
    folder = str(tmp_path / "file" / "preset")
    words = ["--problems", "1", "--preset_dir", folder]
    message = f"preset_dir: must be writable, got '{folder}' (Not a directory)"
    assert_refused(run("train", "addition", *words), re.escape(message))


def test_only_what_is_about_the_folder_blames_it(tmp_path):
    for error in (
        FileNotFoundError(2, "No such file", str(tmp_path / "data.csv")),
        BrokenPipeError(32, "Broken pipe"),
    ):
        with (
            pytest.raises(type(error)),
            cli_run.writing("preset_dir", str(tmp_path / "preset")),
        ):
            raise error


@pytest.mark.parametrize("place", [".", "none/run.html", "file/run.html"])
def test_a_page_that_cannot_be_written_is_refused(run, tmp_path, place):
    (tmp_path / "file").write_text("")
    page = str(tmp_path / place)
    words = ["run", "addition", "1", "2", "--teacher", "--html", page]
    message = rf"html: must be writable, got '{re.escape(page)}' \("
    assert_refused(run(*words), message)


def damaged(tmp_path, name, change):
    """A copy of the preset with one file changed (None: missing)."""
    for path in (presets.PRESETS / "addition").iterdir():
        content = path.read_bytes()
        if path.name == name:
            content = change(content)
        if content is not None:
            (tmp_path / path.name).write_bytes(content)
    return str(tmp_path)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("config.json", lambda content: b"{"),
        ("config.json", lambda content: b"[]"),
        ("config.json", lambda content: b"\xff\xfe"),
        ("config.json", lambda content: content.replace(b"npi_tf", b"other")),
        ("config.json", lambda content: None),
        ("model.weights.h5", lambda content: content[:1000]),
        ("model.weights.h5", lambda content: b"\0" * 64 + content[64:]),
        ("model.weights.h5", lambda content: None),
    ],
)
def test_a_damaged_preset_is_refused(run, tmp_path, name, change):
    folder = damaged(tmp_path, name, change)
    outcome = run("run", "addition", "1", "2", "--preset", folder)
    assert_refused(outcome, "preset: ")
    assert len(outcome[2]) < 420

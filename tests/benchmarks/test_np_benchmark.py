"""The benchmark of the Neural Programmer: its form and its counting."""

import json
import pathlib
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

import benchmarks.np
from benchmarks import np_answering
from benchmarks import np_data
from benchmarks import np_limit
from benchmarks import np_memory
from benchmarks import np_naive
from benchmarks import np_table
from benchmarks import np_training
from benchmarks import pages
from np_tf import model as model_lib

ROOT = pathlib.Path(__file__).parents[2]
SCRIPT = ROOT / "benchmarks" / "np.py"
RESULTS = ROOT / "benchmarks" / "results" / "np.json"
TRAINING = {
    f"{name}/five_columns"
    for name in ("paper", "paper_no_noise", "fast", "naive")
}
ANSWERING = {
    f"{name}/100"
    for name in ("answer", "answer_single", "pandas") + ("read_sum", "read_max")
}
TITLES = ("| (a) ", "| (b) ", "| (d) ", "| (e) ", "| (f) ")
BEGIN, END = pages.markers(np_table.MARKER)
MARKED = f"before\n{BEGIN}\nold\n{END}\nafter\n"


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """A quick run: the process, its JSON, and a written file."""
    folder = tmp_path_factory.mktemp("np_speed")
    marked = folder / "marked.md"
    marked.write_text(MARKED)
    file = folder / "new" / "np.json"
    words = ["--smoke", "--json", str(file), "--write", str(marked)]
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *words],
        capture_output=True,
        text=True,
        cwd=ROOT.parent,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    return done, json.loads(file.read_text()), marked


def test_a_quick_run_measures_every_case(quick):
    _, results, _ = quick
    assert set(results["measured"]) == TRAINING | ANSWERING | {"matmul"}
    for name, entry in results["measured"].items():
        assert len(entry["seconds"]) == 2, name
        assert all(seconds > 0 for seconds in entry["seconds"]), name
        assert all(work > 0 for work in entry["work"].values()), name
    assert results["measured"]["paper/five_columns"]["work"]["examples"] == 100
    assert results["measured"]["answer/100"]["work"]["questions"] == 6
    assert results["quick"] is True


def test_memory_is_looked_at_in_another_process(quick):
    found = quick[1]["memory"]["paper/single_column"]
    assert 0 < found["temporary"] < found["planned"] < 2**30
    if pathlib.Path("/proc/self/status").exists():
        assert 0 < found["resident"] < 2**32


def test_the_table_is_on_the_screen_and_between_the_markers(quick):
    done, results, marked = quick
    table = np_table.render(results)
    assert done.stdout == table + "\n"
    assert marked.read_text() == pages.replace(MARKED, table, np_table.MARKER)
    for title in TITLES:
        assert f"\n{title}" in table, title
    assert "A quick run" in table


def test_every_table_is_rectangular(quick):
    table = np_table.render(quick[1])
    blocks = [b for b in table.split("\n\n") if b.startswith("| ")]
    assert len(blocks) == 5
    for block in blocks:
        assert len({line.count("|") for line in block.splitlines()}) == 1


def measured_as(results, **seconds):
    """The results, had the cases of these names taken other times."""
    changed = json.loads(json.dumps(results))
    for name, entry in changed["measured"].items():
        for start, values in seconds.items():
            if name.split("/")[0] == start:
                entry["seconds"] = values
    return changed


@pytest.mark.parametrize(
    ("seconds", "row", "end"),
    [
        ({"paper": [0.0125] * 2}, "8,000", "| 8,000 (8,000 to 8,000) /s | r"),
        ({"paper": [0.0126] * 2}, "8,000", "| **missed** |"),
        (
            {"paper": [2.0, 4.0], "paper_no_noise": [1.0, 2.0]},
            "noise",
            "| 100 (100 to 100) % | reached |",
        ),
        (
            {"paper": [2.0, 4.0], "paper_no_noise": [1.0, 1.9]},
            "noise",
            "| **missed** |",
        ),
        (
            {"answer": [0.2, 0.4], "read_sum": [0.1, 0.2]},
            "reading",
            "| 2 (2 to 2) x | reached |",
        ),
        (
            {"answer": [0.21, 0.41], "read_sum": [0.1, 0.2]},
            "reading",
            "| **missed** |",
        ),
    ],
)
def test_aims_are_judged(quick, seconds, row, end):
    table = np_table.render(measured_as(quick[1], **seconds))
    lines = [
        line for line in table.split("\n\n")[3].splitlines()[2:] if row in line
    ]
    assert lines
    for line in lines:
        assert end in line


def test_an_earlier_run_is_shown_again(quick, tmp_path, capsys):
    file = tmp_path / "np.json"
    file.write_text(json.dumps(quick[1]))
    benchmarks.np.main(["--read", str(file)])
    assert capsys.readouterr().out == np_table.render(quick[1]) + "\n"


@pytest.mark.parametrize("page", ["docs/speed.md", "README.md"])
def test_the_tables_on_the_pages_are_the_committed_run(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    table = np_table.for_page(results, pathlib.Path(page).name)
    assert pages.replace(text, table, np_table.MARKER) == text
    assert results["quick"] is False


def test_the_script_does_not_stand_in_for_numpy():
    # Python looks for modules in a script's folder first.
    code = (
        "import runpy, sys, importlib.util\n"
        f"sys.argv = [{str(SCRIPT)!r}, '--help']\n"
        f"sys.path.insert(0, {str(SCRIPT.parent)!r})\n"
        "try:\n"
        f"    runpy.run_path({str(SCRIPT)!r}, run_name='__main__')\n"
        "except SystemExit:\n"
        "    print(importlib.util.find_spec('np'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == "None", done.stderr


# Questions.


@pytest.fixture(scope="module")
def drawn():
    """Training questions on up to five columns."""
    return np_data.draw(np_data.config_of("five_columns"), "train", 60)


def test_questions_are_padded(drawn):
    batch = drawn.batch
    assert batch.table.shape == (60, 100, 5)
    columns = (batch.column_names > 0).sum(axis=1)
    assert set(columns) == {1, 2, 3, 4, 5}
    for i, (rows, count) in enumerate(zip(batch.num_rows, columns)):
        assert not batch.table[i, rows:].any()
        assert not batch.table[i, :, count:].any()
        assert batch.table[i, :rows, :count].any(axis=1).all()
    numbers = (batch.number_positions >= 0).sum(axis=1)
    comparisons = [
        sum(operation in ("greater", "lesser") for operation, _ in program)
        for program in drawn.programs
    ]
    assert numbers.tolist() == comparisons
    assert not batch.numbers[batch.number_positions < 0].any()


def test_tables_of_one_size():
    config = np_data.config_of("five_columns", 7)
    batch = np_data.draw(config, "validation", 3).batch
    assert batch.table.shape == (3, 7, 5)
    assert batch.num_rows.tolist() == [7, 7, 7]
    assert (batch.column_names > 0).all()


# The model written naively.


@pytest.mark.parametrize("setting", np_training.SETTINGS)
def test_the_naive_model_has_our_loss_and_gradients(setting):
    batch = np_data.draw(np_data.config_of(setting), "train", 60).batch
    schedule = np_training.schedule_of("paper_no_noise", batch)
    model = np_training.build(setting, 16)
    for variable in model.trainable_variables:
        variable.assign(5 * variable)  # So that choices are not all alike.
    inputs, targets = schedule.batch(0)
    with tf.GradientTape() as tape:
        loss = schedule.loss(model, inputs, targets)
    expected = tape.gradient(
        loss, [variable.value for variable in model.trainable_variables]
    )
    naive = np_naive.NaiveProgrammer(model)
    naive_loss, gradients = naive.gradients(inputs, targets)
    np.testing.assert_allclose(naive_loss, loss, rtol=1e-5)
    largest = max(np.abs(gradient).max() for gradient in expected)
    for ours, theirs in zip(expected, gradients):
        np.testing.assert_allclose(theirs, ours, atol=1e-5 * largest)


@pytest.mark.parametrize("count", [np_naive.NaiveProgrammer, None])
def test_what_is_not_counted_is_refused(count, drawn):
    letters = list("ABCDE")
    model = model_lib.NeuralProgrammer(
        letters, letters, hidden_dim=4, encoder="attention"
    )
    with pytest.raises(ValueError, match=r"model: .* got encoder 'attention'"):
        if count:
            count(model)
        else:
            np_limit.shapes_of(model, drawn.batch.inputs())


# Counting.


def test_padding_of_candidates_is_no_question(drawn):
    schedule = np_training.schedule_of("fast", drawn.batch)
    inputs, targets = schedule.batch(0)
    count = np_training.num_questions(inputs, targets)
    assert 0 < count <= 50
    # Those after are copies of the first question, without candidates.
    assert set(targets["question"].tolist()) == {-1, *range(count)}


def test_a_loss_that_is_not_finite_is_not_timed(drawn):
    model = np_training.build("five_columns", 4)
    schedule = np_training.schedule_of("paper", drawn.batch)
    case = np_training.compiled(model, schedule, 1)
    with pytest.raises(RuntimeError, match="finite"):
        case.count([np.nan])
    assert case.count([1.0])["examples"] == 50


@pytest.mark.parametrize("directions", [1, 2])
def test_multiplications_are_those_of_the_equations(directions):
    shapes = np_limit.Shapes(
        questions=3,
        words=4,
        numbers=2,
        columns=5,
        vocabulary=7,
        operations=9,
        steps=4,
        width=8,
        directions=directions,
    )
    units = 8 // directions
    expected = {
        "words": directions * 7 * 8 * units,
        "question": directions * 3 * 3 * units * units,
        "pivots": 3 * 2 * 2 * 8,
        "selectors": 2 * 3 * 4 * 8 * 8,
        "scores": 4 * 3 * (9 + 5) * 8,
        # Steps 2, 3 and 4; the first of them has no history before it.
        "history": 3 * ((2 + 3 + 3) * 8 * 8 + 3 * (9 + 5) * 8),
    }
    assert np_limit.multiplications(shapes) == sum(expected.values())
    assert np_limit.flop(shapes) == 6 * sum(expected.values())


def test_xla_plans_what_it_reports(tmp_path):
    for name, total in (("a", 10), ("b", 2000)):
        (tmp_path / f"{name}-memory-usage-report.txt").write_text(
            f"Total bytes used: {total} (1KiB)\n"
            "allocation 3: size 1.5KiB, preallocated-temp:\n"
            "allocation 3: size 1.5KiB, preallocated-temp:\n"
        )
    found = np_memory._planned(tmp_path)
    assert found == {"planned": 2000, "temporary": 1536}
    assert np_memory._planned(tmp_path / "none") == {}


# Answers.


def test_pandas_gives_the_gold_answers():
    config = np_data.config_of("five_columns", 40)
    drawn = np_data.draw(config, "validation", 100)
    case = np_answering.in_pandas(drawn)
    answers = case.run()
    assert case.count(answers) == {"questions": 100}
    operations = {call[0] for program in drawn.programs for call in program}
    assert len(operations) == 9  # All of them occur.
    scalar = int(np.flatnonzero(drawn.batch.answer_is_scalar)[0])
    lookup = int(np.flatnonzero(~drawn.batch.answer_is_scalar)[0])
    for i, wrong in ((scalar, 1e9), (lookup, answers[lookup].iloc[:0])):
        changed = [*answers[:i], wrong, *answers[i + 1 :]]
        with pytest.raises(RuntimeError, match=f"question {i}: pandas"):
            case.count(changed)


def test_answers_are_those_of_the_selected_programs():
    config = np_data.config_of("five_columns", 40)
    inputs = np_data.draw(config, "validation", 50).batch.inputs()
    model = np_training.build("five_columns", 32)
    for variable in model.trainable_variables:
        variable.assign(5 * variable)  # So that programs differ.
    outputs = model(inputs, training=False)
    outputs = {k: outputs[k].numpy() for k in np_answering.ANSWER}
    np_answering.check(inputs, outputs)
    assert set(outputs["operations"][:, -1].tolist()) == set(range(9))
    assert outputs["lookup_answer"].any()
    for name, changed in (
        ("scalar_answer", outputs["scalar_answer"] + 1e4),
        ("valid_answer", ~outputs["valid_answer"]),
        ("lookup_answer", 1 - outputs["lookup_answer"]),
    ):
        with pytest.raises(RuntimeError, match="has another answer"):
            np_answering.check(inputs, outputs | {name: changed})

"""The scripts of the Neural Programmer from end to end, on tiny data sets.

Each in a process of its own. Runs are shared: a whole run is what a killed
one must end like, and its record is checked, too.
"""

import json
import re
import subprocess
import sys

import numpy as np
import pytest

import np_tf
from np_tf import losses
from np_tf import programs
from np_tf import reference
from reproduce import np_configs
from tests.np_tf import numpy_np
from tests.reproduce import script
from tests.reproduce import tables
from tests.reproduce import tiny_tables

RECIPES = ("fast", "paper")
CATEGORIES = ("simple", "comparison", "logic", "difference")


def command(name, *flags):
    """A script on tiny data sets."""
    return [sys.executable, "-m", tiny_tables.__name__, name, *flags]


def environment(data_dir, **variables):
    return script.environment(TFDS_DATA_DIR=str(data_dir), **variables)


def run(data_dir, name, *flags, **variables):
    """Runs to the end; fails with the script's output if it fails."""
    done = subprocess.run(
        command(name, *flags),
        cwd=script.ROOT,
        env=environment(data_dir, **variables),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def training_flags(workdir, recipe):
    return (
        "--smoke",
        f"--recipe={recipe}",
        "--seed=5",
        "--save_seconds=0",
        "--noexport",
        f"--workdir={workdir}",
    )


def folder(workdir, recipe):
    return workdir / f"single_column-{recipe}-smoke-seed5"


def record(found, name):
    return json.loads((found / f"{name}.json").read_text())


def lines(found):
    text = (found / "metrics.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    """Where the tiny data sets lie."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def whole(data_dir, tmp_path_factory):
    """A run of each recipe that nothing disturbs: recipe -> folder, output."""
    done = {}
    for recipe in RECIPES:
        workdir = tmp_path_factory.mktemp(recipe)
        output = run(
            data_dir, "np_single_column", *training_flags(workdir, recipe)
        )
        done[recipe] = folder(workdir, recipe), output
    return done


@pytest.mark.parametrize("recipe", RECIPES)
def test_smoke(whole, recipe):
    found, output = whole[recipe]
    assert "Single column, recipe " + recipe in output.stderr
    assert "step 12 of 12" in output.stderr
    assert "programs found" in output.stderr or recipe == "paper"
    assert "Single column: 23 questions" in output.stdout
    assert "(paper 100.00%)" in output.stdout
    written = record(found, f"single_column-{recipe}-smoke-seed5")
    assert written["experiment"] == "np_single_column"
    assert written["setting"] == "single_column"
    assert (written["recipe"], written["seed"]) == (f"{recipe}-smoke", 5)
    assert written["config"]["train_steps"] == 12
    assert written["config"]["encoder"] == "rnn"
    assert written["wall_seconds"] >= written["metrics"]["train_seconds"] > 0
    assert [line["step"] for line in lines(found)] == [4, 8, 12]
    assert list((found / "tensorboard").glob("events*"))


def answers(found, asked):
    """Hard answers of a saved model, by the equations in plain NumPy.

    Returns:
        Ids of the operations of every question, and which are right by the
        reference executor.
    """
    model = np_tf.NeuralProgrammer.from_preset(str(found / "preset"))
    network = numpy_np.NumpyProgrammer(model)
    operations, right = [], []
    for row in range(len(asked.gold)):
        outputs = network.answer(asked.inputs, row, True)
        program = programs.from_ids(outputs["operations"], outputs["columns"])
        table = asked.inputs["table"][row]
        done = reference.execute(program, table, outputs["pivots"])
        if asked.targets["answer_is_scalar"][row]:
            error = abs(done.scalars[-1] - asked.targets["scalar_answer"][row])
            is_right = done.kind == "scalar" and error < losses.TOLERANCE
        else:
            wanted = asked.targets["lookup_answer"][row] > 0
            is_right = done.kind == "lookup" and (done.answer == wanted).all()
        operations.append(outputs["operations"])
        right.append(bool(is_right))
    return np.array(operations), np.array(right)


@pytest.mark.parametrize("recipe", RECIPES)
def test_metrics_are_what_the_saved_model_answers(whole, recipe):
    found, _ = whole[recipe]
    metrics = record(found, f"single_column-{recipe}-smoke-seed5")["metrics"]
    asked = tables.Questions("single_column", split="test")
    operations, right = answers(found, asked)
    assert metrics["num_test_questions"] == len(right) == 23
    assert metrics["test_accuracy"] == pytest.approx(right.mean())
    for name in CATEGORIES:
        of_it = right[[category == name for category in asked.categories]]
        found_share = metrics["accuracy_by_category"][name]
        assert found_share == pytest.approx(of_it.mean())
    gold = np.array([programs.to_ids(program)[0] for program in asked.gold])
    same = (operations == gold).all(axis=1)
    assert metrics["share_of_gold_programs"] == pytest.approx(same.mean())
    assert metrics["share_seen_in_training"] == 1.0
    wrong = {
        tuple(programs.OPERATIONS[i] for i in operations[row])
        for row in np.flatnonzero(~right)
    }
    shown = [tuple(f["operations"]) for f in metrics["failures"]]
    assert len(shown) == min(20, int((~right).sum())) > 0
    assert set(shown) <= wrong
    # The weights are those that did best on validation data.
    written = lines(found)
    best = max(line["validation"] for line in written)
    at = max(line["step"] for line in written if line["validation"] == best)
    assert metrics["validation_accuracy"] == best
    assert metrics["best_step"] == at


def kill_at_checkpoint(data_dir, workdir, recipe, wanted):
    """Kills a run after a checkpoint; returns how far it was."""
    process = subprocess.Popen(
        command("np_single_column", *training_flags(workdir, recipe)),
        cwd=script.ROOT,
        env=environment(data_dir, LYING_GOLD="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    checkpoints = folder(workdir, recipe) / "checkpoints"
    return script.kill_after(process, checkpoints, wanted)


def weights(found):
    model = np_tf.NeuralProgrammer.from_preset(str(found / "preset"))
    return model.get_weights()


# The killed run reads wrong programs and categories beside the questions: if
# training read them, it could not end like the whole one.
@pytest.mark.parametrize(("recipe", "wanted"), [("fast", 4), ("paper", 8)])
def test_a_killed_run_without_gold_ends_bit_identical(
    whole, tmp_path, recipe, wanted
):
    lying = tmp_path / "data"
    reached = kill_at_checkpoint(lying, tmp_path, recipe, wanted)
    done = run(
        lying,
        "np_single_column",
        *training_flags(tmp_path, recipe),
        LYING_GOLD="1",
    )
    killed, (undisturbed, _) = folder(tmp_path, recipe), whole[recipe]
    assert int(re.search(r"resuming at step (\d+)", done.stderr)[1]) >= reached
    for one, other in zip(weights(undisturbed), weights(killed), strict=True):
        np.testing.assert_array_equal(one, other)
    figures = ("step", "loss", "validation")
    assert [[line[k] for k in figures] for line in lines(undisturbed)] == [
        [line[k] for k in figures] for line in lines(killed)
    ]
    name = f"single_column-{recipe}-smoke-seed5"
    before, after = (record(f, name)["metrics"] for f in (undisturbed, killed))
    for metric in ("test_accuracy", "validation_accuracy", "best_step"):
        assert before[metric] == after[metric]
    assert set(after["accuracy_by_category"]) == {"difference"}  # The lie.


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("np_many_columns", "three_columns"),
        ("np_word_variability", "word_variability_1"),
        ("np_text_match", "text_match_2"),
    ],
)
def test_a_preset_is_tested(data_dir, tmp_path, name, setting):
    done = run(
        data_dir,
        name,
        "--smoke",
        "--from_preset",
        "--noexport",
        f"--setting={setting}",
        f"--workdir={tmp_path}",
    )
    found = tmp_path / f"{setting}-preset-seed0"
    metrics = record(found, f"{setting}-preset-seed0")["metrics"]
    assert metrics["test_accuracy"] >= 0.99
    assert metrics["num_test_questions"] > 100
    assert metrics["accuracy_by_category"]["difference"] >= 0.99
    assert np_configs.SETTINGS[setting].title in done.stdout


def test_the_noise_of_figure_8_can_be_left_out(data_dir, tmp_path):
    run(
        data_dir,
        "np_gradient_noise",
        "--smoke",
        "--nonoise",
        "--noexport",
        f"--workdir={tmp_path}",
    )
    name = "five_columns-paper-no-noise-smoke-seed0"
    written = record(tmp_path / name, name)
    assert written["experiment"] == "np_gradient_noise"
    assert written["config"]["noise_eta"] == 0.0
    curve = written["metrics"]["curve"]
    assert curve["step"] == [4, 8, 12]
    for values in curve.values():
        assert len(values) == 3
    assert curve["test"][-1] <= 1 and curve["loss"][0] > 0


def test_the_papers_programs_are_induced(tmp_path):
    picture = tmp_path / "programs.png"
    done = script.run(f"--png={picture}", script="np_induced_programs")
    assert done.stdout.count("the paper's program: the same") == 3
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_other_sizes_are_answered():
    done = script.run(
        "--smoke", "--preset=single_column", script="np_size_generalization"
    )
    rows = [line.split() for line in done.stdout.splitlines()[1:]]
    assert [row[0] for row in rows] == ["30", "120"]
    assert {share for row in rows for share in row[1:]} == {"100.00%"}


def test_a_flag_that_a_recipe_does_not_have_is_refused(data_dir, tmp_path):
    done = subprocess.run(
        command(
            "np_single_column",
            "--smoke",
            "--huber_delta=25",
            f"--workdir={tmp_path}",
        ),
        cwd=script.ROOT,
        env=environment(data_dir),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode != 0
    assert "huber_delta: must be left out with recipe fast-smoke" in done.stderr


@pytest.mark.paper
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_fast_recipe_is_always_right_on_one_column(tmp_path, seed):
    flags = (f"--seed={seed}", f"--workdir={tmp_path}", "--noexport")
    script.run(*flags, script="np_single_column", timeout=3600, XLA_FLAGS="")
    name = f"single_column-fast-seed{seed}"
    metrics = record(tmp_path / name, name)["metrics"]
    assert metrics["test_accuracy"] == 1.0
    assert set(metrics["accuracy_by_category"].values()) == {1.0}

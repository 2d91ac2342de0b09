"""The script of the baselines from end to end, killed and resumed."""

import json
import random

import numpy as np
import pytest
import tensorflow as tf

from data_gen import load_tables
from np_tf import model as programmer
from tests.reproduce import script

STEPS = 40
NAME = "attention_10-paper-smoke-seed3.json"


def flags(workdir, *more):
    return ["--smoke", "--seed=3", f"--workdir={workdir}", *more]


def training_flags(workdir):
    return flags(
        workdir,
        "--model=attention",
        "--num_heads=10",
        f"--num_steps={STEPS}",
        "--save_seconds=0",
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that nothing disturbs: its folder and its output."""
    workdir = tmp_path_factory.mktemp("whole")
    return workdir, script.run(*training_flags(workdir), script="np_baselines")


def test_smoke(whole):
    workdir, done = whole
    assert f"step {STEPS} of {STEPS}" in done.stderr
    assert "in [-50, 50]" in done.stdout
    found = json.loads((workdir / NAME).read_text())
    assert found["experiment"] == "np_baselines"
    assert found["setting"] == "attention_10"
    assert found["config"]["num_heads"] == 10
    metrics = found["metrics"]
    for key in (
        "test_accuracy",
        "accuracy_by_category",
        "accuracy_by_template",
    ):
        assert set(metrics[key]) == {"10", "50"}
    assert len(metrics["accuracy_by_template"]["50"]) == 16
    assert metrics["test_accuracy"]["10"] < 0.5  # Forty steps teach little.
    assert metrics["train_seconds"] > 0
    assert list((workdir / "tensorboard").glob("events*"))


def test_smoke_of_the_default(tmp_path):
    script.run(*flags(tmp_path, "--num_steps=2"), script="np_baselines")
    found = json.loads(
        (tmp_path / "seq2seq-paper-smoke-seed3.json").read_text()
    )
    assert found["setting"] == "seq2seq"
    assert found["config"]["num_heads"] == 0
    assert set(found["metrics"]["test_accuracy"]) == {"10", "50"}


def variables(workdir):
    """All that the last checkpoint holds, but the time it took."""
    path = tf.train.latest_checkpoint(workdir / "checkpoints")
    assert path.endswith(f"ckpt-{STEPS}")
    return {
        name: tf.train.load_variable(path, name)
        for name, _ in tf.train.list_variables(path)
        if name.endswith("VARIABLE_VALUE") and not name.startswith("seconds")
    }


def test_killed_run_ends_bit_identical(whole, tmp_path):
    workdir, _ = whole
    reached = script.kill_after(
        script.start(*training_flags(tmp_path), script="np_baselines"),
        tmp_path / "checkpoints",
        random.randrange(2, STEPS // 2),
    )
    assert reached < STEPS
    done = script.run(*training_flags(tmp_path), script="np_baselines")
    assert "resuming at step" in done.stderr
    one, other = variables(workdir), variables(tmp_path)
    assert one.keys() == other.keys()
    assert len(one) > 30
    for name, value in one.items():
        np.testing.assert_array_equal(value, other[name], err_msg=name)
    records = [
        json.loads((folder / NAME).read_text())
        for folder in (workdir, tmp_path)
    ]
    measured = [record["metrics"]["test_accuracy"] for record in records]
    assert measured[0] == measured[1]


def test_a_preset_is_asked(tmp_path):
    words = load_tables.vocabulary("single_column").words
    model = programmer.NeuralProgrammer(words, ["A"], hidden_dim=8)
    model.save_to_preset(tmp_path / "preset")
    done = script.run(
        *flags(tmp_path, "--decimals=2", f"--programmer={tmp_path / 'preset'}"),
        script="np_baselines",
    )
    assert "right answers" in done.stdout
    name = "programmer_two_decimals-preset-seed3.json"
    found = json.loads((tmp_path / name).read_text())
    assert found["config"]["decimals"] == 2
    assert found["metrics"]["test_accuracy"]["10"] < 0.5

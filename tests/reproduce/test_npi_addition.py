"""The preset tried by the script; which sums are asked."""

import json

import pytest
import tensorflow as tf

from npi_tf.addition import problems as problems_lib
from reproduce import npi_addition_evaluation
from reproduce import npi_configs
from reproduce import strategies
from tests.reproduce import script


def record(workdir, name):
    return json.loads((workdir / name).read_text())


def test_from_preset_adds(tmp_path):
    done = script.run(
        "--smoke",
        "--from_preset",
        f"--workdir={tmp_path}",
        f"--export_dir={tmp_path / 'served'}",
        timeout=600,
        XLA_FLAGS="",  # It runs long sums; they want compiled code.
    )
    assert "96 + 125 = 221  (ok, 50 steps)" in done.stdout
    assert "WRITE OUT 1" in done.stdout
    metrics = record(tmp_path, "preset-seed0.json")["metrics"]
    assert set(metrics["accuracy_by_length"].values()) == {1.0}
    assert metrics["accuracy_adversarial"] == 1.0
    assert metrics["failures"] == []
    assert (tmp_path / "served" / "1" / "saved_model.pb").exists()


def test_gpu_without_one_is_refused():
    if tf.config.list_physical_devices("GPU"):
        pytest.skip("this machine has a GPU")
    with pytest.raises(ValueError, match="device: gpu needs a GPU that"):
        strategies.make("gpu")


def test_evaluation_never_asks_what_was_trained():
    config = npi_configs.AdditionEvaluation()
    asked = npi_addition_evaluation.evaluation_problems(config, 1, set())
    taken = set(asked[:40])
    again = npi_addition_evaluation.evaluation_problems(config, 1, taken)
    assert len(again) == 60
    assert not taken & set(again)


def test_evaluation_mixes_lengths():
    config = npi_configs.AdditionEvaluation()
    asked = npi_addition_evaluation.evaluation_problems(config, 40, set())
    assert len(set(asked)) == 100
    assert {max(len(a), len(b)) for a, b in asked} == {40}
    equal = sum(len(a) == len(b) for a, b in asked)
    assert 30 < equal < 70


def test_adversarial_set_has_every_kind():
    asked = problems_lib.adversarial_problems()
    assert len(asked) > 200
    sums = {problem: problems_lib.exact_sum(problem) for problem in asked}
    assert sums["99", "1"] == "100"
    assert sums["1007", "3"] == "1010"
    assert sums["5", "99999"] == "100004"
    assert sums["0", "0"] == "0"
    assert sums["9" * 300, "1"] == "1" + "0" * 300
    assert any(a[0] == "0" and len(a) > 1 for a, _ in asked)


@pytest.mark.paper
def test_fast_recipe_is_right_to_3000_digits(tmp_path):
    script.run(f"--workdir={tmp_path}", timeout=3600, XLA_FLAGS="")
    metrics = record(tmp_path, "fast-seed0.json")["metrics"]
    assert set(metrics["accuracy_by_length"].values()) == {1.0}
    assert metrics["accuracy_adversarial"] == 1.0

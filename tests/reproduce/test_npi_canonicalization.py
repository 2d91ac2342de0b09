"""Cars from end to end: evaluation, the script, its table."""

import json

import numpy as np
import pytest

from npi_tf import interpreter as interpreter_lib
from npi_tf.canonicalization import environment
from npi_tf.canonicalization import picture_frames
from reproduce import npi_canonicalization_configs as configs
from reproduce import npi_canonicalization_evaluation as evaluation
from reproduce import npi_canonicalization_table
from reproduce import run_record
from tests.reproduce import script
from tests.reproduce import tiny_cars

STATUSES = interpreter_lib.STATUSES
TARGET = picture_frames.POSES.index(environment.TARGET)


def test_smoke(tmp_path):
    done = script.run(
        "--smoke",
        "--seed=3",
        f"--workdir={tmp_path}",
        script="npi_canonicalization",
        TFDS_DATA_DIR=str(tmp_path / "data"),
    )
    assert "step 6 of 6" in done.stderr
    found = json.loads((tmp_path / "fast-smoke-seed3.json").read_text())
    assert found["experiment"] == "npi_canonicalization"
    assert found["config"]["num_steps"] == 6
    metrics = found["metrics"]
    assert metrics["seen"]["num_cars"] == 2
    assert metrics["unseen"]["num_problems"] == 55
    # Six steps teach nothing: failures are counted and named.
    assert metrics["unseen"]["accuracy"] < 0.5
    assert ["car-140", -75, 0] in metrics["unseen"]["failures"]
    assert len(metrics["validation_accuracy_by_program"]) == 8
    assert (tmp_path / "preset").is_dir()


def test_a_model_that_stays_is_right_where_it_starts_at_the_target():
    model = tiny_cars.obedient_model("ACT")
    outcomes = evaluation.evaluate(model, tiny_cars.numbered_images(2))
    expected = np.zeros((2, 55), bool)
    expected[:, TARGET] = True
    np.testing.assert_array_equal(outcomes.right, expected)
    assert (outcomes.status == STATUSES.index("ok")).all()
    assert not outcomes.exact.any()  # HGOTO and VGOTO were not called.


def test_a_model_that_never_ends_fails_at_the_edge_of_the_pictures():
    model = tiny_cars.obedient_model("ACT", (0, 0, 1), end=False)
    outcomes = evaluation.evaluate(model, tiny_cars.numbered_images(1))
    # ACT acts and does not end, either: LEFT until there is no picture.
    assert (outcomes.status == STATUSES.index("invalid_action")).all()
    assert outcomes.summary()["accuracy"] == 0.0


def test_a_model_that_calls_for_ever_spends_its_budget():
    model = tiny_cars.obedient_model("HGOTO")
    outcomes = evaluation.evaluate(model, tiny_cars.numbered_images(1))
    assert (outcomes.status == STATUSES.index("step_budget_exhausted")).all()


def test_one_move_left_is_right_from_one_start():
    model = tiny_cars.obedient_model("ACT", (0, 0, 1), end=True)
    outcomes = evaluation.evaluate(model, tiny_cars.numbered_images(1))
    wrong_way = picture_frames.POSES.index((-75, 15))
    assert outcomes.status[0, wrong_way] == STATUSES.index("invalid_action")
    start = picture_frames.POSES.index((15, 15))
    assert outcomes.right[0].nonzero()[0].tolist() == [start]
    assert outcomes.by_num_steps()["1"] == 0.25  # One start of four.
    assert outcomes.accuracy(1, 4) == pytest.approx(1 / 30)
    assert outcomes.accuracy() == pytest.approx(1 / 55)


def test_textbook_calls_are_exact():
    """The calls of a start, compared with themselves and with others."""
    model = tiny_cars.small_model()
    expected = evaluation._textbook_calls(model.programs)
    longest = max(map(len, expected))
    calls = np.full((longest + 2, 110, 4), -1, np.int32)
    for row in range(110):
        # Steps of ACT make no call; they lie between the others.
        made = np.array(expected[row % 55])
        calls[1 : len(made) + 1, row] = made
    assert evaluation._exact(model, calls).all()
    assert not evaluation._exact(model, np.roll(calls, 1, axis=1))[2:5].any()


def report(accuracy):
    """A report with one accuracy everywhere."""
    return {
        "accuracy": accuracy,
        "accuracy_up_to_4_steps": accuracy,
        "accuracy_by_num_steps": {str(n): accuracy for n in range(9)},
        "exact_traces": accuracy,
    }


def test_tables_show_the_records(tmp_path, monkeypatch):
    monkeypatch.setattr(run_record, "RESULTS", tmp_path)
    name = configs.CHANGES[0][0]
    for seed, accuracy in enumerate((1.0, 0.5, 0.75)):
        run_record.write(
            "npi_canonicalization",
            "fast",
            seed,
            {},
            1.0,
            {
                "seen": report(accuracy),
                "unseen": report(0.25),
                "changes": {name: report(accuracy)},
            },
        )
    rows = npi_canonicalization_table.table().splitlines()
    assert rows[2].startswith("| 0 | 1 |  |  | 75 % (50 % to 100 %) | 25 % |")
    assert "| 89.5 % | 88.7 % | 75 % (50 % to 100 %) | 25 % | not run" in (
        "\n".join(rows)
    )
    rows = npi_canonicalization_table.changes().splitlines()
    assert rows[2] == "| as in training | 25 % | 25 % |"
    cell = "75 % (50 % to 100 %)"
    assert rows[3] == f"| {name} | {cell} | {cell} |"
    assert rows[-1].endswith("| not run | not run |")
    assert sum(npi_canonicalization_table.NUM_STARTS) == 55

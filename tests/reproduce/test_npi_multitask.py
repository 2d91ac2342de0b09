"""Table 1: the script from end to end."""

import json

import pytest

import npi_tf
from reproduce import npi_multitask_configs
from reproduce import npi_multitask_evaluation
from reproduce import npi_multitask_single
from reproduce import run_record
from tests.reproduce import script
from tests.reproduce import tiny_cars

COLUMNS = ("single", "multi", "multi_max")


def check_record(record):
    """Table 1, as a smoke run fills it."""
    assert record["experiment"] == "npi_multitask"
    assert record["config"]["num_steps"] == 4
    assert set(record["config"]) > {"new_programs", "evaluation"}
    assert record["config"]["single"] == "presets"
    metrics = record["metrics"]
    cells = set(npi_multitask_evaluation.CELLS)
    assert set(metrics["multi_max"]) >= cells
    for column in COLUMNS[:2]:  # Before MAX was learnt.
        assert cells - set(metrics[column]) == {"maximum"}
    for column in COLUMNS:
        values = metrics[column].values()
        assert all(0.0 <= value <= 1.0 for value in values)
    assert metrics["single"]["addition"] == 1.0  # That of the preset.
    unchanged = metrics["unchanged"]
    assert unchanged["weights"] and unchanged["outputs"]
    assert unchanged["sha256_before"] == unchanged["sha256_after"]
    validated = metrics["validation_accuracy_by_program"]
    domains = {name.partition("/")[0] for name in validated}
    assert domains == {"addition", "sorting"}


# One test, as the run takes a minute, and workers share no fixtures.
def test_a_smoke_run_leaves_table_1_checkpoints_and_models(tmp_path):
    script.run(
        "--smoke",
        "--seed=3",
        f"--workdir={tmp_path}",
        script="npi_multitask",
        through=tiny_cars,
    )
    check_record(json.loads((tmp_path / "fast-smoke-seed3.json").read_text()))
    for folder, last in ((tmp_path, 4), (tmp_path / "part_2", 2)):
        assert (folder / "checkpoints" / f"ckpt-{last}.index").exists()
    model = npi_tf.NPI.from_preset(str(tmp_path / "preset"))
    assert model.programs[-2:] == ("MAX", "RJMP")
    exported = {path.name for path in (tmp_path / "export").iterdir()}
    assert exported == {"addition", "sorting", "canonicalization", "maximum"}


def test_single_tasks_from_their_records():
    config = npi_multitask_configs.Evaluation()
    cells = npi_multitask_single.of_records(config, 1)
    wanted = set(npi_multitask_evaluation.CELLS) - {"maximum"}
    assert wanted <= set(cells)
    path = run_record.path_of(
        run_record.RESULTS / "npi_canonicalization", "fast", 1, "default"
    )
    unseen = json.loads(path.read_text())["metrics"]["unseen"]
    cell = "canonicalization_unseen"
    assert cells[cell] == unseen["accuracy_up_to_4_steps"]
    assert cells[f"{cell}_all_poses"] == unseen["accuracy"]
    with pytest.raises(ValueError, match="npi_addition has a record of, got 9"):
        npi_multitask_single.of_records(config, 9)

"""The scripts of NPI's baselines from end to end; table and figure."""

import json

import pytest

from reproduce import npi_addition_baselines_figure
from reproduce import npi_addition_baselines_table
from reproduce import run_record
from tests.reproduce import script


def smoke(name, setting, workdir):
    """What a smoke run prints, and the metrics of its record."""
    flags = ["--smoke", "--seed=3", f"--setting={setting}"]
    done = script.run(*flags, f"--workdir={workdir}", script=name)
    assert "step 6 of 6" in done.stderr
    record = json.loads((workdir / f"{setting}-smoke-seed3.json").read_text())
    assert record["experiment"] == name
    assert record["setting"] == setting
    assert record["config"]["num_steps"] == 6
    assert record["metrics"]["num_parameters"] > 0
    return done.stdout, record["metrics"]


def test_smoke_sorting(tmp_path):
    shown, metrics = smoke("npi_sorting_seq2seq", "n_4", tmp_path)
    assert "right arrays" in shown
    assert metrics["num_examples"] == 4
    assert metrics["num_epochs"] == 6
    assert metrics["accuracy_by_length"] == {"20": 0.0}  # Learnt nothing.
    assert 0 < metrics["symbol_accuracy_by_length"]["20"] < 1


def test_smoke_addition(tmp_path):
    shown, metrics = smoke("npi_addition_baselines", "stack_32", tmp_path)
    assert "right symbols" in shown
    assert metrics["num_examples"] == 20 * 32
    lengths = ["5", "10", "20", "40", "80", "160"]
    assert list(metrics["accuracy_by_length"]) == lengths
    assert list(metrics["symbol_accuracy_by_length"]) == lengths
    assert metrics["accuracy_by_length"]["160"] == 0.0


def write(setting, seed, whole, symbols):
    metrics = {
        "accuracy_by_length": whole,
        "symbol_accuracy_by_length": symbols,
    }
    run_record.write(
        "npi_addition_baselines", "ours", seed, {}, 1.0, metrics, setting
    )


@pytest.fixture
def results(tmp_path, monkeypatch):
    monkeypatch.setattr(run_record, "RESULTS", tmp_path)
    return tmp_path


def test_the_table_shows_what_each_curve_counts(results):
    write("easy_64", 0, {"5": 1.0, "2000": 0.5}, {"5": 1.0, "2000": 0.9})
    write("easy_64", 1, {"5": 1.0, "2000": 0.7}, {"5": 1.0, "2000": 0.9})
    write("stack_32", 0, {"5": 0.1}, {"5": 0.66})
    write("plain_512", 0, {"1": 1.0, "20": 0.0}, {"1": 1.0, "20": 0.125})
    rows = npi_addition_baselines_table.table().splitlines()
    assert rows[0].startswith("| digits | S2S-easy@64, paper | ours | S2S-easy")
    assert rows[2] == (
        "| 5 | 97 % | 100 % | 97 % | - | 99 % | - | 64 % | 66 % |"
    )
    assert "| 2,000 | 82 % | 60 % | 27 % | - | - | - | - | - |" in rows
    assert len({row.count("|") for row in rows}) == 1
    assert len(rows) == 2 + 12
    rows = npi_addition_baselines_table.plain_table().splitlines()
    assert "| 1 | 100 % | 100 % |" in rows
    assert "| 2 | - | - |" in rows
    assert "| 20 | 0 % | 12.5 % |" in rows


def test_the_figure_is_drawn_from_records(results, tmp_path):
    target = tmp_path / "figure.png"
    with pytest.raises(ValueError, match=r"records: must be in .*, got none"):
        npi_addition_baselines_figure.draw(str(target))
    write("easy_32", 0, {"5": 1.0, "10": 0.5}, {"5": 1.0, "10": 0.9})
    metrics = {"accuracy_by_length": {"5": 1.0, "3000": 1.0}}
    run_record.write("npi_addition", "fast", 0, {}, 1.0, metrics)
    assert npi_addition_baselines_figure.draw(str(target)) == target
    assert target.read_bytes().startswith(b"\x89PNG")

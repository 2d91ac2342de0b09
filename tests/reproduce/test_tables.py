"""The README's tables are those of the committed records."""

import json

import pytest

from reproduce import run_record
from reproduce import tables


def test_readme_is_current():
    text = tables.README.read_text()
    assert text == tables.render(text), "run: python -m reproduce.tables"


def test_records_have_every_field():
    paths = sorted(run_record.RESULTS.glob("*/*.json"))
    assert paths
    for path in paths:
        record = json.loads(path.read_text())
        assert set(record) == {
            "experiment",
            "setting",
            "recipe",
            "seed",
            "config",
            "commit",
            "machine",
            "wall_seconds",
            "metrics",
        }
        assert record["experiment"] == path.parent.name
        assert f"seed{record['seed']}" in path.stem


def test_spread():
    assert tables.spread([1.0, 1.0, 1.0]) == "100 %"
    assert tables.spread([0.5, 1.0, 0.75]) == "75 % (50 % to 100 %)"
    assert tables.spread([70.2, 60.0], percent=False) == "65 s (60 s to 70 s)"
    assert tables.spread([]) == "not run"


def test_missing_markers_are_refused():
    with pytest.raises(ValueError, match="must hold <!-- npi_addition:begin"):
        tables.render("no table here")


def test_a_miss_is_shown_as_a_miss(tmp_path, monkeypatch):
    monkeypatch.setattr(run_record, "RESULTS", tmp_path)
    accuracy = {str(n): 1.0 for n in (*range(1, 21), *tables.FIGURE_9)}
    for seed, at_3000 in enumerate((1.0, 0.97, 0.0)):
        run_record.write(
            "npi_addition",
            "fast",
            seed,
            {},
            1.0,
            {
                "accuracy_by_length": accuracy | {"3000": at_3000},
                "accuracy_adversarial": 0.25,
                "train_seconds": 9.0,
            },
        )
    table = tables.npi_addition()
    assert "| 3,000 | 100 % | 97 % (0 % to 100 %) | not run |" in table
    assert "| adversarial set | not stated | 25 % | not run |" in table

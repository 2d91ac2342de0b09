"""Figure 5: the script from end to end, its arrays, tables and plots."""

import json

import numpy as np
import pytest

from npi_tf import sorting
from npi_tf import teacher
from reproduce import npi_sorting_configs
from reproduce import npi_sorting_schedule
from reproduce import npi_sorting_table
from reproduce import paper_curves
from reproduce import run_record
from reproduce import sources
from tests.reproduce import script

NAME = "npi_sample_complexity"


def test_smoke_runs_each_point_once(tmp_path):
    flags = ("--smoke", "--seed=2", f"--workdir={tmp_path}")
    done = script.run(*flags, script=NAME)
    for examples in (1, 2):
        path = tmp_path / f"n_{examples}-fast-smoke-seed2.json"
        found = json.loads(path.read_text())
        assert found["setting"] == f"n_{examples}"
        assert found["metrics"]["num_examples"] == examples
        assert found["metrics"]["accuracy_by_length"] == {"4": 0.0}
        assert f"{examples} examples: loss" in done.stderr
    again = script.run(*flags, script=NAME)
    assert "examples: loss" not in again.stderr
    assert "every record lies in" in again.stderr


def frames():
    arrays = [(3, 1), (2, 1), (1, 2), (5, 3, 1, 4)]
    return teacher.teach(sorting.SORTING, arrays)


def test_every_number_of_steps_is_as_likely():
    for batch in frames().by_program().values():
        factors = npi_sorting_schedule.even_factors(batch)
        sums = {
            steps: factors[batch.num_steps == steps].sum()
            for steps in set(batch.num_steps.tolist())
        }
        assert set(np.round(list(sums.values()), 9)) == {1.0}


def test_batches_are_whole_and_of_the_programs_asked_for():
    recipe = npi_sorting_configs.FastRecipe()
    names = sorting.SORTING.program_names
    schedule = npi_sorting_schedule.make(recipe, frames(), names, seed=0)
    drawn = schedule.batches(7)
    sizes = [sum(size for _, size in group) for group in recipe.batch_sizes]
    assert [len(batch) for batch, _ in drawn] == sizes
    for batch, weight in drawn:
        assert weight * batch.num_steps.sum() == pytest.approx(1)
        last = batch.num_steps - 1
        assert (batch.ends[np.arange(len(batch)), last] == 1).all()
    again = schedule.batches(7)
    np.testing.assert_array_equal(
        drawn[1][0].observations, again[1][0].observations
    )


@pytest.mark.parametrize(
    "config",
    [
        npi_sorting_configs.SampleComplexity,
        npi_sorting_configs.SortingEvaluation,
    ],
)
def test_every_value_names_its_source(config):
    sources.check(config)


@pytest.fixture
def results(tmp_path, monkeypatch):
    """A folder of records in place of the committed ones."""
    monkeypatch.setattr(run_record, "RESULTS", tmp_path)
    for seed, value in enumerate((0.75, 0.9, 0.8)):
        metrics = {"accuracy_by_length": {"20": value}}
        run_record.write(NAME, "fast", seed, {}, 1, metrics, setting="n_4")
        metrics = {
            "accuracy_by_length": {"60": value},
            "accuracy_adversarial": 1.0,
        }
        run_record.write("npi_sorting", "fast", seed, {}, 1, metrics)
    return tmp_path


def test_tables_hold_the_papers_numbers_and_ours(results):
    table = npi_sorting_table.figure_5_table()
    assert "| 4 | 72 % | 80 % (75 % to 90 %) | 0 % | - |" in table
    assert "| 2,048 | 100 % | - | 100 % | - |" in table
    table = npi_sorting_table.figure_6_table()
    assert "| 60 | 78 % | 80 % (75 % to 90 %) | 0 % | - |" in table
    rows = len(table.splitlines()) - 2
    assert rows == len(paper_curves.FIGURE_6_NPI)
    assert npi_sorting_table.adversarial() == "100 %"


def test_figures_are_small_pictures(results, tmp_path):
    pytest.importorskip("matplotlib")
    paths = npi_sorting_table.draw(tmp_path)
    assert [path.name for path in paths] == [
        "npi_figure_5.png",
        "npi_figure_6.png",
    ]
    for path in paths:
        assert path.read_bytes()[:4] == b"\x89PNG"
        assert path.stat().st_size < 150_000

"""The recipe `fast` trains to the paper's numbers: long, run by name."""

import json

import pytest

from reproduce import npi_multitask_table
from reproduce import paper_curves
from tests.reproduce import script

pytestmark = pytest.mark.paper


def metrics(tmp_path, name, *flags, record="fast-seed0.json"):
    """Of a whole run of a script."""
    done = (*flags, f"--workdir={tmp_path}")
    script.run(*done, script=name, timeout=10_800, XLA_FLAGS="")
    return json.loads((tmp_path / record).read_text())["metrics"]


def test_sorting_is_above_figure_6(tmp_path):
    found = metrics(tmp_path, "npi_sorting")["accuracy_by_length"]
    for length, value in paper_curves.FIGURE_6_NPI.items():
        assert found[str(length)] >= value


@pytest.mark.parametrize("num_examples", [4, 8, 64, 2_048])
def test_examples_are_above_figure_5(tmp_path, num_examples):
    found = metrics(
        tmp_path,
        "npi_sample_complexity",
        f"--num_examples={num_examples}",
        record=f"n_{num_examples}-fast-seed0.json",
    )
    ours = found["accuracy_by_length"]["20"]
    assert ours >= min(paper_curves.FIGURE_5_NPI[num_examples], 0.99)


def test_cars_are_above_the_papers(tmp_path):
    found = metrics(tmp_path, "npi_canonicalization")
    assert found["seen"]["accuracy_up_to_4_steps"] >= 0.895
    assert found["unseen"]["accuracy_up_to_4_steps"] >= 0.887


def test_one_core_is_above_table_1(tmp_path):
    found = metrics(tmp_path, "npi_multitask", "--single=records")
    columns = ("single", "multi", "multi_max")
    for task, cells in npi_multitask_table.PAPER.items():
        for column, value in zip(columns, cells):
            assert value is None or found[column][task] >= value
    assert found["unchanged"]["weights"] and found["unchanged"]["outputs"]

"""Committed records were made with the recipes that stand in the code."""

import dataclasses
import json

import pytest

from reproduce import npi_canonicalization_configs
from reproduce import npi_configs
from reproduce import npi_multitask_configs
from reproduce import npi_seq2seq_configs
from reproduce import npi_sorting_configs
from reproduce import run_record

_BASELINES = {
    "npi_sorting_seq2seq": npi_seq2seq_configs.sorting_recipe,
    "npi_addition_baselines": npi_seq2seq_configs.addition_recipe,
}
_RECIPES = {
    "npi_addition": npi_configs.RECIPES,
    "npi_sorting": npi_sorting_configs.RECIPES,
    "npi_canonicalization": npi_canonicalization_configs.RECIPES,
    "npi_multitask": npi_multitask_configs.RECIPES,
}
_FIGURE_5 = "npi_sample_complexity"
RECORDS = [
    path
    for experiment in (*_RECIPES, *_BASELINES, _FIGURE_5)
    for path in sorted((run_record.RESULTS / experiment).glob("*.json"))
]


def recipe_of(record):
    """The recipe in the code that a record names."""
    experiment, recipe = record["experiment"], record["recipe"]
    if experiment in _BASELINES:
        return _BASELINES[experiment](record["setting"])
    if experiment == _FIGURE_5:
        return npi_sorting_configs.figure_5_recipe(
            recipe, record["metrics"]["num_examples"]
        )
    return _RECIPES[experiment][recipe]()


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_record_has_the_hyper_parameters_of_the_code(path):
    record = json.loads(path.read_text())
    wanted = json.loads(json.dumps(dataclasses.asdict(recipe_of(record))))
    found = {name: record["config"].get(name) for name in wanted}
    assert found == wanted


def test_there_are_records_of_every_experiment():
    assert {path.parent.name for path in RECORDS} == {
        *_RECIPES,
        *_BASELINES,
        _FIGURE_5,
    }

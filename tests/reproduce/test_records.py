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


def _named(recipes):
    return lambda record: recipes[record["recipe"]]()


# Experiment -> what finds the recipe in the code that a record names.
_RECIPES = {
    "npi_addition": _named(npi_configs.RECIPES),
    "npi_sorting": _named(npi_sorting_configs.RECIPES),
    "npi_sample_complexity": lambda record: npi_sorting_configs.figure_5_recipe(
        record["recipe"], record["metrics"]["num_examples"]
    ),
    "npi_canonicalization": _named(npi_canonicalization_configs.RECIPES),
    "npi_multitask": _named(npi_multitask_configs.RECIPES),
    "npi_sorting_seq2seq": lambda record: npi_seq2seq_configs.sorting_recipe(
        record["setting"]
    ),
    "npi_addition_baselines": lambda record: (
        npi_seq2seq_configs.addition_recipe(record["setting"])
    ),
}
RECORDS = [
    path
    for experiment in _RECIPES
    for path in sorted((run_record.RESULTS / experiment).glob("*.json"))
]


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_record_has_the_hyper_parameters_of_the_code(path):
    record = json.loads(path.read_text())
    recipe = _RECIPES[record["experiment"]](record)
    wanted = json.loads(json.dumps(dataclasses.asdict(recipe)))
    found = {name: record["config"].get(name) for name in wanted}
    assert found == wanted


def test_there_are_records_of_every_experiment():
    assert {path.parent.name for path in RECORDS} == set(_RECIPES)

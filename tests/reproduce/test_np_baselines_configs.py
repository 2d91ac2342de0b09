"""Hyper-parameters of the baselines, and names of their runs."""

import dataclasses
import inspect

from reproduce import np_baselines_configs
from reproduce import sources

RECIPE = np_baselines_configs.Recipe()
EVALUATION = np_baselines_configs.Evaluation()

CONFIGS = [
    value
    for _, value in inspect.getmembers(np_baselines_configs, inspect.isclass)
]


def test_every_hyper_parameter_names_its_source():
    assert len(CONFIGS) == 3
    for config in CONFIGS:
        sources.check(config)
    stated = {
        field.name
        for field in dataclasses.fields(RECIPE)
        if field.metadata["source"] == "paper"
    }
    assert stated == {"num_layers", "num_rows", "span"}
    assert (RECIPE.num_layers, RECIPE.num_rows, RECIPE.span) == (3, (4, 7), 10)
    assert EVALUATION.spans == (10, 50)


def test_settings_have_names_of_their_own():
    names = {
        np_baselines_configs.setting(heads, first, decimals)
        for heads in (0, *np_baselines_configs.NUM_HEADS)
        for first in (False, True)
        for decimals in np_baselines_configs.DECIMALS
    }
    assert len(names) == 16
    assert {"seq2seq", "attention_10", "attention_1_table_first"} < names
    assert "seq2seq_table_first_two_decimals" in names

"""Every hyper-parameter names its source."""

import dataclasses
import inspect

import pytest

from reproduce import npi_canonicalization_configs
from reproduce import npi_configs
from reproduce import sources

CONFIGS = [
    value
    for module in (npi_configs, npi_canonicalization_configs)
    for _, value in inspect.getmembers(module, inspect.isclass)
    if dataclasses.is_dataclass(value)
]


def test_there_are_configs():
    assert len(CONFIGS) >= 4


@pytest.mark.parametrize("config", CONFIGS)
def test_every_field_has_a_source(config):
    sources.check(config)
    lines = sources.describe(config())
    assert len(lines) == len(dataclasses.fields(config))
    assert all("[paper: " in line or "[ours: " in line for line in lines)


def test_a_field_without_a_source_is_refused():
    @dataclasses.dataclass(frozen=True)
    class Careless:
        learning_rate: float = sources.paper(0.1, "section 1")
        batch_size: int = 5

    with pytest.raises(ValueError, match="batch_size without a source"):
        sources.check(Careless)


def test_a_source_must_say_something():
    with pytest.raises(ValueError, match="note: must say"):
        sources.ours(3, "")


def test_the_paper_recipe_is_the_papers():
    recipe = npi_configs.PaperRecipe()
    stated = {
        field.name
        for field in dataclasses.fields(recipe)
        if field.metadata["source"] == "paper"
    }
    assert recipe.batch_size == 1
    assert recipe.learning_rate == 1e-4
    assert (recipe.decay_rate, recipe.decay_steps) == (0.95, 10_000)
    assert recipe.estimate_every == 1_000
    assert stated == {
        "batch_size",
        "learning_rate",
        "decay_rate",
        "decay_steps",
        "estimate_every",
    }

"""Sorting: the script from end to end, its evaluation, its fast runner."""

import json

import keras
import numpy as np
import pytest

from npi_tf import model as model_lib
from npi_tf import runner
from npi_tf import sorting
from npi_tf.sorting import environment as environment_lib
from npi_tf.sorting import problems as problems_lib
from reproduce import npi_sorting_configs
from reproduce import npi_sorting_evaluation
from reproduce import npi_sorting_runner
from reproduce import sources
from tests.npi_tf import scripted
from tests.reproduce import script


def record(workdir, name):
    return json.loads((workdir / name).read_text())


def test_smoke_in_half_precision(tmp_path):
    done = script.run(
        "--smoke",
        "--num_steps=6",
        "--seed=3",
        "--precision=mixed_bfloat16",
        f"--workdir={tmp_path}",
        script="npi_sorting",
    )
    assert "step 6 of 6" in done.stderr
    assert "9 2 5 ->" in done.stdout
    found = record(tmp_path, "fast-smoke-seed3.json")
    assert found["experiment"] == "npi_sorting"
    assert found["recipe"] == "fast-smoke"
    assert found["config"]["precision"] == "mixed_bfloat16"
    preset = json.loads((tmp_path / "preset" / "config.json").read_text())
    assert "mixed_bfloat16" in json.dumps(preset)
    metrics = found["metrics"]
    assert set(metrics["accuracy_by_length"]) == {"1", "2", "5"}
    # Six steps teach nothing: every failure is counted and named.
    assert metrics["accuracy_adversarial"] < 1
    assert len(metrics["failures"]) > 20


def wild_model(seed):
    keras.utils.set_random_seed(0)
    model = model_lib.NPI.for_domains(sorting.SORTING, **scripted.SIZES)
    scripted.make_wild(model, seed)
    return model


@pytest.mark.filterwarnings("ignore:.*retracing.*")
def test_cached_runs_are_the_interpreters():
    rng = np.random.default_rng(0)
    problems = problems_lib.distinct_problems(rng, 5, 12)
    statuses = set()
    for seed in (0, 3, 5):
        model = wild_model(seed)
        expected = runner.Runner(model, "sorting")(problems)
        assert npi_sorting_runner.CachedRunner(model)(problems) == expected
        statuses |= {run.status for run in expected}
    assert len(statuses) == 3  # None of them sorts.


def test_arrays_are_the_environments():
    rng = np.random.default_rng(0)
    problems = problems_lib.distinct_problems(rng, 3, 20)
    arrays = npi_sorting_runner.Arrays(problems)
    singles = [sorting.SORTING.make_environment(*p) for p in problems]
    actions = np.array(environment_lib.ACTIONS)
    for _ in range(60):
        arguments = rng.integers(-1, 5, size=(20, 3))
        arguments[4:] = rng.choice(actions, size=16)
        mask = rng.random(20) < 0.8
        valid = arrays.act(arguments, mask)
        for row, single in enumerate(singles):
            assert valid[row] == _is_action(arguments[row])
            if mask[row] and valid[row]:
                single.act(tuple(arguments[row].tolist()))
        np.testing.assert_array_equal(
            arrays.observe(), [single.observe() for single in singles]
        )
    results = [single.result() for single in singles]
    assert list(map(tuple, arrays.array.tolist())) == results
    assert results != problems


def _is_action(arguments):
    environment = sorting.SORTING.make_environment(1)
    try:
        environment.act(tuple(arguments.tolist()))
    except ValueError:
        return False
    return True


def test_evaluation_never_asks_what_was_trained():
    config = npi_sorting_configs.SortingEvaluation()
    asked = npi_sorting_evaluation.evaluation_problems(config, 2, set())
    assert len(set(asked)) == 100
    taken = set(asked[:64])
    again = npi_sorting_evaluation.evaluation_problems(config, 2, taken)
    assert len(again) == 36
    assert not taken & set(again)


def test_evaluation_covers_figure_6_and_beyond():
    config = npi_sorting_configs.SortingEvaluation()
    assert set(range(5, 71, 5)) | {1, 80, 100, 120} <= set(config.lengths)
    assert config.problems_per_length >= 100
    for length, count in ((70, 100), (80, 20)):
        asked = npi_sorting_evaluation.evaluation_problems(
            config, length, set()
        )
        assert len(asked) == count


@pytest.mark.parametrize("recipe", npi_sorting_configs.RECIPES.values())
def test_every_hyper_parameter_names_its_source(recipe):
    sources.check(recipe)


def test_the_paper_recipe_is_the_papers():
    recipe = npi_sorting_configs.PaperRecipe()
    assert (recipe.batch_size, recipe.learning_rate) == (1, 1e-4)

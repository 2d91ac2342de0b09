"""Figure 5: the script from end to end, its arrays, tables and plots."""

import dataclasses
import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from npi_tf import losses
from npi_tf import sorting
from npi_tf import teacher
from reproduce import npi_sample_complexity_training
from reproduce import npi_sorting_configs
from reproduce import npi_sorting_schedule
from reproduce import npi_sorting_table
from reproduce import npi_train_step
from reproduce import paper_curves
from reproduce import progress as progress_lib
from reproduce import run_record
from reproduce import sources
from tests.npi_tf import scripted
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
        assert 0 <= found["metrics"]["determined"] <= 1
        assert f"{examples} examples: 0.0000 of 5" in done.stderr
    again = script.run(*flags, script=NAME)
    assert "examples: 0.0000" not in again.stderr
    assert "every record lies in" in again.stderr


def test_a_record_of_another_configuration_is_refused(tmp_path):
    config = {"num_steps": 5, "sizes": (1, 2), "num_examples": (1,)}
    path = run_record.path_of(tmp_path, "fast", 0, "n_1")
    assert not run_record.is_done(path, config)
    run_record.write(NAME, "fast", 0, config, 1, {}, "n_1", tmp_path)
    assert run_record.is_done(path, config)
    more = config | {"num_examples": (1, 2)}
    assert run_record.is_done(path, more, but=("num_examples",))
    with pytest.raises(
        ValueError, match=r"n_1-fast-seed0.json with num_steps 5 instead of 6$"
    ):
        run_record.is_done(path, config | {"num_steps": 6})
    with pytest.raises(ValueError, match="length None instead of 20"):
        run_record.is_done(path, config | {"length": 20})


def test_a_stopped_point_ends_bit_identical(tmp_path, monkeypatch):
    trainer = npi_sample_complexity_training.Trainer(
        dataclasses.replace(npi_sorting_configs.FastSmoke(), num_steps=8),
        tf.distribute.get_strategy(),
        **scripted.SIZES,
    )

    def train(name, seed=3):
        folder, identity = tmp_path / name, {"seed": seed}
        trained, earlier = trainer.train(frames(), seed, folder, identity, 0.0)
        return trainer.model.get_weights(), trained["loss"], earlier

    save = progress_lib.Progress.save

    def save_and_die(progress):
        save(progress)
        if int(progress.step.numpy()) == 5:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(progress_lib.Progress, "save", save_and_die)
        with pytest.raises(KeyboardInterrupt):
            train("stopped")
    train("another point", 4)  # Of which nothing may stay.
    whole, loss, earlier = train("whole")
    assert earlier == 0.0
    resumed, same_loss, earlier = train("stopped")
    assert earlier > 0.0
    assert same_loss == loss
    for one, other in zip(whole, resumed, strict=True):
        np.testing.assert_array_equal(one, other)


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


def test_few_examples_are_shown_ever_more_fully():
    recipe = npi_sorting_configs.FewExamplesRecipe()
    names = sorting.SORTING.program_names
    schedule = npi_sorting_schedule.make(recipe, frames(), names, seed=0)
    assert isinstance(schedule, npi_sorting_schedule.FewExamplesSchedule)
    groups = [
        [sum(n for _, n in recipe.batch_sizes[g]) for g in wanted]
        for wanted in ((0, 1, 2, 3), (2, 3), (0, 1, 2, 3))
    ]
    for step, sizes in zip((0, 1, 2), groups):
        drawn = schedule.batches(step)
        assert [len(batch) for batch, _ in drawn] == sizes
    for (batch, weights), every, end in zip(
        schedule.batches(0), recipe.every, recipe.end_weights
    ):
        assert weights.sum() == pytest.approx(every)
        last, other = weights[batch.ends == 1], weights[batch.ends == 0]
        np.testing.assert_allclose(last, last[0])
        np.testing.assert_allclose(last[0] / other, end)
        assert (weights[batch.ends < 0] == 0).all()

    def shown(step, group):
        batch, _ = schedule.batches(step)[group]
        done = batch.ends >= 0
        return float((batch.observations[done][:, :2] >= 0).mean())

    assert 0.45 < shown(0, 1) < 0.55 < shown(500, 1) < 0.8
    assert 0.85 < shown(recipe.num_steps, 1) < 0.95
    assert shown(0, 3) == 1.0  # What COMPSWAP sees is never hidden.


def test_weights_of_steps_are_those_of_the_loss():
    model = scripted.small_model(sorting.SORTING)
    batch = frames()
    step = npi_train_step.TrainStep(
        model, keras.optimizers.SGD(0.0), tf.distribute.get_strategy()
    )
    outputs = model(batch.inputs())
    each = -np.asarray(losses.step_log_likelihood(outputs, batch.targets()))
    rng = np.random.default_rng(0)
    for weights in (0.5, rng.random(len(batch)), rng.random(each.shape)):
        full = weights if np.ndim(weights) != 1 else weights[:, None]
        loss = step([(batch, weights)])
        assert loss == pytest.approx(float((full * each).sum()), rel=1e-5)


def test_digits_are_hidden_and_bits_are_not():
    whole = frames()
    hidden = npi_sorting_schedule.hide_digits(
        np.random.default_rng(0), whole, 1.0
    )
    assert (hidden.observations[..., :2] == -1).all()  # Coded as zeros.
    bits = slice(2, None)
    np.testing.assert_array_equal(
        hidden.observations[..., bits], whole.observations[..., bits]
    )
    np.testing.assert_array_equal(hidden.calls, whole.calls)


def test_bits_are_exchanged_between_frames_of_the_same_calls():
    whole = frames()
    given = npi_sorting_schedule.exchange_bits(
        np.random.default_rng(0), whole, 1.0
    )
    digits, bits = slice(0, 2), slice(2, None)
    for name, array in whole.targets().items():
        np.testing.assert_array_equal(array, given.targets()[name])
    np.testing.assert_array_equal(
        whole.observations[..., digits], given.observations[..., digits]
    )
    assert (whole.observations != given.observations).any()
    kinds = [
        (int(program), calls.tobytes(), arguments.tobytes(), ends.tobytes())
        for program, calls, arguments, ends in zip(
            whole.program, whole.calls, whole.call_arguments, whole.ends
        )
    ]
    for kind in set(kinds):  # Each has the same bits, in another order.
        rows = [index for index, one in enumerate(kinds) if one == kind]
        before, after = (
            sorted(x[rows][..., bits].tolist())
            for x in (whole.observations, given.observations)
        )
        assert before == after
    same = npi_sorting_schedule.exchange_bits(
        np.random.default_rng(0), whole, 0.0
    )
    np.testing.assert_array_equal(same.observations, whole.observations)


def test_many_examples_are_trained_for_longer():
    few, many = (
        dataclasses.asdict(npi_sorting_configs.figure_5_recipe("fast", number))
        for number in (1_023, 1_024)
    )
    assert (few.pop("num_steps"), many.pop("num_steps")) == (1_000, 1_500)
    assert few == many
    for name, recipe in npi_sorting_configs.FIGURE_5_RECIPES.items():
        if name != "fast":
            found = npi_sorting_configs.figure_5_recipe(name, 2_048)
            assert found == recipe()


@pytest.mark.parametrize(
    "config",
    [
        npi_sorting_configs.FewExamplesRecipe,
        npi_sorting_configs.ManyExamplesRecipe,
        npi_sorting_configs.FewExamplesSmoke,
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
        metrics = {
            "accuracy_by_length": {"20": value},
            "determined": value + 0.1,
        }
        run_record.write(NAME, "fast", seed, {}, 1, metrics, setting="n_4")
        metrics = {
            "accuracy_by_length": {"60": value},
            "accuracy_adversarial": 1.0,
        }
        run_record.write("npi_sorting", "fast", seed, {}, 1, metrics)
    return tmp_path


def test_tables_hold_the_papers_numbers_and_ours(results):
    table = npi_sorting_table.figure_5_table()
    determined = "90 % (85 % to 100 %)"
    ours = "80 % (75 % to 90 %)"
    assert f"| 4 | 72 % | {ours} | {determined} | 0 % | - |" in table
    assert "| 2,048 | 100 % | - | - | 100 % | - |" in table
    table = npi_sorting_table.figure_6_table()
    assert "| 60 | 78 % | 80 % (75 % to 90 %) | - | 0 % | - |" in table
    rows = len(table.splitlines()) - 4  # Patterns and times beside lengths.
    assert rows == len(paper_curves.FIGURE_6_NPI)
    assert "| adversarial set | - | 100 % | not run | - | - |" in table
    metrics = {
        "accuracy_by_length": {"60": 0.5},
        "accuracy_adversarial": 0.25,
        "train_seconds": 7.0,
    }
    run_record.write("npi_sorting", "paper", 0, {}, 1, metrics)
    table = npi_sorting_table.figure_6_table()
    assert "| 60 | 78 % | 80 % (75 % to 90 %) | 50 % | 0 % | - |" in table
    assert "| adversarial set | - | 100 % | 25 % | - | - |" in table
    assert "| training time | - | not run | 7 s | - | not run |" in table


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

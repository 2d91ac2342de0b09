"""What is trained on which step."""

import numpy as np
import pytest

import npi_tf
from npi_tf import addition
from reproduce import npi_configs
from reproduce import npi_schedules

PROGRAMS = addition.ADDITION.program_names


@pytest.fixture(scope="module")
def frames():
    problems = [("96", "125"), ("7", "8"), ("999", "1"), ("0", "40")]
    return npi_tf.teach(addition.ADDITION, problems)


def make(config, frames, seed=3):
    return npi_schedules.make(config, frames, PROGRAMS, seed)


def arrays(batches):
    return [(batch.arrays(), weight) for batch, weight in batches]


@pytest.mark.parametrize(
    "config", [npi_configs.FastRecipe(), npi_configs.PaperRecipe()]
)
def test_batches_depend_on_seed_and_step_only(config, frames):
    one, two = make(config, frames), make(config, frames)
    one.batches(0)
    for step in (5, 6, 5):
        np.testing.assert_equal(
            arrays(one.batches(step)), arrays(two.batches(step))
        )
    drawn = [arrays(one.batches(step)) for step in range(20)]
    other = make(config, frames, seed=4)
    assert any(
        not np.array_equal(a[0][0]["observations"], b[0][0]["observations"])
        for a, b in zip(drawn, [arrays(other.batches(s)) for s in range(20)])
    )


def test_fast_weights_make_the_mean_of_each_group(frames):
    config = npi_configs.FastRecipe()
    for step in (0, 1):
        for batch, weight in make(config, frames).batches(step):
            assert weight * (batch.ends >= 0).sum() == pytest.approx(1)


def test_fast_cuts_long_frames_but_not_always(frames):
    config = npi_configs.FastRecipe(first_steps=4)
    schedule = make(config, frames)
    whole, cut = (schedule.batches(step)[0][0] for step in (0, 1))
    assert whole.ends.shape[1] == 8
    assert cut.ends.shape[1] == 4


def test_fast_draws_wrong_frames_more_often(frames):
    config = npi_configs.FastRecipe()
    schedule = make(config, frames)
    act = PROGRAMS.index("ACT")
    mine = schedule.sampler.by_program[act]
    start = len(frames) - len(mine)
    assert list(schedule.sampler.by_program)[-1] == act
    errors = np.zeros(len(frames))
    errors[start] = 1.0  # The first frame of ACT.
    assert schedule.update(1, None, errors) is errors
    drawn = []
    for step in range(40):
        batch = schedule.batches(step)[-1][0]
        drawn += [
            (batch.observations[row] == mine.observations[0]).all()
            and (batch.arguments[row] == mine.arguments[0]).all()
            for row in range(len(batch))
        ]
    floor = config.error_floor
    expected = (1 + floor) / (1 + len(mine) * floor)
    assert abs(np.mean(drawn) - expected) < 0.05


def test_fast_estimates_every_hundred_steps(frames, preset_model):
    schedule = make(npi_configs.FastRecipe(), frames)
    worst = schedule.first_errors
    assert schedule.update(50, preset_model, worst) is worst
    estimated = schedule.update(100, preset_model, worst)
    assert estimated.shape == (len(frames),)
    assert estimated.min() >= 0
    assert estimated.max() < 0.9


def test_paper_takes_one_frame_and_the_sum_over_its_steps(frames):
    schedule = make(npi_configs.PaperRecipe(), frames)
    for step in range(20):
        ((batch, weight),) = schedule.batches(step)
        assert len(batch) == 1
        assert weight == 1


def test_the_curriculum_follows_the_errors(frames):
    schedule = make(npi_configs.PaperRecipe(), frames)
    errors = np.array([1.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    assert schedule.update(1, None, errors) is errors  # Estimated at 1000.
    drawn = [int(schedule.batches(s)[0][0].program[0]) for s in range(400)]
    share = np.mean(np.array(drawn) == 0)
    expected = np.exp(1 / 0.2) / (np.exp(1 / 0.2) + 5)
    assert abs(share - expected) < 0.05


def test_errors_are_estimated_every_thousand_steps(frames, preset_model):
    schedule = make(npi_configs.PaperRecipe(), frames)
    worst = np.ones(len(PROGRAMS))
    kept = schedule.update(999, preset_model, worst)
    np.testing.assert_array_equal(kept, worst)
    estimated = schedule.update(1000, preset_model, worst)
    np.testing.assert_array_equal(estimated, np.zeros(len(PROGRAMS)))
    untrained = npi_tf.NPI.for_domains(addition.ADDITION)
    assert schedule.update(2000, untrained, worst).max() == 1.0

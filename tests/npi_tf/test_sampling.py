"""Drawing frames, and the adaptive curriculum."""

import numpy as np
import pytest

import npi_tf
from npi_tf import addition
from npi_tf import sampling


@pytest.fixture(scope="module")
def frames():
    return npi_tf.teach(addition.ADDITION, [("96", "125"), ("808", "3")])


def test_curriculum_hand_value():
    # exp(0) : exp(0.5 / 0.5) = 1 : e
    probs = sampling.curriculum_probs(np.array([0.0, 0.5]), 0.5)
    np.testing.assert_allclose(probs, [1 / (1 + np.e), np.e / (1 + np.e)])


def test_curriculum_is_stable_at_low_temperature():
    probs = sampling.curriculum_probs(np.array([0.0, 1.0]), 1e-6)
    np.testing.assert_array_equal(probs, [0.0, 1.0])


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan")])
def test_temperature_must_be_positive(temperature):
    with pytest.raises(ValueError, match="temperature: must be positive"):
        sampling.curriculum_probs(np.zeros(2), temperature)


def test_step_rng_needs_no_history():
    first = sampling.step_rng(1, 7).random(4)
    np.testing.assert_array_equal(first, sampling.step_rng(1, 7).random(4))
    assert not np.array_equal(first, sampling.step_rng(1, 8).random(4))
    assert not np.array_equal(first, sampling.step_rng(2, 7).random(4))


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
def test_frames_are_drawn_by_power_of_count(frames, power):
    sampler = sampling.FrameSampler(frames, power)
    act = addition.ADDITION.program_names.index("ACT")
    mine = sampler.by_program[act]
    assert mine.count.max() > 1
    drawn = sampler.sample(np.random.default_rng(0), {act: 40_000})
    expected = mine.count**power / (mine.count**power).sum()
    keys = {_key(mine, row): row for row in range(len(mine))}
    found = np.zeros(len(mine))
    for row in range(len(drawn)):
        found[keys[_key(drawn, row)]] += 1
    np.testing.assert_allclose(found / 40_000, expected, atol=0.01)


def _key(batch, row):
    return batch.arguments[row].tobytes(), batch.observations[row].tobytes()


def test_batches_of_the_same_programs_have_the_same_shape(frames):
    sampler = sampling.FrameSampler(frames)
    rng = np.random.default_rng(1)
    shapes = {
        sampler.sample(rng, {0: 2, 3: 5}).observations.shape for _ in range(9)
    }
    assert shapes == {(7, 6, 8)}


def test_a_program_without_frames_is_refused(frames):
    with pytest.raises(ValueError, match="must have frames"):
        sampling.FrameSampler(frames).sample(np.random.default_rng(0), {9: 1})


def test_negative_power_is_refused(frames):
    with pytest.raises(ValueError, match="count_power: must not be negative"):
        sampling.FrameSampler(frames, -1.0)


def test_reweighting_multiplies_and_does_not_add_up(frames):
    sampler = sampling.FrameSampler(frames, 0.0)
    for _ in range(2):
        factors = np.full(len(frames), 0.5)
        factors[0] = 4.5
        sampler.reweight(factors)
    program = next(iter(sampler.by_program))
    mine = sampler.by_program[program]
    drawn = sampler.sample(np.random.default_rng(0), {program: 20_000})
    first = [_key(drawn, row) == _key(mine, 0) for row in range(len(drawn))]
    expected = 4.5 / (4.5 + 0.5 * (len(mine) - 1))
    assert abs(np.mean(first) - expected) < 0.02


@pytest.mark.parametrize("factors", [np.ones(3), 0.0, -1.0])
def test_factors_must_be_positive_and_complete(frames, factors):
    if np.ndim(factors) == 0:
        factors = np.full(len(frames), factors)
    with pytest.raises(ValueError, match="factors: must be"):
        sampling.FrameSampler(frames).reweight(factors)

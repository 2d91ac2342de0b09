"""New memory rows on a frozen core."""

import numpy as np
import pytest

import npi_tf
from npi_tf import extension
from npi_tf import sorting
from tests.npi_tf import unchanged

PROBLEMS = [(2, 1), (3, 9, 0), (5, 5)]


@pytest.fixture(scope="module")
def base():
    return npi_tf.NPI.for_domains(
        sorting.SORTING, hidden_dim=8, fuse_dim=8, state_dim=8
    )


@pytest.fixture(scope="module")
def frames():
    return npi_tf.teach(sorting.MAXIMUM, PROBLEMS)


def learn(model, frames, **kwargs):
    settings = {"num_steps": 3, "batch_size": 4, "num_restarts": 2}
    return extension.learn_programs(
        model, sorting.MAXIMUM, frames, **settings | kwargs
    )


@pytest.mark.parametrize("negatives", [None, {}])
def test_only_the_new_rows_change(base, frames, negatives):
    grown = base.with_programs("MAX", "RJMP", protect_blocks=negatives is None)
    before = [np.array(row) for row in unchanged.new_rows(grown)]
    report = learn(grown, frames, negatives=negatives)
    assert report["attempts"] == 2
    assert unchanged.same_bits(base, grown)
    for row, value in zip(unchanged.new_rows(grown), before):
        assert not np.array_equal(np.array(row), value)


def test_a_step_lowers_the_loss(base, frames):
    grown = base.with_programs("MAX", "RJMP", protect_blocks=True)
    losses = [
        learn(grown, frames, num_steps=n, num_restarts=1)["loss"]
        for n in (1, 60)
    ]
    assert losses[1] < losses[0]


def test_the_same_seed_gives_the_same_rows(base, frames):
    rows = []
    for _ in range(2):
        grown = base.with_programs("MAX", "RJMP", protect_blocks=True)
        learn(grown, frames, seed=4)
        rows.append([np.array(row) for row in unchanged.new_rows(grown)])
    np.testing.assert_equal(rows[0], rows[1])


def test_protected_programs_never_call_later_ones(base):
    grown = base.with_programs("MAX", "RJMP", protect_blocks=True)
    grown.memory.keys[-1].assign(100 * np.ones((2, 32)))
    problems = [(3, 1, 2), (9, 8, 7, 6)]
    old = base.run(sorting.SORTING, problems, step_budget=200, trace=True)
    new = grown.run(sorting.SORTING, problems, step_budget=200, trace=True)
    assert [run.trace for run in old] != []
    for one, two in zip(old, new):
        assert one.output == two.output
        assert one.num_steps == two.num_steps
        assert names(one) == names(two)
    free = base.with_programs("MAX", "RJMP", protect_blocks=False)
    free.memory.keys[-1].assign(100 * np.ones((2, 32)))
    wild = free.run(sorting.SORTING, problems, step_budget=200, trace=True)
    opposed = base.with_programs("MAX", "RJMP", protect_blocks=False)
    opposed.memory.keys[-1].assign(-100 * np.ones((2, 32)))
    tame = opposed.run(sorting.SORTING, problems, step_budget=200, trace=True)
    called = {name for run in [*wild, *tame] for name in names(run)}
    assert called & {"MAX", "RJMP"}  # What the protection is good for.


def names(run):
    return [call.program for _, call in run.trace.walk()]


def test_first_blocks_undoes_with_programs(base):
    grown = base.with_programs("MAX", "RJMP")
    again = grown.first_blocks()
    assert again.programs == base.programs
    for one, two in zip(base.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("number", [0, 3])
def test_first_blocks_refuses_what_is_not_there(base, number):
    with pytest.raises(ValueError, match="num_blocks: must be 1 to 2"):
        base.with_programs("MAX").first_blocks(number)


def test_a_model_without_new_rows_is_refused(base, frames):
    with pytest.raises(ValueError, match="model: must have rows"):
        learn(base, frames)


def test_frames_without_a_new_program_are_refused(base):
    grown = base.with_programs("MAX", "RJMP")
    frames = npi_tf.teach(sorting.MAXIMUM, PROBLEMS)
    rjmp = sorting.MAXIMUM.program_names.index("RJMP")
    frames = frames.rows(np.flatnonzero(frames.program != rjmp))
    with pytest.raises(ValueError, match="none of \\['RJMP'\\]"):
        learn(grown, frames)

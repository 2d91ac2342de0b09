"""New memory rows on a frozen core."""

import numpy as np
import pytest

import npi_tf
from npi_tf import extension
from npi_tf import race
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


def grow(base, **kwargs):
    return base.with_programs("MAX", "RJMP", **kwargs)


def learn(model, frames, **kwargs):
    settings = {"num_steps": 3, "batch_size": 4, "num_restarts": 2}
    return extension.learn_programs(
        model, sorting.MAXIMUM, frames, **settings | kwargs
    )


@pytest.fixture(scope="module")
def learnt(base, frames):
    """A model with new rows after a few steps, and the report."""
    grown = grow(base, protect_blocks=True)
    return grown, learn(grown, frames, seed=4)


def test_only_the_new_rows_change(base, learnt):
    grown, report = learnt
    assert report["attempts"] == 2 and report["steps"] == 6
    assert unchanged.same_bits(base, grown)


def test_negatives_change_no_other_row_and_loss_falls(base, frames, learnt):
    grown = grow(base, protect_blocks=False)
    index = sorting.MAXIMUM.program_names.index
    some = np.isin(frames.program, [index(n) for n in ("MAX", "RJMP", "BSTEP")])
    old = frames.rows(np.flatnonzero(frames.program == index("COMPSWAP")))
    report = learn(
        grown,
        frames.rows(np.flatnonzero(some)),
        negatives={"sorting": old.for_rows(grown.rows(sorting.MAXIMUM))},
        num_steps=40,
        num_restarts=1,
    )
    assert unchanged.same_bits(base, grown)
    assert report["loss"] < learnt[1]["loss"]


def test_the_same_seed_gives_the_same_rows(base, frames, learnt):
    again = grow(base, protect_blocks=True)
    assert learn(again, frames, seed=4) == learnt[1]
    assert unchanged.same_bits(learnt[0], again)


def test_protected_programs_never_call_later_ones(base):
    problems = [(3, 1, 2), (9, 8, 7, 6)]

    def run(model):
        # One of the two keys fits whatever the core says best of all.
        for key in model.memory.keys[1:]:
            key.assign(np.outer((100, -100), np.ones(32)))
        return model.run(sorting.SORTING, problems, step_budget=60, trace=True)

    old, new = run(base), run(grow(base, protect_blocks=True))
    for one, two in zip(old, new, strict=True):
        assert one.output == two.output
        assert one.num_steps == two.num_steps
        assert names(one) == names(two)
    wild = run(grow(base, protect_blocks=False))
    called = {name for one in wild for name in names(one)}
    assert called & {"MAX", "RJMP"}  # What the protection is good for.


def names(run):
    return [call.program for _, call in run.trace.walk()]


def test_first_blocks_undoes_with_programs(base):
    grown = grow(base)
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


def test_frames_without_a_new_program_are_refused(base, frames):
    grown = grow(base)
    rjmp = sorting.MAXIMUM.program_names.index("RJMP")
    frames = frames.rows(np.flatnonzero(frames.program != rjmp))
    with pytest.raises(ValueError, match="none of \\['RJMP'\\]"):
        learn(grown, frames)


def test_candidates_race_and_only_new_rows_change(base, frames, monkeypatch):
    monkeypatch.setattr(extension, "_RACE_STEPS", 3)
    grown = grow(base, protect_blocks=True)
    report = learn(grown, frames, num_candidates=3, num_restarts=1)
    assert unchanged.same_bits(base, grown)
    assert report["attempts"] == 1 and report["steps"] == 3 + 3


def test_the_winner_of_a_race_is_one_of_the_candidates(base, frames):
    grown = grow(base, protect_blocks=True)
    mine = frames.for_rows(grown.rows(sorting.MAXIMUM)).by_program()
    first = len(base.programs)
    new = {row: batch for row, batch in mine.items() if row >= first}
    contest = race.Race(grown, "sorting", new, 4, 12, 0.05)
    rng = np.random.default_rng(0)
    keys = rng.normal(size=(4, 2, 32)).astype(np.float32)
    embeddings = rng.normal(size=(4, 2, 64)).astype(np.float32)
    key, embedding = contest(keys, embeddings, seed=1)
    for one, two in zip((key, embedding), contest(keys, embeddings, seed=1)):
        np.testing.assert_array_equal(one, two)  # Nothing of it stays.
    # Adam moves a number by about the learning rate on a step, at most.
    for candidates, best in ((keys, key), (embeddings, embedding)):
        moved = np.abs(candidates - best).max(axis=(1, 2))
        assert (moved < 12 * 0.05).sum() == 1 and moved.min() > 0


def test_a_race_that_is_good_enough_ends_the_attempt(base, frames, monkeypatch):
    monkeypatch.setattr(extension, "_RACE_STEPS", 3)
    monkeypatch.setattr(extension._Found, "is_good", lambda *_: True)
    report = learn(grow(base, protect_blocks=True), frames, num_candidates=2)
    assert report["attempts"] == 1 and report["steps"] == 3


def test_no_candidates_are_refused(base, frames):
    with pytest.raises(ValueError, match="num_candidates: must be a positive"):
        learn(grow(base), frames, num_candidates=0)

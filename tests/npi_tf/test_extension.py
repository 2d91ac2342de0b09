"""New memory rows on a frozen core."""

import functools

import keras
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
    assert report["right_old"] is None
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


def test_negatives_keep_old_programs_from_calling_new_ones(frames):
    """On a trained core, whose keys mean something."""
    base = npi_tf.NPI.from_preset("sorting")
    index = sorting.MAXIMUM.program_names.index
    of_new = np.isin(frames.program, [index(n) for n in ("MAX", "RJMP")])
    new, old = (frames.rows(np.flatnonzero(f)) for f in (of_new, ~of_new))

    def chance_of_new_calls(taught):
        grown = grow(base, protect_blocks=not taught)
        rows = old.for_rows(grown.rows(sorting.MAXIMUM))
        learn(
            grown,
            new,
            negatives={"sorting": rows} if taught else None,
            num_steps=40,
            num_restarts=1,
            learning_rate=0.1,
        )
        grown.protect_blocks = False
        logits = grown(rows.inputs())["program_logits"]
        chances = np.array(keras.ops.softmax(logits))[rows.calls >= 0]
        return chances[:, len(base.programs) :].sum(1).mean()

    assert chance_of_new_calls(taught=False) > 0.5
    assert chance_of_new_calls(taught=True) < 0.25


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


@pytest.mark.parametrize("number", [0, 3, 1.0, True])
def test_first_blocks_refuses_what_is_not_there(base, number):
    with pytest.raises(ValueError, match="num_blocks: must be 1 to 2"):
        base.with_programs("MAX").first_blocks(number)


def test_programs_that_are_known_are_refused(base):
    with pytest.raises(ValueError, match="not know, got BSTEP"):
        base.with_programs("MAX", "BSTEP")


@pytest.mark.parametrize("name", [3, "", ("MAX", "RJMP"), ["MAX"]])
def test_what_is_no_name_of_a_program_is_refused(base, name):
    with pytest.raises(ValueError, match="programs: must be names"):
        base.with_programs(name)


def test_the_program_that_comes_twice_is_named(base):
    with pytest.raises(ValueError, match="got MAX twice"):
        base.with_programs("MAX", "RJMP", "MAX")


def test_a_model_without_new_rows_is_refused(base, frames):
    with pytest.raises(ValueError, match="model: must have rows"):
        learn(base, frames)


def test_frames_without_a_new_program_are_refused(base, frames):
    grown = grow(base, protect_blocks=True)
    rjmp = sorting.MAXIMUM.program_names.index("RJMP")
    frames = frames.rows(np.flatnonzero(frames.program != rjmp))
    with pytest.raises(ValueError, match="none of \\['RJMP'\\]"):
        learn(grown, frames)


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"learning_rate": -1.0}, "learning_rate: must be positive, got -1.0"),
        ({"target_loss": 0.0}, "target_loss: must be positive"),
        ({"target_loss": "low"}, "target_loss: must be positive, got 'low'"),
        ({"seed": -1}, "seed: must be an integer from 0 on, got -1"),
        ({"negatives": {"sums": None}}, "negatives: must be of sorting"),
    ],
)
def test_wrong_settings_are_refused(base, frames, wrong, message):
    with pytest.raises(ValueError, match=message):
        learn(grow(base), frames, **{"negatives": {}} | wrong)


def test_a_domain_that_the_model_does_not_know_is_refused(base, frames):
    settings = {"negatives": {}}
    with pytest.raises(ValueError, match="domain: must be one of sorting"):
        extension.learn_programs(grow(base), "addition", frames, **settings)


def test_frames_of_memory_rows_are_refused(base, frames):
    grown = grow(base, protect_blocks=True)
    mapped = frames.for_rows(grown.rows(sorting.MAXIMUM))
    with pytest.raises(ValueError, match="frames: must hold the domain's"):
        learn(grown, mapped)


def test_negatives_of_other_indices_are_refused(base, frames):
    with pytest.raises(ValueError, match="negatives: must hold memory rows"):
        learn(grow(base), frames, negatives={"sorting": frames})


def test_negatives_of_new_programs_or_none_are_refused(base, frames):
    grown = grow(base)
    mapped = frames.for_rows(grown.rows(sorting.MAXIMUM))
    for wrong, got in ((mapped, "MAX, RJMP"), (mapped.rows([]), "none")):
        with pytest.raises(ValueError, match=f"of old programs, got {got} of"):
            learn(grown, frames, negatives={"sorting": wrong})


def test_without_any_remedy_nothing_is_learnt(base, frames):
    with pytest.raises(ValueError, match="negatives: must be given"):
        learn(grow(base, protect_blocks=False), frames)
    index = sorting.MAXIMUM.program_names.index
    of_new = np.isin(frames.program, [index("MAX"), index("RJMP")])
    new = frames.rows(np.flatnonzero(of_new))
    with pytest.raises(ValueError, match="negatives: must hold frames of old"):
        learn(grow(base, protect_blocks=False), new, negatives={})


def rows_of(model):
    memory = model.memory
    return [np.array(block[-1]) for block in (memory.keys, memory.embeddings)]


def test_a_stopped_call_ends_with_the_same_rows(
    base, frames, tmp_path, monkeypatch
):
    """Stopped within the second attempt of three, of which it knows nothing.

    The first new program counts as learnt after the first attempt.
    """
    starts = {}

    def learn_in(folder):
        grown = grow(base, protect_blocks=True)
        report = learn(
            grown,
            frames,
            seed=4,
            num_restarts=3,
            workdir=folder and tmp_path / folder,
        )
        return rows_of(grown), report

    descend = extension._Problem.descend

    def descend_and_be_sure(problem, num_steps, target_loss, attempt):
        starts.setdefault(attempt, []).append(problem.values())
        found = descend(problem, num_steps, target_loss, attempt)
        problem.sure = {min(problem.names)}
        return found

    def descend_or_die(problem, num_steps, target_loss, attempt):
        if attempt == 1:
            raise KeyboardInterrupt
        return descend_and_be_sure(problem, num_steps, target_loss, attempt)

    patch = functools.partial(monkeypatch.setattr, extension._Problem)
    patch("descend", descend_or_die)
    with pytest.raises(KeyboardInterrupt):
        learn_in("stopped")
    patch("descend", descend_and_be_sure)
    resumed = learn_in("stopped")
    again = learn_in("stopped")  # Ended: nothing is left to do.
    whole = learn_in(None)
    assert starts.keys() == {0, 1, 2}
    for in_parts, at_once in starts.values():
        for one, other in zip(in_parts, at_once, strict=True):
            np.testing.assert_array_equal(one, other)
    for rows, report in (resumed, again):
        assert report == whole[1]
        for one, other in zip(rows, whole[0], strict=True):
            np.testing.assert_array_equal(one, other)


def test_the_folder_of_another_call_is_refused(base, frames, tmp_path):
    learn(grow(base, protect_blocks=True), frames, workdir=tmp_path)
    other = npi_tf.NPI.for_domains(
        sorting.SORTING, hidden_dim=8, fuse_dim=8, state_dim=8
    )
    for model, given, name in (
        (base, {"seed": 1}, "seed 0, not 1"),
        (other, {}, "model_sha256 '"),
    ):
        with pytest.raises(ValueError, match=f"workdir: .* with {name}"):
            grown = grow(model, protect_blocks=True)
            learn(grown, frames, workdir=tmp_path, **given)
    for damaged in (b"PK", b""):
        (tmp_path / "attempts.npz").write_bytes(damaged)
        with pytest.raises(ValueError, match="workdir: must hold a readable"):
            grown = grow(base, protect_blocks=True)
            learn(grown, frames, workdir=tmp_path)


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
        learn(grow(base, protect_blocks=True), frames, num_candidates=0)

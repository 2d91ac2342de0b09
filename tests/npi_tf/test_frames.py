"""Frames: what is written down of a call tree, counted and padded."""

import numpy as np
import pytest

from npi_tf import addition
from npi_tf import frames
from npi_tf import teacher

ADDITION = addition.ADDITION
NAMES = ADDITION.program_names


@pytest.fixture(scope="module")
def call():
    """The call tree of 9 + 1: two columns, one carry."""
    return teacher.run(ADDITION, ADDITION.make_environment("9", "1"))


@pytest.fixture(scope="module")
def batch():
    """The frames of two problems."""
    return teacher.teach(ADDITION, [("9", "1"), ("19", "1")])


def test_a_frame_an_invocation(call):
    written = list(frames.call_frames(ADDITION, call))
    nodes = [node for _, node in call.walk()]
    assert len(written) == len(nodes)
    for frame, node in zip(written, nodes):
        assert NAMES[frame.program] == node.program
        assert frame.arguments == node.arguments
        assert len(frame.observations) == len(node.steps)


def test_the_frames_of_one_call_by_hand(call):
    add, add1, act = list(frames.call_frames(ADDITION, call))[:3]
    assert add.calls == (1, 3, 1, 3)
    assert add.ends == (0, 0, 0, 1)
    assert add.call_arguments == ((0, 0, 0),) * 4
    blank = 10
    # 9 + 1: write 0, then CARRY, which ends ADD1.
    assert add1 == frames.Frame(
        program=1,
        arguments=(0, 0, 0),
        observations=(
            (9, 1, blank, blank, 1, 1, 1, 1),
            (9, 1, blank, 0, 1, 1, 1, 1),
        ),
        calls=(5, 2),
        call_arguments=((4, 1, 3), (0, 0, 0)),
        ends=(0, 1),
    )
    assert act == frames.Frame(
        program=5,
        arguments=(4, 1, 3),
        observations=((9, 1, blank, blank, 1, 1, 1, 1),),
        calls=(-1,),
        call_arguments=((-1, -1, -1),),
        ends=(1,),
    )


def test_equal_frames_are_counted(call):
    once = frames.count_frames(ADDITION, [call])
    thrice = frames.count_frames(ADDITION, [call] * 3)
    assert list(once) == list(thrice)
    assert all(thrice[frame] == 3 * n for frame, n in once.items())
    assert sum(once.values()) == sum(1 for _ in call.walk())


def test_an_equal_problem_adds_counts_but_no_frames():
    once = teacher.teach(ADDITION, [("9", "1")])
    twice = teacher.teach(ADDITION, [("9", "1")] * 2)
    np.testing.assert_array_equal(once.observations, twice.observations)
    np.testing.assert_array_equal(2 * once.count, twice.count)


def test_padding_by_hand():
    nothing = (-1, -1, -1)
    counts = {
        frames.Frame(
            0, (0, 0, 0), ((1,), (2,)), (1, 1), ((0, 0, 0),) * 2, (0, 1)
        ): 4,
        frames.Frame(1, (1, 2, 3), ((3,),), (-1,), (nothing,), (1,)): 1,
    }
    batch = frames.FrameBatch.from_counts(counts)
    assert len(batch) == 2
    assert batch.program.tolist() == [0, 1]
    assert batch.arguments.tolist() == [[0, 0, 0], [1, 2, 3]]
    assert batch.observations.tolist() == [[[1], [2]], [[3], [0]]]
    assert batch.calls.tolist() == [[1, 1], [-1, -1]]
    assert batch.call_arguments[1].tolist() == [[-1] * 3] * 2
    assert batch.ends.tolist() == [[0, 1], [1, -1]]
    assert batch.count.tolist() == [4, 1]
    assert batch.num_steps.tolist() == [2, 1]
    assert batch.inputs().keys() == {"program", "arguments", "observations"}
    assert batch.targets().keys() == {"calls", "call_arguments", "ends"}


def test_a_batch_of_nothing_raises():
    with pytest.raises(ValueError, match="counts: must hold at least one"):
        frames.FrameBatch.from_counts({})


def test_taken_frames_are_trimmed_to_the_longest(batch):
    short = np.flatnonzero(batch.num_steps <= 2)
    assert batch.ends.shape[1] > 2
    taken = batch.take(short[::-1])
    assert taken.ends.shape == (len(short), 2)
    np.testing.assert_array_equal(taken.program, batch.program[short[::-1]])
    np.testing.assert_array_equal(
        taken.observations, batch.observations[short[::-1], :2]
    )
    np.testing.assert_array_equal(taken.num_steps, batch.num_steps[short[::-1]])


def test_frames_by_program_are_all_frames(batch):
    parts = batch.by_program()
    assert sorted(parts) == list(range(len(NAMES)))
    assert sum(map(len, parts.values())) == len(batch)
    for program, part in parts.items():
        assert set(part.program) == {program}
        assert part.ends.shape[1] == part.num_steps.max()
    assert parts[NAMES.index("LSHIFT")].ends.shape[1] == 4


def test_every_frame_ends_once_on_its_last_step(batch):
    for ends, num_steps in zip(batch.ends, batch.num_steps):
        assert ends[:num_steps].tolist() == [0] * (num_steps - 1) + [1]
        assert (ends[num_steps:] == frames.NO_TARGET).all()


def test_rows_keep_their_padding_and_first_steps_cut_it(batch):
    rows = batch.rows(np.array([2, 0, 2]))
    np.testing.assert_array_equal(rows.ends, batch.ends[[2, 0, 2]])
    np.testing.assert_array_equal(rows.count, batch.count[[2, 0, 2]])
    cut = batch.first_steps(2)
    np.testing.assert_array_equal(cut.observations, batch.observations[:, :2])
    np.testing.assert_array_equal(cut.program, batch.program)
    assert cut.calls.shape == cut.call_arguments.shape[:2] == cut.ends.shape


def test_batches_of_unequal_length_are_put_together(batch):
    parts = batch.by_program()
    acts, shifts = parts[NAMES.index("ACT")], parts[NAMES.index("LSHIFT")]
    both = frames.concatenate([acts, shifts])
    assert len(both) == len(acts) + len(shifts)
    assert both.ends.shape[1] == 4
    np.testing.assert_array_equal(
        both.num_steps, [1] * len(acts) + [4] * len(shifts)
    )
    assert (both.observations[: len(acts), 1:] == 0).all()
    assert (both.call_arguments[: len(acts)] == -1).all()
    order = np.argsort(batch.program == NAMES.index("LSHIFT"), kind="stable")
    kept = np.isin(batch.program, (3, 5))[order]
    expected = batch.take(order[kept])
    for name, array in both.arrays().items():
        np.testing.assert_array_equal(array, getattr(expected, name), name)


def test_for_rows_maps_programs_and_calls_and_keeps_minus_one():
    problems = [("96", "125")]
    batch = teacher.teach(addition.ADDITION, problems)
    rows = [5, 3, 1, 0, 4, 2]
    mapped = batch.for_rows(rows)
    for before, after in zip(batch.program, mapped.program):
        assert after == rows[before]
    assert (batch.calls == -1).any()
    for before, after in zip(batch.calls.ravel(), mapped.calls.ravel()):
        assert after == (-1 if before == -1 else rows[before])
    np.testing.assert_array_equal(batch.ends, mapped.ends)


def test_frames_are_mapped_once():
    batch = teacher.teach(addition.ADDITION, [("9", "1")])
    mapped = batch.for_rows([5, 3, 1, 0, 4, 2])
    assert mapped.of_rows and mapped.take(np.array([0])).of_rows
    assert mapped.first_steps(1).of_rows and not batch.of_rows
    with pytest.raises(ValueError, match="frames: must hold the domain's"):
        mapped.for_rows([5, 3, 1, 0, 4, 2])
    with pytest.raises(ValueError, match="batches: must all hold memory rows"):
        frames.concatenate([batch, mapped])

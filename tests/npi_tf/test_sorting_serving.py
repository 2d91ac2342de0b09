"""What an exported sort answers: every row its own array or status."""

import numpy as np
import pytest
import tensorflow as tf

import npi_tf
from npi_tf import export
from npi_tf import sorting
from npi_tf.sorting import serving

# Rows of one batch: numbers, length, and what comes back.
GOOD = {
    ((9, 2, 5, 0), 3): (2, 5, 9, -1),
    ((9, 2, 5, 0), 4): (0, 2, 5, 9),
    ((7, -3, 99, 10), 1): (7, -1, -1, -1),  # What is beyond does not matter.
    ((1, 1, 0, 0), 2): (1, 1, -1, -1),
}
BAD = (
    ((9, 2, 5, 0), 0),
    ((9, 2, 5, 0), -1),
    ((9, 2, 5, 0), 5),
    ((9, 10, 5, 0), 2),
    ((9, -1, 5, 0), 3),
)


@pytest.fixture(scope="module")
def model():
    return npi_tf.NPI.from_preset("sorting")


@pytest.fixture(scope="module")
def signatures(model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    exported = export.export_model(model, "sorting", folder)
    loaded = tf.saved_model.load(exported)
    yield loaded.signatures


def ask(function, rows, width=4):
    array = np.array([row for row, _ in rows], np.int32)
    lengths = [length for _, length in rows]
    answer = function(
        array=tf.constant(array, tf.int32, shape=[len(rows), width]),
        lengths=tf.constant(lengths, tf.int32, shape=[len(rows)]),
    )
    return {name: value.numpy() for name, value in answer.items()}


@pytest.mark.parametrize("signature", ["serving_default", "trace"])
def test_every_row_gets_its_own_answer(signatures, signature):
    answer = ask(signatures[signature], [*GOOD, *BAD])
    expected = [list(row) for row in GOOD.values()] + [[-1] * 4] * len(BAD)
    assert answer["sorted"].tolist() == expected
    statuses = [b"ok"] * len(GOOD) + [b"invalid_input"] * len(BAD)
    assert answer["status"].tolist() == statuses
    for count, (_, n) in zip(answer["num_steps"], [*GOOD, *BAD]):
        if n > 1 and count:  # One number was never trained.
            assert count == 14 * n * n - 8 * n
    assert (answer["num_steps"] > 0).tolist() == [
        status == b"ok" for status in statuses
    ]
    if signature == "trace":
        assert answer["calls"][0, :3].tolist() == [
            b"BUBBLESORT",
            b"BUBBLE",
            b"PTR 2 RIGHT",
        ]
        assert (answer["depth"][len(GOOD) :] == -1).all()


def test_batches_without_rows_and_without_columns(signatures):
    function = signatures["serving_default"]
    assert ask(function, [])["sorted"].shape == (0, 4)
    answer = ask(function, [((), 0), ((), 3)], width=0)
    assert answer["status"].tolist() == [b"invalid_input"] * 2


def test_batches_of_two_sizes_are_refused(signatures):
    with pytest.raises(tf.errors.InvalidArgumentError, match="same size"):
        signatures["serving_default"](
            array=tf.constant([[1, 2]]), lengths=tf.constant([2, 2])
        )


def test_lengths_end_at_what_was_tried():
    longest = serving.MAX_LENGTH
    lengths = tf.constant([longest, longest + 1])
    array = tf.zeros([2, longest + 1], tf.int32)
    (array, length), valid = serving.parse({"array": array, "lengths": lengths})
    assert valid.numpy().tolist() == [True, False]
    assert length.numpy().tolist() == [longest, 1]


def test_no_width_of_a_request_makes_its_steps_slow(signatures):
    """Without the bound each of 102 steps would copy a million columns."""
    width, longest = 1_000_000, serving.MAX_LENGTH
    array = np.full([4, width], 77, np.int32)
    array[:, :3] = [9, 2, 5]
    lengths = [3, longest + 1, width, 2**31 - 1]
    rows = list(zip(array, lengths))
    answer = ask(signatures["serving_default"], rows, width)
    assert answer["sorted"].shape == (4, longest)
    assert answer["sorted"][0, :4].tolist() == [2, 5, 9, -1]
    assert (answer["sorted"][1:] == -1).all()
    assert answer["status"].tolist() == [b"ok"] + [b"invalid_input"] * 3


def test_warm_up_requests_are_good_ones(signatures):
    for request in serving.WARMUP:
        inputs = {
            name: tf.constant(values, tf.int32)
            for name, values in request.items()
        }
        answer = signatures["serving_default"](**inputs)
        assert set(answer["status"].numpy()) == {b"ok"}


def test_a_budget_of_ones_own(model):
    run = export.Executor(model, sorting.SORTING, step_budget=12).run
    answer = ask(run, [((9, 2, 5, 0), 3), ((9, 10, 5, 0), 2)])
    statuses = [b"step_budget_exhausted", b"invalid_input"]
    assert answer["status"].tolist() == statuses
    assert answer["num_steps"].tolist() == [12, 0]


@pytest.mark.parametrize("budget", [0, True, 2**31, 10.0])
def test_what_is_no_budget_is_refused(model, tmp_path, budget):
    with pytest.raises(ValueError, match="step_budget: must be an integer"):
        model.export(tmp_path, "sorting", step_budget=budget)
    assert not list(tmp_path.iterdir())


def test_a_budget_that_requests_say_is_refused(tmp_path):
    with pytest.raises(ValueError, match="step_budget: must be left out for"):
        export.export_model(None, "canonicalization", tmp_path, step_budget=9)

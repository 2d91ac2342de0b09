"""Programs as a step function: a client drives them from picture to picture."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

import npi_tf
from npi_tf import runner as runner_lib
from npi_tf import step_export
from npi_tf import warmup
from tests import saved_model
from tests.npi_tf import dot_world
from tests.npi_tf import scripted

DOTS = dot_world.DOTS
PROBLEMS = [(0, 0), (3, 1), (5, 7), (7, 2)]
BUDGET = 40
# With random weights of these seeds programs act now and then, end, run out
# of steps, or call too deep.
BUSY_SEED = 13
SEEDS = (4, 8, 19, 21, 28, 39)


def wild_model(*domains, seed=BUSY_SEED):
    keras.utils.set_random_seed(0)
    model = npi_tf.NPI.for_domains(*domains, **dot_world.SIZES)
    scripted.make_wild(model, seed, scale=1.0)
    return model


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return wild_model(DOTS).export(tmp_path_factory.mktemp("dots"), DOTS)


@pytest.fixture(scope="module")
def signatures(folder):
    return tf.saved_model.load(folder).signatures


@pytest.fixture(scope="module")
def step(signatures):
    return signatures["serving_default"]


def start(signatures, *budgets):
    """The carried state of as many rows."""
    outputs = signatures["start"](step_budget=tf.constant(budgets))
    return carried(outputs)


def carried(outputs):
    """What goes into the next request."""
    answers = ("action", "arguments", "status")
    return {k: v for k, v in outputs.items() if k not in answers}


def seen(dots):
    return {
        "features": tf.constant([[dot.target] for dot in dots], tf.int32),
        "image": tf.constant(np.stack([dot.image() for dot in dots])),
    }


def words(tensor):
    return [value.decode() for value in tensor.numpy()]


def drive(step, state, problems):
    """`(column, actions, status, number of steps)` of every problem."""
    dots = [dot_world.Dot(*problem) for problem in problems]
    for _ in range(BUDGET + 1):
        outputs = step(**seen(dots), **state)
        state = carried(outputs)
        moves = outputs["arguments"].numpy().tolist()
        for dot, action, move in zip(dots, words(outputs["action"]), moves):
            if action:
                dot.act(tuple(move))
                assert dot.actions[-1] == action
        status = words(outputs["status"])
        if "running" not in status:
            steps = state["num_steps"].numpy().tolist()
            return [
                (*dot.result(), *end) for dot, *end in zip(dots, status, steps)
            ]
    raise AssertionError("rows went on running beyond their budget")


def in_memory(model, domain, problems):
    """The same from `Runner`, and the environments that it made."""
    made = []

    class Noted(dot_world.Dot):
        def __init__(self, *problem):
            super().__init__(*problem)
            made.append(self)

    noted = dataclasses.replace(domain, make_environment=Noted)
    runs = runner_lib.Runner(model, noted)(problems, step_budget=BUDGET)
    return [
        (*dot.result(), run.status, run.num_steps)
        for dot, run in zip(made, runs)
    ]


def test_exported_equals_in_memory(signatures, step):
    wanted = in_memory(wild_model(DOTS), DOTS, PROBLEMS)
    assert drive(step, start(signatures, *[BUDGET] * 4), PROBLEMS) == wanted
    assert {len(actions) for _, actions, _, _ in wanted} == {0, 7, 20}
    assert {status for *_, status, _ in wanted} == {
        "ok",
        "step_budget_exhausted",
    }


def test_many_programs_equal_those_in_memory():
    model = wild_model(DOTS)
    executor = step_export.StepExecutor(model, DOTS)
    step = tf.function(executor.step, autograph=False)
    statuses = set()
    for seed in SEEDS:
        scripted.make_wild(model, seed, scale=1.0)
        state = carried(executor.start(tf.fill([4], BUDGET)))
        got = drive(step, state, PROBLEMS)
        assert got == in_memory(model, DOTS, PROBLEMS)
        statuses |= {status for *_, status, _ in got}
    assert statuses == {"ok", "step_budget_exhausted", "stack_overflow"}


def test_a_model_of_several_domains():
    model = wild_model(DOTS, npi_tf.ADDITION)
    executor = step_export.StepExecutor(model, DOTS)
    step = tf.function(executor.step, autograph=False)
    statuses = set()
    for seed in range(6):
        scripted.make_wild(model, seed, scale=1.0)
        state = carried(executor.start(tf.fill([4], BUDGET)))
        got = drive(step, state, PROBLEMS)
        assert got == in_memory(model, DOTS, PROBLEMS)
        statuses |= {status for *_, status, _ in got}
    assert "invalid_action" in statuses  # A value that only addition has.


def test_batch_equals_singles(signatures, step):
    budgets = [BUDGET, 3, BUDGET, 11]
    batch = drive(step, start(signatures, *budgets), PROBLEMS)
    for problem, budget, row in zip(PROBLEMS, budgets, batch):
        assert drive(step, start(signatures, budget), [problem]) == [row]
        assert row[-1] <= budget


def test_an_empty_batch(signatures, step):
    state = carried(signatures["start"](step_budget=tf.zeros([0], "int32")))
    nothing = {
        "features": tf.zeros([0, 1], tf.int32),
        "image": tf.zeros([0, 8, 8, 3], tf.uint8),
    }
    assert step(**nothing, **state)["action"].shape == (0,)


def test_a_row_that_has_ended_stays_as_it_is(signatures, step):
    dots = [dot_world.Dot(3, 1), dot_world.Dot(3, 1)]
    ended = step(**seen(dots), **start(signatures, 1, BUDGET))
    assert words(ended["status"])[0] == "step_budget_exhausted"
    for name in ("registers", "hidden", "saved_registers", "saved_hidden"):
        assert not np.any(ended[name][0])
    again = step(**seen(dots), **carried(ended))
    assert words(again["action"])[0] == ""
    for name, value in carried(ended).items():
        np.testing.assert_array_equal(again[name][0], value[0])


def test_a_budget_out_of_range_is_refused_in_its_row(signatures, step):
    limit = step_export.MAX_STEP_BUDGET
    budgets = [0, -1, limit + 1, limit, 2**31 - 1]
    outputs = signatures["start"](step_budget=tf.constant(budgets))
    refused, running = "invalid_input", "running"
    wanted = [refused, refused, refused, running, refused]
    assert words(outputs["status"]) == wanted
    dots = [dot_world.Dot(5, 7) for _ in budgets]
    outputs = step(**seen(dots), **carried(outputs))
    assert [s == refused for s in words(outputs["status"])] == [
        s == refused for s in wanted
    ]
    assert not any(words(outputs["action"])[:3])


@pytest.mark.parametrize("target", [-1, 8, 2**31 - 1])
def test_a_feature_out_of_range_ends_its_row(signatures, step, target):
    dots = [dot_world.Dot(5, target), dot_world.Dot(5, 7)]
    outputs = step(**seen(dots), **start(signatures, BUDGET, BUDGET))
    alone = step(**seen(dots[1:]), **start(signatures, BUDGET))
    assert words(outputs["status"]) == [
        "invalid_input",
        *words(alone["status"]),
    ]
    assert words(outputs["action"]) == ["", *words(alone["action"])]


CORRUPTIONS = [
    ("registers", (0,), 3),  # A program that is not there.
    ("registers", (0,), -1),
    ("registers", (3,), 3),  # An argument that is not there.
    ("registers", (4,), -1),
    ("registers", (4,), 2**31 - 1),
    ("saved_registers", (0, 0), 99),
    ("saved_registers", (16, 2), -5),
    ("hidden", (2,), np.nan),
    ("saved_hidden", (1, 2), np.inf),
    ("depth", (), -1),
    ("depth", (), 17),
    ("num_steps", (), -1),
    ("num_steps", (), 2**31 - 1),
    ("status_code", (), -1),
    ("status_code", (), 99),
    ("step_budget", (), 0),
    ("step_budget", (), 2**31 - 1),
]


@pytest.mark.parametrize(("name", "place", "value"), CORRUPTIONS)
def test_a_corrupted_state_is_a_status(signatures, step, name, place, value):
    dots = [dot_world.Dot(5, 7), dot_world.Dot(7, 2)]
    state = carried(step(**seen(dots), **start(signatures, BUDGET, BUDGET)))
    wanted = step(**seen(dots), **state)
    spoilt = state[name].numpy()
    spoilt[(0, *place)] = value
    outputs = step(**seen(dots), **state | {name: tf.constant(spoilt)})
    assert words(outputs["status"])[0] == "invalid_state"
    assert words(outputs["action"])[0] == ""
    for key, tensor in wanted.items():  # The other row does not notice.
        np.testing.assert_array_equal(outputs[key][1], tensor[1])
    again = step(**seen(dots), **carried(outputs))
    assert words(again["status"])[0] == "invalid_state"


@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [
        ("image", [2, 8, 8, 1], r"image \[2,8,8,1\] .* shape \[\?,8,8,3\]"),
        ("image", [2, 16, 16, 3], r"image \[2,16,16,3\] is not compatible"),
        ("image", [3, 8, 8, 3], "batches of the same size"),
        ("features", [2, 2], r"features \[2,2\] is not compatible"),
        ("features", [1, 1], "batches of the same size"),
        ("hidden", [2, 7], r"hidden \[2,7\] is not compatible"),
        ("depth", [1], "batches of the same size"),
    ],
)
def test_inputs_of_another_shape_are_refused(
    signatures, step, name, shape, message
):
    dots = [dot_world.Dot(5, 7), dot_world.Dot(7, 2)]
    inputs = seen(dots) | start(signatures, BUDGET, BUDGET)
    inputs[name] = tf.zeros(shape, inputs[name].dtype)
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        step(**inputs)


def test_warmup_requests_parse_and_replay(folder, signatures):
    records = tf.data.TFRecordDataset(str(folder / warmup.WARMUP_FILE))
    replayed = []
    for record in records.as_numpy_iterator():
        log = prediction_log_pb2.PredictionLog.FromString(record)
        request = log.predict_log.request
        name = request.model_spec.signature_name
        inputs = request.inputs.items()
        signatures[name](
            **{k: tf.constant(tf.make_ndarray(v)) for k, v in inputs}
        )
        replayed.append(name)
    assert replayed == ["start", "serving_default"]


def test_no_python_and_no_xla_in_the_graph(folder):
    saved_model.check_no_python_and_no_xla(saved_model.graph_of(folder))

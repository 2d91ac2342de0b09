"""The compiled loop against Algorithm 1, and what ends a run."""

import collections
import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from npi_tf import addition
from npi_tf import interpreter as interpreter_lib
from npi_tf import model as model_lib
from npi_tf import runner as runner_lib
from npi_tf.addition import environment as environment_lib
from npi_tf.addition import problems as problems_lib
from tests.npi_tf import numpy_npi
from tests.npi_tf import scripted

ADDITION = addition.ADDITION
WRITE_7 = environment_lib.write(3, 7)
PROBLEMS = [("96", "125"), ("0", "7"), ("5", "999"), ("31", "4")]


@pytest.fixture(scope="module")
def runner(preset_model):
    """The preset, ready to run."""
    return runner_lib.Runner(preset_model, "addition")


@pytest.fixture(scope="module")
def wild():
    """A small model whose weights are replaced, and its runner."""
    model = scripted.small_model()
    return model, runner_lib.Runner(model, "addition", depth_limit=3)


def summary(runs):
    """What two equal runs have in common."""
    return [(run.output, run.status, run.num_steps) for run in runs]


def run_one(model, step_budget=50, **kwargs):
    """Runs 1 + 2."""
    runner = runner_lib.Runner(model, "addition", **kwargs)
    return runner([("1", "2")], step_budget=step_budget)[0]


def assert_follows_algorithm_1(model, runner, problem, run, budget):
    """Compares a traced run with the NumPy one, step by step."""
    pad = ADDITION.make_environment(*problem)
    call, status, num_steps = numpy_npi.NumpyNPI(model).run(
        pad, "ADD", (0, 0, 0), budget, runner.interpreter.depth_limit
    )
    assert numpy_npi.plain(run.trace) == numpy_npi.plain(call)
    output = pad.result() if status == "ok" else None
    assert summary([run]) == [(output, status, num_steps)]
    return status


def test_a_trained_model_follows_algorithm_1(preset_model, runner):
    rng = np.random.default_rng(0)
    problems = [
        problems_lib.random_problem(rng, length) for length in (1, 2, 3, 5)
    ]
    problems += [("96", "125"), ("999", "1"), ("007", "0")]
    for problem, run in zip(problems, runner(problems, trace=True)):
        status = assert_follows_algorithm_1(
            preset_model, runner, problem, run, budget=1000
        )
        assert status == "ok"
        assert run.output == problems_lib.exact_sum(problem)


def test_an_untrained_model_follows_algorithm_1(wild):
    model, runner = wild
    statuses = collections.Counter()
    for seed in range(25):
        scripted.make_wild(model, seed)
        runs = runner(PROBLEMS, step_budget=60, trace=True)
        for problem, run in zip(PROBLEMS, runs):
            statuses[
                assert_follows_algorithm_1(model, runner, problem, run, 60)
            ] += 1
    # It ended in every way there is.
    assert set(statuses) == set(interpreter_lib.STATUSES) - {"running"}


def test_a_batch_is_its_singles_however_each_ends(wild):
    model, runner = wild
    mixed = 0
    for seed in range(25):
        scripted.make_wild(model, seed)
        batch = runner(PROBLEMS, step_budget=60)
        singles = [runner([p], step_budget=60)[0] for p in PROBLEMS]
        assert summary(batch) == summary(singles)
        mixed += len({run.status for run in batch}) > 1
    assert mixed >= 5


def test_a_trained_batch_is_its_singles(runner):
    problems = [("1", "2"), ("99999", "1"), ("0", "0"), ("12", "3456")]
    batch = runner(problems)
    assert summary(batch) == summary([runner([p])[0] for p in problems])
    sums = [problems_lib.exact_sum(problem) for problem in problems]
    assert [run.output for run in batch] == sums


def test_xla_is_the_plain_graph(preset_model, wild):
    model, runner = wild
    compiled = runner_lib.Runner(
        model, "addition", depth_limit=3, jit_compile=True
    )
    for seed in range(25):
        scripted.make_wild(model, seed)
        expected = summary(runner(PROBLEMS, step_budget=60))
        assert summary(compiled(PROBLEMS, step_budget=60)) == expected
    compiled = runner_lib.Runner(preset_model, "addition", jit_compile=True)
    assert [run.output for run in compiled(PROBLEMS)] == [
        problems_lib.exact_sum(problem) for problem in PROBLEMS
    ]


def test_traced_runs_are_the_untraced(wild):
    model, runner = wild
    for seed in range(5):
        scripted.make_wild(model, seed)
        traced = runner(PROBLEMS, step_budget=60, trace=True)
        assert summary(traced) == summary(runner(PROBLEMS, step_budget=60))
        for run in traced:
            steps = sum(len(node.steps) for _, node in run.trace.walk())
            assert steps == run.num_steps


def test_a_wider_pad_changes_nothing(runner):
    expected = summary(runner(PROBLEMS))
    assert summary(runner(PROBLEMS, min_width=20)) == expected


def test_act_at_once_saves_the_steps_of_act(preset_model, runner):
    at_once = runner_lib.Runner(preset_model, "addition", act_step=False)
    slow = runner(PROBLEMS, trace=True)
    quick = at_once(PROBLEMS, trace=True)
    for one, other in zip(slow, quick):
        programs = [node.program for _, node in one.trace.walk()]
        assert other.num_steps == one.num_steps - programs.count("ACT")
        assert (other.output, other.status) == (one.output, "ok")
        assert [node.program for _, node in other.trace.walk()] == programs
        acts = [n for _, n in other.trace.walk() if n.program == "ACT"]
        assert acts and not any(node.steps for node in acts)
    assert summary(at_once(PROBLEMS)) == summary(quick)


def test_the_step_budget_is_exact(runner):
    needed = runner([("12", "9")])[0].num_steps
    enough = runner([("12", "9")], step_budget=needed)[0]
    assert (enough.output, enough.status) == ("21", "ok")
    short = runner([("12", "9")], step_budget=needed - 1)
    assert summary(short) == [(None, "step_budget_exhausted", needed - 1)]


def test_a_row_out_of_budget_leaves_the_others_alone(runner):
    problems = [("1", "2"), ("99999", "1"), ("3", "4"), ("12345", "99999")]
    runs = runner(problems, step_budget=40)
    assert [run.status for run in runs] == [
        "ok",
        "step_budget_exhausted",
        "ok",
        "step_budget_exhausted",
    ]
    assert [run.output for run in runs] == ["3", None, "7", None]
    assert [runs[1].num_steps, runs[3].num_steps] == [40, 40]


def test_each_row_has_a_budget_and_stands_still_when_it_is_spent():
    move = environment_lib.move(3, environment_lib.LEFT)
    model = scripted.obedient_model("ACT", move, end=False)
    interpreter = interpreter_lib.Interpreter(
        model, ADDITION.tensor_environment(), "addition"
    )
    arrays = interpreter.environment.encode([("1" * 20, "2")] * 3)
    state = interpreter.environment.reset(*map(tf.constant, arrays))
    machine = interpreter.start(
        state, tf.zeros([3], tf.int32), tf.zeros([3, 3], tf.int32)
    )
    after = tf.function(interpreter.run)(machine, tf.constant([7, 1, 4]))
    assert after.num_steps.numpy().tolist() == [7, 1, 4]
    budget = interpreter_lib.STATUSES.index("step_budget_exhausted")
    assert after.status.numpy().tolist() == [budget] * 3
    # The first step calls ACT, every later one moves the pointer.
    pointers = after.environment.pointers.numpy()
    assert pointers.tolist() == [[0, 0, 0, n] for n in (6, 0, 3)]


@pytest.mark.parametrize("depth_limit", [0, 1, 3, 16])
def test_callers_that_go_on_fill_the_stack(depth_limit):
    model = scripted.obedient_model("ADD", end=False)
    run = run_one(model, depth_limit=depth_limit)
    # Every step pushes one caller; the first that does not fit ends it.
    assert summary([run]) == [(None, "stack_overflow", depth_limit + 1)]


@pytest.mark.parametrize("depth_limit", [0, 3])
def test_callers_that_have_ended_do_not(depth_limit):
    model = scripted.obedient_model("ADD", end=True)
    run = run_one(model, depth_limit=depth_limit)
    assert summary([run]) == [(None, "step_budget_exhausted", 50)]


@pytest.mark.parametrize("act_step, num_steps", [(True, 2), (False, 1)])
@pytest.mark.parametrize("end", [True, False])
def test_act_without_an_action_fails(act_step, num_steps, end):
    model = scripted.obedient_model("ACT", (0, 0, 0), end)
    run = run_one(model, act_step=act_step)
    assert summary([run]) == [(None, "invalid_action", num_steps)]


@pytest.mark.parametrize("dtype", ["float32", "float64", "mixed_bfloat16"])
@pytest.mark.parametrize("act_step, num_steps", [(True, 2), (False, 1)])
def test_act_acts_with_its_own_arguments(dtype, act_step, num_steps):
    model = scripted.obedient_model("ACT", WRITE_7, dtype=dtype)
    run = run_one(model, act_step=act_step)
    assert summary([run]) == [("7", "ok", num_steps)]
    # The last step may be the last that the budget allows.
    run = run_one(model, num_steps, act_step=act_step)
    assert summary([run]) == [("7", "ok", num_steps)]


@pytest.mark.parametrize("act_step", [True, False])
def test_act_that_does_not_end_acts_again(act_step):
    model = scripted.obedient_model("ACT", WRITE_7, end=False)
    run = run_one(model, act_step=act_step)
    assert summary([run]) == [(None, "step_budget_exhausted", 50)]


def test_one_lstm_layer_or_three_are_followed_too():
    for num_layers in (1, 3):
        model = scripted.small_model(num_layers=num_layers)
        runner = runner_lib.Runner(model, "addition", depth_limit=3)
        for seed in range(5):
            scripted.make_wild(model, seed)
            runs = runner(PROBLEMS, step_budget=40, trace=True)
            for problem, run in zip(PROBLEMS, runs):
                assert_follows_algorithm_1(model, runner, problem, run, 40)


def test_a_shared_core_may_name_what_a_domain_does_not_have():
    larger = dataclasses.replace(
        ADDITION,
        name="larger",
        arguments=(
            dataclasses.replace(
                ADDITION.arguments[0], values=tuple("abcdefghi")
            ),
            *ADDITION.arguments[1:],
        ),
    )
    model = model_lib.NPI.for_domains(ADDITION, larger, **scripted.SIZES)
    obedient = scripted.obedient_model("ACT", (0, 8, 3))
    for name in ("key", "end"):
        source = getattr(obedient.core, name).get_weights()
        getattr(model.core, name).set_weights(source)
    model.memory.set_weights(obedient.memory.get_weights())
    heads = zip(model.core.argument_heads, (8, 8, 3))
    for head, value in heads:
        kernel = np.zeros(head.kernel.shape)
        head.set_weights([kernel, np.eye(head.units)[value]])
    assert summary([run_one(model)]) == [(None, "invalid_action", 2)]

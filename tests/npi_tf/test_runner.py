"""Runs from Python: outputs, errors, and call trees with probabilities."""

import dataclasses

import numpy as np
import pytest

from npi_tf import addition
from npi_tf import runner as runner_lib
from npi_tf import teacher
from npi_tf import trace
from npi_tf.addition import environment as environment_lib
from npi_tf.addition import problems as problems_lib
from tests.npi_tf import numpy_npi
from tests.npi_tf import scripted

ADDITION = addition.ADDITION


@pytest.fixture(scope="module")
def runner(preset_model):
    """The preset, ready to run."""
    return runner_lib.Runner(preset_model, "addition")


def taught(problem, program=None):
    """What the teacher writes down."""
    pad = ADDITION.make_environment(*problem)
    return teacher.run(ADDITION, pad, program)


def test_the_call_tree_is_the_teachers(runner):
    rng = np.random.default_rng(3)
    problems = [problems_lib.random_problem(rng, n) for n in (1, 2, 4, 8)]
    problems += [("96", "125"), ("5", "999"), ("0", "0")]
    for problem, run in zip(problems, runner(problems, trace=True)):
        expected = taught(problem)
        assert numpy_npi.plain(run.trace) == numpy_npi.plain(expected)
        assert trace.format_trace(ADDITION, run.trace) == (
            trace.format_trace(ADDITION, expected)
        )


@pytest.mark.parametrize("program", ["ADD1", "CARRY", "LSHIFT", "RSHIFT"])
def test_any_program_can_be_run(preset_model, runner, program):
    run = runner([("19", "23")], program=program, trace=True)[0]
    pad = ADDITION.make_environment("19", "23")
    call, status, num_steps = numpy_npi.NumpyNPI(preset_model).run(
        pad, program, (0, 0, 0), budget=100
    )
    assert numpy_npi.plain(run.trace) == numpy_npi.plain(call)
    assert (run.output, run.status) == (pad.result(), status)
    assert run.num_steps == num_steps


def test_the_column_of_a_subprogram_is_the_teachers(runner):
    run = runner([("19", "23")], program="ADD1", trace=True)[0]
    expected = taught(("19", "23"), "ADD1")
    assert numpy_npi.plain(run.trace) == numpy_npi.plain(expected)
    assert run.output == "2"


def test_act_can_be_run_with_arguments(runner):
    arguments = environment_lib.write(3, 7)
    runs = runner([("1", "2")] * 2, program="ACT", arguments=arguments)
    assert runs == [runner_lib.Run("7", "ok", 1)] * 2


def test_without_a_result_the_output_is_none():
    move = environment_lib.move(0, environment_lib.LEFT)
    model = scripted.obedient_model("ACT", move)
    run = runner_lib.Runner(model, "addition")([("1", "2")])[0]
    assert (run.output, run.status) == (None, "ok")


def test_probabilities_are_those_of_the_decisions(preset_model, runner):
    run = runner([("96", "125")], trace=True)[0]
    num_programs = len(preset_model.programs)
    for _, node in run.trace.walk():
        for step in node.steps:
            probs = step.probs
            assert step.end == (probs["end"] >= 0.5)
            assert len(probs["program"]) == num_programs
            sizes = [len(slot) for slot in probs["arguments"]]
            assert sizes == [5, 11, 4]
            for slot in (probs["program"], *probs["arguments"]):
                assert sum(slot) == pytest.approx(1, abs=1e-5)
                assert min(slot) >= 0
            if step.child:
                called = preset_model.programs.index(step.child.program)
                assert np.argmax(probs["program"]) == called
                chosen = tuple(int(np.argmax(p)) for p in probs["arguments"])
                assert chosen == step.child.arguments


def test_probabilities_are_equations_3_and_4(preset_model, runner):
    run = runner([("96", "125")], trace=True)[0]
    network = numpy_npi.NumpyNPI(preset_model)
    add = run.trace
    states = network.zero_states()
    for step in add.steps:
        end, scores, _, states = network.step(
            step.observation, add.arguments, 0, states
        )
        assert step.probs["end"] == pytest.approx(end, abs=1e-4)
        exponentials = np.exp(scores - scores.max())
        np.testing.assert_allclose(
            step.probs["program"],
            exponentials / exponentials.sum(),
            atol=1e-4,
        )


def test_probabilities_in_bfloat16_are_plain_numbers():
    model = scripted.obedient_model("ACT", (4, 8, 3), dtype="mixed_bfloat16")
    runner = runner_lib.Runner(model, "addition")
    run = runner([("1", "2")], trace=True)[0]
    probs = run.trace.steps[0].probs
    assert type(probs["end"]) is float
    assert type(probs["program"][0]) is float
    assert run.output == "7"


def test_no_problems_no_runs(runner):
    assert runner([]) == []
    assert runner([], trace=True) == []


def test_results_are_plain_python(runner):
    run = runner([("1", "2")])[0]
    assert run == runner_lib.Run("3", "ok", run.num_steps, trace=None)
    assert type(run.num_steps) is int and type(run.output) is str


def test_the_model_runs_itself(preset_model):
    runs = preset_model.run(ADDITION, [("96", "125")], trace=True)
    assert runs[0].output == "221"
    assert runs[0].trace.program == "ADD"


def test_a_hundred_digits(runner):
    rng = np.random.default_rng(0)
    problem = problems_lib.random_problem(rng, 100)
    run = runner([problem])[0]
    assert run.output == problems_lib.exact_sum(problem)


@pytest.mark.parametrize(
    "problems, kwargs, match",
    [
        ([("1", "2")], {"program": "SUB"}, "program: must be one of ADD"),
        ([("1", "2")], {"step_budget": 0}, r"step_budget: must be .* from 1"),
        ([("1", "2")], {"step_budget": -5}, r"step_budget: .* got -5"),
        ([("1", "2")], {"arguments": (5, 0, 0)}, "arguments: must be"),
        ([("1", "2")], {"arguments": (0, -1, 0)}, "arguments: must be"),
        ([("1", "2")], {"step_budget": "9"}, r"step_budget: .* got '9'"),
        ([("1", "2")], {"step_budget": 9.0}, r"step_budget: .* got 9.0"),
        ([("1", "2")], {"step_budget": True}, r"step_budget: .* got True"),
        ([("1", "2")], {"step_budget": 2**31}, r"step_budget: .* 2147483647"),
        ([("1", "2")], {"min_width": -1}, r"min_width: must be .* from 0"),
        ([("1", "2")], {"min_width": "8"}, r"min_width: .* got '8'"),
        ([("1", "2")], {"program": ""}, "program: must be one of ADD"),
        ([("1", "2")], {"arguments": (0, 0)}, "arguments: must be"),
        ([("1", "2")], {"arguments": ("1", 0, 0)}, "arguments: must be"),
        ([("1", "2")], {"arguments": (1.0, 0, 0)}, "arguments: must be"),
        ([("1", "2")], {"arguments": 5}, "arguments: must be"),
        ([("1", "2"), ("1", "")], {}, r"addend: must be .* got ''"),
        ([("x", "2")], {}, r"augend: must be a string .* got 'x'"),
        ([(12, "2")], {}, r"augend: must be .* got 12"),
        (None, {}, "problems: must be a list, got None"),
    ],
)
def test_bad_input_raises(runner, problems, kwargs, match):
    with pytest.raises(ValueError, match=match):
        runner(problems, **kwargs)


def test_an_unknown_domain_raises(preset_model):
    with pytest.raises(ValueError, match="domain: must be one of addition"):
        runner_lib.Runner(preset_model, "sorting")


def test_a_stack_needs_a_size(preset_model):
    for limit in (-1, 1.5, None):
        with pytest.raises(ValueError, match=f"depth_limit: .* got {limit}"):
            runner_lib.Runner(preset_model, "addition", depth_limit=limit)


def test_act_at_once_needs_a_caller(preset_model):
    runner = runner_lib.Runner(preset_model, "addition", act_step=False)
    with pytest.raises(ValueError, match="program: must be called to act"):
        runner([("1", "2")], program="ACT", arguments=(4, 8, 3))


def test_a_model_must_know_the_domain(preset_model):
    other = dataclasses.replace(ADDITION, name="other")
    with pytest.raises(ValueError, match="domain: must be one of addition"):
        runner_lib.Runner(preset_model, other)
    program = dataclasses.replace(ADDITION.root, name="SUB")
    more = dataclasses.replace(ADDITION, programs=(program, *ADDITION.programs))
    with pytest.raises(ValueError, match="SUB of 'addition' is not"):
        runner_lib.Runner(preset_model, more)


def test_sizes_share_one_plain_graph(preset_model):
    runner = runner_lib.Runner(preset_model, "addition")
    for n in range(1, 7):
        assert runner([("9" * n, "1")] * n)[-1].output == "1" + "0" * n
    assert runner._fast.experimental_get_tracing_count() <= 3


@pytest.mark.parametrize("problem", ["12", ("1",), ("1", "2", "3"), 5])
def test_a_problem_must_be_a_tuple_of_the_domains_values(preset_model, problem):
    with pytest.raises(ValueError, match=r"problem: must be a tuple \("):
        runner_lib.Runner(preset_model, "addition")([problem])

"""Plain Python against the compiled loop: the same runs."""

import collections
import dataclasses
import logging

import numpy as np
import pytest

from npi_tf import addition
from npi_tf import interpreter as interpreter_lib
from npi_tf import runner as runner_lib
from npi_tf import stepwise
from npi_tf.addition import environment as environment_lib
from tests.npi_tf import counter_world
from tests.npi_tf import numpy_npi
from tests.npi_tf import scripted

ADDITION = addition.ADDITION
WITHOUT_TENSORS = dataclasses.replace(
    ADDITION, tensor_environment=None, serving=None
)
PROBLEMS = [("96", "125"), ("0", "7"), ("5", "999")]


def both(model, **kwargs):
    """The compiled runner of a model, and the stepwise one."""
    return [
        runner_lib.Runner(model, domain, **kwargs)
        for domain in (ADDITION, WITHOUT_TENSORS)
    ]


def assert_same_runs(compiled, stepwise_runs):
    """Compares everything but the last digits of probabilities."""
    for one, other in zip(compiled, stepwise_runs, strict=True):
        results = [(r.output, r.status, r.num_steps) for r in (one, other)]
        assert results[0] == results[1]
        assert type(other.num_steps) is int
        assert numpy_npi.plain(one.trace) == numpy_npi.plain(other.trace)
        for (_, node), (_, twin) in zip(one.trace.walk(), other.trace.walk()):
            for step, twin_step in zip(node.steps, twin.steps):
                assert_same_probs(step.probs, twin_step.probs)


def assert_same_probs(one, other):
    """Compares the probabilities of one step."""
    assert list(one) == list(other)
    for key in one:
        rows = (
            zip(one[key], other[key])
            if key == "arguments"
            else [(one[key], other[key])]
        )
        for row, twin in rows:
            np.testing.assert_allclose(row, twin, atol=1e-4)


@pytest.mark.parametrize("act_step", [True, False])
def test_a_trained_model_runs_as_compiled(preset_model, act_step):
    compiled, slow = both(preset_model, act_step=act_step)
    expected = compiled(PROBLEMS, trace=True)
    assert [run.output for run in expected] == ["221", "7", "1004"]
    assert_same_runs(expected, slow(PROBLEMS, trace=True))
    untraced = slow(PROBLEMS[:1])
    assert untraced == [dataclasses.replace(expected[0], trace=None)]


@pytest.mark.parametrize("act_step", [True, False])
def test_an_untrained_model_fails_as_compiled(act_step):
    model = scripted.small_model()
    compiled, slow = both(model, act_step=act_step, depth_limit=3)
    statuses = collections.Counter()
    for seed in range(25):
        scripted.make_wild(model, seed)
        expected = compiled(PROBLEMS, step_budget=40, trace=True)
        assert_same_runs(expected, slow(PROBLEMS, step_budget=40, trace=True))
        statuses.update(run.status for run in expected)
    # Whoever acts at once fails sooner; Algorithm 1 ends in every way.
    ends = set(interpreter_lib.STATUSES) - {interpreter_lib.RUNNING}
    assert len(ends - set(statuses)) <= (0 if act_step else 1), statuses


def test_any_program_runs_with_arguments(preset_model):
    arguments = environment_lib.write(3, 7)
    for kwargs in (
        {"program": "ACT", "arguments": arguments},
        {"program": "CARRY"},
        {"program": "ADD1"},
    ):
        compiled, slow = both(preset_model)
        expected = compiled(PROBLEMS, trace=True, **kwargs)
        assert_same_runs(expected, slow(PROBLEMS, trace=True, **kwargs))


def test_bfloat16_gives_plain_numbers():
    model = scripted.obedient_model("ACT", (4, 8, 3), dtype="mixed_bfloat16")
    compiled, slow = both(model)
    run = slow([("1", "2")], trace=True)[0]
    assert run.output == "7"
    assert type(run.trace.steps[0].probs["end"]) is float
    assert_same_runs(compiled([("1", "2")], trace=True), [run])


@pytest.mark.parametrize("depth_limit", [0, 2])
def test_the_depth_limit_is_exact(depth_limit):
    model = scripted.obedient_model("ADD", end=False)
    slow = both(model, depth_limit=depth_limit)[1]
    run = slow([("1", "2")])[0]
    assert run == runner_lib.Run(None, "stack_overflow", depth_limit + 1)


def test_the_budget_is_exact_and_has_a_default(preset_model, monkeypatch):
    slow = both(preset_model)[1]
    needed = slow([("12", "9")])[0].num_steps
    short = slow([("12", "9")], step_budget=needed - 1)[0]
    assert short == runner_lib.Run(None, "step_budget_exhausted", needed - 1)
    assert slow([("12", "9")], step_budget=needed)[0].output == "21"
    monkeypatch.setattr(stepwise, "DEFAULT_STEP_BUDGET", needed - 1)
    assert slow([("12", "9")])[0] == short


def test_bad_problems_are_refused_before_any_runs(preset_model):
    slow = both(preset_model)[1]
    with pytest.raises(ValueError, match=r"addend: must be .* got ''"):
        slow([("1", "2"), ("1", "")])
    with pytest.raises(ValueError, match=r"problem: must be a tuple \("):
        slow([("1", "2"), "12"])
    assert slow([]) == []


def test_what_a_shared_core_may_name_is_no_action():
    model = scripted.obedient_model("ACT", environment_lib.write(3, 7))
    small = dataclasses.replace(
        WITHOUT_TENSORS,
        arguments=(
            *ADDITION.arguments[:1],
            dataclasses.replace(ADDITION.arguments[1], values=("-", "0")),
            ADDITION.arguments[2],
        ),
    )
    run = runner_lib.Runner(model, small)([("1", "2")])[0]
    assert run == runner_lib.Run(None, "invalid_action", 2)


class Broken(counter_world.Counter):
    """A counter that shows and does what it must not."""

    shown = 0

    def observe(self):
        """Perhaps out of range, and in a list."""
        return [self.shown]

    def act(self, arguments):
        """A mistake of a user's, not a refusal."""
        self.value -= int("one")


def counting(environment):
    """A runner of the counter in another environment; it acts at once."""
    model = scripted.obedient_model(
        "ACT", counter_world.DOWN, domain=counter_world.COUNTER
    )
    domain = dataclasses.replace(
        counter_world.COUNTER, make_environment=environment
    )
    return runner_lib.Runner(model, domain)


def test_a_bad_observation_raises(monkeypatch):
    run = counting(Broken)
    for shown, match in (
        (2, r"last must be 0 to 1 in domain 'counter', got 2$"),
        (0.0, r"must be 1 integers .* got float64 \(1,\)$"),
        ([0], r"must be 1 integers .* got int64 \(1, 1\)$"),
    ):
        monkeypatch.setattr(Broken, "shown", shown)
        with pytest.raises(ValueError, match=f"observation: {match}"):
            run([(3,)])


def test_why_an_action_failed_is_logged_once(caplog):
    run = counting(Broken)
    with caplog.at_level(logging.WARNING, logger="absl"):
        runs = run([(3,), (4,)])
    assert runs == [runner_lib.Run(None, "invalid_action", 2)] * 2
    (record,) = [r for r in caplog.records if r.name == "absl"]
    assert record.getMessage().startswith(
        "invalid_action: act((1, 0, 0)) raised ValueError: invalid literal "
        f"for int() with base 10: 'one' ({__file__}, line "
    )

"""The teacher against exact sums, the paper's figures and a golden file."""

import dataclasses
import json
import pickle
import subprocess
import sys

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from npi_tf import addition
from npi_tf import specs
from npi_tf import teacher
from npi_tf import trace
from npi_tf.addition import problems
from tests.npi_tf import counter_world
from tests.npi_tf import dot_world
from tests.npi_tf import figures
from tests.npi_tf import regenerate_golden

ADDITION = addition.ADDITION
COUNTER = counter_world.COUNTER

# Figure 2 of the paper: the first column of 934 + 348.
FIGURE_2 = """\
ADD
  ADD1
    WRITE OUT 2
    CARRY
      PTR CARRY LEFT
      WRITE CARRY 1
      PTR CARRY RIGHT
  LSHIFT
    PTR INP1 LEFT
    PTR INP2 LEFT
    PTR CARRY LEFT
    PTR OUT LEFT
"""


def run(augend, addend, **kwargs):
    """The pad after ADD, and the call tree."""
    pad = ADDITION.make_environment(augend, addend)
    return pad, teacher.run(ADDITION, pad, **kwargs)


def test_figure_3b():
    pad, call = run("96", "125")
    assert trace.format_trace(ADDITION, call) == figures.FIGURE_3B
    assert pad.result() == "221"


def test_figure_2():
    _, call = run("934", "348")
    assert trace.format_trace(ADDITION, call).startswith(FIGURE_2)
    write, carry = (step.child for step in call.steps[0].child.steps)
    # The figure prints ACT(4,2,WRITE), ACT(3,LEFT), ACT(3,1,WRITE) from 1;
    # ours count the digits 0..9 from 1, WRITE is action 3, LEFT action 1.
    assert write.arguments == (4, 2 + 1, 3)
    assert [step.child.arguments for step in carry.steps] == [
        (3, 0, 1),
        (3, 1 + 1, 3),
        (3, 0, 2),
    ]


def test_the_caller_returns_after_the_call_that_ends_it():
    _, call = run("96", "125")
    ends = [step.end for step in call.steps]
    assert ends == [False] * 5 + [True]
    for _, node in call.walk():
        assert [step.end for step in node.steps[:-1]].count(True) == 0
        assert node.steps[-1].end
        is_act = node.program == specs.ACT
        assert all((step.child is None) == is_act for step in node.steps)
        assert not is_act or len(node.steps) == 1


operands = st.text(alphabet="0123456789", min_size=1, max_size=30)


@hypothesis.given(operands, operands)
def test_add_is_exact(augend, addend):
    pad, _ = run(augend, addend)
    assert pad.result() == str(int(augend) + int(addend))


@hypothesis.given(st.integers(1, 25), st.sampled_from("09"), operands)
def test_add_is_exact_on_long_runs_of_one_digit(length, digit, addend):
    pad, _ = run(digit * length, addend)
    assert pad.result() == str(int(digit * length) + int(addend))


def test_add_is_exact_on_adversarial_problems():
    for problem in problems.adversarial_problems():
        pad, _ = run(*problem)
        assert pad.result() == problems.exact_sum(problem), problem


@pytest.mark.parametrize("problem", [("9" * 1000, "1"), ("7", "8" * 1000)])
def test_add_is_exact_on_a_thousand_digits(problem):
    pad, _ = run(*problem)
    assert pad.result() == problems.exact_sum(problem)


def test_rshift_undoes_lshift():
    pad = ADDITION.make_environment("12", "345")
    before = pad.observe().tolist()
    teacher.run(ADDITION, pad, "LSHIFT")
    assert pad.pointers == [1, 1, 1, 1]
    teacher.run(ADDITION, pad, "RSHIFT")
    assert pad.observe().tolist() == before


def test_a_root_may_be_act_with_arguments():
    pad = ADDITION.make_environment("1", "2")
    call = teacher.run(ADDITION, pad, specs.ACT, (4, 8, 3))
    assert pad.result() == "7"
    assert call == trace.Call("ACT", (4, 8, 3), call.steps)
    assert len(call.steps) == 1


def test_the_step_budget_is_exact():
    # A column without carry: ADD calls 2, ADD1 1, LSHIFT 4, and 5 ACTs.
    _, call = run("1", "2", step_budget=12)
    assert sum(len(node.steps) for _, node in call.walk()) == 12
    with pytest.raises(ValueError, match=r"step_budget: ADD must .* 11 steps"):
        run("1", "2", step_budget=11)


def test_an_unknown_program_raises():
    with pytest.raises(ValueError, match="program: must be one of"):
        run("1", "2", program="SUB")


def test_an_undeclared_call_raises():
    add = dataclasses.replace(ADDITION.root, calls=("ADD1",))
    domain = dataclasses.replace(
        ADDITION, programs=(add, *ADDITION.programs[1:])
    )
    pad = domain.make_environment("1", "2")
    with pytest.raises(ValueError, match=r"ADD declares .* but calls 'LSHIFT'"):
        teacher.run(domain, pad)


def counter_with(decide, **changes):
    """The counter whose root decides otherwise."""
    root = dataclasses.replace(COUNTER.root, decide=decide, **changes)
    return dataclasses.replace(COUNTER, programs=(root, *COUNTER.programs[1:]))


@pytest.mark.parametrize(
    "step, match",
    [
        (None, "decide: EMPTY must return a Step, got None"),
        (["ONE"], r"decide: EMPTY must return a Step, got \['ONE'\]"),
        (("ONE", (0, 0, 0), True, 0), "decide: EMPTY must return a Step"),
        (specs.Step("ACT"), r"EMPTY declares calls .* but calls 'ACT'"),
        (specs.Step(None), "EMPTY declares calls .* but calls None"),
        (
            specs.Step("ONE", (7, 0, 0)),
            r"arguments: must be a tuple of indices below \[2, 1, 1\], "
            r"got \(7, 0, 0\) from EMPTY to ONE",
        ),
        (specs.Step("ONE", (1, 2)), r"got \(1, 2\) from EMPTY to ONE"),
        (specs.Step("ONE", (-1, 0, 0)), r"got \(-1, 0, 0\) from EMPTY"),
        (specs.Step("ONE", (0.5, 0, 0)), r"got \(0.5, 0, 0\) from EMPTY"),
        (specs.Step("ONE", ("DOWN", 0, 0)), r"got \('DOWN', 0, 0\) from"),
        (specs.Step("ONE", [1, 0, 0]), r"got \[1, 0, 0\] from EMPTY"),
        (specs.Step("ONE", ([1], 0, 0)), r"got \(\[1\], 0, 0\) from"),
        (specs.Step("ONE", None), r"arguments: must .* got None from EMPTY"),
        (
            specs.Step("ONE", next_state=1),
            "next_state: EMPTY must go on in a state 0 to 0, got 1",
        ),
        (specs.Step("ONE", next_state=-1), "next_state: EMPTY .* got -1"),
        (specs.Step("ONE", next_state=None), "next_state: .* got None"),
        (specs.Step("ONE", end=None), "end: EMPTY must .* got None"),
        (specs.Step("ONE", end=2), "end: EMPTY must .* False, got 2"),
        (specs.Step("ONE", end=np.ones(1)), "end: EMPTY must .* array"),
    ],
)
def test_a_bad_step_raises(step, match):
    domain = counter_with(lambda state, observation, arguments: step)
    with pytest.raises(ValueError, match=match):
        teacher.run(domain, counter_world.Counter(2))


def test_numbers_of_numpy_make_a_step():
    one, nothing = np.int8(1), np.int8(0)
    step = specs.Step("ONE", (one, nothing, nothing), np.True_, one)
    domain = counter_with(lambda *_: step)
    call = teacher.run(domain, counter_world.Counter(2))
    assert [node.arguments[0] for _, node in call.walk()] == [0, 1, 1]


@pytest.mark.parametrize("arguments", [(2, 0, 0), (1, 0), [1, 0, 0], None])
def test_bad_arguments_of_the_root_raise(arguments):
    with pytest.raises(ValueError, match="arguments: must be a tuple of indi"):
        teacher.run(COUNTER, counter_world.Counter(2), "ONE", arguments)


class ReusedBuffer(counter_world.Counter):
    """A counter that writes all that it shows into one array."""

    def __init__(self, start):
        super().__init__(start)
        self.buffer = np.zeros(1, np.int8)

    def observe(self):
        """The buffer itself."""
        self.buffer[:] = super().observe()
        return self.buffer


class Listed(counter_world.Counter):
    """A counter that shows a list."""

    def observe(self):
        """A list of a bool."""
        return [self.value <= 1]


@pytest.mark.parametrize("counter", [ReusedBuffer, Listed])
@pytest.mark.parametrize("most_known", [0, 1, 9])
def test_what_is_seen_is_copied(counter, most_known, monkeypatch):
    monkeypatch.setattr(teacher, "_MOST_KNOWN", most_known)
    expected = teacher.teach(COUNTER, [(3,)])
    domain = dataclasses.replace(COUNTER, make_environment=counter)
    for _ in range(2):  # Nothing is known, then something is.
        taught = teacher.teach(domain, [(3,)])
        for name, array in expected.arrays().items():
            np.testing.assert_array_equal(taught.arrays()[name], array)


def test_the_observations_of_a_trace_are_read_only():
    _, call = run("96", "125")
    for _, node in call.walk():
        for step in node.steps:
            assert step.observation.dtype == np.int8
            assert not step.observation.flags.writeable


def shows(*observations):
    """Builds a counter that shows one thing after the other."""

    class Showing(counter_world.Counter):
        def observe(self):
            return observations[self.num_actions]

    return Showing(len(observations))


@pytest.mark.parametrize(
    "seen, match",
    [
        (np.array([2], np.int8), "last must be 0 to 1 .* 'counter', got 2$"),
        (np.array([-1], np.int8), "last must be 0 to 1 .* got -1$"),
        (np.array([0, 0], np.int8), r"must be 1 integers .* int8 \(2,\)"),
        (np.array([[0]], np.int8), r"must be 1 integers .* int8 \(1, 1\)"),
        (np.zeros(1, np.float16), r"must be 1 integers .* float16 \(1,\)"),
        ([0.0], r"must be 1 integers .* got float64 \(1,\)"),
        ([7], "last must be 0 to 1 .* got 7$"),
    ],
)
def test_a_bad_observation_raises(seen, match):
    teacher.run(COUNTER, counter_world.Counter(3))  # It knows good ones.
    with pytest.raises(ValueError, match=f"observation: {match}"):
        teacher.run(COUNTER, shows(seen))


def test_a_bad_observation_raises_on_any_step():
    good, bad = np.array([0], np.int8), np.array([9], np.int8)
    with pytest.raises(ValueError, match=r"observation: last .* got 9$"):
        teacher.run(COUNTER, shows(good, good, bad))


def test_pictures_are_observations():
    call = teacher.run(dot_world.DOTS, dot_world.Dot(3))
    expected = dot_world.Dot(3).observe()
    np.testing.assert_array_equal(call.steps[0].observation, expected)
    assert not any(dot_world.DOTS.known_observations.values())
    with pytest.raises(ValueError, match="observation: TARGET must be 0 to 7"):
        teacher.run(dot_world.DOTS, dot_world.Dot(3, target=8))


@pytest.mark.parametrize("budget, deepest", [(49, "ONE"), (50, "EMPTY")])
def test_a_program_that_does_not_end_is_named(budget, deepest):
    # EMPTY calls ONE, which calls ACT and ends: three steps, and again.
    endless = counter_with(lambda *_: specs.Step("ONE"))
    with pytest.raises(teacher.StepBudgetExhausted) as error:
        teacher.teach(endless, [(3,)], step_budget=budget)
    assert str(error.value) == (
        f"step_budget: EMPTY must end within {budget} steps, got {budget} "
        f"with {deepest} running deepest; EMPTY took 17 of them itself: does "
        f"it ever set end=True?"
    )
    assert error.value.call.program == "EMPTY"
    assert len(error.value.call.steps) == 17
    again = pickle.loads(pickle.dumps(error.value))  # As from a process pool.
    assert str(again) == str(error.value)


def test_a_program_that_calls_itself_is_named():
    again = counter_with(lambda *_: specs.Step("EMPTY"), calls=("EMPTY",))
    with pytest.raises(ValueError, match="100 with EMPTY running deepest"):
        teacher.run(again, counter_world.Counter(3), step_budget=100)
    for budget in (0, 1):  # Nothing runs then but ACT, or what calls it.
        with pytest.raises(ValueError, match="with ONE running deepest"):
            teacher.run(
                COUNTER, counter_world.Counter(3), "ONE", step_budget=budget
            )


def test_budgets_suffice_for_long_problems():
    # A column that carries takes 19 steps, a sweep of sorting 16 a number.
    _, call = run("9" * 50, "1")
    assert sum(len(node.steps) for _, node in call.walk()) <= 19 * 51
    assert teacher.DEFAULT_STEP_BUDGET > 19 * 10_001
    assert teacher.DEFAULT_STEP_BUDGET > 16 * 240**2
    assert teacher.TEACH_STEP_BUDGET > 16 * 75**2


def test_programs_that_nothing_calls_are_taught_too():
    calls = list(teacher.problem_traces(ADDITION, ("96", "125")))
    assert [call.program for call in calls] == ["ADD", "RSHIFT"]
    batch = teacher.teach(ADDITION, [("96", "125")])
    assert set(batch.program) == set(range(len(ADDITION.programs)))


def test_the_frames_of_96_plus_125_are_golden():
    text = regenerate_golden.ADDITION.read_text(encoding="utf-8")
    rows = regenerate_golden.addition_frames()
    assert rows == json.loads(text)
    assert text == regenerate_golden.dump(rows)
    # Worked by hand: the whole of CARRY, called twice from unequal columns.
    carries = [row for row in rows if row["program"] == 2]
    assert [row["calls"] for row in carries] == [[5, 5, 5]] * 2
    assert carries[0]["observations"][0] == [6, 5, 10, 1, 0, 0, 1, 1]
    assert carries[0]["ends"] == [0, 0, 1]


WITHOUT_KERAS = """
import sys

for name in ("keras", "tensorflow"):
    sys.modules[name] = None  # Any import of it raises.
import npi_tf
from npi_tf import teacher
from npi_tf.addition import problems

domain = npi_tf.get_domain("addition")
pad = domain.make_environment("96", "125")
print(npi_tf.format_trace(domain, teacher.run(domain, pad)))
print(pad.result(), len(npi_tf.teach(domain, [("96", "125")])))
"""


def test_the_symbolic_half_runs_without_keras_or_tensorflow():
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_KERAS],
        cwd=regenerate_golden.GOLDEN.parents[2],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    golden = regenerate_golden.addition_frames()
    assert done.stdout == f"{figures.FIGURE_3B}\n221 {len(golden)}\n"

"""The teacher against exact sums, the paper's figures and a golden file."""

import dataclasses
import json
import subprocess
import sys

import hypothesis
import pytest
from hypothesis import strategies as st

from npi_tf import addition
from npi_tf import specs
from npi_tf import teacher
from npi_tf import trace
from npi_tf.addition import problems
from tests.npi_tf import figures
from tests.npi_tf import regenerate_golden

ADDITION = addition.ADDITION

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

"""Committed presets: golden runs, the paper's figures, longer arrays."""

import json
import pathlib

import numpy as np
import pytest

import npi_tf
from npi_tf import cli
from npi_tf import domains
from npi_tf import runner
from npi_tf import trace
from npi_tf.sorting import problems as problems_lib
from tests.npi_tf import figures
from tests.npi_tf import regenerate_golden

README = pathlib.Path(__file__).parents[2] / "README.md"

# Where it is stated, and what it prints.
COMMANDS = {
    "python -m npi_tf run sorting 9 2 5 --trace": (
        f"2 5 9\n{figures.FIGURE_8}\n"
    ),
    "python -m npi_tf run maximum 9 2 5": "9\n",
}
OUTCOMES = {
    "sorting": ((2, 5, 9), figures.FIGURE_8),
    "canonicalization": ((0, 15), figures.FIGURE_7B),
}


@pytest.fixture(scope="module")
def sorting_model():
    """The preset; tests must not change it."""
    return npi_tf.NPI.from_preset("sorting")


@pytest.fixture(scope="module")
def runs(sorting_model):
    """Every run of a golden file, made once."""
    cars = npi_tf.NPI.from_preset("canonicalization")
    models = {"sorting": sorting_model, "canonicalization": cars}
    return {
        name: regenerate_golden.run_preset(name, models[name])
        for name in regenerate_golden.RUNS
    }


@pytest.mark.parametrize("name", OUTCOMES)
def test_trained_networks_print_the_papers_figures(runs, name):
    output, figure = OUTCOMES[name]
    run = runs[name]
    assert (run.status, run.output) == ("ok", output)
    lines = trace.format_trace(domains.get(name), run.trace).splitlines()
    assert lines == figure.splitlines()


@pytest.mark.parametrize("name", OUTCOMES)
def test_runs_are_golden(runs, name):
    text = regenerate_golden.run_path(name).read_text(encoding="utf-8")
    rows = json.loads(text)
    assert text == regenerate_golden.dump(rows)
    found = regenerate_golden.run_frames(name, runs[name].trace)
    assert len(found) == len(rows)
    for one, other in zip(found, rows):
        for key in regenerate_golden.PROBS:
            np.testing.assert_allclose(
                one.pop(key), other.pop(key), atol=1e-4, rtol=0, err_msg=key
            )
        assert one == other


def test_random_arrays_are_sorted_up_to_40_numbers(sorting_model):
    rng = np.random.default_rng(0)
    lengths = (2, 20, 40)
    problems = [problems_lib.random_problem(rng, n) for n in lengths]
    # One batch takes as many steps as its longest array.
    run = runner.Runner(sorting_model, "sorting", jit_compile=True)
    outputs = [run.output for run in run(problems)]
    assert outputs == [tuple(sorted(problem)) for problem in problems]


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_of_the_readme_print_what_they_should(command, capsys):
    assert command in README.read_text(encoding="utf-8").splitlines()
    assert cli.main(command.split()[3:]) == 0
    assert capsys.readouterr().out == COMMANDS[command]

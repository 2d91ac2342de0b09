"""The benchmark's form and its counting; never the times."""

import dataclasses
import json
import pathlib
import subprocess
import sys
import types

import numpy as np
import pytest

from benchmarks import command as command_lib
from benchmarks import measure
from benchmarks import npi
from benchmarks import npi_execution
from benchmarks import npi_limit
from benchmarks import npi_table
from benchmarks import npi_training
from benchmarks import pages
from npi_tf import addition
from npi_tf import model as model_lib
from npi_tf import runner

ROOT = pathlib.Path(__file__).parents[2]
SCRIPT = ROOT / "benchmarks" / "npi.py"
RESULTS = ROOT / "benchmarks" / "results" / "npi.json"
CASES = {
    *(f"interpreter_xla/{batch}" for batch in (1, 64)),
    *(f"interpreter_graph/{batch}" for batch in (1, 64)),
    *(f"no_act_step_xla/{batch}" for batch in (1, 64)),
    *(f"products/{batch}" for batch in (1, 64)),
    *(f"products_twice/{batch}" for batch in (1, 64)),
    *(f"products_graph/{batch}" for batch in (1, 64)),
    *("python_eager/1", "python_graph/1", "matmul", "read_weights"),
    *("train_fast", "train_single"),
}
TITLES = ("| (a) ", "| (b) ", "| (c) ", "| (d) ", "| (e) ", "| (f) ")
MARKED = f"before\n{npi_table.BEGIN}\nold\n{npi_table.END}\nafter\n"


@dataclasses.dataclass(frozen=True)
class Settings:
    """The least that a benchmark has."""

    rounds: int = 5


def command(*words):
    """Runs the script from another folder than the project's."""
    return subprocess.run(
        [sys.executable, str(SCRIPT), *map(str, words)],
        capture_output=True,
        text=True,
        cwd=ROOT.parent,
        timeout=600,
    )


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """A quick run: the process, its JSON, and two written files."""
    folder = tmp_path_factory.mktemp("speed")
    marked, plain = folder / "marked.md", folder / "plain.md"
    marked.write_text(MARKED)
    plain.write_text("no markers\n")
    file = folder / "new" / "npi.json"
    done = command("--quick", "--json", file, "--write", marked, plain)
    assert done.returncode == 0, done.stderr
    return done, json.loads(file.read_text()), marked, plain


def test_a_quick_run_measures_every_case(quick):
    _, results, _, _ = quick
    long = {"sum_xla/3", "sum_graph/3"}
    assert set(results["measured"]) == CASES | long
    for name, entry in results["measured"].items():
        rounds = 1 if name in long else 2
        assert len(entry["seconds"]) == rounds, name
        assert all(seconds > 0 for seconds in entry["seconds"]), name
        assert all(work > 0 for work in entry["work"].values()), name
        assert entry["prepare_seconds"] > 0, name
    assert results["quick"] is True
    assert results["machine"]["cores"] >= 1


def test_the_table_is_on_the_screen_and_between_the_markers(quick):
    done, results, marked, plain = quick
    table = npi_table.render(results)
    assert done.stdout == table + "\n"
    assert marked.read_text() == pages.replace(MARKED, table, npi_table.MARKER)
    assert marked.read_text().startswith("before\n")
    assert marked.read_text().endswith("\nafter\n")
    assert plain.read_text() == "no markers\n"
    assert f"{plain} has no {npi_table.BEGIN}" in done.stderr
    for title in TITLES:
        assert f"\n{title}" in table, title
    assert "A quick run" in table


def test_every_table_is_rectangular(quick):
    table = npi_table.render(quick[1])
    blocks = [b for b in table.split("\n\n") if b.startswith("| ")]
    assert len(blocks) >= 6
    for block in blocks:
        assert len({line.count("|") for line in block.splitlines()}) == 1


def test_another_trace_is_refused(quick):
    measured = json.loads(json.dumps(quick[1]["measured"]))
    npi_execution.check_same_steps(measured)
    measured["python_eager/1"]["work"]["core_steps"] += 1
    with pytest.raises(RuntimeError, match=r"core steps .* differ"):
        npi_execution.check_same_steps(measured)


def test_an_earlier_run_is_shown_again(quick, tmp_path, capsys):
    _, results, _, _ = quick
    file = tmp_path / "npi.json"
    file.write_text(json.dumps(results))
    npi.main(["--read", str(file)])
    assert capsys.readouterr().out == npi_table.render(results) + "\n"


@pytest.mark.parametrize("page", ["docs/speed.md", "README.md"])
def test_the_tables_on_the_pages_are_the_committed_run(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    table = npi_table.for_page(results, pathlib.Path(page).name)
    current = pages.replace(text, table, npi_table.MARKER)
    if page == "docs/speed.md":
        assert current is not None
    assert current in (text, None)
    assert results["quick"] is False


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--rounds", "0"], "--rounds: must be at least 1, got 0"),
        (["--write", "{tmp}/none.md"], "none.md"),
        (["--write", "{tmp}/half.md"], "once each, got 1 and 0"),
        (["--read", "{tmp}/none.json"], "--read: must be a file"),
        (["--json", "{tmp}"], "--json: must be no folder"),
    ],
)
def test_bad_words_are_refused_before_measuring(
    words, message, tmp_path, capsys
):
    (tmp_path / "half.md").write_text(npi_table.BEGIN)
    with pytest.raises(SystemExit) as stop:
        npi.main([word.format(tmp=tmp_path) for word in words])
    assert stop.value.code == 2
    assert message in capsys.readouterr().err


def test_an_interrupted_run_leaves_its_rounds(tmp_path):
    file, page = tmp_path / "new" / "some.json", tmp_path / "page.md"
    page.write_text(MARKED)
    parser = command_lib.parser("", npi_table.MARKER)
    words = ["--json", str(file), "--write", str(page), "--rounds", "3"]
    options = command_lib.parse(parser, words, npi_table.MARKER)
    settings = command_lib.choose(options, Settings(), None)
    assert settings.rounds == 3
    seen = []

    def work():
        seen.append(len(file.read_text()) if file.is_file() else 0)
        if len(seen) == 3:
            raise KeyboardInterrupt

    case = measure.Case(work, lambda _: {"steps": 1}, lambda: None)
    with pytest.raises(KeyboardInterrupt):
        command_lib.run(
            options,
            npi_table.MARKER,
            lambda: command_lib.results({"load": 0.1}, {"a": case}, settings),
            lambda results, name: "never",
        )
    assert 0 == seen[0] < seen[1] < seen[2]
    results = json.loads(file.read_text())
    assert (results["rounds"], results["load"]) == (2, 0.1)
    assert results["settings"] == {"rounds": 3}
    assert len(results["measured"]["a"]["seconds"]) == 2
    assert [path.name for path in file.parent.iterdir()] == ["some.json"]
    assert page.read_text() == MARKED


# Runs of the training script.


def record(tmp_path, seconds, accuracy):
    """The record of a run, as far as it is read."""
    path = tmp_path / "fast-seed0.json"
    metrics = {
        "train_seconds": 60.0,
        "accuracy_by_length": {"1": 1.0, "3000": accuracy},
    }
    path.write_text(
        json.dumps(
            {
                "commit": "abc",
                "machine": {"cores": 2},
                "wall_seconds": seconds,
                "metrics": metrics,
            }
        )
    )
    return path


@pytest.mark.parametrize(
    ("seconds", "accuracy", "trained", "evaluated"),
    [
        (200.0, 1.0, "| reached |", "| reached |"),
        (301.0, 1.0, "| reached |", "| **missed** |"),
        (200.0, 0.99, "| **missed** |", "| **missed** |"),
    ],
)
def test_training_is_judged_by_time_and_accuracy(
    quick, tmp_path, seconds, accuracy, trained, evaluated
):
    path = record(tmp_path, seconds, accuracy)
    run = npi._training_run(path, path.name)
    table = npi_table.render({**quick[1], "training_runs": [run]})
    rows = [line for line in table.splitlines() if line.startswith("| (f)")]
    assert rows[0].endswith(trained)
    assert rows[1].endswith(evaluated)
    shown = f"| (f) fast-seed0.json | 60 | {seconds:.0f} | {accuracy:.0%} |"
    assert shown in table


def test_training_afresh_reads_the_record_of_its_own_run(monkeypatch):
    commands = []

    def run(command, check, stdout):
        assert check
        commands.append(command)
        folder = command[-1].removeprefix("--workdir=")
        record(pathlib.Path(folder), 123.0, 1.0)

    monkeypatch.setattr(npi.subprocess, "run", run)
    run = npi._train()
    assert (run["wall_seconds"], run["train_seconds"]) == (123.0, 60.0)
    assert pathlib.Path(commands[0][1]).is_file()


@pytest.mark.parametrize(("load", "said"), [(0.1, False), (4.0, True)])
def test_a_busy_machine_is_named(quick, load, said):
    table = npi_table.render({**quick[1], "load": load})
    assert ("The machine was busy" in table) is said


# Counting and comparing.


def test_cases_take_turns():
    order = []
    cases = {
        name: measure.Case(
            lambda name=name: order.append(name) or len(order),
            lambda outcome: {"order": outcome},
            lambda name=name: order.append(name.upper()),
            most,
        )
        for name, most in (("a", None), ("b", 1), ("c", 2))
    }
    rounds = measure.interleaved(cases, 3)
    first = json.loads(json.dumps(next(rounds)))
    assert "".join(order) == "ABCabc"
    assert [len(first[n]["seconds"]) for n in "abc"] == [1, 1, 1]
    *_, measured = rounds
    assert "".join(order) == "ABCabcaca"
    assert [measured[n]["work"]["order"] for n in "abc"] == [9, 5, 8]
    assert [len(measured[n]["seconds"]) for n in "abc"] == [3, 1, 2]
    with pytest.raises(ValueError, match=r"rounds: .* got 0"):
        next(measure.interleaved(cases, 0))


def test_ratios_compare_work_in_the_same_round():
    ours = {"work": {"steps": 10}, "seconds": [1.0, 2.0]}
    theirs = {"work": {"steps": 5}, "seconds": [2.0, 5.0]}
    assert measure.rates(ours, "steps") == [10.0, 5.0]
    assert measure.ratios(ours, theirs, "steps") == [4.0, 5.0]
    assert measure.spread([3.0, 1.0, 2.0, 9.0]) == (2.5, 1.0, 9.0)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.045678, "0.0457"),
        (1.0, "1"),
        (99.96, "100"),
        (12345.6, "12,300"),
        (1234567.0, "1,230,000"),
    ],
)
def test_numbers_have_three_digits(value, text):
    assert pages.number(value) == text


@pytest.mark.parametrize(
    "text",
    [
        npi_table.END + npi_table.BEGIN,
        npi_table.END,
        MARKED + MARKED,
    ],
)
def test_markers_out_of_order_are_refused(text):
    with pytest.raises(ValueError, match="once each"):
        pages.replace(text, "", npi_table.MARKER)


def test_a_wrong_sum_is_not_timed():
    with pytest.raises(RuntimeError, match="'222' is wrong"):
        npi_execution._work([("96", "125")], [("222", 40)])
    work = npi_execution._work([("96", "125"), ("5", "5")], [("221", 40)] * 1)
    assert work == {"core_steps": 40, "digits": 4}


@pytest.mark.parametrize("compiled", [False, True])
def test_step_by_step_does_what_the_interpreter_does(preset_model, compiled):
    program = npi_execution.StepByStep(
        preset_model, addition.ADDITION, compiled
    )
    run = runner.Runner(preset_model, "addition")([("7", "95")])[0]
    assert program(("7", "95")) == (run.output, run.num_steps)
    assert run.output == "102"


def test_weights_of_a_core_step(preset_model):
    shapes = npi_limit.shapes_of(preset_model, "addition")
    # 44 cells, 8 end bits, 20 argument values one-hot; 128 units; key 32,
    # end 1, arguments 20; 6 programs.
    assert shapes.num_weights == (
        (44 + 8 + 20) * 128
        + 128 * 128
        + (128 + 64) * 128
        + 128 * 128
        + (128 + 256) * 1024
        + (256 + 256) * 1024
        + 256 * (32 + 1 + 20)
        + 32 * 6
    )


@pytest.fixture(scope="module")
def small_loop():
    """The product loop of a small model with three layers."""
    model = model_lib.NPI.for_domains(
        addition.ADDITION, hidden_dim=16, num_layers=3, key_dim=4
    )
    shapes = npi_limit.shapes_of(model, "addition")
    return npi_limit.ProductLoop(shapes, batch=3)


def products(loop, num_iterations):
    """What `ProductLoop` computes, in NumPy."""
    weights = [np.asarray(w, np.float64) for w in loop.weights]
    inputs = np.asarray(loop.inputs, np.float64)
    layers = len(loop.shapes.cells) // 2
    hidden = [np.zeros((len(inputs), 16)) for _ in range(layers)]
    fed = np.zeros_like(inputs)
    for _ in range(num_iterations):
        kernels = iter(weights)
        observed, embedding = np.split(inputs + fed, [72], axis=1)
        state = np.maximum(observed @ next(kernels), 0) @ next(kernels)
        both = np.hstack([np.maximum(state, 0), embedding])
        top = np.maximum(both @ next(kernels), 0) @ next(kernels)
        for layer in range(layers):
            gates = top @ next(kernels) + hidden[layer] @ next(kernels)
            top = hidden[layer] = sum(np.split(gates, 4, axis=1))
        heads = [top @ next(kernels) for _ in range(5)]
        results = np.hstack([*heads[1:], heads[0] @ next(kernels)])
        fed = np.pad(results, [(0, 0), (0, inputs.shape[1] - 27)])
    return fed


@pytest.mark.parametrize("num_iterations", [0, 1, 7])
def test_the_product_loop_multiplies(small_loop, num_iterations):
    expected = products(small_loop, num_iterations)
    np.testing.assert_allclose(
        small_loop(num_iterations), expected, rtol=1e-3, atol=1e-8
    )


def test_no_product_of_the_loop_is_without_effect(small_loop):
    before = small_loop(4)
    for kernel in small_loop.weights:
        value = kernel.numpy()
        kernel.assign(value + 0.1)
        change = np.abs(small_loop(4) - before).max()
        assert change > 0.01 * np.abs(before).max()
        kernel.assign(value)


def test_values_of_the_full_loop_stay_alive(preset_model):
    shapes = npi_limit.shapes_of(preset_model, "addition")
    values = npi_limit.ProductLoop(shapes, batch=2)(2000)
    assert np.isfinite(values).all()
    # Far from denormal numbers, which are slow.
    assert 1e-6 < np.abs(values[:, :27]).max() < 1e3


def test_arithmetic_of_training_is_counted_with_and_without_padding():
    frames = npi_training.teach(1)
    lshift = frames.take(np.flatnonzero(frames.program == 3)[:5])
    model = types.SimpleNamespace()
    with pytest.raises(RuntimeError, match="finite"):
        npi_training._work(model, [lshift], [1.0, np.nan])
    model = model_lib.NPI.for_domains(addition.ADDITION)
    batches = [lshift, frames.rows(np.arange(2))]
    work = npi_training._work(model, batches, [1.0])
    weights = npi_limit.shapes_of(model, "addition").num_weights
    decisions = 5 * 4 + int(frames.num_steps[:2].sum())
    assert (work["frames"], work["decisions"]) == (7, decisions)
    assert work["flop"] == 6 * weights * decisions
    padded = 5 * 4 + 2 * frames.ends.shape[1]
    assert work["flop_with_padding"] == 6 * weights * padded

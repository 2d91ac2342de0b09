"""MAX on the committed core: nothing that was there changes."""

import json

import numpy as np
import pytest

import npi_tf
from npi_tf import sorting
from reproduce import npi_max_learning
from reproduce import npi_multitask_configs
from reproduce import npi_multitask_table
from reproduce import run_record
from reproduce import tables
from tests.npi_tf import unchanged
from tests.reproduce import script

PROBLEMS = [(2, 9, 5), (0, 0), (1, 2, 3, 4, 5, 6), (9, 8, 7, 9)]


@pytest.fixture(scope="module")
def known():
    """The committed model, which knows MAX."""
    return npi_tf.NPI.from_preset("multitask")


@pytest.fixture(scope="module")
def base(known):
    return known.first_blocks()


def test_the_committed_model_is_the_old_one_with_new_rows(base, known):
    assert known.programs[len(base.programs) :] == ("MAX", "RJMP")
    assert unchanged.same_bits(base, known)
    assert npi_max_learning.old_weights_unchanged(base, known)


def test_the_committed_model_is_that_of_its_record(base, known):
    """The digest was taken before MAX was learnt."""
    path = run_record.RESULTS / "npi_multitask" / "fast-seed0.json"
    unchanged_then = json.loads(path.read_text())["metrics"]["unchanged"]
    assert unchanged_then["weights"] and unchanged_then["outputs"]
    before = unchanged_then["sha256_before"]
    assert npi_max_learning.weights_sha256(base) == before
    assert npi_max_learning.weights_sha256(known) == before
    assert npi_max_learning.weights_sha256(known, 2) != before


def test_a_changed_weight_is_noticed(base, known):
    again = known.first_blocks(2)
    bias = again.core.end.bias
    bias.assign(np.nextafter(np.array(bias), np.float32(9)))
    assert not npi_max_learning.old_weights_unchanged(base, again)
    assert not unchanged.same_bits(base, again)


@pytest.mark.parametrize("domain", ["addition", "sorting"])
def test_old_tasks_give_identical_runs(base, known, domain):
    problems = [("96", "125"), ("5", "99999")]
    problems = problems if domain == "addition" else PROBLEMS
    runs = [m.run(domain, problems, trace=True) for m in (base, known)]
    num_old = len(base.programs)
    for one, two in zip(*runs):
        assert (one.output, one.status) == (two.output, two.status)
        assert one.num_steps == two.num_steps
        steps = [
            [step for _, call in run.trace.walk() for step in call.steps]
            for run in (one, two)
        ]
        for a, b in zip(*steps, strict=True):
            assert a.probs["end"] == b.probs["end"]
            assert a.probs["arguments"] == b.probs["arguments"]
            assert a.probs["program"] == b.probs["program"][:num_old]
            assert b.probs["program"][num_old:] == [0.0, 0.0]


def test_old_poses_of_cars_stay_the_same(base, known):
    starts = [("car-000", -75, 60), ("car-001", 15, 30)]
    one, two = (m.run("canonicalization", starts) for m in (base, known))
    assert one == two
    assert [run.output for run in one] == [(0, 15), (0, 15)]


def test_a_core_that_cannot_sort_is_refused(tmp_path):
    flags = ("--smoke", "--preset=addition", f"--workdir={tmp_path}")
    process = script.start(*flags, script="npi_max")
    said, _ = process.communicate(timeout=200)
    assert process.returncode == 1
    assert "preset addition: domain: must be one of addition, got" in said
    assert "Traceback" not in said


def test_it_finds_maxima(known):
    runs = known.run(sorting.MAXIMUM, PROBLEMS, trace=True)
    assert [run.output for run in runs] == [max(p) for p in PROBLEMS]
    text = npi_tf.format_trace(sorting.MAXIMUM, runs[0].trace)
    lines = [line for line in text.splitlines() if line[:3].strip()]
    assert lines == ["MAX", "  BUBBLESORT", "  RJMP"]


def test_an_unknown_remedy_is_refused(base):
    config = npi_multitask_configs.NewPrograms()
    with pytest.raises(ValueError, match="remedy: must be one of"):
        npi_max_learning.add_max(base, config, 0, "hope")


@pytest.mark.parametrize("remedy", npi_max_learning.REMEDIES)
def test_the_script_runs(tmp_path, remedy):
    script.run(
        "--smoke",
        f"--remedy={remedy}",
        f"--workdir={tmp_path}",
        "--notry_cars",
        script="npi_max",
    )
    record = json.loads(
        next(tmp_path.glob(f"{remedy}-smoke-seed0.json")).read_text()
    )
    metrics = record["metrics"]
    assert metrics["same_weights"]
    assert metrics["new_numbers"] == 2 * (256 + 32)
    protected = remedy == npi_max_learning.PROTECT
    assert (metrics["max_learning"]["right_old"] is None) == protected
    if protected:  # Else a few steps may not keep what was known.
        assert all(metrics["same_outputs"].values())


def test_the_table_shows_medians_and_ranges(monkeypatch):
    records = [
        {
            "metrics": {
                "single": {"addition": 1.0},
                "multi": {"addition": value},
                "multi_max": {"addition": value, "maximum": 1.0},
            }
        }
        for value in (0.97, 0.99, 0.98)
    ]
    found = {"fast": records, "paper": records[:1]}
    monkeypatch.setattr(tables, "records", lambda _, recipe: found[recipe])
    lines = npi_multitask_table.table().splitlines()
    (addition,) = [line for line in lines if "addition, 10 digits" in line]
    assert addition.endswith(
        "| 100 % | 98 % (97 % to 99 %) | 98 % (97 % to 99 %) | 97 % | 97 % |"
    )
    assert "100.0 % / 97.0 % / 97.0 %" in addition

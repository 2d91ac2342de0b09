"""What a page of the player holds."""

import copy
import dataclasses
import json
import re

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from npi_tf import player
from npi_tf import runner
from npi_tf import trace
from tests.npi_tf import player_pages

ADDITION = player_pages.ADDITION
PROBLEM = player_pages.PROBLEM


def test_core_steps_come_in_the_order_of_the_textbook_run():
    call = player_pages.textbook(PROBLEM)
    seen = [step for _, step in player.core_steps(call)]
    told = player_pages.moments(PROBLEM, call)
    assert [id(step) for step in seen] == [id(m.step) for m in told[1:]]
    assert len(seen) == 50


def apply(value, change):
    """`value` after one change: the meaning of `snapshot_changes`."""
    *path, new = change
    if not path:
        return new
    key, *rest = path
    part = apply(value[key], [*rest, new])
    if isinstance(value, str):
        return value[:key] + part + value[key + 1 :]
    value = copy.copy(value)
    value[key] = part
    return value


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.text("ab ", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3)
    ),
    max_leaves=8,
)


@hypothesis.given(json_values, json_values)
def test_snapshot_changes_lead_from_one_to_the_other(before, after):
    value = before
    for change in player.snapshot_changes(before, after):
        value = apply(value, change)
    assert json.dumps(value, sort_keys=True) == json.dumps(
        after, sort_keys=True
    )


def test_one_written_cell_is_one_short_change():
    pad = ADDITION.make_environment("9" * 50, "1")
    before = ADDITION.snapshot(pad)
    pad.act((4, 1, 3))
    changes = player.snapshot_changes(before, ADDITION.snapshot(pad))
    assert changes == [["cells", 3, 50, "0"]]
    assert player.snapshot_changes(before, before) == []


def test_record_of_a_textbook_run():
    call = player_pages.textbook(PROBLEM)
    record = player.run_record(ADDITION, PROBLEM, call, ADDITION.program_names)
    assert record["result"] == "221"
    assert record["snapshot"]["cells"][0] == "  96"
    assert set(record["steps"]["probs"]) == {None}
    assert record["calls"]["label"] == [
        trace.describe(ADDITION, node) for _, node in call.walk()
    ]


def test_record_of_a_run_where_act_acts_at_once(preset_model):
    run = runner.Runner(preset_model, "addition", act_step=False)
    call = run([PROBLEM], trace=True)[0].trace
    record = player.run_record(ADDITION, PROBLEM, call, preset_model.programs)
    assert record["result"] == "221"
    assert len(record["steps"]["call"]) == 29


@pytest.mark.parametrize("budget", range(1, 9))
def test_record_of_a_run_cut_short(run_network, preset_model, budget):
    run = run_network(PROBLEM, step_budget=budget)
    record = player.run_record(
        ADDITION, PROBLEM, run.trace, preset_model.programs, status=run.status
    )
    assert record["status"] == "step_budget_exhausted"
    assert record["result"] is None
    assert len(record["steps"]["call"]) == budget
    written = any("cells" in c for cs in record["steps"]["changes"] for c in cs)
    # The third step is the ACT that writes the first digit.
    assert written == (budget >= 3)


def test_an_impossible_action_ends_a_run_but_is_shown():
    act = trace.Call("ACT", (0, 0, 0))
    environment = ADDITION.make_environment("1", "2")
    seen = environment.observe()
    root = trace.Call("ADD1", steps=[trace.CallStep(seen, True, act)])
    act.steps.append(trace.CallStep(seen, True))
    names = ADDITION.program_names
    record = player.run_record(
        ADDITION, ("1", "2"), root, names, status="invalid_action"
    )
    assert record["steps"]["changes"] == [[], []]
    with pytest.raises(ValueError, match="arguments: must name a row"):
        player.run_record(ADDITION, ("1", "2"), root, names)


def test_values_that_only_other_domains_have_are_numbered():
    call = player_pages.textbook(("1", "2"))
    for _, step in player.core_steps(call):
        heads = [[0.0] * 5, [0.0] * 11, [0.0] * 6]
        step.probs = {"end": 0.5, "program": [0.0] * 6, "arguments": heads}
    record = player.run_record(
        ADDITION, ("1", "2"), call, ADDITION.program_names
    )
    names = [slot["values"] for slot in record["arguments"]]
    assert names[2] == ["-", "LEFT", "RIGHT", "WRITE", "#4", "#5"]
    assert names[0] == list(ADDITION.arguments[0].values)


def test_the_run_of_another_problem_is_refused():
    with pytest.raises(ValueError, match="call: must be a run of the problem"):
        player.render_html(
            ADDITION,
            ("96", "126"),
            player_pages.textbook(PROBLEM),
            ADDITION.program_names,
        )


def test_a_missing_program_name_is_refused():
    with pytest.raises(ValueError, match=r"program_names: .* 'CARRY'"):
        player.render_html(
            ADDITION,
            PROBLEM,
            player_pages.textbook(PROBLEM),
            ("ADD", "ADD1", "ACT"),
        )


def test_no_other_place_is_named_in_the_page(network_page):
    page = network_page[0].read_text(encoding="utf-8")
    elsewhere = r"https?:|[\"'(=]\s*//\w|url\(|@import|\bsrc=|fetch\("
    assert re.findall(elsewhere, page) == []
    assert "default-src 'none'" in page


def test_a_run_of_100_digits_stays_small(run_network, preset_model, tmp_path):
    rng = np.random.default_rng(0)
    problem = tuple(
        "".join(map(str, rng.integers(10, size=100))) for _ in range(2)
    )
    run = run_network(problem)
    page = player.render_html(
        ADDITION, problem, run.trace, preset_model.programs
    )
    assert run.num_steps > 1400
    assert len(page.encode()) < 300_000


def test_a_domain_without_pictures_is_not_shown(tmp_path):
    blind = dataclasses.replace(ADDITION, snapshot=None)
    with pytest.raises(ValueError, match="domain: must have snapshot to be"):
        player_pages.write_textbook(
            tmp_path / "run.html", PROBLEM, domain=blind
        )
    assert not (tmp_path / "run.html").exists()

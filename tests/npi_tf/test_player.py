"""The player's page: what it holds, and what a browser shows of it."""

import copy
import dataclasses
import json
import re

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

import npi_tf
from npi_tf import canonicalization
from npi_tf import player
from npi_tf import runner
from npi_tf import sorting
from npi_tf import teacher
from npi_tf import trace
from npi_tf.canonicalization import environment as cars
from tests import chromium

ADDITION = npi_tf.ADDITION
PROBLEM = ("96", "125")


def textbook(problem, program=None):
    environment = ADDITION.make_environment(*problem)
    return teacher.run(ADDITION, environment, program)


def embedded(page):
    """The run as the page holds it."""
    found = re.search(
        r'<script type="application/json" id="run">(.*?)</script>', page, re.S
    )
    return json.loads(found[1])


def write_textbook(path, problem, title=None, domain=ADDITION):
    call = textbook(problem)
    player.write_html(
        path, domain, problem, call, domain.program_names, title=title
    )
    return call


@dataclasses.dataclass
class Moment:
    """What must be on the screen after one step."""

    label: str
    pad: dict
    step: trace.CallStep | None = None


def moments(problem, call):
    """An account of a run apart from the player's: recursion, not a stack."""
    environment = ADDITION.make_environment(*problem)
    told = [Moment("", ADDITION.snapshot(environment))]

    def tell(node):
        for step in node.steps:
            if node.program == "ACT":
                environment.act(node.arguments)
            pad = ADDITION.snapshot(environment)
            told.append(Moment(trace.describe(ADDITION, node), pad, step))
            if step.child:
                tell(step.child)

    tell(call)
    return told


@pytest.fixture(scope="module")
def run_network(preset_model):
    run = runner.Runner(preset_model, "addition")

    def one(problem, **kwargs):
        return run([problem], trace=True, **kwargs)[0]

    return one


@pytest.fixture(scope="module")
def network_page(run_network, preset_model, tmp_path_factory):
    """The page of 96 + 125, and the run that it shows."""
    path = tmp_path_factory.mktemp("player") / "run.html"
    run = run_network(PROBLEM)
    player.write_html(
        path,
        ADDITION,
        PROBLEM,
        run.trace,
        preset_model.programs,
        status=run.status,
    )
    return path, run


# What the page holds.


def test_core_steps_come_in_the_order_of_the_textbook_run():
    call = textbook(PROBLEM)
    seen = [step for _, step in player.core_steps(call)]
    told = moments(PROBLEM, call)
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
    call = textbook(PROBLEM)
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
    call = textbook(("1", "2"))
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
            ADDITION, ("96", "126"), textbook(PROBLEM), ADDITION.program_names
        )


def test_a_missing_program_name_is_refused():
    with pytest.raises(ValueError, match=r"program_names: .* 'CARRY'"):
        player.render_html(
            ADDITION, PROBLEM, textbook(PROBLEM), ("ADD", "ADD1", "ACT")
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


# What a browser shows.


def shown_pad(document):
    """Cells and pointers as `ADDITION.snapshot` words them."""
    cells = document.find("span", class_="cell")
    rows = [[], [], [], []]
    pointers = [[], [], [], []]
    for cell in cells:
        row = int(cell.attributes["data-row"])
        if "pointer" in cell.attributes["class"].split():
            pointers[row].append(len(rows[row]))
        rows[row].append(cell.text or " ")
    return ["".join(row) for row in rows], [p for (p,) in pointers]


def shown_percents(document, head):
    box = document.one("div", class_="head", data_head=head)
    items = document.find("li", inside=box)
    values = document.find("span", inside=box, class_="value")
    return {
        item.attributes["data-value"]: float(value.text.removesuffix(" %"))
        for item, value in zip(items, values, strict=True)
    }


def assert_percents(shown, names, probs):
    assert list(shown) == list(names)
    np.testing.assert_allclose(
        list(shown.values()), 100 * np.array(probs), atol=0.00501
    )


def assert_no_error(document):
    error = document.one("div", id="error")
    assert error.text == ""
    assert "hidden" in error.attributes


@chromium.needs_chromium
@pytest.mark.parametrize("index", [1, 3, 8, 17, 41, 50])
def test_a_step_of_a_network_on_screen(network_page, index):
    path, run = network_page
    document = chromium.show(path, f"step={index}")
    assert_no_error(document)
    told = moments(PROBLEM, run.trace)[index]
    assert document.one("output").text.split() == [str(index), "/", "50"]
    current = document.one("div", data_state="current")
    assert document.one("span", inside=current, class_="label").text == (
        told.label
    )
    cells, pointers = shown_pad(document)
    assert cells == told.pad["cells"]
    assert pointers == told.pad["pointers"]
    probs = told.step.probs
    assert_percents(shown_percents(document, "end"), ["return"], [probs["end"]])
    assert_percents(
        shown_percents(document, "program"),
        ADDITION.program_names,
        probs["program"],
    )
    for spec, head in zip(ADDITION.arguments, probs["arguments"]):
        assert_percents(shown_percents(document, spec.name), spec.values, head)
    seen = document.find("li", inside=document.one("ul", id="seen"))
    values = [item.text.split()[1].replace("blank", "10") for item in seen]
    assert list(map(int, values)) == told.step.observation.tolist()


@chromium.needs_chromium
def test_chosen_values_and_marks_of_a_call(network_page):
    path, _ = network_page
    document = chromium.show(path, "step=24")
    chosen = {
        item.parent.parent.attributes["data-head"]: item.attributes[
            "data-value"
        ]
        for item in document.find("li", class_="chosen")
    }
    # CARRY calls PTR CARRY LEFT and does not return yet.
    assert chosen == {
        "program": "ACT",
        "row": "CARRY",
        "digit": "-",
        "action": "LEFT",
    }
    states = {
        int(row.attributes["data-call"]): row.attributes["data-state"]
        for row in document.find("div", class_="call")
    }
    assert [states[n] for n in (12, 13, 14, 15, 16)] == [
        "open",
        "done",
        "current",
        "called",
        "future",
    ]
    names = document.find("li", inside=document.one("ol", id="path"))
    assert [name.text for name in names] == ["ADD", "ADD1", "CARRY"]


@chromium.needs_chromium
def test_before_the_first_step(network_page):
    document = chromium.show(network_page[0])
    assert_no_error(document)
    assert document.find("div", data_state="current") == []
    cells, pointers = shown_pad(document)
    assert cells == ["  96", " 125", "    ", "    "]
    assert pointers == [3, 3, 3, 3]
    assert "hidden" in document.one("div", id="heads").attributes
    facts = {
        key: document.one("dd", id=key).text
        for key in ("problem", "result", "status", "steps", "decided-by")
    }
    assert facts == {
        "problem": "96  125",
        "result": "221",
        "status": "ok",
        "steps": "50",
        "decided-by": "the network",
    }


@chromium.needs_chromium
def test_a_textbook_run_says_that_it_has_no_probabilities(tmp_path):
    path = tmp_path / "run.html"
    write_textbook(path, PROBLEM)
    document = chromium.show(path, "step=5")
    assert_no_error(document)
    assert "textbook program" in document.one("p", id="note").text
    assert "hidden" in document.one("div", id="heads").attributes


WALK = """
<script>
const state = () => ({
  step: Number(document.getElementById("slider").value),
  current: document.querySelector("#path li:last-child")?.textContent ?? "",
  cells: [0, 1, 2, 3].map((row) =>
    [...document.querySelectorAll(`.cell[data-row="${row}"]`)]
      .map((cell) => cell.textContent || " ").join("")),
  pointers: [...document.querySelectorAll(".cell.pointer")]
    .map((cell) => Number(cell.dataset.column)),
});
const log = [];
const press = (key) => {
  const event = new KeyboardEvent("keydown", { key, bubbles: true });
  document.body.dispatchEvent(event);
  log.push(state());
};
log.push(state());
KEYS.forEach(press);
const out = document.body.appendChild(document.createElement("pre"));
out.id = "log";
out.textContent = JSON.stringify(log);
</script></body>"""


def walk(path, keys, **kwargs):
    """Presses keys one by one; the states of the page before and after."""
    script = WALK.replace("KEYS", json.dumps(keys))
    page = path.read_text(encoding="utf-8").replace("</body>", script)
    target = path.with_name("walk.html")
    target.write_text(page, encoding="utf-8")
    document = chromium.show(target, **kwargs)
    assert_no_error(document)
    return document, json.loads(document.one("pre", id="log").text)


@chromium.needs_chromium
def test_every_step_forward_and_back_is_as_the_run_was(tmp_path):
    problem = ("99905", "4095")
    path = tmp_path / "run.html"
    told = moments(problem, write_textbook(path, problem))
    n = len(told) - 1
    # Once more at each end: there the walk stands still.
    keys = ["ArrowRight"] * (n + 1) + ["ArrowLeft"] * (n + 1)
    order = [*range(n + 1), n, *range(n - 1, -1, -1), 0]
    expected = [
        {
            "step": index,
            "current": told[index].label,
            "cells": told[index].pad["cells"],
            "pointers": told[index].pad["pointers"],
        }
        for index in order
    ]
    assert walk(path, keys)[1] == expected


@chromium.needs_chromium
def test_keys_jump_and_play_to_the_end(network_page):
    path, run = network_page
    keys = ["End", "Home", "ArrowRight", "ArrowLeft", "x", " "]
    # 50 steps at 4 a second.
    document, log = walk(path, keys, budget_ms=14_000)
    assert [state["step"] for state in log] == [0, 50, 0, 1, 0, 0, 0]
    last = moments(PROBLEM, run.trace)[-1]
    assert shown_pad(document)[0] == last.pad["cells"]
    assert document.one("button", id="play").attributes["aria-label"] == "Play"


SORTING = sorting.SORTING


def write_sorting(path, array):
    """The page of a textbook run; returns its call tree."""
    environment = SORTING.make_environment(*array)
    call = teacher.run(SORTING, environment)
    player.write_html(path, SORTING, array, call, SORTING.program_names)
    return call


def shown_marks(document):
    """Columns of pointers 1, 2 and 3."""
    columns = {}
    for cell in document.find("span", class_="cell"):
        for number in cell.attributes.get("data-pointers", "").split():
            columns[int(number)] = int(cell.attributes["data-column"])
    marks = document.find("span", class_="marks")
    numbers = [
        mark.text for box in marks for mark in document.find("i", inside=box)
    ]
    assert sorted(numbers) == ["1", "2", "3"]
    return [columns[number] for number in range(3)]


@chromium.needs_chromium
@pytest.mark.parametrize(
    ("index", "cells", "pointers"),
    # Figure 8: PTR 2 RIGHT is done, later SWAP 1 2 and RSHIFT.
    [(0, "925", [0, 0, 0]), (3, "925", [0, 1, 0]), (12, "295", [1, 2, 0])],
)
def test_three_pointers_on_one_row(tmp_path, index, cells, pointers):
    path = tmp_path / "run.html"
    write_sorting(path, (9, 2, 5))
    document = chromium.show(path, f"step={index}")
    assert_no_error(document)
    shown = [cell.text for cell in document.find("span", class_="cell")]
    assert "".join(shown) == cells
    assert shown_marks(document) == pointers
    assert document.one("dd", id="result").text == "2 5 9"


def test_an_action_that_does_nothing_has_a_name(tmp_path):
    path = tmp_path / "run.html"
    write_sorting(path, (1, 2))
    record = embedded(path.read_text(encoding="utf-8"))
    assert "nothing" in record["calls"]["label"]
    assert "" not in record["calls"]["label"]


def paint(car, azimuth, elevation):
    """A picture of its own for each pose, without a renderer."""
    image = np.full(cars.IMAGE_SHAPE, 255, np.uint8)
    image[azimuth + 60 : azimuth + 70, elevation : elevation + 30] = 90
    return image


@pytest.fixture(scope="module")
def car_page(tmp_path_factory):
    """A textbook run from (30, 15) to (0, 15), and one step too far."""
    domain = dataclasses.replace(
        canonicalization.CANONICALIZATION,
        make_environment=lambda *problem: cars.CarEnvironment(*problem, paint),
    )
    problem = ("car-000", 30, 15)
    environment = domain.make_environment(*problem)
    call = teacher.run(domain, environment)
    path = tmp_path_factory.mktemp("pages") / "car.html"
    player.write_html(path, domain, problem, call, domain.program_names)
    return path


def test_a_picture_is_in_the_page_once(car_page):
    page = car_page.read_text(encoding="utf-8")
    record = embedded(page)
    # At azimuth 30, 15 and 0.
    assert len(record["images"]) == len(set(record["images"])) == 3
    assert page.count("data:image/png;base64,") == 3
    assert record["snapshot"]["image"] == 0
    assert {tuple(seen) for seen in record["steps"]["seen"]} == {(0, 1)}
    assert len(page) < 100_000


@chromium.needs_chromium
@pytest.mark.parametrize(("index", "azimuth"), [(0, 30), (4, 15), (9, 0)])
def test_the_picture_of_a_step(car_page, index, azimuth):
    document = chromium.show(car_page, f"step={index}")
    assert_no_error(document)
    images = embedded(car_page.read_text(encoding="utf-8"))["images"]
    picture = document.one("img").attributes
    assert picture["src"] == images[2 - azimuth // 15]
    assert f"azimuth {azimuth}, elevation 15" in picture["alt"]
    assert document.one("td", id="azimuth").text == f"{azimuth}\u00b0"


def test_the_run_of_another_picture_is_refused():
    domain = dataclasses.replace(
        canonicalization.CANONICALIZATION,
        make_environment=lambda *problem: cars.CarEnvironment(*problem, paint),
    )
    call = teacher.run(domain, domain.make_environment("car-000", 30, 15))
    with pytest.raises(ValueError, match=r"before step 1, got \[0, 1\] and an"):
        player.run_record(
            domain, ("car-000", 45, 15), call, domain.program_names
        )


VIEW = """
<script>
const log = [];
const within = (inner, outer) => {
  const a = inner.getBoundingClientRect(), b = outer.getBoundingClientRect();
  return a.left >= b.left && a.right <= b.right &&
    a.top >= b.top && a.bottom <= b.bottom;
};
const slider = document.getElementById("slider");
for (let step = 0; step <= Number(slider.max); step += 7) {
  slider.value = step;
  slider.dispatchEvent(new Event("input"));
  const pad = document.querySelector(".pad-scroll");
  const names = document.querySelector(".pad th").getBoundingClientRect();
  const rows = document.querySelectorAll(".call");
  const place = document.querySelector('.call[data-state="called"]') ??
    document.querySelector('.call[data-state="current"]') ?? rows[0];
  log.push([
    [...document.querySelectorAll(".pointer")].every((cell) =>
      within(cell, pad) &&
      cell.getBoundingClientRect().left >= names.right),
    within(place, document.getElementById("tree")),
    rows.length < 80,
  ]);
}
const out = document.body.appendChild(document.createElement("pre"));
out.id = "log";
out.textContent = JSON.stringify(log);
</script></body>"""


@chromium.needs_chromium
@pytest.mark.parametrize("size", [(1280, 800), (600, 900)])
def test_a_wide_pad_and_a_long_tree_stay_in_view(tmp_path, size):
    path = tmp_path / "run.html"
    write_textbook(path, ("9" * 60, "1" * 58))
    page = path.read_text(encoding="utf-8").replace("</body>", VIEW)
    path.write_text(page, encoding="utf-8")
    document = chromium.show(path, size=size)
    assert_no_error(document)
    log = json.loads(document.one("pre", id="log").text)
    assert len(log) > 100
    assert [(n, seen) for n, seen in enumerate(log) if not all(seen)] == []


@chromium.needs_chromium
def test_a_title_cannot_break_out_of_its_place(tmp_path):
    title = '</script><script>document.title="broken"</script>{{run}} & "x"'
    path = tmp_path / "run.html"
    write_textbook(path, PROBLEM, title=title)
    document = chromium.show(path, "step=2")
    assert_no_error(document)
    assert document.one("h1").text == title
    assert document.one("title").text == "addition 96 125"
    assert embedded(path.read_text(encoding="utf-8"))["title"] == title


@chromium.needs_chromium
def test_an_unknown_kind_of_snapshot_is_said(tmp_path):
    domain = dataclasses.replace(
        ADDITION, snapshot=lambda environment: {"kind": "image"}
    )
    path = tmp_path / "run.html"
    write_textbook(path, PROBLEM, domain=domain)
    document = chromium.show(path, "step=2")
    assert_no_error(document)
    assert 'No drawing is known for "image"' in document.one(id="scene").text


@chromium.needs_chromium
def test_a_failure_of_the_page_is_shown(tmp_path):
    path = tmp_path / "run.html"
    write_textbook(path, PROBLEM)
    page = path.read_text(encoding="utf-8")
    path.write_text(page.replace('"calls":', '"other":'), encoding="utf-8")
    error = chromium.show(path).one("div", id="error")
    assert "This page failed" in error.text
    assert "hidden" not in error.attributes


def test_a_domain_without_pictures_is_not_shown(tmp_path):
    blind = dataclasses.replace(ADDITION, snapshot=None)
    with pytest.raises(ValueError, match="domain: must have snapshot to be"):
        write_textbook(tmp_path / "run.html", PROBLEM, domain=blind)
    assert not (tmp_path / "run.html").exists()

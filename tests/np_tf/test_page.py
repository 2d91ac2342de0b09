"""The page of an answer: what it holds, and what a browser shows of it."""

import json
import re

import numpy as np
import pytest

from np_tf import page
from tests import chromium
from tests.np_tf import scripted

QUESTION = "greater 50.32 unit price and lesser 20.21 weight sum cost"
NASTY = '</script><script>document.title="broken"</script>'


def table(num_rows=30, num_columns=4, seed=0):
    """Numbers with two decimals under names of one or two words."""
    rng = np.random.default_rng(seed)
    names = ["unit price", "weight", "cost"]
    names += [f"column {n}" for n in range(num_columns - 3)]
    cells = np.round(rng.uniform(-100, 100, (num_columns, num_rows)), 2)
    return dict(zip(names, cells.tolist()))


def ask(question, cells, **kwargs):
    return scripted.ScriptedModel("ABCDEFGHIJ", **kwargs).ask(question, cells)


@pytest.fixture(scope="module")
def answer():
    return ask(QUESTION, table())


@pytest.fixture(scope="module")
def path(answer, tmp_path_factory):
    """The page of `answer`."""
    file = tmp_path_factory.mktemp("page") / "answer.html"
    page.write_html(file, answer)
    return file


def embedded(text):
    """The answer as the page holds it."""
    found = re.search(
        r'<script type="application/json" id="answer">(.*?)</script>',
        text,
        re.S,
    )
    return json.loads(found[1])


# What the page holds.


def test_the_record_holds_the_answer(answer):
    record = page.answer_record(answer)
    assert record["pieces"][:3] == [
        ["word", "greater"],
        ["number", "50.32"],
        ["column", "unit price"],
    ]
    assert record["program"] == answer.program
    assert record["answer"] == answer.answer_text()
    assert record["columns"] == list(table().values())
    assert record["pivots"] == ["50.32", "20.21"]
    assert record["pivotProbs"] == [[10000, 0], [0, 10000]]
    assert [sum(probs) for probs in record["operationProbs"]] == (
        [pytest.approx(10000, abs=5)] * 4
    )
    for step, told in zip(answer.steps, record["steps"]):
        assert told["rows"] == "".join(str(int(bit)) for bit in step.mask)
    assert record["steps"][3]["reads"] == record["steps"][2]["rows"]
    assert [step["reads"] for step in record["steps"][:3]] == [None] * 3


def test_the_record_survives_json(answer):
    record = page.answer_record(answer)
    assert embedded(page.render_html(answer)) == record


CELLS = {"name": ["red", "blue", "red"], "cost": [1, 2, 4]}


@pytest.mark.parametrize(
    ("question", "sentences"),
    [
        (
            "greater 1 cost and lesser 4 cost sum cost",
            [
                "Selects where cost is greater than 1: 2 rows of 3.",
                "Selects where cost is lesser than 4: 2 rows of 3.",
                "Selects what both of the two steps before did: 1 row of 3.",
                "Adds up cost in the 1 row selected before: 2.",
            ],
        ),
        (
            "red name or greater 3 cost print cost",
            [
                "Selects where name is red: 2 rows of 3.",
                "Selects where cost is greater than 3: 1 row of 3.",
                "Selects what either of the two steps before did: 2 rows of 3.",
                "Takes cost from the 2 rows selected before.",
            ],
        ),
        (
            "sum cost diff count",
            [
                "Adds up cost in the 3 rows selected before: 7.",
                "Selects all 3 rows.",
                "Counts what was selected before: 3.",
                "Takes the scalar of the step before from that of three steps "
                "before: 7 - 3 = 4.",
            ],
        ),
    ],
)
def test_every_step_is_told_in_words(question, sentences):
    record = page.answer_record(ask(question, CELLS, entries=10))
    assert [step["says"] for step in record["steps"]] == sentences


def test_nothing_is_fetched(answer):
    text = page.render_html(answer)
    assert "default-src 'none'" in text
    assert not re.search(r"https?://|//cdn|@import|url\(", text)


# What a browser shows.


def assert_no_error(document):
    assert "hidden" in document.one("div", id="error").attributes
    assert document.one("div", id="error").text == ""


def marked(document, state):
    """Labels of the rows that are marked so."""
    rows = document.find("tr", class_=state, inside=document.one(id="rows"))
    return [document.find("th", inside=row)[0].text for row in rows]


@chromium.needs_chromium
@pytest.mark.parametrize("index", range(5))
def test_every_step_is_shown(path, answer, index):
    document = chromium.show(path, f"step={index}")
    assert_no_error(document)
    assert document.one("h1").text == QUESTION
    assert document.one(id="answer-fact").text == answer.answer_text()
    assert document.one(id="program-fact").text == answer.program
    assert document.one(id="counter").text == f"{index} / 4"
    steps = document.find("button", inside=document.one(id="steps"))
    current = [step for step in steps if "aria-current" in step.attributes]
    if not index:
        assert current == []
        assert len(marked(document, "selected")) == 30
        return
    step = answer.steps[index - 1]
    assert marked(document, "selected") == list(map(str, step.rows))
    assert [step_.text for step_ in current] == [
        f"{index}{step.text}{answer.outcome_text(index)}"
    ]
    heads = document.find("th", class_="used", inside=document.one(id="names"))
    used = [] if step.call.column is None else [list(table())[step.call.column]]
    assert [head.text for head in heads] == used
    read = answer.steps[2].rows if index == 4 else ()
    assert marked(document, "read") == list(map(str, read))


@chromium.needs_chromium
def test_the_heat_map_shows_every_probability(path, answer):
    document = chromium.show(path, "step=1")
    groups = document.find("tbody", inside=document.one(id="probs"))
    assert [g.attributes["data-group"] for g in groups] == [
        "operation",
        "column",
    ]
    for group, name in zip(groups, ("operation_probs", "column_probs")):
        shown = [float(c.text) for c in document.find("td", inside=group)]
        probs = np.stack([getattr(step, name) for step in answer.steps], 1)
        assert shown == pytest.approx(100 * probs.ravel(), abs=0.06)
        chosen = document.find("td", inside=group, class_="chosen")
        assert {cell.text for cell in chosen} == {"90.0"}
    # Operations of four steps, columns of the three that have one.
    assert len(document.find("td", class_="chosen")) == 4 + 3 + 2
    assert len(document.find("td", class_="unused")) == 4
    pivots = document.one(id="pivots")
    heads = document.find("th", inside=pivots)
    assert [head.text for head in heads] == [
        "number",
        "greater 50.32",
        "lesser 20.21",
        "50.32",
        "20.21",
    ]
    cells = [cell.text for cell in document.find("td", inside=pivots)]
    assert cells == ["100.0", "0.0", "0.0", "100.0"]


WALK = """
<script>
const log = [];
const at = () => log.push(document.getElementById("counter").textContent);
const press = (key) => document.body.dispatchEvent(
  new KeyboardEvent("keydown", { key, bubbles: true }));
const click = (id) => document.getElementById(id).click();
at();
for (const key of ["Home", "ArrowRight", "ArrowRight", "ArrowLeft", "End",
                   "ArrowRight"]) { press(key); at(); }
for (const id of ["first", "forward", "back", "back", "last"]) {
  click(id); at();
}
document.querySelectorAll("#steps button")[1].click(); at();
const slider = document.getElementById("slider");
slider.value = 3;
slider.dispatchEvent(new Event("input")); at();
click("play");
log.push(document.getElementById("play").getAttribute("aria-label"));
const out = document.body.appendChild(document.createElement("pre"));
setTimeout(() => {
  at();
  log.push(document.getElementById("play").getAttribute("aria-label"));
  press("Home"); press(" ");
  setTimeout(() => {
    at();
    out.id = "log";
    out.textContent = JSON.stringify(log);
  }, 3200);
}, 4000);
</script></body>"""


def show_with(script, path, folder, **kwargs):
    """The page after a script that leaves a log; the log."""
    changed = folder / "changed.html"
    text = path.read_text(encoding="utf-8").replace("</body>", script)
    changed.write_text(text, encoding="utf-8")
    document = chromium.show(changed, **kwargs)
    assert_no_error(document)
    return json.loads(document.one("pre", id="log").text)


@chromium.needs_chromium
def test_the_controls_walk_through_the_steps(path, tmp_path):
    log = show_with(WALK, path, tmp_path, budget_ms=9000)
    places = [4, 0, 1, 2, 1, 4, 4, 0, 1, 0, 0, 4, 2, 3]
    assert log[:14] == [f"{place} / 4" for place in places]
    # Played from step 3 to the end; then from the start, two steps.
    assert log[14:] == ["Pause", "4 / 4", "Play", "2 / 4"]


VIEW = """
<script>
const log = [];
const view = document.getElementById("window");
const count = () => document.querySelectorAll("#rows tr[data-row]").length;
const size = () => document.getElementById("size").textContent;
const hold = (element) => {
  const a = element.getBoundingClientRect(), b = view.getBoundingClientRect();
  return a.top >= b.top && a.bottom <= b.bottom;
};
log.push(count() < 100, size());
log.push([...document.querySelectorAll("#rows tr.selected")].some(hold));
document.getElementById("only").click();
log.push(count(), size());
document.getElementById("only").click();
view.scrollTop = view.scrollHeight;
view.dispatchEvent(new Event("scroll"));
const rows = document.querySelectorAll("#rows tr[data-row]");
log.push(rows[rows.length - 1].dataset.row, count() < 100);
log.push(hold(rows[rows.length - 1]));
const out = document.body.appendChild(document.createElement("pre"));
out.id = "log";
out.textContent = JSON.stringify(log);
</script></body>"""


@chromium.needs_chromium
def test_a_long_table_is_drawn_as_it_is_scrolled(tmp_path):
    cells = table(10_000, 10)
    cells["unit price"] = [0.0] * 10_000
    cells["unit price"][7777] = 99.0
    cells["weight"][7777] = 0.0
    path = tmp_path / "long.html"
    page.write_html(path, ask(QUESTION, cells))
    assert path.stat().st_size < 2_000_000
    log = show_with(VIEW, path, tmp_path, fragment="step=3")
    size = "10,000 rows (drawn as you scroll)"
    assert log == [True, size, True, 1, f"1 of {size}", "9999", True, True]


@chromium.needs_chromium
@pytest.mark.parametrize("size", [(1280, 800), (600, 900)])
def test_the_used_column_comes_into_view(tmp_path, size):
    cells = table(100, 10)
    path = tmp_path / "wide.html"
    page.write_html(path, ask("greater 5 column 6 sum column 6", cells))
    script = """<script>
    const head = document.querySelector("#names .used");
    const a = head.getBoundingClientRect();
    const b = document.getElementById("window").getBoundingClientRect();
    const out = document.body.appendChild(document.createElement("pre"));
    out.id = "log";
    out.textContent = JSON.stringify([
      head.textContent, a.left >= b.left, a.right <= b.right + 1,
      document.documentElement.scrollWidth <= window.innerWidth]);
    </script></body>"""
    log = show_with(script, path, tmp_path, size=size)
    assert log == ["column 6", True, True, True]


@chromium.needs_chromium
def test_names_and_entries_cannot_break_out_of_their_places(tmp_path):
    cells = {
        'a < b & "c"': [NASTY, "<b>bold</b> & co", "{{title}}"],
        "<i>n</i>": [1, 2, 3],
    }
    question = f'{NASTY} a < b & "c" sum <i>n</i>'
    path = tmp_path / "nasty.html"
    page.write_html(path, ask(question, cells, entries=10))
    document = chromium.show(path, "step=3")
    assert_no_error(document)
    assert document.one("title").text.startswith("</script><script>document")
    assert len(document.find("script")) == 3
    names = document.find("th", inside=document.one(id="names"))
    assert [name.text for name in names] == ["row", *cells]
    shown = document.find("td", inside=document.one(id="rows"))
    assert [cell.text for cell in shown[::2]] == list(cells['a < b & "c"'])
    assert not document.find("b") + document.find("i")
    assert marked(document, "selected") == ["0"]


@chromium.needs_chromium
def test_notes_and_idle_steps_are_shown(tmp_path):
    path = tmp_path / "notes.html"
    page.write_html(path, ask("count cost", {"cost": [1], "weight": [2]}))
    document = chromium.show(path)
    assert_no_error(document)
    idle = document.find("button", class_="idle")
    assert len(idle) == 3
    assert "hidden" not in document.one(id="idle").attributes
    assert "hidden" in document.one(id="pivot-panel").attributes
    note = document.one(id="note-fact")
    assert note.text == "the program leaves out column 'cost'"


@chromium.needs_chromium
def test_a_failure_of_the_page_is_shown(path, tmp_path):
    broken = tmp_path / "broken.html"
    text = path.read_text(encoding="utf-8")
    broken.write_text(text.replace('"steps":', '"other":'), encoding="utf-8")
    error = chromium.show(broken).one("div", id="error")
    assert "This page failed" in error.text
    assert "hidden" not in error.attributes

"""A page of the player in use: keys, playing, what stays in view."""

import json

import pytest

from tests import chromium
from tests.npi_tf import player_pages

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
    player_pages.assert_no_error(document)
    return document, json.loads(document.one("pre", id="log").text)


@chromium.needs_chromium
def test_every_step_forward_and_back_is_as_the_run_was(tmp_path):
    problem = ("99905", "4095")
    path = tmp_path / "run.html"
    told = player_pages.moments(
        problem, player_pages.write_textbook(path, problem)
    )
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
    last = player_pages.moments(player_pages.PROBLEM, run.trace)[-1]
    assert player_pages.shown_pad(document)[0] == last.pad["cells"]
    assert document.one("button", id="play").attributes["aria-label"] == "Play"


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
    player_pages.write_textbook(path, ("9" * 60, "1" * 58))
    page = path.read_text(encoding="utf-8").replace("</body>", VIEW)
    path.write_text(page, encoding="utf-8")
    document = chromium.show(path, size=size)
    player_pages.assert_no_error(document)
    log = json.loads(document.one("pre", id="log").text)
    assert len(log) > 100
    assert [(n, seen) for n, seen in enumerate(log) if not all(seen)] == []

"""What a browser shows of a page of the player: addition, step by step."""

import dataclasses

import numpy as np
import pytest

from tests import chromium
from tests.npi_tf import player_pages

ADDITION = player_pages.ADDITION
PROBLEM = player_pages.PROBLEM


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


@chromium.needs_chromium
@pytest.mark.parametrize("index", [1, 3, 8, 17, 41, 50])
def test_a_step_of_a_network_on_screen(network_page, index):
    path, run = network_page
    document = chromium.show(path, f"step={index}")
    player_pages.assert_no_error(document)
    told = player_pages.moments(PROBLEM, run.trace)[index]
    assert document.one("output").text.split() == [str(index), "/", "50"]
    current = document.one("div", data_state="current")
    assert document.one("span", inside=current, class_="label").text == (
        told.label
    )
    cells, pointers = player_pages.shown_pad(document)
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
    player_pages.assert_no_error(document)
    assert document.find("div", data_state="current") == []
    cells, pointers = player_pages.shown_pad(document)
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
    player_pages.write_textbook(path, PROBLEM)
    document = chromium.show(path, "step=5")
    player_pages.assert_no_error(document)
    assert "textbook program" in document.one("p", id="note").text
    assert "hidden" in document.one("div", id="heads").attributes


@chromium.needs_chromium
def test_a_title_cannot_break_out_of_its_place(tmp_path):
    title = '</script><script>document.title="broken"</script>{{run}} & "x"'
    path = tmp_path / "run.html"
    player_pages.write_textbook(path, PROBLEM, title=title)
    document = chromium.show(path, "step=2")
    player_pages.assert_no_error(document)
    assert document.one("h1").text == title
    assert document.one("title").text == "addition 96 125"
    assert (
        player_pages.embedded(path.read_text(encoding="utf-8"))["title"]
        == title
    )


@chromium.needs_chromium
def test_an_unknown_kind_of_snapshot_is_said(tmp_path):
    domain = dataclasses.replace(
        ADDITION, snapshot=lambda environment: {"kind": "image"}
    )
    path = tmp_path / "run.html"
    player_pages.write_textbook(path, PROBLEM, domain=domain)
    document = chromium.show(path, "step=2")
    player_pages.assert_no_error(document)
    assert 'No drawing is known for "image"' in document.one(id="scene").text


@chromium.needs_chromium
def test_a_failure_of_the_page_is_shown(tmp_path):
    path = tmp_path / "run.html"
    player_pages.write_textbook(path, PROBLEM)
    page = path.read_text(encoding="utf-8")
    path.write_text(page.replace('"calls":', '"other":'), encoding="utf-8")
    error = chromium.show(path).one("div", id="error")
    assert "This page failed" in error.text
    assert "hidden" not in error.attributes

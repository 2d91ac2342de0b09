"""Pages of the player for tests: written, read back, shown by a browser."""

import dataclasses
import json
import re

import npi_tf
from npi_tf import player
from npi_tf import teacher
from npi_tf import trace

ADDITION = npi_tf.ADDITION
PROBLEM = ("96", "125")


def textbook(problem, program=None):
    """The call tree of a textbook run of addition."""
    environment = ADDITION.make_environment(*problem)
    return teacher.run(ADDITION, environment, program)


def embedded(page):
    """The run as the page holds it."""
    found = re.search(
        r'<script type="application/json" id="run">(.*?)</script>', page, re.S
    )
    return json.loads(found[1])


def write_textbook(path, problem, title=None, domain=ADDITION):
    """The page of a textbook run; returns its call tree."""
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


def assert_no_error(document):
    """The page works."""
    error = document.one("div", id="error")
    assert error.text == ""
    assert "hidden" in error.attributes

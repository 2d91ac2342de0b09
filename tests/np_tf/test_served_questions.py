"""Served questions: what `ask` answers, and a status for what it refuses."""

import random
import re

import numpy as np
import pytest
import tensorflow as tf

from np_tf import programs
from np_tf import tensor_inputs
from np_tf import tensor_mentions
from np_tf import verdicts
from tests.np_tf import scripted
from tests.np_tf import served

# What `ask` says -> the status. In no row do two of them hold.
REFUSALS = {
    "columns for this preset": "too_many_columns",
    "must have a name with a word in it": "unnamed_column",
    "column names must differ": "duplicate_column",
    "must not have the name": "reserved_name",
    "must have at least one row": "empty_table",
    "must be a finite number": "bad_cell",
    "question: must have words, such as": "empty_question",
    "must mean one thing": "ambiguous_word",
    "a number must look like": "malformed_number",
    "a number must be finite": "malformed_number",
    "is no column .* no text entry": "unknown_word",
    "only a column of numbers can be compared": "comparison_on_text",
    "must hold numbers for (greater|lesser)": "comparison_on_text",
    "must stand before a column that has it": "entry_not_in_column",
    "must have words that say what to do": "no_operation",
    "different text entries": "too_many_entries",
    "must have a word on its left": "misplaced_number",
    "may have at most 2 numbers": "too_many_numbers",
    "one comparison of each kind": "repeated_comparison",
    "the program must end in": "no_answer",
    "must hold text to be searched": "match_on_numbers",
    "must hold numbers for sum": "sum_of_text",
    "a column may be searched once": "repeated_match",
    "answer: must be finite": "overflow",
    "must have one number for each comparison": "missing_number",
    "every number must be compared": "unused_number",
}


def status_of(message):
    (status,) = {s for text, s in REFUSALS.items() if re.search(text, message)}
    return status


class Asked:
    """A model, and the function that it is served as."""

    def __init__(self, model):
        self.model = model
        self.with_text = bool(model.text_symbols)
        self.function = served.function(served.ScriptedBatch(model))

    def run(self, rows):
        inputs = served.tensors(served.request(rows, self.with_text))
        return served.answers(self.function(**inputs))


@pytest.fixture(scope="module")
def numeric():
    return Asked(served.Resigned())


@pytest.fixture(scope="module")
def textual():
    return Asked(served.Resigned(entries=4))


def check_as_ask(asked, rows):
    """Every row is as `ask` answers it alone; returns the statuses."""
    answers = asked.run(rows)
    height = max(max(map(len, table.values())) for _, table in rows)
    width = max(len(table) for _, table in rows)
    for (question, table), got in zip(rows, answers):
        try:
            wanted = asked.model.ask(question, table)
        except ValueError as error:
            status = status_of(str(error))
            assert (got["status"], question) == (status, question), table
            check_neutral(got)
            continue
        assert got["status"] == "ok", (question, table, got)
        check_same(got, wanted, width, height)
    return [answer["status"] for answer in answers]


def check_same(got, wanted, width, height):
    assert got["answer_kind"] == wanted.kind
    scalar = wanted.answer if wanted.kind == "scalar" else 0.0
    assert got["scalar_answer"] == pytest.approx(scalar, rel=1e-12)
    assert got["lookup_mask"] == served.lookup(wanted, width, height)
    assert got["program"] == served.program(wanted)
    notes = got["detail"].split("; ") if got["detail"] else []
    assert sorted(notes) == sorted(wanted.notes)
    if wanted.numbers:
        assert got["pivots"] == list(wanted.pivots.values())


def check_neutral(answer):
    assert answer["scalar_answer"] == 0.0
    assert answer["answer_kind"] == ""
    assert not np.any(answer["lookup_mask"])
    assert set(np.ravel(answer["program"])) == {""}
    assert answer["pivots"] == [-1.0, -1.0]


# Names and entries that are easily confused.
NAMES = ("price", "Price", "unit price", "unit", "Q1 2020", "sum total", "ß")
ENTRIES = ("red", "dark red", "Red", "red.", "price", "5", "and or", "", "SS")
WORDS = (*scripted.WORDS, "Sum", "COUNT", "greater", "lesser")
NUMBERS = ("5", "-3.5", "+2", ".5", "1e3", "0")
ODD = ("?", "1,000", "2020-01-01", "1e999", "\u22125", "xyzzy", "'", "A", "ẞ")


def random_table(rng, with_text):
    """One to three columns of one to four rows."""
    names = rng.sample(NAMES, rng.randint(1, 3))
    num_rows = rng.randint(1, 4)
    table = {}
    for name in names:
        cells = [float(rng.randint(-6, 6)) for _ in range(num_rows)]
        if with_text and rng.random() < 0.5:
            text = rng.choices(ENTRIES, k=num_rows)
            # All of "" reads as a column of numbers when it is served.
            cells = text if any(text) else cells
        table[name] = cells
    return table


def random_question(rng, table):
    """One that is plain, or any words."""
    entries = [c for cs in table.values() for c in cs if isinstance(c, str)]

    def name():
        text = rng.choice([*table, *table, *entries])
        styles = (str, str, str, str.upper, str.lower, "'{}',".format)
        return rng.choice(styles)(text)

    def condition():
        if entries and rng.random() < 0.5:
            return f"{rng.choice(entries)} {rng.choice(list(table))}"
        word = rng.choice(("greater", "lesser", "Lesser"))
        return f"{word} {rng.choice(NUMBERS)} {name()}"

    if rng.random() < 0.3:
        parts = [WORDS, NUMBERS, ODD, [name() for _ in range(4)]]
        words = [
            rng.choice(rng.choice(parts)) for _ in range(rng.randint(0, 7))
        ]
        return " ".join(words)
    join = rng.choice(("and", "or"))
    return rng.choice(
        [
            f"{condition()} sum {name()}",
            f"{condition()} {join} {condition()} count",
            f"{condition()} {join} {condition()} print {name()}",
            f"sum {name()} diff count",
        ]
    )


def random_rows(seed, with_text, size=200):
    rng = random.Random(seed)
    tables = [random_table(rng, with_text) for _ in range(size)]
    return [(random_question(rng, table), table) for table in tables]


@pytest.mark.parametrize("seed", range(5))
def test_numbers_are_asked_about_as_by_ask(numeric, seed):
    statuses = check_as_ask(numeric, random_rows(seed, with_text=False))
    assert 40 < statuses.count("ok") < 160


@pytest.mark.parametrize("seed", range(5))
def test_text_is_asked_about_as_by_ask(textual, seed):
    statuses = check_as_ask(textual, random_rows(seed, with_text=True))
    assert 20 < statuses.count("ok") < 160


TABLE = {"price": [60.0, 70.0, 10.0], "unit weight": [5.0, 30.0, 2.0]}
FRUIT = {"colour": ["red", "blue", "dark red"], "price": [1.0, 2.0, 3.0]}
ASKED = "greater 5 price sum price"
LONG = " ".join(["sum"] * tensor_mentions.MAX_WORDS)
MANY = {f"column {i}": [1.0] for i in range(6)}
LARGE = {"price": [1.7e308, 1.7e308]}

# Status -> rows that get it, each with its detail.
BAD_NUMERIC = {
    "no_columns": [(ASKED, {}, "")],
    "unnamed_column": [
        (ASKED, {"price": [1.0], "?!": [1.0]}, "?!"),
        (ASKED, {"": [1.0], "price": [1.0]}, ""),
        (ASKED, {"price": [1.0], " ": [1.0]}, " "),
    ],
    "too_many_columns": [("count", MANY, "6 > 5")],
    "duplicate_column": [(ASKED, {"price": [1.0], "price.": [2.0]}, "price.")],
    "reserved_name": [
        ("count", {"price": [1.0], "Sum": [2.0]}, "Sum"),
        ("count", {"and 5": [1.0]}, "and 5"),
    ],
    "empty_table": [("count", {"price": []}, "")],
    "bad_cell": [
        ("count", {"a": [1.0, np.nan]}, "row 1 of a"),
        ("count", {"a": [1.0, 2.0], "b": [-np.inf, 1.0]}, "row 0 of b"),
    ],
    "empty_question": [("", TABLE, ""), (" \u3000'?\n", TABLE, "")],
    "too_long": [
        (LONG + " sum", TABLE, "more than 64 words"),
        (LONG, TABLE, "more than 24 words and names"),
        ("x" * 2001, TABLE, "more than 2000 bytes"),
    ],
    "unknown_word": [
        ("sum weight", TABLE, "weight"),
        ("sum price foo bar", TABLE, "foo"),
        ("sum A", TABLE, "A"),
    ],
    "ambiguous_word": [("sum COST", {"cost": [1.0], "Cost": [2.0]}, "COST")],
    "malformed_number": [
        ("greater 1,000 price count", TABLE, "1,000"),
        ("greater \u22125 price count", TABLE, "\u22125"),
        ("greater 1e999 price count", TABLE, "1e999"),
    ],
    "no_operation": [("price 5", TABLE, ""), ("price", TABLE, "")],
    "misplaced_number": [
        ("5 sum price", TABLE, ""),
        ("greater 5 6 price count", TABLE, ""),
    ],
    "too_many_numbers": [
        ("greater 1 price and lesser 2 price or greater 3 price", TABLE, "")
    ],
    "repeated_comparison": [
        ("greater 5 price and greater 6 price count", TABLE, "greater"),
    ],
    "missing_number": [
        ("greater price count", TABLE, "reset; reset; greater price; count")
    ],
    "unused_number": [("sum 5 price", TABLE, "reset; reset; reset; sum price")],
    "no_answer": [
        ("count greater 5 price", TABLE, "reset; reset; count; greater price")
    ],
    "overflow": [
        ("sum price", LARGE, "reset; reset; reset; sum price"),
    ],
}
BAD_TEXTUAL = {
    "comparison_on_text": [
        ("greater 5 colour count", FRUIT, "colour"),
        ("greater colour count", FRUIT, "colour"),
    ],
    "entry_not_in_column": [("red price count", FRUIT, "red price")],
    "sum_of_text": [("sum colour", FRUIT, "colour")],
    "too_many_entries": [
        (
            "1st a 2nd a 3rd a 4th a count",
            {"a": ["1st", "2nd", "3rd", "4th", "5th"]},
            "",
        )
    ],
    "repeated_match": [
        (
            "red colour and blue colour count",
            FRUIT,
            "text_match colour; text_match colour; and; count",
        )
    ],
    "match_on_numbers": [
        ("red sum price", {"price": [1.0], "colour": ["red"]}, "price")
    ],
    "malformed_number": [("1st colour count", FRUIT, "1st")],
}


def bad_rows(cases):
    return [(s, *row) for s, rows in cases.items() for row in rows]


@pytest.mark.parametrize("place", ["numeric", "textual"])
def test_every_bad_row_has_its_status_and_the_good_ones_their_answer(
    place, request
):
    asked = request.getfixturevalue(place)
    cases = bad_rows(BAD_NUMERIC if place == "numeric" else BAD_TEXTUAL)
    rows = []
    for _, question, table, _ in cases:
        rows += [(question, table), (ASKED, TABLE)]
    answers = asked.run(rows)
    for (status, question, _, detail), got in zip(cases, answers[::2]):
        got_both = got["status"], got["detail"]
        assert (question, *got_both) == (question, status, detail)
        check_neutral(got)
    for got in answers[1::2]:
        assert (got["status"], got["scalar_answer"]) == ("ok", 140.0)


def test_batch_equals_singles(numeric):
    cases = bad_rows(BAD_NUMERIC)
    rows = [(question, table) for _, question, table, _ in cases]
    for row, got in zip(rows, numeric.run(rows)):
        (single,) = numeric.run([row])
        del got["lookup_mask"], single["lookup_mask"]  # Of another shape.
        assert got == single


def test_statuses_of_requests_that_no_table_gives(textual):
    asked = served.request([("count", FRUIT)] * 5, with_text=True)
    asked["num_rows"][:] = [4, -1, 3, 3, 2]
    asked["cells"][2, 1, 0] = 7.0
    asked["cells"][3, 1, 0] = np.nan
    asked["text_cells"][4, 2, 1] = "beyond the rows"
    answers = served.answers(textual.function(**served.tensors(asked)))
    assert [(answer["status"], answer["detail"]) for answer in answers] == [
        ("bad_num_rows", "4"),
        ("bad_num_rows", "-1"),
        ("mixed_column", "row 1 of colour"),
        ("bad_cell", "row 1 of colour"),
        ("ok", ""),
    ]
    assert answers[4]["scalar_answer"] == 2.0


def test_every_status_is_tried():
    seen = {*BAD_NUMERIC, *BAD_TEXTUAL, "ok", "bad_num_rows", "mixed_column"}
    assert seen == set(verdicts.STATUSES)
    assert set(REFUSALS.values()) < seen


def test_programs_that_use_numbers_and_text_as_they_must_not():
    calls = programs.Call("text_match", 0), programs.Call("count")
    asked = Asked(scripted.ScriptedModel(entries=4, program=calls))
    table = {"price": [1.0], "colour": ["red"]}
    (got,) = asked.run([("count", table)])
    assert (got["status"], got["detail"]) == ("match_on_numbers", "price")


@pytest.mark.parametrize(
    ("question", "table", "scalar"),
    [
        ("sum prix élevé", {"Prix Élevé": [1.0, 2.0]}, 3.0),
        ("sum STRASSE", {"Straße": [4.0]}, 4.0),
        ("sum \u4ef7\u683c\u3000diff\u00a0count", {"\u4ef7\u683c": [9.0]}, 8.0),
        ("sum \U0001f34e", {"\U0001f34e": [2.5]}, 2.5),
        ("sum ΟΔΟΣ", {"οδος": [1.5]}, 1.5),
    ],
)
def test_unicode(numeric, question, table, scalar):
    (got,) = numeric.run([(question, table)])
    assert (got["status"], got["scalar_answer"]) == ("ok", scalar)
    assert got["program"][-1][1] in {*table, ""}


def test_bytes_that_are_no_text(numeric):
    rows = [(b"sum \xff", {b"\xff": [1.0]}), (b"\xfe\xfe sum", TABLE)]
    first, second = numeric.run(rows)
    assert first["program"][-1] == ["sum", "\ufffd"]
    assert (first["status"], first["scalar_answer"]) == ("ok", 1.0)
    assert second["detail"] == "\ufffd\ufffd"


EMPTY = [(0, 3, 2), (0, 0, 0), (2, 0, 2), (2, 3, 0), (2, 0, 0)]


@pytest.mark.parametrize("with_text", [False, True])
def test_nothing_to_ask_about(with_text):
    function = served.function(served.small_model(0, with_text))
    for shape in EMPTY:
        inputs = {
            "question": ["count"] * shape[0],
            "column_names": np.full(shape[::2], "a", object),
            "cells": np.zeros(shape),
            "num_rows": [0] * shape[0],
            "text_cells": np.full(shape, "", object),
        }
        if not with_text:
            del inputs["text_cells"]
        outputs = function(**served.tensors(inputs))
        assert outputs["lookup_mask"].shape == shape
        wanted = b"empty_table" if shape[2] else b"no_columns"
        assert outputs["status"].numpy().tolist() == [wanted] * shape[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("question", ["count"]),
        ("column_names", [["a"], ["a"]]),
        ("column_names", [["a", "b"]]),
        ("num_rows", [1]),
        ("cells", [[[1.0, 2.0]]]),
    ],
)
def test_shapes_that_do_not_go_together_fail_the_request(numeric, name, value):
    inputs = served.request([("count", {"a": [1.0], "b": [2.0]})] * 2)
    inputs[name] = value
    with pytest.raises(tf.errors.InvalidArgumentError, match="must go with"):
        numeric.function(**served.tensors(inputs))


def test_sums_are_in_float64(numeric):
    rows = [
        ("sum cost", {"cost": [1e9, 0.25]}),
        ("greater 16777216 cost count", {"cost": [16777217.0]}),
    ]
    answers = [answer["scalar_answer"] for answer in numeric.run(rows)]
    assert answers == [1e9 + 0.25, 1.0]


def test_the_longest_question_that_is_read(numeric):
    words = ["sum", *["price"] * (tensor_inputs.MAX_MODEL_WORDS - 1)]
    (got,) = numeric.run([(" ".join(words), TABLE)])
    assert got["status"] == "ok"
    name = " ".join(["long"] * 40)
    (got,) = numeric.run([(f"sum {name}", {name: [3.0]})])
    assert (got["status"], got["scalar_answer"]) == ("ok", 3.0)

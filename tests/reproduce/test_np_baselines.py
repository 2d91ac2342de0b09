"""The baselines: their questions, answers, models, and runs that are killed."""

import collections
import dataclasses
import inspect
import json
import os
import random
import subprocess
import sys
import time

import keras
import numpy as np
import pytest

from reproduce import np_baselines_configs
from reproduce import np_baselines_data
from reproduce import np_baselines_evaluation
from reproduce import np_baselines_model
from reproduce import np_baselines_training
from reproduce import progress as progress_lib
from reproduce import sources
from tests.reproduce import script

RECIPE = np_baselines_configs.Recipe()
SMOKE = np_baselines_configs.Smoke()
TWO_DECIMALS = dataclasses.replace(RECIPE, decimals=2)
EVALUATION = np_baselines_configs.Evaluation()
FEW = dataclasses.replace(EVALUATION, questions_per_template=3)

CONFIGS = [
    value
    for _, value in inspect.getmembers(np_baselines_configs, inspect.isclass)
]


# Questions and answers.


def loop_answer(words, pivots, elements):
    """What a question asks for, read word by word."""
    pivots = iter(pivots)
    words = list(words)
    kept, joint = None, None
    while words[0] in ("greater", "lesser", "and", "or"):
        word = words.pop(0)
        if word in ("and", "or"):
            joint = word
            continue
        assert words.pop(0) == np_baselines_data.NUMBER
        pivot = next(pivots)
        now = set()
        for place, element in enumerate(elements):
            if element > pivot if word == "greater" else element < pivot:
                now.add(place)
        if kept is None:
            kept = now
        else:
            kept = kept & now if joint == "and" else kept | now
    if kept is None:
        kept = set(range(len(elements)))
    values = {
        "sum": sum(elements[place] for place in kept),
        "count": 100 * len(kept),
    }
    if len(words) == 1:
        return values[words[0]]
    one, diff, other = words
    assert diff == "diff"
    return values[one] - values[other]


@pytest.mark.parametrize("recipe", [RECIPE, TWO_DECIMALS])
@pytest.mark.parametrize("span", EVALUATION.spans)
def test_answers_are_those_of_a_loop(recipe, span):
    questions = np_baselines_data.evaluation_questions(FEW, recipe, span)
    questions = [questions, np_baselines_data.training_questions(recipe, 0, 7)]
    for batch in questions:
        for index, answer in enumerate(batch.answers().tolist()):
            words = np_baselines_data.TEMPLATES[batch.template[index]].words
            rows = batch.num_rows[index]
            elements = batch.column[index, :rows].tolist()
            pivots = batch.pivots[index].tolist()
            assert answer == loop_answer(words, pivots, elements), words


def test_an_answer_worked_by_hand():
    words = ("greater", "<number>", "or", "lesser", "<number>", "sum")
    template = [t.words for t in np_baselines_data.TEMPLATES].index(words)
    questions = np_baselines_data.Questions(
        template=np.array([template]),
        pivots=np.array([[300, -200]]),
        column=np.array([[300, 450, -200, -201, 0, 0, 0]]),
        num_rows=np.array([4]),
    )
    # Strictly greater than 3 is 4.5, strictly less than -2 is -2.01.
    assert questions.answers().tolist() == [249]


def test_templates_are_those_of_table_4_with_scalar_answers():
    templates = np_baselines_data.TEMPLATES
    assert len({t.words for t in templates}) == len(templates) == 16
    counts = collections.Counter(t.category for t in templates)
    assert counts == {
        "simple": 2,
        "comparison": 4,
        "logic": 8,
        "difference": 2,
    }
    assert list(counts) == list(np_baselines_data.CATEGORIES)


def arrays(questions):
    return [np.asarray(v) for v in dataclasses.astuple(questions)]


def test_training_questions_are_a_function_of_seed_and_step():
    def draw(seed, step):
        return arrays(np_baselines_data.training_questions(RECIPE, seed, step))

    first = draw(3, 11)
    draw(4, 0)  # Whatever was drawn in between.
    for one, again in zip(first, draw(3, 11)):
        np.testing.assert_array_equal(one, again)
    for seed, step in ((3, 12), (4, 11), (11, 3)):
        assert not np.array_equal(first[2], draw(seed, step)[2])


def test_training_questions_are_as_the_paper_draws_them():
    recipe = dataclasses.replace(RECIPE, batch_size=40_000)
    questions = np_baselines_data.training_questions(recipe, 0, 0)
    rows = np.bincount(questions.num_rows)
    assert rows[:4].sum() == 0
    np.testing.assert_allclose(rows[4:] / 40_000, np.full(4, 1 / 4), atol=0.01)
    categories = np_baselines_data.TEMPLATE_CATEGORIES
    shares = np.bincount(categories[questions.template]) / 40_000
    np.testing.assert_allclose(shares, np.full(4, 1 / 4), atol=0.01)
    logic = questions.template[categories[questions.template] == 2]
    shares = np.bincount(logic - logic.min()) / len(logic)
    np.testing.assert_allclose(shares, np.full(8, 1 / 8), atol=0.01)
    values = questions.column[questions.is_row()]
    assert not questions.column[~questions.is_row()].any()
    for numbers in (values, questions.pivots):
        assert set(np.unique(numbers)) == set(range(-1000, 1001, 100))
        assert abs(numbers.mean()) < 10


def test_two_decimals_are_uniform():
    recipe = dataclasses.replace(TWO_DECIMALS, batch_size=40_000)
    questions = np_baselines_data.training_questions(recipe, 0, 0)
    values = questions.column[questions.is_row()]
    assert (values.min(), values.max()) == (-1000, 1000)
    hundredths = np.bincount(values % 100) / len(values)
    np.testing.assert_allclose(hundredths, np.full(100, 0.01), atol=0.002)


def test_evaluation_asks_every_template_equally_often():
    questions = np_baselines_data.evaluation_questions(EVALUATION, RECIPE, 50)
    assert set(np.bincount(questions.template)) == {200}
    assert np.abs(questions.column).max() == 5000
    assert np.abs(questions.pivots).max() == 5000


@pytest.mark.parametrize(
    ("span", "changes", "message"),
    [
        (0, {}, "span: must be in 1..99, got 0"),
        (100, {}, "span: must be in 1..99, got 100"),
        (10, {"decimals": 1}, r"decimals: must be one of \(0, 2\), got 1"),
        (10, {"num_rows": (4, 8)}, r"num_rows: must be .* got \(4, 8\)"),
        (10, {"num_rows": (5, 4)}, r"num_rows: must be .* got \(5, 4\)"),
        (10, {"num_rows": (0, 4)}, r"num_rows: must be .* got \(0, 4\)"),
    ],
)
def test_questions_that_do_not_fit_are_refused(span, changes, message):
    recipe = dataclasses.replace(RECIPE, **changes)
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=message):
        np_baselines_data.draw(rng, np.zeros(2, np.int64), span, recipe)


# Symbols and characters.


def say(position):
    """A position of the source as text."""
    head, *digits = position
    if head in (np_baselines_data.PLUS, np_baselines_data.MINUS):
        tens, units, *rest = (d - np_baselines_data.DIGIT for d in digits)
        sign = "-" if head == np_baselines_data.MINUS else ""
        return f"{sign}{tens}{units}." + "".join(map(str, rest))
    assert digits == [0] * 4
    return np_baselines_data.WORDS[head - 1] if head else "_"


def test_source_says_the_question_then_the_column():
    words = [t.words for t in np_baselines_data.TEMPLATES]
    logic = ("lesser", "<number>", "and", "greater", "<number>", "count")
    questions = np_baselines_data.Questions(
        template=np.array([words.index(logic), words.index(("sum",))]),
        pivots=np.array([[5032, -700], [100, 200]]),
        column=np.array([[1, -1000, 0, 90, 0, 0, 0], [100] * 7]),
        num_rows=np.array([4, 7]),
    )
    after, before = (
        np_baselines_data.source(questions, first) for first in (False, True)
    )
    assert after.shape == (2, 13, 5)
    assert after.dtype == np.int32
    assert after.max() < np_baselines_data.NUM_SOURCE_IDS
    question = "lesser 50.32 and greater -07.00 count"
    column = "00.01 -10.00 00.00 00.90 _ _ _"
    assert " ".join(map(say, after[0].tolist())) == f"{question} {column}"
    assert " ".join(map(say, before[0].tolist())) == f"{column} {question}"
    text = "sum _ _ _ _ _" + 7 * " 01.00"
    assert " ".join(map(say, after[1].tolist())) == text


def test_answers_are_spelt_and_read():
    hundredths = np.array([-35699, -1750, -50, 0, 7, 300, 1000, 35700])
    spelt = np_baselines_data.spell(hundredths)
    assert spelt.max() < np_baselines_data.NUM_ANSWER_IDS
    texts = [
        "".join(np_baselines_data.CHARACTERS[i - 2] for i in row if i > 1)
        for row in spelt.tolist()
    ]
    assert texts == "-356.99 -17.5 -0.5 0 0.07 3 10 357".split()
    np.testing.assert_array_equal(
        np_baselines_data.read(spelt), hundredths / 100
    )


def test_what_is_no_number_is_read_as_none():
    def ids(text):
        found = [1 if c == "$" else "-.0123456789".index(c) + 2 for c in text]
        return (found + [0] * 8)[:8]

    texts = ["$", "-$", "1-2$", "1.$", ".5$", "1.2.3$", "12", "12345678"]
    spelt = np.array([ids(text) for text in texts])
    assert np.isnan(np_baselines_data.read(spelt)).all()
    fine = np.array([ids(text) for text in ("12$9", "-0$", "007.10$")])
    assert np_baselines_data.read(fine).tolist() == [12, 0, 7.1]


def test_right_is_equal_to_the_first_decimal():
    answers = np.array([1.0, 1.04, 0.96, 1.06, 0.94, np.nan, -1.0])
    right = np_baselines_evaluation.is_right(answers, np.full(7, 100))
    assert right.tolist() == [True, True, True, False, False, False, False]


# Configs.


def test_every_hyper_parameter_names_its_source():
    assert len(CONFIGS) == 3
    for config in CONFIGS:
        sources.check(config)
    stated = {
        field.name
        for field in dataclasses.fields(RECIPE)
        if field.metadata["source"] == "paper"
    }
    assert stated == {"num_layers", "num_rows", "span"}
    assert (RECIPE.num_layers, RECIPE.num_rows, RECIPE.span) == (3, (4, 7), 10)
    assert EVALUATION.spans == (10, 50)


def test_settings_have_names_of_their_own():
    names = {
        np_baselines_configs.setting(heads, first, decimals)
        for heads in (0, *np_baselines_configs.NUM_HEADS)
        for first in (False, True)
        for decimals in np_baselines_configs.DECIMALS
    }
    assert len(names) == 16
    assert {"seq2seq", "attention_10", "attention_1_table_first"} < names
    assert "seq2seq_table_first_two_decimals" in names

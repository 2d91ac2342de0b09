"""Questions of the baselines: drawn as the paper says, answered rightly."""

import collections
import dataclasses

import numpy as np
import pytest

from reproduce import np_baselines_configs
from reproduce import np_baselines_data

RECIPE = np_baselines_configs.Recipe()
TWO_DECIMALS = dataclasses.replace(RECIPE, decimals=2)
EVALUATION = np_baselines_configs.Evaluation()
FEW = dataclasses.replace(EVALUATION, questions_per_template=3)


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

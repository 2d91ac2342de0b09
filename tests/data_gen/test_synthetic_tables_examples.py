"""Examples: what is drawn, and that the answers are right."""

import collections
import itertools

import numpy as np
import pytest

from data_gen.synthetic_tables import drawing
from data_gen.synthetic_tables import examples
from data_gen.synthetic_tables import grammar as grammar_lib
from np_tf import programs
from np_tf import question_text
from np_tf import reference
from tests.data_gen import questions
from tests.data_gen import table_configs

SPLITS = ("train", "validation", "test")


def drawn(name, split, count=120):
    """Examples of a named config, spread over the split."""
    config = table_configs.NAMED[name]
    total = config.num_examples(split)
    indices = np.linspace(0, total - 1, min(count, total)).astype(int)
    return [examples.example(config, split, i) for i in indices.tolist()]


def named_splits():
    """All configs with all splits."""
    return list(itertools.product(table_configs.NAMED, SPLITS))


@pytest.mark.parametrize(("name", "split"), named_splits())
def test_answers_are_those_of_plain_loops(name, split):
    made = drawn(name, split)
    for example in made:
        kind, expected = questions.answer(example)
        assert example["answer_is_scalar"] == (kind == "scalar")
        if kind == "scalar":
            assert example["scalar_answer"] == expected
            assert not example["lookup_answer"].any()
        else:
            assert example["scalar_answer"] == 0
            assert example["lookup_answer"].tolist() == expected
    assert {example["answer_is_scalar"] for example in made} == {True, False}


@pytest.mark.parametrize(("name", "split"), named_splits())
def test_answers_are_those_of_the_gold_program(name, split):
    for example in drawn(name, split):
        done = _execute(example)
        if example["answer_is_scalar"]:
            assert done.kind == "scalar"
            assert done.answer == example["scalar_answer"]
        else:
            assert done.kind == "lookup"
            np.testing.assert_array_equal(
                done.answer, example["lookup_answer"] == 1
            )


def _execute(example):
    """The reference executor on an example's program."""
    names = example["column_names"]
    calls = [call.split() for call in example["program"].split("; ")]
    program = tuple(
        programs.Call(operation, names.index(column[0]) if column else None)
        for operation, *column in calls
    )
    assert len(program) == programs.NUM_STEPS
    words = question_text.read(example["question"]).words
    pivots = dict.fromkeys(programs.COMPARISONS, reference.NO_PIVOT)
    operations = [c.operation for c in program]
    asked = [o for o in operations if o in programs.COMPARISONS]
    pivots.update(zip(asked, example["numbers"]))
    entries = example.get("text", np.full(example["table"].shape, -1))
    matches = np.zeros(entries.shape, bool)
    for word, column in itertools.pairwise(words):
        if word in grammar_lib.ENTRIES:
            j = names.index(column)
            matches[:, j] |= entries[:, j] == int(word.removeprefix("word:"))
    is_text = (entries >= 0).all(axis=0)
    pivots = [pivots[name] for name in programs.COMPARISONS]
    return reference.execute(
        program, example["table"], pivots, matches, is_text
    )


@pytest.mark.parametrize("name", table_configs.NAMED)
def test_question_reads_back_as_its_tokens_and_numbers(name):
    words = examples.vocabulary(table_configs.NAMED[name])
    for example in drawn(name, "test") + drawn(name, "train"):
        read = question_text.read(example["question"])
        assert words.ids(read.words) == example["tokens"].tolist()
        numbers = np.array(read.numbers, np.float32)
        np.testing.assert_array_equal(numbers, example["numbers"])
        positions = example["number_positions"].tolist()
        assert list(read.number_positions) == positions
        for word in example["question"].split():
            assert len(word.partition(".")[2]) <= 2


@pytest.mark.parametrize("limit", [1, 123, 10**6])
def test_hundredths_read_back_as_the_same_float32(limit):
    rng = np.random.default_rng(0)
    config = table_configs.tiny(value_range=limit)
    numbers = drawing.hundredths(config, "train", 1000, rng)
    assert abs(numbers).max() <= limit * 100
    texts = [examples._text(["a"], [0], n[None]) for n in numbers]
    read = np.array([float(t.split()[1]) for t in texts], np.float32)
    np.testing.assert_array_equal(read, drawing.to_float(numbers))


@pytest.mark.parametrize(
    ("split", "rows", "limit"),
    [
        ("train", (30, 100), 100),
        ("validation", (30, 100), 100),
        ("test", (120, 120), 200),
    ],
)
def test_rows_and_values_fill_their_ranges(split, rows, limit):
    made = drawn("five_columns", split, 1231)
    counts = [len(example["table"]) for example in made]
    assert (min(counts), max(counts)) == rows
    values = np.concatenate([example["table"].ravel() for example in made])
    assert values.dtype == np.float32
    # About 2 e5 uniform values: their mean is 0 within 4 standard errors.
    assert abs(values).max() == pytest.approx(limit, abs=0.01)
    assert values.mean() == pytest.approx(
        0, abs=4 * limit / np.sqrt(3 * len(values))
    )
    share = np.mean(abs(values) < limit / 2)
    assert share == pytest.approx(0.5, abs=2 / np.sqrt(len(values)))
    hundredths = values.astype(float) * 100
    np.testing.assert_allclose(hundredths, np.round(hundredths), atol=1e-3)
    numbers = np.concatenate([example["numbers"] for example in made])
    assert limit * 0.98 < abs(numbers).max() <= limit
    assert abs(numbers.mean()) < 4 * limit / np.sqrt(3 * len(numbers))


def test_train_has_all_numbers_and_subsets_of_columns():
    made = drawn("three_columns", "train", 2100)
    names = collections.Counter(
        "".join(example["column_names"]) for example in made
    )
    # 700 of each size: 3 and 3 subsets, and one of all.
    expected = dict.fromkeys(["A", "B", "C", "AB", "AC", "BC"], 700 / 3)
    expected["ABC"] = 700
    assert set(names) == set(expected)
    for letters, count in expected.items():
        assert names[letters] == pytest.approx(count, rel=0.25)


@pytest.mark.parametrize("split", ["validation", "test"])
def test_other_splits_have_all_columns(split):
    for example in drawn("ten_columns", split, 50):
        assert "".join(example["column_names"]) == "ABCDEFGHIJ"
        assert example["table"].shape[1] == 10


def test_categories_are_equally_likely():
    made = drawn("five_columns", "train", 2000)
    categories = collections.Counter(example["category"] for example in made)
    assert set(categories) == set(grammar_lib.CATEGORIES)
    for count in categories.values():
        assert count == pytest.approx(500, rel=0.2)


def test_templates_are_equally_likely_where_sampling_is_uniform():
    config = table_configs.NAMED["word_variability_5"]
    for example in drawn(config.name, "validation", 300):
        assert len(example["column_names"]) == 5
    made = [e["category"] for e in drawn(config.name, "validation", 2000)]
    # 114,000 of 116,368 templates are logic.
    assert made.count("logic") / len(made) == pytest.approx(0.98, abs=0.015)


def test_templates_of_a_category_are_equally_likely():
    config = table_configs.tiny(numeric_columns=(1, 1), num_train=4000)
    logic = collections.Counter(
        bytes(example["tokens"])
        for _, example in examples.generate(config, "train")
        if example["category"] == "logic"
    )
    assert len(logic) == 12
    for count in logic.values():
        assert count == pytest.approx(1000 / 12, rel=0.45)


@pytest.mark.parametrize(
    ("name", "split", "sizes"),
    [
        ("text_match_2", "train", {(1, 1)}),
        ("text_match_2", "test", {(1, 1)}),
        (
            "text_match_5",
            "train",
            {(n, k) for n in (1, 2, 3) for k in range(3)},
        ),
        ("text_match_5", "validation", {(3, 2)}),
        ("text_match_5", "test", {(3, 2)}),
    ],
)
def test_text_columns(name, split, sizes):
    found, texts, entries = set(), set(), []
    for example in drawn(name, split, 600):
        is_text = (example["text"] >= 0).all(axis=0)
        assert ((example["text"] >= 0) == is_text).all()
        assert (example["table"][:, is_text] == 0).all()
        assert (example["table"][:, ~is_text] != 0).any(axis=0).all()
        found.add((int((~is_text).sum()), int(is_text.sum())))
        texts.add(tuple(np.array(example["column_names"])[is_text]))
        entries.append(example["text"][:, is_text].ravel())
    assert found == sizes
    letters = table_configs.NAMED[name].letters
    most = max(k for _, k in sizes)
    assert set(itertools.combinations(letters, most)) <= texts
    shares = np.bincount(np.concatenate(entries)) / sum(map(len, entries))
    np.testing.assert_allclose(shares, 0.1, atol=0.01)


@pytest.mark.parametrize("name", table_configs.NAMED)
def test_an_example_depends_on_its_index_alone(name):
    config = table_configs.NAMED[name]
    for split in SPLITS:
        run = dict(examples.generate(config, split, 7, 10))
        assert list(run) == [7, 8, 9]
        for index in (9, 7, 8):
            alone = examples.example(config, split, index)
            assert set(alone) == set(run[index])
            for feature, value in alone.items():
                np.testing.assert_array_equal(value, run[index][feature])


def test_generate_ends_with_the_split():
    config = table_configs.tiny()
    assert [i for i, _ in examples.generate(config, "train", 38, 99)] == [
        38,
        39,
    ]


def test_every_question_has_a_table_of_its_own():
    tables = [
        example["table"].tobytes()
        for split in SPLITS
        for example in drawn("single_column", split, 1000)
    ]
    assert len(set(tables)) == len(tables)


def test_test_questions_are_the_test_templates():
    config = table_configs.NAMED["text_match_5"]
    for index in (0, 600, 5000, 14_599):
        example = examples.example(config, "test", index)
        category, template = config.test_templates[index]
        tokens, _ = config.grammar.tokens(template)
        words = examples.vocabulary(config)
        assert words.ids(tokens) == example["tokens"].tolist()
        assert example["category"] == category


def test_a_template_gets_all_text_columns_that_suit_it():
    config = table_configs.NAMED["text_match_2"]
    count = next(
        i for i, (_, t) in enumerate(config.test_templates) if len(t) == 1
    )
    category, template = config.test_templates[count]
    assert category == "simple"
    found = {
        drawing._columns_for(config, template, np.random.default_rng(seed))
        for seed in range(20)
    }
    numeric = template[0].column
    assert found == {(numeric, "AB".replace(numeric, ""))}
    free = (grammar_lib.Phrase("count", "count"),)
    found = {
        drawing._columns_for(config, free, np.random.default_rng(seed))
        for seed in range(20)
    }
    assert found == {("A", "B"), ("B", "A")}

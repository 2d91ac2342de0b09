"""Asking about one's own table: answers, and every refusal."""

import hypothesis
import keras
import numpy as np
import pytest
from hypothesis import strategies as st

from np_tf import ask as ask_lib
from np_tf import explain
from np_tf import model as model_lib
from np_tf import programs
from np_tf import reference
from np_tf import table as table_lib
from tests.np_tf import scripted

Call = programs.Call

TABLE = {
    "unit price": [60, 70, 10, 99.5],
    "weight": [5, 30, 2, 20],
    "cost": [1.1, 2.2, 3.3, 4.4],
}
FRUIT = {
    "colour": ["red", "blue", "dark red", "red"],
    "price": [1, 2, 3, 4],
    "shape": ["round", "long", "round", "flat"],
}
QUESTION = "greater 50.32 unit price and lesser 20.21 weight sum cost"


@pytest.fixture
def numeric():
    return scripted.ScriptedModel()


@pytest.fixture
def textual():
    return scripted.ScriptedModel(entries=10)


def always(*calls, **kwargs):
    """A model that answers every question with these calls."""
    return scripted.ScriptedModel(program=calls, **kwargs)


# Answers.


def test_the_question_of_the_paper(numeric):
    answer = numeric.ask(QUESTION, TABLE)
    assert answer.kind == "scalar"
    assert answer.answer == 1.1 + 4.4
    assert answer.program == (
        "greater unit price 50.32; lesser weight 20.21; and; sum cost"
    )
    assert answer.full_program == answer.program
    assert answer.calls == (
        Call("greater", 0),
        Call("lesser", 1),
        Call("and"),
        Call("sum", 2),
    )
    assert answer.pivots == {"greater": 50.32, "lesser": 20.21}
    assert answer.numbers == (50.32, 20.21)
    assert answer.pivot_probs.tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert [step.rows for step in answer.steps] == [
        (0, 1, 3),
        (0, 2, 3),
        (0, 3),
        (),
    ]
    assert answer.steps[2].mask.tolist() == [True, False, False, True]
    assert answer.notes == ()


def test_confidences(numeric):
    first, _, third, last = numeric.ask(QUESTION, TABLE).steps
    assert first.operation_probs.shape == (9,)
    assert first.column_probs.shape == (3,)
    assert first.operation_prob == scripted.SURE
    assert first.column_prob == scripted.SURE
    assert third.column_prob is None
    assert last.scalar == 1.1 + 4.4


def test_how_an_answer_reads(numeric):
    assert str(numeric.ask(QUESTION, TABLE)).splitlines() == [
        "answer: 5.5",
        "program: greater unit price 50.32; lesser weight 20.21; and; sum cost",
        "step                            gives        operation  column",
        "1     greater unit price 50.32  3 of 4 rows      90.0%   90.0%",
        "2     lesser weight 20.21       3 of 4 rows      90.0%   90.0%",
        "3     and                       2 of 4 rows      90.0%",
        "4     sum cost                  5.5              90.0%   90.0%",
    ]


def test_a_lookup_gives_cells_with_their_labels(numeric):
    table = table_lib.from_columns(
        list(TABLE), list(TABLE.values()), ["a", "b", "c", "d"]
    )
    answer = numeric.ask("lesser 15 weight print cost", table)
    assert answer.answer == (
        explain.Cell("a", "cost", 1.1),
        explain.Cell("c", "cost", 3.3),
    )
    assert answer.kind == "lookup"
    assert str(answer).startswith(
        "answer: 2 cells of cost\n  row a: 1.1\n  row c: 3.3\nprogram: "
    )


def test_a_long_lookup_is_not_printed_whole(numeric):
    answer = numeric.ask("print cost", {"cost": list(range(25))})
    assert len(answer.answer) == 25
    lines = str(answer).splitlines()
    assert lines[20:22] == ["  row 19: 19", "  and 5 more"]


def test_a_difference_shows_its_reset(numeric):
    answer = numeric.ask("sum cost diff count", TABLE)
    assert answer.answer == pytest.approx(7)
    assert answer.program == "sum cost; reset; count; difference"
    assert answer.pivots == {"greater": None, "lesser": None}


def test_padding_is_left_out_of_the_program_only(numeric):
    answer = numeric.ask("sum cost", TABLE)
    assert answer.program == "sum cost"
    assert answer.full_program == "reset; reset; reset; sum cost"
    assert [step.is_relevant for step in answer.steps] == [False] * 3 + [True]


def test_sums_are_in_float64(numeric):
    table = {"cost": [1e9, 0.25]}
    assert numeric.ask("sum cost", table).answer == 1e9 + 0.25
    # float32 has the same nearest number for both.
    answer = numeric.ask("greater 16777216 cost count", {"cost": [16777217]})
    assert answer.answer == 1.0


def test_what_the_model_is_shown(numeric):
    numeric.ask(QUESTION, TABLE)
    inputs = numeric.inputs
    assert " ".join(numeric.read(inputs)) == ("greater A and lesser B sum C")
    assert inputs["numbers"].tolist() == [[50.32, 20.21]]
    assert inputs["number_positions"].tolist() == [[0, 3]]
    names = [numeric.words.word(i) for i in inputs["column_names"][0]]
    assert names == ["A", "B", "C"]
    assert inputs["table"].tolist() == [list(map(list, zip(*TABLE.values())))]
    assert inputs["num_rows"].tolist() == [4]
    assert inputs["numbers"].dtype == inputs["table"].dtype == np.float64
    assert inputs["question"].dtype == np.int32
    assert "text" not in inputs


@pytest.mark.parametrize(
    "question",
    [
        "Greater 50.32 Unit Price print COST",
        "greater 50.32 'unit price', print cost?",
        "  greater   50.32 unit  price\tprint cost.",
    ],
)
def test_case_quotes_and_spaces_do_not_matter(numeric, question):
    answer = numeric.ask(question, TABLE)
    assert answer.program == "greater unit price 50.32; assign cost"


def test_exact_names_come_before_other_cases(numeric):
    table = {"cost": [1], "Cost": [2]}
    assert numeric.ask("sum cost", table).answer == 1
    assert numeric.ask("sum Cost", table).answer == 2
    with pytest.raises(ValueError, match="must mean one thing, got column 'co"):
        numeric.ask("sum COST", table)


def test_the_longest_name_counts(numeric):
    table = {"unit": [1], "unit price": [2], "price": [4]}
    assert numeric.ask("sum unit price", table).answer == 2
    assert numeric.ask("sum unit", table).answer == 1
    assert numeric.ask("greater 0 unit sum price", table).answer == 4


def test_names_may_hold_numbers_and_question_words(numeric):
    table = {"Q1 2020": [1], "sum total": [2]}
    answer = numeric.ask("greater 1.5 sum total sum Q1 2020", table)
    assert answer.program == "greater sum total 1.5; sum Q1 2020"


def test_columns_may_be_called_like_other_symbols(numeric):
    table = {"B": [1], "A": [2]}
    assert numeric.ask("sum A", table).answer == 2
    assert numeric.ask("sum B", table).answer == 1


def test_questions_of_one_column_do_not_name_it():
    model = always(Call("greater", 0), Call("sum", 0), letters="A")
    answer = model.ask("greater 5 price sum price", {"price": [4, 6]})
    assert model.read(model.inputs) == ["greater", "sum"]
    assert model.inputs["number_positions"].tolist() == [[0, -1]]
    assert (answer.answer, answer.notes) == (6.0, ())


def test_short_inputs_are_padded(numeric):
    answer = numeric.ask("count", {"price": [4, 6]})
    inputs = numeric.inputs
    assert inputs["question"].tolist() == [numeric.words.ids(["count"]) + [0]]
    assert inputs["column_names"].tolist() == [numeric.words.ids("A") + [0]]
    assert inputs["table"].tolist() == [[[4.0, 0.0], [6.0, 0.0]]]
    assert inputs["number_positions"].tolist() == [[-1, -1]]
    assert answer.steps[0].column_probs.shape == (1,)


# Text.


def test_text_entries(textual):
    answer = textual.ask("red colour sum price", FRUIT)
    assert answer.answer == 5.0
    assert answer.program == "text_match colour red; sum price"
    assert answer.steps[2].rows == (0, 3)


def test_an_entry_of_several_words_is_one_entry(textual):
    answer = textual.ask("Dark Red colour or greater 3 price count", FRUIT)
    assert answer.answer == 2.0
    assert answer.program == "text_match colour dark red; greater price 3; " + (
        "or; count"
    )


def test_a_lookup_in_a_column_of_text(textual):
    answer = textual.ask("round shape print colour", FRUIT)
    assert answer.answer == (
        explain.Cell(0, "colour", "red"),
        explain.Cell(2, "colour", "dark red"),
    )


def test_what_a_text_model_is_shown(textual):
    textual.ask("dark red colour and flat shape count", FRUIT)
    inputs = textual.inputs
    words = " ".join(textual.read(inputs))
    assert words == "word:0 A and word:1 C count"
    colours, price, shapes = inputs["text"][0].T
    assert price.tolist() == [0] * 4
    assert inputs["table"][0, :, 1].tolist() == [1, 2, 3, 4]
    assert not inputs["table"][0][:, [0, 2]].any()
    text = [
        [textual.words.word(cell) for cell in cells]
        for cells in (colours, shapes)
    ]
    # red, blue, round and long are not asked for; they share what is left.
    assert text[0] == ["word:2", "word:3", "word:0", "word:2"]
    assert text[1] == ["word:4", "word:5", "word:4", "word:1"]


def test_more_entries_than_symbols_share_them(textual):
    table = {"name": [f"n{i}" for i in range(40)], "x": [1] * 40}
    assert textual.ask("n17 name count", table).answer == 1.0
    symbols = np.unique(textual.inputs["text"][0, :, 0], return_counts=True)[1]
    assert sorted(symbols) == [1] + [4] * 6 + [5] * 3


def test_entries_that_are_question_words_or_numbers_are_not_mentioned(textual):
    table = {"name": ["sum", "5", "and or"], "x": [4, 6, 8]}
    assert textual.ask("greater 5 x sum x", table).answer == 14.0


def test_several_entries_in_one_text_match():
    calls = Call("text_match", 0), Call("sum", 1)
    model = always(*calls, entries=10)
    answer = model.ask("red colour or blue colour sum price", FRUIT)
    assert answer.program == "text_match colour red or blue; sum price"
    assert (answer.answer, answer.notes) == (7.0, ())


# What is doubtful is noted.


def test_columns_that_question_and_program_do_not_share():
    answer = always(Call("sum", 1)).ask("sum cost", TABLE)
    assert answer.notes == (
        "the program leaves out column 'cost'",
        "the question does not mention column 'weight'",
    )
    assert str(answer).endswith("note: " + "\nnote: ".join(answer.notes))


def test_entries_that_question_and_program_do_not_share():
    model = always(Call("text_match", 2), Call("count"), entries=10)
    answer = model.ask("red colour count", FRUIT)
    assert answer.program == "text_match shape (nothing); count"
    assert "the program does not select 'red'" in answer.notes


def test_an_entry_that_is_selected_and_was_not_asked_for(textual, monkeypatch):
    outputs = textual._outputs

    def select_all(*arguments):
        found = outputs(*arguments)
        found["row_select"][:, 2] = 1.0
        return found

    monkeypatch.setattr(textual, "_outputs", select_all)
    answer = textual.ask("flat shape count", FRUIT)
    assert answer.notes == (
        "the program also selects 'long'",
        "the program also selects 'round'",
    )


def test_choices_that_are_not_sure(numeric, monkeypatch):
    monkeypatch.setattr(scripted, "SURE", 0.6)
    answer = numeric.ask("greater 50 weight sum cost", TABLE)
    assert answer.notes == (
        "the model is only 60% sure of the operation of step 3",
        "the model is only 60% sure of the column of step 3",
        "the model is only 60% sure of the operation of step 4",
        "the model is only 60% sure of the column of step 4",
    )


def test_a_number_that_is_not_sure(numeric, monkeypatch):
    outputs = numeric._outputs

    def doubt(*arguments):
        found = outputs(*arguments)
        found["pivot_probs"] = np.array([[[0.75, 0.25], [0.0, 1.0]]])
        return found

    monkeypatch.setattr(numeric, "_outputs", doubt)
    assert numeric.ask(QUESTION, TABLE).notes == (
        "the model is only 75% sure of the number of step 1",
    )


# Refusals.


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("sum weigth", r"'weigth' is no column \(unit price, weight, cost\)"),
        ("sum weigth", "no word of the preset; nearest: column 'weight'$"),
        ("sum prise", "nearest: .*column 'unit price'"),
        ("summ cost", "nearest: 'sum'"),
        ("xyzzy cost", "; its words are and, count, .*, or, print, sum$"),
        ("sum A", "'A' is no column"),
        ("sum cost word:1", "'word:1' is no column"),
        ("", "question: must have words, .* got an empty string"),
        ("   ", "question: must have words, .* got '   '"),
        ("cost", "must have words that say what to do, .* got 'cost'"),
        ("cost 5", "must have words that say what to do"),
        ("5 sum cost", "number 5 must have a word on its left"),
        ("greater 1,000 cost count", "write 1000, without thousands"),
        (
            "greater 1 cost and lesser 2 cost and greater 3 cost count",
            "may have at most 2 numbers, one for each comparison, got 3",
        ),
        (
            "greater weight and lesser 5 weight sum cost",
            r"two comparisons \(greater and lesser\) and one number",
        ),
        (
            "greater weight and lesser weight sum cost",
            r"two comparisons \(greater and lesser\) and no numbers",
        ),
        (
            "greater weight sum cost",
            r"one comparison \(greater\) and no numbers; write the number",
        ),
        (
            "greater 5 weight and greater 6 cost sum cost",
            "one comparison of each kind, .* got 'greater' twice; ask for",
        ),
        (
            "greater 5 weight and or greater 6 cost sum cost",
            "one comparison of each kind, .* got 'greater' twice; ask for",
        ),
        ("sum 5 cost", "got the program 'sum cost' for it, which leaves out 5"),
    ],
)
def test_bad_questions_are_refused(numeric, question, message):
    with pytest.raises(ValueError, match=message):
        numeric.ask(question, TABLE)


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (
            "greater 5 colour count",
            "compared with 5, got 'colour', which holds text; ask for an "
            "entry, such as 'red colour'",
        ),
        (
            "red price count",
            r"'red' must stand before a column that has it \('colour'\), "
            "got 'price'",
        ),
        ("red shape count", r"has it \('colour'\), got 'shape'"),
        ("sum colour", "'colour' must hold numbers for sum, got text; ask"),
        ("redd colour count", "no text entry .* nearest: .*entry 'red'"),
    ],
)
def test_bad_questions_about_text_are_refused(textual, question, message):
    with pytest.raises(ValueError, match=message):
        textual.ask(question, FRUIT)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"sum": [1]}, "must not have the name 'sum', .* a word of questions"),
        ({"And": [1]}, "must not have the name 'And'"),
        ({"sum count": [1]}, "must not have the name 'sum count'"),
        ({"5": [1]}, "must not have the name '5', which is a number or"),
        (
            {"cost": [1], "cost.": [2]},
            "differ in more than punctuation, got 'cost' and 'cost.'",
        ),
        (
            {name: [1] for name in "ABCDEF"},
            r"at most 5 columns for this preset, got 6 \(A, B, C, D, E, F\)",
        ),
        (FRUIT, "column 'colour' must hold numbers for this preset, got text"),
        ({}, "at least one column"),
        ({"a": []}, "at least one row"),
        ({"a": [1, float("nan")]}, "finite number, got nan in row 1, column"),
        ({"a": [1], "b": [1, 2]}, "columns must be equally long"),
    ],
)
def test_bad_tables_are_refused(numeric, table, message):
    with pytest.raises(ValueError, match=message):
        numeric.ask("count", table)


def test_an_entry_like_a_column_is_refused_where_it_is_mentioned(textual):
    table = {"colour": ["price", "red"], "price": [1, 2]}
    assert textual.ask("red colour count", table).answer == 1.0
    with pytest.raises(ValueError, match=r"got column 'price' and entry"):
        textual.ask("sum price", table)


def test_more_entries_than_the_model_tells_apart_are_refused():
    model = scripted.ScriptedModel(entries=2)
    table = {"colour": ["red", "blue", "green"]}
    with pytest.raises(ValueError, match=r"at most 1 different text.*, got 2"):
        model.ask("red colour or blue colour count", table)
    table = {"colour": ["red", "blue"]}
    assert model.ask("red colour or blue colour count", table).answer == 2.0


@pytest.mark.parametrize(
    ("calls", "message"),
    [
        (
            [Call("greater", 0), Call("count")],
            "'colour' must hold numbers for greater, got text; ask for an "
            "entry, such as 'red colour'",
        ),
        (
            [Call("text_match", 1), Call("count")],
            "'price' must hold text to be searched .*, got numbers; ask such",
        ),
        (
            [Call("sum", 1), Call("reset")],
            "must end in a sum, a count, .*, got 'reset; reset; sum price; re",
        ),
    ],
)
def test_programs_that_cannot_be_meant_are_refused(calls, message):
    model = always(*calls, entries=10)
    with pytest.raises(ValueError, match=message):
        model.ask("greater 5 price count", FRUIT)


def test_a_program_that_compares_twice_in_the_same_way_is_refused():
    calls = Call("greater", 0), Call("greater", 1), Call("and"), Call("count")
    question = "greater 5 weight and lesser 6 cost count"
    with pytest.raises(ValueError, match="got greater twice in 'greater unit"):
        always(*calls).ask(question, TABLE)


def test_a_step_that_does_not_matter_may_make_no_sense():
    calls = [Call("greater", 0), Call("reset"), Call("sum", 1)]
    answer = always(*calls, entries=10).ask("sum price", FRUIT)
    assert (answer.answer, answer.program) == (10.0, "sum price")


# Presets.


@pytest.mark.parametrize(
    ("table", "preset"),
    [
        ({"a": [1]}, "five_columns"),
        ({name: [1] for name in "abcde"}, "five_columns"),
        ({name: [1] for name in "abcdef"}, "ten_columns"),
        ({"a": [1], "b": ["x"]}, "text_match_5"),
    ],
)
def test_the_preset_fits_the_table(table, preset):
    assert ask_lib.default_preset(table_lib.as_table(table)) == preset


# Properties.

names = st.lists(
    st.text("abcXYé-", min_size=1, max_size=3).map(lambda name: f"{name} x"),
    min_size=1,
    max_size=5,
    unique_by=str.casefold,
)
number = st.integers(-999, 999).map(lambda number: number / 8)


@hypothesis.given(st.data())
def test_answers_are_those_of_plain_python(data):
    columns = data.draw(names)
    rows = data.draw(
        st.lists(
            st.lists(number, min_size=len(columns), max_size=len(columns)),
            min_size=1,
            max_size=6,
        )
    )
    first, second, asked = (
        data.draw(st.sampled_from(columns)) for _ in range(3)
    )
    above, below = data.draw(number), data.draw(number)
    logic = data.draw(st.sampled_from(["and", "or"]))
    answer = scripted.ScriptedModel().ask(
        f"greater {above} {first} {logic} lesser {below} {second} sum {asked}",
        dict(zip(columns, zip(*rows))),
    )
    combine = all if logic == "and" else any
    expected = 0.0
    for row in rows:
        cells = dict(zip(columns, row))
        if combine((cells[first] > above, cells[second] < below)):
            expected += cells[asked]
    assert answer.answer == expected
    assert answer.program == (
        f"greater {first} {programs.number_text(above)}; lesser {second} "
        f"{programs.number_text(below)}; {logic}; sum {asked}"
    )


# A network.


@pytest.mark.parametrize("entries", [0, 10])
def test_a_network_gets_what_it_needs(entries):
    words = scripted.ScriptedModel(entries=entries)
    keras.utils.set_random_seed(0)
    model = model_lib.NeuralProgrammer(
        words.vocabulary,
        words.column_symbols,
        words.text_symbols,
        hidden_dim=16,
    )
    table = FRUIT if entries else TABLE
    questions = ["sum {}", "print {}", "count", "count diff sum {}"]
    names = ("price",) if entries else tuple(TABLE)
    answered = 0
    for seed in range(5):
        rng = np.random.default_rng(seed)
        for weight in model.weights:
            weight.assign(rng.normal(size=weight.shape))
        for question in questions:
            try:
                answer = ask_lib.ask(
                    model, question.format(rng.choice(names)), table
                )
            except ValueError as error:  # An untrained network's program.
                assert str(error).startswith("question: ")
                continue
            answered += 1
            check_against_the_reference(answer)
    assert answered > 2


def check_against_the_reference(answer):
    table, masks = answer.table, [step.mask for step in answer.steps]
    matches = np.zeros((table.num_rows, len(table.names)), bool)
    for call, mask in zip(answer.calls, masks):
        if call.operation == "text_match" and table.is_text[call.column]:
            matches[:, call.column] = mask
    done = reference.execute(
        answer.calls,
        table.numeric_cells(),
        text_matches=matches,
        is_text=table.is_text,
    )
    assert done.kind == answer.kind
    assert np.array_equal(done.row_selects, masks)
    if done.kind == "scalar":
        assert done.answer == pytest.approx(answer.answer, rel=1e-12)
    else:
        assert len(answer.answer) == done.answer.sum()
    for step in answer.steps:
        assert step.operation_probs.sum() == pytest.approx(1, abs=1e-5)
        assert step.operation_prob == step.operation_probs.max()
        assert step.column_probs.shape == (len(table.names),)

"""Questions as words and numbers."""

import hypothesis
import pytest
from hypothesis import strategies as st

from np_tf import question_text


def test_the_example_of_the_paper():
    text = question_text.read("greater 50.32 C and lesser 20.21 E sum H")
    assert text == question_text.QuestionText(
        ("greater", "C", "and", "lesser", "E", "sum", "H"),
        (50.32, 20.21),
        (0, 3),
    )


def test_the_left_word_is_the_one_next_to_the_number():
    text = question_text.read("greater than 5 A")
    assert text.words[text.number_positions[0]] == "than"


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("50", 50.0),
        ("-3.5", -3.5),
        ("+2", 2.0),
        (".5", 0.5),
        ("-.5", -0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("1.5E-2", 0.015),
        ("0012", 12.0),
        ("word:3", None),
        ("A", None),
        ("e3", None),
        ("-", None),
        ("nan", None),
        ("inf", None),
        ("x5", None),
    ],
)
def test_what_is_a_number(word, number):
    assert question_text.parse_number(word) == number


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("1,000", "; write 1000, without thousands separators"),
        ("-12,345,678.9", "; write -12345678.9, without thousands sep"),
        ("1'000", "; write 1000, without thousands separators"),
        ("1_000", "; write 1000, without thousands separators"),
        ("3,5", "; write 3.5"),
        (",5", "; write .5"),
        ("12,34,567", "'$"),
        ("5km", "'$"),
        ("--5", "'$"),
        ("1.2.3", "'$"),
        ("2020-01-01", "'$"),
        ("0x10", "'$"),
        ("\u22125", "'$"),
    ],
)
def test_what_only_looks_like_a_number_is_refused(word, hint):
    with pytest.raises(ValueError, match="must look like") as error:
        question_text.read(f"greater {word} A")
    assert repr(word) in str(error.value)
    if hint != "'$":
        assert hint in str(error.value)
    else:
        assert str(error.value).endswith(repr(word))


def test_a_number_beyond_float64_is_refused():
    with pytest.raises(ValueError, match="must be finite in float64"):
        question_text.read("greater 1e999 A")


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("5 A sum", "number 5 must have a word on its left.* at the start"),
        ("greater 5 6 A", "number 6 must .* got another number there"),
        ("", "question: must have words, .*, got an empty string"),
        (" \t\n", r"question: must have words, .*, got ' \\t\\n'"),
        (" ? ! ", "question: must have words"),
        (None, "question: must be a string, got NoneType"),
        (["sum"], "question: must be a string, got list"),
    ],
)
def test_bad_questions_are_refused(question, message):
    with pytest.raises(ValueError, match=message):
        question_text.read(question)


def test_punctuation_and_quotes_around_words_are_dropped():
    words = question_text.split_words("Sum of  'unit price', and \"A\"?!")
    assert words == ("Sum", "of", "unit", "price", "and", "A")


words = st.sampled_from(["greater", "A", "word:3", "e5", "than", "sum"])
finite = st.floats(allow_nan=False, allow_infinity=False)


@hypothesis.given(
    st.lists(st.tuples(words, st.none() | finite), min_size=1, max_size=8)
)
def test_any_question_is_taken_apart_as_it_was_put_together(parts):
    question = " ".join(
        word if number is None else f"{word} {number!r}"
        for word, number in parts
    )
    text = question_text.read(question)
    assert text.words == tuple(word for word, _ in parts)
    assert list(zip(text.number_positions, text.numbers)) == [
        (index, number)
        for index, (_, number) in enumerate(parts)
        if number is not None
    ]

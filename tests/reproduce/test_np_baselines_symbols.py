"""What baselines read and write, and what counts as right."""

import numpy as np

from reproduce import np_baselines_data
from reproduce import np_baselines_evaluation
from reproduce import np_baselines_symbols


def say(position):
    """A position of the source as text."""
    head, *digits = position
    if head in (np_baselines_symbols.PLUS, np_baselines_symbols.MINUS):
        tens, units, *rest = (d - np_baselines_symbols.DIGIT for d in digits)
        sign = "-" if head == np_baselines_symbols.MINUS else ""
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
        np_baselines_symbols.source(questions, first) for first in (False, True)
    )
    assert after.shape == (2, 13, 5)
    assert after.dtype == np.int32
    assert after.max() < np_baselines_symbols.NUM_SOURCE_IDS
    question = "lesser 50.32 and greater -07.00 count"
    column = "00.01 -10.00 00.00 00.90 _ _ _"
    assert " ".join(map(say, after[0].tolist())) == f"{question} {column}"
    assert " ".join(map(say, before[0].tolist())) == f"{column} {question}"
    text = "sum _ _ _ _ _" + 7 * " 01.00"
    assert " ".join(map(say, after[1].tolist())) == text


def test_answers_are_spelt_and_read():
    hundredths = np.array([-35699, -1750, -50, 0, 7, 300, 1000, 35700])
    spelt = np_baselines_symbols.spell(hundredths)
    assert spelt.max() < np_baselines_symbols.NUM_ANSWER_IDS
    texts = [
        "".join(np_baselines_symbols.CHARACTERS[i - 2] for i in row if i > 1)
        for row in spelt.tolist()
    ]
    assert " ".join(texts) == "-356.99 -17.5 -0.5 0 0.07 3 10 357"
    np.testing.assert_array_equal(
        np_baselines_symbols.read(spelt), hundredths / 100
    )


def test_what_is_no_number_is_read_as_none():
    def ids(text):
        found = [1 if c == "$" else "-.0123456789".index(c) + 2 for c in text]
        return (found + [0] * 8)[:8]

    texts = ["$", "-$", "1-2$", "1.$", ".5$", "1.2.3$", "12", "12345678"]
    spelt = np.array([ids(text) for text in texts])
    assert np.isnan(np_baselines_symbols.read(spelt)).all()
    fine = np.array([ids(text) for text in ("12$9", "-0$", "007.10$")])
    assert np_baselines_symbols.read(fine).tolist() == [12, 0, 7.1]


def test_right_is_equal_to_the_first_decimal():
    answers = np.array([1.0, 1.04, 0.96, 1.06, 0.94, np.nan, -1.0])
    right = np_baselines_evaluation.is_right(answers, np.full(7, 100))
    assert right.tolist() == [True, True, True, False, False, False, False]

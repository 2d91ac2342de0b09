"""The Neural Programmer is asked what the baselines are."""

import dataclasses

import numpy as np
import pytest

from np_tf import model as programmer
from np_tf import programs
from np_tf import reference
from np_tf import vocabulary
from reproduce import np_baselines_configs
from reproduce import np_baselines_evaluation

RECIPE = np_baselines_configs.Recipe()
TWO_DECIMALS = dataclasses.replace(RECIPE, decimals=2)
EVALUATION = np_baselines_configs.Evaluation()
FEW = dataclasses.replace(EVALUATION, questions_per_template=3)
OF_QUESTIONS = ("sum", "count", "greater", "lesser", "and", "or", "diff")


class Executor:
    """Stands for a trained model: executes what the inputs ask for."""

    words = vocabulary.Vocabulary(["A", *OF_QUESTIONS])
    column_symbols = ("A",)

    def __init__(self, spoil=()):
        self.spoil = spoil

    def __call__(self, inputs, training):
        assert not training
        rows = zip(*(inputs[name] for name in sorted(inputs)))
        keys = sorted(inputs)
        answers = [self.answer(dict(zip(keys, row))) for row in rows]
        return {
            "scalar_answer": np.array(answers, np.float32),
            "answer_is_scalar": np.array(
                [
                    self.words.word(row[0]) not in self.spoil
                    for row in inputs["question"]
                ]
            ),
        }

    def answer(self, row):
        assert self.words.word(row["column_names"][0]) == "A"
        asked = [self.words.word(i) for i in row["question"] if i]
        calls, pivots = [], {"greater": -1.0, "lesser": -1.0}
        for number, place in zip(row["numbers"], row["number_positions"]):
            if place >= 0:
                pivots[asked[place]] = number
        for word in asked:
            if word in pivots:
                calls.append(programs.Call(word, 0))
        calls += [programs.Call(w, None) for w in asked if w in ("and", "or")]
        if "diff" in asked:
            one, other = (
                programs.Call(w, 0 if w == "sum" else None)
                for w in (asked[0], asked[2])
            )
            reset = programs.Call("reset", None)
            calls = [one, reset, other, programs.Call("difference", None)]
        else:
            last = asked[-1]
            calls.append(programs.Call(last, 0 if last == "sum" else None))
            missing = 4 - len(calls)
            calls = [programs.Call("reset", None)] * missing + calls
        table = row["table"][: row["num_rows"]]
        pair = (pivots["greater"], pivots["lesser"])
        return reference.execute(tuple(calls), table, pair).answer


@pytest.mark.parametrize("recipe", [RECIPE, TWO_DECIMALS])
def test_right_programs_answer_every_question(recipe):
    metrics = np_baselines_evaluation.evaluate_programmer(
        Executor(), recipe, FEW
    )
    assert metrics["test_accuracy"] == {"10": 1.0, "50": 1.0}
    assert set(metrics["accuracy_by_category"]["10"].values()) == {1.0}


def test_a_program_without_a_number_is_wrong():
    metrics = np_baselines_evaluation.evaluate_programmer(
        Executor(spoil=["greater"]), RECIPE, FEW
    )
    # Half of the comparisons and of the logic begin with greater.
    assert metrics["test_accuracy"]["50"] == 10 / 16
    assert metrics["accuracy_by_category"]["50"] == {
        "simple": 1.0,
        "comparison": 0.5,
        "logic": 0.5,
        "difference": 1.0,
    }
    shares = metrics["accuracy_by_template"]["50"]
    assert shares["lesser <number> sum"] == 1.0
    assert shares["greater <number> sum"] == 0.0


# Keras warns of the softmax over the one column that there is.
def test_an_untrained_programmer_is_asked():
    words = ["A", *OF_QUESTIONS, "print"]
    model = programmer.NeuralProgrammer(words, ["A"], hidden_dim=8)
    metrics = np_baselines_evaluation.evaluate_programmer(model, RECIPE, FEW)
    assert metrics["test_accuracy"]["10"] < 0.5

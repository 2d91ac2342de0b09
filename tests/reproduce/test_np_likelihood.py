"""The marginal likelihood: the product over a program, step by step."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from np_tf import model as model_lib
from np_tf import programs
from reproduce import np_likelihood
from reproduce import np_search
from tests.np_tf import numpy_np
from tests.reproduce import tables

SETTINGS = ("single_column", "three_columns", "text_match_2", "text_match_5")
ENCODERS = dict(zip(SETTINGS, ("rnn", "attention", "bidirectional", "rnn")))


def make(setting, count=12):
    """A wild model for a setting, questions, and their candidates."""
    questions = tables.Questions(setting, count)
    entries = [w for w in questions.words.words if w.startswith("word:")]
    keras.utils.set_random_seed(0)
    model = model_lib.NeuralProgrammer(
        questions.words.words,
        list(questions.letters),
        entries,
        hidden_dim=6,
        encoder=ENCODERS[setting],
        dtype="float64",
    )
    rng = np.random.default_rng(2)
    for weight in model.weights:
        weight.assign(rng.normal(scale=0.7, size=weight.shape))
    found = np_search.search(
        questions.inputs, questions.targets, questions.text_ids
    )
    return model, questions, found


def fields(found, padding=0):
    """All candidates as the likelihood takes them, some padding behind."""
    values = {
        "question": np.repeat(np.arange(len(found)), found.counts),
        "operations": found.operations,
        "columns": found.columns,
        "pivots": found.pivots,
        "text_columns": found.text_columns,
        "text_words": found.text_words,
    }
    return {
        name: np.pad(
            value,
            ((0, padding), *((0, 0),) * (value.ndim - 1)),
            constant_values=-1,
        ).astype(np.int32)
        for name, value in values.items()
    }


def program_probability(network, inputs, row, found, index):
    """The product of the probabilities of everything that is chosen."""
    question = numpy_np.Question(network, inputs, row)
    product, h = 1.0, np.zeros(len(question.q))
    for operation, column in zip(found.operations[index], found.columns[index]):
        op, col = question.probs(h)
        product *= op[operation]
        if column >= 0:
            product *= col[column]
        # Which column does not matter: hard execution takes the likeliest.
        chosen = column if column >= 0 else int(np.argmax(col))
        both = np.eye(len(op))[operation], np.eye(len(col))[chosen]
        h = question.next_history(both, h)
    for name, number in zip(programs.COMPARISONS, found.pivots[index]):
        if number >= 0:
            product *= question.beta(name)[number]
    for column, wanted in zip(
        found.text_columns[index], found.text_words[index]
    ):
        if column >= 0:
            product *= selection_probability(question, column, wanted)
    return product


def selection_probability(question, column, wanted):
    """That of the words of a column, those that are wanted match."""
    matches = dict(
        zip(question.text[:, column].tolist(), question.text_match(column))
    )
    product = 1.0
    for word, match in matches.items():
        product *= match if word in wanted else 1 - match
    return product


@pytest.mark.parametrize("setting", SETTINGS)
def test_it_is_the_sum_of_products(setting):
    model, questions, found = make(setting)
    network = numpy_np.NumpyProgrammer(model)
    expected = np.zeros(len(found))
    for row in range(len(found)):
        for index in range(found.starts[row], found.starts[row + 1]):
            expected[row] += program_probability(
                network, questions.inputs, row, found, index
            )
    inputs = dict(questions.inputs)
    # Neither the table nor its size is read.
    del inputs["table"], inputs["num_rows"]
    for padding in (0, 3):
        likelihood = np.asarray(
            np_likelihood.log_likelihood(model, inputs, fields(found, padding))
        )
        known = found.counts > 0
        assert known.sum() > len(found) / 2 and expected.max() < 1
        np.testing.assert_allclose(
            likelihood[known], np.log(expected[known]), rtol=1e-5
        )
        assert (likelihood[~known] < -1e8).all()


@pytest.mark.parametrize("setting", SETTINGS)
def test_it_is_what_the_models_outputs_say(setting):
    """The most likely choices of a program with nothing left open."""
    model, questions, _ = make(setting)
    outputs = model(questions.inputs)
    operations = np.asarray(outputs["operations"])
    columns = np.asarray(outputs["columns"])
    n = len(operations)
    program = {
        "question": np.arange(n),
        "operations": operations,
        "columns": columns,
        "pivots": np.full((n, 2), -1),
        "text_columns": np.full((n, 2), -1),
        "text_words": np.full((n, 2, 2), -1),
    }
    expected = np.log(
        np.max(outputs["operation_probs"], axis=-1)
        * np.max(outputs["column_probs"], axis=-1)
    ).sum(axis=1)
    likelihood = np_likelihood.log_likelihood(model, questions.inputs, program)
    np.testing.assert_allclose(likelihood, expected, rtol=1e-5)


def test_its_gradient_raises_it_for_every_weight():
    model, questions, found = make("text_match_5")
    candidates = fields(found, padding=2)
    known = np.flatnonzero(found.counts)

    def total():
        return tf.reduce_sum(
            tf.gather(
                np_likelihood.log_likelihood(
                    model, questions.inputs, candidates
                ),
                known,
            )
        )

    weights = model.trainable_weights
    with tf.GradientTape() as tape:
        before = total()
    gradients = tape.gradient(before, [w.value for w in weights])
    rate = 1e-5
    for weight, gradient in zip(weights, gradients):
        gradient = np.asarray(tf.convert_to_tensor(gradient))
        assert np.isfinite(gradient).all() and np.abs(gradient).max() > 0
        kept = np.asarray(weight)
        weight.assign(kept + rate * gradient)
        after = float(total())
        weight.assign(kept)
        gain = (after - float(before)) / rate
        np.testing.assert_allclose(
            gain, (gradient**2).sum(), rtol=0.05, err_msg=weight.path
        )

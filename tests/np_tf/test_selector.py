"""Selector and history RNN: the paper's equations, question by question."""

import numpy as np
import pytest

from np_tf import controller as controller_lib
from np_tf import history as history_lib
from np_tf import selector as selector_lib
from tests.np_tf import numpy_np

_RNG = np.random.default_rng(0)
B, D, O, C = 3, 4, 9, 2  # noqa: E741
Q, H, ATTENDED = _RNG.normal(size=(3, B, D))
U = _RNG.normal(size=(O, D))
P = _RNG.normal(size=(B, C, D))


def make(layer_class, scale=1.0, **kwargs):
    """A layer with weights large enough for tanh to bend, float64."""
    layer = layer_class(D, dtype="float64", **kwargs)
    layer.build()
    layer.kernel.assign(_RNG.normal(scale=scale, size=layer.kernel.shape))
    return layer, np.asarray(layer.kernel).T


def test_operations_are_the_equation():
    layer, w_op = make(selector_lib.Selector)
    logits = layer([Q, H], U)
    for row in range(B):
        both = np.concatenate([Q[row], H[row]])
        expected = U @ np.tanh(w_op @ both)
        np.testing.assert_allclose(logits[row], expected, atol=1e-12)


def test_columns_are_the_equation():
    layer, w_col = make(selector_lib.Selector)
    logits = layer([Q, H], P)
    for row in range(B):
        both = np.concatenate([Q[row], H[row]])
        expected = P[row] @ np.tanh(w_col @ both)
        np.testing.assert_allclose(logits[row], expected, atol=1e-12)


def test_attention_is_the_middle_of_three():
    layer, w_op = make(selector_lib.Selector, num_inputs=3)
    assert w_op.shape == (D, 3 * D)
    logits = layer([Q, ATTENDED, H], U)
    for row in range(B):
        parts = np.concatenate([Q[row], ATTENDED[row], H[row]])
        expected = U @ np.tanh(w_op @ parts)
        np.testing.assert_allclose(logits[row], expected, atol=1e-12)


def test_what_is_left_out_is_zero():
    layer, _ = make(selector_lib.Selector)
    np.testing.assert_allclose(
        layer([Q], U), layer([Q, np.zeros((B, D))], U), atol=1e-12
    )


def test_history_is_the_equation():
    layer, w_history = make(history_lib.HistoryRNN)
    assert w_history.shape == (D, 3 * D)
    op, col = (
        numpy_np.softmax(_RNG.normal(size=shape)) for shape in ((B, O), (B, C))
    )
    after = layer(op, col, U, P, H)
    first = layer(op, col, U, P)
    for row in range(B):
        c = np.concatenate([op[row] @ U, col[row] @ P[row]])
        expected = np.tanh(w_history @ np.concatenate([c, H[row]]))
        np.testing.assert_allclose(after[row], expected, atol=1e-12)
        expected = np.tanh(w_history @ np.concatenate([c, np.zeros(D)]))
        np.testing.assert_allclose(first[row], expected, atol=1e-12)


@pytest.mark.parametrize("encoder", controller_lib.ENCODERS)
def test_a_column_that_is_not_there_is_never_chosen(encoder):
    layer = controller_lib.Controller(6, O, D, encoder)
    layer.build()
    names = np.array([[1, 2, 3], [4, 5, 0], [2, 0, 0]], np.int32)
    encoding = layer.encode(np.array([[5, 1], [2, 0], [3, 3]], np.int32), names)
    _, logits, history = layer(encoding)
    assert history is None
    probs = numpy_np.softmax(np.asarray(logits, float))
    assert (probs[names == 0] == 0).all() and (probs[names > 0] > 0).all()


@pytest.mark.parametrize(
    ("argument", "value", "rule"),
    [
        ("encoder", "lstm", "must be one of rnn, bidirectional, attention"),
        ("hidden_dim", 7, "must be even and >= 2"),
        ("hidden_dim", 0, "must be even and >= 2"),
    ],
)
def test_bad_arguments_are_named(argument, value, rule):
    with pytest.raises(ValueError, match=f"^{argument}: {rule}, got {value!r}"):
        controller_lib.Controller(6, O, **{argument: value})


def test_history_takes_columns_as_words():
    """Probabilities of words that name them, and the vectors of all words."""
    layer, _ = make(history_lib.HistoryRNN)
    words, names = _RNG.normal(size=(6, D)), np.array([[1, 2], [4, 3], [2, 5]])
    op, col = (
        numpy_np.softmax(_RNG.normal(size=shape)) for shape in ((B, O), (B, C))
    )
    of_words = np.zeros((B, 6))
    for row in range(B):
        of_words[row, names[row]] = col[row]
    np.testing.assert_allclose(
        layer(op, of_words, U, words, H),
        layer(op, col, U, words[names], H),
        atol=1e-12,
    )

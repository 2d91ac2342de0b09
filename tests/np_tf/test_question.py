"""The question module: the paper's RNN, in both directions, and padding."""

import numpy as np
import pytest
import tensorflow as tf

from np_tf import question as question_lib
from tests.np_tf import numpy_np

_RNG = np.random.default_rng(0)
WORDS = _RNG.normal(size=(7, 5))
QUESTIONS = [[3, 1, 4, 1, 6], [5], [2, 6, 5]]


def padded(questions, width):
    ids = np.zeros((len(questions), width), np.int32)
    for row, question in enumerate(questions):
        ids[row, : len(question)] = question
    return ids


def make(reverse, hidden_dim=4):
    """An RNN with weights large enough for tanh to bend."""
    layer = question_lib.QuestionRNN(hidden_dim, reverse, dtype="float64")
    layer.build((None, None), WORDS.shape)
    layer.kernel.assign(_RNG.normal(size=layer.kernel.shape))
    return layer


def by_equation(layer, question):
    """`z_i = tanh(W [z_{i-1}; V(w_i)])` in the order of reading."""
    order = question[::-1] if layer.reverse else question
    kernel = np.asarray(layer.kernel).T  # [d, d + width of V]
    states = numpy_np.rnn(kernel, [WORDS[w] for w in order])
    last = states[-1]
    return (states[::-1] if layer.reverse else states), last


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("width", [5, 8])
def test_states_are_the_equation_whatever_the_padding(reverse, width):
    layer = make(reverse)
    states, last = layer(padded(QUESTIONS, width), WORDS)
    for row, question in enumerate(QUESTIONS):
        expected, expected_last = by_equation(layer, question)
        np.testing.assert_allclose(
            states[row, : len(question)], expected, atol=1e-12
        )
        np.testing.assert_allclose(last[row], expected_last, atol=1e-12)


def test_backward_reads_the_last_word_first():
    forward, backward = make(False), make(True)
    backward.kernel.assign(forward.kernel)
    ids = padded([[3, 1, 4]], 5)
    mirrored = padded([[4, 1, 3]], 5)
    states, last = backward(ids, WORDS)
    other_states, other_last = forward(mirrored, WORDS)
    np.testing.assert_allclose(last, other_last, atol=1e-12)
    np.testing.assert_allclose(
        states[0, :3], np.asarray(other_states)[0, 2::-1], atol=1e-12
    )
    # z_1 has read everything, z_3 the last word alone.
    changed, _ = backward(padded([[3, 1, 2]], 5), WORDS)
    assert np.abs(np.asarray(changed - states)[0, :3]).max(axis=1).min() > 1e-3
    changed, _ = backward(padded([[2, 1, 4]], 5), WORDS)
    difference = np.abs(np.asarray(changed - states)[0, :3]).max(axis=1)
    assert (difference > 1e-3).tolist() == [True, False, False]


def test_no_words_are_zeros():
    for reverse in (False, True):
        states, last = make(reverse)(np.zeros((1, 3), np.int32), WORDS)
        assert not np.asarray(states).any() and not np.asarray(last).any()


def test_the_number_of_words_must_be_static():
    layer = make(False)
    shape = tf.TensorSpec([None, None], tf.int32)
    with pytest.raises(ValueError, match=r"question: .* must be static, got"):
        tf.function(lambda ids: layer(ids, WORDS), input_signature=[shape])(
            padded(QUESTIONS, 5)
        )


@pytest.mark.parametrize("size", [0, -1])
def test_a_size_below_one_raises(size):
    with pytest.raises(
        ValueError, match=f"hidden_dim: must be >= 1, got {size}"
    ):
        question_lib.QuestionRNN(size)


def test_attention_is_the_equation():
    layer = question_lib.QuestionAttention(dtype="float64")
    query, states = _RNG.normal(size=(3, 4)), _RNG.normal(size=(3, 5, 4))
    lengths = np.array([5, 1, 3])
    is_word = np.arange(5) < lengths[:, None]
    attended = layer(query, states, is_word)
    for row, length in enumerate(lengths):
        known = states[row, :length]
        weights = numpy_np.softmax(known @ query[row])
        np.testing.assert_allclose(attended[row], weights @ known, atol=1e-12)


def test_rows_are_looked_up():
    ids = np.array([[3, 0], [6, 6]])
    np.testing.assert_array_equal(question_lib.look_up(WORDS, ids), WORDS[ids])


def test_softmax_by_hand_and_masked():
    # exp is 1, 2, 3: of all, 1/6, 2/6, 3/6; of the first two, 1/3 and 2/3.
    logits = np.log([[1.0, 2.0, 3.0]] * 4)
    mask = np.array([[1, 1, 1], [1, 1, 0], [0, 0, 1], [0, 0, 0]], bool)
    np.testing.assert_allclose(
        question_lib.masked_softmax(logits, mask),
        [[1 / 6, 2 / 6, 3 / 6], [1 / 3, 2 / 3, 0], [0, 0, 1], [0, 0, 0]],
        atol=1e-12,
    )
    np.testing.assert_allclose(
        question_lib.softmax(logits)[0], [1 / 6, 2 / 6, 3 / 6]
    )
    # One choice: certain, and without the warning of keras.ops.softmax.
    np.testing.assert_array_equal(
        question_lib.softmax(logits[:, :1]), [[1]] * 4
    )


def test_weights_start_within_a_tenth():
    layer = question_lib.QuestionRNN(50)
    layer.build((None, None), (9, 50))
    kernel = np.asarray(layer.kernel)
    assert 0.099 < kernel.max() <= 0.1 and -0.1 <= kernel.min() < -0.099
    assert abs(kernel.mean()) < 0.005
    assert abs(kernel.std() - 0.2 / np.sqrt(12)) < 0.002

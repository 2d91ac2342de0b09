"""Text: the two stages of section 2.3.1, with one vector for every row."""

import numpy as np
import pytest

from np_tf import text_match as text_match_lib
from tests.np_tf import numeric_gradient
from tests.np_tf import numpy_np

_RNG = np.random.default_rng(0)
B, M, C, Q, W, D = 3, 6, 3, 4, 8, 5
# Text columns are full down to the last row; the others hold no text.
ROWS = np.array([6, 4, 1])
IS_TEXT = np.array([[1, 0, 1], [0, 1, 1], [1, 1, 0]], bool)
TEXT = _RNG.integers(1, W, (B, M, C)) * IS_TEXT[:, None, :]
TEXT = TEXT * (np.arange(M) < ROWS[:, None])[:, :, None]
LENGTHS = np.array([4, 1, 3])
IS_WORD = np.arange(Q) < LENGTHS[:, None]
WORDS = _RNG.normal(size=(W, D))
COLUMNS, QUESTION, STATES = (
    _RNG.normal(size=shape) for shape in ((B, C, D), (B, D), (B, Q, D))
)


def logits(
    words=WORDS, columns=COLUMNS, question=QUESTION, states=STATES, text=TEXT
):
    layer = text_match_lib.TextMatch(dtype="float64")
    return layer(text, words, columns, question, states, IS_WORD)


def by_stages(b, k):
    """`text_match[m][k]` for the rows of question b, as the paper writes it."""
    A = WORDS[TEXT[b, : ROWS[b], k]]  # [M, d]
    # Stage 1.
    B_ = np.array([numpy_np.sigmoid(sum(A[m] * QUESTION[b])) for m in _rows(A)])
    D_k = np.array(
        [sum(B_[m] * A[m][p] for m in _rows(A)) / len(A) for p in range(D)]
    )
    E = D_k + COLUMNS[b, k]
    # Stage 2.
    z = STATES[b, : LENGTHS[b]]
    weights = numpy_np.softmax(np.array([sum(E * z_i) for z_i in z]))
    G = sum(weight * z_i for weight, z_i in zip(weights, z))
    return np.array([numpy_np.sigmoid(sum(A[m] * G)) for m in _rows(A)])


def _rows(A):
    return range(len(A))


def test_stages_are_the_equations():
    matches = numpy_np.sigmoid(np.asarray(logits()))
    cells = np.asarray(text_match_lib.spread(matches, TEXT))
    for b in range(B):
        for k in range(C):
            expected = np.zeros(M)
            if IS_TEXT[b, k]:
                expected[: ROWS[b]] = by_stages(b, k)
            np.testing.assert_allclose(cells[b, :, k], expected, atol=1e-12)


def test_how_often_an_entry_occurs_matters():
    """Stage 1 is a mean over rows, not over distinct words."""
    often, seldom = TEXT.copy(), TEXT.copy()
    often[0, :, 0] = [1, 1, 1, 1, 1, 2]
    seldom[0, :, 0] = [1, 2, 2, 2, 2, 2]
    one, other = (np.asarray(logits(text=text)) for text in (often, seldom))
    assert np.abs(one - other)[0, 0].max() > 1e-3
    np.testing.assert_array_equal(one[1:], other[1:])


def test_gradient_is_the_numeric_one():
    gradients = numeric_gradient.check(
        logits, (WORDS, COLUMNS, QUESTION, STATES), atol=1e-7
    )
    for gradient in gradients:
        assert np.abs(gradient).max() > 0.01
    # Words that are padding teach nothing.
    assert not gradients[3][~IS_WORD].any()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_values_of_words_go_to_their_cells(dtype):
    values = np.arange(B * C * W).reshape(B, C, W).astype(dtype)
    cells = text_match_lib.spread(values, TEXT)
    assert cells.dtype == dtype
    for (b, m, k), word in np.ndenumerate(TEXT):
        assert cells[b, m, k] == (values[b, k, word] if word else 0)

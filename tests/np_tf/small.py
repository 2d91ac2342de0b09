"""Small models that were never trained, and random questions for them."""

import keras
import numpy as np

from np_tf import model as model_lib

LETTERS = ("A", "B", "C", "D")
WORDS = ("sum", "count", "print", "greater", "lesser", "and", "or", "diff")
ENTRIES = ("word:0", "word:1", "word:2")
ENCODERS = ("rnn", "bidirectional", "attention")


def small_model(encoder="rnn", text=False, hidden_dim=8, wild=0.0, **kwargs):
    """A model of four columns.

    Args:
        encoder: How it reads.
        text: Whether it knows text entries.
        hidden_dim: d.
        wild: Standard deviation of its weights; 0 for those that it starts
            with, which make all choices nearly even.
        **kwargs: Passed to the model.
    """
    keras.utils.set_random_seed(0)
    entries = ENTRIES if text else ()
    model = model_lib.NeuralProgrammer(
        LETTERS + WORDS + entries,
        LETTERS,
        entries,
        hidden_dim=hidden_dim,
        encoder=encoder,
        **kwargs,
    )
    rng = np.random.default_rng(1)
    for weight in model.weights if wild else ():
        weight.assign(rng.normal(scale=wild, size=weight.shape))
    return model


def random_inputs(
    batch=5, words=6, rows=4, columns=3, numbers=2, text=False, seed=0
):
    """Questions of any words on any tables, padded at the right.

    The first question has all that fits, the second has no number and the
    third one word, one row and one column. Cells are whole quarters, so
    float32 sums are exact, and some equal a number of the question.
    """
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, [words + 1, rows + 1, columns + 1], (batch, 3))
    how_many = rng.integers(0, numbers + 1, batch)
    sizes[0], how_many[0] = (words, rows, columns), numbers
    if batch > 2:
        sizes[2], how_many[1] = 1, 0
    is_word, is_row, is_column = (
        np.arange(most) < size[:, None]
        for most, size in zip((words, rows, columns), sizes.T)
    )
    is_number = np.arange(numbers) < how_many[:, None]
    known = len(LETTERS) + len(WORDS) + (len(ENTRIES) if text else 0)
    names = np.stack([rng.permutation(len(LETTERS)) for _ in range(batch)])
    inputs = {
        "question": is_word * rng.integers(1, known + 1, (batch, words)),
        "numbers": is_number * _quarters(rng, (batch, numbers)),
        "number_positions": np.where(
            is_number,
            rng.integers(0, sizes[:, :1], (batch, numbers)),
            -1,
        ),
        "column_names": is_column * (names[:, :columns] + 1),
        "table": _quarters(rng, (batch, rows, columns)),
        "num_rows": sizes[:, 1],
    }
    cells = is_row[:, :, None] & is_column[:, None, :]
    if text:
        is_text = rng.integers(0, 2, (batch, columns)) > 0
        is_text[0] = np.arange(columns) % 2 == 0
        here = cells & is_text[:, None, :]
        first = known - len(ENTRIES) + 1
        entries = rng.integers(first, known + 1, cells.shape)
        inputs["text"] = here * entries
        cells = cells & ~here
    inputs["table"] = cells * inputs["table"]
    return {
        name: value.astype(np.float32 if value.dtype.kind == "f" else np.int32)
        for name, value in inputs.items()
    }


def random_targets(inputs, seed=0):
    """Answers of both kinds to such questions, right or wrong."""
    rng = np.random.default_rng(seed)
    batch, rows = inputs["table"].shape[:2]
    is_cell = np.arange(rows) < inputs["num_rows"][:, None]
    is_cell = is_cell[:, :, None] & (inputs["column_names"] > 0)[:, None, :]
    return {
        "answer_is_scalar": np.arange(batch) % 2 == 0,
        "scalar_answer": rng.normal(scale=20, size=batch).astype(np.float32),
        "lookup_answer": (is_cell * rng.integers(0, 2, is_cell.shape)).astype(
            np.uint8
        ),
    }


def take(arrays, rows):
    """Some questions of a batch."""
    return {name: value[rows] for name, value in arrays.items()}


def _quarters(rng, shape):
    return rng.integers(-12, 13, shape) / 4

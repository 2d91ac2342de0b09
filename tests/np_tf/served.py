"""Requests to a served Neural Programmer, and its answers, as plain data."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

import np_tf
from np_tf import programs
from np_tf import serving
from tests.np_tf import scripted

DTYPES = {
    "question": tf.string,
    "column_names": tf.string,
    "cells": tf.float64,
    "num_rows": tf.int32,
    "text_cells": tf.string,
}


def request(rows, with_text: bool = False) -> dict[str, np.ndarray]:
    """The inputs of a batch.

    Args:
        rows: `(question, table)` pairs; a table maps names to numbers or
            strings.
        with_text: Whether the model knows text.
    """
    widths = [len(table) for _, table in rows]
    lengths = [max(map(len, table.values()), default=0) for _, table in rows]
    shape = len(rows), max(lengths, default=0), max(widths, default=0)
    names = np.full(shape[::2], "", object)
    cells, text = np.zeros(shape), np.full(shape, "", object)
    for index, (_, table) in enumerate(rows):
        for column, (name, values) in enumerate(table.items()):
            names[index, column] = name
            of_text = isinstance((*values, 0)[0], str)
            (text if of_text else cells)[index, : len(values), column] = values
    found = {
        "question": np.array([question for question, _ in rows], object),
        "column_names": names,
        "cells": cells,
        "num_rows": np.array(lengths, np.int32),
        "text_cells": text,
    }
    if not with_text:
        del found["text_cells"]
    return found


def tensors(inputs) -> dict[str, tf.Tensor]:
    """The inputs as tensors, from arrays or nested lists."""
    return {
        name: tf.constant(value, DTYPES[name]) for name, value in inputs.items()
    }


def answers(outputs: dict[str, tf.Tensor]) -> list[dict]:
    """One dict of plain values for each row."""
    lists = {name: plain(value) for name, value in outputs.items()}
    return [dict(zip(lists, row)) for row in zip(*lists.values())]


def plain(value):
    """A tensor as nested lists, strings decoded."""
    if isinstance(value, tf.Tensor):
        value = value.numpy().tolist()
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.decode() if isinstance(value, bytes) else value


def program(answer) -> list[list[str]]:
    """The program of an `np_tf.Answer` as it is served."""
    names = answer.table.names
    return [
        [call.operation, "" if call.column is None else names[call.column]]
        for call in answer.calls
    ]


def lookup(answer, width: int, height: int) -> list[list[bool]]:
    """The cells of an `np_tf.Answer` as they are served."""
    mask = np.zeros((height, width), bool)
    if answer.kind == "lookup":
        for cell in answer.answer:
            mask[cell.row, answer.table.names.index(cell.column)] = True
    return mask.tolist()


def function(model):
    """What a model is served as, without the SavedModel."""
    serve = serving.Serving(model)
    run = tf.function(lambda **inputs: serve.run(inputs), autograph=False)
    return run.get_concrete_function(**serve.inputs)


def small_model(seed: int, with_text: bool = False, encoder: str = "rnn"):
    """An untrained model that is as decided as a trained one."""
    letters, words = "ABC", scripted.WORDS
    entries = [f"word:{k}" for k in range(4 * with_text)]
    keras.utils.set_random_seed(seed)
    model = np_tf.NeuralProgrammer(
        (*letters, *words, *entries), letters, entries, 16, encoder=encoder
    )
    rng = np.random.default_rng(seed)
    model.set_weights([rng.normal(0, 1, w.shape) for w in model.weights])
    return model


class ScriptedBatch:
    """A `ScriptedModel` for batches, in a graph."""

    def __init__(self, model: scripted.ScriptedModel):
        self.model = model
        self.vocabulary = model.vocabulary
        self.column_symbols = model.column_symbols
        self.text_symbols = model.text_symbols

    def __call__(self, inputs, training):
        steps = self.model.num_steps
        columns = inputs["column_names"].shape[1]
        number = inputs["numbers"].dtype
        kinds = {
            "scalar_answer": (number, []),
            "lookup_answer": (number, [None, columns]),
            "answer_is_scalar": (tf.bool, []),
            "operations": (tf.int32, [steps]),
            "columns": (tf.int32, [steps]),
            "operation_probs": (number, [steps, None]),
            "column_probs": (number, [steps, columns]),
            "pivots": (number, [2]),
            "pivot_probs": (number, [2, inputs["numbers"].shape[1]]),
            "row_select": (number, [steps, None]),
        }

        def execute(*values):
            arrays = dict(zip(inputs, values))
            outputs = [
                self._row({k: v[i : i + 1] for k, v in arrays.items()})
                for i in range(len(arrays["question"]))
            ]
            return [
                np.concatenate([row[name] for row in outputs]).astype(
                    kind.as_numpy_dtype
                )
                for name, (kind, _) in kinds.items()
            ]

        values = tf.numpy_function(
            execute, list(inputs.values()), [kind for kind, _ in kinds.values()]
        )
        return {
            name: tf.ensure_shape(value, [None, *shape])
            for value, (name, (_, shape)) in zip(values, kinds.items())
        }

    def _row(self, arrays):
        """One row, which the model sees without the padding of its table."""
        height, num_rows = arrays["table"].shape[1], arrays["num_rows"][0]
        for name in arrays.keys() & {"table", "text"}:
            arrays[name] = arrays[name][:, :num_rows]
        with np.errstate(over="ignore"):  # TensorFlow says nothing either.
            outputs = self.model(arrays, training=False)
        for name, axis in (("lookup_answer", 1), ("row_select", 2)):
            padding = np.zeros((outputs[name].ndim, 2), int)
            padding[axis, 1] = height - num_rows
            outputs[name] = np.pad(outputs[name], padding)
        return outputs


class Resigned(scripted.ScriptedModel):
    """Answers what it cannot follow with a program that has no answer."""

    def __call__(self, inputs, training):
        program = self.program
        try:
            return super().__call__(inputs, training)
        except (ValueError, IndexError):
            self.program = (programs.Call("reset"),)
            return super().__call__(inputs, training)
        finally:
            self.program = program

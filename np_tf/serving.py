"""What a served Neural Programmer reads and answers, in one graph.

As `np_tf.ask`, for a batch of questions, each about a table of its own.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from np_tf import programs
from np_tf import tensor_checks
from np_tf import tensor_inputs
from np_tf import tensor_mentions
from np_tf import tensor_notes
from np_tf import tensor_table

_INPUTS = {
    "question": tf.TensorSpec([None], tf.string, name="question"),
    "column_names": tf.TensorSpec([None, None], tf.string, name="column_names"),
    "cells": tf.TensorSpec([None, None, None], tf.float64, name="cells"),
    "num_rows": tf.TensorSpec([None], tf.int32, name="num_rows"),
}
_TEXT_INPUT = tf.TensorSpec([None, None, None], tf.string, name="text_cells")
NO_PIVOT = -1.0  # What Table 3 shows for a question without numbers.


class Serving:
    """The served function of one model.

    Args:
        model: A `np_tf.NeuralProgrammer`.

    Attributes:
        inputs: `tf.TensorSpec` of every input, by name.
        warmup: Requests, each a dict of values by input name.
    """

    def __init__(self, model: Any):
        self._model = model
        self._words, self._ids = tensor_inputs.symbols(model)
        self.inputs = dict(_INPUTS)
        if model.text_symbols:
            self.inputs["text_cells"] = _TEXT_INPUT
        self.warmup = tuple(self._request(size) for size in (1, 4))

    def run(self, inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Answers a batch.

        Args:
            inputs: As `inputs` specifies.

        Returns:
            `scalar_answer` `[B]`, `lookup_mask` `[B, M, C]`, `answer_kind`,
            `status` and `detail` `[B]`, `program` `[B, T, 2]` and `pivots`
            `[B, 2]`.

        Raises:
            tf.errors.InvalidArgumentError: When executed, if the inputs'
                shapes do not go together.
        """
        inputs = _checked(inputs)
        tables, verdict = tensor_table.read(inputs, len(self._ids.columns))
        pieces, verdict = tensor_mentions.read(
            inputs["question"], tables, self._words, verdict
        )
        arrays, verdict = tensor_inputs.build(
            pieces, tables, self._words, self._ids, verdict
        )
        outputs = self._model(arrays, training=False)
        done = tensor_checks.from_outputs(outputs)
        calls = _calls(outputs, tables)
        verdict = tensor_checks.check(
            done, tables, _num_numbers(arrays), _text(calls), verdict
        )
        is_finite = tf.math.is_finite(outputs["scalar_answer"])
        verdict = verdict.refuse("overflow", ~is_finite, _text(calls))
        notes = tensor_notes.notes(done, tables, pieces)
        num_columns = tf.shape(inputs["cells"])[2]
        return _answer(outputs, calls, num_columns, verdict.is_ok) | {
            "status": verdict.text,
            "detail": tf.where(verdict.is_ok, notes, verdict.detail),
        }

    def _request(self, size):
        """Counts the one row of a table, `size` times."""
        request = {
            "question": ["count"] * size,
            "column_names": [["column"]] * size,
            "cells": [[[1.0]]] * size,
            "num_rows": [1] * size,
        }
        if "text_cells" in self.inputs:
            request["text_cells"] = [[[""]]] * size
        return request


def _checked(inputs):
    """The inputs, if their shapes go together."""
    specs = _INPUTS | {"text_cells": _TEXT_INPUT}
    # A C session and a server do not look at the rank of what they are fed.
    inputs = {
        name: tf.ensure_shape(value, specs[name].shape)
        for name, value in inputs.items()
    }
    size, max_rows, columns = tf.unstack(tf.shape(inputs["cells"]))
    wanted = {
        "question": [size],
        "column_names": [size, columns],
        "num_rows": [size],
        "text_cells": [size, max_rows, columns],
    }
    checks = [
        tf.debugging.assert_equal(
            tf.shape(inputs[name]),
            tf.stack(shape),
            message=f"{name}: must go with the shape of cells",
        )
        for name, shape in wanted.items()
        if name in inputs
    ]
    with tf.control_dependencies(checks):
        return {name: tf.identity(value) for name, value in inputs.items()}


def _num_numbers(arrays):
    there = arrays["number_positions"] >= 0
    return tf.reduce_sum(tf.cast(there, tf.int32), axis=1)


def _calls(outputs, tables):
    """Operations and the requests' column names, `[B, T, 2]`."""
    operations = outputs["operations"]
    names = tf.gather(tables.names, outputs["columns"], batch_dims=1)
    has_column = tensor_checks.is_one_of(
        operations, tuple(programs.COLUMN_OPERATIONS)
    )
    return tf.stack(
        [
            tf.gather(programs.OPERATIONS, operations),
            tf.where(has_column, names, ""),
        ],
        axis=2,
    )


def _text(calls):
    """`reset; sum price`, `[B]`."""
    words = tf.strings.strip(tf.strings.reduce_join(calls, 2, separator=" "))
    return tf.strings.reduce_join(words, axis=1, separator="; ")


def _answer(outputs, calls, num_columns, is_ok):
    """The answers; nothing in rows that are not ok."""
    is_scalar = outputs["answer_is_scalar"]
    kind = tf.where(is_scalar, "scalar", "lookup")
    mask = outputs["lookup_answer"] > 0.5
    mask &= (is_ok & ~is_scalar)[:, None, None]
    scalar = tf.where(is_ok & is_scalar, outputs["scalar_answer"], 0.0)
    return {
        "scalar_answer": scalar,
        "lookup_mask": tensor_table.fit(mask, num_columns),
        "answer_kind": tf.where(is_ok, kind, ""),
        "program": tf.where(is_ok[:, None, None], calls, ""),
        "pivots": tf.where(is_ok[:, None], outputs["pivots"], NO_PIVOT),
    }

"""The Neural Programmer as it is usually written: one question at a time.

Every equation of the paper as it stands there, in eager TensorFlow, with
Python loops over questions, words, steps and operations; nothing is batched
and nothing compiled.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from np_tf import losses
from np_tf import programs

NO_NUMBER = -1.0


class NaiveProgrammer:
    """Computes the soft loss of one question after the other.

    Args:
        model: The `np_tf.NeuralProgrammer` whose weights it uses: of numeric
            tables, without attention over the question.

    Raises:
        ValueError: If the model has text columns or attention.
    """

    def __init__(self, model: Any):
        controller = model.controller
        if model.text_symbols or controller.attention is not None:
            raise ValueError(
                "model: must have numeric columns and no attention, got "
                f"encoder {model.encoder!r}, {len(model.text_symbols)} text "
                "symbols"
            )
        self.variables = model.trainable_variables
        self.words = controller.word_vectors
        self.operations = controller.operations
        self.readers = [controller.forward]
        if controller.backward is not None:
            self.readers.append(controller.backward)
        self.operation_kernel = controller.operation_selector.kernel
        self.column_kernel = controller.column_selector.kernel
        self.history_kernel = controller.history.kernel
        self.hidden_dim = model.hidden_dim
        self.num_steps = model.num_steps
        self.huber_delta = model.huber_delta
        self.lookup_weight = model.lookup_weight

    def gradients(
        self, inputs: dict[str, Any], targets: dict[str, Any]
    ) -> tuple[float, list[Any]]:
        """The mean loss and its gradients, added up question by question.

        Args:
            inputs: Of the model, some questions.
            targets: Their answers.

        Returns:
            The loss as of `PaperSchedule.loss`, and the gradient for each of
            `variables`.
        """
        count = len(inputs["question"])
        total = 0.0
        summed = [tf.zeros(variable.shape) for variable in self.variables]
        for i in range(count):
            with tf.GradientTape() as tape:
                loss = self._loss_of_one(
                    {name: values[i] for name, values in inputs.items()},
                    {name: values[i] for name, values in targets.items()},
                )
            gradients = tape.gradient(
                loss, [variable.value for variable in self.variables]
            )
            total += float(loss)
            summed = [
                before if new is None else before + tf.convert_to_tensor(new)
                for before, new in zip(summed, gradients)
            ]
        return total / count, [gradient / count for gradient in summed]

    def _loss_of_one(self, inputs, targets):
        question = [int(word) for word in inputs["question"] if word > 0]
        names = [int(name) for name in inputs["column_names"] if name > 0]
        rows = int(inputs["num_rows"])
        table = tf.constant(inputs["table"][:rows, : len(names)])
        scalar, lookup = self._answer(question, names, table, inputs)
        if targets["answer_is_scalar"]:
            return _huber(
                scalar, float(targets["scalar_answer"]), self.huber_delta
            )
        wanted = targets["lookup_answer"][:rows, : len(names)]
        return self.lookup_weight * _cross_entropy(
            lookup, tf.constant(wanted, tf.float32)
        )

    def _answer(self, question, names, table, inputs):
        states, q = self._read(question)
        columns = tf.stack([self.words[name] for name in names])
        pivots = self._pivots(states, inputs)
        rows = tf.ones(table.shape[0])
        selects, scalars = [rows, rows], [tf.constant(0.0)] * 3
        history = tf.zeros([self.hidden_dim])
        chosen = lookup = None
        for _ in range(self.num_steps):
            if chosen is not None:
                history = self._remember(*chosen, columns, history)
            chosen = (
                _choose(q, history, self.operation_kernel, self.operations),
                _choose(q, history, self.column_kernel, columns),
            )
            scalar, lookup, select = _execute(
                *chosen, table, pivots, selects, scalars
            )
            selects, scalars = [*selects, select], [*scalars, scalar]
        return scalars[-1], lookup

    def _read(self, question):
        states, last = [], []
        for reader in self.readers:
            order = range(len(question))
            z, found = tf.zeros([reader.hidden_dim]), {}
            for i in reversed(order) if reader.reverse else order:
                both = tf.concat([z, self.words[question[i]]], axis=0)
                z = tf.tanh(tf.linalg.matvec(reader.kernel, both, True))
                found[i] = z
            states.append([found[i] for i in order])
            last.append(z)
        joined = [tf.concat(parts, axis=0) for parts in zip(*states)]
        return joined, tf.concat(last, axis=0)

    def _pivots(self, states, inputs):
        places = [i for i in inputs["number_positions"] if i >= 0]
        if not places:
            return [NO_NUMBER, NO_NUMBER]
        left_words = tf.stack([states[i] for i in places])
        numbers = tf.constant(inputs["numbers"][: len(places)])
        pivots = []
        for name in programs.COMPARISONS:
            vector = self.operations[programs.OPERATION_IDS[name]]
            probs = tf.nn.softmax(tf.linalg.matvec(left_words, vector))
            pivots.append(tf.reduce_sum(probs * numbers))
        return pivots

    def _remember(self, operation_probs, column_probs, columns, history):
        operation = tf.linalg.matvec(self.operations, operation_probs, True)
        column = tf.linalg.matvec(columns, column_probs, True)
        seen = tf.concat([operation, column, history], axis=0)
        return tf.tanh(tf.linalg.matvec(self.history_kernel, seen, True))


def _choose(q, history, kernel, rows):
    seen = tf.concat([q, history], axis=0)
    hidden = tf.tanh(tf.linalg.matvec(kernel, seen, True))
    return tf.nn.softmax(tf.linalg.matvec(rows, hidden))


def _execute(operation_probs, column_probs, table, pivots, selects, scalars):
    """One step: every operation, weighted."""
    scalar, select = tf.constant(0.0), tf.zeros(table.shape[0])
    lookup = tf.zeros(table.shape)
    before, two_before = selects[-1], selects[-2]
    for index, name in enumerate(programs.OPERATIONS[: len(operation_probs)]):
        weight = operation_probs[index]
        if name == "sum":
            sums = tf.linalg.matvec(table, before, True)
            scalar += weight * tf.reduce_sum(column_probs * sums)
        elif name == "count":
            scalar += weight * tf.reduce_sum(before)
        elif name == "difference":
            scalar += weight * (scalars[-3] - scalars[-1])
        elif name == "greater":
            cells = tf.cast(table > pivots[0], tf.float32)
            select += weight * tf.linalg.matvec(cells, column_probs)
        elif name == "lesser":
            cells = tf.cast(table < pivots[1], tf.float32)
            select += weight * tf.linalg.matvec(cells, column_probs)
        elif name == "and":
            select += weight * tf.minimum(before, two_before)
        elif name == "or":
            select += weight * tf.maximum(before, two_before)
        elif name == "assign":
            lookup += weight * before[:, None] * column_probs
        elif name == "reset":
            select += weight * tf.ones(table.shape[0])
    return scalar, lookup, select


def _huber(answer, wanted, delta):
    error = tf.abs(answer - wanted)
    if error <= delta:
        return 0.5 * error**2
    return delta * error - 0.5 * delta**2


def _cross_entropy(answer, wanted):
    probs = tf.clip_by_value(answer, losses.EPSILON, 1 - losses.EPSILON)
    likelihood = wanted * tf.math.log(probs)
    likelihood += (1 - wanted) * tf.math.log(1 - probs)
    return -tf.reduce_mean(likelihood)

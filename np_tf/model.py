"""The Neural Programmer.

Source: Neelakantan, Le and Sutskever, arXiv 1511.04834.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from np_tf import ask as ask_lib
from np_tf import controller as controller_lib
from np_tf import executor as executor_lib
from np_tf import losses
from np_tf import pivots as pivots_lib
from np_tf import presets
from np_tf import programs
from np_tf import question as question_lib
from np_tf import text_match as text_match_lib
from np_tf import vocabulary as vocabulary_lib

SCALAR = tuple(
    programs.OPERATIONS.index(name) for name in ("sum", "count", "difference")
)
ASSIGN = programs.OPERATIONS.index("assign")
COMPARISONS = slice(
    programs.OPERATIONS.index("greater"),
    programs.OPERATIONS.index("lesser") + 1,
)


@keras.saving.register_keras_serializable("np_tf")
class NeuralProgrammer(keras.Model):
    """Answers a question on a table by running a program that it induces.

    At each of T steps it selects an operation and a column: softly in
    training, the most likely ones at inference, whose answer is the
    program's.

    Args:
        vocabulary: The words that it knows, in order of their ids.
        column_symbols: Those of them that name columns.
        text_symbols: Those of them that are text entries; with any, the
            model has the tenth operation, text_match.
        hidden_dim: d.
        num_steps: T.
        encoder: How the question is read; see `np_tf.controller.Controller`.
        huber_delta: Of the loss of `fit`.
        lookup_weight: `lambda` of the loss of `fit`.

    Call arguments:
        inputs: A dict of
            question: `[B, Q]` word ids, 0 is padding at the right;
            numbers: `[B, N]`;
            number_positions: `[B, N]`, where in `question` the word left of
                the number is, -1 for no number;
            column_names: `[B, C]` word ids, 0 for no column;
            table: `[B, M, C]`, 0 in columns of text;
            num_rows: `[B]`;
            text: `[B, M, C]` word ids, 0 in columns of numbers; only with
                `text_symbols`.
        training: True selects softly.

    Returns:
        A dict of
        scalar_answer: `[B]`;
        lookup_answer: `[B, M, C]`, probabilities, or 0 and 1;
        answer_is_scalar: `[B]`, which of the two the last operation gives;
        valid_answer: `[B]`, False if it gives neither;
        operation_probs: `[B, T, O]`; column_probs: `[B, T, C]`;
        operations, columns: `[B, T]`, the most likely ones;
        pivots: `[B, 2]`, for greater and lesser; pivot_probs: `[B, 2, N]`;
        scalar_answers: `[B, T]`; row_select: `[B, T, M]`.

    Raises:
        ValueError: If an argument breaks its rule.
    """

    def __init__(
        self,
        vocabulary: Sequence[str],
        column_symbols: Sequence[str],
        text_symbols: Sequence[str] = (),
        hidden_dim: int = 256,
        num_steps: int = 4,
        encoder: str = "rnn",
        huber_delta: float = 10.0,
        lookup_weight: float = 50.0,
        **kwargs: Any,
    ):
        super().__init__(**{"autocast": False, **kwargs})
        if num_steps < 1:
            raise ValueError(f"num_steps: must be >= 1, got {num_steps}")
        if not huber_delta > 0:
            raise ValueError(f"huber_delta: must be > 0, got {huber_delta}")
        if not lookup_weight >= 0:
            raise ValueError(
                f"lookup_weight: must be >= 0, got {lookup_weight}"
            )
        self.words = vocabulary_lib.Vocabulary(vocabulary)
        for name, symbols in (
            ("column_symbols", column_symbols),
            ("text_symbols", text_symbols),
        ):
            unknown = [s for s in symbols if s not in self.words]
            if len(set(symbols)) < len(symbols):
                raise ValueError(
                    f"{name}: must be distinct, got {list(symbols)}"
                )
            if unknown:
                raise ValueError(
                    f"{name}: must be words of the vocabulary, got {unknown}"
                )
        if not column_symbols:
            raise ValueError("column_symbols: must hold a word, got none")
        self.vocabulary = tuple(vocabulary)
        self.column_symbols = tuple(column_symbols)
        self.text_symbols = tuple(text_symbols)
        self.hidden_dim = hidden_dim
        self.num_steps = num_steps
        self.encoder = encoder
        self.huber_delta = huber_delta
        self.lookup_weight = lookup_weight
        self.operation_names = programs.OPERATIONS[
            : programs.NUM_NUMERIC_OPERATIONS + bool(text_symbols)
        ]
        part = {"dtype": self.dtype_policy}
        self.controller = controller_lib.Controller(
            len(self.words),
            len(self.operation_names),
            hidden_dim,
            encoder,
            name="controller",
            **part,
        )
        self.pivot_selector = pivots_lib.PivotSelector(name="pivots", **part)
        self.text_matcher = text_match_lib.TextMatch(name="text_match", **part)
        self.executor = executor_lib.Executor(name="executor")
        self.controller.build()
        self.built = True

    def call(self, inputs, training=False):
        encoding = self.controller.encode(
            inputs["question"], inputs["column_names"]
        )
        pivot_probs, pivots = self._pivots(inputs, encoding, training)
        facts = self.executor.facts(
            inputs["table"],
            inputs["num_rows"],
            pivots,
            self._is_numeric(inputs, encoding),
            self._text_match(inputs, encoding, training),
        )
        steps = self._steps(encoding, facts, training)
        last = steps[-1]
        operations = ops.stack([step["operation"] for step in steps], axis=1)
        is_scalar = ops.zeros_like(operations[:, -1], dtype="bool")
        for index in SCALAR:
            is_scalar = is_scalar | (operations[:, -1] == index)
        names = {
            "operation_probs": "operation_probs",
            "column_probs": "column_probs",
            "columns": "column",
            "scalar_answers": "scalar_answer",
            "row_select": "row_select",
        }
        return {
            "scalar_answer": last["scalar_answer"],
            "lookup_answer": last["lookup_answer"],
            "answer_is_scalar": is_scalar,
            "valid_answer": is_scalar | (operations[:, -1] == ASSIGN),
            "operations": operations,
            "pivots": pivots,
            "pivot_probs": pivot_probs,
            **{
                name: ops.stack([step[key] for step in steps], axis=1)
                for name, key in names.items()
            },
        }

    @classmethod
    def from_preset(cls, preset: str) -> NeuralProgrammer:
        """Loads a trained model.

        Args:
            preset: Name of a preset, or a folder that `save_to_preset` wrote.

        Raises:
            ValueError: If there is no such preset, or its files are damaged.
        """
        return presets.load(preset)

    def save_to_preset(self, folder: str) -> None:
        """Writes configuration and weights into a folder."""
        presets.save(self, folder)

    def ask(self, question: str, table: Any) -> Any:
        """Answers a question on a table of your own; see `np_tf.ask`."""
        return ask_lib.ask(self, question, table)

    def pivot_logits(self, inputs: Any, encoding: Any) -> tuple[Any, Any]:
        """Logits `[B, 2, N]` of the numbers, and which there are `[B, N]`."""
        comparisons = ops.convert_to_tensor(self.controller.operations)
        return self.pivot_selector(
            encoding.states,
            inputs["number_positions"],
            comparisons[COMPARISONS],
        )

    def text_match_logits(self, inputs: Any, encoding: Any) -> Any:
        """Logits of text_match for every column and word, `[B, C, W]`."""
        return self.text_matcher(
            inputs["text"],
            ops.convert_to_tensor(self.controller.word_vectors),
            encoding.columns,
            encoding.question,
            encoding.states,
            encoding.is_word,
        )

    def _pivots(self, inputs, encoding, training):
        logits, is_number = self.pivot_logits(inputs, encoding)
        probs = pivots_lib.pivot_probs(logits, is_number)
        chosen = probs if training else one_hot_argmax(probs)
        return probs, pivots_lib.pivots(chosen, inputs["numbers"], is_number)

    def _is_numeric(self, inputs, encoding):
        if not self.text_symbols:
            return encoding.is_column
        is_text = ops.any(inputs["text"] > 0, axis=1)
        return ops.logical_and(encoding.is_column, ops.logical_not(is_text))

    def _text_match(self, inputs, encoding, training):
        if not self.text_symbols:
            return None
        logits = self.text_match_logits(inputs, encoding)
        if training:
            matches = ops.sigmoid(logits)
        else:  # Deviation N4.
            matches = ops.cast(logits > 0, logits.dtype)
        return text_match_lib.spread(matches, inputs["text"])

    def _steps(self, encoding, facts, training):
        memory = self.executor.initial(facts)
        execute = self.executor if training else self.executor.select
        chosen, history, steps = None, None, []
        for _ in range(self.num_steps):
            operation_logits, column_logits, history = self.controller(
                encoding, chosen, history
            )
            operation_probs = question_lib.softmax(operation_logits)
            column_probs = question_lib.softmax(column_logits)
            if training:
                chosen = operation_probs, column_probs
            else:
                chosen = (
                    one_hot_argmax(operation_probs),
                    one_hot_argmax(column_probs),
                )
            scalar, lookup, memory = execute(*chosen, memory, facts)
            steps.append(
                {
                    "operation_probs": operation_probs,
                    "column_probs": column_probs,
                    "operation": argmax(operation_probs),
                    "column": argmax(column_probs),
                    "scalar_answer": scalar,
                    "lookup_answer": lookup,
                    "row_select": memory.row_selects[0],
                }
            )
        return steps

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        """The paper's objective, section 2.5."""
        per_question = losses.loss(
            y_pred,
            y,
            cell_mask(x, y_pred["lookup_answer"].dtype),
            self.huber_delta,
            self.lookup_weight,
        )
        if isinstance(sample_weight, dict):  # Keras makes one per target.
            sample_weight = sample_weight["scalar_answer"]
        if sample_weight is not None:
            per_question = per_question * ops.cast(
                sample_weight, per_question.dtype
            )
        return ops.mean(per_question)

    def get_config(self):
        return {
            **super().get_config(),
            "vocabulary": list(self.vocabulary),
            "column_symbols": list(self.column_symbols),
            "text_symbols": list(self.text_symbols),
            "hidden_dim": self.hidden_dim,
            "num_steps": self.num_steps,
            "encoder": self.encoder,
            "huber_delta": self.huber_delta,
            "lookup_weight": self.lookup_weight,
        }


def cell_mask(inputs: dict[str, Any], dtype: Any) -> Any:
    """1 in the cells that each table has, `[B, M, C]`."""
    rows = ops.arange(inputs["table"].shape[1], dtype="int32")
    is_row = rows[None, :] < inputs["num_rows"][:, None]
    is_column = inputs["column_names"] > 0
    mask = ops.logical_and(is_row[:, :, None], is_column[:, None, :])
    return ops.cast(mask, dtype)


def argmax(probs: Any) -> Any:
    """Index of the largest entry of the last axis, int32."""
    return ops.cast(ops.argmax(probs, axis=-1), "int32")


def one_hot_argmax(probs: Any) -> Any:
    """1 at the largest entry of the last axis, 0 elsewhere: hardmax."""
    return ops.one_hot(
        ops.argmax(probs, axis=-1), probs.shape[-1], dtype=probs.dtype
    )

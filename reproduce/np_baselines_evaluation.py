"""Asks baselines, and the Neural Programmer, the same questions."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from absl import logging

from reproduce import np_baselines_configs
from reproduce import np_baselines_data
from reproduce import np_baselines_model
from reproduce import np_baselines_symbols

TOLERANCE = 0.05  # Equal to the first decimal.
_QUESTION_WORDS = 4  # "greater and lesser sum", the numbers taken out.


def is_right(answers: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Which answers are equal to the first decimal, `[B]`.

    Args:
        answers: `[B]`; NaN, which is never right, where there is none.
        expected: `[B]`, in hundredths.
    """
    exact = expected / np_baselines_data.HUNDREDTHS
    return np.abs(answers - exact) < TOLERANCE


def evaluate(
    model: keras.Model,
    recipe: np_baselines_configs.Recipe,
    table_first: bool,
    evaluation: np_baselines_configs.Evaluation,
) -> dict[str, Any]:
    """Greedy answers of a baseline to every template, for every span.

    Returns:
        `test_accuracy`, `accuracy_by_category` and `accuracy_by_template`,
        each by span ("10", "50"): fractions of right answers.
    """
    decoder = np_baselines_model.Decoder(model)

    def answers_of(questions):
        source = np_baselines_symbols.source(questions, table_first)
        return np_baselines_symbols.read(decoder(source))

    return _evaluate(answers_of, recipe, evaluation)


def evaluate_programmer(
    model: Any,
    recipe: np_baselines_configs.Recipe,
    evaluation: np_baselines_configs.Evaluation,
) -> dict[str, Any]:
    """The Neural Programmer's hard answers to the baselines' questions.

    Args:
        model: An `np_tf.NeuralProgrammer`.
        recipe: How many elements and decimals there are.
        evaluation: Which questions.

    Returns:
        As `evaluate`; a program that gives no number is wrong.
    """

    def answers_of(questions):
        outputs = model(programmer_inputs(questions, model), training=False)
        answers, is_scalar = (
            keras.ops.convert_to_numpy(outputs[name])
            for name in ("scalar_answer", "answer_is_scalar")
        )
        return np.where(is_scalar, answers, np.nan)

    return _evaluate(answers_of, recipe, evaluation)


def programmer_inputs(
    questions: np_baselines_data.Questions, model: Any
) -> dict[str, np.ndarray]:
    """The questions as the Neural Programmer reads them.

    Numbers are taken out of the question and kept with the position of the
    word on their left. As in the single-column experiment, the question
    names no column; the table has one, with the model's first name.

    Args:
        questions: B of them.
        model: Its `words` give the ids, its `column_symbols` the name.

    Returns:
        `question [B, 4]`, `numbers [B, 2]`, `number_positions [B, 2]`,
        `column_names [B, 1]`, `table [B, 7, 1]`, `num_rows [B]`.
    """
    templates = np_baselines_data.TEMPLATES
    ids = np.zeros((len(templates), _QUESTION_WORDS), np.int32)
    positions = np.full((len(templates), 2), -1, np.int32)
    for index, template in enumerate(templates):
        words = []
        for word in template.words:
            if word == np_baselines_data.NUMBER:
                rank = int((positions[index] >= 0).sum())
                positions[index, rank] = len(words) - 1
            else:
                words.append(word)
        ids[index, : len(words)] = model.words.ids(words)
    here = positions[questions.template]
    numbers, column = (
        (hundredths / np_baselines_data.HUNDREDTHS).astype(np.float32)
        for hundredths in (questions.pivots, questions.column)
    )
    name = model.words.ids(model.column_symbols[:1])
    return {
        "question": ids[questions.template],
        "numbers": np.where(here < 0, np.float32(0), numbers),
        "number_positions": here,
        "column_names": np.tile(np.int32(name), (len(questions), 1)),
        "table": column[:, :, None],
        "num_rows": questions.num_rows.astype(np.int32),
    }


def _evaluate(answers_of, recipe, evaluation):
    metrics = {
        "test_accuracy": {},
        "accuracy_by_category": {},
        "accuracy_by_template": {},
    }
    for span in evaluation.spans:
        questions = np_baselines_data.evaluation_questions(
            evaluation, recipe, span
        )
        right = is_right(answers_of(questions), questions.answers())
        key = str(span)
        metrics["test_accuracy"][key] = float(right.mean())
        by_template = right.reshape(len(np_baselines_data.TEMPLATES), -1)
        by_template = by_template.mean(axis=1)
        metrics["accuracy_by_template"][key] = {
            " ".join(template.words): float(share)
            for template, share in zip(np_baselines_data.TEMPLATES, by_template)
        }
        category = np_baselines_data.TEMPLATE_CATEGORIES
        metrics["accuracy_by_category"][key] = {
            name: float(by_template[category == index].mean())
            for index, name in enumerate(np_baselines_data.CATEGORIES)
        }
        logging.info("numbers to %d: %.4f", span, right.mean())
    return metrics

"""Answering: hard execution, pandas, and reading the tables' bytes."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import tensorflow as tf

from benchmarks import measure
from benchmarks import np_data
from benchmarks import np_training
from np_tf import losses
from np_tf import programs
from np_tf import reference

SETTING = "five_columns"
ANSWER = (
    "scalar_answer",
    "lookup_answer",
    "answer_is_scalar",
    "valid_answer",
    "operations",
    "columns",
    "pivots",
)
# Of a sum in float32 over n cells, relative to the sum of their sizes.
ROUNDING = 1e-5


@dataclasses.dataclass(frozen=True)
class Size:
    """How many questions are asked on tables of one size.

    Attributes:
        rows: Of every table.
        questions: Asked at once.
        repeats: How often they are asked in a run.
        singles: Questions asked one at a time.
    """

    rows: int
    questions: int
    repeats: int
    singles: int


def cases(sizes: tuple[Size, ...], hidden_dim: int) -> dict[str, measure.Case]:
    """Each size: ours in two ways, pandas, and two ways of reading."""
    model = np_training.build(SETTING, hidden_dim)
    found = {}
    for size in sizes:
        config = np_data.config_of(SETTING, size.rows)
        drawn = np_data.draw(config, "validation", size.questions)
        inputs = drawn.batch.inputs()
        repeats = size.repeats
        found |= {
            f"answer/{size.rows}": answer(model, [inputs], repeats),
            f"answer_single/{size.rows}": answer(
                model, _singles(inputs, size.singles), 1
            ),
            f"pandas/{size.rows}": in_pandas(drawn),
            f"read_sum/{size.rows}": read(inputs["table"], "sum", repeats),
            f"read_max/{size.rows}": read(inputs["table"], "max", repeats),
        }
    return found


def _singles(inputs, count):
    return [
        {name: values[i : i + 1] for name, values in inputs.items()}
        for i in range(count)
    ]


def answer(
    model: Any, batches: list[dict[str, Any]], repeats: int
) -> measure.Case:
    """Hard execution, compiled by XLA; the tables are tensors already.

    Weights do not matter to the time: all operations are computed, whatever
    is selected. What comes out must be what the selected program gives.
    """

    @tf.function(jit_compile=True, autograph=False)
    def execute(inputs):
        outputs = model(inputs, training=False)
        return {name: outputs[name] for name in ANSWER}

    tensors = [tf.nest.map_structure(tf.constant, batch) for batch in batches]

    def run(repeats=repeats):
        for _ in range(repeats):
            answers = [execute(batch) for batch in tensors]
            for outputs in answers:  # Waits until they are there.
                outputs["scalar_answer"].numpy()
        return answers

    questions = repeats * sum(len(batch["question"]) for batch in batches)

    def count(answers):
        for batch, outputs in zip(batches, answers):
            check(batch, tf.nest.map_structure(lambda x: x.numpy(), outputs))
        return {"questions": questions}

    return measure.Case(run, count, lambda: run(1))


def check(inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
    """Compares answers with those of the reference executor.

    Args:
        inputs: Of the model.
        outputs: `ANSWER`.

    Raises:
        RuntimeError: If an answer is not that of the selected program.
    """
    for i, table in enumerate(inputs["table"]):
        program = programs.from_ids(
            outputs["operations"][i], outputs["columns"][i]
        )
        expected = reference.execute(program, table, outputs["pivots"][i])
        valid = bool(outputs["valid_answer"][i])
        right = valid == (expected.kind is not None)
        if expected.kind == "scalar":
            error = abs(outputs["scalar_answer"][i] - expected.answer)
            right &= error <= ROUNDING * np.abs(table).sum(dtype=np.float64)
        elif expected.kind == "lookup":
            cells = outputs["lookup_answer"][i] > 0.5
            right &= np.array_equal(cells, expected.answer)
        if not right:
            raise RuntimeError(f"question {i}: {program} has another answer")


def in_pandas(drawn: np_data.Questions) -> measure.Case:
    """The gold programs, one after the other; the frames are made before."""
    batch = drawn.batch
    asked = []
    for i, program in enumerate(drawn.programs):
        letters = [chr(ord("A") + name - 1) for name in batch.column_names[i]]
        frame = pd.DataFrame(batch.table[i].astype(np.float64), columns=letters)
        asked.append((program, frame, batch.numbers[i].tolist()))

    def count(answers):
        for i, (_, frame, _) in enumerate(asked):
            _check_gold(batch, i, frame, answers[i])
        return {"questions": len(asked)}

    def run():
        return [execute_in_pandas(*question) for question in asked]

    return measure.Case(run, count, run)


def execute_in_pandas(
    program: np_data.Program, frame: pd.DataFrame, numbers: list[float]
) -> Any:
    """A number, or the chosen cells as a Series.

    Args:
        program: Gold calls; their comparisons take the numbers in order.
        frame: The table.
        numbers: Of the question.
    """
    masks, scalars, left = [None, None], [0.0] * 3, iter(numbers)
    for operation, column in program:
        rows, before = masks[-1], masks[-2]
        mask, scalar = None, 0.0
        if operation == "greater":
            mask = frame[column] > next(left)
        elif operation == "lesser":
            mask = frame[column] < next(left)
        elif operation == "and":
            mask = rows & before
        elif operation == "or":
            mask = rows | before
        elif operation == "count":
            scalar = len(frame) if rows is None else rows.sum()
        elif operation == "difference":
            scalar = scalars[-3] - scalars[-1]
        elif operation in ("sum", "assign"):
            cells = frame[column] if rows is None else frame.loc[rows, column]
            scalar = cells.sum() if operation == "sum" else cells
        masks.append(mask)
        scalars.append(scalar)
    return scalars[-1]


def _check_gold(batch, i, frame, answer):
    if batch.answer_is_scalar[i]:
        right = abs(answer - batch.scalar_answer[i]) < losses.TOLERANCE
    else:
        cells = np.zeros(frame.shape, np.uint8)
        cells[answer.index, frame.columns.get_loc(answer.name)] = 1
        right = np.array_equal(cells, batch.lookup_answer[i])
    if not right:
        raise RuntimeError(f"question {i}: pandas has another answer")


def read(table: np.ndarray, reduction: str, repeats: int) -> measure.Case:
    """Reads all tables once for each step of a program, on one core.

    All tables of a batch at once: what Python costs is not counted.

    Args:
        table: `[B, M, C]`.
        reduction: Of NumPy, "sum" or "max"; what is done with the bytes.
        repeats: How often.
    """
    reads = repeats * programs.NUM_STEPS
    reduce = getattr(table, reduction)
    work = {
        "questions": repeats * len(table),
        "bytes": reads * table.nbytes,
    }
    return measure.Case(
        lambda: [reduce() for _ in range(reads)], lambda _: work, reduce
    )

"""What `np_tf.program_checks` does, on tensors: programs that can be meant."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from np_tf import programs
from np_tf import tensor_table
from np_tf import verdicts


class Programs(NamedTuple):
    """What a model did with a batch.

    Attributes:
        operations: `[B, T]`.
        columns: `[B, T]`.
        is_relevant: Steps that can influence the answer, bool `[B, T]`.
        row_selects: Rows selected after every step, bool `[B, T, M]`.
        pivot_choices: Index of the number of greater and of lesser, `[B, 2]`.
        probs: Of the operation, the column and, for a comparison, the number
            of every step, `[B, T, 3]`; 1 where there is none to choose.
    """

    operations: tf.Tensor
    columns: tf.Tensor
    is_relevant: tf.Tensor
    row_selects: tf.Tensor
    pivot_choices: tf.Tensor
    probs: tf.Tensor

    def calls(self, *names: str) -> tf.Tensor:
        """Which steps call one of these operations, bool `[B, T]`."""
        return is_one_of(self.operations, names)


def from_outputs(outputs: dict[str, tf.Tensor]) -> Programs:
    """The programs of a model's outputs."""
    return Programs(
        outputs["operations"],
        outputs["columns"],
        relevant_steps(outputs["operations"]),
        outputs["row_select"] > 0.5,
        tf.argmax(outputs["pivot_probs"], axis=2, output_type=tf.int32),
        _probs(outputs),
    )


def _probs(outputs):
    operations = outputs["operations"]
    has_column = is_one_of(operations, tuple(programs.COLUMN_OPERATIONS))
    of_columns = tf.reduce_max(outputs["column_probs"], axis=2)
    of_numbers = tf.ones_like(of_columns)
    of_pivots = tf.reduce_max(outputs["pivot_probs"], axis=2)  # [B, 2]
    for index, name in enumerate(programs.COMPARISONS):
        is_name = is_one_of(operations, (name,))
        prob = of_pivots[:, index, None]
        of_numbers = tf.where(is_name, prob, of_numbers)
    return tf.stack(
        [
            tf.reduce_max(outputs["operation_probs"], axis=2),
            tf.where(has_column, of_columns, 1.0),
            of_numbers,
        ],
        axis=2,
    )


def is_one_of(operations: tf.Tensor, names: tuple[str, ...]) -> tf.Tensor:
    """Bool, of the shape of `operations`."""
    ids = [programs.OPERATION_IDS[name] for name in names]
    return tf.reduce_any(operations[..., None] == tf.constant(ids), axis=-1)


def relevant_steps(operations: tf.Tensor) -> tf.Tensor:
    """As `programs.relevant_steps`, bool `[B, T]`."""
    num_steps = operations.shape[1]
    last = operations[:, -1]
    nothing = tf.zeros_like(last, tf.bool)
    # Which steps are needed: for their scalars, and for their rows.
    scalars, rows = [nothing] * num_steps, [nothing] * num_steps
    scalars[-1] = is_one_of(last, tuple(programs.SCALAR_OPERATIONS))
    rows[-1] = is_one_of(last, ("assign",))
    for step in reversed(range(num_steps)):
        called = operations[:, step]
        aggregates = scalars[step] & is_one_of(called, ("sum", "count"))
        assigns = (scalars[step] | rows[step]) & is_one_of(called, ("assign",))
        subtracts = scalars[step] & is_one_of(called, ("difference",))
        joins = rows[step] & is_one_of(called, ("and", "or"))
        for needed, back, now in (
            (rows, 1, aggregates | assigns | joins),
            (rows, 2, joins),
            (scalars, 1, subtracts),
            (scalars, 3, subtracts),
        ):
            if step >= back:
                needed[step - back] |= now
    needed = tf.stack([s | r for s, r in zip(scalars, rows)], axis=1)
    # In front, a reset gives what the state starts with.
    effects = needed & ~is_one_of(operations, ("reset",))
    return needed & (tf.cumsum(tf.cast(effects, tf.int32), axis=1) > 0)


def check(
    done: Programs,
    tables: tensor_table.Tables,
    num_numbers: tf.Tensor,
    text: tf.Tensor,
    verdict: verdicts.Verdict,
) -> verdicts.Verdict:
    """Refuses programs that misread their questions.

    Args:
        done: What the model did.
        tables: Of the same batch.
        num_numbers: How many each question has, `[B]`.
        text: The programs as a person reads them, `[B]`.
        verdict: So far.
    """
    answers = (*programs.SCALAR_OPERATIONS, "assign")
    has_answer = is_one_of(done.operations[:, -1], answers)
    verdict = verdict.refuse("no_answer", ~has_answer, text)
    of_text = tf.gather(tables.is_text, done.columns, batch_dims=1)
    names = tf.gather(tables.names, done.columns, batch_dims=1)
    wrong = {
        "match_on_numbers": done.calls("text_match") & ~of_text,
        "comparison_on_text": done.calls(*programs.COMPARISONS) & of_text,
        "sum_of_text": done.calls("sum") & of_text,
    }
    wrong = {name: mask & done.is_relevant for name, mask in wrong.items()}
    verdict = verdict.refuse_first(wrong, names)
    verdict = verdict.refuse("repeated_match", _searched_twice(done), text)
    return _check_numbers(done, num_numbers, text, verdict)


def _searched_twice(done):
    """Where `and` joins two matches of one column's text, bool `[B]`."""
    searched = done.calls("text_match") & done.is_relevant
    same = done.columns[:, :, None] == done.columns[:, None, :]
    both = searched[:, :, None] & searched[:, None, :] & same
    count = tf.reduce_sum(tf.cast(both, tf.int32), axis=(1, 2))
    twice = count > tf.reduce_sum(tf.cast(searched, tf.int32), axis=1)
    joined = tf.reduce_any(done.calls("and") & done.is_relevant, axis=1)
    return twice & joined


def _check_numbers(done, num_numbers, text, verdict):
    compared = tf.stack(
        [done.calls(name) & done.is_relevant for name in programs.COMPARISONS],
        axis=1,
    )  # [B, 2, T]
    times = tf.reduce_sum(tf.cast(compared, tf.int32), axis=2)
    numbers = tf.range(len(programs.COMPARISONS))
    used = (done.pivot_choices[:, :, None] == numbers) & (times > 0)[:, :, None]
    unused = ~tf.reduce_any(used, axis=1) & (numbers < num_numbers[:, None])
    few = num_numbers < tf.reduce_sum(times, axis=1)
    twice = tf.reduce_any(times > 1, axis=1)
    return (
        verdict.refuse("missing_number", few, text)
        .refuse("repeated_comparison", twice, text)
        .refuse("unused_number", tf.reduce_any(unused, axis=1), text)
    )

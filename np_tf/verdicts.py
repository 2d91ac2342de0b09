"""What became of each row of a served batch: one status a row.

`STATUSES` is the list that docs/serving.md explains.
"""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

OK = "ok"
STATUSES = (
    OK,
    # The table.
    "no_columns",
    "unnamed_column",
    "too_many_columns",
    "duplicate_column",
    "reserved_name",
    "bad_num_rows",
    "empty_table",
    "bad_cell",
    "mixed_column",
    # The question.
    "empty_question",
    "too_long",
    "unknown_word",
    "ambiguous_word",
    "malformed_number",
    "comparison_on_text",
    "entry_not_in_column",
    "no_operation",
    "too_many_entries",
    "misplaced_number",
    "too_many_numbers",
    "repeated_comparison",
    # What the model made of them.
    "no_answer",
    "sum_of_text",
    "match_on_numbers",
    "repeated_match",
    "missing_number",
    "unused_number",
    "overflow",
)


class Verdict(NamedTuple):
    """Status and detail of every row.

    Attributes:
        status: Index into `STATUSES`, int32 `[B]`.
        detail: What broke the rule, string `[B]`.
    """

    status: tf.Tensor
    detail: tf.Tensor

    @property
    def is_ok(self) -> tf.Tensor:
        """Bool `[B]`."""
        return self.status == STATUSES.index(OK)

    @property
    def text(self) -> tf.Tensor:
        """The status in words, string `[B]`."""
        return tf.gather(STATUSES, self.status)

    def refuse(
        self, status: str, where: tf.Tensor, detail: tf.Tensor | str = ""
    ) -> Verdict:
        """Gives rows a status; a row that has one keeps it.

        Args:
            status: One of `STATUSES`.
            where: Bool `[B]`.
            detail: String, `[B]` or one for all.
        """
        now = where & self.is_ok
        return Verdict(
            tf.where(now, STATUSES.index(status), self.status),
            tf.where(now, detail, self.detail),
        )

    def refuse_first(
        self, masks: dict[str, tf.Tensor], details: tf.Tensor
    ) -> Verdict:
        """Refuses each row for the first thing in it that is wrong.

        Args:
            masks: Status -> what has it, bool `[B, N]`; no two at one place.
            details: Of each thing, string `[B, N]`.
        """
        wrong = tf.reduce_any(tf.stack(list(masks.values())), axis=0)
        is_first = tf.cumsum(tf.cast(wrong, tf.int32), axis=1) == 1
        verdict = self
        for status, mask in masks.items():
            mask &= is_first
            detail = tf.strings.reduce_join(tf.where(mask, details, ""), axis=1)
            verdict = verdict.refuse(status, tf.reduce_any(mask, 1), detail)
        return verdict


def start(size: tf.Tensor) -> Verdict:
    """All rows ok.

    Args:
        size: B.
    """
    return Verdict(tf.zeros([size], tf.int32), tf.fill([size], ""))

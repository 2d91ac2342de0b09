"""The paper's objective.

Source: arXiv 1511.04834, section 2.5.
"""

from __future__ import annotations

from typing import Any

from keras import ops

EPSILON = 1e-7  # Keeps the logarithm finite; Deviation N5.


def scalar_loss(scalar_answer: Any, target: Any, huber_delta: float) -> Any:
    """Huber loss of a scalar answer.

    `a^2 / 2` if `a <= delta`, else `delta a - delta^2 / 2`, where
    `a = |scalar_answer - y|`

    Args:
        scalar_answer: `[B]`.
        target: `y`, `[B]`.
        huber_delta: `delta`, in units of the table's numbers.

    Returns:
        `[B]`.
    """
    error = ops.abs(scalar_answer - ops.cast(target, scalar_answer.dtype))
    inside = 0.5 * ops.square(error)
    outside = huber_delta * error - 0.5 * huber_delta**2
    return ops.where(error <= huber_delta, inside, outside)


def lookup_loss(lookup_answer: Any, target: Any, cell_mask: Any) -> Any:
    """Mean binary cross-entropy over the cells of the table.

    `-(1 / (M C)) sum_ij (y_ij log p_ij + (1 - y_ij) log(1 - p_ij))`

    Args:
        lookup_answer: `p`, `[B, M, C]`, in [0, 1].
        target: `y`, `[B, M, C]`, 0 or 1.
        cell_mask: `[B, M, C]`, 1 in cells that the table has.

    Returns:
        `[B]`.
    """
    dtype = lookup_answer.dtype
    target, cell_mask = ops.cast(target, dtype), ops.cast(cell_mask, dtype)
    probs = ops.clip(lookup_answer, EPSILON, 1 - EPSILON)
    likelihood = target * ops.log(probs) + (1 - target) * ops.log(1 - probs)
    cells = ops.maximum(ops.sum(cell_mask, axis=(1, 2)), 1)
    return -ops.sum(likelihood * cell_mask, axis=(1, 2)) / cells


def loss(
    outputs: dict[str, Any],
    targets: dict[str, Any],
    cell_mask: Any,
    huber_delta: float,
    lookup_weight: float,
) -> Any:
    """The loss of each question.

    `[n_k] L_scalar + [not n_k] lambda L_lookup`; the paper's objective is
    its mean.

    Args:
        outputs: `scalar_answer` and `lookup_answer` of the last step.
        targets: `answer_is_scalar` `[B]`, which is `n_k`, `scalar_answer`
            `[B]` and `lookup_answer` `[B, M, C]`.
        cell_mask: `[B, M, C]`.
        huber_delta: `delta`.
        lookup_weight: `lambda`.

    Returns:
        `[B]`.
    """
    scalar = scalar_loss(
        outputs["scalar_answer"], targets["scalar_answer"], huber_delta
    )
    lookup = lookup_loss(
        outputs["lookup_answer"], targets["lookup_answer"], cell_mask
    )
    is_scalar = ops.cast(targets["answer_is_scalar"], "bool")
    return ops.where(is_scalar, scalar, lookup_weight * lookup)


TOLERANCE = 0.05  # Equal up to the first decimal place.


def correct(outputs: dict[str, Any], targets: dict[str, Any]) -> Any:
    """Which hard answers are right.

    A scalar within 0.05; of a lookup exactly the cells of the target.

    Args:
        outputs: Of hard execution.
        targets: As for `loss`.

    Returns:
        `[B]`, True or False.
    """
    scalar = outputs["scalar_answer"]
    error = ops.abs(scalar - ops.cast(targets["scalar_answer"], scalar.dtype))
    is_scalar = ops.cast(targets["answer_is_scalar"], "bool")
    scalar_right = outputs["answer_is_scalar"] & (error < TOLERANCE)
    chosen = outputs["lookup_answer"] > 0.5
    wanted = ops.cast(targets["lookup_answer"], "bool")
    lookup_right = ops.all(chosen == wanted, axis=(1, 2))
    is_lookup = outputs["valid_answer"] & ~outputs["answer_is_scalar"]
    return ops.where(is_scalar, scalar_right, is_lookup & lookup_right)

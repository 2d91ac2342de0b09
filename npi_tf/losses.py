"""The log-likelihood of execution traces."""

from __future__ import annotations

from keras import ops


def step_log_likelihood(outputs, targets):
    """Log-likelihood of each step's targets (equation 8).

    `log P(i_{t+1} | h_t) + log P(a_{t+1} | h_t) + log P(r_t | h_t)`, the
    program by softmax over `M_key k_t`, each argument by its own softmax,
    the end by a Bernoulli. A target of -1 contributes 0: steps of ACT have
    only an end (Deviation D5), steps after the end nothing.

    Args:
        outputs: What `NPI` returns: `end_logits [B, T]`, `program_logits
            [B, T, N]`, `argument_logits`, three of `[B, T, num_values]`.
        targets: `ends [B, T]`, `calls [B, T]`, `call_arguments [B, T, 3]`.

    Returns:
        `[B, T]`, float32 or wider.
    """
    ends = targets["ends"]
    total = _bernoulli(outputs["end_logits"], ends)
    total += _categorical(outputs["program_logits"], targets["calls"])
    for slot, logits in enumerate(outputs["argument_logits"]):
        total += _categorical(logits, targets["call_arguments"][..., slot])
    return total


def mean_step_loss(outputs, targets, weights=None):
    """Mean negative log-likelihood of the steps that have a target.

    Args:
        outputs: As in `step_log_likelihood`.
        targets: As in `step_log_likelihood`.
        weights: Weight of each frame's steps in the mean, `[B]`.

    Returns:
        A scalar; 0 if no step has a target, or all weights are 0.
    """
    likelihood = step_log_likelihood(outputs, targets)  # [B, T]
    steps = ops.cast(targets["ends"] >= 0, likelihood.dtype)
    if weights is None:
        return -ops.sum(likelihood) / ops.maximum(ops.sum(steps), 1)
    weights = ops.cast(weights, likelihood.dtype)[:, None]
    total = ops.sum(weights * likelihood)
    return -ops.divide_no_nan(total, ops.sum(weights * steps))


def sum_over_domains(outputs, targets, sample_weight=None):
    """The sum of the domains' mean losses of a step.

    Args:
        outputs: As in `step_log_likelihood`, by domain.
        targets: The same; of the same domains.
        sample_weight: Must be None.

    Returns:
        A scalar.

    Raises:
        ValueError: If the domains differ, or frames are to be weighted.
    """
    if targets.keys() != outputs.keys():
        raise ValueError(
            f"y: must hold targets of {', '.join(outputs)}, got "
            f"{', '.join(targets)}"
        )
    if sample_weight is not None:
        raise ValueError(
            "sample_weight: must be left out with frames of several domains, "
            "which can be drawn as often as they are to count"
        )
    return sum(mean_step_loss(outputs[name], targets[name]) for name in targets)


def correct_steps(outputs, targets):
    """True where every decision of a step is right, or has no target.

    Returns:
        Booleans `[B, T]`.
    """
    ends = targets["ends"]
    stop = ops.cast(outputs["end_logits"] >= 0, ends.dtype)
    right = (stop == ends) | (ends < 0)
    pairs = [(outputs["program_logits"], targets["calls"])]
    for slot, logits in enumerate(outputs["argument_logits"]):
        pairs.append((logits, targets["call_arguments"][..., slot]))
    for logits, target in pairs:
        best = ops.cast(ops.argmax(logits, axis=-1), target.dtype)
        right = right & ((best == target) | (target < 0))
    return right


def _wide(logits):
    """At least float32: a softmax in bfloat16 loses the tail."""
    narrow = logits.dtype in ("bfloat16", "float16")
    return ops.cast(logits, "float32") if narrow else logits


def _bernoulli(logits, target):
    logits = _wide(logits)
    sign = ops.cast(2 * target - 1, logits.dtype)
    likelihood = -ops.softplus(-sign * logits)
    return ops.where(target >= 0, likelihood, 0.0)


def _categorical(logits, target):
    logits = _wide(logits)
    hot = ops.one_hot(target, logits.shape[-1], dtype=logits.dtype)
    return ops.sum(hot * ops.log_softmax(logits, axis=-1), axis=-1)

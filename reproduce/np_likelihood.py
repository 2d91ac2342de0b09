"""The marginal likelihood of the programs that give the right answer.

`log sum_k P(program_k | question)`, the sum over a question's candidates,
where a program's probability is that of its selections, each given the ones
before, as hard execution makes them. A choice that does not matter to the
answer has no factor; the history RNN then sees the model's own.
"""

from __future__ import annotations

from typing import Any

from keras import ops

from np_tf import model as model_lib

LOWEST = -1e9


def log_likelihood(
    model: Any, inputs: dict[str, Any], candidates: dict[str, Any]
) -> Any:
    """The log marginal likelihood of each question's candidates.

    Args:
        model: The `np_tf.NeuralProgrammer`.
        inputs: Its inputs, B questions; `table` and `num_rows` are not read.
        candidates: Of all questions, one after the other: `question` `[K]`,
            the index of the question, -1 for padding; `operations` `[K, T]`,
            `columns` `[K, T]`, `pivots` `[K, 2]`, `text_columns` `[K, 2]` and
            `text_words` `[K, 2, 2]` as in `np_search.Candidates`.

    Returns:
        `[B]`; about -1e9 for a question without candidates.
    """
    encoding = model.controller.encode(
        inputs["question"], inputs["column_names"]
    )
    num_questions = inputs["question"].shape[0]
    owner = ops.one_hot(
        candidates["question"], num_questions, dtype=encoding.question.dtype
    )  # [K, B]; padding is nobody's.
    likelihood = _selections(model, _take(encoding, owner), candidates)
    likelihood += _pivots(model, inputs, encoding, owner, candidates)
    if model.text_symbols:
        likelihood += _text(model, inputs, encoding, owner, candidates)
    mine = ops.transpose(owner)
    return ops.logsumexp(
        ops.where(mine > 0, likelihood[None, :], LOWEST), axis=-1
    )


def _take(encoding, owner):
    """The encoding of every candidate's question."""

    def rows(part):
        flat = ops.reshape(part, (part.shape[0], -1))
        flat = ops.matmul(owner, ops.cast(flat, owner.dtype))
        return ops.reshape(flat, (-1, *part.shape[1:]))

    taken = encoding._replace(
        **{name: rows(part) for name, part in encoding._asdict().items()}
    )
    return taken._replace(
        is_column=taken.is_column > 0, is_word=taken.is_word > 0
    )


def _selections(model, encoding, candidates):
    chosen, history, total = None, None, 0.0
    for step in range(model.num_steps):
        operation_logits, column_logits, history = model.controller(
            encoding, chosen, history
        )
        operation = candidates["operations"][:, step]
        column = candidates["columns"][:, step]
        own = model_lib.one_hot_argmax(column_logits)
        wanted = ops.one_hot(column, own.shape[-1], dtype=own.dtype)
        total += _log_prob(operation_logits, operation)
        total += _log_prob(column_logits, column)
        is_free = ops.cast(column < 0, own.dtype)[:, None]
        chosen = (
            ops.one_hot(operation, operation_logits.shape[-1], dtype=own.dtype),
            wanted + is_free * ops.stop_gradient(own),
        )
    return total


def _log_prob(logits, index):
    """Log probability `[K]` of an index; 0 where it is -1."""
    log_probs = ops.log_softmax(logits)
    wanted = ops.one_hot(index, logits.shape[-1], dtype=logits.dtype)
    return ops.sum(wanted * log_probs, axis=-1)


def _pivots(model, inputs, encoding, owner, candidates):
    logits, is_number = model.pivot_logits(inputs, encoding)  # [B, 2, N]
    logits = ops.where(is_number[:, None, :], logits, LOWEST)
    flat = ops.reshape(ops.log_softmax(logits), (logits.shape[0], -1))
    of_mine = ops.reshape(ops.matmul(owner, flat), (-1, *logits.shape[1:]))
    wanted = ops.one_hot(
        candidates["pivots"], logits.shape[-1], dtype=logits.dtype
    )
    return ops.sum(wanted * of_mine, axis=(1, 2))


def _text(model, inputs, encoding, owner, candidates):
    logits = model.text_match_logits(inputs, encoding)  # [B, C, W]
    num_columns, num_words = logits.shape[1:]
    occurs = ops.one_hot(inputs["text"], num_words, dtype=logits.dtype)
    is_there = ops.max(occurs, axis=1) * ops.cast(
        ops.arange(num_words) > 0, logits.dtype
    )
    yes = is_there * ops.log_sigmoid(logits)
    no = is_there * ops.log_sigmoid(-logits)

    def of_mine(values):
        flat = ops.reshape(values, (values.shape[0], -1))
        return ops.reshape(
            ops.matmul(owner, flat), (-1, num_columns, num_words)
        )

    column = ops.one_hot(
        candidates["text_columns"], num_columns, dtype=logits.dtype
    )  # [K, 2, C]
    words = ops.sum(
        ops.one_hot(candidates["text_words"], num_words, dtype=logits.dtype),
        axis=2,
    )  # [K, 2, W]
    gain = of_mine(yes) - of_mine(no)
    base = ops.sum(of_mine(no), axis=-1)  # [K, C]
    return ops.einsum("kic,kc->k", column, base) + ops.einsum(
        "kic,kiw,kcw->k", column, words, gain
    )

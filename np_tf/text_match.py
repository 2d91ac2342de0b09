"""Which text entries the question means.

Source: arXiv 1511.04834, section 2.3.1.
"""

from __future__ import annotations

import keras
from keras import ops

from np_tf import operations
from np_tf import question as question_lib


@keras.saving.register_keras_serializable("np_tf")
class TextMatch(keras.layers.Layer):
    """Two stages of attention from text columns to the question and back.

    `B[m][k] = sigmoid(sum_p A[m][k][p] q[p])`
    `D[k] = (1 / M) sum_m B[m][k] A[m][k]`, `E = D + P`
    `G[k] = sum_i softmax_i(E[k] . z_i) z_i`
    `text_match[m][k] = sigmoid(sum_p A[m][k][p] G[k][p])`

    Entries that are the same word have the same `A`, so everything is
    computed once for every word of the vocabulary: the sum over rows becomes
    a sum over words, times how often the column holds the word.

    Args:
        **kwargs: Of `keras.layers.Layer`.

    Call arguments:
        text: `[B, M, C]` ids of the entries, 0 where there is none.
        word_vectors: `[W, d]`; `A[m][k]` is the row of the entry's word.
        columns: `P`, `[B, C, d]`.
        question: `q`, `[B, d]`.
        states: `z`, `[B, Q, d]`.
        is_word: `[B, Q]`.

    Returns:
        The logits of `text_match` for every word, `[B, C, W]`.

    Source: section 2.3.1.
    """

    def call(self, text, word_vectors, columns, question, states, is_word):
        num_words = word_vectors.shape[0]
        occurs = ops.one_hot(text, num_words, dtype=states.dtype)
        is_text = ops.cast(text > 0, states.dtype)
        counts = ops.sum(occurs * is_text[..., None], axis=1)  # [B, C, W]
        rows = ops.maximum(ops.sum(is_text, axis=1), 1)  # [B, C]
        relevance = ops.sigmoid(
            ops.matmul(question, ops.transpose(word_vectors))
        )  # [B, W]
        weights = counts * relevance[:, None, :] / rows[..., None]
        keys = ops.matmul(weights, word_vectors) + columns  # E
        logits = ops.einsum("bcd,bqd->bcq", keys, states)
        mask = ops.broadcast_to(is_word[:, None, :], ops.shape(logits))
        probs = question_lib.masked_softmax(logits, mask)
        queries = ops.einsum("bcq,bqd->bcd", probs, states)  # G
        return operations.text_match_logits(word_vectors, queries)


def spread(word_matches, text):
    """From a value a word to a value a cell.

    Args:
        word_matches: `[B, C, W]`.
        text: `[B, M, C]` ids.

    Returns:
        `[B, M, C]`, 0 where there is no text.
    """
    occurs = ops.one_hot(text, word_matches.shape[-1], dtype=word_matches.dtype)
    occurs = occurs * ops.cast(text > 0, occurs.dtype)[..., None]
    return ops.einsum("bmcw,bcw->bmc", occurs, word_matches)

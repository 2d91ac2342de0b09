"""Sums as the sequences that the addition baselines read and write.

The three formats of appendix 6.3 of Reed and de Freitas, arXiv 1511.06279.
A text has one character a step; X is blank.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from npi_tf.addition import problems as problems_lib
from reproduce import npi_seq2seq_training

BLANK = "X"
_SYMBOLS = "0123456789" + BLANK
NUM_SYMBOLS = len(_SYMBOLS)
FORMATS = ("plain", "stack", "easy")


def plain_text(problem: problems_lib.Problem) -> str:
    """Summands and sum as one sequence.

    >>> plain_text(("90", "160"))
    '90X160X250'
    """
    return BLANK.join((*problem, problems_lib.exact_sum(problem)))


def stacked_texts(problem: problems_lib.Problem) -> tuple[str, str, str]:
    """Output and the two inputs: reversed summands, then the sum.

    >>> stacked_texts(("90", "160"))
    ('XXXX250', '090XXXX', '061XXXX')
    """
    one, other, answer = _aligned(problem)
    blank = BLANK * (len(answer) + 1)
    return blank + answer, one[::-1] + blank, other[::-1] + blank


def easy_texts(problem: problems_lib.Problem) -> tuple[str, str, str]:
    """Output and the two inputs: a reversed column at each step.

    >>> easy_texts(("90", "160"))
    ('052', '090', '061')
    """
    one, other, answer = _aligned(problem)
    return answer[::-1], one[::-1], other[::-1]


def _aligned(problem):
    """Summands and sum with zeros in front, as wide as the widest."""
    answer = problems_lib.exact_sum(problem)
    width = max(map(len, (*problem, answer)))
    return (*(text.zfill(width) for text in problem), answer.zfill(width))


def _plain(problem):
    """What is to be said, and what is read: itself, one step before."""
    text = plain_text(problem) + BLANK  # The end of the answer.
    start = len(text) - len(problems_lib.exact_sum(problem)) - 1
    return BLANK * (start - 1) + text[start:], (text[:-1],), start - 1


def _stacked(problem):
    said, *read = stacked_texts(problem)
    return said, read, len(said) // 2 + 1


def _easy(problem):
    said, *read = easy_texts(problem)
    return said, read, 0


_WRITERS = dict(zip(FORMATS, (_plain, _stacked, _easy)))


def examples(
    problems: Sequence[problems_lib.Problem], format_name: str
) -> npi_seq2seq_training.Examples:
    """Problems side by side; only the symbols of the answer count.

    What is shorter than the longest ends in blanks that do not count.

    Args:
        problems: Pairs of digit strings.
        format_name: One of `FORMATS`.

    Returns:
        `source [n, T, C]`, targets and weights `[n, T]`: C is 1 for plain,
        else 2.

    Raises:
        ValueError: If the format is unknown.
    """
    if format_name not in FORMATS:
        raise ValueError(
            f"format_name: must be one of {', '.join(FORMATS)}, "
            f"got {format_name!r}"
        )
    rows = [_WRITERS[format_name](problem) for problem in problems]
    longest = max(len(said) for said, _, _ in rows)
    weights = np.zeros((len(rows), longest), np.float32)
    for weight, (said, _, start) in zip(weights, rows):
        weight[start : len(said)] = 1
    channels = zip(*(read for _, read, _ in rows))
    return npi_seq2seq_training.Examples(
        {"source": np.stack([_ids(c, longest) for c in channels], axis=-1)},
        _ids([said for said, _, _ in rows], longest),
        weights,
    )


def num_channels(format_name: str) -> int:
    """How many symbols are read at once."""
    return 1 if format_name == "plain" else 2


def _ids(texts, width):
    """Symbol numbers `[n, width]`, filled up with blanks."""
    padded = "".join(text.ljust(width, BLANK) for text in texts)
    codes = np.frombuffer(padded.encode(), np.uint8).astype(np.int32)
    ids = np.where(codes == ord(BLANK), _SYMBOLS.index(BLANK), codes - ord("0"))
    return ids.reshape(len(texts), width).astype(np.int32)

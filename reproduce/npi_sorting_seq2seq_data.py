"""Arrays as the sequences that the sorting baseline reads and writes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from reproduce import npi_seq2seq_training

END = 10
NUM_SYMBOLS = 11


def examples(
    arrays: Sequence[tuple[int, ...]],
) -> npi_seq2seq_training.Examples:
    """The array and an end; the sorted array and an end (Deviation D16).

    The decoder's first input is the end symbol, then the answer one place
    to the right: 3 1 2 END -> 1 2 3 END, with END 1 2 3 shown.

    Args:
        arrays: n arrays of digits, of one length N.

    Returns:
        `source`, `previous`, targets and weights, each `[n, N + 1]`.

    Raises:
        ValueError: If lengths differ or a value is no digit.
    """
    if len(set(map(len, arrays))) != 1:
        raise ValueError(
            "arrays: must be of one length, got "
            f"{sorted(set(map(len, arrays)))}"
        )
    values = np.array(arrays, np.int32)
    if values.size and not 0 <= values.min() <= values.max() <= 9:
        raise ValueError(
            f"arrays: must hold digits 0..9, got {values.min()}..{values.max()}"
        )
    ends = np.full((len(values), 1), END, np.int32)
    ordered = np.sort(values, axis=1)
    source = np.concatenate([values, ends], axis=1)
    previous = np.concatenate([ends, ordered], axis=1)
    targets = np.concatenate([ordered, ends], axis=1)
    return npi_seq2seq_training.Examples(
        {"source": source, "previous": previous},
        targets,
        np.ones(targets.shape, np.float32),
    )


def by_length(
    arrays: Sequence[tuple[int, ...]],
) -> list[npi_seq2seq_training.Examples]:
    """The examples of each length, the shortest first."""
    groups: dict[int, list[tuple[int, ...]]] = {}
    for array in arrays:
        groups.setdefault(len(array), []).append(array)
    return [examples(groups[length]) for length in sorted(groups)]


def evaluation_arrays(
    length: int, count: int, seed: int, taken: set[tuple[int, ...]]
) -> list[tuple[int, ...]]:
    """Random arrays of one length that are not in `taken`.

    An array may occur twice, as few short ones exist.
    """
    rng = np.random.default_rng([seed, length])
    drawn: list[tuple[int, ...]] = []
    while len(drawn) < count:
        array = tuple(map(int, rng.integers(10, size=length)))
        if array not in taken:
            drawn.append(array)
    return drawn

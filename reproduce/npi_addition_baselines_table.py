"""The README's table of the addition baselines, from the run records."""

from __future__ import annotations

import statistics
from typing import Any

from reproduce import npi_seq2seq_configs
from reproduce import paper_curves
from reproduce import tables

EXPERIMENT = "npi_addition_baselines"

# Setting -> name in Figure 9, what counts as right, and the paper's curve.
CURVES = {
    "easy_64": (
        "S2S-easy@64",
        "accuracy_by_length",
        paper_curves.FIGURE_9_EASY_64,
    ),
    "easy_32": (
        "S2S-easy@32",
        "accuracy_by_length",
        paper_curves.FIGURE_9_EASY_32,
    ),
    "stack_512": (
        "S2S-stack@512",
        "symbol_accuracy_by_length",
        paper_curves.FIGURE_9_STACK_512,
    ),
    "stack_32": (
        "S2S-stack@32",
        "symbol_accuracy_by_length",
        paper_curves.FIGURE_9_STACK_32,
    ),
}
_PLAIN = "plain_512"


def curve(setting: str) -> dict[int, float]:
    """Fractions of right sums, or symbols, by length: medians of all seeds.

    Args:
        setting: One of `CURVES`; empty if it has no record.
    """
    return _medians(setting, CURVES[setting][1])


def table() -> str:
    """Figure 9: the paper's fractions and ours, by number of digits."""
    names = [name for name, _, _ in CURVES.values()]
    ours = {setting: curve(setting) for setting in CURVES}
    head = " | ".join(f"{name}, paper | ours" for name in names)
    rows = [f"| digits | {head} |", "|---" * (1 + 2 * len(names)) + "|"]
    for length in npi_seq2seq_configs.AdditionEvaluation().easy_lengths:
        cells = [
            cell
            for setting, (_, _, paper) in CURVES.items()
            for cell in (
                _percent(paper, length),
                _percent(ours[setting], length),
            )
        ]
        rows.append(f"| {length:,} | {' | '.join(cells)} |")
    return "\n".join(rows)


def plain_table() -> str:
    """The plain format, for which the paper has words and no numbers."""
    whole = _medians(_PLAIN, "accuracy_by_length")
    symbols = _medians(_PLAIN, "symbol_accuracy_by_length")
    rows = [
        "| digits | right sums | right symbols, given those before |",
        "|---|---|---|",
    ]
    for length in npi_seq2seq_configs.AdditionEvaluation().plain_lengths:
        cells = _percent(whole, length), _percent(symbols, length)
        rows.append(f"| {length} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _medians(setting: str, metric: str) -> dict[int, float]:
    found = [
        record["metrics"][metric]
        for record in tables.records(EXPERIMENT, "ours")
        if record["setting"] == setting
    ]
    lengths = sorted(
        {int(length) for by_length in found for length in by_length}
    )
    return {
        length: statistics.median(
            by_length[str(length)]
            for by_length in found
            if str(length) in by_length
        )
        for length in lengths
    }


def _percent(values: dict[int, Any], length: int) -> str:
    return f"{100 * values[length]:.4g} %" if length in values else "-"

"""The README's table of the baselines, from the committed run records."""

from __future__ import annotations

import json
import statistics
from typing import Any

from reproduce import np_baselines_configs
from reproduce import run_record

EXPERIMENT = "np_baselines"
SPANS = ("10", "50")

_HEAD = (
    "| model | numbers | column is read | right in [-10, 10] "
    "| right in [-50, 50] |",
    "|---|---|---|---|---|",
)
_PAPER = (
    "| **paper**: best LSTM | not stated | before or after the question "
    "| close to 80 % | 30 % |",
    "| **paper**: Neural Programmer | not stated | | 100 % | not stated |",
)
_NUMBERS = {0: "whole", 2: "two decimals"}


def table() -> str:
    """Section 3.2.2: accuracy in the range of training and in a wider one.

    A cell is the median of all seeds, with the lowest and the highest where
    they differ. A setting without a record is left out, but for whole
    numbers after the question and the Neural Programmer.
    """
    found = _records()
    rows = [*_HEAD, *_PAPER]
    for decimals in np_baselines_configs.DECIMALS:
        for table_first in (False, True):
            rows += _lstms(found, table_first, decimals)
    for decimals in np_baselines_configs.DECIMALS:
        group = found.get(np_baselines_configs.programmer(decimals), [])
        if group or not decimals:
            rows.append(_row("Neural Programmer", decimals, "", group))
    return "\n".join(rows)


def _lstms(found, table_first, decimals):
    place = "before" if table_first else "after"
    for heads in (0, *np_baselines_configs.NUM_HEADS):
        setting = np_baselines_configs.setting(heads, table_first, decimals)
        group = found.get(setting, [])
        if group or not (table_first or decimals):
            yield _row(_name(heads), decimals, place, group)


def _records() -> dict[str, list[dict[str, Any]]]:
    """The committed records by setting; smoke runs are never among them."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path in sorted((run_record.RESULTS / EXPERIMENT).glob("*.json")):
        record = json.loads(path.read_text())
        found.setdefault(record["setting"], []).append(record)
    return found


def _name(heads):
    if not heads:
        return "seq2seq LSTM"
    return f"LSTM, {heads} attention head" + ("" if heads == 1 else "s")


def _row(name, decimals, place, group):
    cells = [
        _spread([100 * r["metrics"]["test_accuracy"][span] for r in group])
        for span in SPANS
    ]
    return f"| {' | '.join([name, _NUMBERS[decimals], place, *cells])} |"


def _spread(values):
    if not values:
        return "not run"
    middle, low, high = (
        f"{value:.1f} %"
        for value in (statistics.median(values), min(values), max(values))
    )
    return middle if low == high else f"{middle} ({low} to {high})"

"""Table 1 of the paper, from the committed records."""

from __future__ import annotations

from typing import Any

from reproduce import tables

# Reed and de Freitas, Table 1: single, multi, + Max.
PAPER = {
    "addition": (1.0, 0.97, 0.97),
    "sorting": (1.0, 1.0, 1.0),
    "canonicalization_seen": (0.895, 0.914, 0.914),
    "canonicalization_unseen": (0.887, 0.899, 0.899),
    "maximum": (None, None, 1.0),
}
_NAMES = {
    "addition": "addition, 10 digits",
    "sorting": "sorting, length 5",
    "canonicalization_seen": "cars, seen, up to 4 steps",
    "canonicalization_unseen": "cars, unseen, up to 4 steps",
    "canonicalization_seen_all_poses": "cars, seen, all 55 poses",
    "canonicalization_unseen_all_poses": "cars, unseen, all 55 poses",
    "addition_100": "addition, 100 digits",
    "sorting_20": "sorting, length 20",
    "maximum": "maximum, length 5",
    "maximum_20": "maximum, length 20",
}
_COLUMNS = ("single", "multi", "multi_max")


def table() -> str:
    """Every cell: the paper's figure, then our median and range."""
    fast, paper = (
        tables.records("npi_multitask", r) for r in ("fast", "paper")
    )
    lines = [
        "| task | paper: single, multi, + Max | ours, `fast`, "
        f"{tables.seeds(fast)}: single | multi | + Max | ours, `paper`, "
        f"{tables.seeds(paper)}: multi | + Max |",
        "|---|---|---|---|---|---|---|",
    ]
    for task, name in _NAMES.items():
        stated = " / ".join(map(_percent, PAPER[task])) if task in PAPER else ""
        cells = [_cell(fast, column, task) for column in _COLUMNS]
        cells += [_cell(paper, column, task) for column in _COLUMNS[1:]]
        lines.append(
            f"| {name} | {stated or 'not stated'} | {' | '.join(cells)} |"
        )
    times = [tables.training_time(runs) for runs in (fast, paper)]
    lines.append(
        f"| training time | not stated | - | {times[0]} | - | {times[1]} | - |"
    )
    return "\n".join(lines)


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f} %"


def _cell(found: list[dict[str, Any]], column: str, task: str) -> str:
    values = [
        record["metrics"][column][task]
        for record in found
        if task in record["metrics"][column]
    ]
    return tables.spread(values) if values else "-"

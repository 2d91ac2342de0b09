"""The README's tables of the cars, from the committed run records."""

from __future__ import annotations

from reproduce import npi_canonicalization_configs as configs
from reproduce import tables

EXPERIMENT = "npi_canonicalization"
PAPER = {"seen": "89.5 %", "unseen": "88.7 %"}  # Table 1, up to four steps.
NUM_STARTS = (1, 4, 7, 9, 10, 10, 8, 4, 2)  # Poses so many moves away.


def table() -> str:
    """Accuracy by the number of moves to the target, seen and unseen cars.

    A cell is the median of all seeds, with the lowest and the highest where
    they differ.
    """
    fast, paper = (tables.records(EXPERIMENT, r) for r in ("fast", "paper"))
    rows = [
        "| moves | starts | paper, seen | paper, unseen | `fast`, seen "
        "| `fast`, unseen | `paper`, seen | `paper`, unseen |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for steps, starts in enumerate(NUM_STARTS):
        cells = [
            _spread(group, cars, "accuracy_by_num_steps", str(steps))
            for group in (fast, paper)
            for cars in PAPER
        ]
        rows.append(_row(str(steps), starts, ("", ""), cells))
    for name, starts, stated, key in (
        ("1 to 4", 30, tuple(PAPER.values()), "accuracy_up_to_4_steps"),
        ("all", 55, ("", ""), "accuracy"),
        ("all, exactly the textbook's calls", 55, ("", ""), "exact_traces"),
    ):
        cells = [
            _spread(group, cars, key)
            for group in (fast, paper)
            for cars in PAPER
        ]
        rows.append(_row(name, starts, stated, cells))
    times = [tables.training_time(group) for group in (fast, paper)]
    cells = [time for time in times for _ in PAPER]
    rows.append(_row("training time", "", ("", ""), cells))
    return "\n".join(rows)


def changes() -> str:
    """Unseen cars in pictures of kinds that training never rendered.

    Of the changes, that of colours resembles what training does to its
    pictures; the others do not (Deviation D20).
    """
    fast = tables.records(EXPERIMENT, "fast")
    rows = [
        "| unseen cars, all 55 starts | right | right, 1 to 4 moves |",
        "|---|---|---|",
    ]
    named = {"as in training": [r["metrics"]["unseen"] for r in fast]}
    for name, _ in configs.CHANGES:
        named[name] = [
            record["metrics"]["changes"][name]
            for record in fast
            if name in record["metrics"]["changes"]
        ]
    for name, reports in named.items():
        cells = [
            tables.spread([report[key] for report in reports])
            for key in ("accuracy", "accuracy_up_to_4_steps")
        ]
        rows.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _spread(group, cars, *keys):
    values = []
    for record in group:
        value = record["metrics"][cars]
        for key in keys:
            value = value[key]
        values.append(value)
    return tables.spread(values)


def _row(name, starts, stated, cells):
    return f"| {' | '.join([name, str(starts), *stated, *cells])} |"

"""Draws Figure 8 from the committed records, over the paper's curves.

The paper's points are read off the vector paths of its figure.
"""

from __future__ import annotations

import pathlib
from typing import Any

from reproduce import run_record
from reproduce import tables

EPOCH = 1000  # Steps: 50,000 questions in batches of 50.

# Epoch, then percent: test accuracy with noise and without.
PAPER = (
    (0.5, 3.6, 10.0),
    (1, 11.9, 9.4),
    (2, 15, 13),
    (5, 15.1, 14.9),
    (10, 16.4, 16.1),
    (20, 18.0, 16.0),
    (50, 19.5, 15.7),
    (100, 18.6, 16.4),
    (130, 20.3, 16.9),
    (140, 26.5, 17.7),
    (150, 36.9, 17.4),
    (160, 68.1, 17.0),
    (170, 93.2, 17.2),
    (180, 97.8, 17.2),
    (200, 98.6, 16.9),
    (220, 99.1, 16.8),
    (270, 99.0, 17.3),
)
RECIPES = (("paper", "with noise", "C0"), ("paper-no-noise", "without", "C3"))


def draw(path: str) -> pathlib.Path:
    """Writes the figure as PNG.

    Args:
        path: Where to.

    Raises:
        ValueError: If there is no record.
    """
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    runs = {r: tables.records("np_gradient_noise", r) for r, *_ in RECIPES}
    if not any(runs.values()):
        raise ValueError(
            f"records: must be in {run_record.RESULTS / 'np_gradient_noise'}, "
            "got none"
        )
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 4))
    epochs = [point[0] for point in PAPER]
    for index, (recipe, label, colour) in enumerate(RECIPES, start=1):
        shown = [point[index] for point in PAPER]
        left.plot(epochs, shown, "o--", color=colour, alpha=0.4, ms=3)
        left.lines[-1].set_label(f"paper, {label}")
        for run in runs[recipe]:
            _plot_run(left, right, run, label, colour)
    left.set(xlabel="epoch", ylabel="test accuracy, %", ylim=(0, 101))
    right.set(xlabel="epoch", ylabel="training loss (ours)")
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
    figure.suptitle("Figure 8: 5 columns, the paper's recipe")
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    pyplot.close(figure)
    return pathlib.Path(path)


def _plot_run(left: Any, right: Any, run: Any, label: str, colour: str):
    curve = run["metrics"]["curve"]
    epochs = [step / EPOCH for step in curve["step"]]
    percent = [100 * value for value in curve["test"]]
    label = f"ours, {label}, seed {run['seed']}"
    left.plot(epochs, percent, color=colour, label=label)
    right.plot(epochs, curve["loss"], color=colour, label=label)

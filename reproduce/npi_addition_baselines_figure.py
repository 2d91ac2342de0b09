"""Draws Figure 9 from the committed records, over the paper's curves.

python -m reproduce.npi_addition_baselines_figure docs/images/npi_figure_9.png
"""

from __future__ import annotations

import pathlib
import statistics

from reproduce import command_line
from reproduce import npi_addition_baselines_table
from reproduce import paper_curves
from reproduce import run_record
from reproduce import tables

_COLOURS = ("C1", "C2", "C3", "C4")


def draw(path: str) -> pathlib.Path:
    """Writes the figure as PNG: the paper's curves dashed, ours solid.

    Args:
        path: Where to.

    Raises:
        ValueError: If there is no record of a baseline.
    """
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    curves = npi_addition_baselines_table.CURVES
    ours = {s: npi_addition_baselines_table.curve(s) for s in curves}
    if not any(ours.values()):
        folder = run_record.RESULTS / npi_addition_baselines_table.EXPERIMENT
        raise ValueError(f"records: must be in {folder}, got none")
    figure, axes = pyplot.subplots(figsize=(8, 4.5))
    _plot(axes, "NPI@32", "C0", paper_curves.FIGURE_9_NPI, None)
    for recipe, style in (("fast", "s-"), ("paper", "s:")):
        runs = tables.records("npi_addition", recipe)
        seeds = tables.seeds(runs)
        _line(axes, f"NPI@32, our {recipe}, {seeds}", "C0", style, _npi(runs))
    for colour, (setting, (name, counts, paper)) in zip(
        _COLOURS, curves.items()
    ):
        per = "character" if "symbol" in counts else "sequence"
        _plot(axes, f"{name} (per {per})", colour, paper, ours[setting])
    axes.set(xscale="log", xlabel="digits", ylabel="right, %", ylim=(-3, 103))
    ticks = list(paper_curves.FIGURE_9_NPI)
    for tick in (2000, 2100):  # Their labels would lie on that of 3,000.
        ticks.remove(tick)
    axes.set_xticks(ticks, [str(tick) for tick in ticks], fontsize=8)
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    axes.legend(fontsize=7, loc="center left", bbox_to_anchor=(1.01, 0.5))
    axes.set_title(
        "Figure 9: addition by length (trained on 1 to 20 digits;\n"
        "median of the seeds; our baselines: one seed)",
        fontsize=11,
    )
    figure.tight_layout()
    figure.savefig(path, dpi=100)
    pyplot.close(figure)
    return pathlib.Path(path)


def _npi(runs) -> dict[int, float]:
    """Our NPI: medians of a recipe's seeds at the paper's lengths."""
    found = [record["metrics"]["accuracy_by_length"] for record in runs]
    return {
        length: statistics.median(run[str(length)] for run in found)
        for length in paper_curves.FIGURE_9_NPI
        if found and all(str(length) in run for run in found)
    }


def _plot(axes, label, colour, paper, ours):
    _line(axes, f"{label}, paper", colour, "o--", paper, alpha=0.45)
    _line(axes, f"{label}, ours", colour, "s-", ours)


def _line(axes, label, colour, style, curve, alpha=1.0):
    if curve:
        axes.plot(
            list(curve),
            [100 * value for value in curve.values()],
            style,
            color=colour,
            alpha=alpha,
            markersize=3,
            label=label,
        )


if __name__ == "__main__":
    print(draw(command_line.path(__doc__)))

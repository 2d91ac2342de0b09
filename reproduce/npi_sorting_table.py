"""Figures 5 and 6 from the run records: numbers, tables and plots.

python -m reproduce.npi_sorting_table docs/images  # npi_figure_5.png, 6
"""

from __future__ import annotations

import pathlib
import statistics
from typing import Any

from reproduce import command_line
from reproduce import paper_curves
from reproduce import tables

SEQ2SEQ = "npi_sorting_seq2seq"
_ONLY_LENGTH = "20"  # Of the arrays in Figure 5.

Curve = dict[int, list[float]]  # What all seeds got, by length or examples.


def npi_by_length() -> Curve:
    """Fractions of sorted arrays by length, NPI."""
    return _by_length(tables.records("npi_sorting", "fast"))


def seq2seq_by_length() -> Curve:
    """The same of the LSTM baseline."""
    return _by_length(_of_setting(SEQ2SEQ, "ours", "figure_6"))


def npi_by_examples() -> Curve:
    """Fractions of sorted arrays of length 20 by training examples, NPI."""
    return _by_examples("npi_sample_complexity", "fast")


def determined_by_examples() -> Curve:
    """Those of which the training examples say how, NPI's test arrays."""
    runs = tables.records("npi_sample_complexity", "fast")
    return _gather((_examples(r), r["metrics"]["determined"]) for r in runs)


def seq2seq_by_examples() -> Curve:
    """The same of the LSTM baseline."""
    return _by_examples(SEQ2SEQ, "ours")


def figure_6_table() -> str:
    """Figure 6: sorted arrays by length; median of the seeds and range."""
    fast, paper = (tables.records("npi_sorting", r) for r in ("fast", "paper"))
    seq2seq = _of_setting(SEQ2SEQ, "ours", "figure_6")
    table = _table(
        "length",
        {
            "NPI, paper": paper_curves.FIGURE_6_NPI,
            f"ours, `fast`, {tables.seeds(fast)}": _by_length(fast),
            f"ours, `paper`, {tables.seeds(paper)}": _by_length(paper),
            "Seq2Seq, paper": paper_curves.FIGURE_6_SEQ2SEQ,
            "ours, Seq2Seq": _by_length(seq2seq),
        },
    )
    times = [tables.training_time(runs) for runs in (fast, paper, seq2seq)]
    patterns = [adversarial(runs) for runs in (fast, paper)]
    return (
        f"{table}\n| adversarial set | - | {' | '.join(patterns)} | - | - |"
        f"\n| training time | - | {times[0]} | {times[1]} | - | {times[2]} |"
    )


def figure_5_table() -> str:
    """Figure 5: sorted arrays of length 20 by training examples."""
    return _table(
        "examples",
        {
            "NPI, paper": paper_curves.FIGURE_5_NPI,
            "ours": npi_by_examples(),
            "determined": determined_by_examples(),
            "Seq2Seq, paper": paper_curves.FIGURE_5_SEQ2SEQ,
            "ours, Seq2Seq": seq2seq_by_examples(),
        },
    )


def adversarial(runs: list[dict[str, Any]]) -> str:
    """The adversarial set's sorted arrays, median of the seeds and range."""
    return tables.spread([r["metrics"]["accuracy_adversarial"] for r in runs])


def draw(folder: str) -> list[pathlib.Path]:
    """Writes both figures as PNG: the paper's curves dashed, ours solid.

    Args:
        folder: Where to, as `npi_figure_5.png` and `npi_figure_6.png`.
    """
    return [
        _draw(
            pathlib.Path(folder) / "npi_figure_5.png",
            "Figure 5: arrays of length 20 (ours: recipe fast;\n"
            "median and range of the seeds, Seq2Seq one)",
            "training examples",
            (paper_curves.FIGURE_5_NPI, npi_by_examples()),
            (paper_curves.FIGURE_5_SEQ2SEQ, seq2seq_by_examples()),
            base=2,
            determined=determined_by_examples(),
        ),
        _draw(
            pathlib.Path(folder) / "npi_figure_6.png",
            "Figure 6: sorting by length (trained on 2 to 20;\n"
            "ours: median and range of the seeds, Seq2Seq one)",
            "length of the array",
            (paper_curves.FIGURE_6_NPI, npi_by_length()),
            (paper_curves.FIGURE_6_SEQ2SEQ, seq2seq_by_length()),
            by_paper=_by_length(tables.records("npi_sorting", "paper")),
        ),
    ]


def _of_setting(experiment, recipe, setting):
    runs = tables.records(experiment, recipe)
    return [run for run in runs if run["setting"] == setting]


def _by_length(runs) -> Curve:
    return _gather(
        (int(length), value)
        for run in runs
        for length, value in run["metrics"]["accuracy_by_length"].items()
    )


def _by_examples(experiment, recipe) -> Curve:
    return _gather(
        (_examples(run), run["metrics"]["accuracy_by_length"][_ONLY_LENGTH])
        for run in tables.records(experiment, recipe)
        if run["setting"].startswith("n_")
    )


def _examples(run) -> int:
    return int(run["setting"].removeprefix("n_"))


def _gather(values) -> Curve:
    curve: Curve = {}
    for point, value in values:
        curve.setdefault(point, []).append(value)
    return dict(sorted(curve.items()))


def _table(name, columns):
    """Rows by point; columns are the paper's values, or those of our seeds."""
    rows = [
        f"| {name} | {' | '.join(columns)} |",
        "|---" * (len(columns) + 1) + "|",
    ]
    points = {point for curve in columns.values() for point in curve}
    for point in sorted(points):
        cells = [_cell(curve.get(point)) for curve in columns.values()]
        rows.append(f"| {point:,} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _cell(value):
    if value is None:
        return "-"
    if isinstance(value, list):
        return tables.spread(value)
    return f"{100 * value:.4g} %"


def _draw(
    path,
    title,
    axis,
    npi,
    seq2seq,
    base=None,
    by_paper=None,
    determined=None,
):
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6.4, 4))
    for name, colour, (paper, ours) in (
        ("NPI", "C0", npi),
        ("Seq2Seq", "C1", seq2seq),
    ):
        _plot_paper(axes, f"{name}, paper", colour, paper)
        _plot_ours(axes, f"{name}, ours", colour, ours)
    for label, colour, curve in (
        ("NPI, ours, recipe paper", "C0", by_paper),
        ("determined by the examples", "k", determined),
    ):
        if curve:
            middle = [100 * statistics.median(v) for v in curve.values()]
            axes.plot(list(curve), middle, ":", color=colour, label=label)
    if base:
        axes.set_xscale("log", base=base)
        ticks = list(npi[0])
        axes.set_xticks(ticks, [str(tick) for tick in ticks], fontsize=8)
    axes.set(xlabel=axis, ylabel="arrays sorted, %", ylim=(-3, 103))
    axes.set_title(title, fontsize=11)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=100)
    pyplot.close(figure)
    return path


def _plot_paper(axes, label, colour, curve):
    values = [100 * value for value in curve.values()]
    axes.plot(
        list(curve),
        values,
        "o--",
        color=colour,
        alpha=0.45,
        markersize=3,
        label=label,
    )


def _plot_ours(axes, label, colour, curve):
    if not curve:
        return
    points = list(curve)
    low, middle, high = (
        [100 * choose(values) for values in curve.values()]
        for choose in (min, statistics.median, max)
    )
    axes.plot(points, middle, "s-", color=colour, markersize=3, label=label)
    axes.fill_between(points, low, high, color=colour, alpha=0.15)


if __name__ == "__main__":
    for written in draw(command_line.path(__doc__, "the folder")):
        print(written)

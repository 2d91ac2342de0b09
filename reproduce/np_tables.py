"""The README's tables of the Neural Programmer, from the run records."""

from __future__ import annotations

from typing import Any

from reproduce import np_configs
from reproduce import tables

SCRIPTS = {
    "single_column": "np_single_column",
    "three_columns": "np_many_columns",
    "five_columns": "np_many_columns",
    "ten_columns": "np_many_columns",
    "word_variability_1": "np_word_variability",
    "word_variability_5": "np_word_variability",
    "text_match_2": "np_text_match",
    "text_match_5": "np_text_match",
}


def of_setting(
    experiment: str, recipe: str, setting: str
) -> list[dict[str, Any]]:
    """The records of one row of Table 2, by seed."""
    found = tables.records(experiment, recipe)
    return [record for record in found if record["setting"] == setting]


def table_2() -> str:
    """Test accuracy by setting, the paper's beside ours."""
    rows = [
        "| setting | test templates | paper | ours, `fast` | questions of "
        "difference | templates seen, paper | ours | training time |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, setting in np_configs.SETTINGS.items():
        group = of_setting(SCRIPTS[name], "fast", name)
        values = _metrics(group)
        rows.append(
            f"| {setting.title} | {setting.num_templates:,} "
            f"| {100 * setting.paper_accuracy:.4g} % "
            f"| {tables.spread(values('test_accuracy'))}{_seeds(group)} "
            f"| {tables.spread(_difference(group))} "
            f"| {100 * setting.paper_seen:.4g} % "
            f"| {tables.spread(values('share_seen_in_training'))} "
            f"| {tables.spread(values('train_seconds'), percent=False)} |"
        )
    return "\n".join(rows)


def paper_recipe() -> str:
    """What the paper's own training came to here."""
    rows = [
        "| run | steps | test | simple | comparison | logic | difference |",
        "|---|---|---|---|---|---|---|",
    ]
    runs = (
        ("Single column", "np_single_column", "single_column", "paper"),
        (
            "5 columns, with noise",
            "np_gradient_noise",
            "five_columns",
            "paper",
        ),
        (
            "5 columns, without",
            "np_gradient_noise",
            "five_columns",
            "paper-no-noise",
        ),
    )
    for title, experiment, setting, recipe in runs:
        for record in of_setting(experiment, recipe, setting):
            metrics = record["metrics"]
            cells = [metrics["test_accuracy"]]
            cells += metrics["accuracy_by_category"].values()
            shown = " | ".join(f"{100 * cell:.4g} %" for cell in cells)
            steps = record["config"]["train_steps"]
            rows.append(
                f"| {title}, seed {record['seed']} | {steps:,} | {shown} |"
            )
    return "\n".join(rows)


def sizes() -> str:
    """Accuracy by rows of the table and size of its numbers."""
    bounds = np_configs.BOUNDS
    rows = [
        "| preset | rows | "
        + " | ".join(f"numbers up to {bound:,}" for bound in bounds)
        + " |",
        "|---" * (2 + len(bounds)) + "|",
    ]
    for record in tables.records("np_size_generalization", "preset"):
        found = record["metrics"]["accuracy_by_rows_and_bound"]
        for count, by_bound in found.items():
            cells = [f"{100 * by_bound[str(b)]:.4g} %" for b in bounds]
            rows.append(
                f"| `{record['setting']}` | {int(count):,} | "
                f"{' | '.join(cells)} |"
            )
    return "\n".join(rows)


def _metrics(group):
    return lambda key: [record["metrics"][key] for record in group]


def _difference(group):
    found = [r["metrics"]["accuracy_by_category"] for r in group]
    return [f["difference"] for f in found if "difference" in f]


def _seeds(group):
    seeds = ", ".join(str(record["seed"]) for record in group)
    return f"; seeds {seeds}" if len(group) != 3 else ""

"""Column Single of Table 1: a model for each task, of its own script."""

from __future__ import annotations

import pathlib
import subprocess
import sys
from typing import Any

import npi_tf
from reproduce import npi_multitask_configs
from reproduce import npi_multitask_evaluation
from reproduce import run_record
from reproduce import tables

TASKS = ("addition", "sorting", "canonicalization")


def of_presets(
    examiner: npi_multitask_evaluation.Examiner,
) -> dict[str, float]:
    """What the presets of the tasks get right, by cell."""
    return _column(examiner, npi_tf.NPI.from_preset)


def of_runs(
    examiner: npi_multitask_evaluation.Examiner,
    seed: int,
    folder: pathlib.Path,
) -> dict[str, float]:
    """What the models that the scripts left get right, by cell.

    Args:
        examiner: Asks the same problems as in the other columns.
        seed: Of the runs.
        folder: The `workdir` of the scripts; what is not there is trained.
    """

    def model(task):
        workdir = folder / f"npi_{task}" / f"fast-seed{seed}"
        if not (workdir / "preset").exists():
            script = pathlib.Path(__file__).with_name(f"npi_{task}.py")
            given = [f"--seed={seed}", f"--workdir={workdir}"]
            subprocess.run([sys.executable, script, *given], check=True)
        return npi_tf.NPI.from_preset(str(workdir / "preset"))

    return _column(examiner, model)


def _column(examiner, model_of):
    cells = {}
    for task in TASKS:
        cells |= examiner.column(model_of(task), (task,))[0]
    return cells


def of_records(
    config: npi_multitask_configs.Evaluation, seed: int
) -> dict[str, float]:
    """What the scripts of the tasks have recorded of a seed, by cell.

    Their test problems are of the same kind, but others, and fewer: 100 sums
    and arrays of a length. The cells of length 100 are not among them.

    Args:
        config: Which lengths the cells have.
        seed: Of the runs.

    Raises:
        ValueError: If a task has no record of this seed.
    """
    metrics = {task: _metrics(f"npi_{task}", seed) for task in TASKS}
    cells = {
        "addition": _of_length(metrics["addition"], config.digits),
        "sorting": _of_length(metrics["sorting"], config.array_length),
        f"sorting_{config.long_array}": _of_length(
            metrics["sorting"], config.long_array
        ),
    }
    most = config.canonicalization_steps
    for name in ("seen", "unseen"):
        found = metrics["canonicalization"][name]
        cell = f"canonicalization_{name}"
        cells[cell] = found[f"accuracy_up_to_{most}_steps"]
        cells[f"{cell}_all_poses"] = found["accuracy"]
    return cells


def _metrics(experiment: str, seed: int) -> dict[str, Any]:
    found = {r["seed"]: r for r in tables.records(experiment, "fast")}
    if seed not in found:
        raise ValueError(
            f"seed: must be one that {run_record.RESULTS / experiment} has a "
            f"record of, got {seed}"
        )
    return found[seed]["metrics"]


def _of_length(metrics: dict[str, Any], length: int) -> float:
    return metrics["accuracy_by_length"][str(length)]

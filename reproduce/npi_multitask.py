"""Trains one NPI core on addition, sorting and cars, then adds MAX.

    python reproduce/npi_multitask.py                 # many minutes
    python reproduce/npi_multitask.py --recipe=paper
    python reproduce/npi_multitask.py --from_preset   # only evaluate

Reproduces Table 1 of Reed and de Freitas, arXiv 1511.06279: tasks alone
(column Single, by the scripts of the single tasks, recipe `fast`), together
(Multi), and after MAX was added to the frozen core (+Max).
"""

from __future__ import annotations

import dataclasses
import pathlib
import time

from npi_tf import quiet

with quiet.quiet_tensorflow(find_devices=False):
    from reproduce import npi_experiment

from absl import app
from absl import flags
from absl import logging

import npi_tf
from reproduce import npi_canonicalization_training
from reproduce import npi_flags
from reproduce import npi_max_learning
from reproduce import npi_multitask_configs as configs
from reproduce import npi_multitask_evaluation
from reproduce import npi_multitask_single
from reproduce import npi_multitask_training
from reproduce import run_record
from reproduce import strategies

EXPERIMENT = "npi_multitask"
TASKS = npi_multitask_single.TASKS

_SINGLE_DIR = flags.DEFINE_string(
    "single_dir",
    "workdir",
    "Where the scripts of single tasks left their runs; what is not there is "
    "trained.",
)
_SINGLE = flags.DEFINE_enum(
    "single",
    "run",
    ["run", "records", "none"],
    "Column Single: run the scripts of single tasks, or read their records of "
    "the same seed in reproduce/results, or leave it out.",
)
flags.adopt_module_key_flags(npi_experiment)


def main(argv):
    started = npi_experiment.start(argv)
    _check_single()
    smoke, seed = npi_flags.SMOKE.value, npi_flags.SEED.value
    recipe = npi_experiment.recipe_name()
    workdir = npi_flags.workdir(EXPERIMENT, recipe)
    config, model, trained, earlier = _model(recipe, workdir, smoke)
    if model is None:
        return
    before_max = npi_max_learning.weights_sha256(model)
    settings = configs.NEW_PROGRAMS["smoke" if smoke else "full"]()
    grown, learnt = npi_max_learning.add_max(
        model, settings, seed, workdir=workdir, jit_compile=not smoke
    )
    logging.info("MAX and RJMP: %s", learnt)
    grown.save_to_preset(workdir / "preset")
    evaluation = configs.EVALUATIONS["smoke" if smoke else "full"]()
    taught = set(npi_max_learning.arrays(settings, seed))
    examiner = npi_multitask_evaluation.Examiner(
        evaluation, smoke, known_arrays=taught
    )
    metrics = {"single": _single(examiner, evaluation, seed)}
    metrics["multi"], before = examiner.column(model)
    metrics["multi_max"], after = examiner.column(grown)
    after_max = npi_max_learning.weights_sha256(grown)
    metrics["unchanged"] = {
        "weights": before_max == after_max,
        "outputs": all(before[task] == after[task] for task in before),
        "sha256_before": before_max,
        "sha256_after": after_max,
    }
    metrics["max_learning"] = learnt
    _show(metrics)
    for task in (*TASKS, "maximum"):
        npi_experiment.export(grown, task, workdir, task)
    config = {
        **config,
        "single": _single_from(),
        "new_programs": dataclasses.asdict(settings),
        "evaluation": dataclasses.asdict(evaluation),
    }
    run_record.write_run(
        workdir,
        npi_flags.RECORD.value,
        EXPERIMENT,
        recipe,
        seed,
        config,
        time.monotonic() - started + earlier,
        metrics | trained,
    )


def _model(recipe, workdir, smoke):
    """Configuration, core, what is recorded of training, earlier seconds."""
    strategy = strategies.make(npi_experiment.DEVICE.value)
    if npi_experiment.FROM_PRESET.value:
        return {}, npi_tf.NPI.from_preset("multitask").first_blocks(), {}, 0.0
    config = npi_flags.with_num_steps(configs.RECIPES[recipe]())
    model, trained, earlier = npi_multitask_training.train(
        config,
        strategy,
        workdir,
        npi_experiment.identity(config),
        npi_flags.SEED.value,
        npi_canonicalization_training.data(smoke),
        npi_experiment.SAVE_SECONDS.value,
        npi_experiment.PRECISION.value,
        jit_compile=not smoke,  # Compiling takes longer than a few steps.
    )
    if not strategies.is_chief(strategy):
        model = None
    return npi_experiment.recorded(config, strategy), model, trained, earlier


def _check_single():
    """Refuses flags of column Single where they would not be read."""
    given = flags.FLAGS["single"].present and _SINGLE.value == "records"
    if given and _presets_of_tasks():
        raise app.UsageError(
            "single: must not be records with --smoke and --from_preset, "
            "which show the presets"
        )
    unread = _SINGLE.value != "run" or _presets_of_tasks()
    if unread and flags.FLAGS["single_dir"].present:
        raise app.UsageError(
            "single_dir: must come with --single=run and without --smoke and "
            "--from_preset, which do not read it"
        )


def _presets_of_tasks():
    """Whether column Single shows the presets instead of runs."""
    return npi_flags.SMOKE.value or npi_experiment.FROM_PRESET.value


def _single_from():
    """Where column Single comes from, in a word."""
    if _presets_of_tasks() and _SINGLE.value != "none":
        return "presets"
    return _SINGLE.value


def _single(examiner, evaluation, seed):
    """Column Single."""
    source = _single_from()
    if source == "none":
        return {}
    if source == "presets":
        return npi_multitask_single.of_presets(examiner)
    if source == "records":
        return npi_multitask_single.of_records(evaluation, seed)
    folder = pathlib.Path(_SINGLE_DIR.value)
    return npi_multitask_single.of_runs(examiner, seed, folder)


def _show(metrics):
    """Table 1."""
    columns = ("single", "multi", "multi_max")
    print(f"\n{'task':26}" + "".join(f"{name:>11}" for name in columns))
    for task in npi_multitask_evaluation.CELLS:
        cells = (metrics[column].get(task) for column in columns)
        words = ("-" if c is None else f"{100 * c:.1f} %" for c in cells)
        print(f"{task:26}" + "".join(f"{word:>11}" for word in words))
    same = {n: metrics["unchanged"][n] for n in ("weights", "outputs")}
    print(f"after MAX was added, unchanged: {same}\n")


if __name__ == "__main__":
    app.run(main)

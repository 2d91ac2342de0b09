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
import subprocess
import sys
import time

from npi_tf import quiet

with quiet.quiet_tensorflow(find_devices=False):
    from reproduce import npi_experiment

from absl import app
from absl import flags
from absl import logging

import npi_tf
from reproduce import npi_canonicalization_training
from reproduce import npi_max_learning
from reproduce import npi_multitask_configs as configs
from reproduce import npi_multitask_evaluation
from reproduce import npi_multitask_training
from reproduce import run_record
from reproduce import screen
from reproduce import strategies

EXPERIMENT = "npi_multitask"
TASKS = ("addition", "sorting", "canonicalization")

_SINGLE_DIR = flags.DEFINE_string(
    "single_dir",
    "workdir",
    "Where the scripts of single tasks left their runs; what is not there is "
    "trained.",
)
_SINGLE = flags.DEFINE_bool("single", True, "Whether to fill column Single.")


def main(argv):
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    screen.say_on_screen()
    started = time.monotonic()
    smoke, seed = npi_experiment.SMOKE.value, npi_experiment.SEED.value
    recipe = npi_experiment.recipe_name()
    workdir = pathlib.Path(
        npi_experiment.WORKDIR.value
        or f"workdir/{EXPERIMENT}/{recipe}-seed{seed}"
    )
    config, model, trained, earlier = _model(recipe, workdir, smoke)
    if model is None:
        return
    settings = configs.NEW_PROGRAMS["smoke" if smoke else "full"]()
    grown, learnt = npi_max_learning.add_max(model, settings, seed)
    logging.info("MAX and RJMP: %s", learnt)
    grown.save_to_preset(workdir / "preset")
    evaluation = configs.EVALUATIONS["smoke" if smoke else "full"]()
    taught = set(npi_max_learning.arrays(settings, seed))
    examiner = npi_multitask_evaluation.Examiner(
        evaluation, smoke, known_arrays=taught
    )
    metrics = {"single": _single(examiner, seed) if _SINGLE.value else {}}
    metrics["multi"], before = examiner.column(model)
    metrics["multi_max"], after = examiner.column(grown)
    metrics["unchanged"] = {
        "weights": npi_max_learning.old_weights_unchanged(model, grown),
        "outputs": all(before[task] == after[task] for task in before),
    }
    metrics["max_learning"] = learnt
    _show(metrics)
    _export(grown, workdir)
    config = {
        **config,
        "new_programs": dataclasses.asdict(settings),
        "evaluation": dataclasses.asdict(evaluation),
    }
    run_record.write_run(
        workdir,
        npi_experiment.RECORD.value,
        EXPERIMENT,
        recipe,
        seed,
        config,
        time.monotonic() - started + earlier,
        metrics | trained,
    )


def _model(recipe, workdir, smoke):
    """Configuration, core, what is recorded of training, earlier seconds."""
    if npi_experiment.FROM_PRESET.value:
        return {}, npi_tf.NPI.from_preset("multitask").first_blocks(), {}, 0.0
    config = configs.RECIPES[recipe]()
    if npi_experiment.NUM_STEPS.value:
        config = dataclasses.replace(
            config, num_steps=npi_experiment.NUM_STEPS.value
        )
    strategy = strategies.make(npi_experiment.DEVICE.value)
    identity = {
        "recipe": recipe,
        "seed": npi_experiment.SEED.value,
        "precision": npi_experiment.PRECISION.value,
        **dataclasses.asdict(config),
    }
    model, trained, earlier = npi_multitask_training.train(
        config,
        strategy,
        workdir,
        identity,
        npi_experiment.SEED.value,
        npi_canonicalization_training.data(smoke),
        npi_experiment.SAVE_SECONDS.value,
        npi_experiment.PRECISION.value,
    )
    config = dataclasses.asdict(config) | {
        "precision": npi_experiment.PRECISION.value,
        "device": npi_experiment.DEVICE.value,
        "num_replicas": strategy.num_replicas_in_sync,
    }
    if not strategies.is_chief(strategy):
        return config, None, trained, earlier
    return config, model, trained, earlier


def _export(model, workdir):
    """A SavedModel for each task, side by side."""
    folder = npi_experiment.EXPORT_DIR.value or workdir / "export"
    for task in (*TASKS, "maximum"):
        target = npi_tf.export_model(model, task, pathlib.Path(folder) / task)
        logging.info("SavedModel: %s", target)


def _single(examiner, seed):
    """Column Single: a model for each task, trained by its own script."""
    cells = {}
    for task in TASKS:
        model = single_model(task, seed, pathlib.Path(_SINGLE_DIR.value))
        cells |= examiner.column(model, (task,))[0]
    return cells


def single_model(task: str, seed: int, folder: pathlib.Path) -> npi_tf.NPI:
    """The model that the script of a task left; runs it if there is none.

    Args:
        task: "addition", "sorting" or "canonicalization".
        seed: Of the run.
        folder: The `workdir` of the scripts.
    """
    if npi_experiment.SMOKE.value or npi_experiment.FROM_PRESET.value:
        return npi_tf.NPI.from_preset(task)
    workdir = folder / f"npi_{task}" / f"fast-seed{seed}"
    if not (workdir / "preset").exists():
        script = pathlib.Path(__file__).with_name(f"npi_{task}.py")
        flags_given = [f"--seed={seed}", f"--workdir={workdir}"]
        subprocess.run([sys.executable, script, *flags_given], check=True)
    return npi_tf.NPI.from_preset(str(workdir / "preset"))


def _show(metrics):
    """Table 1."""
    columns = ("single", "multi", "multi_max")
    print(f"\n{'task':26}" + "".join(f"{name:>11}" for name in columns))
    for task in npi_multitask_evaluation.CELLS:
        cells = (metrics[column].get(task) for column in columns)
        words = ("-" if c is None else f"{100 * c:.1f} %" for c in cells)
        print(f"{task:26}" + "".join(f"{word:>11}" for word in words))
    print(f"after MAX was added, unchanged: {metrics['unchanged']}\n")


if __name__ == "__main__":
    app.run(main)

"""Trains NPI on addition, adds long numbers, exports what was learned.

    python reproduce/npi_addition.py                   # a few minutes, 2 cores
    python reproduce/npi_addition.py --recipe=paper    # as the paper trains
    python reproduce/npi_addition.py --from_preset     # only evaluate, export

Reproduces NPI's curve in Figure 9 of Reed and de Freitas, arXiv 1511.06279.
"""

from __future__ import annotations

import dataclasses
import pathlib
import time

from npi_tf import quiet

with quiet.quiet_tensorflow(find_devices=False):
    import keras

from absl import app
from absl import flags
from absl import logging

import npi_tf
from data_gen import load
from npi_tf import addition
from reproduce import npi_addition_evaluation
from reproduce import npi_configs
from reproduce import npi_schedules
from reproduce import npi_training
from reproduce import progress as progress_lib
from reproduce import run_record
from reproduce import screen
from reproduce import strategies

EXPERIMENT = "npi_addition"

_RECIPE = flags.DEFINE_enum(
    "recipe", "fast", ["fast", "paper"], "How to train."
)
_SMOKE = flags.DEFINE_bool("smoke", False, "A run of seconds; learns nothing.")
_FROM_PRESET = flags.DEFINE_bool(
    "from_preset", False, "Take the trained preset instead of training."
)
_SEED = flags.DEFINE_integer("seed", 0, "Of weights and batches.")
_DEVICE = flags.DEFINE_enum("device", "cpu", strategies.DEVICES, "Where.")
_PRECISION = flags.DEFINE_enum(
    "precision",
    "float32",
    ["float32", "mixed_bfloat16", "float64"],
    "Keras dtype policy.",
)
_WORKDIR = flags.DEFINE_string(
    "workdir", None, "Checkpoints and metrics; workdir/<recipe>-seed<n>."
)
_EXPORT_DIR = flags.DEFINE_string(
    "export_dir", None, "Where to write the SavedModel; <workdir>/export."
)
_NUM_STEPS = flags.DEFINE_integer(
    "num_steps", None, "Training steps, instead of the recipe's.", lower_bound=1
)
_NUM_PROBLEMS = flags.DEFINE_integer(
    "num_problems",
    None,
    "Sums tried at each length; 100 by default.",
    lower_bound=1,
)
_BEYOND = flags.DEFINE_list(
    "beyond", [], "Also try 10 sums of each of these lengths: 5000,10000."
)
_SAVE_SECONDS = flags.DEFINE_float(
    "save_seconds", 20.0, "Time between two checkpoints.", lower_bound=0.0
)
flags.register_validator(
    "beyond",
    lambda lengths: all(n.isdigit() and int(n) > 0 for n in lengths),
    message="must be positive numbers of digits, separated by commas",
)
_RECORD = flags.DEFINE_bool(
    "record", False, "Write the record to reproduce/results, too."
)


def main(argv):
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    screen.say_on_screen()
    started = time.monotonic()
    strategy = strategies.make(_DEVICE.value)
    recipe = _RECIPE.value + ("-smoke" if _SMOKE.value else "")
    recipe = "preset" if _FROM_PRESET.value else recipe
    workdir = pathlib.Path(
        _WORKDIR.value or f"workdir/{EXPERIMENT}/{recipe}-seed{_SEED.value}"
    )
    trained, earlier = {}, 0.0
    if _FROM_PRESET.value:
        config, model = {}, npi_tf.NPI.from_preset("addition")
    else:
        config = _config(recipe)
        model, trained, earlier = _train(config, strategy, workdir, recipe)
        config = dataclasses.asdict(config) | {
            "precision": _PRECISION.value,
            "device": _DEVICE.value,
            "num_replicas": strategy.num_replicas_in_sync,
        }
        if not strategies.is_chief(strategy):
            task = strategy.cluster_resolver.task_id
            model.save_to_preset(workdir / f"preset-worker{task}")
            return
        model.save_to_preset(workdir / "preset")
    taken = set(load.load_problems("train"))
    evaluation = _evaluation()
    report = npi_addition_evaluation.evaluate(model, evaluation, taken)
    _show(model, report)
    export_dir = pathlib.Path(_EXPORT_DIR.value or workdir / "export")
    exported = npi_tf.export_model(model, addition.ADDITION, export_dir)
    logging.info("SavedModel: %s", exported)
    metrics = dataclasses.asdict(report) | trained
    run_record.write_run(
        workdir,
        _RECORD.value,
        EXPERIMENT,
        recipe,
        _SEED.value,
        config | {"evaluation": dataclasses.asdict(evaluation)},
        time.monotonic() - started + earlier,
        metrics,
    )


def _config(recipe):
    config = npi_configs.RECIPES[recipe]()
    if _NUM_STEPS.value:
        config = dataclasses.replace(config, num_steps=_NUM_STEPS.value)
    return config


def _evaluation():
    evaluation = npi_configs.AdditionEvaluation()
    if _SMOKE.value:
        evaluation = dataclasses.replace(
            evaluation, lengths=(1, 2, 5, 10), problems_per_length=4
        )
    if _NUM_PROBLEMS.value:
        evaluation = dataclasses.replace(
            evaluation, problems_per_length=_NUM_PROBLEMS.value
        )
    beyond = tuple(map(int, _BEYOND.value))
    return dataclasses.replace(evaluation, lengths=evaluation.lengths + beyond)


def _train(config, strategy, workdir, recipe):
    """The model, what is recorded of training, and seconds before a stop."""
    frames = load.load_frames("train")
    validation = load.load_frames("validation")
    logging.info(
        "%d training frames, %d of them distinct",
        frames.count.sum(),
        len(frames),
    )
    keras.utils.set_random_seed(_SEED.value)
    with strategy.scope():
        model = npi_tf.NPI.for_domains(
            addition.ADDITION, dtype=_PRECISION.value
        )
        rows = model.rows(addition.ADDITION)
        schedule = npi_schedules.make(
            config, frames.for_rows(rows), model.programs, _SEED.value
        )
        optimizer = schedule.optimizer()
        optimizer.build(model.trainable_variables)
    identity = {
        "recipe": recipe,
        "seed": _SEED.value,
        "precision": _PRECISION.value,
        **dataclasses.asdict(config),
    }
    progress = progress_lib.Progress(
        workdir,
        model,
        optimizer,
        schedule.first_errors,
        identity,
        strategies.is_chief(strategy),
    )
    resumed = int(progress.step.numpy())
    earlier = float(progress.seconds.numpy())
    if resumed:
        logging.info("resuming at step %d from %s", resumed, workdir)
    seconds, accuracy = npi_training.train(
        model,
        schedule,
        strategy,
        progress,
        optimizer,
        validation.for_rows(rows),
        _SAVE_SECONDS.value,
    )
    if strategy.num_replicas_in_sync > 1:
        copy = npi_tf.NPI.from_config(model.get_config())
        copy.set_weights(model.get_weights())
        model = copy
    logging.info("trained for %.0f s", seconds)
    trained = {
        "train_seconds": round(seconds, 1),
        "validation_accuracy_by_program": accuracy,
    }
    return model, trained, earlier


def _show(model, report):
    """What a person wants to see: a run, and how far it gets."""
    run = model.run("addition", [("96", "125")], trace=True)[0]
    print(f"\n96 + 125 = {run.output}  ({run.status}, {run.num_steps} steps)")
    if run.status == "ok":
        print(npi_tf.format_trace(addition.ADDITION, run.trace))
    print("\ndigits  right sums")
    for length, accuracy in report.accuracy_by_length.items():
        print(f"{length:>6}  {accuracy:8.2%}")
    print(f"adversarial set  {report.accuracy_adversarial:.2%}")
    print(f"failures: {len(report.failures)} of {report.num_problems} sums\n")


if __name__ == "__main__":
    app.run(main)

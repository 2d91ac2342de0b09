"""What the scripts of single tasks share: flags, one run, its record."""

from __future__ import annotations

import dataclasses
import pathlib
import time
from collections.abc import Callable
from typing import Any

from npi_tf import quiet

with quiet.quiet_tensorflow(find_devices=False):
    import keras

from absl import app
from absl import flags
from absl import logging

import npi_tf
from data_gen import load
from npi_tf import specs
from reproduce import npi_schedules
from reproduce import npi_training
from reproduce import progress as progress_lib
from reproduce import run_record
from reproduce import screen
from reproduce import strategies

RECIPE = flags.DEFINE_enum("recipe", "fast", ["fast", "paper"], "How to train.")
SMOKE = flags.DEFINE_bool("smoke", False, "A run of seconds; learns nothing.")
FROM_PRESET = flags.DEFINE_bool(
    "from_preset", False, "Take the trained preset instead of training."
)
SEED = flags.DEFINE_integer("seed", 0, "Of weights and batches.")
DEVICE = flags.DEFINE_enum("device", "cpu", strategies.DEVICES, "Where.")
PRECISION = flags.DEFINE_enum(
    "precision",
    "float32",
    ["float32", "mixed_bfloat16", "float64"],
    "Keras dtype policy.",
)
WORKDIR = flags.DEFINE_string(
    "workdir", None, "Checkpoints and metrics; workdir/<recipe>-seed<n>."
)
EXPORT_DIR = flags.DEFINE_string(
    "export_dir", None, "Where to write the SavedModel; <workdir>/export."
)
NUM_STEPS = flags.DEFINE_integer(
    "num_steps", None, "Training steps, instead of the recipe's.", lower_bound=1
)
NUM_PROBLEMS = flags.DEFINE_integer(
    "num_problems",
    None,
    "Problems tried at each length; 100 by default.",
    lower_bound=1,
)
SAVE_SECONDS = flags.DEFINE_float(
    "save_seconds", 20.0, "Time between two checkpoints.", lower_bound=0.0
)
RECORD = flags.DEFINE_bool(
    "record", False, "Write the record to reproduce/results, too."
)


@dataclasses.dataclass(frozen=True)
class Experiment:
    """A task that is trained, tried and exported.

    Attributes:
        name: Of the script, without `.py`.
        domain: The task; its name is that of its preset.
        recipes: Makes the configuration of each recipe.
        data: The training data, given whether it is a smoke test.
        evaluation: Makes the configuration of the evaluation.
        evaluate: `(model, evaluation, training problems)` to a report, a
            dataclass.
        show: Prints what a person wants to see of a model and a report.
        schedule: `npi_schedules.make`, or one like it.
    """

    name: str
    domain: specs.Domain
    recipes: dict[str, Callable[[], Any]]
    data: Callable[[bool], Any]
    evaluation: Callable[[], Any]
    evaluate: Callable[[Any, Any, set], Any]
    show: Callable[[Any, Any], None]
    schedule: Callable[..., Any] = npi_schedules.make


def run(experiment: Experiment, argv: list[str]) -> None:
    """Trains, or takes the preset; evaluates, exports, writes the record.

    Args:
        experiment: What to run.
        argv: The command line without flags.
    """
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    screen.say_on_screen()
    started = time.monotonic()
    strategy = strategies.make(DEVICE.value)
    recipe = recipe_name()
    workdir = pathlib.Path(
        WORKDIR.value or f"workdir/{experiment.name}/{recipe}-seed{SEED.value}"
    )
    data = experiment.data(SMOKE.value)
    config, model, trained, earlier = _model(
        experiment, data, strategy, workdir, recipe
    )
    if model is None:
        return
    taken = set(load.load_problems("train", data))
    evaluation = experiment.evaluation()
    report = experiment.evaluate(model, evaluation, taken)
    experiment.show(model, report)
    export(model, experiment.domain, workdir)
    run_record.write_run(
        workdir,
        RECORD.value,
        experiment.name,
        recipe,
        SEED.value,
        config | {"evaluation": dataclasses.asdict(evaluation)},
        time.monotonic() - started + earlier,
        dataclasses.asdict(report) | trained,
    )


def recipe_name() -> str:
    """The name of what the flags ask for."""
    if FROM_PRESET.value:
        return "preset"
    return RECIPE.value + ("-smoke" if SMOKE.value else "")


def _model(experiment, data, strategy, workdir, recipe):
    """Configuration, model, what is recorded of training, earlier seconds.

    There is no model on workers that leave evaluation to the chief.
    """
    if FROM_PRESET.value:
        model = npi_tf.NPI.from_preset(experiment.domain.name)
        return {}, model, {}, 0.0
    config = experiment.recipes[recipe]()
    if NUM_STEPS.value:
        config = dataclasses.replace(config, num_steps=NUM_STEPS.value)
    model, trained, earlier = _train(
        experiment, config, data, strategy, workdir, recipe
    )
    config = dataclasses.asdict(config) | {
        "precision": PRECISION.value,
        "device": DEVICE.value,
        "num_replicas": strategy.num_replicas_in_sync,
    }
    if not strategies.is_chief(strategy):
        task = strategy.cluster_resolver.task_id
        model.save_to_preset(workdir / f"preset-worker{task}")
        return config, None, trained, earlier
    model.save_to_preset(workdir / "preset")
    return config, model, trained, earlier


def export(model: Any, domain: specs.Domain, workdir: pathlib.Path) -> None:
    """Writes the SavedModel of a run."""
    export_dir = pathlib.Path(EXPORT_DIR.value or workdir / "export")
    exported = npi_tf.export_model(model, domain, export_dir)
    logging.info("SavedModel: %s", exported)


def _train(experiment, config, data, strategy, workdir, recipe):
    """The model, what is recorded of training, and seconds before a stop."""
    domain, seed = experiment.domain, SEED.value
    frames = load.load_frames("train", data)
    validation = load.load_frames("validation", data)
    logging.info(
        "%d training frames, %d of them distinct",
        frames.count.sum(),
        len(frames),
    )
    keras.utils.set_random_seed(seed)
    with strategy.scope():
        model = npi_tf.NPI.for_domains(domain, dtype=PRECISION.value)
        rows = model.rows(domain)
        schedule = experiment.schedule(
            config, frames.for_rows(rows), model.programs, seed
        )
        optimizer = schedule.optimizer()
        optimizer.build(model.trainable_variables)
    identity = {
        "recipe": recipe,
        "seed": seed,
        "precision": PRECISION.value,
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
        SAVE_SECONDS.value,
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

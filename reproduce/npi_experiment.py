"""What the scripts that train NPI share: flags, one run, its record."""

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
from data_gen import npi_traces
from data_gen.npi_traces import problems
from npi_tf import specs
from reproduce import npi_flags
from reproduce import npi_run
from reproduce import npi_schedules
from reproduce import run_record
from reproduce import strategies

FROM_PRESET = flags.DEFINE_bool(
    "from_preset", False, "Take the trained preset instead of training."
)
DEVICE = flags.DEFINE_enum("device", "cpu", strategies.DEVICES, "Where.")
PRECISION = flags.DEFINE_enum(
    "precision",
    "float32",
    ["float32", "mixed_bfloat16", "float64"],
    "Keras dtype policy.",
)
EXPORT_DIR = flags.DEFINE_string(
    "export_dir", None, "Where to write the SavedModel; <workdir>/export."
)
RECIPE = npi_flags.recipe()
SAVE_SECONDS = npi_flags.save_seconds()
flags.adopt_module_key_flags(npi_flags)

# What a script that trains nothing would ignore.
_OF_TRAINING = ("recipe", "num_steps", "precision", "save_seconds")


@dataclasses.dataclass(frozen=True)
class Experiment:
    """A task that is trained, tried and exported.

    Attributes:
        name: Of the script, without `.py`.
        domain: The task; its name is that of its preset.
        recipes: Makes the configuration of each recipe.
        data: Which data set, given whether it is a smoke test.
        training: `(domain, config, data, model, seed)` to the schedule and
            the validation frames; see `from_frames`.
        evaluation: Makes the configuration of the evaluation.
        evaluate: `(model, evaluation, data)` to a report, a dataclass.
        show: Prints what a person wants to see of a model and a report.
        jit_compile: Whether XLA compiles the training step.
    """

    name: str
    domain: specs.Domain
    recipes: dict[str, Callable[[], Any]]
    data: Callable[[bool], Any]
    training: Callable[..., tuple[Any, Any]]
    evaluation: Callable[[], Any]
    evaluate: Callable[[Any, Any, Any], Any]
    show: Callable[[Any, Any], None]
    jit_compile: bool = True


def from_problems(
    name: str, sampler: problems.Sampler
) -> Callable[[bool], Any]:
    """The `data` of an experiment whose environment is discrete.

    Args:
        name: Of the domain and of its data set, the paper's.
        sampler: Draws the problems of the domain.

    Returns:
        A function that gives the data set; for a smoke test few and short
        problems, unless it tries the preset, which was trained on all.
    """
    few = npi_traces.NpiTracesConfig(
        name=f"{name}_smoke",
        domain=name,
        sampler=sampler,
        train_lengths=(2, 3, 5),
        problems_per_length=8,
        validation_lengths=(2, 3),
        test_lengths=(),
    )
    return lambda smoke: few if smoke and not FROM_PRESET.value else name


def from_frames(
    make: Callable[..., Any] = npi_schedules.make,
) -> Callable[..., tuple[Any, Any]]:
    """`Experiment.training` of a domain whose frames lie in a data set.

    Args:
        make: `npi_schedules.make`, or one like it.
    """

    def training(domain, config, data, model, seed):
        frames = load.load_frames("train", data)
        logging.info(
            "%d training frames, %d of them distinct",
            frames.count.sum(),
            len(frames),
        )
        rows = model.rows(domain)
        schedule = make(config, frames.for_rows(rows), model.programs, seed)
        validation = load.load_frames("validation", data)
        return schedule, validation.for_rows(rows)

    return training


def run(experiment: Experiment, argv: list[str]) -> None:
    """Trains, or takes the preset; evaluates, exports, writes the record.

    Args:
        experiment: What to run.
        argv: The command line without flags.
    """
    started = start(argv)
    strategy = strategies.make(DEVICE.value)
    recipe = recipe_name()
    workdir = npi_flags.workdir(experiment.name, recipe)
    data = experiment.data(npi_flags.SMOKE.value)
    config, model, trained, earlier = _model(
        experiment, data, strategy, workdir, recipe
    )
    if model is None:
        return
    evaluation = experiment.evaluation()
    report = experiment.evaluate(model, evaluation, data)
    experiment.show(model, report)
    export(model, experiment.domain, workdir)
    run_record.write_run(
        workdir,
        npi_flags.RECORD.value,
        experiment.name,
        recipe,
        npi_flags.SEED.value,
        config | {"evaluation": dataclasses.asdict(evaluation)},
        time.monotonic() - started + earlier,
        dataclasses.asdict(report) | trained,
    )


def start(argv: list[str]) -> float:
    """As `npi_flags.start`, with `check_flags`."""
    check_flags()
    return npi_flags.start(argv)


def check_flags() -> None:
    """Refuses flags that would be ignored.

    Raises:
        UsageError: If flags of training come with `--from_preset`.
    """
    given = [name for name in _OF_TRAINING if flags.FLAGS[name].present]
    if FROM_PRESET.value and given:
        names = ", ".join("--" + name for name in given)
        raise app.UsageError(
            f"from_preset: must come without flags of training, got {names}"
        )


def recipe_name() -> str:
    """The name of what the flags ask for."""
    if FROM_PRESET.value:
        return "preset"
    return RECIPE.value + ("-smoke" if npi_flags.SMOKE.value else "")


def identity(config: Any) -> dict[str, Any]:
    """What tells a training run from others: recipe, seed, precision."""
    return {
        "recipe": recipe_name(),
        "seed": npi_flags.SEED.value,
        "precision": PRECISION.value,
        **dataclasses.asdict(config),
    }


def recorded(config: Any, strategy: Any) -> dict[str, Any]:
    """A recipe as a record shows it, and where it was trained."""
    return dataclasses.asdict(config) | {
        "precision": PRECISION.value,
        "device": DEVICE.value,
        "num_replicas": strategy.num_replicas_in_sync,
    }


def _model(experiment, data, strategy, workdir, recipe):
    """Configuration, model, what is recorded of training, earlier seconds.

    There is no model on workers that leave evaluation to the chief.
    """
    if FROM_PRESET.value:
        model = npi_tf.NPI.from_preset(experiment.domain.name)
        return {}, model, {}, 0.0
    config = npi_flags.with_num_steps(experiment.recipes[recipe]())
    model, trained = _train(experiment, config, data, strategy, workdir)
    folder = "preset"
    if not strategies.is_chief(strategy):
        folder += f"-worker{strategy.cluster_resolver.task_id}"
    model.save_to_preset(workdir / folder)
    if not strategies.is_chief(strategy):
        model = None
    config = recorded(config, strategy)
    return config, model, trained.summary(), trained.earlier


def _train(experiment, config, data, strategy, workdir):
    """The trained model, and what became of the run."""
    domain, seed = experiment.domain, npi_flags.SEED.value
    keras.utils.set_random_seed(seed)
    with strategy.scope():
        model = npi_tf.NPI.for_domains(domain, dtype=PRECISION.value)
    schedule, validation = experiment.training(
        domain, config, data, model, seed
    )
    trained = npi_run.run(
        model,
        schedule,
        validation,
        strategy,
        workdir,
        identity(config),
        SAVE_SECONDS.value,
        experiment.jit_compile,
    )
    return npi_run.alone(model, strategy), trained


def export(
    model: Any, domain: specs.Domain | str, workdir: pathlib.Path, name=""
) -> None:
    """Writes a SavedModel, where `--export_dir` says.

    Args:
        model: A `npi_tf.NPI`.
        domain: The task, or its name.
        workdir: Its folder `export` is the default.
        name: Of a folder in that one, where a run exports several.
    """
    folder = pathlib.Path(EXPORT_DIR.value or workdir / "export") / name
    exported = npi_tf.export_model(model, domain, folder)
    logging.info("SavedModel: %s", exported)

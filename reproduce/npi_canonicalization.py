"""Trains NPI to turn 3D cars to the front, and tries it on unseen cars.

    python reproduce/npi_canonicalization.py                 # some minutes
    python reproduce/npi_canonicalization.py --recipe=paper
    python reproduce/npi_canonicalization.py --from_preset   # only evaluate

Reproduces the canonicalisation columns of Table 1 of Reed and de Freitas,
arXiv 1511.06279. The first run renders the cars (some minutes); see
docs/cars.md for what that needs.
"""

from __future__ import annotations

import dataclasses
import pathlib
import time

from npi_tf import quiet

with quiet.quiet_tensorflow(find_devices=False):
    from reproduce import npi_experiment

from absl import app
from absl import logging

import npi_tf
from data_gen import load_cars
from data_gen import npi_traces
from npi_tf import canonicalization
from reproduce import npi_canonicalization_configs as configs
from reproduce import npi_canonicalization_evaluation as evaluation_lib
from reproduce import npi_canonicalization_training
from reproduce import run_record
from reproduce import screen
from reproduce import strategies

EXPERIMENT = "npi_canonicalization"


def main(argv):
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    screen.say_on_screen()
    started = time.monotonic()
    recipe = npi_experiment.recipe_name()
    workdir = pathlib.Path(
        npi_experiment.WORKDIR.value
        or f"workdir/{EXPERIMENT}/{recipe}-seed{npi_experiment.SEED.value}"
    )
    data = (
        npi_canonicalization_training.SMOKE_CARS
        if npi_experiment.SMOKE.value
        else "canonicalization"
    )
    seen = load_cars.load("train", data)
    if npi_experiment.FROM_PRESET.value:
        config, trained, earlier = {}, {}, 0.0
        model = npi_tf.NPI.from_preset("canonicalization")
    else:
        config, model, trained, earlier = _train(seen, data, workdir, recipe)
    if model is None:
        return
    evaluation = configs.CanonicalizationEvaluation()
    if npi_experiment.SMOKE.value:
        evaluation = dataclasses.replace(evaluation, changes=())
    report = _evaluate(model, evaluation, seen, data)
    _show(report)
    npi_experiment.export(model, canonicalization.CANONICALIZATION, workdir)
    run_record.write_run(
        workdir,
        npi_experiment.RECORD.value,
        EXPERIMENT,
        recipe,
        npi_experiment.SEED.value,
        config | {"evaluation": dataclasses.asdict(evaluation)},
        time.monotonic() - started + earlier,
        report | trained,
    )


def _train(seen, data, workdir, recipe):
    """Configuration, model, what is recorded of training, earlier seconds.

    There is no model on workers that leave evaluation to the chief.
    """
    config = configs.RECIPES[recipe]()
    if npi_experiment.NUM_STEPS.value:
        config = dataclasses.replace(
            config, num_steps=npi_experiment.NUM_STEPS.value
        )
    strategy = strategies.make(npi_experiment.DEVICE.value)
    model, trained, earlier = npi_canonicalization_training.train(
        config,
        seen.images,
        load_cars.load("validation", data).images,
        strategy,
        workdir,
        recipe,
        npi_experiment.SEED.value,
        npi_experiment.PRECISION.value,
        npi_experiment.SAVE_SECONDS.value,
    )
    config = dataclasses.asdict(config) | {
        "precision": npi_experiment.PRECISION.value,
        "device": npi_experiment.DEVICE.value,
        "num_replicas": strategy.num_replicas_in_sync,
    }
    if not strategies.is_chief(strategy):
        return config, None, trained, earlier
    model.save_to_preset(workdir / "preset")
    return config, model, trained, earlier


def _evaluate(model, config, seen, data):
    """Seen cars, unseen cars, and these in pictures of other kinds."""
    unseen = load_cars.load("test", data)
    report = {}
    for name, cars in (("seen", seen), ("unseen", unseen)):
        report[name] = _try(model, name, cars)
    report["changes"] = {}
    for name, changes in config.changes:
        cars = load_cars.load("test", changed(name, dict(changes)))
        report["changes"][name] = _try(model, name, cars)
    return report


def changed(name: str, changes: dict) -> npi_traces.CarsConfig:
    """The unseen cars in changed pictures, as a data set of its own."""
    words = "".join(c if c.isalnum() else " " for c in name).split()
    return npi_traces.CarsConfig(
        name="canonicalization_" + "_".join(words),
        description=f"Unseen cars, {name}.",
        train_cars=(),
        validation_cars=(),
        changes=changes,
    )


def _try(model, name, cars):
    outcomes = evaluation_lib.evaluate(model, cars.images)
    summary = outcomes.summary()
    summary["failures"] = [
        [car, *map(int, cars.poses[pose])]
        for car, row in zip(cars.names, outcomes.right)
        for pose in (~row).nonzero()[0]
    ][:100]
    logging.info(
        "%s: %.4f, up to 4 steps %.4f",
        name,
        summary["accuracy"],
        summary["accuracy_up_to_4_steps"],
    )
    return summary


def _show(report):
    """What a person wants to see: how often the front is reached."""
    print("\nsteps        seen    unseen")
    seen, unseen = report["seen"], report["unseen"]
    for steps, accuracy in seen["accuracy_by_num_steps"].items():
        other = unseen["accuracy_by_num_steps"][steps]
        print(f"{steps:>5}    {accuracy:8.2%}  {other:8.2%}")
    for name, key in (("1-4", "accuracy_up_to_4_steps"), ("all", "accuracy")):
        print(f"{name:>5}    {seen[key]:8.2%}  {unseen[key]:8.2%}")
    for name, changed_report in report["changes"].items():
        print(f"{changed_report['accuracy']:8.2%}  {name}")


if __name__ == "__main__":
    app.run(main)

r"""Trains NPI to turn 3D cars to the front, and tries it on unseen cars.

    python reproduce/npi_canonicalization.py                 # some minutes
    python reproduce/npi_canonicalization.py --recipe=paper
    python reproduce/npi_canonicalization.py --from_preset   # only evaluate
    python reproduce/npi_canonicalization.py --train_cars=cars/train \
        --unseen_cars=cars/unseen                    # meshes of your own

Reproduces the canonicalisation columns of Table 1 of Reed and de Freitas,
arXiv 1511.06279. The first run renders the cars (some minutes); see
docs/cars.md for what that needs, and for meshes of your own.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

from npi_tf import quiet

with quiet.quiet_tensorflow(find_devices=False):
    from reproduce import npi_experiment

from absl import app
from absl import flags
from absl import logging

from data_gen import load_cars
from npi_tf import canonicalization
from reproduce import npi_canonicalization_configs as configs
from reproduce import npi_canonicalization_evaluation as evaluation_lib
from reproduce import npi_canonicalization_training
from reproduce import npi_flags

_OWN_CARS = {
    name: flags.DEFINE_string(name, None, f"Folder of meshes {use}.")
    for name, use in (
        ("train_cars", "to train on, in place of the generated cars"),
        ("validation_cars", "to validate on; without it, nothing is"),
        ("unseen_cars", "to try the model on, in place of the generated ones"),
    )
}
flags.adopt_module_key_flags(npi_experiment)


@dataclasses.dataclass
class Report:
    """What evaluation found; each a summary of `Outcomes` with failures.

    Attributes:
        seen: Of the training cars.
        unseen: Of the test cars.
        changes: Of these in pictures of other kinds, by what changed.
    """

    seen: dict[str, Any]
    unseen: dict[str, Any]
    changes: dict[str, dict[str, Any]]


def main(argv):
    own = _own_cars()
    experiment = npi_experiment.Experiment(
        # Records of a user's own cars are not those of the README.
        name="npi_canonicalization" + ("_own_cars" if own else ""),
        domain=canonicalization.CANONICALIZATION,
        recipes={k: _named(own, make) for k, make in configs.RECIPES.items()},
        data=lambda smoke: own or npi_canonicalization_training.data(smoke),
        training=npi_canonicalization_training.training,
        evaluation=functools.partial(_evaluation, own),
        evaluate=_evaluate,
        show=_show,
        jit_compile=False,  # XLA's gradients of convolutions are slow on CPU.
    )
    npi_experiment.run(experiment, argv)


def _own_cars():
    """The data set that the flags ask for; None for the generated cars."""
    folders = {name: flag.value for name, flag in _OWN_CARS.items()}
    if set(folders.values()) == {None}:
        return None
    try:
        return npi_canonicalization_training.own_data(
            folders, npi_flags.SMOKE.value, npi_experiment.FROM_PRESET.value
        )
    except ValueError as error:
        raise app.UsageError(str(error)) from error


def _named(own, make):
    """Makes a configuration, which names own cars if there are any."""
    if not own:
        return make
    cars = {name: flag.value for name, flag in _OWN_CARS.items()}
    cars["num_cars"] = {split: len(own.cars(split)) for split in own.splits}
    cars["digest"] = own.recipe["fleet"]
    return npi_canonicalization_training.naming(make, cars)


def _evaluation(own):
    evaluation = _named(own, configs.CanonicalizationEvaluation)()
    if npi_flags.SMOKE.value:
        evaluation = dataclasses.replace(evaluation, changes=())
    return evaluation


def _evaluate(model, evaluation, data):
    """Seen cars, unseen cars, and these in pictures of other kinds."""
    seen = data
    if npi_experiment.FROM_PRESET.value:  # Own cars are none that it saw.
        seen = npi_canonicalization_training.data(npi_flags.SMOKE.value)
    sets = {"seen": ("train", seen), "unseen": ("test", data)}
    for name, changes in evaluation.changes:
        changed = npi_canonicalization_training.changed(
            data, name, dict(changes)
        )
        sets[name] = ("test", changed)
    found = {
        name: _try(model, name, load_cars.load(*cars))
        for name, cars in sets.items()
    }
    return Report(found.pop("seen"), found.pop("unseen"), found)


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


def _show(model, report):
    """What a person wants to see: how often the front is reached."""
    print("\nsteps        seen    unseen")
    seen, unseen = report.seen, report.unseen
    for steps, accuracy in seen["accuracy_by_num_steps"].items():
        other = unseen["accuracy_by_num_steps"][steps]
        print(f"{steps:>5}    {accuracy:8.2%}  {other:8.2%}")
    for name, key in (("1-4", "accuracy_up_to_4_steps"), ("all", "accuracy")):
        print(f"{name:>5}    {seen[key]:8.2%}  {unseen[key]:8.2%}")
    for name, changed_report in report.changes.items():
        print(f"{changed_report['accuracy']:8.2%}  {name}")


if __name__ == "__main__":
    app.run(main)

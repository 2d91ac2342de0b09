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
from typing import Any

from npi_tf import quiet

with quiet.quiet_tensorflow(find_devices=False):
    from reproduce import npi_experiment

from absl import app
from absl import flags
from absl import logging

from data_gen import load_cars
from data_gen import npi_traces
from npi_tf import canonicalization
from reproduce import npi_canonicalization_configs as configs
from reproduce import npi_canonicalization_evaluation as evaluation_lib
from reproduce import npi_canonicalization_training
from reproduce import npi_flags

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
    experiment = npi_experiment.Experiment(
        name="npi_canonicalization",
        domain=canonicalization.CANONICALIZATION,
        recipes=configs.RECIPES,
        data=npi_canonicalization_training.data,
        training=npi_canonicalization_training.training,
        evaluation=_evaluation,
        evaluate=_evaluate,
        show=_show,
        jit_compile=False,  # XLA's gradients of convolutions are slow on CPU.
    )
    npi_experiment.run(experiment, argv)


def _evaluation():
    evaluation = configs.CanonicalizationEvaluation()
    if npi_flags.SMOKE.value:
        evaluation = dataclasses.replace(evaluation, changes=())
    return evaluation


def _evaluate(model, evaluation, data):
    """Seen cars, unseen cars, and these in pictures of other kinds."""
    sets = {"seen": ("train", data), "unseen": ("test", data)}
    sets |= {
        name: ("test", changed(name, dict(changes)))
        for name, changes in evaluation.changes
    }
    found = {
        name: _try(model, name, load_cars.load(*cars))
        for name, cars in sets.items()
    }
    return Report(found.pop("seen"), found.pop("unseen"), found)


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

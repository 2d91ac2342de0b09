"""Trains NPI on sorting, sorts long arrays, exports what was learned.

    python reproduce/npi_sorting.py                   # trains 22 minutes
    python reproduce/npi_sorting.py --recipe=paper    # as the paper trains
    python reproduce/npi_sorting.py --from_preset     # only evaluate, export

The evaluation, up to arrays of 120 numbers, takes longer than the training.
Reproduces NPI's curve in Figure 6 of Reed and de Freitas, arXiv 1511.06279.
"""

from __future__ import annotations

import dataclasses

from npi_tf import quiet

with quiet.quiet_tensorflow(find_devices=False):
    from reproduce import npi_experiment

from absl import app
from absl import flags

import npi_tf
from data_gen import load
from data_gen.npi_traces import problems
from npi_tf import sorting
from reproduce import npi_flags
from reproduce import npi_sorting_configs
from reproduce import npi_sorting_evaluation
from reproduce import npi_sorting_schedule

_NUM_PROBLEMS = npi_flags.num_problems()
flags.adopt_module_key_flags(npi_experiment)
flags.declare_key_flag("num_problems")


def main(argv):
    experiment = npi_experiment.Experiment(
        name="npi_sorting",
        domain=sorting.SORTING,
        recipes=npi_sorting_configs.RECIPES,
        data=npi_experiment.from_problems("sorting", problems.SORTING),
        training=npi_experiment.from_frames(npi_sorting_schedule.make),
        evaluation=_evaluation,
        evaluate=_evaluate,
        show=_show,
    )
    npi_experiment.run(experiment, argv)


def _evaluation():
    evaluation = npi_sorting_configs.SortingEvaluation()
    if npi_flags.SMOKE.value:
        evaluation = dataclasses.replace(
            evaluation,
            lengths=(1, 2, 5),
            problems_per_length=4,
            adversarial_lengths=(1, 3),
        )
    if _NUM_PROBLEMS.value:
        evaluation = dataclasses.replace(
            evaluation, problems_per_length=_NUM_PROBLEMS.value
        )
    return evaluation


def _evaluate(model, evaluation, data):
    taken = set(load.load_problems("train", data))
    return npi_sorting_evaluation.evaluate(model, evaluation, taken)


def _show(model, report):
    """What a person wants to see: a run, and how far it gets."""
    run = model.run("sorting", [(9, 2, 5)], trace=True)[0]
    print(f"\n9 2 5 -> {run.output}  ({run.status}, {run.num_steps} steps)")
    if run.status == "ok":
        print(npi_tf.format_trace(sorting.SORTING, run.trace))
    print("\nlength  sorted")
    for length, accuracy in report.accuracy_by_length.items():
        print(f"{length:>6}  {accuracy:8.2%}")
    print(f"adversarial set  {report.accuracy_adversarial:.2%}")
    print(f"failures: {len(report.failures)} of {report.num_problems} arrays\n")


if __name__ == "__main__":
    app.run(main)

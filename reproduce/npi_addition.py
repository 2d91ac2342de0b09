"""Trains NPI on addition, adds long numbers, exports what was learned.

    python reproduce/npi_addition.py                   # a few minutes, 2 cores
    python reproduce/npi_addition.py --recipe=paper    # as the paper trains
    python reproduce/npi_addition.py --from_preset     # only evaluate, export

Reproduces NPI's curve in Figure 9 of Reed and de Freitas, arXiv 1511.06279.
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
from npi_tf import addition
from reproduce import npi_addition_evaluation
from reproduce import npi_configs
from reproduce import npi_flags

_NUM_PROBLEMS = npi_flags.num_problems()
_BEYOND = flags.DEFINE_list(
    "beyond", [], "Also try 10 sums of each of these lengths: 5000,10000."
)
flags.register_validator(
    "beyond",
    lambda lengths: all(n.isdigit() and int(n) > 0 for n in lengths),
    message="must be positive numbers of digits, separated by commas",
)
flags.adopt_module_key_flags(npi_experiment)
flags.declare_key_flag("num_problems")


def main(argv):
    experiment = npi_experiment.Experiment(
        name="npi_addition",
        domain=addition.ADDITION,
        recipes=npi_configs.RECIPES,
        data=npi_experiment.from_problems("addition", problems.ADDITION),
        training=npi_experiment.from_frames(),
        evaluation=_evaluation,
        evaluate=_evaluate,
        show=_show,
    )
    npi_experiment.run(experiment, argv)


def _evaluation():
    evaluation = npi_configs.AdditionEvaluation()
    if npi_flags.SMOKE.value:
        evaluation = dataclasses.replace(
            evaluation,
            lengths=(1, 2, 5, 10),
            problems_per_length=4,
            longest_adversarial=20,
        )
    if _NUM_PROBLEMS.value:
        evaluation = dataclasses.replace(
            evaluation, problems_per_length=_NUM_PROBLEMS.value
        )
    beyond = tuple(map(int, _BEYOND.value))
    return dataclasses.replace(evaluation, lengths=evaluation.lengths + beyond)


def _evaluate(model, evaluation, data):
    taken = set(load.load_problems("train", data))
    return npi_addition_evaluation.evaluate(model, evaluation, taken)


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

"""Trains an LSTM to add in one of three formats, adds numbers it never saw.

    python reproduce/npi_addition_baselines.py                   # easy_64
    python reproduce/npi_addition_baselines.py --setting=stack_512

Reproduces the curves S2S-easy and S2S-stack in Figure 9 of Reed and de
Freitas, arXiv 1511.06279, and the plain format of appendix 6.3: one to five
minutes of a core each.
"""

from __future__ import annotations

import dataclasses
import functools

from npi_tf import quiet

with quiet.quiet_tensorflow(find_devices=False):
    from reproduce import npi_seq2seq_run

from absl import app
from absl import flags
from absl import logging

from data_gen.npi_traces import config as traces_config
from reproduce import npi_addition_baselines_data
from reproduce import npi_addition_evaluation
from reproduce import npi_configs
from reproduce import npi_flags
from reproduce import npi_seq2seq
from reproduce import npi_seq2seq_configs
from reproduce import npi_seq2seq_training

_SETTING = flags.DEFINE_enum(
    "setting",
    "easy_64",
    list(npi_seq2seq_configs.ADDITION_STEPS),
    "Format, and problems of each length.",
)
flags.adopt_module_key_flags(npi_flags)


def main(argv):
    started = npi_flags.start(argv)
    setting = _SETTING.value
    format_name = setting.partition("_")[0]
    problems = _training_problems(npi_seq2seq_configs.num_examples(setting))
    taken = {problem for group in problems for problem in group}
    baseline = npi_seq2seq_run.Baseline(
        name="npi_addition_baselines",
        setting=setting,
        recipe=npi_seq2seq_configs.addition_recipe(
            setting, npi_flags.SMOKE.value
        ),
        evaluation=_evaluation(),
        build=lambda recipe: npi_seq2seq.tagger(
            recipe,
            npi_addition_baselines_data.NUM_SYMBOLS,
            npi_addition_baselines_data.num_channels(format_name),
        ),
        groups=[
            npi_addition_baselines_data.examples(group, format_name)
            for group in problems
        ],
        evaluate=functools.partial(_evaluate, format_name, taken),
        show=_show,
    )
    npi_seq2seq_run.run(baseline, started)


def _evaluation():
    evaluation = npi_seq2seq_configs.AdditionEvaluation()
    if npi_flags.SMOKE.value:
        evaluation = dataclasses.replace(evaluation, problems_per_length=4)
    return evaluation


def _training_problems(count):
    """Of each length as many; at 32 those that NPI is trained on."""
    config = traces_config.NpiTracesConfig(
        name=f"addition_{count}", problems_per_length=count
    )
    return [config.problems("train", length) for length in config.train_lengths]


def _evaluate(format_name, taken, model, evaluation):
    """Fractions of sums, and of their symbols, that are right by length."""
    asked = dataclasses.replace(
        npi_configs.AdditionEvaluation(),
        problems_per_length=evaluation.problems_per_length,
    )
    metrics = {"accuracy_by_length": {}, "symbol_accuracy_by_length": {}}
    for length in getattr(evaluation, f"{format_name}_lengths"):
        problems = npi_addition_evaluation.evaluation_problems(
            asked, length, taken
        )
        examples = npi_addition_baselines_data.examples(problems, format_name)
        right = npi_seq2seq_training.right_symbols(model, examples)
        whole = float(right.all(axis=1).mean())
        symbols = float(right[examples.weights > 0].mean())
        metrics["accuracy_by_length"][str(length)] = whole
        metrics["symbol_accuracy_by_length"][str(length)] = symbols
        logging.info(
            "length %d: %.4f of %d, of symbols %.4f",
            length,
            whole,
            len(problems),
            symbols,
        )
    return metrics


def _show(metrics):
    """What a person wants to see: how far it adds."""
    print("\ndigits  right sums  right symbols")
    symbols = metrics["symbol_accuracy_by_length"]
    for length, accuracy in metrics["accuracy_by_length"].items():
        print(f"{length:>6}  {accuracy:10.2%}  {symbols[length]:13.2%}")
    print()


if __name__ == "__main__":
    app.run(main)

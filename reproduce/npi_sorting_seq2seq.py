"""Trains the LSTM that sorting is compared with, sorts arrays it never saw.

    python reproduce/npi_sorting_seq2seq.py                 # Figure 6
    python reproduce/npi_sorting_seq2seq.py --setting=n_64  # of Figure 5

Reproduces the Seq2Seq curves in Figures 5 and 6 of Reed and de Freitas, arXiv
1511.06279: a point of Figure 5 takes one to five minutes of a core, Figure 6
an hour.
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
from reproduce import npi_flags
from reproduce import npi_seq2seq
from reproduce import npi_seq2seq_configs
from reproduce import npi_seq2seq_training
from reproduce import npi_sorting_seq2seq_data

_SETTING = flags.DEFINE_enum(
    "setting",
    npi_seq2seq_configs.FIGURE_6,
    list(npi_seq2seq_configs.SORTING_STEPS),
    "Figure 6, or a number of examples of Figure 5.",
)
flags.adopt_module_key_flags(npi_flags)


def main(argv):
    started = npi_flags.start(argv)
    setting = _SETTING.value
    arrays = _training_arrays(setting, npi_flags.SEED.value)
    baseline = npi_seq2seq_run.Baseline(
        name="npi_sorting_seq2seq",
        setting=setting,
        recipe=npi_seq2seq_configs.sorting_recipe(
            setting, npi_flags.SMOKE.value
        ),
        evaluation=_evaluation(setting),
        build=lambda recipe: npi_seq2seq.encoder_decoder(
            recipe, npi_sorting_seq2seq_data.NUM_SYMBOLS
        ),
        groups=npi_sorting_seq2seq_data.by_length(arrays),
        evaluate=functools.partial(_evaluate, set(arrays)),
        show=_show,
    )
    npi_seq2seq_run.run(baseline, started)


def _evaluation(setting):
    evaluation = npi_seq2seq_configs.SortingEvaluation()
    if setting != npi_seq2seq_configs.FIGURE_6:
        evaluation = dataclasses.replace(
            evaluation, lengths=(evaluation.only_length,)
        )
    if npi_flags.SMOKE.value:
        evaluation = dataclasses.replace(evaluation, arrays_per_length=4)
    return evaluation


def _training_arrays(setting, seed):
    """What NPI is trained on: the same arrays, without their traces."""
    if setting == npi_seq2seq_configs.FIGURE_6:
        config = traces_config.SORTING
    else:
        config = traces_config.sorting_of_length(
            npi_seq2seq_configs.SortingEvaluation().only_length,
            npi_seq2seq_configs.num_examples(setting),
            seed,
        )
    return [
        array
        for length in config.train_lengths
        for array in config.problems("train", length)
    ]


def _evaluate(taken, model, evaluation):
    """Fractions of arrays, and of symbols, that are right by length."""
    metrics = {"accuracy_by_length": {}, "symbol_accuracy_by_length": {}}
    for length in evaluation.lengths:
        arrays = npi_sorting_seq2seq_data.evaluation_arrays(
            length, evaluation.arrays_per_length, evaluation.seed, taken
        )
        right = npi_seq2seq_training.right_symbols(
            model, npi_sorting_seq2seq_data.examples(arrays)
        )
        whole = float(right.all(axis=1).mean())
        metrics["accuracy_by_length"][str(length)] = whole
        metrics["symbol_accuracy_by_length"][str(length)] = float(right.mean())
        logging.info("length %d: %.4f of %d", length, whole, len(arrays))
    return metrics


def _show(metrics):
    """What a person wants to see: how far it sorts."""
    print("\nlength  right arrays")
    for length, accuracy in metrics["accuracy_by_length"].items():
        print(f"{length:>6}  {accuracy:8.2%}")
    print()


if __name__ == "__main__":
    app.run(main)

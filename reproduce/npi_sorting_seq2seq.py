"""Trains the LSTM that sorting is compared with, sorts arrays it never saw.

    python reproduce/npi_sorting_seq2seq.py                 # Figure 6
    python reproduce/npi_sorting_seq2seq.py --setting=n_64  # of Figure 5

Reproduces the Seq2Seq curves in Figures 5 and 6 of Reed and de Freitas, arXiv
1511.06279: two to four minutes of a core each.
"""

from __future__ import annotations

import dataclasses
import functools
import pathlib
import time

from npi_tf import quiet

with quiet.quiet_tensorflow(find_devices=False):
    import tensorflow as tf

from absl import app
from absl import flags
from absl import logging

from data_gen.npi_traces import config as traces_config
from reproduce import npi_seq2seq
from reproduce import npi_seq2seq_configs
from reproduce import npi_seq2seq_run
from reproduce import npi_seq2seq_training
from reproduce import npi_sorting_seq2seq_data
from reproduce import run_record
from reproduce import screen

EXPERIMENT = "npi_sorting_seq2seq"

_SETTING = flags.DEFINE_enum(
    "setting",
    npi_seq2seq_configs.FIGURE_6,
    list(npi_seq2seq_configs.SORTING_STEPS),
    "Figure 6, or a number of examples of Figure 5.",
)
_SMOKE = flags.DEFINE_bool("smoke", False, "A run of seconds; learns nothing.")
_SEED = flags.DEFINE_integer(
    "seed", 0, "Of weights and order, not of the arrays.", lower_bound=0
)
_WORKDIR = flags.DEFINE_string(
    "workdir", None, "Checkpoints, metrics; workdir/<setting>-seed<n>."
)
_NUM_STEPS = flags.DEFINE_integer(
    "num_steps", None, "Training steps, instead of the recipe's.", lower_bound=1
)
_SAVE_SECONDS = flags.DEFINE_float(
    "save_seconds", 20.0, "Time between two checkpoints.", lower_bound=0.0
)
_RECORD = flags.DEFINE_bool(
    "record", False, "Write the record to reproduce/results, too."
)


def main(argv):
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    screen.say_on_screen()
    started = time.monotonic()
    tf.config.set_visible_devices([], "GPU")
    setting = _SETTING.value
    recipe_name = "smoke" if _SMOKE.value else "ours"
    recipe, evaluation = _configs(setting)
    workdir = pathlib.Path(
        _WORKDIR.value
        or f"workdir/{EXPERIMENT}/{setting}-{recipe_name}-seed{_SEED.value}"
    )
    config = dataclasses.asdict(recipe)
    arrays = _training_arrays(setting)
    model, trained, earlier = npi_seq2seq_run.train(
        functools.partial(
            npi_seq2seq.encoder_decoder,
            recipe,
            npi_sorting_seq2seq_data.NUM_SYMBOLS,
        ),
        recipe,
        npi_sorting_seq2seq_data.by_length(arrays),
        config | {"setting": setting, "seed": _SEED.value},
        workdir,
        _SAVE_SECONDS.value,
    )
    metrics = _evaluate(model, evaluation, set(arrays))
    _show(metrics)
    run_record.write_run(
        workdir,
        _RECORD.value,
        EXPERIMENT,
        recipe_name,
        _SEED.value,
        config | {"evaluation": dataclasses.asdict(evaluation)},
        time.monotonic() - started + earlier,
        metrics | trained,
        setting=setting,
    )


def _configs(setting):
    """How to train and what to ask, as the flags say."""
    recipe = npi_seq2seq_configs.sorting_recipe(setting, _SMOKE.value)
    if _NUM_STEPS.value:
        recipe = dataclasses.replace(recipe, num_steps=_NUM_STEPS.value)
    evaluation = npi_seq2seq_configs.SortingEvaluation()
    if setting != npi_seq2seq_configs.FIGURE_6:
        evaluation = dataclasses.replace(
            evaluation, lengths=(evaluation.only_length,)
        )
    if _SMOKE.value:
        evaluation = dataclasses.replace(evaluation, arrays_per_length=4)
    return recipe, evaluation


def _training_arrays(setting):
    """What NPI is trained on: the same arrays, without their traces."""
    if setting == npi_seq2seq_configs.FIGURE_6:
        config = traces_config.SORTING
    else:
        config = traces_config.sorting_of_length(
            npi_seq2seq_configs.SortingEvaluation().only_length,
            npi_seq2seq_configs.num_examples(setting),
        )
    return [
        array
        for length in config.train_lengths
        for array in config.problems("train", length)
    ]


def _evaluate(model, evaluation, taken):
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

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
import pathlib
import time

from npi_tf import quiet

with quiet.quiet_tensorflow(find_devices=False):
    import tensorflow as tf

from absl import app
from absl import flags
from absl import logging

from data_gen.npi_traces import config as traces_config
from reproduce import npi_addition_baselines_data
from reproduce import npi_addition_evaluation
from reproduce import npi_configs
from reproduce import npi_seq2seq
from reproduce import npi_seq2seq_configs
from reproduce import npi_seq2seq_run
from reproduce import npi_seq2seq_training
from reproduce import run_record
from reproduce import screen

EXPERIMENT = "npi_addition_baselines"

_SETTING = flags.DEFINE_enum(
    "setting",
    "easy_64",
    list(npi_seq2seq_configs.ADDITION_STEPS),
    "Format, and problems of each length.",
)
_SMOKE = flags.DEFINE_bool("smoke", False, "A run of seconds; learns nothing.")
_SEED = flags.DEFINE_integer(
    "seed", 0, "Of weights and order, not of the sums.", lower_bound=0
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
    format_name = setting.partition("_")[0]
    recipe_name = "smoke" if _SMOKE.value else "ours"
    recipe, evaluation = _configs(setting)
    workdir = pathlib.Path(
        _WORKDIR.value
        or f"workdir/{EXPERIMENT}/{setting}-{recipe_name}-seed{_SEED.value}"
    )
    config = dataclasses.asdict(recipe)
    problems = _training_problems(npi_seq2seq_configs.num_examples(setting))
    model, trained, earlier = npi_seq2seq_run.train(
        functools.partial(
            npi_seq2seq.tagger,
            recipe,
            npi_addition_baselines_data.NUM_SYMBOLS,
            npi_addition_baselines_data.num_channels(format_name),
        ),
        recipe,
        [
            npi_addition_baselines_data.examples(group, format_name)
            for group in problems
        ],
        config | {"setting": setting, "seed": _SEED.value},
        workdir,
        _SAVE_SECONDS.value,
    )
    taken = {problem for group in problems for problem in group}
    metrics = _evaluate(model, format_name, evaluation, taken)
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
    recipe = npi_seq2seq_configs.addition_recipe(setting, _SMOKE.value)
    if _NUM_STEPS.value:
        recipe = dataclasses.replace(recipe, num_steps=_NUM_STEPS.value)
    evaluation = npi_seq2seq_configs.AdditionEvaluation()
    if _SMOKE.value:
        evaluation = dataclasses.replace(evaluation, problems_per_length=4)
    return recipe, evaluation


def _training_problems(count):
    """Of each length as many; at 32 those that NPI is trained on."""
    config = traces_config.NpiTracesConfig(
        name=f"addition_{count}", problems_per_length=count
    )
    return [config.problems("train", length) for length in config.train_lengths]


def _evaluate(model, format_name, evaluation, taken):
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

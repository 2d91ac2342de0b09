"""Trains an LSTM on the simplified task, asks it numbers it never saw.

    python reproduce/np_baselines.py                     # seq2seq
    python reproduce/np_baselines.py --model=attention --num_heads=5
    python reproduce/np_baselines.py --table_first       # then the question
    python reproduce/np_baselines.py --decimals=2        # of every number
    python reproduce/np_baselines.py --programmer=single_column  # a preset

Reproduces the comparison with neural networks in section 3.2.2 of
Neelakantan, Le and Sutskever, arXiv 1511.04834: five minutes of a core
each.
"""

from __future__ import annotations

import dataclasses
import pathlib
import time

from np_tf import quiet

with quiet.quiet_tensorflow(find_devices=False):
    import keras
    import tensorflow as tf

from absl import app
from absl import flags
from absl import logging

import np_tf
from reproduce import np_baselines_configs
from reproduce import np_baselines_evaluation
from reproduce import np_baselines_model
from reproduce import np_baselines_training
from reproduce import progress as progress_lib
from reproduce import run_record
from reproduce import screen

EXPERIMENT = "np_baselines"

_RECIPE = flags.DEFINE_enum("recipe", "paper", ["paper"], "How to train.")
_SMOKE = flags.DEFINE_bool("smoke", False, "A run of seconds; learns nothing.")
_MODEL = flags.DEFINE_enum(
    "model", "seq2seq", np_baselines_configs.MODELS, "Which baseline."
)
_NUM_HEADS = flags.DEFINE_enum(
    "num_heads",
    "1",
    [str(n) for n in np_baselines_configs.NUM_HEADS],
    "Heads of --model=attention.",
)
_TABLE_FIRST = flags.DEFINE_bool(
    "table_first", False, "Show the column before the question."
)
_DECIMALS = flags.DEFINE_enum(
    "decimals",
    "0",
    [str(n) for n in np_baselines_configs.DECIMALS],
    "Decimals of the numbers.",
)
_PROGRAMMER = flags.DEFINE_string(
    "programmer",
    None,
    "Ask a trained Neural Programmer instead: a preset, or its folder.",
)
_SEED = flags.DEFINE_integer(
    "seed", 0, "Of weights and questions.", lower_bound=0
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
    recipe_name = _RECIPE.value + ("-smoke" if _SMOKE.value else "")
    recipe, evaluation = _configs(recipe_name)
    workdir = pathlib.Path(
        _WORKDIR.value
        or f"workdir/{EXPERIMENT}/{_setting()}-{recipe_name}-seed{_SEED.value}"
    )
    if _PROGRAMMER.value:
        recipe_name = "preset"
        config = {"preset": _PROGRAMMER.value, "decimals": recipe.decimals}
        model = np_tf.NeuralProgrammer.from_preset(_PROGRAMMER.value)
        trained, earlier = {}, 0.0
        metrics = np_baselines_evaluation.evaluate_programmer(
            model, recipe, evaluation
        )
    else:
        config = dataclasses.asdict(recipe) | {
            "model": _MODEL.value,
            "num_heads": _num_heads(),
            "table_first": _TABLE_FIRST.value,
        }
        model, trained, earlier = _train(recipe, config, workdir)
        metrics = np_baselines_evaluation.evaluate(
            model, recipe, _TABLE_FIRST.value, evaluation
        )
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
        setting=_setting(),
    )


def _configs(recipe_name):
    """How to train and what to ask, as the flags say."""
    recipe = dataclasses.replace(
        np_baselines_configs.RECIPES[recipe_name](),
        decimals=int(_DECIMALS.value),
    )
    if _NUM_STEPS.value:
        recipe = dataclasses.replace(recipe, num_steps=_NUM_STEPS.value)
    evaluation = np_baselines_configs.Evaluation()
    if _SMOKE.value:
        evaluation = dataclasses.replace(evaluation, questions_per_template=5)
    return recipe, evaluation


def _num_heads():
    return int(_NUM_HEADS.value) if _MODEL.value == "attention" else 0


def _setting():
    """What names the run: seq2seq, attention_5_table_first, ..."""
    decimals = int(_DECIMALS.value)
    if _PROGRAMMER.value:
        return np_baselines_configs.programmer(decimals)
    return np_baselines_configs.setting(
        _num_heads(), _TABLE_FIRST.value, decimals
    )


def _train(recipe, config, workdir):
    """The model, what is recorded of training, and seconds before a stop."""
    keras.utils.set_random_seed(_SEED.value)
    model = np_baselines_model.build(recipe, _num_heads())
    adam = np_baselines_training.optimizer(recipe)
    adam.build(model.trainable_variables)
    progress = progress_lib.Progress(
        workdir,
        model,
        adam,
        (),  # No curriculum: nothing beside the step.
        config | {"seed": _SEED.value},
    )
    earlier = float(progress.seconds.numpy())
    resumed = int(progress.step.numpy())
    if resumed:
        logging.info("resuming at step %d from %s", resumed, workdir)
    logging.info("%s: %d parameters", _setting(), model.count_params())
    seconds = np_baselines_training.train(
        model,
        recipe,
        _SEED.value,
        _TABLE_FIRST.value,
        progress,
        adam,
        _SAVE_SECONDS.value,
    )
    logging.info("trained for %.0f s", seconds)
    model.save_weights(workdir / "model.weights.h5")
    trained = {
        "train_seconds": round(seconds, 1),
        "num_parameters": model.count_params(),
    }
    return model, trained, earlier


def _show(metrics):
    """What a person wants to see: right answers by category and range."""
    spans = list(metrics["test_accuracy"])
    columns = [f"in [-{span}, {span}]" for span in spans]
    print("\nright answers " + "".join(f"{c:>16}" for c in columns))
    for name in metrics["accuracy_by_category"][spans[0]]:
        shares = [metrics["accuracy_by_category"][s][name] for s in spans]
        print(f"{name:<14}" + "".join(f"{share:>16.2%}" for share in shares))
    shares = metrics["test_accuracy"].values()
    print(f"{'all':<14}" + "".join(f"{s:>16.2%}" for s in shares) + "\n")


if __name__ == "__main__":
    app.run(main)

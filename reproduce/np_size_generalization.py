"""Longer tables and larger numbers than any that were trained on.

    python reproduce/np_size_generalization.py --record

Asks a trained preset, executed with hard choices, questions from every
category on tables of 30 to 10,000 rows and numbers up to 10^6; the paper
claims that its programs do not depend on either (section 3.2.1), and shows
120 rows and numbers up to 200.

Computes in float64: a sum of 10,000 numbers of up to 10^6 has more digits
than float32.

Source: Neelakantan, Le and Sutskever, arXiv 1511.04834.
"""

from __future__ import annotations

import tempfile
import time

from np_tf import quiet

with quiet.quiet_tensorflow(find_devices=False):
    import tensorflow  # noqa: F401  Quietly, before the model imports it.

import numpy as np
from absl import app
from absl import flags

import np_tf
from data_gen import load_tables
from data_gen import synthetic_tables
from reproduce import np_configs
from reproduce import np_evaluation
from reproduce import run_record
from reproduce import screen

EXPERIMENT = "np_size_generalization"
ROWS = (30, 120, 1000, 10_000)
SEED = 1_000_003  # Never that of a training set.
CELLS = 100_000  # Rows of all tables that are asked at once.

_PRESET = flags.DEFINE_string("preset", "five_columns", "Name of a preset.")
_NUM_QUESTIONS = flags.DEFINE_integer(
    "num_questions", 200, "For each size.", lower_bound=1
)
_SMOKE = flags.DEFINE_bool("smoke", False, "Small sizes, few questions.")
_RECORD = flags.DEFINE_bool("record", False, "Write to reproduce/results.")


def main(argv):
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    screen.say_on_screen()
    started = time.monotonic()
    name = _PRESET.value
    model = np_tf.NeuralProgrammer.from_preset(name)
    rows, bounds = (
        (ROWS[:2], np_configs.BOUNDS[:2])
        if _SMOKE.value
        else (ROWS, np_configs.BOUNDS)
    )
    count = 8 if _SMOKE.value else _NUM_QUESTIONS.value
    accuracy = {}
    print("rows    " + "".join(f"{'<= ' + format(b, ','):>14}" for b in bounds))
    for num_rows in rows:
        batch_size = max(1, min(count, CELLS // num_rows))
        evaluator = np_evaluation.Evaluator(model, batch_size, False)
        at = {
            str(b): measure(evaluator, name, num_rows, b, count) for b in bounds
        }
        accuracy[str(num_rows)] = at
        print(f"{num_rows:>6,}  " + "".join(f"{v:>14.2%}" for v in at.values()))
    if _RECORD.value:
        run_record.write(
            EXPERIMENT,
            "preset",
            0,
            {"preset": name, "num_questions": count},
            time.monotonic() - started,
            {"accuracy_by_rows_and_bound": accuracy},
            setting=name,
        )


def measure(
    evaluator: np_evaluation.Evaluator,
    name: str,
    num_rows: int,
    bound: int,
    count: int,
) -> float:
    """The share of right answers on tables of one size.

    Args:
        evaluator: Of the model.
        name: Of the config of `synthetic_tables` with its columns.
        num_rows: Of every table.
        bound: Numbers are uniform in `[-bound, bound]`.
        count: How many questions.
    """
    known = synthetic_tables.Builder.builder_configs[name]
    config = synthetic_tables.SyntheticTablesConfig(
        name=f"{name}_{num_rows}_rows_{bound}",
        numeric_columns=known.numeric_columns,
        text_columns=known.text_columns,
        varied=known.varied,
        rows=(num_rows, num_rows),
        value_range=bound,
        num_train=1,
        num_validation=count,
        num_test=0,
        seed=SEED,
    )
    with tempfile.TemporaryDirectory() as folder:
        batch = load_tables.load_tables("validation", config, folder)
    inputs = batch.inputs()
    for field in ("table", "numbers"):
        inputs[field] = inputs[field].astype(np.float64)
    return float(evaluator(inputs, batch.targets())[0].mean())


if __name__ == "__main__":
    app.run(main)

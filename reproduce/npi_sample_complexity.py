"""How many examples NPI needs to sort arrays of length 20.

    python reproduce/npi_sample_complexity.py                     # seed 0
    python reproduce/npi_sample_complexity.py --num_examples=4,8  # two points

Trains a fresh model on 1, 2, 4, ..., 2048 arrays, of which fewer are always
the first of more, and sorts arrays that no training set holds. A point whose
record lies in the working folder is not run again.

Reproduces NPI's curve in Figure 5 of Reed and de Freitas, arXiv 1511.06279.
"""

from __future__ import annotations

import dataclasses
import pathlib
import time

from npi_tf import quiet

with quiet.quiet_tensorflow(find_devices=False):
    import keras

import numpy as np
from absl import app
from absl import flags
from absl import logging

import npi_tf
from data_gen import npi_traces
from npi_tf import frames as frames_lib
from npi_tf import sorting
from npi_tf import teacher
from npi_tf.sorting import problems as problems_lib
from reproduce import npi_sorting_configs
from reproduce import npi_sorting_runner
from reproduce import npi_sorting_schedule
from reproduce import npi_train_step
from reproduce import run_record
from reproduce import screen
from reproduce import strategies

EXPERIMENT = "npi_sample_complexity"
TEST_SEED = 1_000_003  # Never a training seed.

_SEED = flags.DEFINE_integer("seed", 0, "Of arrays, weights and batches.")
_NUM_EXAMPLES = flags.DEFINE_list(
    "num_examples", [], "Points of the curve; by default all of Figure 5."
)
_SMOKE = flags.DEFINE_bool("smoke", False, "A run of seconds; learns nothing.")
_WORKDIR = flags.DEFINE_string(
    "workdir", None, "Records; workdir/<script>/<recipe>-seed<n>."
)
_NUM_STEPS = flags.DEFINE_integer(
    "num_steps", None, "Training steps, instead of the recipe's.", lower_bound=1
)
_WEIGHT_DECAY = flags.DEFINE_float(
    "weight_decay", None, "Instead of the recipe's.", lower_bound=0.0
)
_RECORD = flags.DEFINE_bool(
    "record", False, "Write the records to reproduce/results, too."
)
flags.register_validator(
    "num_examples",
    lambda numbers: all(n.isdigit() and int(n) > 0 for n in numbers),
    message="must be positive numbers of arrays, separated by commas",
)


class Trainer:
    """Trains one model after another, compiled once.

    Args:
        recipe: How to train.
    """

    def __init__(self, recipe: npi_sorting_configs.FastRecipe):
        self.recipe = recipe
        self.model = npi_tf.NPI.for_domains(sorting.SORTING)
        self._optimizer = npi_sorting_schedule.npi_schedules.fast_optimizer(
            recipe
        )
        self._optimizer.build(self.model.trainable_variables)
        self._fresh = [v.numpy() for v in self._optimizer.variables]
        self._step = npi_train_step.TrainStep(
            self.model, self._optimizer, strategies.make("cpu")
        )

    def train(self, frames: frames_lib.FrameBatch, seed: int) -> float:
        """Trains from fresh weights; returns the mean of the last losses."""
        keras.utils.set_random_seed(seed)
        fresh = npi_tf.NPI.for_domains(sorting.SORTING)
        self.model.set_weights(fresh.get_weights())
        for variable, value in zip(self._optimizer.variables, self._fresh):
            variable.assign(value)
        rows = self.model.rows(sorting.SORTING)
        schedule = npi_sorting_schedule.make(
            self.recipe, frames.for_rows(rows), self.model.programs, seed
        )
        losses = [
            self._step(schedule.batches(step))
            for step in range(self.recipe.num_steps)
        ]
        return float(np.mean(losses[-50:]))


def main(argv):
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    screen.say_on_screen()
    name = "fast-smoke" if _SMOKE.value else "fast"
    workdir = pathlib.Path(
        _WORKDIR.value or f"workdir/{EXPERIMENT}/{name}-seed{_SEED.value}"
    )
    config, recipe = _config()
    wanted = [
        n
        for n in config.num_examples
        if not (workdir / f"n_{n}-{name}-seed{_SEED.value}.json").exists()
    ]
    if not wanted:
        logging.info("every record lies in %s", workdir)
        return
    trainer = Trainer(recipe)
    runner = npi_sorting_runner.CachedRunner(trainer.model)
    tests = _test_problems(config)
    for num_examples, frames in _frames(config, wanted):
        started = time.monotonic()
        loss = trainer.train(frames, _SEED.value)
        train_seconds = time.monotonic() - started
        runner.forget()
        runs = runner(tests)
        right = [r.output == tuple(sorted(p)) for p, r in zip(tests, runs)]
        accuracy = float(np.mean(right))
        logging.info(
            "%d examples: loss %.5f, %.4f of %d arrays sorted",
            num_examples,
            loss,
            accuracy,
            len(tests),
        )
        run_record.write_run(
            workdir,
            _RECORD.value,
            EXPERIMENT,
            name,
            _SEED.value,
            dataclasses.asdict(recipe) | dataclasses.asdict(config),
            time.monotonic() - started,
            {
                "accuracy_by_length": {str(config.length): accuracy},
                "num_problems": len(tests),
                "num_examples": num_examples,
                "num_frames": len(frames),
                "loss": loss,
                "train_seconds": round(train_seconds, 1),
            },
            setting=f"n_{num_examples}",
        )


def _config():
    config = npi_sorting_configs.SampleComplexity()
    recipe = npi_sorting_configs.FastRecipe()
    if _SMOKE.value:
        config = dataclasses.replace(
            config, num_examples=(1, 2), length=4, test_problems=5
        )
        recipe = dataclasses.replace(recipe, num_steps=5)
    if _NUM_EXAMPLES.value:
        numbers = tuple(sorted(set(map(int, _NUM_EXAMPLES.value))))
        config = dataclasses.replace(config, num_examples=numbers)
    if _NUM_STEPS.value:
        recipe = dataclasses.replace(recipe, num_steps=_NUM_STEPS.value)
    if _WEIGHT_DECAY.value is not None:
        recipe = dataclasses.replace(recipe, weight_decay=_WEIGHT_DECAY.value)
    return config, recipe


def _problems(config):
    """The arrays of the most examples; fewer are the first of them."""
    traces = npi_traces.sorting_of_length(
        config.length, max(config.num_examples), _SEED.value
    )
    return traces.problems("train", config.length)


def _test_problems(config):
    """Arrays that no training set of this seed holds."""
    most = max(npi_sorting_configs.SampleComplexity().num_examples)
    config = dataclasses.replace(
        config, num_examples=(*config.num_examples, most)
    )
    rng = np.random.default_rng([TEST_SEED, _SEED.value])
    taken = set() if _SMOKE.value else set(_problems(config))
    return problems_lib.distinct_problems(
        rng, config.length, config.test_problems, taken
    )


def _frames(config, wanted):
    """Yields each number of examples with their frames; counts once."""
    counts = {}
    problems = iter(_problems(config))
    done = 0
    for num_examples in wanted:
        traces = (
            call
            for _, problem in zip(range(num_examples - done), problems)
            for call in teacher.problem_traces(sorting.SORTING, problem)
        )
        more = frames_lib.count_frames(sorting.SORTING, traces)
        for frame, count in more.items():
            counts[frame] = counts.get(frame, 0) + count
        done = num_examples
        yield num_examples, frames_lib.FrameBatch.from_counts(counts)


if __name__ == "__main__":
    app.run(main)

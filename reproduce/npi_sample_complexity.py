"""How many examples NPI needs to sort arrays of length 20.

    python reproduce/npi_sample_complexity.py                     # seed 0
    python reproduce/npi_sample_complexity.py --num_examples=4,8  # two points
    python reproduce/npi_sample_complexity.py --recipe=paper

Trains a fresh model on 1, 2, 4, ..., 2048 arrays, of which fewer are always
the first of more, and sorts arrays that no training set holds; two to six
minutes of a core a point. A point whose
record lies in the working folder is not run again, one that was stopped goes
on; a folder with points of another configuration is refused.

Reproduces NPI's curve in Figure 5 of Reed and de Freitas, arXiv 1511.06279.
"""

from __future__ import annotations

import dataclasses
import time

from npi_tf import quiet

with quiet.quiet_tensorflow(find_devices=False):
    from reproduce import npi_sample_complexity_training

import numpy as np
from absl import app
from absl import flags
from absl import logging

from data_gen import npi_traces
from npi_tf import frames as frames_lib
from npi_tf import sorting
from npi_tf import teacher
from npi_tf.sorting import problems as problems_lib
from reproduce import npi_flags
from reproduce import npi_sorting_configs
from reproduce import npi_sorting_determined
from reproduce import npi_sorting_runner
from reproduce import run_record
from reproduce import strategies

EXPERIMENT = "npi_sample_complexity"
TEST_SEED = 1_000_003  # Never a training seed.

_NUM_EXAMPLES = flags.DEFINE_list(
    "num_examples", [], "Points of the curve; by default all of Figure 5."
)
_WEIGHT_DECAY = flags.DEFINE_float(
    "weight_decay",
    None,
    "Instead of that of the recipe fast.",
    lower_bound=0.0,
)
_RECIPE = npi_flags.recipe()
_SAVE_SECONDS = npi_flags.save_seconds()
flags.adopt_module_key_flags(npi_flags)
flags.register_validator(
    "num_examples",
    lambda numbers: all(n.isdigit() and int(n) > 0 for n in numbers),
    message="must be positive numbers of arrays, separated by commas",
)


def main(argv):
    npi_flags.start(argv)
    name = _RECIPE.value + ("-smoke" if npi_flags.SMOKE.value else "")
    workdir = npi_flags.workdir(EXPERIMENT, name)
    config = _config()
    recipes = {n: _recipe(name, n) for n in config.num_examples}
    wanted = [
        n
        for n in config.num_examples
        if not _done(workdir, name, n, _recorded(recipes[n], config))
    ]
    if not wanted:
        logging.info("every record lies in %s", workdir)
        return
    trainer = runner = None
    tests = _test_problems(config)
    problems = _problems(config)
    for num_examples, frames in _frames(problems, wanted):
        started = time.monotonic()
        recipe = recipes[num_examples]
        if trainer is None or trainer.recipe != recipe:
            trainer = npi_sample_complexity_training.Trainer(
                recipe, strategies.make("cpu")
            )
            runner = npi_sorting_runner.CachedRunner(trainer.model)
        metrics, earlier = _train(
            trainer, config, name, workdir, num_examples, frames
        )
        runner.forget()
        metrics |= _evaluate(runner, config, tests, problems[:num_examples])
        run_record.write_run(
            workdir,
            npi_flags.RECORD.value,
            EXPERIMENT,
            name,
            npi_flags.SEED.value,
            _recorded(recipe, config),
            time.monotonic() - started + earlier,
            metrics,
            setting=f"n_{num_examples}",
        )


def _config():
    config = npi_sorting_configs.SampleComplexity()
    if npi_flags.SMOKE.value:
        config = dataclasses.replace(
            config, num_examples=(1, 2), length=4, test_problems=5
        )
    if _NUM_EXAMPLES.value:
        numbers = tuple(sorted(set(map(int, _NUM_EXAMPLES.value))))
        config = dataclasses.replace(config, num_examples=numbers)
    return config


def _recipe(name, num_examples):
    """The recipe of a point, as the flags change it."""
    recipe = npi_sorting_configs.figure_5_recipe(name, num_examples)
    recipe = npi_flags.with_num_steps(recipe)
    if _WEIGHT_DECAY.value is None:
        return recipe
    if not hasattr(recipe, "weight_decay"):
        raise app.UsageError(
            f"weight_decay: must be left out with recipe {name}"
        )
    return dataclasses.replace(recipe, weight_decay=_WEIGHT_DECAY.value)


def _recorded(recipe, config):
    """What a record holds of a point's configuration."""
    return dataclasses.asdict(recipe) | dataclasses.asdict(config)


def _done(workdir, name, num_examples, config):
    """Whether a point has its record, whatever other points were asked."""
    path = run_record.path_of(
        workdir, name, npi_flags.SEED.value, f"n_{num_examples}"
    )
    return run_record.is_done(path, config, but=("num_examples",))


def _train(trainer, config, name, workdir, num_examples, frames):
    """Trains on a point; what is recorded of it, and earlier seconds."""
    identity = {
        "recipe": name,
        "seed": npi_flags.SEED.value,
        "num_examples": num_examples,
        "length": config.length,
        **dataclasses.asdict(trainer.recipe),
    }
    trained, earlier = trainer.train(
        frames,
        npi_flags.SEED.value,
        workdir / f"n_{num_examples}",
        identity,
        _SAVE_SECONDS.value,
    )
    counts = {"num_examples": num_examples, "num_frames": len(frames)}
    return counts | trained, earlier


def _evaluate(runner, config, tests, examples):
    """The fractions of test arrays that are sorted, and determined."""
    runs = runner(tests)
    right = [r.output == tuple(sorted(p)) for p, r in zip(tests, runs)]
    accuracy = float(np.mean(right))
    determined = npi_sorting_determined.fraction(examples, tests)
    logging.info(
        "%d examples: %.4f of %d arrays sorted; the examples determine %.4f",
        len(examples),
        accuracy,
        len(tests),
        determined,
    )
    return {
        "accuracy_by_length": {str(config.length): accuracy},
        "num_problems": len(tests),
        "determined": determined,
    }


def _problems(config):
    """The arrays of the most examples; fewer are the first of them."""
    traces = npi_traces.sorting_of_length(
        config.length, max(config.num_examples), npi_flags.SEED.value
    )
    return traces.problems("train", config.length)


def _test_problems(config):
    """Arrays that no training set of this seed holds."""
    most = max(npi_sorting_configs.SampleComplexity().num_examples)
    config = dataclasses.replace(
        config, num_examples=(*config.num_examples, most)
    )
    rng = np.random.default_rng([TEST_SEED, npi_flags.SEED.value])
    taken = set() if npi_flags.SMOKE.value else set(_problems(config))
    return problems_lib.distinct_problems(
        rng, config.length, config.test_problems, taken
    )


def _frames(problems, wanted):
    """Yields each number of examples with their frames; counts once."""
    counts = {}
    problems = iter(problems)
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

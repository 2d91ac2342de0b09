"""Adds MAX and RJMP to a trained core by training their rows alone.

    python reproduce/npi_max.py                        # a minute, 2 cores
    python reproduce/npi_max.py --remedy=negatives     # half an hour
    python reproduce/npi_max.py --preset=workdir/npi_multitask/fast-seed1/preset

Section 4.3 of Reed and de Freitas, arXiv 1511.06279: the core and all old
rows are frozen. Against old programs that call new ones, either they are
forbidden to, or traces of old programs are trained on as well. A run that is
stopped goes on after the last attempt that ended.
"""

from __future__ import annotations

import dataclasses
import time

from npi_tf import quiet

with quiet.quiet_tensorflow(find_devices=False):
    import npi_tf

from absl import app
from absl import flags
from absl import logging

from data_gen import load_cars
from npi_tf import canonicalization
from npi_tf import sorting
from npi_tf.canonicalization import picture_frames
from reproduce import npi_canonicalization_training
from reproduce import npi_flags
from reproduce import npi_max_learning
from reproduce import npi_multitask_configs as configs
from reproduce import npi_multitask_evaluation
from reproduce import npi_multitask_training
from reproduce import run_record

EXPERIMENT = "npi_max"
_CARS = canonicalization.CANONICALIZATION

_REMEDY = flags.DEFINE_enum(
    "remedy",
    npi_max_learning.PROTECT,
    npi_max_learning.REMEDIES,
    "Against old programs that call new ones.",
)
_PRESET = flags.DEFINE_string(
    "preset", "multitask", "The trained core; its later blocks are left out."
)
_TRY_CARS = flags.DEFINE_bool(
    "try_cars",
    True,
    "Whether to try the cars too (and, with --remedy=negatives, to teach old "
    "programs of cars not to call new ones), which must be rendered.",
)
flags.adopt_module_key_flags(npi_flags)


def main(argv):
    started = npi_flags.start(argv)
    smoke, seed = npi_flags.SMOKE.value, npi_flags.SEED.value
    size = "smoke" if smoke else "full"
    recipe = _REMEDY.value + ("-smoke" if smoke else "")
    workdir = npi_flags.workdir(EXPERIMENT, recipe)
    config = npi_flags.with_num_steps(configs.NEW_PROGRAMS[size]())
    old = _core()
    cars = _TRY_CARS.value and _CARS.name in old.encoders
    new, learnt = _learn(old, config, seed, workdir, cars)
    new.save_to_preset(workdir / "preset")
    evaluation = configs.EVALUATIONS[size]()
    examiner = npi_multitask_evaluation.Examiner(
        evaluation,
        smoke,
        cars,
        set(npi_max_learning.arrays(config, seed)),
    )
    before, outputs_before = examiner.column(old)
    after, outputs_after = examiner.column(new)
    metrics = {
        "before": before,
        "after": after,
        "same_weights": npi_max_learning.old_weights_unchanged(old, new),
        "same_outputs": {
            task: outputs == outputs_after[task]
            for task, outputs in outputs_before.items()
        },
        "max_learning": learnt,
        "new_numbers": sum(
            int(rows[-1].shape[0] * rows[-1].shape[1])
            for rows in (new.memory.keys, new.memory.embeddings)
        ),
    }
    _show(new, metrics)
    run_record.write_run(
        workdir,
        npi_flags.RECORD.value,
        EXPERIMENT,
        recipe,
        seed,
        dataclasses.asdict(config)
        | {"evaluation": dataclasses.asdict(evaluation)},
        time.monotonic() - started,
        metrics,
    )


def _core():
    """The trained core, without what was added to it later."""
    try:
        core = npi_tf.NPI.from_preset(_PRESET.value).first_blocks()
        core.check_knows(sorting.SORTING)
    except ValueError as error:
        raise app.UsageError(f"preset {_PRESET.value}: {error}") from error
    return core


def _learn(old, config, seed, workdir, cars):
    negatives = None
    if _REMEDY.value == npi_max_learning.NEGATIVES:
        negatives = npi_multitask_training.load_frames("train", old)
        if cars:
            negatives |= _frames_of_cars(old, config.cars)
    started = time.monotonic()
    new, learnt = npi_max_learning.add_max(
        old,
        config,
        seed,
        _REMEDY.value,
        negatives,
        workdir,
        jit_compile=not npi_flags.SMOKE.value,
    )
    learnt["seconds"] = round(time.monotonic() - started, 1)
    logging.info("MAX and RJMP: %s", learnt)
    return new, learnt


def _frames_of_cars(model, num_cars):
    """What the teacher does with a few cars, by domain."""
    smoke = npi_flags.SMOKE.value
    data = npi_canonicalization_training.data(smoke)
    images = load_cars.load(f"train[:{num_cars}]", data).images
    frames = picture_frames.frames_of_cars(images, model.rows(_CARS))
    return {_CARS.name: frames}


def _show(model, metrics):
    run = model.run(sorting.MAXIMUM, [(2, 9, 5)], trace=True)[0]
    print(f"\nmaximum of 2 9 5: {run.output}  ({run.status})")
    if run.status == "ok":
        print(npi_tf.format_trace(sorting.MAXIMUM, run.trace))
    print(f"\n{'task':32}{'before':>10}{'after':>10}  same outputs")
    for task, after in metrics["after"].items():
        before = metrics["before"].get(task)
        word = "-" if before is None else f"{100 * before:.1f} %"
        same = metrics["same_outputs"].get(task, "")
        print(f"{task:32}{word:>10}{100 * after:8.1f} %  {same}")
    print(f"old weights the same to the bit: {metrics['same_weights']}\n")


if __name__ == "__main__":
    app.run(main)

"""One core for addition, sorting and cars: data, schedules, training."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Callable
from typing import Any

import keras

import npi_tf
from data_gen import load
from data_gen import load_cars
from npi_tf import addition
from npi_tf import canonicalization
from npi_tf import frames as frames_lib
from npi_tf import sorting
from reproduce import npi_canonicalization_configs
from reproduce import npi_canonicalization_schedule
from reproduce import npi_configs
from reproduce import npi_multi_schedule
from reproduce import npi_multitask_configs
from reproduce import npi_practice
from reproduce import npi_run
from reproduce import npi_schedules


def _normalized(*args):
    """The encoder of cars, its output normalized (Deviation D22)."""
    encoder = canonicalization.CANONICALIZATION.make_encoder(*args)
    config = encoder.get_config() | {"normalize": True}
    return type(encoder).from_config(config)


DOMAINS = (
    addition.ADDITION,
    sorting.SORTING,
    dataclasses.replace(
        canonicalization.CANONICALIZATION, make_encoder=_normalized
    ),
)
_PRACTISED = DOMAINS[:2]  # Those whose observations are discrete.


def make_model(config: Any, dtype: str = "float32") -> npi_tf.NPI:
    """A fresh core with the programs of all three domains."""
    return npi_tf.NPI.for_domains(
        *DOMAINS,
        embedding_dim=config.embedding_dim,
        key_dim=config.key_dim,
        dtype=dtype,
    )


def load_frames(split: str, model: npi_tf.NPI) -> dict[str, Any]:
    """Frames of discrete domains that a model knows, as memory rows."""
    return {
        domain.name: load.load_frames(split, domain.name).for_rows(
            model.rows(domain)
        )
        for domain in _PRACTISED
        if domain.name in model.encoders
    }


def fast_schedule(
    config: npi_multitask_configs.FastRecipe,
    model: npi_tf.NPI,
    frames: dict[str, Any],
    cars: Any,
    seed: int,
) -> npi_multi_schedule.MultiSchedule:
    """What the recipe `fast` trains on each step.

    Args:
        config: The recipe.
        model: For the order of its memory.
        frames: From `load_frames`.
        cars: Pictures of the training cars, `[cars, 55, H, W, 3]`.
        seed: Of all batches.
    """
    schedules = {}
    for number, domain in enumerate(_PRACTISED):
        settings = dataclasses.replace(
            npi_configs.FastRecipe(),
            batch_sizes=getattr(config, f"{domain.name}_batch"),
            **{
                name: getattr(config, name)
                for name in (
                    "first_steps",
                    "whole_every",
                    "estimate_every",
                    "error_floor",
                    "count_power",
                )
            },
        )
        mine = frames[domain.name]
        blind = npi_practice.blind_frames(
            domain, mine, config.blind_frames, seed + number
        )
        practice = npi_practice.Practice(
            domain,
            mine,
            config.practice_programs,
            len(model.programs),
            config.practice_keys,
            config.practice_steps,
            seed + number,
            held_out(model.programs) if domain is sorting.SORTING else None,
        )
        schedules[domain.name] = npi_practice.PracticeSchedule(
            npi_schedules.FastSchedule(
                settings,
                frames_lib.concatenate([mine, blind]),
                model.programs,
                seed,
                domain.name,
            ),
            practice,
            number * config.practice_programs,
            config.practice_batch,
            config.practice_weight,
            seed + number,
        )
    settings = dataclasses.replace(
        npi_canonicalization_configs.FastRecipe(),
        rows_per_step=config.rows_per_step,
        columns_per_step=config.columns_per_step,
    )
    domain = canonicalization.CANONICALIZATION
    schedules[domain.name] = (
        npi_canonicalization_schedule.CanonicalizationSchedule(
            settings, cars, model.rows(domain), seed
        )
    )
    return npi_multi_schedule.MultiSchedule(config, schedules)


def held_out(programs: tuple[str, ...]) -> Callable[[Any], bool]:
    """Whether a practice program is MAX or RJMP, or much like them.

    That is a list of two calls of which the first is BUBBLESORT, and a loop
    of RSHIFT that ends with pointer 2 at the end.

    Args:
        programs: Names of the memory's rows.
    """
    bubblesort, rshift = map(programs.index, ("BUBBLESORT", "RSHIFT"))
    features = sorting.SORTING.observations.features
    end = [feature.name for feature in features].index("PTR2_END")

    def is_held_out(program):
        first = program.calls[0][0]
        if program.kind == npi_practice.SEQUENCE:
            return program.length == 2 and first == bubblesort
        loop = program.kind == npi_practice.LOOP
        return loop and first == rshift and program.feature == end

    return is_held_out


def paper_schedule(
    config: npi_multitask_configs.PaperRecipe,
    model: npi_tf.NPI,
    frames: dict[str, Any],
    cars: Any,
    seed: int,
) -> npi_multi_schedule.PaperMultiSchedule:
    """What the recipe `paper` trains on each step; as `fast_schedule`."""
    schedules = {
        name: npi_schedules.PaperSchedule(
            config, mine, model.programs, seed, name
        )
        for name, mine in frames.items()
    }
    domain = canonicalization.CANONICALIZATION
    rows = model.rows(domain)
    schedule = npi_canonicalization_schedule.PaperCanonicalizationSchedule(
        config, cars, rows, model.programs, seed
    )
    schedule.domain = domain.name
    schedules[domain.name] = schedule
    return npi_multi_schedule.PaperMultiSchedule(config, schedules, seed)


def train(
    config: Any,
    strategy: Any,
    workdir: str,
    identity: dict[str, Any],
    seed: int,
    car_data: Any,
    save_seconds: float,
    dtype: str = "float32",
    jit_compile: bool = True,
) -> tuple[npi_tf.NPI, dict[str, Any], float]:
    """Trains one core on all domains, or goes on where it was stopped.

    Args:
        config: The recipe.
        strategy: Where to train.
        workdir: Of the run.
        identity: What tells the run from others.
        seed: Of weights and batches.
        car_data: The data set of cars.
        save_seconds: Time between two checkpoints.
        dtype: Keras dtype policy.
        jit_compile: Whether XLA compiles the step, but for its pictures:
            XLA's gradients of convolutions are slow on CPU.

    Returns:
        The model, what is recorded of training, and the seconds before the
        last stop.
    """
    cars = load_cars.load("train", car_data).images
    keras.utils.set_random_seed(seed)
    paper = isinstance(config, npi_multitask_configs.PaperRecipe)
    with strategy.scope():
        model = make_model(config, dtype)
        trained = model if paper else _practising(model, config)
    parts = [config] if paper else [config, config.second()]
    total, earlier = 0.0, 0.0
    for number, part in enumerate(parts):
        folder = pathlib.Path(workdir)
        done = _train_part(
            part,
            strategy,
            folder / f"part_{number + 1}" if number else folder,
            identity,
            seed,
            (model, trained, cars),
            save_seconds,
            jit_compile and not paper,
        )
        total, earlier = total + done.seconds, earlier + done.earlier
    done = dataclasses.replace(done, seconds=total)
    return npi_run.alone(model, strategy), done.summary(), earlier


def _train_part(
    config, strategy, folder, identity, seed, given, save_seconds, jit_compile
):
    """What became of one part of a run."""
    model, trained, cars = given
    paper = model is trained
    make = paper_schedule if paper else fast_schedule
    return npi_run.run(
        trained,
        make(config, model, load_frames("train", model), cars, seed),
        load_frames("validation", model),
        strategy,
        folder,
        identity,
        save_seconds,
        jit_compile and tuple(domain.name for domain in _PRACTISED),
    )


def _practising(model, config):
    return npi_practice.PractisingNPI(
        model,
        len(_PRACTISED) * config.practice_programs,
        config.practice_keys,
    )

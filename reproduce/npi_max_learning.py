"""MAX and RJMP, learnt on a frozen core by their memory rows alone."""

from __future__ import annotations

import pathlib
from typing import Any

import keras
import numpy as np

import npi_tf
from npi_tf import attempts
from npi_tf import extension
from npi_tf import sorting
from reproduce import npi_multitask_configs

PROTECT, NEGATIVES = "protect", "negatives"
REMEDIES = (PROTECT, NEGATIVES)


def add_max(
    model: npi_tf.NPI,
    config: npi_multitask_configs.NewPrograms,
    seed: int,
    remedy: str = PROTECT,
    negatives: dict[str, Any] | None = None,
    workdir: pathlib.Path | None = None,
    jit_compile: bool = True,
) -> tuple[npi_tf.NPI, dict[str, float]]:
    """A copy of a trained model that knows MAX and RJMP, too.

    Args:
        model: Knows sorting; is not changed.
        config: Traces and training.
        seed: Of arrays, rows and batches.
        remedy: "protect": old programs may not call new ones. "negatives":
            they may, and learn not to from traces of old programs.
        negatives: Frames of old programs by domain, as memory rows; for
            that remedy only.
        workdir: Of the script; a folder in it keeps each attempt.
        jit_compile: Compile the steps by XLA, which takes longer than a few
            of them.

    Returns:
        The larger model, and what `npi_tf.learn_programs` reports.

    Raises:
        ValueError: If the remedy is unknown, or `workdir` holds the attempts
            of another call.
    """
    if remedy not in REMEDIES:
        raise ValueError(
            f"remedy: must be one of {', '.join(REMEDIES)}, got {remedy!r}"
        )
    protect = remedy == PROTECT
    keras.utils.set_random_seed(seed)
    grown = model.with_programs("MAX", "RJMP", protect_blocks=protect)
    problems = arrays(config, seed)
    report = extension.learn_programs(
        grown,
        sorting.MAXIMUM,
        npi_tf.teach(sorting.MAXIMUM, problems),
        None if protect else negatives or {},
        num_steps=config.num_steps,
        batch_size=config.batch_size,
        learning_rate=config.learning_rate,
        num_restarts=config.num_restarts,
        target_loss=config.target_loss,
        seed=seed,
        jit_compile=jit_compile,
        num_candidates=config.num_candidates,
        workdir=workdir
        and workdir / f"new_programs_{weights_sha256(model)[:8]}",
    )
    return grown, report


def arrays(
    config: npi_multitask_configs.NewPrograms, seed: int
) -> list[tuple[int, ...]]:
    """The arrays on which MAX is taught."""
    rng = np.random.default_rng([seed, 3])
    return [
        tuple(rng.integers(10, size=length).tolist())
        for length in config.lengths
        for _ in range(config.problems_per_length)
    ]


def old_weights_unchanged(old: npi_tf.NPI, new: npi_tf.NPI) -> bool:
    """Whether every weight but the new rows is the same to the bit."""
    return weights_sha256(old) == weights_sha256(new, len(old.blocks))


def weights_sha256(model: npi_tf.NPI, num_blocks: int = 1) -> str:
    """The SHA-256 of core, encoders and the memory's oldest blocks."""
    return attempts.digest_of_model(model, num_blocks)

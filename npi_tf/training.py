"""Trains a fresh model on one domain with Keras' `fit`.

The library's own way to a model, `python -m npi_tf train`; the recipes that
the reproduction measures are in `reproduce/`.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Callable

import keras
import numpy as np

from npi_tf import checkpoint as checkpoint_lib
from npi_tf import checks
from npi_tf import domains
from npi_tf import model as model_lib
from npi_tf import runner
from npi_tf import sampling
from npi_tf import specs
from npi_tf import teacher

WEIGHT_DECAY = 0.02
FINAL_FRACTION = 0.01  # Of the learning rate, at the last step.
_TAUGHT, _TESTED = 0, 1  # Streams of random problems.


def train(
    domain: str | specs.Domain,
    num_steps: int,
    num_problems: int = 500,
    frames_per_program: int = 16,
    learning_rate: float = 2e-3,
    seed: int = 0,
    report: Callable[[int, float], None] | None = None,
    workdir: str | os.PathLike | None = None,
    **model_kwargs,
) -> model_lib.NPI:
    """Teaches a fresh model the textbook programs of a domain.

    Every step sees as many frames of each program, drawn uniformly among
    the distinct frames of all problems. The optimizer is AdamW; its learning
    rate warms up over a tenth of the steps and falls to 1 % by a cosine.

    Args:
        domain: A `Domain` with `sample_problems`, or its name.
        num_steps: Steps of the optimizer.
        num_problems: Problems to draw and teach.
        frames_per_program: In each step.
        learning_rate: The highest.
        seed: Of the problems, the weights and the batches.
        report: Called ten times with the number of steps done and the loss.
        workdir: Folder that keeps the run: a call that was stopped goes on
            there, bit for bit, when it is made again.
        **model_kwargs: Passed to `NPI.for_domains`.

    Raises:
        ValueError: If `learning_rate` is not positive and finite, if another
            number is no positive integer (`seed`: from 0 on), if the domain
            has no `sample_problems`, or if `workdir` holds a run with other
            settings, or of a domain whose programs did something else, or is
            damaged.
    """
    domain = domains.get(domain)
    numbers = {
        "num_steps": num_steps,
        "num_problems": num_problems,
        "frames_per_program": frames_per_program,
        "learning_rate": learning_rate,
    }
    _check_numbers(seed, **numbers)
    settings = {"domain": domain.name, "seed": seed, **numbers, **model_kwargs}
    problems = _sample(domain, num_problems, (seed, _TAUGHT))
    checkpoint = (
        checkpoint_lib.Checkpoint(workdir, settings) if workdir else None
    )
    frames = teacher.teach(domain, problems)
    if checkpoint:
        checkpoint.check_taught(_digest(domain, frames))
    keras.utils.set_random_seed(seed)
    model = model_lib.NPI.for_domains(domain, **model_kwargs)
    model.compile(_optimizer(num_steps, learning_rate))
    done = checkpoint.restore(model) if checkpoint else 0
    if done < num_steps:
        reports = _Report(num_steps, done, report) if report else None
        model.fit(
            _Batches(frames, range(done, num_steps), frames_per_program, seed),
            shuffle=False,
            verbose=0,
            callbacks=list(filter(None, [reports, checkpoint])),
        )
    return model


def _optimizer(num_steps, learning_rate):
    warmup_steps = num_steps // 10
    rate = keras.optimizers.schedules.CosineDecay(
        0.0,
        num_steps - warmup_steps,
        alpha=FINAL_FRACTION,
        warmup_target=learning_rate,
        warmup_steps=warmup_steps,
    )
    return keras.optimizers.AdamW(rate, weight_decay=WEIGHT_DECAY)


def accuracy(
    model: model_lib.NPI,
    domain: str | specs.Domain,
    num_problems: int = 100,
    seed: int = 0,
) -> float:
    """The fraction of fresh problems with the textbook program's result.

    Args:
        model: Knows the domain.
        domain: A `Domain` with `sample_problems`, or its name.
        num_problems: How many are drawn.
        seed: As in `train`, which draws others with it.

    Raises:
        ValueError: If `num_problems` is not positive, or as `train`.
    """
    checks.check_at_least("num_problems", num_problems, 1)
    domain = domains.get(domain)
    problems = _sample(domain, num_problems, (seed, _TESTED))
    right = 0
    for problem, run in zip(problems, runner.Runner(model, domain)(problems)):
        environment = domain.make_environment(*problem)
        teacher.run(domain, environment)
        right += _same(run.output, environment.result())
    return right / len(problems)


def _same(output, result):
    """Whether they are equal, arrays as a whole."""
    if isinstance(output, np.ndarray) or isinstance(result, np.ndarray):
        return np.array_equal(output, result)
    return output == result


class _Batches(keras.utils.PyDataset):
    """The batch of each step, whatever came before it."""

    def __init__(self, frames, steps, frames_per_program, seed):
        super().__init__()
        self.sampler = sampling.FrameSampler(frames, count_power=0.0)
        self.steps = steps
        self.sizes = dict.fromkeys(self.sampler.by_program, frames_per_program)
        self.seed = seed

    def __len__(self):
        return len(self.steps)

    def __getitem__(self, index):
        rng = sampling.step_rng(self.seed, self.steps[index])
        batch = self.sampler.sample(rng, self.sizes)
        return batch.inputs(), batch.targets()


class _Report(keras.callbacks.Callback):
    """Tells the loss ten times."""

    def __init__(self, num_steps, done, report):
        super().__init__()
        self.every = max(num_steps // 10, 1)
        self.done = done
        self.report = report

    def on_train_batch_end(self, batch, logs=None):
        step = self.done + batch + 1
        if step % self.every == 0:
            self.report(step, float(logs["loss"]))
            self.model.reset_metrics()  # Else it is the mean since step 1.


def _sample(domain, count, seed):
    if domain.sample_problems is None:
        raise ValueError(
            f"domain: must have sample_problems to be trained, got "
            f"{domain.name!r} without"
        )
    return domain.sample_problems(np.random.default_rng(seed), count)


def _digest(domain, frames):
    """Tells what a domain teaches from what it taught before it changed."""
    kinds = (domain.program_names, domain.arguments, domain.observations)
    digest = hashlib.sha256(repr(kinds).encode())
    for array in frames.arrays().values():
        digest.update(repr(array.shape).encode() + array.tobytes())
    return digest.hexdigest()


def _check_numbers(seed, learning_rate, **counts):
    checks.check_at_least("seed", seed, 0)
    for name, count in counts.items():
        checks.check_at_least(name, count, 1)
    if not 0 < learning_rate < math.inf:
        raise ValueError(
            f"learning_rate: must be positive and finite, got {learning_rate!r}"
        )

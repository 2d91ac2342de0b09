"""Training: the steps of both recipes, and the model written naively."""

from __future__ import annotations

import dataclasses
from typing import Any

import keras
import numpy as np
import tensorflow as tf

import np_tf
from benchmarks import measure
from benchmarks import np_data
from benchmarks import np_limit
from benchmarks import np_naive
from data_gen import synthetic_tables
from reproduce import np_configs
from reproduce import np_schedules
from reproduce import train_step

SETTINGS = ("single_column", "five_columns")
FAST_STEPS = 1000  # For the fast recipe's falling rate; not all are run.
NO_QUESTION = -1  # Marks a candidate that is padding.


@dataclasses.dataclass(frozen=True)
class Amount:
    """How much is trained.

    Attributes:
        settings: Of those in `SETTINGS`.
        questions: In memory, by setting.
        steps: Of a run.
        naive_questions: Of a run of the naive model.
        hidden_dim: d.
    """

    settings: tuple[str, ...] = SETTINGS
    questions: int = 1000
    steps: int = 20
    naive_questions: int = 10
    hidden_dim: int = 256


def build(setting: str, hidden_dim: int) -> np_tf.NeuralProgrammer:
    """The untrained model of a setting, always the same."""
    config = np_data.config_of(setting)
    keras.utils.set_random_seed(0)
    return np_tf.NeuralProgrammer(
        synthetic_tables.vocabulary(config).words,
        config.letters,
        hidden_dim=hidden_dim,
        encoder=np_configs.SETTINGS[setting].encoder,
    )


def cases(amount: Amount) -> dict[str, measure.Case]:
    """All ways to train in each setting, every one on a model of its own."""
    found = {}
    for setting in amount.settings:
        config = np_data.config_of(setting)
        batch = np_data.draw(config, "train", amount.questions).batch
        for name in ("paper", "paper_no_noise", "fast"):
            model = build(setting, amount.hidden_dim)
            schedule = schedule_of(name, batch)
            found[f"{name}/{setting}"] = compiled(model, schedule, amount.steps)
        model = build(setting, amount.hidden_dim)
        schedule = schedule_of("paper_no_noise", batch)
        found[f"naive/{setting}"] = naive(
            model, schedule, amount.naive_questions
        )
    return found


def schedule_of(name: str, batch: Any) -> Any:
    """What is trained on which step.

    Args:
        name: "paper", "paper_no_noise" or "fast".
        batch: The questions, a `TableBatch`.
    """
    inputs, targets = batch.inputs(), batch.targets()
    if name == "fast":
        recipe = np_configs.FastRecipe(train_steps=FAST_STEPS)
        return np_schedules.FastSchedule(recipe, inputs, targets, (), 0)
    recipe = {
        "paper": np_configs.PaperRecipe,
        "paper_no_noise": np_configs.NoNoiseRecipe,
    }[name]()
    return np_schedules.PaperSchedule(recipe, inputs, targets, 0)


def compiled(model: Any, schedule: Any, num_steps: int) -> measure.Case:
    """`TrainStep` as the scripts run it, the batch drawn anew each time.

    Every run takes the same steps' batches; weights and noise go on.
    """
    optimizer = schedule.optimizer()
    optimizer.build(model.trainable_variables)
    step = train_step.TrainStep(
        model, optimizer, schedule.loss, tf.distribute.get_strategy()
    )
    drawn = [schedule.batch(i) for i in range(num_steps)]
    work = {
        "examples": sum(num_questions(*batch) for batch in drawn),
        "steps": num_steps,
    }
    if isinstance(schedule, np_schedules.PaperSchedule):
        shapes = np_limit.shapes_of(model, drawn[0][0])
        work["flop"] = num_steps * np_limit.flop(shapes)
    return measure.Case(
        lambda: [step(schedule.batch, i) for i in range(num_steps)],
        lambda losses_seen: _checked(losses_seen, work),
        lambda: step(schedule.batch, 0),
    )


def naive(model: Any, schedule: Any, count: int) -> measure.Case:
    """The same without noise, question by question; then Adam."""
    programmer = np_naive.NaiveProgrammer(model)
    optimizer = schedule.optimizer()
    optimizer.build(model.trainable_variables)
    inputs, targets = schedule.batch(0)

    def run(count=count):
        loss, gradients = programmer.gradients(
            {name: values[:count] for name, values in inputs.items()},
            {name: values[:count] for name, values in targets.items()},
        )
        optimizer.apply(gradients, programmer.variables)
        return [loss]

    work = {"examples": count, "steps": 1}
    return measure.Case(
        run,
        lambda losses_seen: _checked(losses_seen, work),
        lambda: run(1),
    )


def num_questions(inputs: dict[str, Any], targets: dict[str, Any]) -> int:
    """Questions of a batch that are no padding."""
    if "question" in targets:  # Of candidates: whose each of them is.
        return len(set(targets["question"].tolist()) - {NO_QUESTION})
    return len(inputs["question"])


def _checked(losses_seen, work):
    if not np.isfinite(losses_seen).all():
        raise RuntimeError(f"losses must be finite, got {losses_seen}")
    return work

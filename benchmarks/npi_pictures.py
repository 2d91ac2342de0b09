"""Training on pictures of cars: shared pictures, and one frame at a time."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

import npi_tf
from benchmarks import measure
from benchmarks import npi_limit
from benchmarks import npi_training
from npi_tf import canonicalization
from npi_tf import frames as frames_lib
from npi_tf.canonicalization import environment
from npi_tf.canonicalization import picture_frames
from reproduce import npi_canonicalization_configs as configs
from reproduce import npi_canonicalization_schedule as schedules
from reproduce import npi_train_step

DOMAIN = canonicalization.CANONICALIZATION
Batches = list[picture_frames.PictureBatch]


def random_cars(count: int) -> np.ndarray:
    """Random bytes for pictures, `[count, 55, 128, 128, 3]`."""
    shape = (count, picture_frames.NUM_POSES, *environment.IMAGE_SHAPE)
    return np.random.default_rng(0).integers(256, size=shape, dtype=np.uint8)


def cases(
    recipe: configs.FastRecipe,
    num_cars: int,
    num_steps: int,
    num_single: int,
    with_xla: bool,
) -> dict[str, measure.Case]:
    """The fast recipe's step in two ways, and one frame at a time.

    Args:
        recipe: The fast recipe, or a short one.
        num_cars: Training cars.
        num_steps: Training steps of one run.
        num_single: Frames that are trained on one at a time, drawn from the
            recipe's own batches.
        with_xla: Whether the step is compiled by XLA, too.
    """
    images = random_cars(num_cars)
    rows = npi_tf.NPI.for_domains(DOMAIN).rows(DOMAIN)
    schedule = schedules.CanonicalizationSchedule(recipe, images, rows, 0)
    single = alone(schedule, num_single)
    found = {"train_graph": _fast(schedule, num_steps, False)}
    if with_xla:
        found["train_xla"] = _fast(schedule, num_steps, True)
    return found | {
        "train_single_graph": _single_graph(single),
        "train_single": _single(single),
    }


def alone(schedule: Any, count: int) -> Batches:
    """Frames of a schedule's first step, each with pictures of its own."""
    drawn = [batch for batch, _ in schedule.batches(0)]
    frames = [(batch, row) for batch in drawn for row in range(len(batch))]
    rng = np.random.default_rng(0)
    chosen = rng.choice(len(frames), size=count, replace=False)
    return [_with_its_pictures(*frames[i]) for i in chosen]


def _with_its_pictures(batch, row):
    """One frame and a picture for each of its steps."""
    frame = batch.frames.take(np.array([row]))
    images = batch.images[frame.observations[0, :, -1]]
    frame.observations[0, :, -1] = np.arange(len(images))
    return picture_frames.PictureBatch(frame, images)


def _fast(schedule, num_steps, jit_compile):
    """Some steps of the schedule, the drawing of their batches included."""
    model, optimizer = _fresh(schedule.optimizer())
    step = npi_train_step.TrainStep(
        model, optimizer, tf.distribute.get_strategy(), jit_compile
    )
    batches = [
        batch for i in range(num_steps) for batch, _ in schedule.batches(i)
    ]

    def run():
        return [step(schedule.batches(i)) for i in range(num_steps)]

    return measure.Case(
        run,
        lambda losses_seen: work(model, batches, losses_seen),
        lambda: step(schedule.batches(0)),
    )


def _single_graph(batches):
    """Batch size 1, a graph for each number of steps."""
    model, optimizer = _fresh(keras.optimizers.Adam(1e-4))
    step = npi_train_step.TrainStep(
        model, optimizer, tf.distribute.get_strategy(), jit_compile=False
    )

    def run():
        return [step([(batch, 1.0)]) for batch in batches]

    return measure.Case(
        run, lambda losses_seen: work(model, batches, losses_seen), run
    )


def _single(batches):
    """Batch size 1, every layer called from Python: nothing compiled."""
    model, optimizer = _fresh(keras.optimizers.Adam(1e-4))
    train = npi_training.train_one
    return measure.Case(
        lambda: [train(model, optimizer, batch) for batch in batches],
        lambda losses_seen: work(model, batches, losses_seen),
        lambda: train(model, optimizer, batches[0]),
    )


def _fresh(optimizer):
    model = npi_tf.NPI.for_domains(DOMAIN)
    optimizer.build(model.trainable_variables)
    return model, optimizer


def work(
    model: Any, batches: Batches, losses_seen: list[float]
) -> dict[str, float]:
    """Frames, decisions, pictures and arithmetic of what was trained on.

    Decisions that pad a short frame are computed as well.

    Raises:
        RuntimeError: If a loss is not finite.
    """
    if not np.isfinite(losses_seen).all():
        raise RuntimeError(f"losses must be finite, got {losses_seen}")
    shapes = npi_limit.shapes_of(model, DOMAIN.name)
    of_decision = 2 * npi_training.PASSES * shapes.num_weights
    pictures = sum(len(batch.images) for batch in batches)
    of_pictures = pictures * picture_flop(model.encoder(DOMAIN.name))
    ends = [batch.frames.ends for batch in batches]
    decisions = sum(int((end != frames_lib.NO_TARGET).sum()) for end in ends)
    padded = sum(end.size for end in ends)
    return {
        "frames": sum(map(len, batches)),
        "decisions": decisions,
        "pictures": pictures,
        "flop": of_pictures + of_decision * decisions,
        "flop_with_padding": of_pictures + of_decision * padded,
    }


def picture_flop(encoder: Any) -> int:
    """Arithmetic of `f_CNN` of one picture, forward and backward.

    A convolution multiplies its kernel at every place of its output; two
    products of the same size follow backward, but one where no gradient of
    the picture is asked for.
    """
    height, width, _ = encoder.image_shape
    products = 0
    for i, convolution in enumerate(encoder.convolutions):
        passes = npi_training.PASSES - (i == 0)
        places = (height // 2) * (width // 2)  # Stride 2; pooling follows.
        products += passes * places * convolution.kernel.numpy().size
        height, width = height // 4, width // 4
    products += npi_training.PASSES * encoder.feature.kernel.numpy().size
    return 2 * products

"""What canonicalisation is trained on, step by step."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from npi_tf import canonicalization
from npi_tf.canonicalization import picture_frames
from reproduce import npi_canonicalization_augmentation as augmentation
from reproduce import npi_canonicalization_configs as configs
from reproduce import npi_canonicalization_schedule as schedules
from reproduce import npi_train_step
from tests.reproduce import tiny_cars

CARS = 3
NAMES = canonicalization.CANONICALIZATION.program_names
ROWS = [7, 6, 5, 4, 3, 2, 1, 0]  # The memory's order is another one.
PLAIN = configs.FastRecipe(
    rows_per_step=4,
    columns_per_step=2,
    shift=0,
    swap_channels=False,
    gamma=0.0,
    contrast=0.0,
    brightness=0.0,
)


def schedule(config=PLAIN, seed=0):
    """A schedule over numbered pictures."""
    return schedules.CanonicalizationSchedule(
        config, tiny_cars.numbered_images(CARS), ROWS, seed
    )


def seen_frames(batch):
    """Frames of a batch as the teacher wrote them, with the car of each."""
    found = []
    frames = batch.frames
    for row in range(len(frames)):
        steps = int(frames.num_steps[row])
        pictures = batch.images[frames.observations[row, :steps, -1], 0, 0]
        assert len(set(pictures[:, 0])) == 1  # One car a frame.
        found.append(
            (
                NAMES[ROWS.index(frames.program[row])],
                tuple(frames.arguments[row]),
                tuple(pictures[:, 1].tolist()),
                tuple(frames.calls[row, :steps].tolist()),
                tuple(map(tuple, frames.call_arguments[row, :steps].tolist())),
                tuple(frames.ends[row, :steps].tolist()),
            )
        )
    return found


def teachers_frames():
    """All frames of a car in the same form."""
    frames = picture_frames.frames_of_a_car().for_rows(ROWS)
    return {
        (
            NAMES[ROWS.index(frames.program[row])],
            tuple(frames.arguments[row]),
            tuple(frames.observations[row, :steps, -1].tolist()),
            tuple(frames.calls[row, :steps].tolist()),
            tuple(map(tuple, frames.call_arguments[row, :steps].tolist())),
            tuple(frames.ends[row, :steps].tolist()),
        )
        for row, steps in enumerate(frames.num_steps)
    }


def test_batches_hold_what_the_teacher_did():
    known = teachers_frames()
    for step in range(20):
        for batch, _ in schedule().batches(step):
            frames = seen_frames(batch)
            # ACT sees any picture and does nothing with it.
            assert {f for f in frames if f[0] != "ACT"} <= known
            assert {f[1] for f in frames if f[0] == "ACT"} <= {
                f[1] for f in known
            }


def test_every_frame_comes_up():
    wanted = {f for f in teachers_frames() if f[0] != "ACT"}
    many = dataclasses.replace(PLAIN, rows_per_step=40)
    for step in range(20):
        for batch, _ in schedule(many).batches(step):
            wanted -= set(seen_frames(batch))
    assert not wanted


def test_rows_and_columns_show_each_picture_once():
    (rows, _), (columns, _) = schedule().batches(0)
    assert rows.images.shape == (4 * 11, 16, 16, 3)
    assert columns.images.shape == (2 * 5, 16, 16, 3)
    for strip in np.split(rows.images[:, 0, 0], 4):
        car, pose = strip[:, 0], strip[:, 1]
        assert len(set(car)) == 1
        assert (np.diff(pose) == 5).all()  # One elevation, every azimuth.
    for strip in np.split(columns.images[:, 0, 0], 2):
        assert strip[:, 1].tolist() == [25, 26, 27, 28, 29]


def test_each_group_counts_alike():
    for batch, weights in schedule().batches(1):
        names = [NAMES[ROWS.index(p)] for p in batch.frames.program]
        totals = {}
        for name, weight, steps in zip(names, weights, batch.num_steps):
            group = {"RGOTO": "LGOTO", "DGOTO": "UGOTO"}.get(name, name)
            totals[group] = totals.get(group, 0) + weight * steps
        np.testing.assert_allclose(list(totals.values()), 1.0)


def test_batches_are_a_function_of_seed_and_step():
    changed = configs.FastRecipe(rows_per_step=2, columns_per_step=1)
    one, other = schedule(changed), schedule(changed)
    one.batches(0)  # What came before does not matter.
    for (a, _), (b, _) in zip(one.batches(5), other.batches(5)):
        for name, array in (a.inputs() | a.targets()).items():
            np.testing.assert_array_equal(
                array, (b.inputs() | b.targets())[name]
            )
    images = one.batches(5)[0][0].images
    assert (images != one.batches(6)[0][0].images).any()
    assert (images != schedule(changed, 1).batches(5)[0][0].images).any()


def test_shapes_are_the_same_on_every_step():
    shapes = {
        tuple(
            (name, array.shape)
            for batch, _ in schedule().batches(step)
            for name, array in (batch.inputs() | batch.targets()).items()
        )
        for step in range(8)
    }
    assert len(shapes) == 1


def test_the_papers_recipe_takes_one_frame():
    papers = schedules.PaperCanonicalizationSchedule(
        configs.PaperRecipe(),
        tiny_cars.numbered_images(CARS),
        ROWS,
        NAMES[::-1],
        0,
    )
    known = teachers_frames()
    for step in range(30):
        [(batch, weight)] = papers.batches(step)
        assert len(batch) == 1 and weight == 1.0
        assert set(seen_frames(batch)) <= known


@pytest.mark.parametrize("jit_compile", [True, False])
def test_a_step_trains_under_xla_and_without(jit_compile):
    """What XLA compiles here it compiles for a TPU, too."""
    model = tiny_cars.small_model()
    rows = model.rows(canonicalization.CANONICALIZATION)
    config = dataclasses.replace(PLAIN, learning_rate=0.01, warmup_steps=1)
    taught = schedules.CanonicalizationSchedule(
        config, tiny_cars.numbered_images(CARS), rows, 0
    )
    optimizer = keras.optimizers.Adam(0.01)
    optimizer.build(model.trainable_variables)
    step = npi_train_step.TrainStep(
        model, optimizer, tf.distribute.get_strategy(), jit_compile
    )
    losses = [step(taught.batches(number)) for number in range(8)]
    assert losses[-1] < 0.9 * losses[0]


def test_frames_of_cars_point_at_their_own_pictures():
    batch = picture_frames.frames_of_cars(tiny_cars.numbered_images(CARS), ROWS)
    assert set(seen_frames(batch)) == teachers_frames()
    assert len(batch) == CARS * len(picture_frames.frames_of_a_car())
    parts = batch.by_program()
    assert sum(map(len, parts.values())) == len(batch)
    assert parts[0].rows(slice(0, 2)).images is batch.images


PICTURES = np.random.default_rng(1).integers(
    0, 256, (2, 3, 16, 16, 3), dtype=np.uint8
)


def test_no_change_is_the_same_picture():
    rng = np.random.default_rng(0)
    same = augmentation.augment(rng, PICTURES, PLAIN)
    np.testing.assert_array_equal(same, PICTURES.reshape(6, 16, 16, 3))


def test_channels_change_places_alike_in_a_strip():
    config = dataclasses.replace(PLAIN, swap_channels=True)
    orders = set()
    for seed in range(30):
        rng = np.random.default_rng(seed)
        changed = augmentation.augment(rng, PICTURES, config)
        for strip, original in zip(changed.reshape(PICTURES.shape), PICTURES):
            order = [
                next(
                    c
                    for c in range(3)
                    if np.array_equal(strip[..., new], original[..., c])
                )
                for new in range(3)
            ]
            orders.add(tuple(order))
    assert len(orders) == 6


def test_colours_keep_their_order_and_range():
    config = dataclasses.replace(
        PLAIN, gamma=0.4, contrast=0.2, brightness=0.15
    )
    ramp = np.arange(256, dtype=np.uint8).reshape(1, 1, 16, 16, 1)
    ramp = np.repeat(ramp, 3, axis=-1)
    middles = []
    for seed in range(50):
        rng = np.random.default_rng(seed)
        changed = augmentation.augment(rng, ramp, config)[0].reshape(256, 3)
        assert (np.diff(changed.astype(int), axis=0) >= 0).all()
        assert (changed[0] <= 0.25 * 255 + 1).all()
        middles += changed[128].tolist()
    assert min(middles) < 100 and max(middles) > 156


def test_pictures_move_by_at_most_the_shift():
    config = dataclasses.replace(PLAIN, shift=2)
    picture = np.zeros((1, 40, 16, 16, 3), np.uint8)
    picture[:, :, 8, 7] = 200
    rng = np.random.default_rng(0)
    moved = augmentation.augment(rng, picture, config)
    places = {tuple(np.argwhere(m[..., 0])[0].tolist()) for m in moved}
    assert len(places) > 10
    assert places <= {
        (8 + y, 7 + x) for y in range(-2, 3) for x in range(-2, 3)
    }

"""What is trained on which step of the canonicalisation of cars."""

from __future__ import annotations

import dataclasses
from typing import Any

import keras
import numpy as np

from npi_tf import canonicalization
from npi_tf import frames as frames_lib
from npi_tf import sampling
from npi_tf.canonicalization import environment
from npi_tf.canonicalization import picture_frames
from reproduce import npi_canonicalization_augmentation as augmentation
from reproduce import npi_schedules

NUM_AZIMUTHS = len(environment.AZIMUTHS)
NUM_ELEVATIONS = len(environment.ELEVATIONS)

# Each group's mean loss counts alike.
ROW_GROUPS = (("GOTO",), ("HGOTO",), ("LGOTO", "RGOTO"), ("ACT",))
COLUMN_GROUPS = (("VGOTO",), ("UGOTO", "DGOTO"), ("ACT",))
FRONT = environment.AZIMUTHS.index(environment.TARGET[0])


class CanonicalizationSchedule:
    """Rows and columns of poses, so that each picture is looked at once.

    A row is a car from all 11 azimuths at one elevation: all that GOTO,
    HGOTO, LGOTO and RGOTO see on the way from there. A column is a car from
    the front at all 5 elevations: all that VGOTO, UGOTO and DGOTO see. A
    step takes some rows and some columns of random cars with all of their
    frames (of GOTO and ACT, which are easily learnt, a few), each group of
    programs with the mean of its steps. Shapes are the same on every step.

    Args:
        config: `npi_canonicalization_configs.FastRecipe`, or its like.
        images: Training cars, `[cars, 55, height, width, 3]` uint8.
        rows: Memory row of each program of the domain (`model.rows`).
        seed: Of all batches, which depend on it and the step alone.
    """

    def __init__(
        self, config: Any, images: np.ndarray, rows: list[int], seed: int
    ):
        self.config = config
        self.images = images.reshape(
            len(images), NUM_AZIMUTHS, NUM_ELEVATIONS, *images.shape[2:]
        )
        self.seed = seed
        self.first_errors = np.zeros(0)  # Nothing is estimated.
        self._row, self._column = templates()
        self._memory_rows = rows

    def optimizer(self) -> keras.optimizers.Optimizer:
        """AdamW with warm-up and cosine decay."""
        return npi_schedules.fast_optimizer(self.config)

    def update(self, step: int, model: Any, errors: np.ndarray) -> np.ndarray:
        """Estimates nothing: all frames are drawn alike."""
        return errors

    def batches(self, step: int) -> list[npi_schedules.Weighted]:
        """A batch of rows and one of columns, with a weight for each frame."""
        config, rng = self.config, sampling.step_rng(self.seed, step)
        cars, levels = self._draw(rng, config.rows_per_step)
        rows = self.images[cars, :, levels]  # [R, 11, ...]
        cars, _ = self._draw(rng, config.columns_per_step)
        columns = self.images[cars, FRONT]  # [C, 5, ...]
        return [
            self._batch(rng, rows, self._row, ROW_GROUPS),
            self._batch(rng, columns, self._column, COLUMN_GROUPS),
        ]

    def _draw(self, rng, size):
        """Different cars as far as there are enough, and an elevation each."""
        times = -(-size // len(self.images))
        cars = [rng.permutation(len(self.images)) for _ in range(times)]
        return np.concatenate(cars)[:size], rng.integers(
            NUM_ELEVATIONS, size=size
        )

    def _batch(self, rng, images, template, groups):
        """All strips of pictures, and the frames that see them."""
        parts = []
        for strip in range(len(images)):
            chosen = self._choose(rng, template)
            part = template.rows(chosen)
            part.observations[..., -1] += strip * images.shape[1]
            parts.append(part)
        frames = frames_lib.concatenate(parts)
        weights = np.zeros(len(frames))
        names = canonicalization.CANONICALIZATION.program_names
        for group in groups:
            members = [names.index(name) for name in group]
            inside = np.isin(frames.program, members)
            weights[inside] = 1.0 / frames.num_steps[inside].sum()
        images = augmentation.augment(rng, images, self.config)
        batch = picture_frames.PictureBatch(
            frames.for_rows(self._memory_rows), images
        )
        return batch, weights

    def _choose(self, rng, template):
        """Frames of one strip: all, but a few of GOTO and ACT."""
        names = canonicalization.CANONICALIZATION.program_names
        chosen = []
        for program in np.unique(template.program):
            frames = np.flatnonzero(template.program == program)
            if names[program] in ("GOTO", "ACT"):
                frames = rng.choice(frames, self.config.frames_of_easy_programs)
            chosen.append(frames)
        return np.concatenate(chosen)


class PaperCanonicalizationSchedule(npi_schedules.PaperSchedule):
    """One frame a step, its program drawn by the adaptive curriculum.

    Args:
        config: `npi_canonicalization_configs.PaperRecipe`, or its like.
        images: Training cars, `[cars, 55, height, width, 3]` uint8.
        rows: Memory row of each program of the domain.
        programs: Names of all rows.
        seed: Of all batches.
    """

    def __init__(self, config, images, rows, programs, seed):
        frames = picture_frames.frames_of_a_car().for_rows(rows)
        super().__init__(config, frames, programs, seed)
        self.images = images

    def sample(self, rng: Any, program: int, size: int) -> Any:
        """Frames, each of a car of its own, with the pictures they see."""
        frames = self.sampler.sample(rng, {program: size})
        cars = rng.integers(len(self.images), size=size)
        observations = frames.observations.copy()
        poses = observations[..., -1]  # [size, T]
        images = self.images[cars[:, None], poses]
        observations[..., -1] = np.arange(poses.size).reshape(poses.shape)
        return picture_frames.PictureBatch(
            dataclasses.replace(frames, observations=observations),
            images.reshape(-1, *images.shape[2:]),
        )


def templates() -> tuple[frames_lib.FrameBatch, frames_lib.FrameBatch]:
    """The frames over a row of 11 pictures, and over a column of 5.

    Returns:
        Frames of which each observation ends with the number of a picture
        in the row or the column.
    """
    frames = picture_frames.frames_of_a_car()
    names = canonicalization.CANONICALIZATION.program_names
    done = frames.ends != frames_lib.NO_TARGET
    azimuth, elevation = np.divmod(frames.observations[..., -1], NUM_ELEVATIONS)
    level = elevation[:, :1]
    programs = [names.index(n) for group in ROW_GROUPS for n in group]
    # The same at every elevation; the template is that of the first.
    inside = (level[:, 0] == 0) & np.isin(frames.program, programs)
    inside &= (~done | (elevation == level)).all(axis=1)
    row = _numbered(frames, inside, azimuth)
    programs = [names.index(n) for group in COLUMN_GROUPS for n in group]
    inside = (~done | (azimuth == FRONT)).all(axis=1)
    inside &= np.isin(frames.program, programs)
    return row, _numbered(frames, inside, elevation)


def _numbered(frames, inside, numbers):
    chosen = np.flatnonzero(inside)
    taken = frames.take(chosen)
    observations = taken.observations.copy()
    steps = observations.shape[1]
    observations[..., -1] = np.where(
        taken.ends == frames_lib.NO_TARGET, 0, numbers[chosen, :steps]
    )
    return dataclasses.replace(taken, observations=observations)

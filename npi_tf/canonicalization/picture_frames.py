"""The teacher's frames over the pictures of a car, one picture a pose."""

from __future__ import annotations

import dataclasses
import functools
import itertools

import numpy as np

from npi_tf import frames as frames_lib
from npi_tf import teacher
from npi_tf.canonicalization import domain
from npi_tf.canonicalization import environment

# All starts, azimuth by azimuth; textbook programs never leave them.
POSES = tuple(itertools.product(environment.AZIMUTHS, environment.ELEVATIONS))
NUM_POSES = len(POSES)

_POSE_OF_BINS = {
    tuple(map(environment.angle_bin, pose)): index
    for index, pose in enumerate(POSES)
}


@functools.cache
def frames_of_a_car() -> frames_lib.FrameBatch:
    """What the teacher does from every start: the same for every car.

    Returns:
        All invocations of GOTO from the 55 `POSES`, equal ones once.
        `observations [n, T, 3]` are the target's two bins and the number of
        the pose, whose picture is seen.
    """
    problems = [("any car", *pose) for pose in POSES]
    batch = teacher.teach(domain.POSES, problems)
    numbers = np.zeros((*batch.ends.shape, 1), np.int32)
    for row, step in np.argwhere(batch.ends != frames_lib.NO_TARGET):
        bins = tuple(batch.observations[row, step, 2:].tolist())
        numbers[row, step] = _POSE_OF_BINS[bins]
    observations = np.concatenate([batch.observations[..., :2], numbers], -1)
    return dataclasses.replace(batch, observations=observations)


@dataclasses.dataclass(frozen=True)
class PictureBatch:
    """Frames with the pictures that they see; a `FrameBatch` to training.

    Attributes:
        frames: Their `observations [n, T, 3]` end with an index into
            `images`.
        images: `[num_images, height, width, channels]` uint8.
    """

    frames: frames_lib.FrameBatch
    images: np.ndarray

    def __len__(self) -> int:
        return len(self.frames)

    @property
    def num_steps(self) -> np.ndarray:
        """Steps of each frame before padding, `[n]`."""
        return self.frames.num_steps

    @property
    def of_rows(self) -> bool:
        """Whether programs are memory rows, see `FrameBatch`."""
        return self.frames.of_rows

    @property
    def count(self) -> np.ndarray:
        """How often each frame occurs, `[n]`."""
        return self.frames.count

    def rows(self, indices: np.ndarray | slice) -> PictureBatch:
        """The frames at `indices`, with the same pictures."""
        return PictureBatch(self.frames.rows(indices), self.images)

    def by_program(self) -> dict[int, PictureBatch]:
        """The frames of each program that occurs, with all pictures."""
        return {
            program: PictureBatch(frames, self.images)
            for program, frames in self.frames.by_program().items()
        }

    def inputs(self) -> dict[str, np.ndarray]:
        """What `NPI` is called with."""
        return self.frames.inputs() | {"images": self.images}

    def targets(self) -> dict[str, np.ndarray]:
        """What the loss compares with."""
        return self.frames.targets()


def frames_of_cars(
    images: np.ndarray, rows: list[int] | None = None
) -> PictureBatch:
    """What the teacher does with every one of some cars.

    Args:
        images: `[cars, 55, height, width, channels]` uint8.
        rows: Memory rows of the domain's programs (`model.rows`), in place
            of their indices.
    """
    frames = frames_of_a_car()
    if rows is not None:
        frames = frames.for_rows(rows)
    parts = []
    for car in range(len(images)):
        observations = frames.observations.copy()
        observations[..., -1] += car * NUM_POSES
        parts.append(dataclasses.replace(frames, observations=observations))
    pictures = images.reshape(-1, *images.shape[2:])
    return PictureBatch(frames_lib.concatenate(parts), pictures)

"""Cameras as tensors: many cars whose pictures were drawn beforehand."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from npi_tf.canonicalization import environment
from npi_tf.canonicalization import picture_frames

NUM_AZIMUTHS = len(environment.AZIMUTHS)
NUM_ELEVATIONS = len(environment.ELEVATIONS)


class CameraState(NamedTuple):
    """A batch of cameras, `[B]` int32 each.

    Attributes:
        car: Number of the car.
        azimuth: Index into `environment.AZIMUTHS`.
        elevation: Index into `environment.ELEVATIONS`.
    """

    car: tf.Tensor
    azimuth: tf.Tensor
    elevation: tf.Tensor

    @property
    def pose(self) -> tf.Tensor:
        """Index into `picture_frames.POSES`."""
        return self.azimuth * NUM_ELEVATIONS + self.elevation


class CameraTensorEnvironment:
    """`PoseEnvironment` over a batch, as far as there are pictures.

    What is seen is the number of a picture, which an `ImageEncoder` takes
    beside the pictures or their codes. There is one of each of the 55 start
    poses; a move to another pose is no action here. The shortest way to the
    target never leaves them.
    """

    STEP_BUDGET = 64  # The textbook programs need at most 20 core steps.

    def reset(self, car: tf.Tensor, pose: tf.Tensor) -> CameraState:
        """Cameras at their start.

        Args:
            car: Number of each car, `[B]` int32.
            pose: Index into `picture_frames.POSES`, `[B]` int32.
        """
        return CameraState(car, pose // NUM_ELEVATIONS, pose % NUM_ELEVATIONS)

    def step_budget(self, state: CameraState) -> tf.Tensor:
        """The default number of core steps that each row may take, `[B]`."""
        return tf.fill(tf.shape(state.car), self.STEP_BUDGET)

    def observe(self, state: CameraState) -> tf.Tensor:
        """The target's bins and the number of the picture, `[B, 3]` int32."""
        target = [environment.angle_bin(a) for a in environment.TARGET]
        picture = state.car * picture_frames.NUM_POSES + state.pose
        seen = [tf.fill(tf.shape(picture), value) for value in target]
        return tf.stack([*seen, picture], axis=1)

    def act(
        self, state: CameraState, arguments: tf.Tensor, mask: tf.Tensor
    ) -> tuple[CameraState, tf.Tensor]:
        """One action in each row where `mask` holds.

        Args:
            state: Before.
            arguments: `[B, 3]` int32.
            mask: `[B]` bool; other rows stay as they are.

        Returns:
            The state after, and `[B]` bool: False where `arguments` names no
            action, or one that leads to a pose without a picture.
        """
        action = arguments[:, 2]
        known = tf.reduce_all(arguments[:, :2] == 0, axis=1)
        known &= (action >= 0) & (action <= environment.DOWN)
        azimuth = state.azimuth + _sign(
            action, environment.RIGHT, environment.LEFT
        )
        elevation = state.elevation + _sign(
            action, environment.UP, environment.DOWN
        )
        valid = known & (azimuth >= 0) & (azimuth < NUM_AZIMUTHS)
        valid &= (elevation >= 0) & (elevation < NUM_ELEVATIONS)
        moves = mask & valid
        moved = state._replace(
            azimuth=tf.where(moves, azimuth, state.azimuth),
            elevation=tf.where(moves, elevation, state.elevation),
        )
        return moved, valid


def _sign(action, up, down):
    return tf.cast(action == up, tf.int32) - tf.cast(action == down, tf.int32)

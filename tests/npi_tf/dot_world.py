"""A small world of pictures outside of the graph: a dot on a line."""

from __future__ import annotations

import numpy as np

import npi_tf
from npi_tf.canonicalization import encoder as encoder_lib

SIDE = 8
LEFT, RIGHT = 1, 2
SIZES = {
    "key_dim": 8,
    "embedding_dim": 8,
    "state_dim": 8,
    "fuse_dim": 8,
    "hidden_dim": 8,
}


class Dot:
    """A picture with one bright column that LEFT and RIGHT move."""

    def __init__(self, column, target=0):
        self.column, self.target = column, target
        self.actions = []

    def image(self):
        """uint8 `[8, 8, 3]`."""
        image = np.zeros((SIDE, SIDE, 3), np.uint8)
        image[:, self.column] = 255
        return image

    def observe(self):
        """The target, then the picture's bytes."""
        target = np.array([self.target], np.uint8)
        return np.concatenate([target, self.image().ravel()])

    def act(self, arguments):
        """Moves the dot, or does nothing."""
        direction = arguments[2]
        if any(arguments[:2]) or not 0 <= direction <= RIGHT:
            raise ValueError(f"arguments: must be known, got {arguments}")
        step = {LEFT: -1, RIGHT: 1}.get(direction, 0)
        self.column = min(max(self.column + step, 0), SIDE - 1)
        if direction:
            self.actions.append(("LEFT", "RIGHT")[direction - 1])

    def result(self):
        """Where the dot is, and how it came there."""
        return self.column, tuple(self.actions)


def _seek(state, observation, arguments):
    return npi_tf.Step("ACT", (0, 0, LEFT), end=True)


def _make_encoder(domain, num_argument_values, state_dim, dtype, name):
    return encoder_lib.ImageEncoder(
        domain.observations.num_values,
        domain.observations.image_shape,
        num_argument_values,
        filters=(4,),
        kernel_sizes=(3,),
        feature_dim=8,
        hidden_dim=8,
        output_dim=state_dim,
        dtype=dtype,
        name=name,
    )


DOTS = npi_tf.Domain(
    name="dots",
    description="moves a dot",
    programs=(
        npi_tf.Program("SEEK", "go", calls=("ACT", "ROAM"), decide=_seek),
        npi_tf.Program("ROAM", "go on", calls=("ACT",), decide=_seek),
        npi_tf.Program("ACT", "move"),
    ),
    arguments=(
        npi_tf.ArgumentSpec("unused", ("-",)),
        npi_tf.ArgumentSpec("unused 2", ("-",)),
        npi_tf.ArgumentSpec("action", ("-", "LEFT", "RIGHT")),
    ),
    observations=npi_tf.ObservationSpec(
        (npi_tf.Feature("TARGET", SIDE),), image_shape=(SIDE, SIDE, 3)
    ),
    make_environment=Dot,
    describe_action=lambda a: ("", "LEFT", "RIGHT")[a[2]],
    make_encoder=_make_encoder,
)

"""Canonicalisation of 3D cars, put together as a domain."""

from __future__ import annotations

from npi_tf import specs
from npi_tf.canonicalization import environment
from npi_tf.canonicalization import programs
from npi_tf.canonicalization import snapshot


def make_environment(
    car: str, azimuth: int, elevation: int
) -> environment.CarEnvironment:
    """A rendered car, see `CarEnvironment`."""
    return environment.CarEnvironment(car, azimuth, elevation)


def parse_values(words: tuple[str, ...]) -> tuple:
    """The problem that words on the command line name: car, two angles.

    >>> parse_values(("car-017", "-30", "45"))
    ('car-017', -30, 45)
    """
    return words[:1] + tuple(map(_angle, words[1:]))


def _angle(word):
    try:
        return int(word)
    except ValueError:
        return word  # Refused by the environment, in its words.


def _make_encoder(domain, num_argument_values, state_dim, dtype, name):
    from npi_tf.canonicalization import encoder

    return encoder.ImageEncoder(
        domain.observations.num_values,
        domain.observations.image_shape,
        num_argument_values,
        output_dim=state_dim,
        dtype=dtype,
        name=name,
    )


CANONICALIZATION = specs.Domain(
    name="canonicalization",
    description="moves the camera until a 3D car is seen from the front",
    programs=programs.PROGRAMS,
    arguments=environment.ARGUMENTS,
    observations=environment.OBSERVATIONS,
    make_environment=make_environment,
    describe_action=environment.describe_action,
    snapshot=snapshot.snapshot,
    parse_values=parse_values,
    make_encoder=_make_encoder,
)

# The same over poses instead of pictures: where the teacher's frames are
# made. A picture is put in the place of each pose later.
POSES = specs.Domain(
    name="poses",
    description="the textbook programs of canonicalization, shown the pose",
    programs=programs.PROGRAMS,
    arguments=environment.ARGUMENTS,
    observations=environment.POSE_OBSERVATIONS,
    make_environment=environment.PoseEnvironment,
    describe_action=environment.describe_action,
    snapshot=snapshot.snapshot,
    parse_values=parse_values,
)

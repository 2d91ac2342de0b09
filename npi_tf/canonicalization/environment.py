"""A camera that looks at a 3D car, and the four ways in which it moves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from npi_tf import observation_spec
from npi_tf import specs
from npi_tf.canonicalization import fleet

DEGREES = 15  # One move, and one bin of an angle (section 4.1).
NUM_BINS = 360 // DEGREES  # `K` = 24.
IMAGE_SHAPE = (128, 128, 3)

# Where a problem may start, and where it ends.
AZIMUTHS = tuple(range(-75, 76, DEGREES))
ELEVATIONS = tuple(range(0, 61, DEGREES))
TARGET = (0, 15)
MAX_ELEVATION = 75  # No move leads above, and none below 0.

# The argument 3-tuple; only the last slot is used.
ACTION_VALUES = ("-", "LEFT", "RIGHT", "UP", "DOWN")
LEFT, RIGHT, UP, DOWN = 1, 2, 3, 4

ARGUMENTS = (
    specs.ArgumentSpec("unused", ("-",)),
    specs.ArgumentSpec("unused 2", ("-",)),
    specs.ArgumentSpec("action", ACTION_VALUES),
)

_TARGETS = (
    observation_spec.Feature("TARGET_AZIMUTH", NUM_BINS),
    observation_spec.Feature("TARGET_ELEVATION", NUM_BINS),
)
OBSERVATIONS = observation_spec.ObservationSpec(
    _TARGETS, image_shape=IMAGE_SHAPE
)
POSE_OBSERVATIONS = observation_spec.ObservationSpec(
    _TARGETS
    + (
        observation_spec.Feature("AZIMUTH", NUM_BINS),
        observation_spec.Feature("ELEVATION", NUM_BINS),
    )
)

# `render(car, azimuth, elevation)` gives uint8 `[128, 128, 3]`.
Render = Callable[[str, float, float], np.ndarray]


def move(direction: int) -> specs.Arguments:
    """Arguments of ACT that move LEFT, RIGHT, UP or DOWN."""
    return (0, 0, direction)


def describe_action(arguments: specs.Arguments) -> str:
    """The paper's words for an action; none for the null action.

    >>> describe_action((0, 0, 3))
    'UP'
    """
    return ACTION_VALUES[arguments[2]] if arguments[2] else ""


def angle_bin(degrees: int) -> int:
    """The bin of an angle, 0 for 0 degrees.

    >>> angle_bin(-15)
    23
    """
    return degrees // DEGREES % NUM_BINS


def check_pose(azimuth: int, elevation: int) -> None:
    """Refuses what is no start pose.

    Raises:
        ValueError: If an angle is not one of the paper's.
    """
    for name, value, known in (
        ("azimuth", azimuth, AZIMUTHS),
        ("elevation", elevation, ELEVATIONS),
    ):
        if type(value) is not int or value not in known:
            raise ValueError(
                f"{name}: must be a multiple of {DEGREES} from {known[0]} to "
                f"{known[-1]} degrees, got {value!r}"
            )


def moved(azimuth: int, elevation: int, direction: int) -> tuple[int, int]:
    """The pose after a move: the azimuth wraps around, elevation stops.

    >>> moved(-75, 0, RIGHT), moved(180, 0, RIGHT), moved(0, 0, DOWN)
    ((-60, 0), (-165, 0), (0, 0))
    """
    turn = {LEFT: -DEGREES, RIGHT: DEGREES}.get(direction, 0)
    lift = {DOWN: -DEGREES, UP: DEGREES}.get(direction, 0)
    azimuth = (azimuth + turn + 180) % 360 - 180
    return azimuth, min(max(elevation + lift, 0), MAX_ELEVATION)


class PoseEnvironment:
    """The camera's pose around a car; what textbook programs look at.

    LEFT lowers the azimuth by 15 degrees, UP raises the elevation.

    Args:
        car: Name of a generated car, or path of a mesh file.
        azimuth: Where the camera is in degrees, -75 to 75 by 15; 0 shows
            the car from the front.
        elevation: Degrees above the horizon, 0 to 60 by 15.

    Raises:
        ValueError: If `car` is no name of a car, or an angle is not one of
            those.
    """

    def __init__(self, car: str, azimuth: int, elevation: int):
        if not isinstance(car, str) or not car:
            raise ValueError(
                f"car: must be the name of a car or of a file, got {car!r}"
            )
        if fleet.is_name(car):
            fleet.index(car)  # Raises if the fleet has no such car.
        check_pose(azimuth, elevation)
        self.car = car
        self.azimuth = azimuth
        self.elevation = elevation

    @property
    def target_bins(self) -> list[int]:
        """The pad `Q`: bins of the target's azimuth and elevation."""
        return [angle_bin(degrees) for degrees in TARGET]

    def reveal(self) -> np.ndarray:
        """Bins of the target's angles and of the camera's: `[4]` int8."""
        bins = [angle_bin(self.azimuth), angle_bin(self.elevation)]
        return np.array(self.target_bins + bins, np.int8)

    def observe(self) -> np.ndarray:
        """The same as `reveal`."""
        return self.reveal()

    def act(self, arguments: specs.Arguments) -> None:
        """Moves the camera; the null action (0, 0, 0) does not.

        Raises:
            ValueError: If `arguments` names no action.
        """
        direction = arguments[2]
        if any(arguments[:2]) or not 0 <= direction <= DOWN:
            raise ValueError(
                "arguments: must be (0, 0, action) with LEFT, RIGHT, UP, "
                f"DOWN or none, got {tuple(arguments)!r}"
            )
        self.azimuth, self.elevation = moved(
            self.azimuth, self.elevation, direction
        )

    def result(self) -> tuple[int, int]:
        """Azimuth and elevation in degrees."""
        return self.azimuth, self.elevation


class CarEnvironment(PoseEnvironment):
    """The camera's picture of a car; its pose is never observed.

    Args:
        car: As in `PoseEnvironment`.
        azimuth: As in `PoseEnvironment`.
        elevation: As in `PoseEnvironment`.
        render: Draws the picture; `npi_tf.canonicalization.renderer.render`
            by default, which is imported when the first one is drawn.

    Raises:
        ValueError: As `PoseEnvironment`.
    """

    def __init__(
        self,
        car: str,
        azimuth: int,
        elevation: int,
        render: Render | None = None,
    ):
        super().__init__(car, azimuth, elevation)
        self._render = render
        self._images: dict[tuple[int, int], np.ndarray] = {}

    def image(self) -> np.ndarray:
        """What the camera sees, uint8 `[128, 128, 3]`.

        Raises:
            ValueError: If the picture has another size, or no such car is
                there.
        """
        pose = self.result()
        if pose not in self._images:
            image = self._renderer()(self.car, *pose)
            array = isinstance(image, np.ndarray)
            kind = (image.dtype, image.shape) if array else (type(image),)
            if kind != (np.dtype(np.uint8), IMAGE_SHAPE):
                raise ValueError(
                    f"render: must give uint8 {IMAGE_SHAPE}, got "
                    f"{' '.join(map(str, kind))}"
                )
            self._images[pose] = image
        return self._images[pose]

    def observe(self) -> np.ndarray:
        """Bins of the target's angles, then the picture's bytes: uint8."""
        target = np.array(self.target_bins, np.uint8)
        return np.concatenate([target, self.image().ravel()])

    def _renderer(self):
        if self._render is None:
            from npi_tf.canonicalization import renderer

            self._render = renderer.render
        return self._render

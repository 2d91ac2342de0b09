"""Pictures of cars: 128 x 128 colour renderings from a given pose.

The car is at the origin, its front is +x, its left side +y, up is +z, and
the longest side of its bounding box is 1. Azimuth 0 shows the front. A
positive azimuth moves the camera towards the car's left side, so that its
front points to the left of the picture; a positive elevation looks from
above.

VTK (the extra `cars`) draws, in a process of its own.
"""

from __future__ import annotations

import collections
import os
import threading

import numpy as np

from npi_tf.canonicalization import draw_process
from npi_tf.canonicalization import fleet
from npi_tf.canonicalization import mesh_digest
from npi_tf.canonicalization import mesh_files
from npi_tf.canonicalization import meshes
from npi_tf.canonicalization import shapes
from npi_tf.canonicalization import view_checks

SIZE = 128  # Pixels in height and width.
BACKGROUND = (255, 255, 255)
LIGHT_DIRECTION = (0.5, 0.0, 1.0)  # In the plane of symmetry of a car.
CAMERA_DISTANCE = 2.15  # In lengths of a car; from here it fits any pose.
CACHED_MESHES = 256

_LOCAL = threading.local()


def render(car: str, azimuth: float, elevation: float, **changes) -> np.ndarray:
    """A picture of `car`, by a renderer that lives with the thread.

    Args:
        car: Name of a generated car ("car-017") or path of a mesh file.
        azimuth: Degrees; 0 shows the front, 90 the car's left side.
        elevation: Degrees above the horizon, -90 to 90.
        **changes: As in `Renderer.render`.

    Returns:
        uint8 `[128, 128, 3]`, RGB.

    Raises:
        ValueError: As `Renderer.render`.
        RuntimeError: If VTK is missing or finds no off-screen context.
    """
    return _thread_renderer().render(car, azimuth, elevation, **changes)


def _thread_renderer() -> Renderer:
    # Threads and forked processes would read each other's answers.
    is_ours = getattr(_LOCAL, "owner", None) == os.getpid()
    if not is_ours:  # Kept, because it is another's to end.
        _LOCAL.inherited = getattr(_LOCAL, "renderer", None)
    if not is_ours or not _LOCAL.renderer.is_open:
        _LOCAL.renderer = Renderer()
        _LOCAL.owner = os.getpid()
    return _LOCAL.renderer


class Renderer:
    """One off-screen window and the cars that it has shown.

    It ends with the object, or by `close()`. Use it in one thread.

    Args:
        size: Height and width of the pictures in pixels.
        front: Axis of mesh files that points where the car drives.
        up: Axis of mesh files that points to the sky.

    Raises:
        ValueError: If `size` is not 1 to 4096, or `front` and `up` are not
            two different axes.
        RuntimeError: If VTK is missing or finds no off-screen context.
    """

    def __init__(self, size: int = SIZE, front: str = "+x", up: str = "+z"):
        if not isinstance(size, int) or not 1 <= size <= 4096:
            raise ValueError(f"size: must be 1 to 4096, got {size!r}")
        mesh_files.rotation(front, up)
        self.size, self.front, self.up = size, front, up
        self._process = draw_process.DrawProcess(size)
        # (car, version, hue) -> number
        self._numbers = collections.OrderedDict()
        self._added = 0

    def render(
        self,
        car: str,
        azimuth: float,
        elevation: float,
        *,
        light_direction=LIGHT_DIRECTION,
        camera_distance: float = 1.0,
        hue: float = 0.0,
        background=BACKGROUND,
    ) -> np.ndarray:
        """A picture of `car`.

        Args:
            car: Name of a generated car ("car-017") or path of a mesh file.
            azimuth: Degrees; 0 shows the front, 90 the car's left side.
            elevation: Degrees above the horizon, -90 to 90.
            light_direction: Vector from the car to the light `(x, y, z)`.
            camera_distance: Factor of the usual distance, 0.5 to 4.
            hue: Degrees by which all colours are turned.
            background: `(red, green, blue)`, 0 to 255.

        Returns:
            uint8 `[size, size, 3]`, RGB.

        Raises:
            ValueError: If an argument is out of range, or there is no such
                car.
            RuntimeError: If the process that draws has ended or gives no
                answer in time.
        """
        view_checks.check_pose(azimuth, elevation)
        view_checks.check_changes(
            {
                "light_direction": light_direction,
                "camera_distance": camera_distance,
                "hue": hue,
                "background": background,
            }
        )
        return self._process.call(
            "draw",
            self._number(car, float(hue)),
            float(azimuth),
            float(elevation),
            CAMERA_DISTANCE * float(camera_distance),
            tuple(map(float, light_direction)),
            tuple(map(float, background)),
        )

    @property
    def is_open(self) -> bool:
        """Whether the process that draws is there."""
        return self._process.is_open

    def close(self) -> None:
        """Ends the process that draws."""
        self._process.close()

    def _number(self, car, hue):
        """By which the process knows the car; loading it takes longest."""
        key = (car, _version(car), hue)
        if key not in self._numbers:
            mesh = shapes.turn_hue(load(car, self.front, self.up), hue)
            self._process.call("add", self._added, mesh, _is_generated(car))
            self._numbers[key] = self._added
            self._added += 1
        self._numbers.move_to_end(key)
        if len(self._numbers) > CACHED_MESHES:
            self._process.call("drop", self._numbers.popitem(last=False)[1])
        return self._numbers[key]


def load(car: str, front: str = "+x", up: str = "+z") -> shapes.Mesh:
    """The mesh of a generated car, or of a file as `mesh_files.load`.

    Raises:
        ValueError: If there is no such car, or the file holds no mesh.
    """
    if _is_generated(car):
        return meshes.build(fleet.spec(fleet.index(str(car))))
    return mesh_files.load(car, front, up)


def _version(car) -> str:
    """Of a file, so that a changed one is not drawn as it was."""
    return "" if _is_generated(car) else mesh_digest.digest(car)


def _is_generated(car) -> bool:
    if not isinstance(car, str | os.PathLike):
        raise ValueError(f"car: must be a name or a path, got {car!r}")
    return fleet.is_name(str(car))

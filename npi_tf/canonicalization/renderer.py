"""Pictures of cars: 128 x 128 colour renderings from a given pose.

The car is at the origin, its front is +x, its left side +y, up is +z, and
the longest side of its bounding box is 1. Azimuth 0 shows the front. A
positive azimuth moves the camera towards the car's left side, so that its
front points to the left of the picture; a positive elevation looks from
above.

VTK (the extra `cars`) is imported when the first picture is drawn.
"""

from __future__ import annotations

import collections
import math
import os
import threading

import numpy as np

from npi_tf.canonicalization import fleet
from npi_tf.canonicalization import mesh_files
from npi_tf.canonicalization import meshes
from npi_tf.canonicalization import off_screen
from npi_tf.canonicalization import shapes

SIZE = 128  # Pixels in height and width.
BACKGROUND = (255, 255, 255)
LIGHT_DIRECTION = (0.5, 0.0, 1.0)  # In the plane of symmetry of a car.
VIEW_ANGLE = 30.0  # Degrees, of the whole picture.
CAMERA_DISTANCE = 2.15  # In lengths of a car; from here it fits any pose.
CREASE_ANGLE = 35.0  # Degrees; flatter edges look round.
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
    # An OpenGL context belongs to one thread and does not survive a fork.
    if getattr(_LOCAL, "process", None) != os.getpid():
        _LOCAL.abandoned = getattr(_LOCAL, "renderer", None)
        _LOCAL.renderer = Renderer()
        _LOCAL.process = os.getpid()
    return _LOCAL.renderer


class Renderer:
    """One off-screen window and the cars that it has shown.

    Use a renderer in the thread that made it.

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
        self.vtk = off_screen.import_vtk()
        self.window = off_screen.open_window(self.vtk, size)
        self.scene = self.vtk.rendering.vtkRenderer()
        self.scene.UseFXAAOn()  # Smooth edges; the same on every driver.
        self.window.AddRenderer(self.scene)
        self.scene.GetActiveCamera().SetViewAngle(VIEW_ANGLE)
        self.scene.SetAutomaticLightCreation(False)
        self.light = self._add_light(0.85)
        self._add_light(0.35).SetLightTypeToHeadlight()
        self.actors = collections.OrderedDict()
        self.shown = None

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
        """
        _check_pose(azimuth, elevation)
        _check_changes(light_direction, camera_distance, hue, background)
        self._show(self._actor(car, hue))
        self._place_camera(azimuth, elevation, camera_distance)
        self.light.SetPosition(*light_direction)
        self.scene.SetBackground(*(np.asarray(background) / 255.0))
        self.window.Render()
        return self._pixels()

    def _add_light(self, intensity):
        light = self.vtk.rendering.vtkLight()
        light.SetPositional(False)
        light.SetIntensity(intensity)
        self.scene.AddLight(light)
        return light

    def _show(self, actor):
        if self.shown is not actor:
            if self.shown is not None:
                self.scene.RemoveActor(self.shown)
            self.scene.AddActor(actor)
            self.shown = actor

    def _actor(self, car, hue):
        """The car as VTK draws it; kept, because loading takes longest."""
        key = (car, hue)
        if key not in self.actors:
            mesh = shapes.turn_hue(load(car, self.front, self.up), hue)
            self.actors[key] = self._new_actor(mesh)
            # Half the work; files may turn their faces either way.
            look = self.actors[key].GetProperty()
            look.SetBackfaceCulling(fleet.is_name(str(car)))
        self.actors.move_to_end(key)
        if len(self.actors) > CACHED_MESHES:
            self.actors.popitem(last=False)
        return self.actors[key]

    def _new_actor(self, mesh):
        vtk = self.vtk
        normals = vtk.filters.vtkPolyDataNormals()
        normals.SetInputData(_poly_data(vtk, mesh))
        normals.SetFeatureAngle(CREASE_ANGLE)
        normals.ConsistencyOff()
        normals.Update()
        mapper = vtk.rendering.vtkPolyDataMapper()
        mapper.SetInputData(normals.GetOutput())
        mapper.SetScalarModeToUseCellData()
        actor = vtk.rendering.vtkActor()
        actor.SetMapper(mapper)
        look = actor.GetProperty()
        look.SetAmbient(0.32)
        look.SetDiffuse(0.8)
        look.SetSpecular(0.2)
        look.SetSpecularPower(20)
        return actor

    def _place_camera(self, azimuth, elevation, camera_distance):
        turn, rise = math.radians(azimuth), math.radians(elevation)
        away = CAMERA_DISTANCE * camera_distance
        camera = self.scene.GetActiveCamera()
        camera.SetPosition(
            away * math.cos(rise) * math.cos(turn),
            away * math.cos(rise) * math.sin(turn),
            away * math.sin(rise),
        )
        # Up in the picture; also defined when looking straight down.
        camera.SetViewUp(
            -math.sin(rise) * math.cos(turn),
            -math.sin(rise) * math.sin(turn),
            math.cos(rise),
        )
        camera.SetClippingRange(max(away - 1.0, 0.01), away + 1.0)

    def _pixels(self):
        data = self.vtk.core.vtkUnsignedCharArray()
        last = self.size - 1
        self.window.GetPixelData(0, 0, last, last, 0, data, 0)
        flat = self.vtk.arrays.vtk_to_numpy(data)
        rows = flat.reshape(self.size, self.size, 3)
        return rows[::-1].copy()  # OpenGL counts rows from below.


def load(car: str, front: str = "+x", up: str = "+z") -> shapes.Mesh:
    """The mesh of a generated car, or of a file as `mesh_files.load`.

    Raises:
        ValueError: If there is no such car, or the file holds no mesh.
    """
    if not isinstance(car, str | os.PathLike):
        raise ValueError(f"car: must be a name or a path, got {car!r}")
    if fleet.is_name(str(car)):
        return meshes.build(fleet.spec(fleet.index(str(car))))
    return mesh_files.load(car, front, up)


def _check_pose(azimuth, elevation):
    if not math.isfinite(azimuth):
        raise ValueError(f"azimuth: must be finite, got {azimuth!r}")
    if not -90 <= elevation <= 90:
        raise ValueError(f"elevation: must be -90 to 90, got {elevation!r}")


def _check_changes(light_direction, camera_distance, hue, background):
    light = np.asarray(light_direction, float)
    if light.shape != (3,) or not np.isfinite(light).all() or not light.any():
        raise ValueError(
            "light_direction: must be a vector (x, y, z) that is not zero, "
            f"got {light_direction!r}"
        )
    if not 0.5 <= camera_distance <= 4:
        raise ValueError(
            f"camera_distance: must be 0.5 to 4, got {camera_distance!r}"
        )
    if not math.isfinite(hue):
        raise ValueError(f"hue: must be finite, got {hue!r}")
    colour = np.asarray(background, float)
    if colour.shape != (3,) or not ((colour >= 0) & (colour <= 255)).all():
        raise ValueError(
            "background: must be (red, green, blue), 0 to 255, "
            f"got {background!r}"
        )


def _poly_data(vtk, mesh):
    """The mesh as `vtkPolyData` with one colour a face."""
    points = np.ascontiguousarray(mesh.vertices, np.float32)
    arrays = vtk.arrays
    data = vtk.data.vtkPolyData()
    vertices = vtk.core.vtkPoints()
    vertices.SetData(arrays.numpy_to_vtk(points, deep=True))
    data.SetPoints(vertices)
    starts = np.arange(len(mesh.faces) + 1, dtype=np.int64) * 3
    cells = vtk.data.vtkCellArray()
    cells.SetData(
        arrays.numpy_to_vtkIdTypeArray(starts, deep=True),
        arrays.numpy_to_vtkIdTypeArray(
            mesh.faces.astype(np.int64).ravel(), deep=True
        ),
    )
    data.SetPolys(cells)
    colours = np.ascontiguousarray(mesh.colours, np.uint8)
    data.GetCellData().SetScalars(arrays.numpy_to_vtk(colours, deep=True))
    return data

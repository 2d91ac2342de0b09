"""What VTK draws: meshes, a camera and two lights in an off-screen window.

It runs in a process of its own, see `npi_tf.canonicalization.draw_process`.
"""

from __future__ import annotations

import math

import numpy as np

from npi_tf.canonicalization import off_screen
from npi_tf.canonicalization import shapes

VIEW_ANGLE = 30.0  # Degrees, of the whole picture.
CREASE_ANGLE = 35.0  # Degrees; flatter edges look round.
LIGHT = 0.85  # Of the sun; a second light shines from the camera.
CAMERA_LIGHT = 0.35


class Scene:
    """An off-screen window and the meshes that it can show.

    Args:
        size: Height and width of the pictures in pixels.

    Raises:
        RuntimeError: If VTK is missing or finds no off-screen context.
    """

    def __init__(self, size: int):
        self.size = size
        self.vtk = off_screen.import_vtk()
        self.window = off_screen.open_window(self.vtk, size)
        self.stage = self.vtk.rendering.vtkRenderer()
        self.stage.UseFXAAOn()  # Smooth edges; the same on every driver.
        self.window.AddRenderer(self.stage)
        self.stage.GetActiveCamera().SetViewAngle(VIEW_ANGLE)
        self.stage.SetAutomaticLightCreation(False)
        self.light = self._add_light(LIGHT)
        self._add_light(CAMERA_LIGHT).SetLightTypeToHeadlight()
        self.actors = {}
        self.shown = None

    def add(self, number: int, mesh: shapes.Mesh, is_closed: bool) -> None:
        """Makes a mesh known.

        Args:
            number: By which it will be drawn.
            mesh: Centred, the longest side 1.
            is_closed: Whether all faces are turned outwards, so that half
                of them need not be drawn.
        """
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
        look.SetBackfaceCulling(is_closed)
        look.SetAmbient(0.32)
        look.SetDiffuse(0.8)
        look.SetSpecular(0.2)
        look.SetSpecularPower(20)
        self.actors[number] = actor

    def drop(self, number: int) -> None:
        """Forgets a mesh."""
        if self.shown is self.actors[number]:
            self.stage.RemoveActor(self.shown)
            self.shown = None
        del self.actors[number]

    def draw(
        self, number, azimuth, elevation, distance, light, background
    ) -> np.ndarray:
        """A picture of one mesh.

        Args:
            number: As it was added.
            azimuth: Degrees from +x towards +y.
            elevation: Degrees above the horizon.
            distance: Of the camera.
            light: Vector to the light.
            background: RGB, 0 to 255.

        Returns:
            uint8 `[size, size, 3]`.
        """
        self._show(self.actors[number])
        self._place_camera(azimuth, elevation, distance)
        self.light.SetPosition(*light)
        self.stage.SetBackground(*(channel / 255 for channel in background))
        self.window.Render()
        return self._pixels()

    def _add_light(self, intensity):
        light = self.vtk.rendering.vtkLight()
        light.SetPositional(False)
        light.SetIntensity(intensity)
        self.stage.AddLight(light)
        return light

    def _show(self, actor):
        if self.shown is not actor:
            if self.shown is not None:
                self.stage.RemoveActor(self.shown)
            self.stage.AddActor(actor)
            self.shown = actor

    def _place_camera(self, azimuth, elevation, distance):
        turn, rise = math.radians(azimuth), math.radians(elevation)
        camera = self.stage.GetActiveCamera()
        camera.SetPosition(
            distance * math.cos(rise) * math.cos(turn),
            distance * math.cos(rise) * math.sin(turn),
            distance * math.sin(rise),
        )
        # Up in the picture; also defined when looking straight down.
        camera.SetViewUp(
            -math.sin(rise) * math.cos(turn),
            -math.sin(rise) * math.sin(turn),
            math.cos(rise),
        )
        camera.SetClippingRange(max(distance - 1, 0.01), distance + 1)

    def _pixels(self):
        data = self.vtk.core.vtkUnsignedCharArray()
        last = self.size - 1
        self.window.GetPixelData(0, 0, last, last, 0, data, 0)
        flat = self.vtk.arrays.vtk_to_numpy(data)
        rows = flat.reshape(self.size, self.size, 3)
        return rows[::-1].copy()  # OpenGL counts rows from below.


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

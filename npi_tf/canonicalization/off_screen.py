"""An off-screen OpenGL window of VTK, on machines without a display.

VTK's own choice asks an X server first and complains where there is none;
here EGL comes first, then OSMesa, then what VTK chooses (macOS, Windows).
"""

from __future__ import annotations

import contextlib
import importlib
import types

WINDOWS = ("vtkEGLRenderWindow", "vtkOSOpenGLRenderWindow")

INSTALL = "pip install vtk (the extra `cars`)"
INSTALL_CONTEXT = "on Debian or Ubuntu: apt-get install libegl1 libgl1-mesa-dri"

# The classes that the renderer uses, by their modules in `vtkmodules`.
CLASSES = {
    "vtkCommonCore": (
        "vtkLogger",
        "vtkObject",
        "vtkPoints",
        "vtkUnsignedCharArray",
    ),
    "vtkCommonDataModel": ("vtkCellArray", "vtkPolyData"),
    "vtkFiltersCore": ("vtkPolyDataNormals",),
    "vtkRenderingCore": (
        "vtkActor",
        "vtkLight",
        "vtkPolyDataMapper",
        "vtkRenderer",
        "vtkRenderWindow",
    ),
}


def import_vtk() -> types.SimpleNamespace:
    """The classes of VTK that are needed to draw, and `numpy_support`.

    Raises:
        RuntimeError: If VTK is not installed.
    """
    vtk = types.SimpleNamespace()
    try:
        for module, names in CLASSES.items():
            classes = importlib.import_module(f"vtkmodules.{module}")
            for name in names:
                setattr(vtk, name, getattr(classes, name))
        vtk.opengl = importlib.import_module("vtkmodules.vtkRenderingOpenGL2")
        vtk.numpy_support = importlib.import_module(
            "vtkmodules.util.numpy_support"
        )
    except ImportError as error:
        raise RuntimeError(
            f"pictures of cars need VTK: {INSTALL}; got {error}"
        ) from error
    return vtk


def window(vtk: types.SimpleNamespace, size: int, multi_samples: int):
    """A `vtkRenderWindow` of `size` x `size` pixels that can draw.

    Raises:
        RuntimeError: If there is no off-screen context.
    """
    with silenced(vtk):
        for make in _candidates(vtk):
            made = make()
            made.SetOffScreenRendering(1)
            made.SetMultiSamples(multi_samples)
            made.SetSize(size, size)
            made.Render()
            if made.SupportsOpenGL() and _vendor(made):
                return made
    raise RuntimeError(
        f"VTK found no off-screen context ({', '.join(WINDOWS)}); "
        + INSTALL_CONTEXT
    )


def _candidates(vtk):
    """Window classes in the order in which they are tried."""
    own = [getattr(vtk.opengl, name, None) for name in WINDOWS]
    return [make for make in own if make is not None] or [vtk.vtkRenderWindow]


def _vendor(made) -> str:
    """Who draws, such as "Mesa"; empty without a context."""
    for line in (made.ReportCapabilities() or "").splitlines():
        name, _, value = line.partition(":")
        if name == "OpenGL vendor string":
            return value.strip()
    return ""


@contextlib.contextmanager
def silenced(vtk: types.SimpleNamespace):
    """Keeps VTK's warnings about missing displays off stderr."""
    logger = vtk.vtkLogger
    before = logger.GetCurrentVerbosityCutoff()
    shown = vtk.vtkObject.GetGlobalWarningDisplay()
    logger.SetStderrVerbosity(logger.VERBOSITY_OFF)
    vtk.vtkObject.GlobalWarningDisplayOff()
    try:
        yield
    finally:
        vtk.vtkObject.SetGlobalWarningDisplay(shown)
        logger.SetStderrVerbosity(before)

"""An off-screen OpenGL window of VTK, on machines without a display.

VTK's own choice asks an X server first; here EGL comes first, then OSMesa,
both of which draw without a display and without a graphics card.
"""

from __future__ import annotations

import ctypes
import sys
import types

# Window classes in the order in which they are tried, and the libraries
# without which VTK ends the process when it makes such a window.
WINDOWS = {
    "vtkEGLRenderWindow": ("libEGL.so.1", "libEGL.so"),
    "vtkOSOpenGLRenderWindow": ("libOSMesa.so.8", "libOSMesa.so.6"),
}


def import_vtk() -> types.SimpleNamespace:
    """The modules of VTK that are needed to draw.

    Raises:
        RuntimeError: If VTK is not installed.
    """
    try:
        from vtkmodules import vtkCommonCore
        from vtkmodules import vtkCommonDataModel
        from vtkmodules import vtkFiltersCore
        from vtkmodules import vtkRenderingCore
        from vtkmodules import vtkRenderingOpenGL2
        from vtkmodules.util import numpy_support
    except ImportError as error:
        raise RuntimeError(
            "pictures of cars need VTK: pip install vtk (the extra `cars`); "
            f"got {error}"
        ) from error
    return types.SimpleNamespace(
        core=vtkCommonCore,
        data=vtkCommonDataModel,
        filters=vtkFiltersCore,
        rendering=vtkRenderingCore,
        opengl=vtkRenderingOpenGL2,
        arrays=numpy_support,
    )


def open_window(vtk: types.SimpleNamespace, size: int):
    """A `vtkRenderWindow` of `size` x `size` pixels that can draw.

    Args:
        vtk: From `import_vtk`.
        size: Height and width in pixels.

    Raises:
        RuntimeError: If there is no off-screen context.
    """
    for make in _candidates(vtk):
        window = make()
        window.SetOffScreenRendering(1)
        window.SetMultiSamples(0)
        window.SetSize(size, size)
        # Drawing without a context ends the process: ask first.
        if window.SupportsOpenGL() and _renders(window):
            return window
    raise RuntimeError(
        "VTK found no off-screen OpenGL context, neither EGL nor OSMesa; on "
        "Debian or Ubuntu: apt-get install libegl1 libgl1-mesa-dri, or "
        "libosmesa6"
    )


def _candidates(vtk):
    """Window classes that can be made here."""
    if not sys.platform.startswith("linux"):
        return [vtk.rendering.vtkRenderWindow]
    return [
        getattr(vtk.opengl, name)
        for name, libraries in WINDOWS.items()
        if hasattr(vtk.opengl, name) and any(map(_loads, libraries))
    ]


def _loads(library) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _renders(window) -> bool:
    """Whether a driver answers after a first picture."""
    window.Render()
    lines = (window.ReportCapabilities() or "").splitlines()
    title = "OpenGL vendor string:"
    return any(line[len(title) :].strip() for line in lines if title in line)

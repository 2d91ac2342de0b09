"""Cars from mesh files, read by trimesh (the extra `cars`).

A file may be a Wavefront `.obj` (with its `.mtl`), a `.glb` or a `.ply`. Its
colours are kept, those of vertices or materials; what has none is grey.
However large it is and wherever it stands, the mesh is turned to front +x
and up +z, centred, and scaled so that the longest side of its box is 1.
"""

from __future__ import annotations

import os
import pathlib

import numpy as np

from npi_tf.canonicalization import shapes

SUFFIXES = (".obj", ".glb", ".ply")
GREY = (160, 160, 160)
AXES = {
    sign + axis: (1 if sign == "+" else -1) * np.eye(3)[i]
    for i, axis in enumerate("xyz")
    for sign in "+-"
}


def find(folder: str) -> tuple[str, ...]:
    """Paths of the mesh files in a folder and below, sorted.

    Raises:
        ValueError: If there is no such folder, or no mesh in it.
    """
    is_path = isinstance(folder, str | os.PathLike) and os.fspath(folder)
    if not is_path or not pathlib.Path(folder).is_dir():
        raise ValueError(f"folder: must be a folder, got {folder!r}")
    paths = sorted(
        str(path)
        for path in pathlib.Path(folder).rglob("*")
        if path.suffix.lower() in SUFFIXES and path.is_file()
    )
    if not paths:
        raise ValueError(
            f"folder: must hold meshes ({', '.join(SUFFIXES)}), got {folder!r}"
        )
    return tuple(paths)


def load(path: str, front: str = "+x", up: str = "+z") -> shapes.Mesh:
    """The mesh of a file, turned, centred and scaled.

    Args:
        path: The file.
        front: The file's axis that points where the car drives.
        up: The file's axis that points to the sky.

    Returns:
        The mesh: front +x, left +y, up +z, the longest side 1.

    Raises:
        ValueError: If there is no mesh at `path`, it cannot be read or is
            empty, or `front` and `up` are not two different axes.
        RuntimeError: If trimesh is not installed.
    """
    turn = rotation(front, up)
    check_path(path)
    mesh = _read(path)
    vertices = mesh.vertices @ turn.T
    return shapes.normalise(shapes.Mesh(vertices, mesh.faces, mesh.colours))


def check_path(path: str) -> None:
    """Refuses what is not the path of a mesh file.

    Raises:
        ValueError: If it is of another kind, or nothing is there.
    """
    is_path = isinstance(path, str | os.PathLike)
    if not is_path or pathlib.Path(path).suffix.lower() not in SUFFIXES:
        raise ValueError(
            "car: must be a name such as car-017 or the path of a mesh "
            f"({', '.join(SUFFIXES)}), got {path!r}"
        )
    if not pathlib.Path(path).is_file():
        raise ValueError(f"car: no such mesh file, got {path!r}")


def rotation(front: str, up: str) -> np.ndarray:
    """The matrix that turns `front` to +x and `up` to +z: `[3, 3]`.

    >>> rotation("-z", "+y") @ [0, 0, -1]
    array([1., 0., 0.])

    Raises:
        ValueError: If they are not two different axes.
    """
    for argument, axis in (("front", front), ("up", up)):
        if not isinstance(axis, str) or axis not in AXES:
            raise ValueError(
                f"{argument}: must be one of {sorted(AXES)}, got {axis!r}"
            )
    if front[1] == up[1]:
        raise ValueError(
            f"up: must be another axis than front {front!r}, got {up!r}"
        )
    left = np.cross(AXES[up], AXES[front])
    return np.stack([AXES[front], left, AXES[up]])


def _read(path) -> shapes.Mesh:
    """All meshes of a file as they stand, with colours."""
    try:
        import trimesh
    except ImportError as error:
        raise RuntimeError(
            "mesh files need trimesh: pip install trimesh (the extra `cars`)"
        ) from error
    try:
        beside = trimesh.resolvers.FilePathResolver(path)
        beside.allow_anywhere = True  # ShapeNet's textures: ../images.
        scene = trimesh.load_scene(path, process=False, resolver=beside)
        pieces = _pieces(scene)
    except ImportError as error:
        raise RuntimeError(f"car: {path!r} needs more: {error}") from error
    except Exception as error:  # Each format fails in its own way.
        raise ValueError(f"car: cannot read {path!r}: {error}") from error
    if not pieces:
        raise ValueError(f"car: must hold triangles, got none in {path!r}")
    mesh = shapes.join(pieces)
    used = mesh.vertices[mesh.faces]  # [F, 3, 3]
    if not np.isfinite(used).all() or np.ptp(used, axis=(0, 1)).max() == 0:
        raise ValueError(
            f"car: must have finite vertices and a size, got {path!r}"
        )
    return shapes.weld(mesh)


def _pieces(scene) -> list[shapes.Mesh]:
    """The meshes of a scene where the scene puts them."""
    pieces = []
    for node in scene.graph.nodes_geometry:
        place, name = scene.graph[node]  # [4, 4], and which mesh.
        piece = scene.geometry[name]
        if len(getattr(piece, "faces", ())):
            vertices = np.asarray(piece.vertices, float)
            vertices = vertices @ place[:3, :3].T + place[:3, 3]
            faces = np.asarray(piece.faces, int)
            pieces.append(shapes.Mesh(vertices, faces, _colours(piece)))
    return pieces


def _colours(piece) -> np.ndarray:
    """RGB of each face; grey if the file has none."""
    visual, count = piece.visual, len(piece.faces)
    if visual.kind is None:
        return np.tile(np.uint8(GREY), (count, 1))
    if visual.kind == "face":
        return np.asarray(visual.face_colors, np.uint8)[:, :3]
    if visual.kind == "vertex":
        corners = visual.vertex_colors
    else:  # A picture, or one colour for all.
        corners = visual.material.to_color(visual.uv)
        if corners is None:
            colour = np.uint8(visual.material.main_color)[:3]
            return np.tile(colour, (count, 1))
    seen = np.asarray(corners)[piece.faces].mean(axis=1)
    return seen.round().astype(np.uint8)[:, :3]

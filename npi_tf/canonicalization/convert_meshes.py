"""Turns a folder of meshes to the convention of the renderer.

python -m npi_tf.canonicalization.convert_meshes SHAPENET CARS \
    --front=-z --up=+y

writes a `.ply` for each mesh below SHAPENET: front +x, left +y, up +z,
centred, longest side 1. Every command that takes a car takes their paths.
"""

from __future__ import annotations

import argparse
import pathlib

import numpy as np

from npi_tf.canonicalization import mesh_files
from npi_tf.canonicalization import shapes


def convert(
    folder: str, target: str, front: str = "+x", up: str = "+z"
) -> tuple[str, ...]:
    """Writes the meshes below `folder` as `.ply` files below `target`.

    Args:
        folder: Where the meshes are.
        target: Where to write; folders below `folder` are kept.
        front: Axis of the files that points where the cars drive.
        up: Axis of the files that points to the sky.

    Returns:
        The paths written.

    Raises:
        ValueError: As `mesh_files.find` and `mesh_files.load`, or if two
            meshes would be written to one file.
        OSError: If `target` cannot be written.
    """
    paths = {}
    for path in mesh_files.find(folder):
        name = pathlib.Path(path).relative_to(folder).with_suffix(".ply")
        if name in paths:
            raise ValueError(
                f"folder: must hold one mesh of a name, got {path!r} and "
                f"{paths[name]!r}"
            )
        paths[name] = path
    written = []
    for name, path in paths.items():
        mesh = mesh_files.load(path, front, up)
        out = pathlib.Path(target) / name
        out.parent.mkdir(parents=True, exist_ok=True)
        write(str(out), mesh)
        written.append(str(out))
    return tuple(written)


def write(path: str, mesh: shapes.Mesh) -> None:
    """Writes a mesh with the colours of its faces.

    Args:
        path: Where to; `.ply`.
        mesh: The mesh.
    """
    import trimesh

    opaque = np.full((len(mesh.faces), 1), 255, np.uint8)
    trimesh.Trimesh(
        mesh.vertices,
        mesh.faces,
        face_colors=np.concatenate([mesh.colours, opaque], axis=1),
        process=False,
    ).export(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("target")
    parser.add_argument("--front", default="+x")
    parser.add_argument("--up", default="+z")
    arguments = parser.parse_args()
    try:
        print(*convert(**vars(arguments)), sep="\n")
    except (ValueError, RuntimeError, OSError) as error:
        parser.exit(2, f"{error}\n")


if __name__ == "__main__":
    main()

"""Cars from mesh files (.obj, .glb, .ply), read by trimesh."""

from __future__ import annotations

from npi_tf.canonicalization import shapes


def load(path: str) -> shapes.Mesh:
    """The mesh of a file.

    Raises:
        ValueError: If there is no mesh at `path`.
    """
    raise ValueError(f"car: no such car or mesh file, got {path!r}")

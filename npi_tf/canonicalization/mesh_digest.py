"""Digests of mesh files: what changes when a mesh's pictures may change.

Materials and textures lie in files of their own, which the mesh names; they
are part of its digest. Nothing is parsed but these names.
"""

from __future__ import annotations

import functools
import hashlib
import os
import pathlib
import re

from npi_tf.canonicalization import mesh_files

# How a file names others: the patterns of what trimesh reads.
_NAMES = {
    ".obj": re.compile(rb"mtllib[ \t]+([^\r\n]+)"),
    ".mtl": re.compile(rb"map_kd[ \t]+([^\r\n]+)", re.IGNORECASE),
    ".ply": re.compile(rb"texturefile[ \t]+([^\r\n]+)", re.IGNORECASE),
    ".glb": re.compile(rb'"uri"\s*:\s*"(?!data:)([^"]+)"'),
}


def digest(path: str) -> str:
    """Of a mesh file and of the files that it names, as hexadecimal digits.

    Args:
        path: The mesh file.

    Raises:
        ValueError: If there is no mesh file at `path`, or one of these
            files cannot be read.
    """
    mesh_files.check_path(path)
    try:
        digests = [_read(place)[0] for place in files(path)]
    except OSError as error:
        raise ValueError(f"car: cannot read {path!r}: {error}") from error
    return hashlib.blake2b("".join(digests).encode(), digest_size=8).hexdigest()


def files(path: str) -> tuple[str, ...]:
    """The mesh file and those that it names, as far as they are there."""
    places = [os.fspath(path)]
    for place in places:  # An .obj names an .mtl, and that one textures.
        named = (_find(name, places[0]) for name in _read(place)[1])
        places += [p for p in dict.fromkeys(named) if p and p not in places]
    return tuple(places)


def _find(name, path):
    """Where `mesh_files` finds what a mesh names, or None."""
    folder = os.path.dirname(path)
    for tried in (name, name.lstrip("/"), os.path.basename(name)):
        place = os.path.join(folder, tried)
        if os.path.isfile(place):
            return place
    return None


def _read(path):
    """Digest of a file, and the names in it; a file that stayed is known."""
    state = os.stat(path)
    return _read_state(
        path, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns
    )


@functools.lru_cache(maxsize=16384)
def _read_state(path, *state):
    del state  # Only a key.
    content = pathlib.Path(path).read_bytes()
    pattern = _NAMES.get(pathlib.Path(path).suffix.lower())
    found = pattern.findall(content) if pattern else []
    return (
        hashlib.blake2b(content, digest_size=16).hexdigest(),
        tuple(os.fsdecode(name).strip() for name in found),
    )

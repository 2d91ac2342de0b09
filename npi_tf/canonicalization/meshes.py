"""Meshes of the generated cars: vertices, triangles, colours."""

from __future__ import annotations

import colorsys
import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Mesh:
    """Triangles with one colour each.

    Attributes:
        vertices: float `[V, 3]`; front +x, left +y, up +z.
        faces: int `[F, 3]`, counter-clockwise from outside.
        colours: uint8 `[F, 3]`, RGB.
    """

    vertices: np.ndarray
    faces: np.ndarray
    colours: np.ndarray


def box(low, high, colour) -> Mesh:
    """An axis-parallel box."""
    corners = np.array(
        [[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], float
    )
    low, high = np.asarray(low, float), np.asarray(high, float)
    quads = [
        (0, 1, 3, 2),
        (4, 6, 7, 5),
        (0, 4, 5, 1),
        (2, 3, 7, 6),
        (0, 2, 6, 4),
        (1, 5, 7, 3),
    ]
    faces = [f for a, b, c, d in quads for f in ((a, b, c), (a, c, d))]
    return Mesh(
        low + corners * (high - low),
        np.array(faces),
        np.tile(np.uint8(colour), (len(faces), 1)),
    )


def join(parts) -> Mesh:
    """One mesh of many."""
    offsets = np.cumsum([0] + [len(part.vertices) for part in parts])
    return Mesh(
        np.concatenate([part.vertices for part in parts]),
        np.concatenate([p.faces + o for p, o in zip(parts, offsets)]),
        np.concatenate([part.colours for part in parts]),
    )


def normalise(mesh: Mesh) -> Mesh:
    """Centred at the origin; the longest side of its box becomes 1."""
    low, high = mesh.vertices.min(0), mesh.vertices.max(0)
    scaled = (mesh.vertices - (low + high) / 2) / (high - low).max()
    return dataclasses.replace(mesh, vertices=scaled)


def turn_hue(mesh: Mesh, degrees: float) -> Mesh:
    """The same mesh with all colours turned by `degrees` of hue."""
    if degrees % 360 == 0:
        return mesh
    unique, where = np.unique(mesh.colours, axis=0, return_inverse=True)
    turned = []
    for colour in unique:
        hue, saturation, value = colorsys.rgb_to_hsv(*(colour / 255.0))
        hue = (hue + degrees / 360) % 1
        turned.append(colorsys.hsv_to_rgb(hue, saturation, value))
    turned = np.round(np.array(turned) * 255).astype(np.uint8)
    return dataclasses.replace(mesh, colours=turned[where.reshape(-1)])


def build(spec) -> Mesh:
    """The mesh of a generated car, of unit length."""
    h, w, n = spec.length / 2, spec.width / 2, spec.length / 4
    t = spec.height
    parts = [
        box((-h, -w, 0.3), (h, w, 0.8), spec.paint),
        box((-n, -w + 0.1, 0.8), (n * 0.8, w - 0.1, t), (60, 70, 80)),
        box((h, -w, 0.5), (h + 0.05, -w + 0.4, 0.7), (255, 250, 200)),
        box((h, w - 0.4, 0.5), (h + 0.05, w, 0.7), (255, 250, 200)),
        box((-h - 0.05, -w, 0.5), (-h, -w + 0.3, 0.7), (200, 20, 20)),
        box((-h - 0.05, w - 0.3, 0.5), (-h, w, 0.7), (200, 20, 20)),
    ]
    return normalise(join(parts))

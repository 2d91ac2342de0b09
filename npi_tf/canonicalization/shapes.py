"""Coloured triangles, and the solids of which cars are put together.

Axes: front +x, left +y, up +z. Solids may overlap; the camera never sees
the inside.
"""

from __future__ import annotations

import colorsys
import dataclasses

import numpy as np

Colour = tuple[int, int, int]


@dataclasses.dataclass(frozen=True)
class Mesh:
    """Triangles with one colour each.

    Attributes:
        vertices: float `[V, 3]`.
        faces: int `[F, 3]`, counter-clockwise seen from outside.
        colours: uint8 `[F, 3]`, RGB.
    """

    vertices: np.ndarray
    faces: np.ndarray
    colours: np.ndarray


def join(parts) -> Mesh:
    """One mesh of many."""
    offsets = np.cumsum([0] + [len(part.vertices) for part in parts])
    return Mesh(
        np.concatenate([part.vertices for part in parts]),
        np.concatenate([p.faces + o for p, o in zip(parts, offsets)]),
        np.concatenate([part.colours for part in parts]),
    )


def mirrored(part: Mesh) -> list[Mesh]:
    """The part, and its mirror image on the other side of the car."""
    other = part.vertices * np.array([1.0, -1.0, 1.0])
    return [part, Mesh(other, part.faces[:, ::-1], part.colours)]


def weld(mesh: Mesh) -> Mesh:
    """Vertices at one place become one; those of no face are left out.

    Whether an edge looks round is decided at common vertices, and loose
    ones would shift the box by which a mesh is scaled.
    """
    corners = mesh.vertices[mesh.faces].reshape(-1, 3).astype(np.float32)
    rows = np.ascontiguousarray(corners + np.float32(0)).view("V12")
    _, first, where = np.unique(rows, return_index=True, return_inverse=True)
    faces = where.reshape(-1, 3)
    return Mesh(corners[first].astype(float), faces, mesh.colours)


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


def loft(rings: np.ndarray, colours: np.ndarray) -> Mesh:
    """The skin over cross-sections that follow each other, closed by caps.

    Args:
        rings: `[S, K, 3]`; `S` sections from front to rear, each of `K`
            points from the right bottom over the top to the left bottom.
        colours: uint8 `[S - 1, K - 1, 3]`, one for each patch; caps and
            bottom take those beside them.
    """
    sections, points = rings.shape[:2]
    number = np.arange(sections * points).reshape(sections, points)
    around = np.concatenate([number, number[:, :1]], axis=1)
    a, b = around[:-1, :-1], around[:-1, 1:]  # Front edge of a patch.
    c, d = around[1:, 1:], around[1:, :-1]  # Rear edge.
    quads = np.stack([a, b, c, d], axis=-1)  # [S - 1, K, 4]
    skin = np.concatenate([colours, colours[:, :1]], axis=1)
    faces = quads.reshape(-1, 4)[:, [0, 1, 2, 0, 2, 3]].reshape(-1, 3)
    parts = [
        Mesh(rings.reshape(-1, 3), faces, np.repeat(skin.reshape(-1, 3), 2, 0)),
        polygon(rings[0, ::-1], colours[0, 1]),
        polygon(rings[-1], colours[-1, 1]),
    ]
    return join(parts)


def polygon(points: np.ndarray, colour: Colour) -> Mesh:
    """A convex polygon; counter-clockwise where it is seen from."""
    points = np.asarray(points, float)
    last = np.arange(1, len(points) - 1)
    faces = np.stack([np.zeros_like(last), last, last + 1], axis=1)
    return Mesh(points, faces, np.tile(np.uint8(colour), (len(faces), 1)))


def prism(base: np.ndarray, offset, colour: Colour) -> Mesh:
    """A convex polygon pushed along `offset`.

    Args:
        base: `[N, 3]`, counter-clockwise seen against `offset`.
        offset: `[3]`.
        colour: RGB.
    """
    base, count = np.asarray(base, float), len(base)
    here = np.arange(count)
    following = np.roll(here, -1)
    fan = np.stack([0 * here[2:], here[1:-1], here[2:]], axis=1)
    faces = np.concatenate(
        [
            np.stack([here, following, following + count], axis=1),
            np.stack([here, following + count, here + count], axis=1),
            fan[:, ::-1],
            fan + count,
        ]
    )
    vertices = np.concatenate([base, base + np.asarray(offset, float)])
    return Mesh(vertices, faces, np.tile(np.uint8(colour), (len(faces), 1)))


def box(low, high, colour: Colour) -> Mesh:
    """An axis-parallel box from corner `low` to corner `high`."""
    (x, y, z), (x1, y1, z1) = low, high
    base = [(x, y, z), (x1, y, z), (x1, y1, z), (x, y1, z)]
    return prism(base, (0.0, 0.0, z1 - z), colour)


def disc(centre, radius: float, side: float, colours: np.ndarray) -> Mesh:
    """A disc across y, one colour a sector, seen from the side `side`.

    Args:
        centre: `[3]`.
        radius: Radius.
        side: 1 if it is seen from the left of the car, -1 from the right.
        colours: uint8 `[N, 3]`.
    """
    count = len(colours)
    rim = circle(centre, radius, count)
    following = np.roll(np.arange(count), -1)
    faces = np.stack([np.full(count, count), following, np.arange(count)], 1)
    if side < 0:
        faces = faces[:, ::-1]
    return Mesh(np.concatenate([rim, [centre]]), faces, np.uint8(colours))


def circle(centre, radius: float, count: int) -> np.ndarray:
    """Points of a circle across y: `[count, 3]`."""
    angles = np.arange(count) * (2 * np.pi / count)
    ring = np.stack([np.cos(angles), 0 * angles, np.sin(angles)], axis=1)
    return np.asarray(centre, float) + radius * ring

"""What is fixed to a body: wheels, lights, bumpers and what styles add."""

from __future__ import annotations

import numpy as np

from npi_tf.canonicalization import body
from npi_tf.canonicalization import outline
from npi_tf.canonicalization import shapes

TYRE = (30, 30, 32)
DARK = (26, 27, 30)
RED = (190, 22, 26)
CHROME = (186, 188, 194)
BUMPER = 0.16  # Height of the bumpers in metres.


def wheels(curves: outline.Outline) -> list[shapes.Mesh]:
    """Four wheels."""
    parts = []
    for axle in curves.axles:
        parts += shapes.mirrored(
            _wheel(curves, float(curves.x(axle)), curves.style.wheel)
        )
    return parts


def _wheel(curves, x, radius) -> shapes.Mesh:
    """The left wheel at `x`: tyre, rim, spokes."""
    spec = curves.spec
    outside = spec.style.width / 2 - 0.01
    centre = np.array([x, outside, radius])
    inside = shapes.circle(centre - [0, 0.24, 0], radius, 24)
    sectors = np.full((24, 3), spec.hub)
    if spec.spokes:
        turn = np.arange(24) * spec.spokes / 24 % 1
        sectors[turn > 0.5] = body.darker(spec.hub, 0.35)
    face = centre + [0, 0.004, 0]
    return shapes.join(
        [
            shapes.prism(inside[::-1], (0, 0.24, 0), TYRE),
            shapes.disc(face, 0.70 * radius, 1, np.tile(spec.hub, (24, 1))),
            shapes.disc(face + [0, 0.004, 0], 0.62 * radius, 1, sectors),
            shapes.disc(
                face + [0, 0.008, 0], 0.2 * radius, 1, np.tile(DARK, (8, 1))
            ),
        ]
    )


def underside(curves: outline.Outline) -> shapes.Mesh:
    """What is seen through the wheel arches."""
    style = curves.style
    half = style.length / 2 - 0.3
    wide = style.width / 2 - 0.26
    return shapes.box(
        (-half, -wide, style.clearance - 0.02),
        (half, wide, 0.5 * style.height * style.nose),
        DARK,
    )


def bumpers(curves: outline.Outline) -> list[shapes.Mesh]:
    """Bumpers and number plates at both ends."""
    spec, style = curves.spec, curves.style
    low = _bumper_top(curves) - BUMPER
    parts = []
    for sign, place in ((1, 0.0), (-1, 1.0)):
        x, wide = sign * style.length / 2, float(curves.half_width(place))
        plan = np.array([
            (x - sign * 0.3, -wide * 1.06), (x + sign * 0.02, -wide * 0.97),
            (x + sign * 0.08, -wide * 0.6), (x + sign * 0.08, wide * 0.6),
            (x + sign * 0.02, wide * 0.97), (x - sign * 0.3, wide * 1.06),
        ])[::sign]  # fmt: skip
        base = np.concatenate([plan, np.full((6, 1), low)], axis=1)
        parts.append(shapes.prism(base, (0, 0, BUMPER), spec.plastic))
        plate = sorted((x + sign * 0.07, x + sign * 0.10))
        parts.append(
            shapes.box(
                (plate[0], -0.26, low + 0.02),
                (plate[1], 0.26, low + 0.14),
                spec.plate if sign < 0 else (246, 246, 242),
            )
        )
    return parts


def _bumper_top(curves) -> float:
    return curves.style.clearance + 0.07 + BUMPER


def front_lights(curves: outline.Outline) -> list[shapes.Mesh]:
    """Two head lights."""
    x, wide = curves.style.length / 2, float(curves.half_width(0.0))
    kind, lamp = curves.spec.front_lights, curves.spec.lamp
    top = max(float(curves.top(0.0)), _bumper_top(curves) + 0.2)
    if kind == "round":
        part = _round_light(x - 0.12, 0.70 * wide, top - 0.07, 0.115, 0.16)
        return shapes.mirrored(_lit(part, lamp))
    high, long = (0.17, 0.40) if kind == "box" else (0.085, 0.54)
    part = shapes.box(
        (x - 0.16, 0.96 * wide - long, top - 0.02 - high),
        (x + 0.03, 0.96 * wide, top - 0.02),
        lamp,
    )
    return shapes.mirrored(part)


def rear_lights(curves: outline.Outline) -> list[shapes.Mesh]:
    """Red lights, left and right or across."""
    x, wide = -curves.style.length / 2, float(curves.half_width(1.0))
    top = float(curves.top(1.0))
    if {"bed", "box"} & set(curves.style.extras):
        top = 0.58 * curves.style.height
    kind = curves.spec.rear_lights
    if kind == "round":
        part = _round_light(x - 0.03, 0.74 * wide, top - 0.14, 0.1, 0.16)
        return shapes.mirrored(_lit(part, RED))
    sizes = {"upright": (0.34, 0.17), "box": (0.17, 0.34), "bar": (0.11, 1.0)}
    high, share = sizes[kind]
    long = share if kind != "bar" else 0.96 * wide
    part = shapes.box(
        (x - 0.03, 0.97 * wide - long, top - 0.04 - high),
        (x + 0.14, 0.97 * wide, top - 0.04),
        RED,
    )
    return shapes.mirrored(part)


def _round_light(x, y, z, radius, depth):
    angles = np.arange(14) * (2 * np.pi / 14)
    base = np.stack(
        [
            np.full(14, x),
            y + radius * np.cos(angles),
            z + radius * np.sin(angles),
        ],
        axis=1,
    )
    return shapes.prism(base, (depth, 0, 0), DARK)


def _lit(part, colour):
    return shapes.Mesh(
        part.vertices,
        part.faces,
        np.tile(np.uint8(colour), (len(part.faces), 1)),
    )


def grille(curves: outline.Outline) -> list[shapes.Mesh]:
    """The grille between the head lights."""
    kind = curves.spec.grille
    x, wide = curves.style.length / 2, float(curves.half_width(0.0))
    top = float(curves.top(0.0))
    widths = {"wide": (0.0, 0.46), "narrow": (0.0, 0.2), "split": (0.05, 0.3)}
    if kind == "none":
        return []
    start, end = (share * wide for share in widths[kind])
    high = 0.2 if kind != "wide" else 0.13
    inner = shapes.box(
        (x - 0.1, start, top - 0.03 - high), (x + 0.02, end, top - 0.03), DARK
    )
    bar = shapes.box(
        (x - 0.1, start, top - 0.035),
        (x + 0.03, end, top - 0.01),
        CHROME,
    )
    return shapes.mirrored(inner) + shapes.mirrored(bar)


def mirrors(curves: outline.Outline) -> list[shapes.Mesh]:
    """Outside mirrors beside the windscreen."""
    style = curves.style
    place = style.bonnet + 0.5 * style.windscreen
    x, wide = float(curves.x(place)), float(curves.half_width(place))
    z = curves.belt
    part = shapes.box(
        (x - 0.05, 0.84 * wide, z + 0.02),
        (x + 0.07, wide + 0.13, z + 0.15),
        body.darker(curves.spec.paint, 0.8),
    )
    return shapes.mirrored(part)

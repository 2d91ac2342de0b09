"""What only some styles have: a bed, a box, seats, rails, a wing."""

from __future__ import annotations

import numpy as np

from npi_tf.canonicalization import body
from npi_tf.canonicalization import car_parts
from npi_tf.canonicalization import outline
from npi_tf.canonicalization import shapes


def extras(curves: outline.Outline) -> list[shapes.Mesh]:
    """The solids of all extras of a car."""
    builders = {
        "bed": bed,
        "box": load_box,
        "open": seats,
        "rails": rails,
        "spoiler": spoiler,
        "spare wheel": spare_wheel,
    }
    parts = []
    for extra in curves.style.extras:
        if extra in builders:
            parts += builders[extra](curves)
    return parts


def bed(curves: outline.Outline) -> list[shapes.Mesh]:
    """Walls and tail gate of a pickup."""
    spec, style = curves.spec, curves.style
    start, end = float(curves.x(1 - style.deck)), -style.length / 2
    wide, top = style.width / 2, curves.belt - 0.02
    wall = shapes.box(
        (end, 0.86 * wide, curves.floor - 0.05),
        (start, 0.955 * wide, top),
        spec.paint,
    )
    gate = shapes.box(
        (end - 0.02, -0.9 * wide, curves.floor - 0.1),
        (end + 0.08, 0.9 * wide, top),
        spec.paint,
    )
    floor = shapes.box(
        (end + 0.08, -0.86 * wide, curves.floor - 0.1),
        (start, 0.86 * wide, curves.floor + 0.04),
        (48, 48, 50),
    )
    return [*shapes.mirrored(wall), gate, floor]


def load_box(curves: outline.Outline) -> list[shapes.Mesh]:
    """The box of a truck, in its own colour."""
    spec, style = curves.spec, curves.style
    start, end = float(curves.x(1 - style.deck)) - 0.08, -style.length / 2
    wide, low = style.width / 2 * 1.02, curves.floor + 0.03
    top = style.height * (1.02 + 0.3 * style.roundness / 0.16)
    load = shapes.box((end, -wide, low), (start, wide, top), spec.accent)
    gap = shapes.box((end - 0.01, -0.015, low), (end, 0.015, top), (60, 60, 64))
    frame = shapes.box(
        (end - 0.015, -wide, low - 0.14), (start, wide, low), (60, 60, 64)
    )
    return [load, gap, frame]


def seats(curves: outline.Outline) -> list[shapes.Mesh]:
    """Two seats and a bench of a convertible."""
    spec, belt = curves.spec, curves.belt
    _, b, _, d = curves.glass
    wide = spec.style.width / 2
    parts = []
    for place, high in ((b + 0.11, 0.25), (b + 0.72 * (d - b), 0.17)):
        x = float(curves.x(place))
        back = shapes.box(
            (x - 0.12, 0.1 * wide, belt - 0.1),
            (x, 0.7 * wide, belt + high),
            spec.seat,
        )
        cushion = shapes.box(
            (x - 0.05, 0.1 * wide, belt - 0.1),
            (x + 0.42, 0.7 * wide, belt + 0.055),
            body.darker(spec.seat, 0.8),
        )
        parts += shapes.mirrored(back) + shapes.mirrored(cushion)
    return parts


def rails(curves: outline.Outline) -> list[shapes.Mesh]:
    """Two bars along the roof."""
    style = curves.style
    _, b, c, _ = curves.glass
    wide = 0.42 * style.roof_width * style.width
    first, last = b + 0.08 * (c - b), c - 0.05 * (c - b)
    high = float(curves.roof((first + last) / 2))
    bar = shapes.box(
        (float(curves.x(last)), wide - 0.05, high - 0.02),
        (float(curves.x(first)), wide, high + 0.1),
        car_parts.CHROME if curves.spec.spokes % 2 else car_parts.DARK,
    )
    return shapes.mirrored(bar)


def spoiler(curves: outline.Outline) -> list[shapes.Mesh]:
    """A wing above the tail, or at the end of the roof."""
    spec, style = curves.spec, curves.style
    end, wide = -style.length / 2, float(curves.half_width(0.96))
    if style.deck > 0.03:
        low, at = float(curves.top(0.95)) - 0.03, end + 0.05
    else:
        low, at = float(curves.roof(curves.glass[2])) - 0.06, end - 0.02
        at += style.length * (1 - curves.glass[2]) - 0.2
        wide *= style.roof_width
    wing = shapes.box(
        (at, -0.94 * wide, low + 0.16),
        (at + 0.26, 0.94 * wide, low + 0.21),
        spec.accent,
    )
    support = shapes.box(
        (at + 0.05, 0.66 * wide, low - 0.05),
        (at + 0.18, 0.72 * wide, low + 0.17),
        car_parts.DARK,
    )
    return [wing, *shapes.mirrored(support)]


def spare_wheel(curves: outline.Outline) -> list[shapes.Mesh]:
    """A wheel on the tail gate."""
    style = curves.style
    x, radius = -style.length / 2, 0.92 * style.wheel
    angles = np.arange(20) * (2 * np.pi / 20)
    ring = np.stack([0 * angles, np.cos(angles), np.sin(angles)], axis=1)
    centre = np.array([x + 0.05, 0.0, 0.55 * style.height])
    tyre = shapes.prism(
        (centre + radius * ring)[::-1], (-0.24, 0, 0), car_parts.TYRE
    )
    rim = shapes.prism(
        (centre + 0.55 * radius * ring)[::-1], (-0.26, 0, 0), curves.spec.hub
    )
    return [tyre, rim]

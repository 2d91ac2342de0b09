"""The body of a car and its cabin, as skins over cross-sections."""

from __future__ import annotations

import numpy as np

from npi_tf.canonicalization import outline
from npi_tf.canonicalization import shapes

# Across the body from sill to middle: share of the half width, share of the
# way from lower to upper edge.
BODY = np.array([
    (0.90, 0.00), (0.97, 0.16), (1.00, 0.52), (0.985, 0.76), (0.94, 0.94),
    (0.84, 1.00), (0.26, 1.02), (0.08, 1.02),
])  # fmt: skip
DOOR = 0.0035  # Half of the gap between doors, as a fraction of the length.


def mirror(half):
    """A half section and its mirror image: `[S, k, 3]` -> `[S, 2 k, 3]`."""
    return np.concatenate([half, half[:, ::-1] * [1, -1, 1]], axis=1)


def darker(colour, factor=0.45):
    """A darker shade."""
    return tuple(round(channel * factor) for channel in colour)


def body(curves: outline.Outline) -> shapes.Mesh:
    """Everything below the windows, from bumper to bumper."""
    spec = curves.spec
    places = _body_places(curves)
    x, w = curves.x(places), curves.half_width(places)
    low, high = curves.bottom(places), curves.top(places)
    across, up = BODY.T
    half = np.stack(
        np.broadcast_arrays(
            x[:, None],
            -w[:, None] * across,
            low[:, None] + (high - low)[:, None] * up,
        ),
        axis=-1,
    )  # [S, 8, 3]
    skin = np.empty((len(places) - 1, 15, 3), np.uint8)
    skin[:] = spec.paint
    middle = (places[:-1] + places[1:]) / 2
    _paint_body(skin, middle, spec)
    for door in doors(curves):
        gap = abs(middle - door) < DOOR
        skin[np.ix_(gap, [1, 2, 3, 11, 12, 13])] = darker(spec.paint)
    if "open" in spec.style.extras:
        a, _, _, d = curves.glass
        skin[np.ix_((middle > a) & (middle < d), range(5, 10))] = (38, 36, 36)
    return shapes.loft(mirror(half), skin)


def _paint_body(skin, middle, spec):
    """Stripes, cladding, a lower half of its own colour."""
    if spec.pattern == "lower":
        skin[:, [0, 1, 13, 14]] = spec.accent
    if spec.pattern == "moulding":
        skin[:, [2, 12]] = spec.accent
    if spec.pattern == "stripe":
        skin[:, 6:9] = spec.accent
    if spec.pattern == "two stripes":
        skin[:, [6, 8]] = spec.accent
    if "cladding" in spec.style.extras:
        skin[:, [0, 14]] = (52, 53, 56)


def _body_places(curves):
    """Where the body's sections are: closer where it bends."""
    style = curves.style
    arch = curves.arch / style.length * np.cos(np.linspace(0, np.pi, 13))
    bend = 0.9999 * np.concatenate([axle + arch for axle in curves.axles])
    gaps = np.array([[d - DOOR, d + DOOR] for d in doors(curves)]).ravel()
    ends = np.array([0, 0.012, 0.04, 0.09])
    start = np.array([1 - style.deck, 1 - style.deck + 0.004])
    places = np.concatenate(
        [np.linspace(0, 1, 25), bend, ends, 1 - ends, start, gaps, curves.glass]
    )
    return np.unique(np.clip(places, 0, 1).round(5))


def windows(curves: outline.Outline) -> list[tuple[float, float]]:
    """First and last place of each side window."""
    style = curves.style
    a, b, c, d = curves.glass
    first, last = a + 0.45 * (b - a), c + 0.25 * (d - c)
    count = style.windows
    if count == 1:  # A broad pillar behind the door.
        last -= 0.22 * (last - first)
    edges = np.linspace(first, last, count + 1)
    if count > 1:  # The last window is behind the doors, and shorter.
        edges[1:-1] += 0.12 * (edges[1] - edges[0])
    shown = 1 if "panel" in style.extras else count
    pillar = 0.055 / style.length
    return [
        (edges[i] + pillar * (i > 0), edges[i + 1] - pillar)
        for i in range(shown)
    ]


def doors(curves: outline.Outline) -> list[float]:
    """Places of the gaps in front of and behind the doors."""
    style = curves.style
    if "open" in style.extras:
        return [style.bonnet + 0.05, style.bonnet + 0.28]
    shown = windows(curves)
    first = style.bonnet + 0.35 * style.windscreen
    return [first] + [last + 0.02 / style.length for _, last in shown[:2]]


def cabin(curves: outline.Outline) -> shapes.Mesh:
    """Roof, pillars and windows."""
    style = curves.style
    places = _cabin_places(curves)
    belt, height = curves.belt, style.height
    high = curves.roof(places)
    foot = np.full_like(high, belt - 0.06)
    sill = np.minimum(belt + 0.05, high)
    head = np.clip(high - 0.11, sill, None)
    edge = np.clip(high - 0.03, sill, None)
    base = 0.91 * curves.half_width(places)
    slope = (0.91 - style.roof_width) * style.width / 2 / (height - belt)
    rows = []
    for z in (foot, sill, head, edge):
        rows.append((base - slope * np.clip(z - belt, 0, None), z))
    y = rows[-1][0]
    crown = 0.04 * np.clip((high - belt) / (height - belt), 0, 1)
    rows += [(0.93 * y, high), (0.30 * y, high + crown)]
    rows += [(0.09 * y, high + crown)]
    x = curves.x(places)
    half = np.stack(
        [np.stack([x, -y, z], axis=-1) for y, z in rows], axis=1
    )  # [S, 7, 3]
    return shapes.loft(mirror(half), _cabin_skin(curves, places))


def _cabin_places(curves):
    a, b, c, d = curves.glass
    if "open" in curves.style.extras:
        return np.array([a, a + 0.1 * (b - a), b, b + 0.006, b + 0.012])
    panes = np.array(windows(curves)).ravel()
    more = [a + f * (b - a) for f in (0.06, 0.5, 0.93)]
    more += [c + f * (d - c) for f in (0.12, 0.5, 0.8)]
    more += [b + f * (c - b) for f in (0.15, 0.3, 0.45, 0.6, 0.75, 0.9)]
    places = np.concatenate([[a, b, c, d], more, panes])
    return np.unique(places.round(5))


def _cabin_skin(curves, places):
    """Colours of the cabin's patches: `[S - 1, 13, 3]`."""
    spec = curves.spec
    a, b, c, d = curves.glass
    middle = (places[:-1] + places[1:]) / 2
    skin = np.empty((len(middle), 13, 3), np.uint8)
    skin[:] = spec.roof
    skin[:, [0, 12]] = spec.paint
    if spec.pattern in ("stripe", "two stripes"):
        skin[:, [5, 7] if spec.pattern != "stripe" else range(5, 8)] = (
            spec.accent
        )
    front = (middle > a + 0.06 * (b - a)) & (middle < a + 0.93 * (b - a))
    rear = (middle > c + 0.12 * (d - c)) & (middle < c + 0.8 * (d - c))
    skin[np.ix_(front | rear, range(4, 9))] = spec.glass
    if "open" in spec.style.extras:
        skin[np.ix_(middle > a, range(1, 12))] = spec.glass
        return skin
    for first, last in windows(curves):
        pane = (middle > first) & (middle < last)
        skin[np.ix_(pane, [1, 11])] = spec.glass
    return skin

"""Body styles of the generated cars: what is typical of each.

All lengths in metres, except those along the car, which are fractions of
its length, counted from the front: bonnet, windscreen, (roof,) rear window,
deck.
"""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Style:
    """A body style.

    Attributes:
        length, width, height: Of the body, in metres.
        bonnet, windscreen, rear_window, deck: Parts along the car, as
            fractions of its length; the roof takes the rest.
        nose, belt: Heights of the bonnet's tip and of the lower edge of
            the windows, as fractions of the height.
        clearance: Height of the sills above the ground, in metres.
        wheel: Radius of the wheels in metres.
        roof_width: Width of the roof as a fraction of that of the body.
        windows: Side windows, one behind the other.
        roundness: 0 for edges, 1 for an egg.
        extras: What it may carry: "bed", "box", "open", "rails",
            "spare wheel", "spoiler", "cladding", "panel", "ladder".
    """

    length: float
    width: float
    height: float
    bonnet: float
    windscreen: float
    rear_window: float
    deck: float
    nose: float = 0.52
    belt: float = 0.63
    clearance: float = 0.2
    wheel: float = 0.31
    roof_width: float = 0.74
    windows: int = 2
    roundness: float = 0.3
    extras: tuple[str, ...] = ()


STYLES = {
    "sedan": Style(4.6, 1.80, 1.45, 0.27, 0.13, 0.12, 0.15),
    "hatchback": Style(4.0, 1.74, 1.48, 0.24, 0.14, 0.09, 0.01),
    "estate": Style(4.8, 1.80, 1.47, 0.26, 0.12, 0.06, 0.01, windows=3),
    "suv": Style(
        4.6, 1.92, 1.75, 0.25, 0.10, 0.06, 0.01,
        nose=0.58, belt=0.64, clearance=0.33, wheel=0.38,
        roof_width=0.78, windows=3, extras=("cladding", "rails"),
    ),
    "van": Style(
        4.9, 1.94, 2.05, 0.12, 0.14, 0.02, 0.0,
        nose=0.47, belt=0.55, clearance=0.24, wheel=0.33,
        roof_width=0.86, windows=3, extras=("panel",),
    ),
    "pickup": Style(
        5.2, 1.90, 1.78, 0.24, 0.09, 0.02, 0.37,
        nose=0.56, belt=0.62, clearance=0.36, wheel=0.39,
        roof_width=0.78, extras=("bed", "cladding"),
    ),
    "coupe": Style(
        4.5, 1.84, 1.34, 0.30, 0.14, 0.20, 0.09,
        nose=0.54, belt=0.66, wheel=0.33, windows=1, roundness=0.5,
    ),
    "sports": Style(
        4.3, 1.94, 1.14, 0.22, 0.20, 0.26, 0.06,
        nose=0.48, belt=0.68, clearance=0.13, wheel=0.34,
        roof_width=0.66, windows=1, roundness=0.6, extras=("spoiler",),
    ),
    "convertible": Style(
        4.2, 1.78, 1.32, 0.30, 0.11, 0.0, 0.24,
        nose=0.54, belt=0.66, windows=1, roundness=0.5, extras=("open",),
    ),
    "limousine": Style(
        6.4, 1.86, 1.46, 0.20, 0.09, 0.08, 0.12, windows=4,
    ),
    "mini": Style(
        3.2, 1.62, 1.50, 0.18, 0.15, 0.08, 0.0,
        wheel=0.28, windows=1, roundness=0.6,
    ),
    "beetle": Style(
        4.0, 1.66, 1.48, 0.28, 0.12, 0.20, 0.14,
        nose=0.50, belt=0.60, wheel=0.33, windows=2, roundness=1.0,
        roof_width=0.62,
    ),
    "jeep": Style(
        3.9, 1.78, 1.88, 0.29, 0.05, 0.01, 0.0,
        nose=0.55, belt=0.60, clearance=0.40, wheel=0.40,
        roof_width=0.86, roundness=0.05,
        extras=("spare wheel", "cladding"),
    ),
    "camper": Style(
        4.7, 1.90, 2.10, 0.03, 0.09, 0.04, 0.0,
        nose=0.44, belt=0.53, clearance=0.24, wheel=0.33,
        roof_width=0.84, windows=4, roundness=0.4, extras=("rails",),
    ),
    "truck": Style(
        5.6, 1.95, 1.95, 0.10, 0.08, 0.01, 0.58,
        nose=0.50, belt=0.58, clearance=0.34, wheel=0.40,
        roof_width=0.84, windows=1, roundness=0.1, extras=("box",),
    ),
}  # fmt: skip

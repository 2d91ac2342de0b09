"""The generated fleet: 180 cars, each a body style with its own variations.

A car depends on its number only, so that every machine has the same fleet.
The split is frozen; style goes by number, so that each part of it has every
style.
"""

from __future__ import annotations

import colorsys
import dataclasses
import re

import numpy as np

from npi_tf.canonicalization import styles

NUM_CARS = 180
SPLITS = {
    "train": range(0, 120),
    "validation": range(120, 140),
    "test": range(140, 180),
}
SEED = 151106279

# Hue in degrees, saturation, value of paints.
PAINTS = (
    (0, 0.00, 0.93), (0, 0.00, 0.93), (220, 0.05, 0.74), (220, 0.05, 0.74),
    (220, 0.08, 0.46), (220, 0.08, 0.46), (230, 0.20, 0.18), (230, 0.2, 0.18),
    (358, 0.85, 0.80), (358, 0.85, 0.80), (350, 0.75, 0.48), (18, 0.85, 0.90),
    (30, 0.60, 0.45), (44, 0.30, 0.82), (50, 0.90, 0.95), (75, 0.70, 0.70),
    (120, 0.55, 0.50), (150, 0.70, 0.34), (175, 0.65, 0.62),
    (198, 0.45, 0.85), (214, 0.80, 0.75), (214, 0.80, 0.75), (226, 0.8, 0.45),
    (268, 0.50, 0.52), (315, 0.55, 0.50), (335, 0.45, 0.88),
)  # fmt: skip
GLASS = ((52, 62, 74), (30, 34, 40), (88, 112, 132), (58, 84, 78))
PLASTIC = ((44, 46, 50), (72, 75, 80), (170, 174, 180))
HUBS = ((196, 199, 204), (150, 153, 160), (62, 64, 70), (206, 170, 90))
LAMPS = ((255, 252, 232), (250, 244, 190), (232, 244, 255))
PLATES = ((248, 248, 244), (246, 214, 70))
SEATS = ((150, 96, 52), (196, 178, 146), (130, 24, 28), (52, 52, 58))


@dataclasses.dataclass(frozen=True)
class CarSpec:
    """What a generated car looks like.

    Attributes:
        name: Such as "car-017".
        style_name: Key of `styles.STYLES`.
        style: That style with this car's own proportions and extras.
        paint, roof, accent, glass, plastic, hub, lamp, plate, seat: Colours;
            `accent` is that of stripes, the lower half or the box.
        pattern: "plain", "stripe", "two stripes", "moulding" or "lower".
        spokes: Of the wheels; 0 for plain covers.
        front_lights: "round", "box" or "slit".
        rear_lights: "upright", "box", "bar" or "round".
        grille: "wide", "narrow", "split" or "none".
    """

    name: str
    style_name: str
    style: styles.Style
    paint: tuple[int, int, int]
    roof: tuple[int, int, int]
    accent: tuple[int, int, int]
    glass: tuple[int, int, int]
    plastic: tuple[int, int, int]
    hub: tuple[int, int, int]
    lamp: tuple[int, int, int]
    plate: tuple[int, int, int]
    seat: tuple[int, int, int]
    pattern: str
    spokes: int
    front_lights: str
    rear_lights: str
    grille: str


def name(index: int) -> str:
    """The name of car `index`.

    >>> name(17)
    'car-017'
    """
    return f"car-{index:03d}"


def is_name(car: str) -> bool:
    """Whether `car` is meant as a name of the fleet, not as a path.

    >>> is_name("car-017"), is_name("cars/017.obj")
    (True, False)
    """
    named = isinstance(car, str) and re.fullmatch(r"car-[0-9]{3}", car)
    return bool(named)


def index(car: str) -> int:
    """The number of a generated car.

    Raises:
        ValueError: If the fleet has no such car.
    """
    number = int(car[-3:]) if is_name(car) else NUM_CARS
    if number >= NUM_CARS:
        raise ValueError(
            f"car: must be one of {name(0)} to {name(NUM_CARS - 1)}, "
            f"got {car!r}"
        )
    return number


def names(split: str) -> tuple[str, ...]:
    """Names of the cars of a split: "train", "validation" or "test".

    Raises:
        ValueError: If there is no such split.
    """
    if not isinstance(split, str) or split not in SPLITS:
        raise ValueError(
            f"split: must be one of {sorted(SPLITS)}, got {split!r}"
        )
    return tuple(name(number) for number in SPLITS[split])


def spec(index: int) -> CarSpec:
    """The description of car `index`.

    Raises:
        ValueError: If `index` is not in 0 to 179.
    """
    is_number = isinstance(index, int | np.integer)
    if not is_number or not 0 <= index < NUM_CARS:
        raise ValueError(f"index: must be 0 to {NUM_CARS - 1}, got {index!r}")
    draw = np.random.default_rng([SEED, index])
    style_name = list(styles.STYLES)[index % len(styles.STYLES)]
    paint = _paint(draw)
    two_tone = draw.random() < 0.22
    return CarSpec(
        name=name(index),
        style_name=style_name,
        style=_vary(styles.STYLES[style_name], draw),
        paint=paint,
        roof=_paint(draw) if two_tone else paint,
        accent=_paint(draw),
        glass=_pick(draw, GLASS),
        plastic=_pick(draw, (*PLASTIC, paint)),
        hub=_pick(draw, HUBS),
        lamp=_pick(draw, LAMPS),
        plate=_pick(draw, PLATES),
        seat=_pick(draw, SEATS),
        pattern=_pick(
            draw,
            ("plain",) * 4 + ("stripe", "two stripes", "moulding", "lower"),
        ),
        spokes=_pick(draw, (0, 3, 4, 5, 6, 8)),
        front_lights=_front_lights(style_name, draw),
        rear_lights=_pick(draw, ("upright", "box", "bar", "round")),
        grille=_pick(draw, ("wide", "narrow", "split", "none")),
    )


def _pick(draw, choices):
    return choices[draw.integers(len(choices))]


def _paint(draw) -> tuple[int, int, int]:
    """A paint, each a little different."""
    hue, saturation, value = _pick(draw, PAINTS)
    rgb = colorsys.hsv_to_rgb(
        (hue / 360 + draw.uniform(-0.02, 0.02)) % 1,
        float(np.clip(saturation * draw.uniform(0.8, 1.15), 0, 1)),
        float(np.clip(value * draw.uniform(0.88, 1.06), 0, 1)),
    )
    return tuple(round(255 * channel) for channel in rgb)


def _front_lights(style_name, draw) -> str:
    if style_name in ("beetle", "jeep"):
        return "round"
    return _pick(draw, ("round", "box", "box", "slit"))


def _vary(style: styles.Style, draw) -> styles.Style:
    """The style with proportions and extras of one car."""
    around = {
        "length": 0.06, "width": 0.04, "height": 0.06, "bonnet": 0.10,
        "windscreen": 0.18, "rear_window": 0.25, "deck": 0.12, "nose": 0.05,
        "belt": 0.03, "clearance": 0.15, "wheel": 0.08, "roof_width": 0.04,
        "roundness": 0.6,
    }  # fmt: skip
    changed = {
        field: float(getattr(style, field) * draw.uniform(1 - by, 1 + by))
        for field, by in around.items()
    }
    changed["roundness"] = min(changed["roundness"], 1.0)
    extras = tuple(e for e in style.extras if _keeps(e, draw))
    if draw.random() < 0.12 and not set(extras) & {"bed", "box", "open"}:
        extras += (_pick(draw, ("rails", "spoiler", "cladding")),)
    return dataclasses.replace(style, extras=extras, **changed)


def _keeps(extra, draw) -> bool:
    always = extra in ("bed", "open", "box")
    return draw.random() < (1.0 if always else 0.6)

"""The outline of a car: its heights and widths along its length.

Places along the car are fractions of its length, 0 at the front.
"""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

from npi_tf.canonicalization import fleet


@dataclasses.dataclass(frozen=True)
class Outline:
    """Curves of one car, in metres; the ground is z = 0.

    Args:
        spec: The car.
    """

    spec: fleet.CarSpec

    @property
    def style(self):
        """Its proportions."""
        return self.spec.style

    def x(self, places):
        """Coordinate of places along the car; the front is +x."""
        return self.style.length * (0.5 - np.asarray(places))

    @property
    def belt(self) -> float:
        """Height of the lower edge of the windows."""
        return self.style.height * self.style.belt

    @property
    def floor(self) -> float:
        """Height of the floor of a bed."""
        return max(0.42 * self.style.height, 2 * self.style.wheel)

    @property
    def glass(self) -> tuple[float, float, float, float]:
        """Places: foot and top of the windscreen, top and foot of the rear."""
        style = self.style
        foot = 1.0 - style.deck
        return (
            style.bonnet,
            style.bonnet + style.windscreen,
            foot - style.rear_window,
            foot,
        )

    @functools.cached_property
    def axles(self) -> tuple[float, float]:
        """Places of the two axles."""
        usual = min(self.style.length, 4.8) / self.style.length
        return 0.185 * usual, 1 - 0.195 * usual

    def half_width(self, places):
        """Half of the width; the ends are narrower."""
        places, style = np.asarray(places), self.style
        front = np.clip(1 - places / 0.16, 0, 1) ** 2.5
        rear = np.clip(1 - (1 - places) / 0.12, 0, 1) ** 2.5
        narrower = (0.10 + 0.18 * style.roundness) * front
        narrower = narrower + (0.05 + 0.15 * style.roundness) * rear
        return style.width / 2 * (1 - narrower)

    def top(self, places):
        """Upper edge of the body without its cabin."""
        style, belt = self.style, self.belt
        nose = style.nose * style.height
        drop = 0.06 + 0.16 * style.roundness
        fall = drop if style.deck > 0.03 else 0.04
        tail = belt + (0.02 if style.deck > 0.03 else 0.0)
        knots = [
            (0.0, nose - drop),
            (0.012, nose - 0.45 * drop),
            (0.04, nose - 0.1 * drop),
            (0.09, nose),
            (max(style.bonnet, 0.1), belt),
            (max(1 - style.deck, 0.9), tail),
            (0.96, tail - 0.15 * fall),
            (0.988, tail - 0.45 * fall),
            (1.0, tail - fall),
        ]
        if {"bed", "box"} & set(style.extras):
            start = 1 - style.deck
            knots[5:] = [
                (start, belt),
                (start + 0.004, self.floor),
                (1.0, self.floor),
            ]
        return np.interp(places, *np.transpose(knots))

    def bottom(self, places):
        """Lower edge of the body, with arches over the wheels."""
        style = self.style
        places = np.asarray(places)
        ends = np.minimum(places, 1 - places)
        edge = style.clearance + 0.08 * np.clip(1 - ends / 0.08, 0, 1)
        for axle in self.axles:
            beside = (places - axle) * style.length
            rise = np.maximum(self.arch**2 - beside**2, 0) ** 0.5
            arch = np.where(rise > 0, style.wheel + rise, 0)
            edge = np.maximum(edge, arch)
        return np.minimum(edge, self.top(places) - 0.05)

    @property
    def arch(self) -> float:
        """Radius of the arches over the wheels."""
        return 1.17 * self.style.wheel

    def roof(self, places):
        """Upper edge of the cabin."""
        style, belt, height = self.style, self.belt, self.style.height
        a, b, c, d = self.glass
        bulge = 0.02 + 0.07 * style.roundness
        sink = 0.02 + 0.09 * style.roundness
        knots = [
            (a, belt),
            ((a + b) / 2, (belt + height - sink) / 2 + bulge),
            (b, height - sink),
            (b + 0.3 * (c - b), height),
            (b + 0.6 * (c - b), height - 0.1 * sink),
            (c, height - 1.2 * sink),
            ((c + d) / 2, (belt + height - 1.2 * sink) / 2 + bulge),
            (d, belt),
        ]
        if "open" in style.extras:
            knots = [(a, belt), (b, 0.98 * height), (b + 0.012, belt)]
        return np.interp(places, *np.transpose(knots))

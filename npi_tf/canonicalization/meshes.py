"""Meshes of the generated cars."""

from __future__ import annotations

from npi_tf.canonicalization import body
from npi_tf.canonicalization import car_extras
from npi_tf.canonicalization import car_parts
from npi_tf.canonicalization import fleet
from npi_tf.canonicalization import outline
from npi_tf.canonicalization import shapes


def parts(spec: fleet.CarSpec) -> list[shapes.Mesh]:
    """The parts of a car in metres: front +x, left +y, up +z, ground 0."""
    curves = outline.Outline(spec)
    return [
        body.body(curves),
        body.cabin(curves),
        car_parts.underside(curves),
        *car_parts.wheels(curves),
        *car_parts.bumpers(curves),
        *car_parts.front_lights(curves),
        *car_parts.rear_lights(curves),
        *car_parts.grille(curves),
        *car_parts.mirrors(curves),
        *car_extras.extras(curves),
    ]


def build(spec: fleet.CarSpec) -> shapes.Mesh:
    """The mesh of a car, centred; its longest side is 1."""
    return shapes.normalise(shapes.weld(shapes.join(parts(spec))))

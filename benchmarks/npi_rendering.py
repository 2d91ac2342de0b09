"""Pictures of cars: one window for all, a new one for each, and none."""

from __future__ import annotations

import itertools

import numpy as np

from benchmarks import measure
from npi_tf.canonicalization import draw_process
from npi_tf.canonicalization import fleet
from npi_tf.canonicalization import picture_frames
from npi_tf.canonicalization import renderer
from npi_tf.canonicalization import shapes

# Smaller than a pixel: what is left are window, background and reading back.
SPECK = shapes.Mesh(
    np.array([[0, 0, 0], [0, 1e-3, 0], [0, 0, 1e-3]], float),
    np.array([[0, 1, 2]]),
    np.zeros([1, 3], np.uint8),
)

Problem = tuple[str, int, int]  # Car, azimuth, elevation.


def views(num_cars: int, count: int) -> list[Problem]:
    """Cars in turn, each time from another pose."""
    cars = itertools.cycle(fleet.names("train")[:num_cars])
    poses = itertools.cycle(picture_frames.POSES[::7])
    return [(car, *pose) for car, pose, _ in zip(cars, poses, range(count))]


def cases(
    num_cars: int, num_pictures: int, num_naive: int
) -> dict[str, measure.Case]:
    """Drawing pictures in turns, all by 128 x 128 pixels.

    Args:
        num_cars: That are drawn; known before the clock starts.
        num_pictures: Drawn or read back in one run.
        num_naive: Drawn in a window of their own.

    Raises:
        RuntimeError: If VTK is missing or finds no off-screen context.
    """
    chosen = views(num_cars, num_pictures)
    drawer = renderer.Renderer()
    process = draw_process.DrawProcess(renderer.SIZE)
    process.call("add", 0, SPECK, True)
    one_by_one = draw_process.DrawProcess(renderer.SIZE)
    return {
        "render": _case(drawer.render, chosen),
        "render_naive": _case(
            lambda *view: draw_afresh(one_by_one, *view), chosen[:num_naive]
        ),
        "render_speck": _case(
            lambda car, *pose: _draw(process, *pose), chosen, blank=True
        ),
        "read_back": _case(
            lambda *view: process.call("_pixels"), chosen, blank=True
        ),
    }


def draw_afresh(
    process: draw_process.DrawProcess, car: str, azimuth: int, elevation: int
) -> np.ndarray:
    """A picture for which window, lights and mesh are made anew."""
    process.call("__init__", renderer.SIZE)
    process.call("add", 0, renderer.load(car), True)
    return _draw(process, azimuth, elevation)


def _draw(process, azimuth, elevation):
    """What `Renderer.render` asks for, of the mesh with number 0."""
    return process.call(
        "draw",
        0,
        float(azimuth),
        float(elevation),
        renderer.CAMERA_DISTANCE,
        renderer.LIGHT_DIRECTION,
        renderer.BACKGROUND,
    )


def _case(draw, chosen, blank=False):
    def run():
        return [draw(*view) for view in chosen]

    def count(pictures):
        for view, picture in zip(chosen, pictures, strict=True):
            check(view, picture, blank)
        return {"pictures": len(pictures)}

    return measure.Case(run, count, run)


def check(view: Problem, picture: np.ndarray, blank: bool) -> None:
    """Refuses a picture of another size, or without a car.

    Raises:
        RuntimeError: If there is something on it that should not be, or
            the other way round.
    """
    seen = (picture != 255).any(axis=-1).mean()
    right = seen < 0.01 if blank else seen > 0.05
    if picture.shape != (renderer.SIZE, renderer.SIZE, 3) or not right:
        raise RuntimeError(
            f"{view}: got {picture.shape}, {seen:.1%} of it not white"
        )

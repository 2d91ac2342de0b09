"""The data set of rendered cars: one example is one car from all poses."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import os
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from data_gen.npi_traces import config as config_lib
from data_gen.npi_traces import problems
from npi_tf.canonicalization import environment
from npi_tf.canonicalization import fleet
from npi_tf.canonicalization import mesh_digest
from npi_tf.canonicalization import meshes
from npi_tf.canonicalization import picture_frames
from npi_tf.canonicalization import renderer
from npi_tf.canonicalization import view_checks


@dataclasses.dataclass(eq=False, kw_only=True)
class CarsConfig(config_lib.NpiTracesConfig):
    """Which cars are rendered; lengths and problems of each do not matter.

    A car is the name of a generated one or the path of a mesh file. A split
    that is not given is the generated fleet's. Where another one holds mesh
    files, all three must be given, so that the fleet is never mixed with
    them unasked.

    Attributes:
        train_cars: Training cars.
        validation_cars: The same for validation; empty for no split.
        test_cars: Those never trained on; empty for no split.
        changes: Further arguments of `Renderer.render`, such as `{"hue":
            60.0}`, for all pictures.

    Raises:
        ValueError: If there is no car, one is no name or path or is there
            twice, a split is missing beside mesh files, or a change is none
            that `Renderer.render` takes.
    """

    domain: str = "canonicalization"
    train_cars: tuple[str, ...] | None = None
    validation_cars: tuple[str, ...] | None = None
    test_cars: tuple[str, ...] | None = None
    changes: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def __post_init__(self):
        super().__post_init__()
        self._complete_splits()
        _check_once(self._all_cars())
        view_checks.check_changes(self.changes)
        if self.use_beam:
            raise ValueError("use_beam: must be False for cars, got True")

    def _complete_splits(self) -> None:
        """Checks the splits that are given; the others are the fleet's."""
        given = {
            f"{split}_cars": _check_cars(f"{split}_cars", self.cars(split))
            for split in problems.SPLITS
            if self.cars(split) is not None
        }
        files = [c for cs in given.values() for c in cs if not fleet.is_name(c)]
        for split in problems.SPLITS:
            name = f"{split}_cars"
            if files and name not in given:
                raise ValueError(
                    f"{name}: must be given (() for none) where other cars "
                    f"are mesh files, got none beside {files[0]!r}"
                )
            setattr(self, name, given.get(name, fleet.names(split)))

    def _all_cars(self) -> list[str]:
        return [car for s in problems.SPLITS for car in self.cars(s)]

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits that hold cars."""
        return tuple(s for s in problems.SPLITS if self.cars(s))

    def cars(self, split: str) -> tuple[str, ...]:
        """Names of the cars of a split."""
        return getattr(self, f"{split}_cars")

    @property
    def recipe(self) -> dict[str, Any]:
        """What identifies the records, as JSON.

        `teacher` is a digest of the frames and `fleet` of how the cars are
        made or what their files hold, so that records of changed programs,
        of another fleet or of changed meshes are not taken for current
        ones.

        Raises:
            ValueError: If the file of a car is missing.
        """
        recipe = {f"{s}_cars": list(self.cars(s)) for s in problems.SPLITS}
        recipe["changes"] = {k: repr(v) for k, v in self.changes.items()}
        recipe["fleet"] = _fleet_digest(tuple(self._all_cars()))
        frames = picture_frames.frames_of_a_car().arrays().values()
        recipe["teacher"] = _digest(b"".join(a.tobytes() for a in frames))
        return recipe

    def features(self) -> tfds.features.FeaturesDict:
        """What an example holds: a car, its pictures, and the frames."""
        frames = picture_frames.frames_of_a_car().arrays()
        integers = {
            name: tfds.features.Tensor(
                shape=array.shape, dtype=array.dtype, doc=_DOCS[name]
            )
            for name, array in frames.items()
        }
        return tfds.features.FeaturesDict(
            {
                "car": tfds.features.Text(doc="The car's name."),
                "poses": tfds.features.Tensor(
                    shape=(picture_frames.NUM_POSES, 2),
                    dtype=np.int32,
                    doc="Azimuth and elevation of each picture in degrees.",
                ),
                "images": tfds.features.Sequence(
                    tfds.features.Image(
                        shape=environment.IMAGE_SHAPE, encoding_format="png"
                    ),
                    length=picture_frames.NUM_POSES,
                    doc="The pictures.",
                ),
                "frames": integers,
            }
        )

    def generate(self, split: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yields the keyed examples of a split, rendering each car."""
        poses = np.array(picture_frames.POSES, np.int32)
        for car in self.cars(split):
            images = [
                renderer.render(car, *map(int, pose), **self.changes)
                for pose in poses
            ]
            yield (
                car,
                {
                    "car": car,
                    "poses": poses,
                    "images": images,
                    "frames": picture_frames.frames_of_a_car().arrays(),
                },
            )


_DOCS = {
    "program": "The program that runs.",
    "arguments": "Its arguments.",
    "observations": "Before each step: the target's bins, number of a picture.",
    "calls": "Index of the program called, or -1.",
    "call_arguments": "Its arguments.",
    "ends": "1 on the step that returns, else 0; -1 after it.",
    "count": "How often the frame occurs from all 55 starts.",
}


def _check_cars(name: str, cars: Any) -> tuple[str, ...]:
    """The cars of a split as a tuple; refuses what names none."""
    is_one = isinstance(cars, str | os.PathLike)
    if is_one or not isinstance(cars, Iterable):
        raise ValueError(
            f"{name}: must be a sequence of names or paths, got {cars!r}"
        )
    cars = tuple(cars)
    for car in cars:
        if not isinstance(car, str | os.PathLike):
            raise ValueError(f"{name}: must be names or paths, got {car!r}")
        if fleet.is_name(car):
            fleet.index(car)  # Raises if the fleet has no such car.
    return tuple(map(os.fspath, cars))


def _check_once(cars: list[str]) -> None:
    """Refuses none, and a car that is there twice by whatever path."""
    if not cars:
        raise ValueError("train_cars: must hold a car, got none")
    seen = {}
    for car in cars:
        place = car if fleet.is_name(car) else os.path.realpath(car)
        if place in seen:
            raise ValueError(
                "train_cars: every car must be in one split once, got "
                f"{seen[place]!r} and {car!r}"
            )
        seen[place] = car


def _fleet_digest(cars: tuple[str, ...]) -> str:
    """Of how generated cars are made, and of the files of the others."""
    content = _made_content(tuple(filter(fleet.is_name, cars)))
    files = [car for car in cars if not fleet.is_name(car)]
    return _digest(content + "".join(map(mesh_digest.digest, files)).encode())


@functools.cache
def _made_content(cars: tuple[str, ...]) -> bytes:
    """The description of generated cars, and the shape of the first."""
    made = [fleet.spec(fleet.index(car)) for car in cars]
    content = "".join(map(repr, made)).encode()
    if made:  # Rounded, as machines differ in the last bits.
        vertices = meshes.build(made[0]).vertices
        content += (1e4 * vertices).astype(np.int32).tobytes()
    return content


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=8).hexdigest()


CANONICALIZATION = CarsConfig(
    name="canonicalization",
    description="180 generated cars, each rendered from 55 poses.",
)

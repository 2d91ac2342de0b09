"""The data set of rendered cars: one example is one car from all poses."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from data_gen.npi_traces import config as config_lib
from data_gen.npi_traces import problems
from npi_tf.canonicalization import environment
from npi_tf.canonicalization import fleet
from npi_tf.canonicalization import meshes
from npi_tf.canonicalization import picture_frames


@dataclasses.dataclass(eq=False, kw_only=True)
class CarsConfig(config_lib.NpiTracesConfig):
    """Which cars are rendered; lengths and problems of each do not matter.

    Attributes:
        train_cars: Training cars, by name; the generated fleet's by default.
        validation_cars: The same for validation; empty for no split.
        test_cars: Those never trained on; empty for no split.
        changes: Further arguments of `Renderer.render`, such as `{"hue":
            60.0}`, for all pictures.

    Raises:
        ValueError: If there is no car, or a car is in two splits.
    """

    domain: str = "canonicalization"
    train_cars: tuple[str, ...] = fleet.names("train")
    validation_cars: tuple[str, ...] = fleet.names("validation")
    test_cars: tuple[str, ...] = fleet.names("test")
    changes: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def __post_init__(self):
        super().__post_init__()
        cars = [car for split in problems.SPLITS for car in self.cars(split)]
        if not cars:
            raise ValueError("train_cars: must hold a car, got none")
        if len(set(cars)) < len(cars):
            raise ValueError(
                f"train_cars: every car must be in one split once, got {cars}"
            )
        if self.use_beam:
            raise ValueError("use_beam: must be False for cars, got True")

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits that hold cars."""
        return tuple(s for s in problems.SPLITS if self.cars(s))

    def cars(self, split: str) -> tuple[str, ...]:
        """Names of the cars of a split."""
        return getattr(self, f"{split}_cars")

    @functools.cached_property
    def recipe(self) -> dict[str, Any]:
        """What identifies the records, as JSON.

        `teacher` is a digest of the frames and `fleet` of how the cars are
        made, so that records of changed programs or of another fleet are not
        taken for current ones.
        """
        recipe = {f"{s}_cars": list(self.cars(s)) for s in problems.SPLITS}
        recipe["changes"] = {k: repr(v) for k, v in self.changes.items()}
        recipe["fleet"] = self._fleet_digest()
        frames = picture_frames.frames_of_a_car().arrays().values()
        recipe["teacher"] = _digest(b"".join(a.tobytes() for a in frames))
        return recipe

    def _fleet_digest(self) -> str:
        """Of the description of all cars and the shape of the first."""
        cars = [car for split in self.splits for car in self.cars(split)]
        made = [fleet.index(car) for car in cars if fleet.is_name(car)]
        content = "".join(repr(fleet.spec(index)) for index in made).encode()
        if made:  # Rounded, as machines differ in the last bits.
            mesh = meshes.build(fleet.spec(made[0]))
            content += (1e4 * mesh.vertices).astype(np.int32).tobytes()
        return _digest(content)

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
        from npi_tf.canonicalization import renderer

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


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=8).hexdigest()


CANONICALIZATION = CarsConfig(
    name="canonicalization",
    description="180 generated cars, each rendered from 55 poses.",
)

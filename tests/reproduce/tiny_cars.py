"""Cars that are numbers on tiny pictures, and a model that looks at them.

    python -m tests.reproduce.tiny_cars npi_multitask --smoke

runs a script of reproduce/ on such cars and on a few sums and arrays.
"""

import sys

import keras
import numpy as np

import npi_tf
from data_gen import load
from data_gen import load_cars
from npi_tf import addition
from npi_tf import canonicalization
from npi_tf import sorting
from npi_tf.canonicalization import encoder as encoder_lib
from npi_tf.canonicalization import picture_frames
from tests.reproduce import script

DOMAIN = canonicalization.CANONICALIZATION
SIZE = 16
PROBLEMS = {
    "addition": (addition.ADDITION, [("96", "125"), ("5", "99")]),
    "sorting": (sorting.SORTING, [(9, 2, 5), (1, 0), (3, 3, 1, 2)]),
}


def numbered_images(cars=3, size=SIZE):
    """Pictures that show the number of their car and of their pose."""
    images = np.zeros((cars, 55, size, size, 3), np.uint8)
    images[..., 0] = np.arange(cars)[:, None, None, None]
    images[..., 1] = np.arange(55)[:, None, None]
    return images


def small_model():
    """A model of the domain for these pictures, untrained."""
    keras.utils.set_random_seed(0)
    sizes = tuple(len(spec.values) for spec in DOMAIN.arguments)
    encoder = encoder_lib.ImageEncoder(
        (24, 24), (SIZE, SIZE, 3), sizes, (4, 4), (3, 3), 8, 8, 16
    )
    return npi_tf.NPI(
        DOMAIN.program_names,
        {DOMAIN.name: encoder},
        sizes,
        key_dim=8,
        embedding_dim=8,
        state_dim=16,
        fuse_dim=16,
        hidden_dim=16,
    )


def obedient_model(call, arguments=(0, 0, 0), end=True):
    """A model that says the same on every step, whatever it sees."""
    model = small_model()
    biases = [
        (model.core.key, np.eye(8)[model.programs.index(call)]),
        (model.core.end, [1.0 if end else -1.0]),
    ]
    for head, value in zip(model.core.argument_heads, arguments):
        biases.append((head, np.eye(head.units)[value]))
    for layer, bias in biases:
        layer.set_weights([np.zeros(layer.kernel.shape), np.asarray(bias)])
    model.memory.keys[0].assign(np.eye(len(model.programs), 8))
    return model


def shrink():
    """Replaces the data sets, so that nothing is generated or rendered."""

    def cars(split="train", config=None, data_dir=None):
        names = {"train": ("car-000", "car-001")}.get(split, ("car-140",))
        return load_cars.Cars(
            names,
            np.array(picture_frames.POSES),
            numbered_images(len(names), 128),
            picture_frames.frames_of_a_car(),
        )

    def frames(split, config):
        taught = npi_tf.teach(*PROBLEMS[config])
        # Each program that is validated costs a compilation.
        return taught.rows(slice(0, 1)) if split == "validation" else taught

    load_cars.load = cars
    load.load_frames = frames
    load.load_problems = lambda split, config: PROBLEMS[config][1]


def main():
    shrink()
    script.become(*sys.argv[1:])


if __name__ == "__main__":
    main()

"""Draws all cars of the generated fleet on one sheet.

python -m reproduce.npi_cars_figure docs/images/cars.png

Each column is a body style, each row the next 15 numbers: the first eight
rows are for training, the last two and two thirds are unseen cars.
"""

from __future__ import annotations

import pathlib

import numpy as np

from npi_tf.canonicalization import fleet
from npi_tf.canonicalization import renderer
from npi_tf.canonicalization import styles
from reproduce import command_line

SIZE = 96  # Pixels of a picture.
MARGIN = 14  # Rows of each picture that no car reaches, cut off.
POSE = (35, 15)
COLOURS = 255  # Of the sheet: a palette makes the file small.


def sheet(size: int = SIZE, margin: int = MARGIN) -> np.ndarray:
    """The pictures of all cars, by style and number.

    Args:
        size: Pixels of each picture.
        margin: Rows cut off above and below.

    Returns:
        uint8 `[12 * (size - 2 * margin), 15 * size, 3]`.
    """
    drawer = renderer.Renderer(size)
    pictures = np.stack(
        [
            drawer.render(fleet.name(number), *POSE)[margin : size - margin]
            for number in range(fleet.NUM_CARS)
        ]
    )  # [180, height, size, 3]
    height, columns = size - 2 * margin, len(styles.STYLES)
    grid = pictures.reshape(-1, columns, height, size, 3)
    return grid.swapaxes(1, 2).reshape(-1, columns * size, 3)


def draw(path: str) -> pathlib.Path:
    """Writes the sheet as PNG.

    Args:
        path: Where to.
    """
    from PIL import Image

    picture = Image.fromarray(sheet()).quantize(COLOURS)
    picture.save(path, optimize=True)
    return pathlib.Path(path)


if __name__ == "__main__":
    print(draw(command_line.path(__doc__)))

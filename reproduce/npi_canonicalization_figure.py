"""Draws Figure 7: what the camera sees along runs, with their traces.

python -m reproduce.npi_canonicalization_figure docs/images/npi_figure_7.png

The starts are the paper's, the cars are unseen ones, and the calls are those
of the preset.
"""

from __future__ import annotations

import pathlib

import numpy as np

import npi_tf
from npi_tf import canonicalization
from npi_tf import specs
from npi_tf.canonicalization import environment
from npi_tf.canonicalization import renderer
from reproduce import command_line

# Figure 7 a to d, on four of the unseen cars.
PROBLEMS = (
    ("car-143", -15, 0),
    ("car-149", -45, 45),
    ("car-157", 75, 0),
    ("car-171", 15, 30),
)
_MARGIN = 6  # Rows above and below a picture that are cut off.


def frames(run: npi_tf.Run, problem: tuple) -> list[np.ndarray]:
    """The pictures along a run: before each move, and at the end.

    Args:
        run: Of the preset, with its trace.
        problem: Car, azimuth and elevation.
    """
    num_features = len(environment.OBSERVATIONS.features)
    seen = [
        np.asarray(node.steps[0].observation)[num_features:]
        for _, node in run.trace.walk()
        if node.program == specs.ACT and any(node.arguments)
    ]
    pictures = [
        picture.astype(np.uint8).reshape(environment.IMAGE_SHAPE)
        for picture in seen
    ]
    last = run.output or problem[1:]
    return [*pictures, renderer.render(problem[0], *last)]


def draw(path: str, preset: str = "canonicalization") -> pathlib.Path:
    """Writes the figure as PNG.

    Args:
        path: Where to.
        preset: Name or folder of the trained model.
    """
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    domain = canonicalization.CANONICALIZATION
    model = npi_tf.NPI.from_preset(preset)
    runs = model.run(domain, list(PROBLEMS), trace=True)
    strips = [frames(run, p) for run, p in zip(runs, PROBLEMS)]
    columns = max(map(len, strips)) + 1
    figure, grid = pyplot.subplots(
        len(runs), columns, figsize=(1.25 * columns, 1.35 * len(runs))
    )
    for axes in grid.flat:
        axes.axis("off")
    for row, run, strip, problem in zip(grid, runs, strips, PROBLEMS):
        for axes, picture in zip(row, strip):
            axes.imshow(picture[_MARGIN:-_MARGIN])
        row[0].set_title(
            f"{problem[0]}: {problem[1]}°, {problem[2]}°",
            fontsize=7,
            loc="left",
        )
        last = run.status
        if run.output:
            last = "{}°, {}°".format(*run.output)
        row[len(strip) - 1].set_title(last, fontsize=7)
        row[len(strip)].text(
            0,
            0.5,
            npi_tf.format_trace(domain, run.trace),
            fontsize=6,
            family="monospace",
            va="center",
            transform=row[len(strip)].transAxes,
        )
    figure.tight_layout(pad=0.3)
    figure.savefig(path, dpi=100)
    pyplot.close(figure)
    return pathlib.Path(path)


if __name__ == "__main__":
    print(draw(command_line.path(__doc__)))

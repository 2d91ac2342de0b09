"""What the committed preset does on cars that it never saw."""

import numpy as np
import pytest

import npi_tf
from npi_tf import canonicalization
from npi_tf import teacher
from npi_tf.canonicalization import environment
from npi_tf.canonicalization import picture_frames
from npi_tf.canonicalization import renderer
from reproduce import npi_canonicalization_evaluation as evaluation
from reproduce import npi_canonicalization_figure as figure

DOMAIN = canonicalization.CANONICALIZATION
CARS = ("car-141", "car-158")


@pytest.fixture(scope="module")
def model():
    """The preset."""
    return npi_tf.NPI.from_preset("canonicalization")


@pytest.fixture(scope="module")
def images():
    """Two unseen cars from all starts."""
    return np.stack(
        [
            [renderer.render(car, *pose) for pose in picture_frames.POSES]
            for car in CARS
        ]
    )


def test_evaluation_agrees_with_runs_on_the_environment(model, images):
    outcomes = evaluation.evaluate(model, images)
    assert outcomes.accuracy() >= 0.99  # At most one of 110 runs is wrong.
    numbers = (0, 19, 26, 33, 54)
    problems = [
        (car, *picture_frames.POSES[n]) for n in numbers for car in CARS
    ]
    runs = model.run(DOMAIN, problems, trace=True)
    for index, run in enumerate(runs):
        number, car = numbers[index // 2], index % 2
        right = run.status == "ok" and run.output == environment.TARGET
        assert right == outcomes.right[car, number]
        pose = canonicalization.POSES.make_environment(*problems[index])
        textbook = teacher.run(canonicalization.POSES, pose)
        calls = [(n.program, n.arguments) for _, n in run.trace.walk()]
        same = calls == [(n.program, n.arguments) for _, n in textbook.walk()]
        assert (right and same) == outcomes.exact[car, number]


@pytest.mark.parametrize("target", [(90, 45), (195, 240)])
def test_the_target_is_an_input_in_name_only(model, monkeypatch, target):
    """As docs/cars.md, docs/serving.md and Deviation D19 say."""
    monkeypatch.setattr(environment, "TARGET", target)
    problems = [(car, *pose) for car in CARS for pose in ((-30, 0), (45, 30))]
    camera = DOMAIN.make_environment(*problems[0])
    assert camera.observe()[:2].tolist() == [angle // 15 for angle in target]
    runs = model.run(DOMAIN, problems)
    assert {(run.status, run.output) for run in runs} == {("ok", (0, 15))}


def test_figure_7(model, tmp_path):
    path = figure.draw(tmp_path / "figure.png")
    assert path.read_bytes()[:4] == b"\x89PNG"
    assert path.stat().st_size < 150_000
    problem = figure.PROBLEMS[0]
    run = model.run(DOMAIN, [problem], trace=True)[0]
    strip = figure.frames(run, problem)
    assert len(strip) == 3  # Before RIGHT, before UP, and at the end.
    for picture, pose in zip(strip, ((-15, 0), (0, 0), (0, 15))):
        expected = renderer.render(problem[0], *pose)
        np.testing.assert_array_equal(picture, expected)

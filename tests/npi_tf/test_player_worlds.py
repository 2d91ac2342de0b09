"""The player's other worlds: arrays with three pointers, pictures."""

import dataclasses

import numpy as np
import pytest

from npi_tf import canonicalization
from npi_tf import player
from npi_tf import sorting
from npi_tf import teacher
from npi_tf.canonicalization import environment as cars
from tests import chromium
from tests.npi_tf import player_pages

SORTING = sorting.SORTING


def write_sorting(path, array):
    """The page of a textbook run; returns its call tree."""
    environment = SORTING.make_environment(*array)
    call = teacher.run(SORTING, environment)
    player.write_html(path, SORTING, array, call, SORTING.program_names)
    return call


def shown_marks(document):
    """Columns of pointers 1, 2 and 3."""
    columns = {}
    for cell in document.find("span", class_="cell"):
        for number in cell.attributes.get("data-pointers", "").split():
            columns[int(number)] = int(cell.attributes["data-column"])
    marks = document.find("span", class_="marks")
    numbers = [
        mark.text for box in marks for mark in document.find("i", inside=box)
    ]
    assert sorted(numbers) == ["1", "2", "3"]
    return [columns[number] for number in range(3)]


@chromium.needs_chromium
@pytest.mark.parametrize(
    ("index", "cells", "pointers"),
    # Figure 8: PTR 2 RIGHT is done, later SWAP 1 2 and RSHIFT.
    [(0, "925", [0, 0, 0]), (3, "925", [0, 1, 0]), (12, "295", [1, 2, 0])],
)
def test_three_pointers_on_one_row(tmp_path, index, cells, pointers):
    path = tmp_path / "run.html"
    write_sorting(path, (9, 2, 5))
    document = chromium.show(path, f"step={index}")
    player_pages.assert_no_error(document)
    shown = [cell.text for cell in document.find("span", class_="cell")]
    assert "".join(shown) == cells
    assert shown_marks(document) == pointers
    assert document.one("dd", id="result").text == "2 5 9"


def test_an_action_that_does_nothing_has_a_name(tmp_path):
    path = tmp_path / "run.html"
    write_sorting(path, (1, 2))
    record = player_pages.embedded(path.read_text(encoding="utf-8"))
    assert "nothing" in record["calls"]["label"]
    assert "" not in record["calls"]["label"]


def paint(car, azimuth, elevation):
    """A picture of its own for each pose, without a renderer."""
    image = np.full(cars.IMAGE_SHAPE, 255, np.uint8)
    image[azimuth + 60 : azimuth + 70, elevation : elevation + 30] = 90
    return image


@pytest.fixture(scope="module")
def car_page(tmp_path_factory):
    """A textbook run from (30, 15) to (0, 15), and one step too far."""
    domain = dataclasses.replace(
        canonicalization.CANONICALIZATION,
        make_environment=lambda *problem: cars.CarEnvironment(*problem, paint),
    )
    problem = ("car-000", 30, 15)
    environment = domain.make_environment(*problem)
    call = teacher.run(domain, environment)
    path = tmp_path_factory.mktemp("pages") / "car.html"
    player.write_html(path, domain, problem, call, domain.program_names)
    return path


def test_a_picture_is_in_the_page_once(car_page):
    page = car_page.read_text(encoding="utf-8")
    record = player_pages.embedded(page)
    # At azimuth 30, 15 and 0.
    assert len(record["images"]) == len(set(record["images"])) == 3
    assert page.count("data:image/png;base64,") == 3
    assert record["snapshot"]["image"] == 0
    assert {tuple(seen) for seen in record["steps"]["seen"]} == {(0, 1)}
    assert len(page) < 100_000


@chromium.needs_chromium
@pytest.mark.parametrize(("index", "azimuth"), [(0, 30), (4, 15), (9, 0)])
def test_the_picture_of_a_step(car_page, index, azimuth):
    document = chromium.show(car_page, f"step={index}")
    player_pages.assert_no_error(document)
    images = player_pages.embedded(car_page.read_text(encoding="utf-8"))[
        "images"
    ]
    picture = document.one("img").attributes
    assert picture["src"] == images[2 - azimuth // 15]
    assert f"azimuth {azimuth}, elevation 15" in picture["alt"]
    assert document.one("td", id="azimuth").text == f"{azimuth}\u00b0"


def test_the_run_of_another_picture_is_refused():
    domain = dataclasses.replace(
        canonicalization.CANONICALIZATION,
        make_environment=lambda *problem: cars.CarEnvironment(*problem, paint),
    )
    call = teacher.run(domain, domain.make_environment("car-000", 30, 15))
    with pytest.raises(ValueError, match=r"before step 1, got \[0, 1\] and an"):
        player.run_record(
            domain, ("car-000", 45, 15), call, domain.program_names
        )

"""The generated cars: what they are, and that no two look alike."""

import dataclasses
import itertools

import numpy as np
import pytest
from PIL import Image

from npi_tf.canonicalization import fleet
from npi_tf.canonicalization import meshes
from npi_tf.canonicalization import renderer
from npi_tf.canonicalization import shapes
from npi_tf.canonicalization import styles
from reproduce import npi_cars_figure

# Of all paints, red, green and blue; of all cars in metres.
PAINTS = 62977
LENGTHS = 826.801213


@pytest.fixture(scope="module")
def sheet():
    """All cars, 48 x 48 pixels each: `[12 * 48, 15 * 48, 3]`."""
    return npi_cars_figure.sheet(48, margin=0)


def test_splits_are_frozen_and_disjoint():
    sizes = {split: len(fleet.names(split)) for split in fleet.SPLITS}
    assert sizes == {"train": 120, "validation": 20, "test": 40}
    everything = [n for split in fleet.SPLITS for n in fleet.names(split)]
    assert everything == [fleet.name(n) for n in range(fleet.NUM_CARS)]
    assert fleet.names("test")[0] == "car-140"


def test_every_split_has_every_style():
    for split in fleet.SPLITS:
        specs = [fleet.spec(fleet.index(car)) for car in fleet.names(split)]
        assert {spec.style_name for spec in specs} == set(styles.STYLES)


def test_descriptions_depend_on_the_number_only():
    later = [fleet.spec(number) for number in (150, 3)]
    assert later == [fleet.spec(150), fleet.spec(3)]
    # The fleet is part of the data set: its numbers must not drift.
    assert fleet.spec(3).style_name == "suv"
    assert fleet.spec(3).paint == (28, 41, 104)
    specs = [fleet.spec(number) for number in range(fleet.NUM_CARS)]
    assert len(set(specs)) == 180
    assert sum(map(sum, (spec.paint for spec in specs))) == PAINTS
    lengths = sum(spec.style.length for spec in specs)
    assert lengths == pytest.approx(LENGTHS, abs=1e-6)


def test_no_two_cars_look_alike(sheet):
    pictures = sheet.reshape(12, 48, 15, 48, 3).swapaxes(1, 2)
    pictures = pictures.reshape(180, 48, 48, 3).astype(np.int16)
    for a, b in itertools.combinations(range(len(pictures)), 2):
        differing = (abs(pictures[a] - pictures[b]).max(axis=-1) > 12).sum()
        # Of about 500 pixels that show a car; the least is about 200.
        assert differing > 100, (a, b)


def test_the_sheet_is_in_order(sheet, tmp_path, monkeypatch):
    drawer = renderer.Renderer(48)
    picture = drawer.render("car-016", *npi_cars_figure.POSE)
    np.testing.assert_array_equal(sheet[48:96, 48:96], picture)
    drawer.close()
    monkeypatch.setattr(npi_cars_figure, "sheet", lambda: sheet)
    path = npi_cars_figure.draw(str(tmp_path / "cars.png"))
    with Image.open(path) as image:
        assert image.size == (15 * 48, 12 * 48)


def test_meshes_are_centred_symmetric_and_of_unit_length():
    for number in range(0, fleet.NUM_CARS, 7):
        mesh = meshes.build(fleet.spec(number))
        low, high = mesh.vertices.min(0), mesh.vertices.max(0)
        np.testing.assert_allclose(low + high, 0, atol=1e-6)
        assert (high - low).argmax() == 0
        assert high[0] - low[0] == pytest.approx(1)
        other = mesh.vertices * [1, -1, 1]
        gaps = abs(other[:, None, :2] - mesh.vertices[None, :200, :2])
        assert gaps.sum(-1).min(0).max() < 1e-5
        assert mesh.faces.shape == mesh.colours.shape
        assert mesh.colours.dtype == np.uint8


def test_faces_look_outwards():
    """A closed skin whose faces look outwards has a positive volume."""
    for part in meshes.parts(fleet.spec(3)):
        if len(np.unique(part.vertices[:, 1])) == 1:
            continue  # A flat disc has none.
        a, b, c = np.moveaxis(part.vertices[part.faces], 1, 0)
        assert np.einsum("ij,ij->i", a, np.cross(b, c)).sum() > 0


def test_front_and_rear_have_their_lights():
    for number in range(0, 45, 4):
        spec = fleet.spec(number)
        mesh = meshes.build(spec)
        middles = mesh.vertices[mesh.faces].mean(1)[:, 0]
        lamps = (mesh.colours == np.uint8(spec.lamp)).all(1)
        red = (mesh.colours == np.uint8((190, 22, 26))).all(1)
        assert middles[lamps].min() > 0.4, spec.name
        assert middles[red].max() < -0.4, spec.name


def test_weld_joins_corners_and_drops_loose_vertices():
    # Two triangles of a square with corners of their own, one loose vertex.
    square = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 0, 0), (1, 1, 0)]
    vertices = np.array([*square, (0, 1, 0), (9, 9, 9)], float)
    colours = np.zeros((2, 3), np.uint8)
    faces = np.array([(0, 1, 2), (3, 4, 5)])
    mesh = shapes.weld(shapes.Mesh(vertices, faces, colours))
    assert len(mesh.vertices) == 4
    np.testing.assert_array_equal(mesh.vertices[mesh.faces], vertices[faces])


def test_hue_turns_colours_and_leaves_grey():
    colours = np.uint8([(255, 0, 0), (90, 90, 90)])
    mesh = shapes.Mesh(np.zeros((3, 3)), np.zeros((2, 3), int), colours)
    turned = shapes.turn_hue(mesh, 120).colours
    np.testing.assert_array_equal(turned, [(0, 255, 0), (90, 90, 90)])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fleet.spec(180), "index: must be 0 to 179, got 180"),
        (lambda: fleet.spec(-1), "index: must be 0 to 179, got -1"),
        (lambda: fleet.index("car-180"), "car: .* got 'car-180'"),
        (lambda: fleet.spec("17"), "index: must be 0 to 179, got '17'"),
        (lambda: fleet.index("lorry"), "car: .* got 'lorry'"),
        (lambda: fleet.index(17), "car: .* got 17"),
        (lambda: fleet.names(["test"]), r"split: .* got \['test'\]"),
        (lambda: fleet.names("unseen"), "split: .* got 'unseen'"),
    ],
)
def test_bad_numbers_and_names_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_description_can_be_changed():
    spec = dataclasses.replace(fleet.spec(0), paint=(1, 2, 3))
    assert (meshes.build(spec).colours == (1, 2, 3)).all(1).any()

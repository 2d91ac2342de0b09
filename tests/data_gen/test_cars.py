"""Rendered cars as a data set: two small splits of the generated fleet."""

import dataclasses
import hashlib
import pathlib

import numpy as np
import pytest
import tensorflow_datasets as tfds

from data_gen import load_cars
from data_gen import npi_traces
from npi_tf import canonicalization
from npi_tf import frames
from npi_tf.canonicalization import convert_meshes
from npi_tf.canonicalization import environment
from npi_tf.canonicalization import fleet
from npi_tf.canonicalization import meshes
from npi_tf.canonicalization import picture_frames
from npi_tf.canonicalization import renderer
from tests.data_gen import configs

TINY = {
    "train_cars": ("car-003", "car-001"),
    "validation_cars": (),
    "test_cars": ("car-151",),
}


def tiny(name="tiny_cars", **changes):
    """The tiny config, some of its values changed."""
    return npi_traces.CarsConfig(name=name, **{**TINY, **changes})


class CarsTest(tfds.testing.DatasetBuilderTestCase):
    DATASET_CLASS = npi_traces.Builder
    EXAMPLE_DIR = str(pathlib.Path(__file__).parent)  # Nothing is read there.
    BUILDER_CONFIG_NAMES_TO_TEST = [tiny()]
    SPLITS = {"train": 2, "test": 1}

    def test_session(self, *args, **kwargs):
        return super().test_session(*args, **kwargs)

    test_session.__test__ = False  # TensorFlow's context manager, no test.


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the tiny data set lies."""
    folder = tmp_path_factory.mktemp("cars")
    load_cars.load("train", tiny(), folder)
    return folder


def test_cars_come_by_name_with_their_pictures(folder):
    cars = load_cars.load("train", tiny(), folder)
    assert cars.names == ("car-001", "car-003")
    assert cars.images.shape == (2, 55, 128, 128, 3)
    assert cars.images.dtype == np.uint8
    assert cars.poses.tolist() == list(map(list, picture_frames.POSES))
    for number in (0, 17, 54):
        expected = renderer.render("car-003", *cars.poses[number].tolist())
        np.testing.assert_array_equal(cars.images[1, number], expected)
    test = load_cars.load("test", tiny(), folder)
    assert test.names == ("car-151",)


def test_frames_are_those_of_the_teacher(folder):
    stored = load_cars.load("test", tiny(), folder).frames.arrays()
    for name, array in picture_frames.frames_of_a_car().arrays().items():
        np.testing.assert_array_equal(stored[name], array)


def test_same_records_again(folder, tmp_path):
    load_cars.load("train", tiny(), tmp_path)
    for split in ("train", "test"):
        one, other = (
            npi_traces.Builder(config=tiny(), data_dir=place)
            for place in (folder, tmp_path)
        )
        assert configs.records(one, split) == configs.records(other, split)


def test_records_of_other_cars_are_refused(folder):
    with pytest.raises(ValueError, match=r"config: .* got train_cars"):
        load_cars.load("train", tiny(train_cars=("car-001",)), folder)


def test_changed_pictures_are_another_data_set(folder, tmp_path):
    config = tiny(
        "tiny_red", train_cars=(), test_cars=("car-151",), changes={"hue": 90.0}
    )
    turned = load_cars.load("test", config, tmp_path)
    plain = load_cars.load("test", tiny(), folder)
    assert (turned.images != plain.images).any(axis=(0, 2, 3, 4)).all()
    expected = renderer.render("car-151", *plain.poses[9].tolist(), hue=90.0)
    np.testing.assert_array_equal(turned.images[0, 9], expected)
    with pytest.raises(ValueError, match=r"config: .* got "):
        load_cars.load("test", tiny(config.name), tmp_path)


def write_car(path, scale=1.0, number=3):
    """A generated car as a mesh file."""
    mesh = meshes.build(fleet.spec(number))
    path.parent.mkdir(exist_ok=True)
    shown = (scale * mesh.colours).astype(np.uint8)
    convert_meshes.write(str(path), dataclasses.replace(mesh, colours=shown))
    return str(path)


def of_files(*paths, name="files"):
    """A data set of meshes alone."""
    return tiny(name, train_cars=paths, test_cars=())


def test_a_changed_mesh_is_another_data_set(tmp_path):
    path = write_car(tmp_path / "car.ply")
    config = of_files(path)
    bright = load_cars.load("train", config, tmp_path)
    assert bright.names == (path,)
    write_car(tmp_path / "car.ply", scale=0.2)
    with pytest.raises(ValueError, match=r"config: .* got fleet = "):
        load_cars.load("train", config, tmp_path)
    again = of_files(path, name="files_again")
    dark = load_cars.load("train", again, tmp_path)
    assert (dark.images.mean((2, 3, 4)) < bright.images.mean((2, 3, 4))).all()
    (tmp_path / "car.ply").unlink()
    with pytest.raises(ValueError, match=r"car: no such mesh file, got .*ply"):
        load_cars.load("train", again, tmp_path)


def test_digests_of_generated_cars_are_those_of_their_descriptions():
    """Data sets rendered long ago stay valid."""
    content = repr(fleet.spec(3)) + repr(fleet.spec(1)) + repr(fleet.spec(151))
    vertices = meshes.build(fleet.spec(3)).vertices
    content = content.encode() + (1e4 * vertices).astype(np.int32).tobytes()
    digest = hashlib.blake2b(content, digest_size=8).hexdigest()
    assert tiny().recipe["fleet"] == digest
    assert set(tiny().recipe) == {
        *("train_cars", "validation_cars", "test_cars"),
        *("changes", "fleet", "teacher"),
    }


def test_meshes_do_not_mix_with_the_fleet_unasked(tmp_path):
    path = write_car(tmp_path / "car.ply")
    given = {"train_cars": [path], "validation_cars": (), "test_cars": ()}
    for split in ("validation_cars", "test_cars"):
        rest = {k: v for k, v in given.items() if k != split}
        message = rf"{split}: must be given .* got none beside '.*car\.ply'"
        with pytest.raises(ValueError, match=message):
            npi_traces.CarsConfig(name="files", **rest)
    given["test_cars"] = fleet.names("test")  # Asked for.
    config = npi_traces.CarsConfig(name="files", **given)
    assert config.train_cars == (path,)
    assert config.splits == ("train", "test")
    whole = npi_traces.CarsConfig(name="whole")
    assert whole.validation_cars == fleet.names("validation")


def test_one_mesh_by_two_paths_is_there_twice(tmp_path):
    write_car(tmp_path / "car.ply")
    (tmp_path / "again.ply").symlink_to(tmp_path / "car.ply")
    paths = [tmp_path / name for name in ("car.ply", "again.ply")]
    with pytest.raises(ValueError, match=r"train_cars: .*car\.ply.*again"):
        of_files(*paths)


def test_slices_without_a_car_are_refused(folder):
    with pytest.raises(ValueError, match=r"split: .* got 'train\[:0\]'"):
        load_cars.load("train[:0]", tiny(), folder)


def test_traces_of_digits_are_no_cars(tmp_path):
    with pytest.raises(ValueError, match=r"config: must be one of rendered"):
        load_cars.load("train", configs.tiny(), tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"train_cars": (), "test_cars": ()}, "train_cars: .* got none"),
        ({"test_cars": ("car-001",)}, "train_cars: .* got 'car-001' and"),
        ({"train_cars": ("car-001", "car-001")}, "train_cars: "),
        ({"train_cars": "car-000"}, "train_cars: .* got 'car-000'"),
        ({"test_cars": 17}, "test_cars: must be a sequence .* got 17"),
        ({"test_cars": (17,)}, "test_cars: must be names or paths, got 17"),
        ({"test_cars": ("car-999",)}, "car: .* got 'car-999'"),
        ({"changes": {"hue": "x"}}, "hue: must be finite, got 'x'"),
        ({"changes": {"colour": 1}}, "changes: .* got 'colour'"),
        ({"changes": "hue"}, "changes: must be a dict, got 'hue'"),
        ({"use_beam": True}, "use_beam: "),
    ],
)
def test_bad_values_raise(changes, message):
    with pytest.raises(ValueError, match=message):
        tiny(**changes)


def test_the_named_config_is_the_papers():
    config = npi_traces.Builder.builder_configs["canonicalization"]
    counts = [len(config.cars(split)) for split in config.splits]
    assert counts == [120, 20, 40]


def test_frames_of_a_car_cover_every_start():
    batch = picture_frames.frames_of_a_car()
    names = canonicalization.CANONICALIZATION.program_names
    by_program = batch.by_program()
    # From 55 poses; of 25 each LGOTO and RGOTO start at another one.
    numbers = [55, 55, 25, 25, 5, 1, 3]
    assert [len(by_program[p]) for p in range(7)] == numbers
    assert {int(by_program[p].count.sum()) for p in (0, 1, 4)} == {55}
    root = by_program[names.index("GOTO")]
    for row, pose in zip(root.observations, picture_frames.POSES):
        start, seen = row[:2, -1]
        assert picture_frames.POSES[start] == pose
        # VGOTO is called where the azimuth is right.
        assert picture_frames.POSES[seen] == (0, pose[1])
    assert set(root.observations[0, 0, :2]) == set(
        map(environment.angle_bin, environment.TARGET)
    )
    longest = by_program[names.index("LGOTO")].num_steps
    assert np.bincount(longest)[1:].tolist() == [5, 5, 5, 5, 5]


def test_a_picture_batch_is_a_frame_batch_with_pictures():
    images = np.zeros((55, 4, 4, 3), np.uint8)
    batch = picture_frames.PictureBatch(
        picture_frames.frames_of_a_car(), images
    )
    assert batch.inputs()["images"] is images
    assert set(batch.targets()) == {"calls", "call_arguments", "ends"}
    assert len(batch) == len(batch.num_steps)
    done = batch.targets()["ends"] != frames.NO_TARGET
    assert batch.inputs()["observations"][done][:, -1].max() == 54

"""Meshes of the user's own: which are taken, what is refused, docs/cars.md."""

import dataclasses
import json
import pathlib
import re
import shlex
import subprocess
import sys

import pytest

from npi_tf.canonicalization import fleet
from reproduce import npi_canonicalization_configs as configs
from reproduce import npi_canonicalization_training as training
from reproduce import sources
from tests.reproduce import script

PAGE = (script.ROOT / "docs/cars.md").read_text(encoding="utf-8")
TRIANGLE = "v 0 0 0\nv 1 0 0\nv 1 1 0\nf 1 2 3\n"


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """A folder of meshes for each flag, named like it; one of none."""
    monkeypatch.chdir(tmp_path)
    for name in ("train_cars/a", "train_cars/b/c", "unseen_cars", "empty"):
        pathlib.Path(name).mkdir(parents=True)
    for name in ("train_cars/a/1", "train_cars/b/c/2", "train_cars/3"):
        pathlib.Path(f"{name}.obj").write_text(TRIANGLE)
    pathlib.Path("unseen_cars/4.obj").write_text(TRIANGLE)
    return flags(train_cars="train_cars", unseen_cars="unseen_cars")


def flags(**given):
    """The folder of each flag, None for one that is not given."""
    names = ("train_cars", "validation_cars", "unseen_cars")
    return {name: given.get(name) for name in names}


def test_a_data_set_holds_the_meshes_and_no_car_of_the_fleet(folders):
    data = training.own_data(folders, smoke=False)
    assert data.train_cars == (
        "train_cars/3.obj",
        "train_cars/a/1.obj",
        "train_cars/b/c/2.obj",
    )
    assert data.test_cars == ("unseen_cars/4.obj",)
    assert data.splits == ("train", "test")
    small = training.own_data(folders, smoke=True)
    assert small.train_cars == data.train_cars[:2]
    assert small.test_cars == data.test_cars


def test_each_state_of_the_meshes_is_a_data_set_of_its_own(folders):
    data = training.own_data(folders, smoke=False)
    assert training.own_data(folders, smoke=False).name == data.name
    names = {data.name, training.own_data(folders, smoke=True).name}
    digest = data.recipe["fleet"]
    pathlib.Path("unseen_cars/4.obj").write_text(TRIANGLE + "# changed\n")
    names.add(training.own_data(folders, smoke=False).name)
    assert len(names) == 3
    assert data.recipe["fleet"] != digest  # Seen by the same config, too.


def test_a_preset_is_tried_on_unseen_meshes_alone(folders):
    given = folders | {"train_cars": None}
    data = training.own_data(given, smoke=False, from_preset=True)
    assert data.splits == ("test",)


@pytest.mark.parametrize(
    ("given", "from_preset", "message"),
    [
        ({"unseen_cars": None}, False, "unseen_cars: .* with --train_cars"),
        ({"train_cars": None}, False, "train_cars: .* with --unseen_cars"),
        (
            {"train_cars": None, "unseen_cars": None, "validation_cars": "x"},
            False,
            "train_cars: must be given with --validation_cars, got none",
        ),
        ({}, True, "from_preset: .* got --train_cars, --unseen_cars"),
        ({"train_cars": "empty"}, False, "train_cars: must hold meshes .*'em"),
        ({"unseen_cars": "x"}, False, "unseen_cars: must be a folder, got 'x'"),
        ({"validation_cars": ""}, False, "validation_cars: .*folder, got ''"),
        (
            {"unseen_cars": "train_cars/../train_cars/a"},
            False,
            "train_cars: every car must be in one split once",
        ),
    ],
)
def test_bad_folders_are_refused(folders, given, from_preset, message):
    with pytest.raises(ValueError, match=message):
        training.own_data(folders | given, False, from_preset)


def test_changed_pictures_are_those_of_the_same_unseen_cars(folders):
    data = training.own_data(folders, smoke=False)
    changed = training.changed(data, "hue, 60 degrees", {"hue": 60.0})
    assert changed.name == f"{data.name}_hue_60_degrees"
    assert changed.splits == ("test",)
    assert changed.test_cars == data.test_cars
    generated = training.changed("canonicalization", "a hue", {"hue": 9.0})
    assert generated.name == "canonicalization_a_hue"
    assert generated.test_cars == fleet.names("test")


@pytest.mark.parametrize(
    "make", [*configs.RECIPES.values(), configs.CanonicalizationEvaluation]
)
def test_a_configuration_names_the_cars(make):
    cars = {"train_cars": "folder", "digest": "0123"}
    config = training.naming(make, cars)()
    assert isinstance(config, make)
    sources.check(type(config))
    values = dataclasses.asdict(config)
    assert values.pop("cars") == cars
    assert values == dataclasses.asdict(make())
    assert dataclasses.replace(config).cars == cars


def test_the_page_writes_meshes_and_trains_on_them(tmp_path, monkeypatch):
    """One step of the smoke test, with the flags that docs/cars.md shows."""
    page = PAGE.partition("### Training on them")[2]
    monkeypatch.chdir(tmp_path)
    exec(re.search(r"^```python\n(.*?)^```", page, re.M | re.S)[1], {})
    command = re.search(r"^```console\n(.*?)^```", page, re.M | re.S)[1]
    python, path, *given = shlex.split(command.replace("\\\n", ""))
    assert (python, path) == ("python", "reproduce/npi_canonicalization.py")
    done = subprocess.run(
        [sys.executable, script.ROOT / path, *given, "--num_steps=1"],
        env=script.environment(TFDS_DATA_DIR=str(tmp_path / "data")),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    folder = pathlib.Path("workdir/npi_canonicalization_own_cars")
    found = json.loads(next(folder.glob("*/*-seed0.json")).read_text())
    cars = found["config"]["cars"]
    assert cars["unseen_cars"] == "cars/unseen"
    assert cars["num_cars"] == {"train": 2, "test": 1}
    assert found["config"]["evaluation"]["cars"] == cars
    run = json.loads(next(folder.glob("*/config.json")).read_text())
    assert run["cars"] == cars
    assert found["metrics"]["seen"]["num_cars"] == 2
    assert found["metrics"]["validation_accuracy_by_program"] == {}
    failed = {car for car, *_ in found["metrics"]["unseen"]["failures"]}
    assert failed == {"cars/unseen/car-140.ply"}

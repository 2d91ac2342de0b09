"""docs/serving.md on arrays and cars: what it shows is what is served."""

import contextlib
import json
import math
import pathlib
import re
import shlex

import pytest
import tensorflow as tf

import npi_tf
from npi_tf import cli
from npi_tf import interpreter
from npi_tf import step_export
from npi_tf.canonicalization import environment as cars
from npi_tf.sorting import serving as sorting_serving
from npi_tf.sorting import tensor_environment
from serving import car_client
from serving import sorting_client
from tests.serving import emulator

ROOT = pathlib.Path(sorting_client.__file__).parent.parent
TEXT = (ROOT / "docs" / "serving.md").read_text(encoding="utf-8")
HALF = TEXT.partition("\n## The Neural Programmer\n")[0]
BEFORE_CARS, _, CARS = HALF.partition("\n## Cars\n")
SORTING, _, MAXIMUM = BEFORE_CARS.partition("\n## Sorting\n")[2].partition(
    "\n## Maximum\n"
)


def blocks(text, language):
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.fixture(scope="module")
def signatures(tmp_path_factory):
    """Of the exported preset that sorts."""
    model = npi_tf.NPI.from_preset("sorting")
    folder = model.export(tmp_path_factory.mktemp("npi_sorting"))
    return tf.saved_model.load(folder).signatures


@pytest.fixture(scope="module")
def maximum_signatures(tmp_path_factory):
    """Of what the page's command exports."""
    (command,) = (
        block.split()
        for block in blocks(MAXIMUM, "console")
        if block.startswith("python -m npi_tf export ")
    )
    folder = tmp_path_factory.mktemp("exported")
    with contextlib.chdir(folder):
        assert cli.main(command[3:]) == 0
    exported = folder / "models" / sorting_client.MAXIMUM_MODEL / "1"
    return tf.saved_model.load(exported).signatures


def test_maximum_over_rest(maximum_signatures):
    request, answer = map(json.loads, blocks(MAXIMUM, "json"))
    assert emulator.predict_json(maximum_signatures, request) == answer
    assert answer["predictions"][-1]["maximum"] == -1


@pytest.mark.parametrize("name", ["serving_default", "trace"])
def test_signatures_of_the_maximum(maximum_signatures, name):
    function = maximum_signatures[name]
    inputs = function.structured_input_signature[1]
    outputs = function.structured_outputs
    for tensor in (*inputs, *outputs):
        assert f"`{tensor}`" in MAXIMUM
    shown = "`maximum`: int32 `[batch]`"
    assert shown in MAXIMUM and outputs["maximum"].shape.rank == 1


def test_sorting_over_rest(signatures):
    request, answer = map(json.loads, blocks(SORTING, "json"))
    assert emulator.predict_json(signatures, request) == answer
    arrays = [row["array"][: row["lengths"]] for row in request["instances"]]
    rows = sorting_client.build_rows(arrays)
    wanted = [row["lengths"] for row in request["instances"]]
    assert [row["lengths"] for row in rows] == wanted


def sessions(text):
    """The blocks that show a command and what it prints."""
    return [b for b in blocks(text, "console") if b.startswith("$")]


@pytest.mark.parametrize("session", sessions(SORTING))
def test_sessions_of_sorting(signatures, session, capsys):
    hold_session(signatures, sorting_client.MODEL, session, capsys)


@pytest.mark.parametrize("session", sessions(MAXIMUM))
def test_sessions_of_the_maximum(maximum_signatures, session, capsys):
    model = sorting_client.MAXIMUM_MODEL
    hold_session(maximum_signatures, model, session, capsys)


def hold_session(signatures, model, session, capsys):
    """The client prints what the page shows, talking to that model."""
    command, _, wanted = session.removeprefix("$ ").partition("\n")
    python, script, *arguments = shlex.split(command)
    assert (python, script) == ("python", "serving/sorting_client.py")
    server = emulator.rest_server(signatures, model)
    if "--grpc" in arguments:
        server = emulator.grpc_server(signatures)
    with server as port:
        place = arguments.index("--port") + 1
        arguments[place] = str(port)
        local = [a.replace("localhost", "127.0.0.1") for a in arguments]
        assert sorting_client.main(local) == 0
    assert capsys.readouterr().out == wanted


def test_a_grpc_request_names_the_model():
    rows = sorting_client.build_rows([[9, 2, 5]])
    request = sorting_client.build_request(rows)
    assert request.model_spec.name == sorting_client.MODEL
    model = sorting_client.MAXIMUM_MODEL
    request = sorting_client.build_request(rows, model=model)
    assert request.model_spec.name == model


def test_arrays_are_digits(capsys):
    with pytest.raises(SystemExit):
        sorting_client.main(["925", "9,2"])
    assert "arrays: must be digits" in capsys.readouterr().err


def test_numbers_of_sorting():
    assert f"over {sorting_serving.MAX_LENGTH}, or" in SORTING
    environment = tensor_environment.SortingTensorEnvironment
    squared, more = environment.STEPS_PER_SQUARE, environment.STEPS_MORE
    text = " ".join(SORTING.split())
    assert f"but at most {sorting_serving.MAX_LENGTH}: columns" in text
    assert f"is {squared} core steps for each pair of numbers, and {more}" in (
        text
    )


def test_every_status_of_cars_is_explained():
    explained = re.findall(r"^\| `(\w+)` \|", CARS, re.MULTILINE)
    assert set(explained) >= set(step_export.STATUSES)
    assert f"1 to {step_export.MAX_STEP_BUDGET:,} " in CARS
    assert f"over {interpreter.DEFAULT_DEPTH_LIMIT} callers" in CARS


@pytest.fixture(scope="module")
def cars_served(tmp_path_factory):
    """A folder with the page's model in its place, and the loaded model."""
    folder = tmp_path_factory.mktemp("cars")
    model = npi_tf.NPI.from_preset("canonicalization")
    exported = model.export(folder / "models" / "npi_canonicalization")
    return folder, tf.saved_model.load(exported)


@pytest.fixture
def cars_signatures(cars_served, monkeypatch):
    """Of that model, which who loads it in the folder gets at once."""
    folder, loaded = cars_served
    monkeypatch.chdir(folder)

    def load(path):
        assert (pathlib.Path(path) / "saved_model.pb").is_file()
        return loaded

    monkeypatch.setattr(tf.saved_model, "load", load)
    return loaded.signatures


def test_inputs_of_cars(cars_signatures):
    text = " ".join(CARS.split())
    step = cars_signatures["serving_default"]
    for name, spec in step.structured_input_signature[1].items():
        assert f"`{name}`" in text
        if spec.shape.rank > 1:
            shape = ", ".join(map(str, spec.shape[1:]))
            shown = rf"`{name}`:? {spec.dtype.name} `\[batch, {shape}\]`"
            assert re.search(shown, text), name
    state = set(step.structured_outputs) - {"action", "arguments"}
    assert set(cars_signatures["start"].structured_outputs) == state


# These two draw, with what docs/cars.md requires.


def test_session_of_cars(cars_signatures, capsys):
    (session,) = (b for b in blocks(CARS, "console") if b.startswith("$"))
    command, _, wanted = session.removeprefix("$ ").partition("\n")
    python, script, *arguments = shlex.split(command)
    assert (python, script) == ("python", "serving/car_client.py")
    assert car_client.main(arguments) == 0
    assert capsys.readouterr().out == wanted


class Camera:
    """What the page's loop moves."""

    def __init__(self, *problem):
        self.car = cars.CarEnvironment(*problem)

    def picture(self):
        """uint8 `[128, 128, 3]`."""
        return self.car.observe()[-math.prod(cars.IMAGE_SHAPE) :].reshape(
            cars.IMAGE_SHAPE
        )

    def move(self, word):
        """LEFT, RIGHT, UP, DOWN or nothing."""
        if word:
            self.car.act(cars.move(getattr(cars, word)))


def test_loop_of_cars(cars_signatures):
    (code,) = blocks(CARS, "python")
    camera = Camera("car-000", 45, 30)
    names = {"camera": camera}
    exec(compile(code, "serving.md", "exec"), names)
    assert names["status"].numpy().tolist() == [b"ok"]
    assert camera.car.result() == (0, 15)


@pytest.mark.parametrize(
    ("file", "model"),
    [
        ("sorting_compose.yaml", "npi_sorting"),
        ("cars_compose.yaml", "npi_canonicalization"),
    ],
)
def test_compose_files(file, model):
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    text = (ROOT / "serving" / file).read_text(encoding="utf-8")
    service = yaml.safe_load(text)["services"][model]
    assert service["image"].startswith("tensorflow/serving")
    assert service["environment"]["MODEL_NAME"] == model
    assert service["volumes"][0].endswith(f":/models/{model}:ro")
    assert service["ports"] == ["8500:8500", "8501:8501"]

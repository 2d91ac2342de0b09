"""The client of the step function: what it sends, and where cameras go."""

import dataclasses
import json
import re
import runpy
import sys

import numpy as np
import pytest
import tensorflow as tf

from npi_tf import canonicalization
from npi_tf.canonicalization import environment as cars
from serving import car_client
from tests.npi_tf import scripted
from tests.serving import emulator

DOMAIN = canonicalization.CANONICALIZATION
PROBLEMS = [("car-000", 45, 30), ("car-001", -75, 0)]
BUDGET = 4
# The first step of the core calls ACT, which acts on the three others.
ANSWERS = [
    {
        "actions": ["LEFT"] * 3,
        "status": "step_budget_exhausted",
        "num_steps": BUDGET,
        "result": [0, 30],
        "reached": False,
    },
    {
        "actions": ["LEFT"] * 3,
        "status": "step_budget_exhausted",
        "num_steps": BUDGET,
        "result": [-120, 0],
        "reached": False,
    },
]


def paint(car, azimuth, elevation):
    """Any picture, without a renderer."""
    return np.full(cars.IMAGE_SHAPE, 200, np.uint8)


def environments(problems=PROBLEMS):
    return [cars.CarEnvironment(*problem, paint) for problem in problems]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    left = cars.move(cars.LEFT)
    model = scripted.obedient_model("ACT", left, end=False, domain=DOMAIN)
    return model.export(tmp_path_factory.mktemp("cars"))


@pytest.fixture(scope="module")
def signatures(folder):
    return tf.saved_model.load(folder).signatures


def test_without_a_server(folder):
    predict = car_client.load(folder)
    assert car_client.drive(predict, environments(), BUDGET) == ANSWERS


def test_rest(signatures):
    with emulator.rest_server(signatures, car_client.MODEL) as port:
        predict = car_client.connect_rest("127.0.0.1", port)
        assert car_client.drive(predict, environments(), BUDGET) == ANSWERS
        with pytest.raises(RuntimeError, match=r"HTTP 400.*no_signature"):
            predict("no_signature", {})


def test_grpc(signatures):
    with emulator.grpc_server(signatures) as port:
        predict = car_client.connect_grpc("127.0.0.1", port)
        assert car_client.drive(predict, environments(), BUDGET) == ANSWERS
        with pytest.raises(RuntimeError, match=r"INVALID_.*no_signature"):
            predict("no_signature", {})


def test_what_is_sent():
    sent = car_client.see(environments())
    assert sent["features"] == [[0, 1], [0, 1]]
    assert np.shape(sent["image"]) == (2, 128, 128, 3)


def test_a_refused_budget_moves_nothing(folder):
    predict = car_client.load(folder)
    (answer,) = car_client.drive(predict, environments(PROBLEMS[:1]), 0)
    assert answer == {
        "actions": [],
        "status": "invalid_input",
        "num_steps": 0,
        "result": [45, 30],
        "reached": False,
    }


def test_command_line(folder, monkeypatch, capsys):
    def make(car, azimuth, elevation):
        return cars.CarEnvironment(car, azimuth, elevation, paint)

    domain = dataclasses.replace(DOMAIN, make_environment=make)
    monkeypatch.setattr(car_client, "DOMAIN", domain)
    words = [word for problem in PROBLEMS for word in map(str, problem)]
    options = ["--model", str(folder), "--step_budget", "4"]
    assert car_client.main([*options, *words]) == 1  # None of them is ok.
    lines = capsys.readouterr().out.splitlines()
    assert list(map(json.loads, lines)) == ANSWERS


@pytest.mark.parametrize(
    ("statuses", "azimuth", "code"),
    [
        (["ok", "ok"], 0, 0),
        (["ok", "stack_overflow"], 0, 1),
        (["ok", "ok"], 15, 1),  # Ended away from the target pose.
    ],
)
def test_every_status_and_pose_counts(
    monkeypatch, capsys, statuses, azimuth, code
):
    started = {"status": statuses, "num_steps": [3, 3]}
    monkeypatch.setattr(
        car_client, "load", lambda folder: lambda signature, inputs: started
    )
    words = ["car-000", "0", "15", "car-001", str(azimuth), "15"]
    assert car_client.main(["--model", "any", *words]) == code
    answers = list(map(json.loads, capsys.readouterr().out.splitlines()))
    assert [answer["status"] for answer in answers] == statuses
    assert [answer["reached"] for answer in answers] == [True, azimuth == 0]


def test_a_process_ends_with_the_code(folder, monkeypatch, capsys):
    # This budget is refused before anything is drawn.
    words = [
        "--model",
        str(folder),
        "--step_budget",
        "0",
        "car-000",
        "45",
        "30",
    ]
    monkeypatch.setattr(sys, "argv", [car_client.__file__, *words])
    with pytest.raises(SystemExit) as stop:
        runpy.run_path(car_client.__file__, run_name="__main__")
    assert stop.value.code == 1
    assert json.loads(capsys.readouterr().out)["status"] == "invalid_input"


def test_what_fails_is_said_in_one_line(folder, monkeypatch, capsys):
    # As many bytes, but no picture of 128 x 128.
    observations = dataclasses.replace(
        DOMAIN.observations, image_shape=(64, 64, 12)
    )
    domain = dataclasses.replace(
        DOMAIN,
        observations=observations,
        make_environment=lambda *problem: cars.CarEnvironment(*problem, paint),
    )
    monkeypatch.setattr(car_client, "DOMAIN", domain)
    for words, message in (
        (["--model", str(folder)], r"image \[1,64,64,12\] is not compatible"),
        (["--model", str(folder / "none")], "none"),
        (["--host", "127.0.0.1", "--port", "1"], "refused"),
    ):
        with pytest.raises(SystemExit) as stop:
            car_client.main([*words, "car-000", "45", "30"])
        assert stop.value.code == 1
        assert re.fullmatch(f".*{message}.*\n", capsys.readouterr().err)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("car-000 45", "problems: must be triples"),
        ("car-000 45 31", "elevation: must be a multiple of 15"),
        ("car-000 90 30", "azimuth: must be a multiple of 15 from -75"),
    ],
)
def test_bad_problems_are_refused(words, message, capsys):
    with pytest.raises(SystemExit):
        car_client.main(["--model", "none", *words.split()])
    assert message in capsys.readouterr().err

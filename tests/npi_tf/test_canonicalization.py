"""Cars: the camera, the textbook programs, and the paper's traces."""

import base64
import itertools
import struct
import zlib

import numpy as np
import pytest

from npi_tf import canonicalization
from npi_tf import frames
from npi_tf import specs
from npi_tf import teacher
from npi_tf import trace
from npi_tf.canonicalization import environment as environment_lib
from npi_tf.canonicalization import programs
from npi_tf.canonicalization import snapshot as snapshot_lib
from tests.npi_tf import environment_contract

CARS = canonicalization.CANONICALIZATION
POSES = canonicalization.POSES
CAR = "car-000"

# Figures 1 and 7 of the paper: start pose and trace. The figures print no
# angles; each start is the only one of the grid with that trace.
FIGURES = {
    "1": ((30, 30), "LGOTO LEFT LEFT", "DGOTO DOWN"),
    "7a": ((-15, 0), "RGOTO RIGHT", "UGOTO UP"),
    "7b": ((-45, 45), "RGOTO RIGHT RIGHT RIGHT", "DGOTO DOWN DOWN"),
    "7c": ((75, 0), "LGOTO LEFT LEFT LEFT LEFT LEFT", "UGOTO UP"),
    "7d": ((15, 30), "LGOTO LEFT", "DGOTO DOWN"),
}
GRID = list(
    itertools.product(environment_lib.AZIMUTHS, environment_lib.ELEVATIONS)
)


def picture(car, azimuth, elevation):
    """A picture in which every pose has a colour of its own."""
    image = np.zeros(environment_lib.IMAGE_SHAPE, np.uint8)
    image[..., 0] = (azimuth // 15) % 24
    image[..., 1] = elevation
    image[0, 0, 2] = len(car)
    return image


def camera(azimuth, elevation, render=picture):
    """A car environment without a renderer."""
    return environment_lib.CarEnvironment(CAR, azimuth, elevation, render)


def block(line, indent):
    """`LGOTO LEFT LEFT` as indented lines."""
    name, *moves = line.split()
    return [indent + name] + [f"{indent}  {move}" for move in moves]


@pytest.mark.parametrize("figure", FIGURES)
def test_figures_1_and_7(figure):
    start, horizontal, vertical = FIGURES[figure]
    expected = ["GOTO", "  HGOTO", *block(horizontal, "    ")]
    expected += ["  VGOTO", *block(vertical, "    ")]
    car = camera(*start)
    call = teacher.run(CARS, car)
    assert trace.format_trace(CARS, call) == "\n".join(expected)
    assert car.result() == environment_lib.TARGET


@pytest.mark.parametrize("pose", GRID)
def test_textbook_programs_reach_the_target_by_the_shortest_way(pose):
    car = POSES.make_environment(CAR, *pose)
    call = teacher.run(POSES, car)
    assert car.result() == environment_lib.TARGET
    moves = [
        node.arguments[2] for _, node in call.walk() if node.program == "ACT"
    ]
    distance = abs(pose[0]) + abs(pose[1] - 15)
    assert sum(map(bool, moves)) == distance // 15
    # Where an angle is right already, the null action (Deviation D11).
    angles = [pose[0] == 0, pose[1] == 15]
    assert moves.count(0) == sum(angles)
    assert [child.child.program for child in call.steps] == ["HGOTO", "VGOTO"]


def test_numbers_of_moves_over_all_starts():
    distances = [(abs(a) + abs(e - 15)) // 15 for a, e in GRID]
    counts = np.bincount(distances).tolist()
    assert counts == [1, 4, 7, 9, 10, 10, 8, 4, 2]  # 55 poses in all.


def test_an_angle_that_is_right_prints_no_action():
    call = teacher.run(CARS, camera(0, 15))
    assert trace.format_trace(CARS, call) == "GOTO\n  HGOTO\n  VGOTO"


def test_the_traces_of_pictures_are_those_of_poses():
    for pose in GRID[::7]:
        one = teacher.run(CARS, camera(*pose))
        other = teacher.run(POSES, POSES.make_environment(CAR, *pose))
        assert trace.format_trace(CARS, one) == trace.format_trace(POSES, other)
        observed = one.steps[0].observation
        assert observed.shape == (2 + 128 * 128 * 3,)


def test_a_textbook_program_cannot_read_pictures():
    seen = camera(0, 15).observe()
    with pytest.raises(ValueError, match=r"observation: must .* picture"):
        CARS.program("HGOTO").decide(0, seen, specs.NO_ARGUMENTS)


def test_automata_over_all_poses():
    """Every step is declared, also far from where programs are started."""
    reached = {program.name: {0} for program in CARS.programs[:-1]}
    for bins in itertools.product(range(24), range(6)):
        seen = np.array((0, 1) + bins, np.int8)
        for program in CARS.programs[:-1]:
            for state in range(program.num_states):
                step = program.decide(state, seen, specs.NO_ARGUMENTS)
                assert step.call in program.calls
                assert step.call == specs.ACT or not any(step.arguments)
                assert isinstance(step.end, bool)
                if not step.end:
                    reached[program.name].add(step.next_state)
    for program in CARS.programs[:-1]:
        assert reached[program.name] == set(range(program.num_states))


def test_the_short_way_round_is_taken():
    for degrees, moves in ((180, -12), (165, 11), (-165, -11), (0, 0)):
        seen = np.array((0, 1, environment_lib.angle_bin(degrees), 1), np.int8)
        assert programs.offset(seen, programs.AZIMUTH) == moves


def test_frames_hold_poses_to_be_filled_with_pictures():
    call = teacher.run(POSES, POSES.make_environment(CAR, 30, 30))
    frame = next(frames.call_frames(POSES, call))
    # Target bins 0 and 1; GOTO sees the start, then azimuth 0.
    assert frame.observations == ((0, 1, 2, 2), (0, 1, 0, 2))


class TestPoses(environment_contract.EnvironmentContract):
    """The contract of every environment, over poses."""

    domain = POSES
    problems = ((CAR, 0, 0), (CAR, -75, 60), ("cars/mini.obj", 75, 15))
    bad_problems = (
        (CAR, 90, 15),
        (CAR, 0, 75),
        (CAR, 7, 15),
        (CAR, 0, -15),
        (CAR, 15.0, 15),
        (CAR, True, 15),
        (CAR, "15", 15),
        ("", 0, 15),
        (17, 0, 15),
    )
    actions = tuple(environment_lib.move(d) for d in (1, 2, 4, 3))
    non_actions = ((0, 0, 5), (1, 0, 1), (0, 2, 0), (0, 0, -1))


def test_the_null_action_changes_nothing():
    car = camera(30, 30)
    car.act(specs.NO_ARGUMENTS)
    assert car.result() == (30, 30)
    assert CARS.describe_action(specs.NO_ARGUMENTS) == ""


def test_moves_at_the_limits():
    car = camera(0, 60)
    for _ in range(3):
        car.act(environment_lib.move(environment_lib.UP))
    assert car.result() == (0, 75)
    for _ in range(9):
        car.act(environment_lib.move(environment_lib.DOWN))
    assert car.result() == (0, 0)
    for _ in range(12):
        car.act(environment_lib.move(environment_lib.RIGHT))
    assert car.result() == (-180, 0)
    car.act(environment_lib.move(environment_lib.LEFT))
    assert car.result() == (165, 0)


def test_a_picture_is_drawn_once_a_pose_and_observed_as_bytes():
    drawn = []

    def render(*pose):
        drawn.append(pose)
        return picture(*pose)

    car = camera(15, 30, render)
    seen = car.observe()
    assert seen.dtype == np.uint8 and seen.shape == (CARS.observations.width,)
    np.testing.assert_array_equal(seen[:2], (0, 1))
    np.testing.assert_array_equal(
        seen[2:].reshape(environment_lib.IMAGE_SHAPE), picture(CAR, 15, 30)
    )
    car.act(environment_lib.move(environment_lib.LEFT))
    assert car.observe()[2] == 0  # The picture of azimuth 0.
    car.act(environment_lib.move(environment_lib.RIGHT))
    np.testing.assert_array_equal(car.observe(), seen)
    assert drawn == [(CAR, 15, 30), (CAR, 0, 30)]


def test_the_pose_is_not_in_the_observation():
    car = camera(15, 30, lambda *pose: picture("", 0, 0))
    before = car.observe()
    for direction in (1, 3):
        car.act(environment_lib.move(direction))
        np.testing.assert_array_equal(car.observe(), before)


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((64, 64, 3), np.uint8),
        np.zeros((128, 128, 3), np.float32),
        [[0]],
        None,
    ],
)
def test_a_picture_of_another_kind_is_refused(image):
    car = camera(0, 15, lambda *pose: image)
    with pytest.raises(ValueError, match="render: must give uint8"):
        car.observe()


def test_a_snapshot_holds_the_picture():
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, environment_lib.IMAGE_SHAPE, np.uint8)
    shown = CARS.snapshot(camera(15, 30, lambda *pose: image))
    assert (shown["azimuth"], shown["elevation"]) == (15, 30)
    assert shown["target"] == [0, 15]
    code = shown["image"].removeprefix("data:image/png;base64,")
    np.testing.assert_array_equal(read_png(base64.b64decode(code)), image)


def read_png(data):
    """The image in a PNG file without filters, every checksum looked at."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, start = {}, 8
    while start < len(data):
        (size,) = struct.unpack(">I", data[start : start + 4])
        body = data[start + 4 : start + 8 + size]
        (check,) = struct.unpack(">I", data[start + 8 + size :][:4])
        assert zlib.crc32(body) == check
        chunks[body[:4]] = body[4:]
        start += 12 + size
    width, height = struct.unpack(">II", chunks[b"IHDR"][:8])
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8)
    rows = rows.reshape(height, 1 + 3 * width)
    assert not rows[:, 0].any()
    return rows[:, 1:].reshape(height, width, 3)


def test_png_of_any_size():
    image = np.arange(2 * 5 * 3, dtype=np.uint8).reshape(2, 5, 3)
    np.testing.assert_array_equal(read_png(snapshot_lib.png(image)), image)


def test_words_of_the_command_line():
    assert CARS.parse_values(("car-017", "-30", "45")) == ("car-017", -30, 45)
    words = CARS.parse_values(("car-017", "left", "45"))
    with pytest.raises(ValueError, match=r"azimuth: must be .*'left'"):
        CARS.make_environment(*words)

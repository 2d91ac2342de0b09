"""Pictures of cars: the pose, the light, what is refused."""

import inspect
import math
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

from npi_tf.canonicalization import draw_process
from npi_tf.canonicalization import off_screen
from npi_tf.canonicalization import renderer
from npi_tf.canonicalization import view_checks

CAR = "car-003"
POSES = [(a, e) for a in range(-75, 90, 15) for e in (0, 15, 30, 45, 60)]


@pytest.fixture(scope="module")
def drawer():
    """One renderer for the tests of this file."""
    return renderer.Renderer()


def difference(a, b):
    """Mean difference of two pictures, 0 to 255."""
    return abs(a.astype(int) - b.astype(int)).mean()


def test_picture_is_128_by_128_rgb_on_white(drawer):
    picture = drawer.render(CAR, 30, 15)
    assert picture.shape == (128, 128, 3)
    assert picture.dtype == np.uint8
    edges = [picture[0], picture[-1], picture[:, 0], picture[:, -1]]
    assert all((edge == 255).all() for edge in edges)
    # A dark blue car.
    seen = picture[(picture < 250).any(-1)].mean(0)
    assert seen[2] > 1.3 * seen[0]


def test_same_picture_again_and_from_another_renderer(drawer):
    picture = drawer.render(CAR, 30, 15)
    drawer.render("car-101", -45, 60)
    np.testing.assert_array_equal(drawer.render(CAR, 30, 15), picture)
    other = renderer.Renderer().render(CAR, 30, 15)
    np.testing.assert_array_equal(other, picture)
    np.testing.assert_array_equal(renderer.render(CAR, 30, 15), picture)


def test_every_pose_gives_another_picture(drawer):
    pictures = {drawer.render(CAR, *pose).tobytes() for pose in POSES}
    assert len(pictures) == len(POSES) == 55


def test_azimuth_counts_full_turns(drawer):
    turned = drawer.render(CAR, 30 + 360, 15)
    assert difference(drawer.render(CAR, 30, 15), turned) < 0.05


@pytest.mark.parametrize("azimuth", [15, 45, 75])
def test_opposite_azimuths_are_mirror_images(drawer, azimuth):
    left = drawer.render(CAR, azimuth, 15)
    right = drawer.render(CAR, -azimuth, 15)[:, ::-1]
    assert difference(left, right) < 0.5
    assert difference(left, right[:, ::-1]) > 5


def test_positive_azimuth_shows_the_left_side(drawer, tmp_path):
    """A bar with a red front, blue rear, green left, yellow right."""
    path = tmp_path / "bar.ply"
    path.write_text(BAR, encoding="ascii")
    front = drawer.render(str(path), 0, 0)[64, 64]
    assert front[0] > 2 * front[1]
    assert is_hue(front, "red")
    assert is_hue(drawer.render(str(path), 90, 0)[64, 64], "green")
    assert is_hue(drawer.render(str(path), -90, 0)[64, 64], "yellow")
    assert is_hue(drawer.render(str(path), 180, 0)[64, 64], "blue")
    assert is_hue(drawer.render(str(path), 0, 90)[64, 64], "white")
    # From the front left the red front is left of the green side.
    both = drawer.render(str(path), 45, 0)[64]
    red = [x for x in range(128) if is_hue(both[x], "red")]
    green = [x for x in range(128) if is_hue(both[x], "green")]
    assert max(red) < min(green)


def is_hue(pixel, name):
    """Whether a pixel has the strong and the weak channels of a colour."""
    high = {
        "red": (0,),
        "green": (1,),
        "blue": (2,),
        "yellow": (0, 1),
        "white": (0, 1, 2),
    }[name]
    low = [int(pixel[c]) for c in range(3) if c not in high]
    weakest = min(int(pixel[c]) for c in high)
    return weakest > 60 and all(weakest > 3 * value for value in low)


# Front +x red, left +y green, up +z white.
BAR = """ply
format ascii 1.0
element vertex 8
property float x
property float y
property float z
element face 6
property list uchar int vertex_indices
property uchar red
property uchar green
property uchar blue
end_header
-2 -1 -1
2 -1 -1
2 1 -1
-2 1 -1
-2 -1 1
2 -1 1
2 1 1
-2 1 1
4 1 2 6 5 255 0 0
4 3 0 4 7 0 0 255
4 2 3 7 6 0 255 0
4 0 1 5 4 255 255 0
4 4 5 6 7 255 255 255
4 0 3 2 1 90 90 90
"""


def test_light_from_the_left_brightens_the_left_side(drawer):
    usual = drawer.render(CAR, 90, 15)
    left = drawer.render(CAR, 90, 15, light_direction=(0, 1, 0.5))
    right = drawer.render(CAR, 90, 15, light_direction=(0, -1, 0.5))
    assert left.mean() > usual.mean() > right.mean()


def test_a_closer_camera_shows_a_larger_car(drawer):
    counts = [
        (drawer.render(CAR, 30, 15, camera_distance=d) < 250).any(-1).sum()
        for d in (0.9, 1.0, 1.1)
    ]
    assert counts[0] > counts[1] > counts[2]
    assert counts[1] / counts[2] == pytest.approx(1.21, abs=0.06)


def test_hue_and_background(drawer):
    red = drawer.render(CAR, 30, 15, hue=120)
    assert difference(red, drawer.render(CAR, 30, 15)) > 2
    assert (drawer.render(CAR, 30, 15, background=(9, 8, 7))[0, 0] == 9).any()
    picture = drawer.render(CAR, 30, 15, background=(9, 8, 7))
    np.testing.assert_array_equal(picture[0, 0], (9, 8, 7))
    # No change outlives its picture.
    np.testing.assert_array_equal(drawer.render(CAR, 30, 15)[0, 0], 255)


@pytest.mark.parametrize(
    ("arguments", "changes", "message"),
    [
        (("car-200", 0, 0), {}, "car: .* got 'car-200'"),
        (("no such car", 0, 0), {}, "car: .* got 'no such car'"),
        ((17, 0, 0), {}, "car: .* got 17"),
        ((CAR, math.nan, 0), {}, "azimuth: must be finite, got nan"),
        ((CAR, 0, 91), {}, "elevation: must be -90 to 90, got 91"),
        ((CAR, 0, math.nan), {}, "elevation: .* got nan"),
        ((CAR, "x", 0), {}, "azimuth: must be finite, got 'x'"),
        ((CAR, 10**400, 0), {}, "azimuth: must be finite, got 10"),
        ((CAR, 0, None), {}, "elevation: must be -90 to 90, got None"),
        ((CAR, 0, 0), {"camera_distance": "a"}, "camera_distance: .* got 'a'"),
        ((CAR, 0, 0), {"hue": (60,)}, "hue: must be finite, got "),
        ((CAR, 0, 0), {"light_direction": "abc"}, "light_direction: .*'abc'"),
        ((CAR, 0, 0), {"light_direction": None}, "light_direction: .* None"),
        ((CAR, 0, 0), {"light_direction": ("0", "0", "1")}, "light_direction"),
        ((CAR, 0, 0), {"light_direction": ([0], [0, 1], 1)}, "light_direction"),
        ((CAR, 0, 0), {"light_direction": (0, 1, math.inf)}, "light_direction"),
        ((CAR, 0, 0), {"background": "red"}, "background: .* got 'red'"),
        ((CAR, 0, 0), {"camera_distance": 0}, "camera_distance: .* got 0"),
        ((CAR, 0, 0), {"hue": math.inf}, "hue: must be finite, got inf"),
        ((CAR, 0, 0), {"light_direction": (0, 0, 0)}, "light_direction: "),
        ((CAR, 0, 0), {"light_direction": (0, 1)}, "light_direction: "),
        ((CAR, 0, 0), {"background": (0, 0, 256)}, "background: "),
    ],
)
def test_bad_arguments_are_refused(drawer, arguments, changes, message):
    with pytest.raises(ValueError, match=message):
        drawer.render(*arguments, **changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hue": "x"}, "hue: must be finite, got 'x'"),
        ({"colour": 1}, "changes: must be of light_direction, .* got 'colour'"),
        (("hue", 60.0), r"changes: must be a dict, got \('hue', 60.0\)"),
    ],
)
def test_bad_changes_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        view_checks.check_changes(changes)


def test_every_change_of_the_renderer_is_checked():
    arguments = inspect.signature(renderer.Renderer.render).parameters
    changes = {
        name: parameter.default
        for name, parameter in arguments.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }
    assert len(changes) == 4
    view_checks.check_changes(changes)


def test_a_changed_file_is_drawn_anew(drawer, tmp_path):
    path = tmp_path / "bar.ply"
    path.write_text(BAR, encoding="ascii")
    assert is_hue(drawer.render(path, 0, 0)[64, 64], "red")
    turned = BAR.replace("255 0 0", "0 255 0")
    path.write_text(turned, encoding="ascii")
    assert is_hue(drawer.render(path, 0, 0)[64, 64], "green")


def test_bad_renderers_are_refused():
    with pytest.raises(ValueError, match="size: must be 1 to 4096, got 0"):
        renderer.Renderer(0)
    with pytest.raises(ValueError, match=r"up: .* got '-x'"):
        renderer.Renderer(front="+x", up="-x")


def test_without_a_context_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr(off_screen, "_loads", lambda library: False)
    vtk = off_screen.import_vtk()
    with pytest.raises(RuntimeError, match="apt-get install libegl1"):
        off_screen.open_window(vtk, 16)


def test_without_vtk_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "vtkmodules", None)
    with pytest.raises(RuntimeError, match="pip install vtk"):
        off_screen.import_vtk()


def test_errors_of_the_drawing_process_arrive():
    process = draw_process.DrawProcess(16)
    with pytest.raises(RuntimeError, match="99"):
        process.call("draw", 99, 0, 0, 2, (0, 0, 1), (0, 0, 0))
    assert process.is_open
    process.close()


def test_a_renderer_says_when_its_process_has_ended():
    ended = renderer.Renderer(16)
    ended.render(CAR, 0, 0)
    ended._process.process.kill()
    with pytest.raises(RuntimeError, match="ended with -9: no message"):
        ended.render(CAR, 0, 0)
    ended.close()
    assert not ended.is_open
    with pytest.raises(RuntimeError, match="the renderer is closed"):
        ended.render(CAR, 0, 0)


HANGS = """
import pickle, sys, time
for _ in range({answers}):
    pickle.load(sys.stdin.buffer)
    pickle.dump((None, None), sys.stdout.buffer)
    sys.stdout.buffer.flush()
sys.stdout.buffer.write(b"\\x80")  # Half an answer.
sys.stdout.buffer.flush()
time.sleep(600)
"""


@pytest.fixture
def hanging(monkeypatch, tmp_path):
    """Makes processes that answer some calls and then hang."""

    def start(answers, deadline):
        (tmp_path / "hangs.py").write_text(HANGS.format(answers=answers))
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        monkeypatch.setattr(draw_process, "MODULE", "hangs")
        return draw_process.DrawProcess(16, deadline)

    return start


# Answers, and a request that a pipe holds, or is too large for it.
@pytest.mark.parametrize("size", [1, 10_000_000])
def test_a_process_that_hangs_is_killed(hanging, size):
    process = hanging(answers=1, deadline=60.0)
    assert process.is_open
    process.deadline = 0.2
    message = r"no answer within 0\.2 seconds and was killed"
    for _ in range(2):
        with pytest.raises(RuntimeError, match=message):
            process.call("add", b" " * size)
    assert process.process.wait(10) == -signal.SIGKILL
    assert not process.is_open
    process.close()


def test_a_process_that_never_starts_is_killed(hanging):
    with pytest.raises(RuntimeError, match="no answer within"):
        hanging(answers=0, deadline=0.1)


def test_render_starts_again_after_an_end_and_in_a_thread():
    picture = renderer.render(CAR, 30, 15)
    renderer._thread_renderer().close()
    np.testing.assert_array_equal(renderer.render(CAR, 30, 15), picture)
    found = []
    thread = threading.Thread(
        target=lambda: found.append(renderer.render(CAR, 30, 15))
    )
    thread.start()
    thread.join()
    np.testing.assert_array_equal(found[0], picture)


def test_dropped_cars_are_drawn_again(monkeypatch):
    monkeypatch.setattr(renderer, "CACHED_MESHES", 2)
    small = renderer.Renderer(32)
    names = ("car-000", "car-001", "car-002", "car-000")
    pictures = [small.render(name, 30, 15) for name in names]
    assert list(small._numbers.values()) == [2, 3]
    np.testing.assert_array_equal(pictures[0], pictures[3])
    small.close()


def test_nothing_is_printed_and_vtk_stays_in_its_process():
    """Mesa and TensorFlow in one process would end it."""
    code = (
        "import sys\n"
        "from npi_tf.canonicalization import renderer\n"
        "renderer.render('car-000', 0, 15)\n"
        "heavy = {'vtkmodules', 'trimesh', 'keras', 'tensorflow'}\n"
        "assert not heavy & set(sys.modules)\n"
        "maps = open('/proc/self/maps').read() if LINUX else ''\n"
        "assert 'libLLVM' not in maps and 'libEGL' not in maps\n"
    )
    linux = f"LINUX = {sys.platform == 'linux'}\n"
    done = subprocess.run(
        [sys.executable, "-c", linux + code], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

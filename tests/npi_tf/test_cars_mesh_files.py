"""Cars from mesh files: what is read, how it is turned, what is refused."""

import re
import subprocess
import sys

import numpy as np
import pytest
import trimesh
from PIL import Image

from npi_tf.canonicalization import convert_meshes
from npi_tf.canonicalization import fleet
from npi_tf.canonicalization import mesh_files
from npi_tf.canonicalization import meshes
from npi_tf.canonicalization import renderer

BOX_COLOUR = (10, 200, 30)


def colourful(mesh):
    """The mesh for trimesh, each corner with the colour of its face."""
    opaque = np.full((len(mesh.faces), 1), 255, np.uint8)
    colours = np.concatenate([mesh.colours, opaque], axis=1)
    return trimesh.Trimesh(
        mesh.vertices[mesh.faces].reshape(-1, 3),
        np.arange(3 * len(mesh.faces)).reshape(-1, 3),
        vertex_colors=np.repeat(colours, 3, axis=0),
        process=False,
    )


def box(size, colour=None):
    """A box of `size`, its corner at (5, 5, 5)."""
    mesh = trimesh.creation.box(size)
    mesh.apply_translation(np.array(size) / 2 + 5)
    if colour:
        mesh.visual.vertex_colors = np.tile((*colour, 255), (8, 1))
    return mesh


@pytest.mark.parametrize("suffix", [".obj", ".glb", ".ply"])
def test_a_car_looks_the_same_from_a_file(tmp_path, suffix):
    path = str(tmp_path / f"car{suffix}")
    colourful(meshes.build(fleet.spec(3))).export(path)
    ours = renderer.render("car-003", 30, 15).astype(int)
    difference = abs(renderer.render(path, 30, 15) - ours)
    assert difference.mean() < 0.1
    assert difference.mean() < abs(ours - 255).mean() / 100


def test_the_convention_of_a_file_is_turned_to_ours(tmp_path):
    path = str(tmp_path / "box.ply")
    # Front -z, up +y, as ShapeNet: 1 wide, 2 high, 4 long.
    box((1, 2, 4), BOX_COLOUR).export(path)
    mesh = mesh_files.load(path, front="-z", up="+y")
    size = np.ptp(mesh.vertices, axis=0)
    np.testing.assert_allclose(size, (1, 0.25, 0.5), atol=1e-6)
    np.testing.assert_allclose(mesh.vertices.mean(0), 0, atol=1e-6)
    assert (mesh.colours == BOX_COLOUR).all()


def test_all_24_conventions_are_rotations():
    found = set()
    for front in mesh_files.AXES:
        for up in mesh_files.AXES:
            if front[1] == up[1]:
                continue
            turn = mesh_files.rotation(front, up)
            np.testing.assert_array_equal(turn @ turn.T, np.eye(3))
            assert np.linalg.det(turn) == pytest.approx(1)
            np.testing.assert_array_equal(
                turn @ mesh_files.AXES[front], (1, 0, 0)
            )
            np.testing.assert_array_equal(turn @ mesh_files.AXES[up], (0, 0, 1))
            found.add(turn.tobytes())
    assert len(found) == 24


def test_parts_of_a_scene_stand_where_it_puts_them(tmp_path):
    scene = trimesh.Scene()
    scene.add_geometry(box((1, 1, 1), (255, 0, 0)))
    move = trimesh.transformations.translation_matrix((3, 0, 0))
    scene.add_geometry(box((1, 1, 1), (0, 0, 255)), transform=move)
    path = str(tmp_path / "scene.glb")
    scene.export(path)
    mesh = mesh_files.load(path)
    np.testing.assert_allclose(
        np.ptp(mesh.vertices, axis=0), (1, 0.25, 0.25), atol=1e-6
    )
    front = mesh.vertices[mesh.faces].mean(1)[:, 0] > 0
    assert (mesh.colours[front] == (0, 0, 255)).all()
    assert (mesh.colours[~front] == (255, 0, 0)).all()


def test_materials_give_their_colours(tmp_path):
    (tmp_path / "car.mtl").write_text("newmtl red\nKd 1 0 0\n")
    faces = "v 0 0 0\nv 2 0 0\nv 2 1 0\nusemtl red\nf 1 2 3\n"
    path = tmp_path / "car.obj"
    path.write_text("mtllib car.mtl\n" + faces)
    assert (mesh_files.load(str(path)).colours == (255, 0, 0)).all()


@pytest.mark.parametrize("folder", [".", "images", "../images"])
def test_textures_give_the_colours_of_faces(tmp_path, folder):
    image = Image.new("RGB", (8, 8), (0, 0, 255))
    image.paste((255, 255, 0), (0, 0, 4, 8))  # Its left half.
    tmp_path /= "models"  # ShapeNet's textures lie in a folder beside it.
    (tmp_path / folder).mkdir(parents=True)
    tmp_path.mkdir(exist_ok=True)
    image.save(tmp_path / folder / "picture.png")
    (tmp_path / "car.mtl").write_text(
        f"newmtl skin\nmap_Kd {folder}/picture.png\n"
    )
    corners = "v 0 0 0\nv 2 0 0\nv 2 1 0\nv 0 1 0\n"
    places = "vt 0.1 0.1\nvt 0.9 0.9\nusemtl skin\n"
    faces = "f 1/1 2/1 3/1\nf 1/2 3/2 4/2\n"
    path = tmp_path / "car.obj"
    path.write_text("mtllib car.mtl\n" + corners + places + faces)
    colours = mesh_files.load(str(path)).colours.tolist()
    assert colours == [[255, 255, 0], [0, 0, 255]]


def test_what_has_no_colour_is_grey(tmp_path):
    path = str(tmp_path / "plain.obj")
    box((4, 2, 1)).export(path, include_color=False)
    assert (mesh_files.load(path).colours == mesh_files.GREY).all()


def test_a_folder_is_searched_and_sorted(tmp_path):
    (tmp_path / "b").mkdir()
    for name in ("z.ply", "b/a.OBJ", "notes.txt"):
        (tmp_path / name).write_text("")
    paths = mesh_files.find(str(tmp_path))
    assert paths == (str(tmp_path / "b/a.OBJ"), str(tmp_path / "z.ply"))


def convert(source, target, folder):
    """Runs the command."""
    command = [sys.executable, "-m", convert_meshes.__name__]
    return subprocess.run(
        [*command, folder / source, folder / target, "--front=-z", "--up=+y"],
        capture_output=True,
        text=True,
    )


def test_a_folder_is_converted(tmp_path):
    (tmp_path / "from/model-1").mkdir(parents=True)
    source = tmp_path / "from/model-1/box.obj"
    box((1, 2, 4), BOX_COLOUR).export(str(source))
    (tmp_path / "to").mkdir()
    (tmp_path / "to/other.obj").touch()  # Was there before.
    done = convert("from", "to", tmp_path)
    assert done.stdout.split() == [str(tmp_path / "to/model-1/box.ply")]
    mesh = mesh_files.load(done.stdout.strip())
    np.testing.assert_allclose(
        np.ptp(mesh.vertices, axis=0), (1, 0.25, 0.5), atol=1e-6
    )
    assert (mesh.colours == BOX_COLOUR).all()


def test_a_target_that_is_no_folder_is_said_in_one_line(tmp_path):
    (tmp_path / "from").mkdir()
    box((1, 1, 1)).export(str(tmp_path / "from/box.obj"))
    (tmp_path / "to").touch()
    done = convert("from", "to", tmp_path)
    assert done.returncode == 2
    assert re.fullmatch(".*File exists: .*to'\n", done.stderr)


def test_two_meshes_of_one_name_are_not_converted(tmp_path):
    for suffix in ("obj", "ply"):
        box((1, 1, 1)).export(str(tmp_path / f"car.{suffix}"))
    with pytest.raises(ValueError, match="folder: must hold one mesh"):
        convert_meshes.convert(str(tmp_path), str(tmp_path / "to"))


@pytest.mark.parametrize("suffix", [".obj", ".glb", ".ply"])
@pytest.mark.parametrize("content", [b"", b"nonsense\n"])
def test_files_without_a_mesh_are_refused(tmp_path, suffix, content):
    path = tmp_path / f"bad{suffix}"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"car: .*bad\\{suffix}"):
        mesh_files.load(str(path))


@pytest.mark.parametrize(
    "faces", ["v 0 0 0\nf 1 1 1\n", "v 0 0 0\nv nan 0 0\nv 1 1 0\nf 1 2 3\n"]
)
def test_meshes_without_a_size_are_refused(tmp_path, faces):
    path = tmp_path / "flat.obj"
    path.write_text(faces)
    with pytest.raises(ValueError, match="car: "):
        mesh_files.load(str(path))


def test_missing_files_and_folders_are_refused(tmp_path):
    with pytest.raises(ValueError, match="car: no such mesh file"):
        mesh_files.load(str(tmp_path / "none.obj"))
    with pytest.raises(ValueError, match="folder: must be a folder"):
        mesh_files.find(str(tmp_path / "none"))
    with pytest.raises(ValueError, match="folder: must hold meshes"):
        mesh_files.find(str(tmp_path))
    for nothing in ("", None):
        with pytest.raises(ValueError, match="folder: must be a folder"):
            mesh_files.find(nothing)
    with pytest.raises(ValueError, match=r"car: .* got 17"):
        mesh_files.load(17)


@pytest.mark.parametrize(
    ("front", "up", "message"),
    [
        ("x", "+z", "front: .* got 'x'"),
        ("+x", "up", "up: .* got 'up'"),
        (["+x"], "+z", r"front: .* got \['\+x'\]"),
        ("+x", "-x", "up: must be another axis than front '\\+x', got '-x'"),
    ],
)
def test_bad_axes_are_refused(front, up, message):
    with pytest.raises(ValueError, match=message):
        mesh_files.rotation(front, up)


def test_without_trimesh_the_error_says_what_to_install(tmp_path, monkeypatch):
    path = str(tmp_path / "box.ply")
    box((1, 1, 1)).export(path)
    monkeypatch.setitem(sys.modules, "trimesh", None)
    with pytest.raises(RuntimeError, match="pip install trimesh"):
        mesh_files.load(path)

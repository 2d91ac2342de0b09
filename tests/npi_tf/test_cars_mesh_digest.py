"""Digests of mesh files: what changes them, and what does not."""

import json
import os
import pathlib
import struct

import pytest

from npi_tf.canonicalization import mesh_digest


@pytest.fixture
def car(tmp_path):
    """A mesh with its material and two textures; the last is not there."""
    folder = tmp_path / "models"
    folder.mkdir()
    (tmp_path / "images").mkdir()
    (folder / "my car.mtl").write_text(
        "newmtl a\nKd 1 0 0\n  map_Kd ../images/a.png\r\nmap_kd b.png\n"
        "map_Bump bumps.png\n"
    )
    (tmp_path / "images/a.png").write_bytes(b"a picture")
    (folder / "car.obj").write_text("mtllib my car.mtl\nv 0 0 0\nf 1 1 1\n")
    return folder / "car.obj"


def changed_by(path, change):
    """Whether the digest of `path` differs after `change()`."""
    before = mesh_digest.digest(path)
    assert mesh_digest.digest(path) == before
    change()
    return mesh_digest.digest(path) != before


def append(path, content=b"# more\n"):
    """A function that makes a file longer, or a new file."""

    def change():
        with open(path, "ab") as file:
            file.write(content)

    return change


@pytest.mark.parametrize(
    "name", ["car.obj", "my car.mtl", "../images/a.png", "b.png"]
)
def test_what_a_mesh_depends_on_changes_its_digest(car, name):
    assert changed_by(car, append(car.parent / name))


@pytest.mark.parametrize("name", ["bumps.png", "other.mtl", "other.obj"])
def test_nothing_else_does(car, name):
    assert not changed_by(car, append(car.parent / name))


def test_the_files_of_a_mesh_come_in_order(car):
    names = ["car.obj", "my car.mtl", "../images/a.png"]
    folder = f"{car.parent}/"
    assert list(mesh_digest.files(car)) == [folder + name for name in names]


def test_a_file_that_goes_changes_the_digest(car):
    assert changed_by(car, (car.parent / "my car.mtl").unlink)


def test_the_same_files_elsewhere_have_the_same_digest(car, tmp_path):
    before = mesh_digest.digest(str(car))
    folder = car.parent.rename(tmp_path / "moved")
    assert mesh_digest.digest(folder / "car.obj") == before


def test_a_change_of_the_same_length_in_place_counts(car):
    texture = car.parent.parent / "images/a.png"

    def change():
        texture.write_bytes(b"b picture")
        os.utime(texture, ns=(0, 0))  # A copy may bring an old date.

    assert changed_by(car, change)


def test_textures_of_the_other_formats_count(tmp_path):
    ply, glb = tmp_path / "car.ply", tmp_path / "car.glb"
    ply.write_bytes(b"ply\ncomment TextureFile skin.png\nend_header\n\xff\x00")
    text = json.dumps({"images": [{"uri": "skin.png"}, {"uri": "data:,A"}]})
    glb.write_bytes(b"glTF" + struct.pack("<4I", 2, 0, 0, 0) + text.encode())
    (tmp_path / "skin.png").write_bytes(b"1")
    before = mesh_digest.digest(ply)
    assert changed_by(glb, append(tmp_path / "skin.png"))
    assert mesh_digest.digest(ply) != before


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("none.obj", "car: no such mesh file, got 'none.obj'"),
        ("notes.txt", "car: .* got 'notes.txt'"),
        (17, "car: .* got 17"),
    ],
)
def test_what_is_no_mesh_is_refused(path, message):
    with pytest.raises(ValueError, match=message):
        mesh_digest.digest(path)


def test_a_file_that_cannot_be_read_is_refused(car, monkeypatch):
    def refuse(path):
        raise PermissionError(f"not allowed: {path}")

    monkeypatch.setattr(pathlib.Path, "read_bytes", refuse)
    with pytest.raises(ValueError, match=r"car: cannot read .*not allowed"):
        mesh_digest.digest(car)

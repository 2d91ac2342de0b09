"""Presets: there and back, and every way in which one can be damaged."""

import contextlib
import json
import pathlib
import shutil
import warnings

import keras
import numpy as np
import pytest

from npi_tf import model as model_lib
from npi_tf import presets
from npi_tf import teacher
from npi_tf.addition import domain as domain_lib
from tests.npi_tf import scripted


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A small model in a folder, and the model."""
    model = scripted.small_model()
    scripted.make_wild(model, seed=0)
    folder = tmp_path_factory.mktemp("presets") / "small"
    model.save_to_preset(folder)
    return model, folder


@pytest.fixture
def damaged(saved, tmp_path):
    """A copy of the folder to spoil."""
    return shutil.copytree(saved[1], tmp_path / "damaged")


def test_there_and_back(saved):
    model, folder = saved
    loaded = model_lib.NPI.from_preset(str(folder))
    assert loaded.get_config() == model.get_config()
    for one, other in zip(loaded.weights, model.weights, strict=True):
        np.testing.assert_array_equal(one, other)
    frames = teacher.teach(domain_lib.ADDITION, [("9", "1")]).inputs()
    np.testing.assert_array_equal(
        loaded(frames)["program_logits"], model(frames)["program_logits"]
    )


def test_a_folder_is_made_with_its_parents_and_written_over(tmp_path):
    folder = tmp_path / "a" / "b"
    scripted.small_model().save_to_preset(folder)
    grown = scripted.small_model().with_programs("SUB")
    grown.save_to_preset(folder)
    assert presets.load(folder).programs == grown.programs


def test_the_committed_presets_load(preset_model):
    assert "addition" in presets.preset_names()
    for name in presets.preset_names():
        assert isinstance(presets.load(name), model_lib.NPI)
    assert preset_model.programs == domain_lib.ADDITION.program_names
    assert preset_model.dtype_policy.name == "float32"


def test_a_folder_named_like_a_preset_has_a_name_of_its_own(saved, tmp_path):
    shutil.copytree(saved[1], tmp_path / "sorting")
    with contextlib.chdir(tmp_path):
        with pytest.warns(UserWarning, match=r"name here is '\./sorting'"):
            assert presets.load("sorting").core.hidden_dim == 256
        for own in ("./sorting", pathlib.Path("sorting")):
            assert presets.load(own).get_config() == saved[0].get_config()
    with warnings.catch_warnings(), contextlib.chdir(presets.PRESETS):
        warnings.simplefilter("error")
        assert presets.load("sorting").core.hidden_dim == 256


@pytest.mark.parametrize("preset", ["subtraction", "", "no/such/folder"])
def test_an_unknown_preset_raises(preset):
    with pytest.raises(ValueError, match=r"preset: must be one of addition"):
        model_lib.NPI.from_preset(preset)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        "null",
        '"NPI"',
        '{"module": "npi_tf.model", "class_name": "NPI"}',
        '{"module": "npi_tf.model", "class_name": "NPI", "config": {}}',
        '{"module": "nowhere", "class_name": "None", "config": {}}',
        '{"module": "keras.layers", "class_name": "Dense",'
        ' "config": {"units": 3}, "registered_name": null}',
        "\udcff",
    ],
)
def test_a_damaged_config_raises(damaged, text):
    data = text.encode("utf-8", "surrogateescape")
    (damaged / "config.json").write_bytes(data)
    with pytest.raises(ValueError, match=r"preset: .* must hold a readable"):
        presets.load(damaged)


def test_a_model_of_another_kind_raises(tmp_path):
    model = keras.Sequential([keras.Input([2]), keras.layers.Dense(3)])
    presets.save(model, tmp_path)
    with pytest.raises(ValueError, match=r"preset: .* got Sequential, which"):
        presets.load(tmp_path)


def test_a_layer_that_is_not_there_raises(damaged):
    path = damaged / "config.json"
    text = path.read_text().replace("npi_tf.encoder", "npi_tf.no_encoder")
    path.write_text(text.replace('"config_sha256"', '"ignored"'))
    with pytest.raises(ValueError, match=r"preset: .* got No module named"):
        presets.load(damaged)


def test_the_preset_of_a_domain():
    assert presets.default_preset("sorting") == "sorting"
    assert presets.default_preset("maximum") == "multitask"


def test_a_config_that_does_not_fit_its_weights_raises(damaged):
    path = damaged / "config.json"
    config = json.loads(path.read_text())
    config["config"]["hidden_dim"] = 32
    del config["config_sha256"]
    path.write_text(json.dumps(config))
    with pytest.raises(ValueError, match=r"preset: .* must hold a readable"):
        presets.load(damaged)


def swap_programs(config):
    names = config["programs"]
    names[0], names[1] = names[1], names[0]


@pytest.mark.parametrize(
    "change", [lambda config: config.update(num_layers=1), swap_programs]
)
def test_a_config_that_is_not_that_saved_raises(damaged, change):
    """It could be read, and fits the weights."""
    path = damaged / "config.json"
    config = json.loads(path.read_text())
    change(config["config"])
    path.write_text(json.dumps(config))
    with pytest.raises(ValueError, match=r"config.json of another SHA-256"):
        presets.load(damaged)
    del config["config_sha256"]  # As written by earlier versions.
    path.write_text(json.dumps(config))
    presets.load(damaged)


def test_the_librarys_presets_hold_both_digests():
    for name in presets.preset_names():
        config = json.loads(
            (presets.PRESETS / name / "config.json").read_text()
        )
        assert {"weights_sha256", "config_sha256"} <= set(config)


def test_a_config_may_be_laid_out_anew(saved, damaged):
    path = damaged / "config.json"
    config = json.loads(path.read_text())
    path.write_text(json.dumps(dict(reversed(config.items()))))
    assert presets.load(damaged).programs == saved[0].programs


@pytest.mark.parametrize("kept", [0, 100, 0.5, 0.99])
def test_truncated_weights_raise(damaged, kept):
    path = damaged / "model.weights.h5"
    data = path.read_bytes()
    size = int(kept * len(data)) if isinstance(kept, float) else kept
    path.write_bytes(data[:size])
    with pytest.raises(ValueError, match=r"preset: .* must hold a readable"):
        presets.load(damaged)


@pytest.mark.parametrize("kept", [0.05, 0.5, 0.95])
def test_weights_that_end_in_zeros_raise(damaged, kept):
    path = damaged / "model.weights.h5"
    data = path.read_bytes()
    path.write_bytes(data[: int(kept * len(data))].ljust(len(data), b"\0"))
    with pytest.raises(ValueError, match=r"preset: .* must hold a readable"):
        presets.load(damaged)


def test_weights_that_are_not_those_saved_raise(saved, damaged):
    """They can be read, and are finite, but for one number."""
    model = presets.load(saved[1])
    bias = model.core.end.bias
    bias.assign(np.nextafter(np.array(bias), np.float32(9)))
    model.save_weights(damaged / "model.weights.h5")
    with pytest.raises(ValueError, match=r"preset: .* of another SHA-256"):
        presets.load(damaged)


@pytest.mark.parametrize("preset", [None, 3])
def test_what_is_no_name_raises(preset):
    with pytest.raises(ValueError, match="preset: must be a name or a folder"):
        presets.load(preset)


def test_missing_weights_raise(damaged):
    (damaged / "model.weights.h5").unlink()
    with pytest.raises(ValueError, match=r"preset: .* must hold a readable"):
        presets.load(damaged)

"""Presets: there and back, and every way in which one can be damaged."""

import contextlib
import json
import pathlib
import shutil
import warnings

import numpy as np
import pytest

from np_tf import model as model_lib
from np_tf import presets
from tests.np_tf import small

DAMAGED = r"preset: .* must hold a readable config.json and model.weights.h5"


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A small model in a folder, and the model."""
    model = small.small_model("attention", text=True, wild=0.8)
    folder = tmp_path_factory.mktemp("presets") / "small"
    model.save_to_preset(folder)
    return model, folder


@pytest.fixture
def damaged(saved, tmp_path):
    """A copy of the folder to spoil."""
    return shutil.copytree(saved[1], tmp_path / "damaged")


def test_there_and_back(saved):
    model, folder = saved
    loaded = model_lib.NeuralProgrammer.from_preset(str(folder))
    assert loaded.get_config() == model.get_config()
    for one, other in zip(loaded.weights, model.weights, strict=True):
        np.testing.assert_array_equal(one, other)
    inputs = small.random_inputs(text=True)
    expected = model(inputs)
    for name, value in loaded(inputs).items():
        np.testing.assert_array_equal(value, expected[name], err_msg=name)


def test_a_folder_is_made_with_its_parents_and_written_over(tmp_path):
    folder = tmp_path / "a" / "b"
    small.small_model().save_to_preset(folder)
    small.small_model("bidirectional").save_to_preset(folder)
    assert presets.load(folder).encoder == "bidirectional"


@pytest.mark.parametrize("name", presets.preset_names())
def test_the_committed_presets_load(name):
    model = presets.load(name)
    assert isinstance(model, model_lib.NeuralProgrammer)
    assert (model.hidden_dim, model.num_steps) == (256, 4)
    for weight in model.weights:
        assert np.isfinite(np.asarray(weight)).all()


def test_a_folder_named_like_a_preset_has_a_name_of_its_own(damaged, tmp_path):
    own = presets.load(damaged)
    (tmp_path / "here").mkdir()
    damaged.rename(tmp_path / "here" / "five_columns")
    with contextlib.chdir(tmp_path / "here"):
        with pytest.warns(UserWarning, match=r"here is '\./five_columns'"):
            theirs = presets.load("five_columns")
        assert theirs.get_config() != own.get_config()
        for path in ("./five_columns", pathlib.Path("five_columns")):
            assert presets.load(path).get_config() == own.get_config()
    with warnings.catch_warnings(), contextlib.chdir(presets.PRESETS):
        warnings.simplefilter("error")
        presets.load("five_columns")


@pytest.mark.parametrize("preset", ["seven_columns", "", "no/such/folder"])
def test_an_unknown_preset_raises(preset):
    with pytest.raises(ValueError, match=r"preset: must be one of .*, got"):
        model_lib.NeuralProgrammer.from_preset(preset)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        "null",
        '"NeuralProgrammer"',
        '{"module": "np_tf.model", "class_name": "NeuralProgrammer"}',
        '{"module": "np_tf.model", "class_name": "NeuralProgrammer", '
        '"config": {}}',
        '{"module": "nowhere", "class_name": "None", "config": {}}',
        '{"module": "keras.layers", "class_name": "Dense",'
        ' "config": {"units": 3}, "registered_name": null}',
        "\udcff",
    ],
)
def test_a_damaged_config_raises(damaged, text):
    data = text.encode("utf-8", "surrogateescape")
    (damaged / "config.json").write_bytes(data)
    with pytest.raises(ValueError, match=DAMAGED):
        presets.load(damaged)


@pytest.mark.parametrize(
    ("name", "value"), [("hidden_dim", 16), ("encoder", "rnn")]
)
def test_a_config_that_does_not_fit_its_weights_raises(damaged, name, value):
    path = damaged / "config.json"
    config = json.loads(path.read_text())
    config["config"][name] = value
    path.write_text(json.dumps(config))
    with pytest.raises(ValueError, match=DAMAGED):
        presets.load(damaged)


@pytest.mark.parametrize("kept", [0, 100, 0.5, 0.99])
def test_truncated_weights_raise(damaged, kept):
    path = damaged / "model.weights.h5"
    data = path.read_bytes()
    size = int(kept * len(data)) if isinstance(kept, float) else kept
    path.write_bytes(data[:size])
    with pytest.raises(ValueError, match=DAMAGED):
        presets.load(damaged)


def test_missing_weights_raise(damaged):
    (damaged / "model.weights.h5").unlink()
    with pytest.raises(ValueError, match=DAMAGED):
        presets.load(damaged)


def test_a_sum_beyond_float64_does_not_spoil_other_answers():
    model = model_lib.NeuralProgrammer.from_preset("five_columns")
    table = {"price": [1e308, 1e308, 2.0]}
    assert model.ask("count", table).answer == 3
    assert model.ask("lesser 5 price sum price", table).answer == 2
    with pytest.raises(ValueError, match="answer: must be finite, got inf"):
        model.ask("sum price", table)

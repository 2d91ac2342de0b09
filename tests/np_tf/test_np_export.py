"""An exported model answers as the model in memory; versions, warm-up."""

import logging
import sys

import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving import apis
from tensorflow_serving.apis import prediction_log_pb2

import np_tf
from np_tf import export
from np_tf import warmup
from tests.np_tf import scripted
from tests.np_tf import served
from tests.np_tf import test_served_questions


def load(folder):
    """The loaded signature."""
    return tf.saved_model.load(folder).signatures["serving_default"]


def asked(model, folder):
    found = test_served_questions.Asked.__new__(test_served_questions.Asked)
    found.model, found.function = model, load(folder)
    found.with_text = bool(model.text_symbols)
    return found


@pytest.mark.parametrize("preset", ["five_columns", "text_match"])
def test_a_trained_model_answers_as_in_memory(preset, request):
    model = request.getfixturevalue(preset)
    exported = asked(model, request.getfixturevalue(f"{preset}_export"))
    rows = test_served_questions.random_rows(7, exported.with_text, size=50)
    statuses = test_served_questions.check_as_ask(exported, rows)
    assert len(set(statuses)) > 5
    assert statuses.count("ok") > 5


def random_inputs(model, rng, size=40):
    """Words that the model knows, on tables of unequal size."""
    words = [*scripted.WORDS, *model.column_symbols, *model.text_symbols[:2]]
    rows = []
    for _ in range(size):
        names = model.column_symbols[: rng.integers(1, 4)]
        table = {
            name: rng.normal(0, 9, rng.integers(1, 7)).round(2).tolist()
            for name in names
        }
        num_rows = min(map(len, table.values()))
        table = {name: cells[:num_rows] for name, cells in table.items()}
        if model.text_symbols and len(names) > 1:
            chosen = rng.choice(list(model.text_symbols), num_rows)
            table[names[-1]] = chosen.tolist()
        known = [
            w for w in words if w not in model.column_symbols or w in table
        ]
        question = rng.choice(known, rng.integers(1, 8)).tolist()
        for number in rng.normal(0, 5, rng.integers(0, 3)).round(2):
            question.insert(rng.integers(1, len(question) + 1), str(number))
        rows.append((" ".join(question), table))
    return rows


@pytest.mark.parametrize(
    ("encoder", "with_text"), [("rnn", False), ("attention", True)]
)
def test_an_untrained_model_answers_as_in_memory(tmp_path, encoder, with_text):
    """Any program that it writes, whether it makes sense or not."""
    model = served.small_model(5, with_text, encoder)
    rows = random_inputs(model, np.random.default_rng(5), size=60)
    statuses = test_served_questions.check_as_ask(
        asked(model, export.export_model(model, tmp_path)), rows
    )
    assert {"ok", "no_answer"} < set(statuses)


def test_the_question_of_the_paper(five_columns_export):
    table = {
        "C": [60.0, 70.0, 10.0],
        "E": [5.0, 30.0, 2.0],
        "H": [1.0, 2.0, 4.0],
    }
    rows = [("greater 50.32 C and lesser 20.21 E sum H", table)]
    outputs = load(five_columns_export)(**served.tensors(served.request(rows)))
    assert served.answers(outputs) == [
        {
            "scalar_answer": 1.0,
            "lookup_mask": [[False] * 3] * 3,
            "answer_kind": "scalar",
            "program": [
                ["greater", "C"],
                ["lesser", "E"],
                ["and", ""],
                ["sum", "H"],
            ],
            "pivots": [50.32, 20.21],
            "status": "ok",
            "detail": "",
        }
    ]


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "float64"])
def test_any_precision_is_exported_in_float32(five_columns, tmp_path, policy):
    config = export._with_policy(five_columns.get_config())
    model = np_tf.NeuralProgrammer.from_config({**config, "dtype": policy})
    model.set_weights(five_columns.get_weights())
    folder = export.export_model(model, tmp_path)
    rows = [("sum cost", {"cost": [1e9, 0.25]})]
    outputs = load(folder)(**served.tensors(served.request(rows)))
    assert outputs["scalar_answer"].numpy().tolist() == [1e9 + 0.25]
    variables = tf.train.load_checkpoint(folder / "variables" / "variables")
    types = variables.get_variable_to_dtype_map()
    weights = [name for name in types if name.startswith("weights/")]
    assert len(weights) == len(model.weights)
    assert {types[name] for name in weights} == {tf.float32}


def test_versions(tmp_path):
    model, models = served.small_model(0), tmp_path / "models"
    assert np_tf.export_model(model, models) == models / "1"
    assert np_tf.export_model(model, models, version=7) == models / "7"
    assert np_tf.export_model(model, str(models)) == models / "8"
    assert sorted(path.name for path in models.iterdir()) == ["1", "7", "8"]
    for version in (0, -1, True, 1.0, "2"):
        with pytest.raises(ValueError, match="version: must be a positive"):
            np_tf.export_model(model, models, version=version)
    with pytest.raises(ValueError, match=r"version: must not exist.*got 7"):
        np_tf.export_model(model, models, version=7)
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(ValueError, match="folder: must be a folder"):
        np_tf.export_model(model, file)


def test_a_failed_export_leaves_nothing(tmp_path, monkeypatch):
    def fail(*arguments):
        raise OSError("disk full")

    monkeypatch.setattr(warmup, "write", fail)
    with pytest.raises(OSError, match="disk full"):
        np_tf.export_model(served.small_model(0), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("preset", ["five_columns", "text_match"])
def test_warmup_requests_parse_and_replay(preset, request):
    folder = request.getfixturevalue(f"{preset}_export")
    function = load(folder)
    records = tf.data.TFRecordDataset(str(folder / warmup.WARMUP_FILE))
    sizes = []
    for record in records.as_numpy_iterator():
        log = prediction_log_pb2.PredictionLog.FromString(record)
        replayed = log.predict_log.request
        assert replayed.model_spec.signature_name == "serving_default"
        inputs = {
            name: tf.constant(tf.make_ndarray(tensor))
            for name, tensor in replayed.inputs.items()
        }
        outputs = function(**inputs)
        assert set(outputs["status"].numpy()) == {b"ok"}
        sizes.append(len(outputs["status"]))
    assert sizes == [1, 4]


def test_without_the_serving_package_there_is_no_warmup(
    tmp_path, monkeypatch, caplog
):
    name = "prediction_log_pb2"
    monkeypatch.setitem(sys.modules, f"{apis.__name__}.{name}", None)
    monkeypatch.delattr(apis, name)
    with caplog.at_level(logging.WARNING, logger="absl"):
        folder = np_tf.export_model(served.small_model(0), tmp_path)
    assert "tensorflow-serving-api" in caplog.text
    assert not (folder / warmup.WARMUP_FILE).exists()
    assert (folder / "saved_model.pb").exists()

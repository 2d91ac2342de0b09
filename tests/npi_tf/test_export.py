"""What an exported model answers: every row its own sum or status."""

import dataclasses
import logging
import sys

import hypothesis
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies as st
from tensorflow_serving import apis
from tensorflow_serving.apis import prediction_log_pb2

import npi_tf
from npi_tf import export
from npi_tf import runner as runner_lib
from npi_tf import trace as trace_lib
from npi_tf import warmup
from npi_tf.addition import environment
from npi_tf.addition import problems as problems_lib
from npi_tf.addition import serving
from tests.npi_tf import exported_model

SIGNATURES = ("serving_default", "trace")


@pytest.fixture(scope="module")
def folder(preset_model, tmp_path_factory):
    return preset_model.export(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def signatures(folder):
    return tf.saved_model.load(folder).signatures


@pytest.fixture(scope="module")
def runner(preset_model):
    return runner_lib.Runner(preset_model, "addition")


def export_and_ask(model, tmp_path, problems, signature="serving_default"):
    folder = export.export_model(model, "addition", tmp_path)
    functions = tf.saved_model.load(folder).signatures
    return exported_model.ask(functions[signature], problems)


@pytest.mark.parametrize("signature", SIGNATURES)
def test_every_row_of_a_mixed_batch_gets_its_own_answer(signatures, signature):
    mixed = exported_model.MIXED
    answers = exported_model.ask(signatures[signature], list(mixed))
    got = [(answer["sum"], answer["status"]) for answer in answers]
    assert got == list(mixed.values())
    for answer in answers:
        assert (answer["num_steps"] == 0) == (answer["sum"] == "")


@pytest.mark.parametrize("signature", SIGNATURES)
def test_batch_equals_singles(signatures, signature):
    mixed = list(exported_model.MIXED)
    batch = exported_model.ask(signatures[signature], mixed)
    for problem, answer in zip(mixed, batch):
        (single,) = exported_model.ask(signatures[signature], [problem])
        if signature == "trace":
            n = len(single["calls"])
            assert set(answer["calls"][n:]) <= {""}
            assert set(answer["depth"][n:]) <= {-1}
            answer["calls"], answer["depth"] = (
                answer[name][:n] for name in ("calls", "depth")
            )
        assert answer == single


@pytest.mark.parametrize("signature", SIGNATURES)
@pytest.mark.parametrize("problems", [[], [("", "1")], [("a", "1")] * 3])
def test_batches_without_a_valid_row(signatures, signature, problems):
    answers = exported_model.ask(signatures[signature], problems)
    wanted = {"sum": "", "status": "invalid_input", "num_steps": 0}
    if signature == "trace":
        wanted |= {"calls": [], "depth": []}
    assert answers == [wanted] * len(problems)


@pytest.mark.parametrize("signature", SIGNATURES)
@pytest.mark.parametrize("sizes", [(1, 3), (3, 1), (2, 3), (0, 1)])
def test_batches_of_unequal_size_are_refused(signatures, signature, sizes):
    augend, addend = (tf.constant(["1"] * n, tf.string, [n]) for n in sizes)
    with pytest.raises(tf.errors.InvalidArgumentError, match="same size"):
        signatures[signature](augend=augend, addend=addend)


@hypothesis.settings(max_examples=30)
@hypothesis.given(
    st.lists(
        st.tuples(*[st.text("0123456789", min_size=1, max_size=12)] * 2),
        min_size=4,
        max_size=4,
    )
)
def test_exported_equals_in_memory(runner, signatures, problems):
    runs = runner(problems, min_width=13)  # One graph for all examples.
    answers = exported_model.ask(signatures["serving_default"], problems)
    assert answers == [
        {"sum": run.output, "status": run.status, "num_steps": run.num_steps}
        for run in runs
    ]
    sums = [problems_lib.exact_sum(problem) for problem in problems]
    assert [answer["sum"] for answer in answers] == sums


def described(call):
    """`calls` and `depth` of a call tree."""
    walk = [
        (trace_lib.describe(npi_tf.ADDITION, node), depth)
        for depth, node in call.walk()
    ]
    return tuple(map(list, zip(*walk)))


def test_trace_holds_the_calls_in_their_order(preset_model, signatures):
    problems = [("96", "125"), ("5", "99999"), ("0", "0")]
    runs = preset_model.run("addition", problems, trace=True)
    answers = exported_model.ask(signatures["trace"], problems)
    for run, answer in zip(runs, answers):
        calls, depth = described(run.trace)
        n = len(calls)
        assert (answer["calls"][:n], answer["depth"][:n]) == (calls, depth)
        assert set(answer["calls"][n:]) <= {""}
        assert set(answer["depth"][n:]) <= {-1}
    # The longest row of the batch has no padding.
    assert answers[1]["calls"][-1] != ""
    assert answers[0]["calls"][:5] == [
        "ADD",
        "ADD1",
        "WRITE OUT 1",
        "CARRY",
        "PTR CARRY LEFT",
    ]


CONSTANT = {
    # Every call is made and waits for its caller: 16 callers fit.
    "stack_overflow": (("ADD",), 17),
    # A caller that has ended leaves no trace on the stack: 20 steps for
    # each of 3 columns.
    "step_budget_exhausted": (("ADD", (0, 0, 0), True), 60),
    # ACT without a row or an action.
    "invalid_action": (("ACT",), 2),
    # ADD calls ACT, which ends: nothing was written to OUT.
    "malformed_output": (("ACT", environment.move(0, 1), True), 2),
}


@pytest.mark.parametrize("status", CONSTANT)
def test_programs_that_go_wrong(tmp_path, status):
    decision, num_steps = CONSTANT[status]
    model = exported_model.constant_model(*decision)
    (answer,) = export_and_ask(model, tmp_path, [("96", "12")])
    wanted = {"sum": "", "status": status, "num_steps": num_steps}
    assert answer == wanted
    (call, *_) = export_and_ask(model, tmp_path, [("96", "12")], "trace")
    assert {name: call[name] for name in wanted} == wanted
    (run,) = model.run("addition", [("96", "12")], trace=True)
    assert described(run.trace) == (call["calls"], call["depth"])


@pytest.mark.parametrize("seed", [0, 3, 10])  # Each ends in another way.
def test_an_untrained_model_answers_every_row_within_its_budget(tmp_path, seed):
    rng = np.random.default_rng(seed)
    model = npi_tf.NPI.for_domains(npi_tf.ADDITION)
    model.set_weights([rng.normal(0, 0.1, w.shape) for w in model.weights])
    problems = [("1", "2"), ("12345", "678"), ("x", "1"), ("9" * 20, "1")]
    answers = export_and_ask(model, tmp_path, problems)
    assert len(answers) == len(problems)
    for (augend, _), answer in zip(problems, answers):
        assert answer["status"] in export.STATUSES[1:]
        assert answer["num_steps"] <= 20 * (len(augend) + 1)
    assert answers[2]["status"] == "invalid_input"
    for run, answer in zip(model.run("addition", problems[:2]), answers):
        # To a `Runner` a program that ended is ok, whatever it wrote.
        blank = run.status == "ok" and run.output is None
        status = "malformed_output" if blank else run.status
        assert (answer["status"], answer["sum"]) == (status, run.output or "")


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "float64"])
def test_any_precision_is_exported_in_float32(preset_model, tmp_path, policy):
    model = npi_tf.NPI.for_domains(npi_tf.ADDITION, dtype=policy)
    model.set_weights(preset_model.get_weights())
    (answer,) = export_and_ask(model, tmp_path, [("96", "125")])
    assert answer["sum"] == "221"
    variables = tf.train.load_checkpoint(tmp_path / "1/variables/variables")
    types = variables.get_variable_to_dtype_map()
    weights = [name for name in types if name.startswith("weights/")]
    assert len(weights) == len(preset_model.weights)
    assert {types[name] for name in weights} == {tf.float32}


def test_calls_outside_of_the_domain_have_words():
    words = export._words(npi_tf.ADDITION, ("ADD", "OTHER"), (6, 11, 5))
    assert len(words) == 2 * 6 * 11 * 5
    assert words[0] == "ADD"
    assert words[-1] == "OTHER 5 10 4"


def test_versions(preset_model, tmp_path):
    models = tmp_path / "models"
    assert preset_model.export(models) == models / "1"
    assert preset_model.export(models, version=7) == models / "7"
    assert preset_model.export(models, "addition") == models / "8"
    assert sorted(path.name for path in models.iterdir()) == ["1", "7", "8"]
    for version in (0, -1, True, 1.0, "2"):
        with pytest.raises(ValueError, match="version: must be a positive"):
            preset_model.export(models, version=version)
    with pytest.raises(ValueError, match=r"version: must not exist.*got 7"):
        preset_model.export(models, version=7)


def test_bad_arguments(preset_model, tmp_path):
    with pytest.raises(ValueError, match="domain: must be one of"):
        export.export_model(preset_model, "subtraction", tmp_path)
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(ValueError, match="export_dir: must be a folder"):
        export.export_model(preset_model, "addition", file)
    assert list(tmp_path.iterdir()) == [file]


def test_a_failed_export_leaves_nothing(preset_model, tmp_path, monkeypatch):
    def fail(*arguments):
        raise OSError("disk full")

    monkeypatch.setattr(warmup, "write", fail)
    with pytest.raises(OSError, match="disk full"):
        preset_model.export(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_warmup_requests_parse_and_replay(folder, signatures):
    records = tf.data.TFRecordDataset(str(folder / warmup.WARMUP_FILE))
    seen = []
    for record in records.as_numpy_iterator():
        log = prediction_log_pb2.PredictionLog.FromString(record)
        request = log.predict_log.request
        inputs = {
            name: tf.constant(tf.make_ndarray(tensor))
            for name, tensor in request.inputs.items()
        }
        name = request.model_spec.signature_name
        outputs = signatures[name](**inputs)
        assert set(outputs["status"].numpy()) == {b"ok"}
        seen.append(name)
    assert seen == [s for s in SIGNATURES for _ in serving.WARMUP]


def test_without_the_serving_package_there_is_no_warmup(
    preset_model, tmp_path, monkeypatch, caplog
):
    name = "prediction_log_pb2"
    monkeypatch.setitem(sys.modules, f"{apis.__name__}.{name}", None)
    monkeypatch.delattr(apis, name)
    with caplog.at_level(logging.WARNING, logger="absl"):
        folder = preset_model.export(tmp_path)
    assert "tensorflow-serving-api" in caplog.text
    assert not (folder / warmup.WARMUP_FILE).exists()
    assert (folder / "saved_model.pb").exists()


def test_parse_and_read_agree_with_the_environment():
    rng = np.random.default_rng(0)
    problems = [problems_lib.random_problem(rng, n) for n in (1, 2, 9, 30)]
    tensors = npi_tf.ADDITION.tensor_environment()
    inputs = exported_model.columns(problems)
    arrays, valid = serving.parse(
        {name: tf.constant(values) for name, values in inputs.items()}
    )
    for ours, theirs in zip(arrays, tensors.encode(problems)):
        np.testing.assert_array_equal(ours, theirs)
    assert valid.numpy().all()


@hypothesis.given(
    st.lists(st.text("0123456789 ", max_size=6), min_size=1, max_size=5)
)
def test_read_agrees_with_the_environment(rows):
    """Each row is the OUT row, leftmost first; a blank is a blank cell."""
    cells = np.full((len(rows), 4, 7), environment.BLANK, np.int32)
    for pad, row in zip(cells, rows):
        digits = [environment.BLANK if c == " " else int(c) for c in row[::-1]]
        pad[3, : len(row)] = digits
    lengths = np.array([len(row) for row in rows], np.int32)
    tensors = npi_tf.ADDITION.tensor_environment()
    state = tensors.reset(tf.constant(cells), tf.zeros([len(rows), 2], "int32"))
    ends = tf.stack([lengths * 0] * 3 + [lengths], axis=1)
    state = state._replace(ends=ends)
    outputs, holds = serving.read(state)
    wanted = tensors.decode(state)
    assert holds.numpy().tolist() == [text is not None for text in wanted]
    for text, hold, want in zip(outputs["sum"].numpy(), holds, wanted):
        assert not hold or text.decode() == want


@pytest.mark.parametrize("name", ["tensor_environment", "serving"])
def test_a_domain_without_tensors_is_not_exported(preset_model, name, tmp_path):
    domain = dataclasses.replace(npi_tf.ADDITION, **{name: None})
    with pytest.raises(ValueError, match="must have tensor_environment and"):
        preset_model.export(tmp_path / "served", domain)
    assert not (tmp_path / "served").exists()

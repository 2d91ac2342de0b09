"""The model: the paper's equations, padding, precision, and a Keras user."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from np_tf import gradient_noise
from np_tf import losses
from np_tf import model as model_lib
from np_tf import programs
from np_tf import reference
from tests.np_tf import numeric_gradient
from tests.np_tf import numpy_np
from tests.np_tf import small

KINDS = [(e, t) for e in small.ENCODERS for t in (False, True)]
THREE_KINDS = [("rnn", False), ("bidirectional", True), ("attention", True)]
SHAPED = ("lookup_answer", "row_select", "column_probs")


def assert_answers(outputs, network, inputs, hard, tolerance):
    """Compares a batch with the equations, one question after the other."""
    for row in range(len(inputs["question"])):
        expected = network.answer(inputs, row, hard)
        for name, value in expected.items():
            found = np.asarray(outputs[name][row], np.float64)
            value = np.asarray(value, np.float64)
            # What is beyond the question's own table is 0.
            inside = tuple(map(slice, value.shape))
            np.testing.assert_allclose(
                found[inside],
                value,
                rtol=tolerance,
                atol=tolerance,
                err_msg=f"{name} of question {row}",
            )
            if name in SHAPED:
                beyond = found.copy()
                beyond[inside] = 0
                assert not beyond.any(), name


@pytest.mark.parametrize("hard", [False, True])
@pytest.mark.parametrize(("encoder", "text"), KINDS)
def test_outputs_are_the_equations(encoder, text, hard):
    model = small.small_model(encoder, text, wild=0.8, dtype="float64")
    inputs = small.random_inputs(batch=8, text=text)
    if not hard:  # A mean of equal numbers is not always equal to a cell.
        inputs["numbers"] = inputs["numbers"] + np.float32(0.125)
    network = numpy_np.NumpyProgrammer(model)
    outputs = model(inputs, training=not hard)
    # Pivots are float32, as the numbers are.
    assert_answers(outputs, network, inputs, hard, 1e-5)
    chosen = np.asarray(outputs["operations"])
    assert len(np.unique(chosen)) > 2  # Not all questions do the same.


@pytest.mark.parametrize("hard", [False, True])
@pytest.mark.parametrize(("encoder", "text"), THREE_KINDS)
def test_float32_is_close(encoder, text, hard):
    """With weights as at the start, so that no choice is a close one."""
    model = small.small_model(encoder, text, wild=0.3)
    inputs = small.random_inputs(batch=6, text=text)
    network = numpy_np.NumpyProgrammer(model)
    outputs = model(inputs, training=not hard)
    assert_answers(outputs, network, inputs, hard, 2e-4)


@pytest.mark.parametrize("text", [False, True])
def test_hard_answers_are_those_of_the_program_it_tells(text):
    model = small.small_model("attention", text, wild=0.8)
    inputs = small.random_inputs(batch=40, text=text)
    outputs = {k: np.asarray(v) for k, v in model(inputs).items()}
    network = numpy_np.NumpyProgrammer(model)
    kinds = set()
    for row in range(40):
        question = numpy_np.Question(network, inputs, row)
        m, c = question.table.shape
        matches = np.zeros((m, c), bool)
        for k in np.flatnonzero(question.is_text):
            matches[:, k] = question.text_match(k) > 0.5
        done = reference.execute(
            programs.from_ids(
                outputs["operations"][row], outputs["columns"][row]
            ),
            question.table,
            outputs["pivots"][row],
            matches,
            question.is_text,
        )
        kinds.add(done.kind)
        is_scalar = done.kind == "scalar"
        assert outputs["answer_is_scalar"][row] == is_scalar
        assert outputs["valid_answer"][row] == (done.kind is not None)
        assert outputs["scalar_answer"][row] == done.scalars[-1]
        if done.kind == "lookup":
            cells = outputs["lookup_answer"][row, :m, :c]
            np.testing.assert_array_equal(cells, done.answer)
        np.testing.assert_array_equal(
            outputs["row_select"][row, :, :m], done.row_selects
        )
    assert kinds == {"scalar", "lookup", None}


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize(("encoder", "text"), THREE_KINDS)
def test_a_batch_is_its_questions_without_their_padding(
    encoder, text, training
):
    model = small.small_model(encoder, text, wild=0.8, dtype="float64")
    inputs = small.random_inputs(batch=5, text=text)
    together = model(inputs, training=training)
    for row in range(5):
        alone = unpadded(inputs, row)
        outputs = model(alone, training=training)
        for name, value in outputs.items():
            value = np.asarray(value[0], np.float64)
            found = np.asarray(together[name][row], np.float64)
            found = found[tuple(map(slice, value.shape))]
            np.testing.assert_allclose(found, value, atol=1e-6, err_msg=name)


def unpadded(inputs, row):
    """One question with the arrays that it needs; numbers at least one."""
    one = small.take(inputs, slice(row, row + 1))
    words = int((one["question"] > 0).sum())
    m, c = int(one["num_rows"][0]), int((one["column_names"] > 0).sum())
    n = max(1, int((one["number_positions"] >= 0).sum()))
    shapes = {
        "question": (1, words),
        "numbers": (1, n),
        "number_positions": (1, n),
        "column_names": (1, c),
        "table": (1, m, c),
        "text": (1, m, c),
        "num_rows": (1,),
    }
    return {k: v[tuple(map(slice, shapes[k]))] for k, v in one.items()}


@pytest.mark.parametrize("training", [False, True])
def test_what_stands_in_the_padding_is_not_read(training):
    model = small.small_model("attention", text=True, wild=0.8)
    inputs = small.random_inputs(text=True)
    spoiled = {k: v.copy() for k, v in inputs.items()}
    rows = inputs["table"].shape[1]
    is_row = np.arange(rows) < inputs["num_rows"][:, None]
    is_column = inputs["column_names"] > 0
    is_cell = is_row[:, :, None] & is_column[:, None, :]
    is_numeric = is_cell & (inputs["text"] == 0)
    spoiled["table"][~is_numeric] = np.nan
    spoiled["numbers"][inputs["number_positions"] < 0] = np.inf
    assert (spoiled["table"] != inputs["table"]).any()
    expected = model(inputs, training=training)
    for name, value in model(spoiled, training=training).items():
        np.testing.assert_array_equal(value, expected[name], err_msg=name)


def test_questions_are_answered_in_any_order():
    model = small.small_model("bidirectional", text=True, wild=0.8)
    inputs = small.random_inputs(batch=6, text=True)
    order = np.array([3, 5, 0, 1, 4, 2])
    expected = model(inputs)
    for name, value in model(small.take(inputs, order)).items():
        np.testing.assert_allclose(
            np.asarray(value, float),
            np.asarray(expected[name], float)[order],
            atol=1e-5,
            err_msg=name,
        )


def forced_to_sum(dtype):
    """A model that sums the first column, whatever is asked."""
    model = small.small_model(hidden_dim=4)
    model.controller.operations.assign(np.zeros((9, 4)))
    model.controller.word_vectors.assign(np.ones((13, 4)))
    model.controller.operation_selector.kernel.assign(np.ones((8, 4)))
    model.controller.forward.kernel.assign(np.ones((8, 4)))
    operations = np.zeros((9, 4))
    operations[programs.OPERATION_IDS["reset"]] = 0.9
    operations[programs.OPERATION_IDS["sum"]] = 1.0
    model.controller.operations.assign(operations)
    inputs = {
        "question": np.array([[5]], np.int32),
        "numbers": np.zeros((1, 1), dtype),
        "number_positions": np.array([[-1]], np.int32),
        "column_names": np.array([[1]], np.int32),
        "table": np.array([[[1e9], [0.25], [-0.125]]], dtype),
        "num_rows": np.array([3], np.int32),
    }
    return model, inputs


def test_tables_in_float64_are_summed_in_float64():
    model, inputs = forced_to_sum(np.float64)
    # One step, because later sums are of no rows.
    config = model.get_config() | {"num_steps": 1}
    one_step = model_lib.NeuralProgrammer.from_config(config)
    one_step.set_weights(model.get_weights())
    outputs = one_step(inputs)
    assert outputs["operations"].numpy().tolist() == [[0]]
    assert outputs["scalar_answer"].dtype == "float64"
    assert float(outputs["scalar_answer"][0]) == 1e9 + 0.25 - 0.125
    assert outputs["operation_probs"].dtype == "float32"
    # `predict` makes float32 of NumPy arrays, as Keras does; not of a
    # dataset.
    dataset = tf.data.Dataset.from_tensors(inputs)
    found = one_step.predict(dataset, verbose=0)["scalar_answer"]
    assert found.tolist() == [1e9 + 0.125]
    found = one_step.predict(inputs, verbose=0)["scalar_answer"]
    assert found.dtype == np.float32


@pytest.mark.parametrize(
    ("training", "jit_compile"), [(False, False), (False, True), (True, True)]
)
def test_compiled_it_is_the_eager_model(training, jit_compile):
    model = small.small_model("attention", text=True, wild=0.8)
    inputs = small.random_inputs(text=True)
    compiled = tf.function(
        lambda x: model(x, training=training), jit_compile=jit_compile
    )
    expected = model(inputs, training=training)
    for name, value in compiled(inputs).items():
        np.testing.assert_allclose(
            np.asarray(value, float),
            np.asarray(expected[name], float),
            atol=1e-4,
            rtol=1e-4,
            err_msg=name,
        )


@pytest.mark.parametrize(("encoder", "text"), THREE_KINDS)
def test_gradient_of_the_loss_is_the_numeric_one(encoder, text):
    """Along random directions, for every weight by itself."""
    model = small.small_model(encoder, text, wild=0.4, dtype="float64")
    inputs = small.random_inputs(text=text)
    inputs["table"] = inputs["table"].astype(np.float64)
    inputs["numbers"] = inputs["numbers"].astype(np.float64)
    targets = small.random_targets(inputs)
    mask = model_lib.cell_mask(inputs, "float64")

    @tf.function
    def total():
        outputs = model(inputs, training=True)
        return tf.reduce_sum(losses.loss(outputs, targets, mask, 10.0, 50.0))

    weights = model.trainable_weights
    with tf.GradientTape() as tape:
        loss = total()
    gradients = tape.gradient(loss, [w.value for w in weights])
    rng = np.random.default_rng(0)
    for weight, gradient in zip(weights, gradients):
        gradient = np.asarray(tf.convert_to_tensor(gradient))
        direction, kept = rng.normal(size=weight.shape), np.asarray(weight)
        sides = []
        for sign in (1, -1):
            weight.assign(kept + sign * 1e-6 * direction)
            sides.append(float(total()))
        weight.assign(kept)
        numeric = (sides[0] - sides[1]) / 2e-6
        assert abs(numeric) > 1e-3, weight.path
        np.testing.assert_allclose(
            (gradient * direction).sum(),
            numeric,
            rtol=1e-4,
            err_msg=weight.path,
        )


def fit(model, inputs, targets, optimizer=None, epochs=1, jit_compile=False):
    """Trains on all questions at once; returns the losses."""
    optimizer = optimizer or keras.optimizers.Adam(0.01)
    model.compile(optimizer=optimizer, jit_compile=jit_compile)
    history = model.fit(
        inputs, targets, batch_size=99, epochs=epochs, verbose=0
    )
    return history.history["loss"]


@pytest.mark.parametrize("jit_compile", ["auto", False])
def test_fit_minimises_the_papers_loss(jit_compile):
    model = small.small_model("bidirectional", text=True)
    inputs = small.random_inputs(text=True)
    targets = small.random_targets(inputs)
    expected = float(
        np.mean(
            losses.loss(
                model(inputs, training=True),
                targets,
                model_lib.cell_mask(inputs, "float32"),
                10.0,
                50.0,
            )
        )
    )
    history = fit(model, inputs, targets, epochs=8, jit_compile=jit_compile)
    np.testing.assert_allclose(history[0], expected, rtol=1e-4)
    assert history[-1] < history[0]


def test_fit_on_a_dataset_with_noise_is_fit_on_arrays():
    inputs = small.random_inputs(batch=6)
    targets = small.random_targets(inputs)
    histories, weights = [], []
    for as_dataset in (False, True):
        model = small.small_model()
        optimizer = gradient_noise.GradientNoise(
            keras.optimizers.Adam(0.01), eta=1e-4, clip_norm=1.0
        )
        model.compile(optimizer=optimizer, jit_compile=False)
        if as_dataset:
            pairs = tf.data.Dataset.from_tensor_slices((inputs, targets))
            history = model.fit(pairs.batch(3), epochs=3, verbose=0)
        else:
            history = model.fit(
                inputs,
                targets,
                batch_size=3,
                epochs=3,
                shuffle=False,
                verbose=0,
            )
        histories.append(history.history["loss"])
        weights.append(model.get_weights())
        assert int(optimizer.iterations.numpy()) == 6
    np.testing.assert_allclose(*histories, rtol=1e-5)
    for one, other in zip(*weights):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_evaluate_gives_the_loss_of_hard_answers():
    model = small.small_model(wild=0.8, huber_delta=25.0, lookup_weight=75.0)
    model.compile(jit_compile=False)
    inputs = small.random_inputs(batch=6)
    targets = small.random_targets(inputs)
    found = model.evaluate(inputs, targets, batch_size=4, verbose=0)
    mask = model_lib.cell_mask(inputs, "float32")
    each = losses.loss(model(inputs), targets, mask, 25.0, 75.0)
    np.testing.assert_allclose(found, np.mean(each), rtol=1e-5)
    weights = np.array([0.0, 2.0, 0.0, 0.0, 0.5, 0.0], np.float32)
    found = model.evaluate(
        inputs, targets, sample_weight=weights, batch_size=6, verbose=0
    )
    np.testing.assert_allclose(
        found, (weights * each).numpy().mean(), rtol=1e-5
    )


def test_predict_answers_in_batches():
    model = small.small_model("attention", text=True, wild=0.8)
    inputs = small.random_inputs(batch=7, text=True)
    found = model.predict(inputs, batch_size=3, verbose=0)
    for name, value in model(inputs).items():
        np.testing.assert_allclose(
            np.asarray(found[name], float),
            np.asarray(value, float),
            atol=1e-5,
            err_msg=name,
        )


@pytest.mark.parametrize(("encoder", "text"), THREE_KINDS)
def test_a_saved_model_is_the_same_model(encoder, text, tmp_path):
    model = small.small_model(encoder, text, wild=0.8, huber_delta=25.0)
    inputs = small.random_inputs(text=text)
    expected = model(inputs)
    model.save(tmp_path / "model.keras")
    model.save_weights(tmp_path / "model.weights.h5")
    model.save_to_preset(tmp_path / "preset")
    twin = small.small_model(encoder, text)
    twin.load_weights(tmp_path / "model.weights.h5")
    for loaded in (
        keras.saving.load_model(tmp_path / "model.keras"),
        model_lib.NeuralProgrammer.from_preset(str(tmp_path / "preset")),
        twin,
    ):
        assert isinstance(loaded, model_lib.NeuralProgrammer)
        for name, value in loaded(inputs).items():
            np.testing.assert_array_equal(value, expected[name], err_msg=name)
    assert loaded.get_config() != model.get_config()  # The twin's delta.


def test_a_trained_model_goes_on_after_it_was_saved(tmp_path):
    inputs = small.random_inputs()
    targets = small.random_targets(inputs)
    model = small.small_model()
    optimizer = gradient_noise.GradientNoise(keras.optimizers.Adam(0.01))
    fit(model, inputs, targets, optimizer, epochs=2)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert isinstance(loaded.optimizer, gradient_noise.GradientNoise)
    assert int(loaded.optimizer.iterations.numpy()) == 2
    losses_of_both = [
        m.fit(inputs, targets, batch_size=99, epochs=2, verbose=0).history[
            "loss"
        ]
        for m in (model, loaded)
    ]
    np.testing.assert_allclose(*losses_of_both, rtol=1e-5)
    for one, other in zip(model.get_weights(), loaded.get_weights()):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_the_config_is_json_and_makes_the_model_again():
    model = small.small_model("attention", True, dtype="mixed_bfloat16")
    config = json.loads(json.dumps(model.get_config()))
    twin = model_lib.NeuralProgrammer.from_config(config)
    assert json.dumps(twin.get_config()) == json.dumps(config)
    assert twin.dtype_policy.name == "mixed_bfloat16"
    shapes = [weight.shape for weight in model.weights]
    assert [weight.shape for weight in twin.weights] == shapes


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "float64"])
def test_other_precisions(policy):
    exact = small.small_model("attention", True, wild=0.3)
    model = small.small_model("attention", True, dtype=policy)
    model.set_weights(exact.get_weights())
    inputs = small.random_inputs(text=True)
    expected, outputs = (m(inputs, training=True) for m in (exact, model))
    assert {w.dtype for w in model.weights} == {model.variable_dtype}
    assert outputs["operation_probs"].dtype == model.compute_dtype
    # The table's, not the policy's.
    assert outputs["scalar_answer"].dtype == "float32"
    tolerance = 0.03 if policy == "mixed_bfloat16" else 1e-5
    np.testing.assert_allclose(
        np.asarray(outputs["operation_probs"], float),
        np.asarray(expected["operation_probs"], float),
        atol=tolerance,
    )
    with tf.GradientTape() as tape:
        outputs = model(inputs, training=True)
        loss = model.compute_loss(inputs, small.random_targets(inputs), outputs)
    variables = [weight.value for weight in model.trainable_weights]
    for gradient in tape.gradient(loss, variables):
        gradient = np.asarray(tf.convert_to_tensor(gradient), float)
        assert np.isfinite(gradient).all() and gradient.any()


@pytest.mark.parametrize(("encoder", "text"), KINDS)
def test_sizes_of_the_paper_are_the_default(encoder, text):
    entries = small.ENTRIES if text else ()
    words = small.LETTERS + small.WORDS + entries
    model = model_lib.NeuralProgrammer(
        words, small.LETTERS, entries, encoder=encoder
    )
    d, operations = 256, 9 + text
    question = 2 * d * d if encoder == "rnn" else 2 * (d + d // 2) * d // 2
    parts = 3 if encoder == "attention" else 2
    assert model.count_params() == (
        (len(words) + 1) * d
        + operations * d
        + question
        + 2 * parts * d * d
        + 3 * d * d
    )
    assert model.num_steps == 4
    for weight in model.weights:  # No bias: section 2.
        assert len(weight.shape) == 2
        assert 0.09 < np.abs(np.asarray(weight)).max() <= 0.1


@pytest.mark.parametrize("num_steps", [1, 2, 6])
def test_any_number_of_steps(num_steps):
    model = small.small_model(num_steps=num_steps, wild=0.8, dtype="float64")
    inputs = small.random_inputs(batch=4)
    outputs = model(inputs)
    assert outputs["operations"].shape == (4, num_steps)
    network = numpy_np.NumpyProgrammer(model)
    assert_answers(outputs, network, inputs, True, 1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_steps": 0}, "num_steps: must be >= 1, got 0"),
        ({"column_symbols": ["A", "X"]}, r"column_symbols: .* got \['X'\]"),
        ({"text_symbols": ["word:9"]}, r"text_symbols: .* got \['word:9'\]"),
        ({"encoder": "gru"}, "encoder: must be one of .*, got 'gru'"),
        ({"hidden_dim": 5}, "hidden_dim: must be even and >= 2, got 5"),
        ({"vocabulary": ["A", "A"]}, "words: must be distinct, got 'A' twice"),
        ({"huber_delta": 0.0}, "huber_delta: must be > 0, got 0.0"),
        ({"lookup_weight": -1.0}, "lookup_weight: must be >= 0, got -1.0"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    values = {"vocabulary": small.LETTERS, "column_symbols": small.LETTERS}
    with pytest.raises(ValueError, match=f"^{message}"):
        model_lib.NeuralProgrammer(**values | arguments)


def test_gradient_check_finds_a_wrong_gradient():
    """The checker itself: a function whose gradient is not its own."""

    @tf.custom_gradient
    def wrong(x):
        return x**2, lambda upstream: upstream * 3 * x

    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        numeric_gradient.check(wrong, (np.array([1.0, 2.0]),))

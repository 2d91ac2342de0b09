"""The model: saved, typed, trained, and grown by new programs."""

import dataclasses
import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from npi_tf import addition
from npi_tf import losses
from npi_tf import model as model_lib
from npi_tf import observation_spec
from npi_tf import specs
from npi_tf import teacher
from tests.npi_tf import counter_world
from tests.npi_tf import scripted

ADDITION = addition.ADDITION


@pytest.fixture(scope="module")
def batch():
    """Frames of one problem, all programs among them."""
    return teacher.teach(ADDITION, [("96", "125")])


def assert_same(actual, expected, atol=0.0):
    """Compares two nests of arrays."""
    for one, other in zip(
        keras.tree.flatten(actual), keras.tree.flatten(expected), strict=True
    ):
        np.testing.assert_allclose(
            np.asarray(one, np.float64),
            np.asarray(other, np.float64),
            atol=atol,
            rtol=0,
        )


def test_outputs_have_a_step_axis(batch):
    outputs = scripted.small_model()(batch.inputs())
    n, steps = batch.ends.shape
    assert outputs["end_logits"].shape == (n, steps)
    assert outputs["program_logits"].shape == (n, steps, 6)
    shapes = [logits.shape for logits in outputs["argument_logits"]]
    assert shapes == [(n, steps, size) for size in (5, 11, 4)]


def test_sizes_of_the_paper_are_the_default():
    model = model_lib.NPI.for_domains(ADDITION)
    config = model.get_config()
    assert (config["hidden_dim"], config["num_layers"]) == (256, 2)
    assert model.count_params() == sum(
        w.value.shape.num_elements() for w in model.weights
    )
    assert {len(w.shape) for w in model.memory.weights} == {2}


@pytest.mark.parametrize(
    "policy, tolerance",
    [("float32", 1e-6), ("float64", 1e-7), ("mixed_bfloat16", 0.02)],
)
def test_precision(batch, policy, tolerance):
    reference = scripted.small_model()
    model = scripted.small_model(dtype=policy)
    model.set_weights(reference.get_weights())
    outputs = model(batch.inputs())
    for value in keras.tree.flatten(outputs):
        assert keras.backend.standardize_dtype(value.dtype) == (
            model.compute_dtype
        )
    assert {weight.dtype for weight in model.weights} == {model.variable_dtype}
    assert model.dtype_policy.name == policy
    assert_same(outputs, reference(batch.inputs()), tolerance)
    loss = losses.mean_step_loss(outputs, batch.targets())
    assert loss.dtype == ("float64" if policy == "float64" else "float32")


@pytest.mark.parametrize("policy", ["float32", "float64", "mixed_bfloat16"])
def test_a_saved_model_is_the_same_model(batch, policy, tmp_path):
    model = scripted.small_model(dtype=policy, num_layers=1)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert isinstance(loaded, model_lib.NPI)
    assert loaded.dtype_policy.name == policy
    assert_same(loaded(batch.inputs()), model(batch.inputs()))


def test_saved_weights_are_the_same_weights(batch, tmp_path):
    model, other = scripted.small_model(), scripted.small_model()
    other.set_weights([weight + 1 for weight in other.get_weights()])
    model.save_weights(tmp_path / "model.weights.h5")
    other.load_weights(tmp_path / "model.weights.h5")
    assert_same(other(batch.inputs()), model(batch.inputs()))


def test_the_config_is_json_and_makes_the_model_again():
    model = scripted.small_model(num_layers=3, dtype="mixed_bfloat16")
    config = json.loads(json.dumps(model.get_config()))
    twin = model_lib.NPI.from_config(config)
    assert json.dumps(twin.get_config()) == json.dumps(config)
    shapes = [weight.shape for weight in model.weights]
    assert [weight.shape for weight in twin.weights] == shapes


def test_every_weight_is_used(batch):
    model = scripted.small_model()
    with tf.GradientTape() as tape:
        loss = losses.mean_step_loss(model(batch.inputs()), batch.targets())
    variables = [weight.value for weight in model.trainable_weights]
    gradients = tape.gradient(loss, variables)
    for weight, gradient in zip(model.trainable_weights, gradients):
        gradient = np.asarray(tf.convert_to_tensor(gradient))
        assert np.isfinite(gradient).all(), weight.path
        assert np.abs(gradient).max() > 0, weight.path


def test_a_graph_is_the_eager_model(batch):
    model = scripted.small_model()
    assert_same(tf.function(model)(batch.inputs()), model(batch.inputs()), 1e-6)


def test_frames_do_not_depend_on_their_neighbours_or_their_padding(batch):
    model = scripted.small_model(dtype="float64")
    together = model(batch.inputs())
    total, steps = 0.0, 0
    for row, num_steps in enumerate(batch.num_steps):
        alone = batch.take(np.array([row]))
        outputs = model(alone.inputs())
        expected = keras.tree.map_structure(
            lambda value: value[row : row + 1, :num_steps],  # noqa: B023
            together,
        )
        assert_same(outputs, expected, 1e-12)
        total += num_steps * losses.mean_step_loss(outputs, alone.targets())
        steps += num_steps
    loss = losses.mean_step_loss(together, batch.targets())
    np.testing.assert_allclose(total / steps, loss, rtol=1e-12)


def fit(model, batch, epochs, jit_compile=False):
    """Trains on all frames at once; returns the losses.

    XLA, Keras' choice, takes longer to compile than a few epochs take.
    """
    model.compile(keras.optimizers.Adam(0.02), jit_compile=jit_compile)
    history = model.fit(
        batch.inputs(),
        batch.targets(),
        batch_size=len(batch),
        epochs=epochs,
        verbose=0,
    )
    return history.history["loss"]


def test_fit_learns_the_frames(batch):
    model = scripted.small_model()
    before = losses.mean_step_loss(model(batch.inputs()), batch.targets())
    history = fit(model, batch, epochs=60, jit_compile="auto")
    np.testing.assert_allclose(history[0], before, rtol=1e-4)
    assert history[-1] < 0.2 * history[0]
    right = losses.correct_steps(model(batch.inputs()), batch.targets())
    assert np.asarray(right).mean() > 0.9


def test_grown_by_programs_a_model_keeps_every_old_output(batch):
    model = scripted.small_model()
    grown = model.with_programs("SUB", "SUB1")
    assert grown.programs == (*model.programs, "SUB", "SUB1")
    assert grown.blocks == (6, 2)
    assert model.blocks == (6,)  # The old model stays as it was.
    old, new = model(batch.inputs()), grown(batch.inputs())
    assert new["program_logits"].shape[-1] == 8
    new["program_logits"] = new["program_logits"][..., :6]
    assert_same(new, old)
    again = grown.with_programs("MUL")
    assert again.blocks == (6, 2, 1)
    assert_same(
        again(batch.inputs())["program_logits"][..., :8],
        grown(batch.inputs())["program_logits"],
    )


def test_a_grown_model_is_saved_and_its_names_are_checked(batch, tmp_path):
    grown = scripted.small_model().with_programs("SUB")
    grown.save(tmp_path / "grown.keras")
    loaded = keras.saving.load_model(tmp_path / "grown.keras")
    assert loaded.programs[-1] == "SUB" and loaded.blocks == (6, 1)
    assert_same(loaded(batch.inputs()), grown(batch.inputs()))
    with pytest.raises(ValueError, match="names: must hold programs that"):
        grown.with_programs("ADD")


def test_a_frozen_model_learns_new_rows_only(batch):
    model = scripted.small_model().with_programs("SUB")
    model.core.trainable = False
    model.encoder("addition").trainable = False
    for block in (model.memory.keys[0], model.memory.embeddings[0]):
        block.trainable = False
    assert len(model.trainable_variables) == 2
    before = model.get_weights()
    # Teach SUB to do what ADD does.
    sub = np.where(batch.program == 0, 6, batch.program).astype(np.int32)
    calls = np.where(batch.calls == 1, 6, batch.calls)
    changed = dataclasses.replace(batch, program=sub, calls=calls)
    history = fit(model, changed, epochs=20)
    assert history[-1] < history[0]
    new = {model.memory.keys[1].path, model.memory.embeddings[1].path}
    for weight, old in zip(model.weights, before):
        same = np.array_equal(weight, old)
        assert same == (weight.path not in new), weight.path


def test_two_domains_share_one_core(batch):
    twin = dataclasses.replace(
        ADDITION,
        name="twin",
        programs=(
            *ADDITION.programs,
            dataclasses.replace(ADDITION.root, name="OTHER"),
        ),
        arguments=(
            specs.ArgumentSpec("row", tuple("abcdefg")),
            *ADDITION.arguments[1:],
        ),
        observations=observation_spec.ObservationSpec(
            (observation_spec.Feature("bit", 2),)
        ),
    )
    model = model_lib.NPI.for_domains(ADDITION, twin, **scripted.SIZES)
    assert model.programs == (*ADDITION.program_names, "OTHER")
    assert model.core.num_argument_values == (7, 11, 4)
    assert model.rows(ADDITION) == [0, 1, 2, 3, 4, 5]
    outputs = model(batch.inputs(), domain="addition")
    assert outputs["program_logits"].shape[-1] == 7
    bits = batch.inputs() | {"observations": np.zeros((len(batch), 3, 1), int)}
    assert model(bits, domain="twin")["end_logits"].shape == (len(batch), 3)
    for domain in (None, "third"):
        with pytest.raises(ValueError, match="domain: must be one of addition"):
            model.encoder(domain)
    with pytest.raises(ValueError, match="OTHER of 'twin' is not"):
        scripted.small_model().rows(twin)


def test_fit_trains_several_domains_at_once(batch):
    counter = counter_world.COUNTER
    model = model_lib.NPI.for_domains(ADDITION, counter, **scripted.SIZES)
    counted = teacher.teach(counter, [(n,) for n in range(1, 4)])
    frames = {
        domain.name: some.for_rows(model.rows(domain))
        for domain, some in ((ADDITION, batch), (counter, counted))
    }
    rng = np.random.default_rng(0)
    drawn = {n: f.take(rng.integers(len(f), size=8)) for n, f in frames.items()}
    inputs = {name: some.inputs() for name, some in drawn.items()}
    targets = {name: some.targets() for name, some in drawn.items()}
    apart = [
        float(losses.mean_step_loss(model(inputs[n], domain=n), targets[n]))
        for n in drawn
    ]
    model.compile(keras.optimizers.Adam(0.01))
    fitted = model.fit(inputs, targets, batch_size=8, epochs=3, verbose=0)
    loss = fitted.history["loss"]
    np.testing.assert_allclose(loss[0], sum(apart), rtol=1e-5)
    assert loss[-1] < loss[0]
    with pytest.raises(ValueError, match="domain: must be one of addition"):
        model({"sums": inputs["addition"]})
    with pytest.raises(ValueError, match="sample_weight: must be left out"):
        model.compute_loss(None, targets, model(inputs), np.ones(8))
    with pytest.raises(ValueError, match="y: must hold targets of addition, c"):
        model.compute_loss(None, {"counter": targets["counter"]}, model(inputs))


def with_features(*features, **kwargs):
    """The counter with others."""
    spec = observation_spec.ObservationSpec(features, **kwargs)
    return dataclasses.replace(counter_world.COUNTER, observations=spec)


def with_values(*sizes):
    """The counter with arguments of so many values."""
    slots = [
        specs.ArgumentSpec("slot", ("-", "DOWN", "UP")[:size]) for size in sizes
    ]
    return dataclasses.replace(counter_world.COUNTER, arguments=tuple(slots))


@pytest.mark.parametrize(
    "domain, message",
    [
        (with_features(observation_spec.Feature("last", 3)), "the features"),
        (
            with_features(observation_spec.Feature("last", 2, blank=0)),
            r"the features .* \(\(2,\), \(-1,\), None\), got",
        ),
        (
            with_features(
                observation_spec.Feature("last", 2), image_shape=(1, 1, 1)
            ),
            "the features",
        ),
        (
            with_values(3, 1, 1),
            r"arguments of at most \(2, 1, 1\) values, .* got \(3, 1, 1\)",
        ),
    ],
)
def test_a_domain_of_other_values_is_refused(domain, message, tmp_path):
    model = model_lib.NPI.for_domains(counter_world.COUNTER, **scripted.SIZES)
    model.check_knows(counter_world.COUNTER)
    model.check_knows(with_values(1, 1, 1))
    with pytest.raises(ValueError, match=f"domain: must have {message}"):
        model.run(domain, [(2,)])
    with pytest.raises(ValueError, match=f"domain: must have {message}"):
        model.export(tmp_path, domain)


def test_a_domain_with_an_image_must_make_its_encoder():
    image = observation_spec.ObservationSpec((), image_shape=(2, 2, 1))
    domain = dataclasses.replace(counter_world.COUNTER, observations=image)
    with pytest.raises(ValueError, match="make_encoder: must be given"):
        model_lib.NPI.for_domains(domain)


@pytest.mark.parametrize(
    "programs, blocks, match",
    [
        (("ADD", "ADD", "ACT"), None, "programs: must be distinct"),
        (("ADD", "ADD1"), None, "contain ACT"),
        (("ADD", "ACT"), (3,), "blocks: must add up to 2 programs"),
    ],
)
def test_bad_memories_raise(programs, blocks, match):
    with pytest.raises(ValueError, match=match):
        model_lib.NPI(programs, {}, (5, 11, 4), blocks=blocks)


def test_mapped_frames_fit_a_memory_of_another_order(batch):
    model = scripted.small_model()
    order = [3, 0, 5, 1, 4, 2]  # Row of the twin -> row of the model.
    config = model.get_config()
    config["programs"] = [model.programs[row] for row in order]
    twin = model_lib.NPI.from_config(config)
    for ours, other in (
        (model.core, twin.core),
        (model.encoder(), twin.encoder()),
    ):
        other.set_weights(ours.get_weights())
    for name in ("keys", "embeddings"):
        block = getattr(model.memory, name)[0].numpy()
        getattr(twin.memory, name)[0].assign(block[order])
    mapped = batch.for_rows(twin.rows(ADDITION))
    assert twin.rows(ADDITION) == [1, 3, 5, 0, 4, 2]
    loss, twin_loss, unmapped_loss = (
        float(losses.mean_step_loss(net(f.inputs()), f.targets()))
        for net, f in ((model, batch), (twin, mapped), (twin, batch))
    )
    np.testing.assert_allclose(twin_loss, loss, rtol=1e-5)
    assert abs(unmapped_loss - loss) > 1e-3
    # And after steps of training, still.
    np.testing.assert_allclose(
        fit(twin, mapped, epochs=3), fit(model, batch, epochs=3), rtol=1e-3
    )


def test_sample_weights_weigh_frames(batch):
    model = scripted.small_model()
    model.compile(optimizer=keras.optimizers.SGD(0.0), jit_compile=False)
    inputs, targets = batch.inputs(), batch.targets()
    plain = model.evaluate(inputs, targets, batch_size=99, verbose=0)
    weights = np.zeros(len(batch), np.float32)
    weights[2], weights[5] = 0.5, 3.0
    weighted = model.evaluate(
        inputs, targets, sample_weight=weights, batch_size=99, verbose=0
    )
    likelihood = np.asarray(
        losses.step_log_likelihood(model(inputs), targets)
    ).sum(axis=1)
    expected = -(0.5 * likelihood[2] + 3 * likelihood[5]) / (
        0.5 * batch.num_steps[2] + 3 * batch.num_steps[5]
    )
    np.testing.assert_allclose(weighted, expected, rtol=1e-5)
    assert abs(weighted - plain) > 1e-3
    history = model.fit(
        inputs, targets, sample_weight=weights, batch_size=99, verbose=0
    ).history["loss"]
    np.testing.assert_allclose(history, [expected], rtol=1e-5)
    twos = model.compute_loss(
        y=targets, y_pred=model(inputs), sample_weight=0 * weights + 2
    )
    np.testing.assert_allclose(twos, plain, rtol=1e-5)


@keras.saving.register_keras_serializable("tests")
class FloatEncoder(keras.layers.Layer):
    """Observations as they are, through one matrix."""

    def __init__(self, num_features, output_dim, **kwargs):
        super().__init__(**kwargs)
        self.num_features = num_features
        self.output_dim = output_dim
        self.out = keras.layers.Dense(output_dim, dtype=self.dtype_policy)

    def build(self, *shapes):
        self.out.build((None, self.num_features + specs.NUM_ARGUMENTS))
        self.built = True

    def call(self, observations, arguments):
        both = [keras.ops.cast(v, "int32") for v in (observations, arguments)]
        values = keras.ops.concatenate(both, axis=-1)
        return self.out(keras.ops.cast(values, self.compute_dtype))

    def get_config(self):
        return super().get_config() | {
            "num_features": self.num_features,
            "output_dim": self.output_dim,
        }


def test_a_domain_may_make_its_encoder(batch, tmp_path):
    asked = []

    def make_encoder(domain, num_argument_values, state_dim, dtype, name):
        asked.append((domain.name, num_argument_values, state_dim, dtype, name))
        return FloatEncoder(8, state_dim, dtype=dtype, name=name)

    domain = dataclasses.replace(ADDITION, make_encoder=make_encoder)
    sizes = scripted.SIZES | {"dtype": "float64"}
    model = model_lib.NPI.for_domains(domain, **sizes)
    assert asked == [
        ("addition", (5, 11, 4), 16, "float64", "encoder_addition")
    ]
    assert isinstance(model.encoder("addition"), FloatEncoder)
    history = fit(model, batch, epochs=5)
    assert history[-1] < history[0]
    assert model.run(domain, [("1", "2")], step_budget=5)[0].num_steps <= 5
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert_same(loaded(batch.inputs()), model(batch.inputs()))


@pytest.mark.parametrize(
    "name",
    [
        "key_dim",
        "embedding_dim",
        "state_dim",
        "fuse_dim",
        "hidden_dim",
        "num_layers",
        "encoder_dim",
    ],
)
@pytest.mark.parametrize("size", [0, -1, 2.0, None, True])
def test_sizes_are_positive_integers(name, size):
    with pytest.raises(ValueError, match=f"{name}: must be a positive integer"):
        scripted.small_model(**{name: size})


@pytest.mark.parametrize("sizes", [(5, 11), (5, 0, 4), (5, 11, 4, 2), ()])
def test_arguments_have_three_sizes(sizes):
    with pytest.raises(ValueError, match="num_argument_values: must be 3 pos"):
        model_lib.NPI(("ADD", "ACT"), {}, sizes)


@pytest.mark.parametrize("domains", [(), (ADDITION, ADDITION)])
def test_domains_have_names_of_their_own(domains):
    with pytest.raises(ValueError, match="domains: must be one or more of"):
        model_lib.NPI.for_domains(*domains)

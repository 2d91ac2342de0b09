"""Gradient noise: known random words, its moments, clipping, and saving."""

import json
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from np_tf import gradient_noise
from tests.np_tf import two_replicas


def words(key, first, second):
    """Two words of one counter, as hexadecimal digits."""
    counter = [tf.constant([word], tf.uint32) for word in (first, second)]
    key = [tf.constant(word, tf.uint32) for word in key]
    return [
        f"{int(word[0]):08x}" for word in gradient_noise.threefry(key, *counter)
    ]


# Random123's kat_vectors: threefry 2x32, 20 rounds.
KNOWN = (
    ((0, 0), (0, 0), "6b200159 99ba4efe"),
    ((0xFFFFFFFF,) * 2, (0xFFFFFFFF,) * 2, "1cb996fc bb002be7"),
    (
        (0x13198A2E, 0x03707344),
        (0x243F6A88, 0x85A308D3),
        "c4923a9c 483df7a0",
    ),
)


@pytest.mark.parametrize(("key", "counter", "expected"), KNOWN)
def test_random_words_are_the_published_ones(key, counter, expected):
    assert words(key, *counter) == expected.split()


def test_numbers_are_normal():
    numbers = np.asarray(gradient_noise.normal([3, 5], 200_001), np.float64)
    assert numbers.shape == (200_001,)
    # Four standard errors of each moment: 1, 2, 15 and 96 over n.
    error = 4 / np.sqrt(len(numbers))
    assert abs(numbers.mean()) < error
    assert abs((numbers**2).mean() - 1) < np.sqrt(2) * error
    assert abs((numbers**3).mean()) < np.sqrt(15) * error
    assert abs((numbers**4).mean() - 3) < np.sqrt(96) * error
    assert abs(numbers).max() < 5.5
    # A quarter lies in each quarter of the distribution.
    quarters = np.histogram(numbers, [-9, -0.67448975, 0, 0.67448975, 9])[0]
    assert abs(quarters / len(numbers) - 0.25).max() < error
    # Neighbours, and the two words of a counter, have nothing in common.
    for lag in (1, 100_001):
        product = (numbers[lag:] * numbers[:-lag]).mean()
        assert abs(product) < 4 / np.sqrt(len(numbers) - lag)


def test_numbers_are_a_function_of_seed_and_step():
    one = np.asarray(gradient_noise.normal([3, 5], 1000))
    np.testing.assert_array_equal(gradient_noise.normal([3, 5], 1000), one)
    for key in ([3, 6], [4, 5], [5, 3]):
        other = np.asarray(gradient_noise.normal(key, 1000))
        assert abs(np.corrcoef(one, other)[0, 1]) < 0.15


@pytest.mark.parametrize("jit_compile", [False, True])
def test_compiled_numbers_are_the_same(jit_compile):
    compiled = tf.function(
        lambda step: gradient_noise.normal([7, step], 999),
        jit_compile=jit_compile,
    )
    np.testing.assert_allclose(
        compiled(tf.constant(11)),
        gradient_noise.normal([7, 11], 999),
        rtol=1e-5,
        atol=1e-6,
    )


def applied(optimizer, gradients, at_step=0):
    """What the inner optimizer is given: by SGD at rate 1 from zero."""
    variables = [keras.Variable(np.zeros(np.shape(g))) for g in gradients]
    optimizer.build(variables)
    optimizer.iterations.assign(at_step)
    optimizer.apply([tf.constant(g, tf.float32) for g in gradients], variables)
    return [-np.asarray(variable) for variable in variables]


def make(optimizer=None, **kwargs):
    return gradient_noise.GradientNoise(
        optimizer or keras.optimizers.SGD(1.0), **kwargs
    )


@pytest.mark.parametrize("step", [1, 2, 10, 1000, 270_000])
def test_the_variance_falls_as_the_paper_says(step):
    gradients = [np.zeros((300, 400)), np.zeros(30_000)]
    noise = applied(make(), gradients, at_step=step - 1)
    expected = step**-0.55
    for part in noise:
        error = 5 * np.sqrt(2 / part.size) * expected
        assert abs(part.var() - expected) < error
        assert abs(part.mean()) < 5 * np.sqrt(expected / part.size)
    louder = applied(make(eta=4.0, gamma=1.0), gradients, at_step=step - 1)
    assert abs(louder[0].std() - 2 * step**-0.5) < 0.02 * 2 * step**-0.5


def test_parameters_have_noise_of_their_own():
    one, other = applied(make(), [np.zeros(500), np.zeros(500)])
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.2


@pytest.mark.parametrize(
    ("clip_norm", "factor"), [(None, 1.0), (130.0, 1.0), (13.0, 0.1)]
)
def test_clipping_is_by_the_norm_of_all_parameters(clip_norm, factor):
    # 3, 4 and 12 have the norm 13; ten times that is 130.
    gradients = [np.array([30.0, 40.0]), np.array([[120.0]])]
    found = applied(make(eta=0.0, clip_norm=clip_norm), gradients)
    for one, gradient in zip(found, gradients):
        np.testing.assert_allclose(one, factor * gradient, rtol=1e-6)


def test_noise_is_added_after_clipping():
    """Clipped noise would be smaller than a thousandth."""
    gradients = [1e6 * np.ones(1000)]
    clipped = applied(make(eta=0.0, clip_norm=1e-3), gradients)[0]
    assert np.linalg.norm(clipped) == pytest.approx(1e-3)
    noisy = applied(make(clip_norm=1e-3), gradients)[0]
    noise = applied(make(), [np.zeros(1000)])[0]
    np.testing.assert_allclose(noisy - clipped, noise, atol=1e-6)
    assert 0.9 < noise.std() < 1.1


def test_seeds_and_steps_give_other_noise():
    zeros = [np.zeros(1000)]
    one = applied(make(seed=1), zeros)[0]
    np.testing.assert_array_equal(applied(make(seed=1), zeros)[0], one)
    later = applied(make(seed=1, gamma=0.0), zeros, at_step=1)[0]
    for other in (applied(make(seed=2), zeros)[0], later):
        assert abs(np.corrcoef(one, other)[0, 1]) < 0.15


def steps(jit_compile, count=5, optimizer=None):
    """Weights after some steps of Adam with noise: eager if None."""
    variable = keras.Variable(np.linspace(-1, 1, 7), dtype="float32")
    optimizer = optimizer or make(keras.optimizers.Adam(0.1), clip_norm=0.5)
    optimizer.build([variable])

    def step(target):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum((variable.value - target) ** 2)
        gradients = tape.gradient(loss, [variable.value])
        optimizer.apply(gradients, [variable])

    if jit_compile is not None:
        step = tf.function(step, jit_compile=jit_compile, autograph=False)
    for index in range(count):
        step(tf.constant(float(index)))
    return np.asarray(variable), optimizer


@pytest.mark.parametrize("jit_compile", [False, True])
def test_compiled_steps_are_the_eager_ones(jit_compile):
    eager, _ = steps(None)
    compiled, optimizer = steps(jit_compile)
    np.testing.assert_allclose(compiled, eager, atol=1e-5)
    assert int(optimizer.iterations.numpy()) == 5
    assert int(optimizer.inner_optimizer.iterations.numpy()) == 5


def test_without_noise_and_clipping_it_is_the_inner_optimizer():
    plain, _ = steps(None, optimizer=keras.optimizers.Adam(0.1))
    wrapped, _ = steps(
        None, optimizer=make(keras.optimizers.Adam(0.1), eta=0.0)
    )
    np.testing.assert_array_equal(wrapped, plain)


def small_fit(model, epochs, initial_epoch=0):
    x = np.linspace(-1, 1, 12).reshape(4, 3)
    return model.fit(
        x,
        x[:, :1] ** 2,
        batch_size=4,
        epochs=epochs,
        initial_epoch=initial_epoch,
        shuffle=False,
        verbose=0,
    )


def small_net():
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    optimizer = make(keras.optimizers.Adam(0.01), clip_norm=1.0, seed=3)
    model.compile(optimizer, "mse", jit_compile=False)
    return model


def test_a_loaded_optimizer_goes_on_with_the_same_noise(tmp_path):
    model = small_net()
    small_fit(model, 3)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    optimizer = loaded.optimizer
    assert isinstance(optimizer, gradient_noise.GradientNoise)
    assert optimizer.get_config() == model.optimizer.get_config()
    for one, other in zip(
        optimizer.variables, model.optimizer.variables, strict=True
    ):
        np.testing.assert_array_equal(one, other)
    for net in (model, loaded):
        small_fit(net, 6, initial_epoch=3)
    for one, other in zip(model.get_weights(), loaded.get_weights()):
        np.testing.assert_array_equal(one, other)
    whole = small_net()
    small_fit(whole, 6)
    for one, other in zip(whole.get_weights(), loaded.get_weights()):
        np.testing.assert_array_equal(one, other)


def test_the_config_is_json_and_makes_the_optimizer_again():
    schedule = keras.optimizers.schedules.CosineDecay(0.01, 100)
    optimizer = make(
        keras.optimizers.Adam(schedule, epsilon=1e-6),
        eta=0.3,
        gamma=0.4,
        clip_norm=5.0,
        seed=9,
        name="mine",
    )
    text = json.dumps(keras.optimizers.serialize(optimizer))
    twin = keras.optimizers.deserialize(json.loads(text))
    assert twin.get_config() == optimizer.get_config()
    assert twin.inner_optimizer.epsilon == 1e-6
    assert (twin.eta, twin.gamma, twin.clip_norm) == (0.3, 0.4, 5.0)
    assert (twin.seed, twin.name) == (9, "mine")


def test_the_learning_rate_is_the_inner_optimizers():
    optimizer = make(keras.optimizers.Adam(0.01))
    optimizer.learning_rate = 0.5
    assert float(optimizer.inner_optimizer.learning_rate.numpy()) == 0.5
    assert float(optimizer.learning_rate.numpy()) == 0.5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"eta": -1.0}, "eta: must be >= 0, got -1.0"),
        ({"eta": float("nan")}, "eta: must be >= 0, got nan"),
        ({"gamma": -0.1}, "gamma: must be >= 0, got -0.1"),
        ({"gamma": float("inf")}, "gamma: must be >= 0, got inf"),
        ({"clip_norm": 0.0}, "clip_norm: must be > 0, got 0.0"),
        ({"clip_norm": -5.0}, "clip_norm: must be > 0, got -5.0"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        make(**arguments)


def test_arguments_of_other_optimizers_are_refused():
    """They belong to the inner one; dropped in silence, they would be lost."""
    with pytest.raises(TypeError, match="clipnorm"):
        make(clipnorm=1.0)


@pytest.fixture(scope="module")
def replicas():
    """Weights after some steps, on one CPU and on two logical ones."""
    command = [sys.executable, "-m", two_replicas.__name__]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_two_replicas_train_what_one_trains(replicas):
    assert replicas["num_replicas"] == 2
    np.testing.assert_allclose(
        replicas["two"], replicas["one"], rtol=1e-5, atol=1e-6
    )
    np.testing.assert_allclose(
        replicas["losses of two"], replicas["losses of one"], rtol=1e-5
    )
    # Not because nothing happened, nor without the noise.
    assert np.abs(np.subtract(replicas["one"], replicas["start"])).max() > 0.1
    silent = np.subtract(replicas["one"], replicas["without noise"])
    assert np.abs(silent).max() > 0.1


def test_replicas_hold_the_same_weights_bit_for_bit(replicas):
    first, second = replicas["each of two"]
    assert first == second

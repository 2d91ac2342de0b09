"""What every layer must do, whatever it computes."""

import inspect
import json

import keras
import numpy as np
import tensorflow as tf

POLICIES = {"float32": 1e-6, "float64": 1e-12, "mixed_bfloat16": 0.05}


def call_layer(layer, inputs):
    """Calls the layer with its inputs in order."""
    return layer(*inputs)


def run_layer_test(
    layer_class,
    init_kwargs,
    inputs,
    output_shapes,
    num_weights,
    forward=None,
    shared=(),
    computes_in=None,
):
    """Checks one layer, under float32, float64 and mixed_bfloat16.

    Args:
        layer_class: The `keras.layers.Layer` subclass.
        init_kwargs: Arguments of its constructor.
        inputs: Arrays or nests of them that it is called with, batch first.
        output_shapes: Shapes of its outputs, flattened.
        num_weights: Number of its weight arrays.
        forward: Maps a layer and its inputs to what depends on all of its
            weights, where the call alone does not.
        shared: Indices of the inputs without a batch axis.
        computes_in: The dtype of its outputs; None for that of its policy.
    """
    forward = forward or call_layer
    for policy in POLICIES:
        layer = layer_class(**init_kwargs, dtype=policy)
        outputs = keras.tree.flatten(layer(*inputs))
        assert [tuple(value.shape) for value in outputs] == output_shapes
        _check_dtypes(layer, outputs, num_weights, computes_in)
        _check_gradients(layer, inputs, forward)
        _check_config(layer, inputs, forward)
    _check_policies_agree(layer_class, init_kwargs, inputs, forward)
    _check_batch_is_singles(layer_class(**init_kwargs), inputs, shared)


def run_saving_test(layer_class, init_kwargs, inputs, path):
    """Checks that a functional model around the layer survives a file."""
    symbols = [
        keras.Input(value.shape[1:], dtype=value.dtype.name) for value in inputs
    ]
    layer = layer_class(**init_kwargs)
    model = keras.Model(symbols, layer(*symbols))
    expected = layer(*inputs)
    _assert_same(model(list(inputs)), expected)
    model.save(path)
    loaded = keras.saving.load_model(path)
    _assert_same(loaded(list(inputs)), expected)
    _assert_same(tf.function(loaded)(list(inputs)), expected, 1e-5)


def _check_dtypes(layer, outputs, num_weights, computes_in):
    assert layer.built
    assert len(layer.weights) == num_weights
    assert len({weight.path for weight in layer.weights}) == num_weights
    for weight in layer.weights:
        assert keras.backend.standardize_dtype(weight.dtype) == (
            layer.variable_dtype
        )
    for value in outputs:
        dtype = keras.backend.standardize_dtype(value.dtype)
        assert dtype in ("bool", computes_in or layer.compute_dtype)
        assert np.isfinite(_numpy(value)).all()


def _check_gradients(layer, inputs, forward):
    with tf.GradientTape() as tape:
        outputs = keras.tree.flatten(forward(layer, inputs))
        loss = sum(
            tf.reduce_sum(tf.square(tf.cast(value, tf.float64)))
            for value in outputs
        )
    variables = [weight.value for weight in layer.trainable_weights]
    gradients = tape.gradient(loss, variables)
    for weight, gradient in zip(layer.trainable_weights, gradients):
        assert gradient is not None, weight.path
        gradient = _numpy(tf.convert_to_tensor(gradient))
        assert np.isfinite(gradient).all(), weight.path
        assert np.abs(gradient).max() > 0, weight.path


def _check_config(layer, inputs, forward):
    config = layer.get_config()
    arguments = inspect.signature(type(layer).__init__).parameters
    assert set(arguments) - {"self", "kwargs"} <= set(config)
    serialized = json.loads(
        json.dumps(keras.saving.serialize_keras_object(layer))
    )
    twin = keras.saving.deserialize_keras_object(serialized)
    assert type(twin) is type(layer)
    assert json.dumps(twin.get_config()) == json.dumps(config)
    twin(*inputs)
    twin.set_weights(layer.get_weights())
    _assert_same(forward(twin, inputs), forward(layer, inputs))


def _check_policies_agree(layer_class, init_kwargs, inputs, forward):
    exact = layer_class(**init_kwargs, dtype="float64")
    exact(*inputs)
    for policy, tolerance in POLICIES.items():
        layer = layer_class(**init_kwargs, dtype=policy)
        layer(*inputs)
        layer.set_weights(exact.get_weights())
        _assert_same(forward(layer, inputs), forward(exact, inputs), tolerance)


def _check_batch_is_singles(layer, inputs, shared):
    batch = keras.tree.flatten(layer(*inputs))
    for row in range(len(batch[0])):
        single = layer(
            *(
                value if index in shared else _row(value, row)
                for index, value in enumerate(inputs)
            )
        )
        _assert_same(single, [value[row : row + 1] for value in batch], 1e-5)


def _row(nest, row):
    return keras.tree.map_structure(lambda value: value[row : row + 1], nest)


def _assert_same(actual, expected, tolerance=0.0):
    pairs = zip(
        keras.tree.flatten(actual), keras.tree.flatten(expected), strict=True
    )
    for one, other in pairs:
        np.testing.assert_allclose(
            _numpy(one), _numpy(other), rtol=tolerance, atol=tolerance
        )


def _numpy(value):
    return np.asarray(keras.ops.convert_to_numpy(value), np.float64)

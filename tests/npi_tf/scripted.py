"""Models that were never trained: some obey, some are wild."""

import keras
import numpy as np

from npi_tf import addition
from npi_tf import model as model_lib
from npi_tf import specs

SIZES = {
    "encoder_dim": 16,
    "key_dim": 8,
    "embedding_dim": 12,
    "state_dim": 16,
    "fuse_dim": 16,
    "hidden_dim": 24,
}


def small_model(domain=addition.ADDITION, **kwargs):
    """A small model for a domain as it is before training."""
    keras.utils.set_random_seed(0)
    return model_lib.NPI.for_domains(domain, **SIZES | kwargs)


def obedient_model(
    call,
    arguments=specs.NO_ARGUMENTS,
    end=True,
    domain=addition.ADDITION,
    **kwargs,
):
    """A model that says the same on every step, whatever it sees.

    Its decoders are biases alone, and the keys of the memory are one-hot.

    Args:
        call: Name of the program that it calls.
        arguments: What it passes.
        end: Whether the caller ends.
        domain: What it is a model for.
        **kwargs: Passed to the model.
    """
    model = small_model(domain, **kwargs)
    key_dim = model.core.key_dim
    unit = np.eye(key_dim)[model.programs.index(call)]
    _set_bias(model.core.key, unit)
    _set_bias(model.core.end, [1.0 if end else -1.0])
    for head, value in zip(model.core.argument_heads, arguments):
        _set_bias(head, np.eye(head.units)[value])
    model.memory.keys[0].assign(np.eye(len(model.programs), key_dim))
    return model


def make_wild(model, seed, scale=0.6):
    """Gives a model large random weights, so that its calls make no sense."""
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        weight.assign(rng.normal(scale=scale, size=weight.shape))


def _set_bias(layer, bias):
    layer.set_weights([np.zeros(layer.kernel.shape), np.asarray(bias)])

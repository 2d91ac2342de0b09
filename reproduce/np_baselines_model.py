"""The baselines: sequence-to-sequence LSTM, without and with attention.

Sources: Sutskever, Vinyals and Le, arXiv 1409.3215 (sequence to sequence);
Bahdanau, Cho and Bengio, arXiv 1409.0473 (additive attention), which
Neelakantan, Le and Sutskever, arXiv 1511.04834, section 3.2.2 compare with.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from reproduce import np_baselines_configs
from reproduce import np_baselines_symbols


def build(
    recipe: np_baselines_configs.Recipe, num_heads: int = 0
) -> keras.Model:
    """An untrained baseline (Deviations N31 and N32).

    Encoder and decoder are stacks of LSTM layers; each decoder layer starts
    from the last state of the encoder layer of its height. With attention,
    the decoder's first layer asks, and what it reads goes to the layers
    above beside its own output.

    Args:
        recipe: Layers and their width H.
        num_heads: Heads of additive attention; 0 for none.

    Returns:
        A model of `source [B, 13, 5]` and `previous [B, 8]`, the answer's
        characters one place to the right, that gives the logits of the
        characters, `[B, 8, 14]`.

    Raises:
        ValueError: If heads are negative or more than the width.
    """
    if not 0 <= num_heads <= recipe.hidden_dim:
        raise ValueError(
            f"num_heads: must be in 0..{recipe.hidden_dim}, got {num_heads}"
        )
    places = (np_baselines_symbols.NUM_POSITIONS, np_baselines_symbols.SYMBOLS)
    source = keras.Input(places, dtype="int32", name="source")
    length = (np_baselines_symbols.ANSWER_LENGTH,)
    previous = keras.Input(length, dtype="int32", name="previous")
    encoded, states, mask = _encode(source, recipe)
    decoded = keras.layers.Embedding(
        np_baselines_symbols.NUM_ANSWER_IDS,
        recipe.hidden_dim,
        name="characters",
    )(previous)
    for height, state in enumerate(states):
        decoded, _, _ = _lstm(recipe, f"decoder_{height}")(
            decoded, initial_state=state
        )
        if height == 0 and num_heads:
            context = _attend(decoded, encoded, mask, num_heads)
            decoded = keras.ops.concatenate([decoded, context], axis=-1)
    logits = keras.layers.Dense(
        np_baselines_symbols.NUM_ANSWER_IDS, name="logits"
    )(decoded)
    return keras.Model({"source": source, "previous": previous}, logits)


def _encode(source, recipe):
    """Outputs `[B, 13, H]`, last states of every layer, mask `[B, 13]`."""
    mask = keras.ops.not_equal(source[:, :, 0], 0)
    parts = keras.layers.Embedding(
        np_baselines_symbols.NUM_SOURCE_IDS,
        recipe.hidden_dim // 2,
        name="symbols",
    )(source)  # [B, 13, 5, H / 2]
    joined = keras.layers.Reshape((np_baselines_symbols.NUM_POSITIONS, -1))(
        parts
    )
    encoded = keras.layers.Dense(recipe.hidden_dim, name="position")(joined)
    states = []
    for height in range(recipe.num_layers):
        encoded, hidden, cell = _lstm(recipe, f"encoder_{height}")(
            encoded, mask=mask
        )
        states.append([hidden, cell])
    return encoded, states, mask


def _lstm(recipe, name):
    return keras.layers.LSTM(
        recipe.hidden_dim,
        return_sequences=True,
        return_state=True,
        name=name,
    )


def _attend(decoded, encoded, mask, num_heads):
    """`[B, 8, num_heads * (H // num_heads)]`, what all heads read."""
    width = decoded.shape[-1] // num_heads
    contexts = []
    for head in range(num_heads):
        query, value, key = (
            keras.layers.Dense(width, use_bias=False, name=f"{name}_{head}")(x)
            for name, x in (
                ("query", decoded),
                ("value", encoded),
                ("key", encoded),
            )
        )
        attention = keras.layers.AdditiveAttention(name=f"attention_{head}")
        contexts.append(attention([query, value, key], mask=[None, mask]))
    if num_heads == 1:
        return contexts[0]
    return keras.layers.Concatenate(name="contexts")(contexts)


class Decoder:
    """Answers questions greedily, one character after the other.

    Args:
        model: What `build` gives.
        batch_size: Questions of one call of the model, for a static shape.
    """

    def __init__(self, model, batch_size=400):
        self.model = model
        self.batch_size = batch_size
        self._likeliest = tf.function(
            lambda inputs: tf.argmax(model(inputs), -1, tf.int32),
            jit_compile=True,
            autograph=False,
        )

    def __call__(self, source: np.ndarray) -> np.ndarray:
        """The characters of the answers, `[B, 8]`."""
        spelt = []
        for start in range(0, len(source), self.batch_size):
            part = source[start : start + self.batch_size]
            missing = self.batch_size - len(part)
            padded = np.pad(part, ((0, missing), (0, 0), (0, 0)), mode="edge")
            spelt.append(self._greedy(padded)[: len(part)])
        return np.concatenate(spelt)

    def _greedy(self, source):
        shape = (len(source), np_baselines_symbols.ANSWER_LENGTH)
        spelt = np.zeros(shape, np.int32)
        for place in range(shape[1]):
            previous = np.pad(spelt[:, :-1], ((0, 0), (1, 0)))
            inputs = {"source": source, "previous": previous}
            spelt[:, place] = self._likeliest(inputs)[:, place]
        return spelt


def shift(spelt: Any) -> Any:
    """Characters one place to the right, what the decoder is given."""
    return keras.ops.pad(spelt[:, :-1], ((0, 0), (1, 0)))

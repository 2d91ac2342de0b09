"""The LSTMs that the Neural Programmer-Interpreter is compared with.

As many layers and units as NPI has (section 4.1 and appendix 6.3 of Reed and
de Freitas, arXiv 1511.06279); the encoder-decoder is that of Sutskever,
Vinyals and Le, arXiv 1409.3215.
"""

from __future__ import annotations

from typing import Any

import keras


def encoder_decoder(recipe: Any, num_symbols: int) -> keras.Model:
    """An encoder that reads a sequence, a decoder that writes another.

    Every decoder layer starts from the last state of the encoder layer of
    its height. Symbols go in one-hot.

    Args:
        recipe: `num_layers`, `hidden_dim` and `dropout`.
        num_symbols: V, how many symbols there are.

    Returns:
        A model of `source [B, S]` and `previous [B, T]`, the answer one
        place to the right, that gives logits `[B, T, V]`.
    """
    source = keras.Input((None,), dtype="int32", name="source")
    previous = keras.Input((None,), dtype="int32", name="previous")
    encoded = keras.ops.one_hot(source, num_symbols)
    decoded = keras.ops.one_hot(previous, num_symbols)
    states = []
    for height in range(recipe.num_layers):
        encoded, *state = _lstm(recipe, f"encoder_{height}")(encoded)
        states.append(state)
    for height, state in enumerate(states):
        decoded, *_ = _lstm(recipe, f"decoder_{height}")(
            decoded, initial_state=state
        )
    logits = _logits(recipe, num_symbols, decoded)
    return keras.Model({"source": source, "previous": previous}, logits)


def tagger(recipe: Any, num_symbols: int, num_channels: int) -> keras.Model:
    """An LSTM that says one symbol at every symbol that it reads.

    Args:
        recipe: `num_layers`, `hidden_dim` and `dropout`.
        num_symbols: V, how many symbols there are.
        num_channels: C, how many are read at once.

    Returns:
        A model of `source [B, T, C]` that gives logits `[B, T, V]`.
    """
    source = keras.Input((None, num_channels), dtype="int32", name="source")
    read = keras.layers.Reshape((-1, num_channels * num_symbols))(
        keras.ops.one_hot(source, num_symbols)
    )
    for height in range(recipe.num_layers):
        read, *_ = _lstm(recipe, f"layer_{height}")(read)
    return keras.Model({"source": source}, _logits(recipe, num_symbols, read))


def _lstm(recipe, name):
    return keras.layers.LSTM(
        recipe.hidden_dim,
        return_sequences=True,
        return_state=True,
        name=name,
    )


def _logits(recipe, num_symbols, outputs):
    dropped = keras.layers.Dropout(recipe.dropout, name="dropout")(outputs)
    return keras.layers.Dense(num_symbols, name="logits")(dropped)

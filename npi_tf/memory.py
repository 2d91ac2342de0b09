"""The key-value program memory."""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable("npi_tf")
class ProgramMemory(keras.layers.Layer):
    """Program keys `M_key [N, K]` and embeddings `M_prog [N, P]`.

    The next program is the one whose key matches best (equation 4):
    `i* = argmax_i M_key[i, :] . k_t`, `p_{t+1} = M_prog[i*, :]`.

    Rows come in blocks, each with variables of its own: programs that are
    added to a trained memory are a new block, which can be trained while the
    rest of the network is frozen.

    Args:
        blocks: Number of rows of each block, oldest first.
        key_dim: `K`.
        embedding_dim: `P`.

    Call arguments:
        key: The core's key `k_t`, `[..., K]`.

    Returns:
        Scores `M_key k_t`, `[..., N]`.

    Example:

    >>> memory = ProgramMemory(blocks=(6,), key_dim=16, embedding_dim=32)
    >>> memory(keras.ops.ones((4, 16))).shape
    TensorShape([4, 6])
    >>> memory.embed(keras.ops.array([0, 5])).shape
    TensorShape([2, 32])

    References:
        Reed and de Freitas, arXiv 1511.06279, equation 4.
    """

    def __init__(self, blocks, key_dim=32, embedding_dim=64, **kwargs):
        super().__init__(**kwargs)
        if not blocks or min(blocks) < 1:
            raise ValueError(
                f"blocks: must hold positive row counts, got {blocks!r}"
            )
        self.blocks = tuple(blocks)
        self.key_dim = key_dim
        self.embedding_dim = embedding_dim
        self.keys = []
        self.embeddings = []

    @property
    def num_programs(self):
        """`N`, the number of rows."""
        return sum(self.blocks)

    def build(self, key_shape=None):
        for block, rows in enumerate(self.blocks):
            self.keys.append(self._add_rows("key", block, rows, self.key_dim))
            self.embeddings.append(
                self._add_rows("prog", block, rows, self.embedding_dim)
            )
        self.built = True

    def _add_rows(self, name, block, rows, width):
        return self.add_weight(
            shape=(rows, width),
            initializer=keras.initializers.RandomNormal(stddev=width**-0.5),
            name=f"{name}_{block}",
        )

    def call(self, key):
        keys = ops.concatenate([ops.cast(k, key.dtype) for k in self.keys])
        return ops.matmul(key, ops.transpose(keys))

    def embed(self, programs):
        """`M_prog[i, :]` for indices `[...]`, `[..., P]`."""
        rows = [ops.cast(e, self.compute_dtype) for e in self.embeddings]
        return ops.take(ops.concatenate(rows), programs, axis=0)

    def get_config(self):
        return super().get_config() | {
            "blocks": self.blocks,
            "key_dim": self.key_dim,
            "embedding_dim": self.embedding_dim,
        }

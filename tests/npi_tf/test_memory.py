"""The program memory: key lookup by hand, blocks, and its contract."""

import numpy as np
import pytest

from npi_tf import memory as memory_lib
from tests import layer_contract

SMALL = {"blocks": (2, 3), "key_dim": 4, "embedding_dim": 6}
KEYS = [np.random.default_rng(0).normal(size=(3, 7, 4)).astype(np.float32)]
ALL_ROWS = np.arange(5)


def look_up(layer, inputs):
    """What depends on keys and embeddings both."""
    return layer(*inputs), layer.embed(ALL_ROWS)


def test_layer_contract():
    layer_contract.run_layer_test(
        memory_lib.ProgramMemory,
        SMALL,
        KEYS,
        output_shapes=[(3, 7, 5)],
        num_weights=4,
        forward=look_up,
    )


def test_saving(tmp_path):
    layer_contract.run_saving_test(
        memory_lib.ProgramMemory, SMALL, KEYS, tmp_path / "m.keras"
    )


@pytest.fixture
def memory():
    """Three programs with keys of 2, embeddings of 3, in two blocks."""
    layer = memory_lib.ProgramMemory((2, 1), key_dim=2, embedding_dim=3)
    layer.build()
    layer.keys[0].assign([[1, 0], [0, 1]])
    layer.keys[1].assign([[2, -1]])
    layer.embeddings[0].assign([[1, 2, 3], [4, 5, 6]])
    layer.embeddings[1].assign([[7, 8, 9]])
    return layer


def test_scores_by_hand(memory):
    # (3, 5): row 0 gives 3, row 1 gives 5, row 2 gives 2*3 - 5 = 1.
    # (3, -1): 3, -1 and 2*3 + 1 = 7.
    scores = memory(np.array([[3.0, 5.0], [3.0, -1.0]], np.float32))
    np.testing.assert_array_equal(scores, [[3, 5, 1], [3, -1, 7]])


def test_embeddings_by_hand(memory):
    rows = memory.embed(np.array([[2, 0], [1, 1]]))
    expected = [[[7, 8, 9], [1, 2, 3]], [[4, 5, 6], [4, 5, 6]]]
    np.testing.assert_array_equal(rows, expected)
    assert memory.num_programs == 3


def test_blocks_are_one_table():
    one = memory_lib.ProgramMemory((5,), 4, 6)
    two = memory_lib.ProgramMemory((2, 3), 4, 6)
    for layer in (one, two):
        layer.build()
    for name in ("keys", "embeddings"):
        parts = [np.asarray(part) for part in getattr(two, name)]
        getattr(one, name)[0].assign(np.concatenate(parts))
    np.testing.assert_array_equal(one(KEYS[0]), two(KEYS[0]))
    np.testing.assert_array_equal(one.embed(ALL_ROWS), two.embed(ALL_ROWS))


@pytest.mark.parametrize("blocks", [(), (0,), (3, -1)])
def test_blocks_must_hold_rows(blocks):
    with pytest.raises(ValueError, match="blocks: must hold positive"):
        memory_lib.ProgramMemory(blocks)

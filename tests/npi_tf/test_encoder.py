"""The state encoder: its one-hot code, worked by hand, and its contract."""

import numpy as np
import pytest

from npi_tf import encoder as encoder_lib
from tests import layer_contract

# Two features: four values of which 3 is blank, and a bit coded in full.
SMALL = {
    "num_values": (4, 2),
    "blanks": (3, -1),
    "num_argument_values": (2, 3, 2),
    "hidden_dim": 8,
    "output_dim": 5,
}
INPUTS = [
    np.array([[0, 1], [3, 0], [2, 1]], np.int32),
    np.array([[0, 0, 0], [1, 2, 1], [1, 0, 0]], np.int32),
]


def test_layer_contract():
    layer_contract.run_layer_test(
        encoder_lib.DiscreteEncoder,
        SMALL,
        INPUTS,
        output_shapes=[(3, 5)],
        num_weights=4,
    )


def test_saving(tmp_path):
    layer_contract.run_saving_test(
        encoder_lib.DiscreteEncoder, SMALL, INPUTS, tmp_path / "m.keras"
    )


def code(observation, arguments):
    """The one-hot vector that the hidden layer sees, by probing it."""
    layer = encoder_lib.DiscreteEncoder(
        **SMALL | {"hidden_dim": 13, "output_dim": 13}
    )
    layer.build()
    for dense in (layer.hidden, layer.out):
        dense.set_weights([np.eye(13), np.zeros(13)])
    return layer(np.array([observation]), np.array([arguments]))[0]


@pytest.mark.parametrize(
    "observation, arguments, units",
    [
        # Units: feature a 0-3, feature b 4-5, arguments 6-7, 8-10, 11-12.
        ((0, 0), (1, 1, 1), [0, 4, 7, 9, 12]),
        ((2, 1), (0, 0, 0), [2, 5]),  # Default arguments are zeros.
        ((3, 0), (0, 2, 0), [4, 10]),  # Blank is zeros, a bit's 0 is not.
    ],
)
def test_the_code_by_hand(observation, arguments, units):
    expected = np.zeros(13)
    expected[units] = 1
    np.testing.assert_array_equal(code(observation, arguments), expected)


def test_leading_axes_are_free():
    layer = encoder_lib.DiscreteEncoder(**SMALL)
    observations = np.tile(INPUTS[0], (2, 1, 1))  # [2, 3, 2]
    arguments = np.tile(INPUTS[1], (2, 1, 1))
    together = layer(observations, arguments)
    assert together.shape == (2, 3, 5)
    np.testing.assert_allclose(together[1], layer(*INPUTS), atol=1e-6)


def test_narrow_integers_are_taken():
    layer = encoder_lib.DiscreteEncoder(**SMALL)
    narrow = [value.astype(np.int8) for value in INPUTS]
    np.testing.assert_array_equal(layer(*narrow), layer(*INPUTS))


def test_the_first_layer_starts_near_zero():
    layer = encoder_lib.DiscreteEncoder((11,) * 40, (10,) * 40, (5, 11, 4))
    layer.build()
    assert 0.009 < np.std(layer.hidden.kernel) < 0.011  # Deviation D4.


def test_a_blank_is_needed_for_every_feature():
    with pytest.raises(ValueError, match=r"blanks: must have .* 1 for 2"):
        encoder_lib.DiscreteEncoder((4, 2), (3,), (2, 3, 2))

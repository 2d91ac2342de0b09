"""The core: its two forms agree with each other and with plain NumPy."""

import numpy as np
import pytest

from npi_tf import addition
from npi_tf import core as core_lib
from npi_tf import model as model_lib
from tests import layer_contract
from tests.npi_tf import numpy_npi

SMALL = {
    "num_argument_values": (3, 4, 2),
    "key_dim": 5,
    "embedding_dim": 6,
    "state_dim": 7,
    "fuse_dim": 8,
    "hidden_dim": 9,
    "num_layers": 2,
}
_RNG = np.random.default_rng(0)
INPUTS = [
    _RNG.normal(size=(3, 4, 7)).astype(np.float32),  # [B, T, D]
    _RNG.normal(size=(3, 6)).astype(np.float32),  # [B, P]
]


@pytest.mark.parametrize("num_layers", [1, 2, 3])
def test_layer_contract(num_layers):
    layer_contract.run_layer_test(
        core_lib.NPICore,
        SMALL | {"num_layers": num_layers},
        INPUTS,
        # Arguments, end and key: a dict is flattened by its sorted keys.
        output_shapes=[(3, 4, 3), (3, 4, 4), (3, 4, 2), (3, 4), (3, 4, 5)],
        # Fuse 2 x 2, LSTM 3 a layer, five heads of 2.
        num_weights=4 + 3 * num_layers + 10,
    )


def test_saving(tmp_path):
    layer_contract.run_saving_test(
        core_lib.NPICore, SMALL, INPUTS, tmp_path / "m.keras"
    )


@pytest.mark.parametrize("num_layers", [1, 2, 3])
def test_repeated_steps_are_the_call(num_layers):
    core = core_lib.NPICore(
        **SMALL | {"num_layers": num_layers}, dtype="float64"
    )
    states, embedding = (value.astype(np.float64) for value in INPUTS)
    together = core(states, embedding)
    lstm = [np.zeros((3, 9))] * (2 * num_layers)
    for t in range(states.shape[1]):
        outputs, lstm = core.step(states[:, t], embedding, lstm)
        assert len(lstm) == 2 * num_layers
        for name in ("end_logits", "key"):
            np.testing.assert_allclose(
                outputs[name], together[name][:, t], atol=1e-12
            )
        for one, other in zip(
            outputs["argument_logits"], together["argument_logits"]
        ):
            np.testing.assert_allclose(one, other[:, t], atol=1e-12)


def test_a_later_step_depends_on_an_earlier_one():
    core = core_lib.NPICore(**SMALL)
    changed = INPUTS[0].copy()
    changed[:, 1] += 1.0
    before, after = (
        np.asarray(core(states, INPUTS[1])["key"])
        for states in (INPUTS[0], changed)
    )
    np.testing.assert_array_equal(before[:, 0], after[:, 0])
    for t in (1, 2, 3):
        assert np.abs(before[:, t] - after[:, t]).max() > 1e-4


@pytest.mark.parametrize("dtype, atol", [("float64", 1e-12), ("float32", 2e-5)])
def test_the_network_is_equations_1_to_4(dtype, atol):
    model = model_lib.NPI.for_domains(addition.ADDITION, dtype=dtype)
    rng = np.random.default_rng(1)
    for weight in model.weights:  # Larger than at the start, biases too.
        weight.assign(rng.normal(scale=0.2, size=weight.shape))
    sizes = addition.ADDITION.observations.num_values
    frames = {
        "program": rng.integers(6, size=4),
        "arguments": rng.integers((5, 11, 4), size=(4, 3)),
        "observations": rng.integers(sizes, size=(4, 5, 8)),
    }
    outputs = model(frames)
    network = numpy_npi.NumpyNPI(model)
    for row in range(4):
        states = network.zero_states()
        for t in range(5):
            end, scores, heads, states = network.step(
                frames["observations"][row, t],
                frames["arguments"][row],
                frames["program"][row],
                states,
            )
            logit = np.asarray(outputs["end_logits"])[row, t]
            np.testing.assert_allclose(
                numpy_npi.sigmoid(np.float64(logit)), end, atol=atol
            )
            np.testing.assert_allclose(
                outputs["program_logits"][row, t], scores, atol=atol, rtol=atol
            )
            for one, other in zip(outputs["argument_logits"], heads):
                np.testing.assert_allclose(
                    one[row, t], other, atol=atol, rtol=atol
                )

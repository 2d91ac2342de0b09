"""Two workers on loopback train what one worker trains."""

import json
import socket

import keras
import numpy as np

import npi_tf
from npi_tf import addition
from tests.reproduce import script

STEPS = 10
# Sums over the batch are added up in another order, in float32; ten steps of
# Adam, which divides by the gradient's size, let that grow to this.
TOLERANCE = 2e-3


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for sock in sockets:
        sock.bind(("127.0.0.1", 0))
    ports = [sock.getsockname()[1] for sock in sockets]
    for sock in sockets:
        sock.close()
    return ports


def flags(workdir):
    return [
        "--smoke",
        f"--num_steps={STEPS}",
        "--num_problems=2",
        "--seed=7",
        f"--workdir={workdir}",
    ]


def weights(folder):
    return npi_tf.NPI.from_preset(str(folder)).get_weights()


def test_two_workers_equal_one(tmp_path):
    pair, alone = tmp_path / "pair", tmp_path / "alone"
    addresses = [f"127.0.0.1:{port}" for port in free_ports(2)]
    processes = [
        script.start(
            *flags(pair),
            TF_CONFIG=json.dumps(
                {
                    "cluster": {"worker": addresses},
                    "task": {"type": "worker", "index": index},
                }
            ),
        )
        for index in range(2)
    ]
    outputs = [process.communicate(timeout=400)[0] for process in processes]
    for process, output in zip(processes, outputs):
        assert process.returncode == 0, output
    script.run(*flags(alone))
    chief = weights(pair / "preset")
    for one, other in zip(chief, weights(pair / "preset-worker1")):
        np.testing.assert_array_equal(one, other)
    keras.utils.set_random_seed(7)
    initial = npi_tf.NPI.for_domains(addition.ADDITION).get_weights()
    for one, other, first in zip(chief, weights(alone / "preset"), initial):
        np.testing.assert_allclose(one, other, atol=TOLERANCE)
        assert np.abs(one - first).max() > 2 * TOLERANCE or one.size < 1000

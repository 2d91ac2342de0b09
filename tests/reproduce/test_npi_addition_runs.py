"""Smoke runs of the script: whole, killed and started again, by two workers.

Each in a process of its own. The whole run is made once: the killed one must
end with the same weights, bit for bit, and the workers with nearly the same.
"""

import json
import random
import socket

import keras
import numpy as np
import pytest
import tensorflow as tf

import npi_tf
from npi_tf import addition
from tests.reproduce import script

SEED = 3
STEPS = 12
RECORD = f"fast-smoke-seed{SEED}.json"
# Sums over the batch are added up in another order, in float32; twelve steps
# of Adam, which divides by the gradient's size, let that grow to this.
TOLERANCE = 2e-3


def flags(workdir):
    return [
        "--smoke",
        f"--num_steps={STEPS}",
        "--num_problems=2",
        f"--seed={SEED}",
        "--save_seconds=0",
        f"--workdir={workdir}",
    ]


def weights(folder):
    return npi_tf.NPI.from_preset(str(folder)).get_weights()


def lines(workdir):
    text = (workdir / "metrics.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that nothing disturbs: its folder and its output."""
    workdir = tmp_path_factory.mktemp("whole")
    return workdir, script.run(*flags(workdir))


def test_smoke(whole):
    workdir, done = whole
    assert f"step {STEPS} of {STEPS}" in done.stderr
    assert "96 + 125 =" in done.stdout
    found = json.loads((workdir / RECORD).read_text())
    assert found["experiment"] == "npi_addition"
    assert found["recipe"] == "fast-smoke"
    assert found["config"]["num_steps"] == STEPS
    assert found["config"]["precision"] == "float32"
    metrics = found["metrics"]
    assert set(metrics["accuracy_by_length"]) == {"1", "2", "5", "10"}
    # Twelve steps teach nothing: every failure is counted and named.
    assert metrics["accuracy_adversarial"] < 1
    assert len(metrics["failures"]) > 100
    served = tf.saved_model.load(str(workdir / "export" / "1"))
    answer = served.signatures["serving_default"](
        augend=tf.constant(["x"]), addend=tf.constant(["1"])
    )
    assert answer["status"].numpy().tolist() == [b"invalid_input"]
    events = list((workdir / "tensorboard").glob("events*"))
    assert events


# The recipe paper is stopped and resumed in test_npi_run.py.
def test_killed_run_ends_bit_identical(whole, tmp_path):
    workdir, _ = whole
    reached = script.kill_after(
        script.start(*flags(tmp_path)),
        tmp_path / "checkpoints",
        random.randrange(2, STEPS - 4),
        pause=random.random() / 20,
    )
    assert reached < STEPS
    done = script.run(*flags(tmp_path))
    assert "resuming at step" in done.stderr
    for one, other in zip(
        weights(workdir / "preset"), weights(tmp_path / "preset"), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    every = [line["step"] for line in lines(workdir)]
    assert [line["step"] for line in lines(tmp_path)] == every
    last_before = max([s for s in every if s <= reached], default=0)
    for one, other in zip(lines(workdir), lines(tmp_path)):
        # The line whose steps span the interruption averages those after it.
        spans = one["step"] == min(s for s in every if s > last_before)
        if "loss" in one and not spans:
            assert one["loss"] == other["loss"]


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for sock in sockets:
        sock.bind(("127.0.0.1", 0))
    ports = [sock.getsockname()[1] for sock in sockets]
    for sock in sockets:
        sock.close()
    return ports


def test_two_workers_train_what_one_trains(whole, tmp_path):
    addresses = [f"127.0.0.1:{port}" for port in free_ports(2)]
    processes = [
        script.start(
            *flags(tmp_path),
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
    chief = weights(tmp_path / "preset")
    for one, other in zip(chief, weights(tmp_path / "preset-worker1")):
        np.testing.assert_array_equal(one, other)
    alone = weights(whole[0] / "preset")
    keras.utils.set_random_seed(SEED)
    initial = npi_tf.NPI.for_domains(addition.ADDITION).get_weights()
    for one, other, first in zip(chief, alone, initial, strict=True):
        np.testing.assert_allclose(one, other, atol=TOLERANCE)
        assert np.abs(one - first).max() > 2 * TOLERANCE or one.size < 1000

"""Killed with SIGKILL and started again: the same weights, bit for bit."""

import json
import random
import time

import numpy as np
import pytest

import npi_tf
from tests.reproduce import script

STEPS = 26


def weights(workdir):
    return npi_tf.NPI.from_preset(str(workdir / "preset")).get_weights()


def lines(workdir):
    text = (workdir / "metrics.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


def flags(workdir):
    return [
        "--smoke",
        f"--num_steps={STEPS}",
        "--num_problems=2",
        "--seed=5",
        "--save_seconds=0",
        f"--workdir={workdir}",
    ]


def kill_at_random(workdir):
    """Kills a run some time after a checkpoint; returns how far it was."""
    process = script.start(*flags(workdir))
    wanted = random.randrange(2, STEPS - 6)
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline and process.poll() is None:
        found = list((workdir / "checkpoints").glob("ckpt-*.index"))
        steps = [int(p.stem.split("-")[1]) for p in found]
        if steps and max(steps) >= wanted:
            time.sleep(random.random() / 20)
            process.kill()
            process.communicate()
            return max(steps)
        time.sleep(0.01)
    process.kill()
    pytest.fail(f"no checkpoint {wanted}: {process.communicate()[0]}")


# The recipe paper is stopped and resumed in test_npi_run.py.
def test_killed_run_ends_bit_identical(tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    script.run(*flags(whole))
    reached = kill_at_random(killed)
    assert reached < STEPS
    done = script.run(*flags(killed))
    assert "resuming at step" in done.stderr
    for one, other in zip(weights(whole), weights(killed)):
        np.testing.assert_array_equal(one, other)
    every = [line["step"] for line in lines(whole)]
    assert [line["step"] for line in lines(killed)] == every
    last_before = max([s for s in every if s <= reached], default=0)
    for one, other in zip(lines(whole), lines(killed)):
        # The line whose steps span the interruption averages those after it.
        spans = one["step"] == min(s for s in every if s > last_before)
        if "loss" in one and not spans:
            assert one["loss"] == other["loss"]

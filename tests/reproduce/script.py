"""Runs reproduce/npi_addition.py in processes of its own."""

import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).parents[2]


def command(*flags):
    """The command line of the script."""
    return [sys.executable, str(ROOT / "reproduce/npi_addition.py"), *flags]


def environment(**variables):
    """This process's environment, with few threads and more variables."""
    few = {"TF_NUM_INTRAOP_THREADS": "2", "TF_NUM_INTEROP_THREADS": "1"}
    return {**os.environ, **few, **variables}


def run(*flags, timeout=300, **variables):
    """Runs to the end; fails with the script's output if it fails."""
    done = subprocess.run(
        command(*flags),
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def start(*flags, **variables):
    """Starts in the background; output is read by `communicate`."""
    return subprocess.Popen(
        command(*flags),
        env=environment(**variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )

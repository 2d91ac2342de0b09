"""Runs scripts of reproduce/ in processes of their own."""

import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).parents[2]


def command(*flags, script="npi_addition"):
    """The command line of a script."""
    return [sys.executable, str(ROOT / f"reproduce/{script}.py"), *flags]


def environment(**variables):
    """This process's environment, with few threads and more variables."""
    few = {"TF_NUM_INTRAOP_THREADS": "2", "TF_NUM_INTEROP_THREADS": "1"}
    return {**os.environ, **few, **variables}


def run(*flags, timeout=300, script="npi_addition", **variables):
    """Runs to the end; fails with the script's output if it fails."""
    done = subprocess.run(
        command(*flags, script=script),
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def start(*flags, script="npi_addition", **variables):
    """Starts in the background; output is read by `communicate`."""
    return subprocess.Popen(
        command(*flags, script=script),
        env=environment(**variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )

"""Runs scripts of reproduce/ in processes of their own."""

import os
import pathlib
import runpy
import subprocess
import sys

ROOT = pathlib.Path(__file__).parents[2]


def command(*flags, script="npi_addition", through=None):
    """The command line of a script; `through` a module that runs it."""
    if through:
        return [sys.executable, "-m", through.__name__, script, *flags]
    return [sys.executable, str(ROOT / f"reproduce/{script}.py"), *flags]


def environment(**variables):
    """This process's environment, with few threads and more variables."""
    few = {"TF_NUM_INTRAOP_THREADS": "2", "TF_NUM_INTEROP_THREADS": "1"}
    # A third less time: a smoke test compiles for longer than it runs.
    quick = {"XLA_FLAGS": "--xla_backend_optimization_level=0"}
    return {**os.environ, **few, **quick, **variables}


def run(*flags, timeout=300, script="npi_addition", through=None, **variables):
    """Runs to the end; fails with the script's output if it fails."""
    done = subprocess.run(
        command(*flags, script=script, through=through),
        cwd=ROOT,
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


def become(script, *flags):
    """Runs it in this process, as `python reproduce/<script>.py` would."""
    path = ROOT / f"reproduce/{script}.py"
    sys.argv = [str(path), *flags]
    sys.path.insert(0, str(path.parent))
    runpy.run_path(str(path), run_name="__main__")

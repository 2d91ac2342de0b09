"""Runs scripts of reproduce/ in processes of their own."""

import os
import pathlib
import re
import runpy
import subprocess
import sys
import time

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


def last_saved(checkpoints):
    """The last step that a run would go on from; 0 if it saved none.

    A checkpoint's own files are there before the folder's state names it.
    """
    state = checkpoints / "checkpoint"
    text = state.read_text() if state.exists() else ""
    return max(map(int, re.findall(r"ckpt-(\d+)", text)), default=0)


def kill_after(process, checkpoints, wanted, pause=0.0):
    """Kills a run that has saved a step; returns the last that it saved.

    Args:
        process: Of the run; from `subprocess.Popen`, in text mode.
        checkpoints: Where it saves.
        wanted: It is killed at this step or after it.
        pause: Seconds that it is given then.
    """
    deadline = time.monotonic() + 250
    while time.monotonic() < deadline and process.poll() is None:
        if last_saved(checkpoints) >= wanted:
            time.sleep(pause)
            process.kill()
            process.communicate()
            return last_saved(checkpoints)
        time.sleep(0.002)
    process.kill()
    raise AssertionError(f"no checkpoint {wanted}: {process.communicate()[0]}")


def become(script, *flags):
    """Runs it in this process, as `python reproduce/<script>.py` would."""
    path = ROOT / f"reproduce/{script}.py"
    sys.argv = [str(path), *flags]
    sys.path.insert(0, str(path.parent))
    runpy.run_path(str(path), run_name="__main__")

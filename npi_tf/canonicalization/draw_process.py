"""A `Scene` in a process of its own, spoken to through pipes.

Mesa, which draws where there is no graphics card, and TensorFlow each bring
an LLVM and offer its symbols to the whole process: whichever is loaded
second takes those of the first, and the process ends. So the two never share
one.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
import weakref

MODULE = "npi_tf.canonicalization.draw_process"
ROOT = pathlib.Path(__file__).parents[2]
DEADLINE = 120.0  # Seconds; far more than the slowest start or mesh takes.
# What reading and writing raise when the other side is gone.
_BROKEN = (EOFError, OSError, ValueError, pickle.UnpicklingError)


class DrawProcess:
    """Starts a process with a scene and calls its methods.

    Args:
        size: Height and width of the pictures in pixels.
        deadline: Seconds within which every call must be answered.

    Raises:
        RuntimeError: If VTK is missing or finds no off-screen context, or
            does not answer in time.
    """

    def __init__(self, size: int, deadline: float = DEADLINE):
        self.deadline = deadline
        self.is_late = False
        # Closed by `_close`, when the object ends.
        self.complaints = tempfile.TemporaryFile()  # noqa: SIM115
        paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
        self.process = subprocess.Popen(
            [sys.executable, "-m", MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.complaints,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            },
        )
        self.close = weakref.finalize(
            self, _close, self.process, self.complaints, os.getpid()
        )
        try:
            self.call("__init__", size)
        except RuntimeError:
            self.close()
            raise

    def call(self, method: str, *arguments):
        """What a method of the scene returns.

        Raises:
            RuntimeError: If it fails, or if the process ends or does not
                answer in time, for which it is killed.
        """
        watch = threading.Timer(self.deadline, self._expire)
        watch.daemon = True
        watch.start()
        try:
            pickle.dump((method, arguments), self.process.stdin)
            self.process.stdin.flush()
            failure, value = pickle.load(self.process.stdout)
        except _BROKEN as error:
            raise RuntimeError(self._ending()) from error
        except BaseException:  # Interrupted: its answer is still to come.
            self.close()
            raise
        finally:
            watch.cancel()
        if failure is not None:
            raise RuntimeError(failure)
        return value

    @property
    def is_open(self) -> bool:
        """Whether it can be called."""
        return self.close.alive and self.process.poll() is None

    def _expire(self) -> None:
        """Ends a process that hangs: reading from it then fails."""
        self.is_late = True
        self.process.kill()

    def _ending(self) -> str:
        """Why the process ended, as far as one can know."""
        if self.is_late:
            return (
                "the process that draws gave no answer within "
                f"{self.deadline:g} seconds and was killed"
            )
        if not self.close.alive:
            return "the renderer is closed"
        status = self.process.wait(10)
        self.complaints.seek(0)
        text = self.complaints.read().decode(errors="replace")
        last = text.strip().splitlines()[-1:] or ["no message"]
        return f"the process that draws ended with {status}: {last[0]}"


def _close(process, complaints, owner):
    """Ends the process; a forked copy of its owner leaves it alone."""
    if os.getpid() == owner:
        process.kill()  # A forked copy may hold the pipe open.
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):  # Nobody reads the rest.
                pipe.close()
    complaints.close()


def serve(requests, answers) -> None:
    """Answers `(method, arguments)` by `(failure or None, value)`.

    Args:
        requests: Binary stream of pickles; its end ends the process.
        answers: Binary stream.
    """
    from npi_tf.canonicalization import scene

    drawing = scene.Scene.__new__(scene.Scene)
    while True:
        try:
            method, arguments = pickle.load(requests)
        except EOFError:
            return
        try:
            answer = (None, getattr(drawing, method)(*arguments))
        except Exception as error:
            answer = (str(error), None)
        pickle.dump(answer, answers)
        answers.flush()


def main():
    # The one who asks is interrupted; this process ends with the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # Nothing that a driver prints gets into the answers.
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()

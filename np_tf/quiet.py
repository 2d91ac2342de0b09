"""Keeps TensorFlow's start-up messages off a user's screen."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import tempfile
from collections.abc import Iterator


@contextlib.contextmanager
def quiet_tensorflow(find_devices: bool = True) -> Iterator[None]:
    """Keeps TensorFlow's start-up messages off the screen.

    `TF_CPP_MIN_LOG_LEVEL` silences what is logged after TensorFlow has set
    up its logging; what comes before goes straight to file descriptor 2.
    That is held back, and shown only if the import fails. Nothing is held
    back from who has set the variable.

    Args:
        find_devices: Also let TensorFlow look for devices, which it
            complains about on a machine without a GPU. Not for a program
            that still chooses its devices: the choice is fixed by it.
    """
    if "tensorflow" in sys.modules or "TF_CPP_MIN_LOG_LEVEL" in os.environ:
        yield
        return
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    sys.stderr.flush()
    with (
        tempfile.TemporaryFile() as held,
        _stderr_into(held.fileno()) as screen,
    ):
        try:
            tensorflow = importlib.import_module("tensorflow")
            if find_devices:
                tensorflow.config.list_logical_devices()
            yield
        except BaseException:
            held.seek(0)
            os.write(screen, held.read())
            raise


@contextlib.contextmanager
def _stderr_into(descriptor: int) -> Iterator[int]:
    """Sends file descriptor 2 elsewhere; yields a copy of what it was."""
    screen = os.dup(2)
    try:
        os.dup2(descriptor, 2)
        yield screen
    finally:
        sys.stderr.flush()
        os.dup2(screen, 2)
        os.close(screen)

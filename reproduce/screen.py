"""What a script says while it runs, without TensorFlow's own messages."""

from __future__ import annotations

import os

import tensorflow as tf
from absl import logging


def say_on_screen() -> None:
    """Logs to the screen from level INFO on, lines without a prefix."""
    logging.use_absl_handler()
    logging.get_absl_handler().setFormatter(None)
    home = os.path.dirname(tf.__file__)
    logging.get_absl_handler().addFilter(
        lambda record: not record.pathname.startswith(home)
    )  # TensorFlow tells how it saves and exports.
    logging.set_verbosity(logging.INFO)
    logging.set_stderrthreshold("info")
    tf.get_logger().setLevel("ERROR")

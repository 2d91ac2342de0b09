"""What all tests share: a quiet TensorFlow, and one trained model."""

import os

import hypothesis
import pytest

# Before anything imports TensorFlow, also in subprocesses.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

# The same examples on every machine; no deadline, because the first example
# often pays for a compilation.
hypothesis.settings.register_profile(
    "house", deadline=None, derandomize=True, max_examples=60
)
hypothesis.settings.load_profile("house")


@pytest.fixture(scope="session")
def preset_model():
    """The committed addition model; tests must not change it."""
    import npi_tf

    return npi_tf.NPI.from_preset("addition")

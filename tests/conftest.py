"""What all tests share: a quiet TensorFlow, and trained models."""

import os
import pathlib

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


def pytest_collection_modifyitems(items):
    """The pages' tests first: they are long, and the last of all by name.

    A long test at the end leaves all workers but one idle.
    """
    here = pathlib.Path(__file__).parent
    items.sort(key=lambda item: item.path.parent != here)


@pytest.fixture(scope="session")
def preset_model():
    """The committed addition model; tests must not change it."""
    import npi_tf

    return npi_tf.NPI.from_preset("addition")


@pytest.fixture(scope="session")
def five_columns():
    """A committed model of numbers; tests must not change it."""
    import np_tf

    return np_tf.NeuralProgrammer.from_preset("five_columns")


@pytest.fixture(scope="session")
def five_columns_export(five_columns, tmp_path_factory):
    """Version 1 of its export."""
    import np_tf

    folder = tmp_path_factory.mktemp("neural_programmer")
    return np_tf.export_model(five_columns, folder)


@pytest.fixture(scope="session")
def text_match():
    """A committed model of numbers and text; tests must not change it."""
    import np_tf

    return np_tf.NeuralProgrammer.from_preset("text_match_5")


@pytest.fixture(scope="session")
def text_match_export(text_match, tmp_path_factory):
    """Version 1 of its export."""
    import np_tf

    return np_tf.export_model(text_match, tmp_path_factory.mktemp("text"))

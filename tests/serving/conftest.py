"""The exported preset, for all tests of serving."""

import pytest
import tensorflow as tf


@pytest.fixture(scope="session")
def served_folder(preset_model, tmp_path_factory):
    """Folder of versions, holding version 1."""
    return preset_model.export(tmp_path_factory.mktemp("npi_addition")).parent


@pytest.fixture(scope="session")
def signatures(served_folder):
    """The loaded signatures of version 1."""
    return tf.saved_model.load(served_folder / "1").signatures

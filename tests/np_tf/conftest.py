"""Trained models and their exports, for all tests of serving."""

import pytest

import np_tf


@pytest.fixture(scope="session")
def five_columns():
    """A committed model of numbers; tests must not change it."""
    return np_tf.NeuralProgrammer.from_preset("five_columns")


@pytest.fixture(scope="session")
def five_columns_export(five_columns, tmp_path_factory):
    """Version 1 of its export."""
    folder = tmp_path_factory.mktemp("neural_programmer")
    return np_tf.export_model(five_columns, folder)


@pytest.fixture(scope="session")
def text_match():
    """A committed model of numbers and text; tests must not change it."""
    return np_tf.NeuralProgrammer.from_preset("text_match_5")


@pytest.fixture(scope="session")
def text_match_export(text_match, tmp_path_factory):
    """Version 1 of its export."""
    return np_tf.export_model(text_match, tmp_path_factory.mktemp("text"))

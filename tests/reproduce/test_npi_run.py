"""Training runs in this process: stopped, resumed, refused; flags."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf
from absl import app
from absl.testing import flagsaver

import npi_tf
from npi_tf import addition
from reproduce import npi_configs
from reproduce import npi_experiment
from reproduce import npi_run
from reproduce import npi_schedules
from reproduce import progress as progress_lib
from tests.npi_tf import scripted

STEPS, STOP = 8, 4
PROBLEMS = [("96", "125"), ("5", "99999"), ("0", "7")]


def train(workdir):
    """Trains a small model by the paper's recipe on a few sums.

    In double precision, which must train, too. Errors are estimated at the
    start and after 6 steps, and programs are drawn by them.
    """
    config = dataclasses.replace(npi_configs.PaperSmoke(), num_steps=STEPS)
    keras.utils.set_random_seed(5)
    model = npi_tf.NPI.for_domains(
        addition.ADDITION, dtype="float64", **scripted.SIZES
    )
    frames = npi_tf.teach(addition.ADDITION, PROBLEMS)
    frames = frames.for_rows(model.rows(addition.ADDITION))
    trained = npi_run.run(
        model,
        npi_schedules.make(config, frames, model.programs, 5),
        frames.rows(slice(0, 1)),
        tf.distribute.get_strategy(),
        workdir,
        {"recipe": "paper"},
        save_seconds=0.0,
        jit_compile=False,
    )
    return model.get_weights(), trained


def test_a_stopped_run_ends_bit_identical(tmp_path, monkeypatch):
    save = progress_lib.Progress.save

    def save_and_die(progress):
        save(progress)
        if int(progress.step.numpy()) == STOP:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(progress_lib.Progress, "save", save_and_die)
        with pytest.raises(KeyboardInterrupt):
            train(tmp_path / "stopped")
    resumed, trained = train(tmp_path / "stopped")
    assert 0 < trained.earlier < trained.seconds
    assert trained.summary()["train_seconds"] == round(trained.seconds, 1)
    whole, trained = train(tmp_path / "whole")
    assert trained.earlier == 0.0
    assert len(trained.accuracy) == 1  # One program was asked for.
    for one, other in zip(whole, resumed, strict=True):
        assert one.dtype == np.float64
        np.testing.assert_array_equal(one, other)


def test_another_run_in_the_same_folder_is_refused(tmp_path):
    (tmp_path / "config.json").write_text('{"recipe": "other"}')
    with pytest.raises(ValueError, match="workdir: must be empty or hold the"):
        train(tmp_path)


@pytest.mark.parametrize(
    ("flag", "value"),
    [("recipe", "fast"), ("num_steps", "3"), ("precision", "float64")],
)
def test_a_preset_is_not_trained(flag, value):
    with (
        flagsaver.as_parsed(from_preset="true", **{flag: value}),
        pytest.raises(app.UsageError, match=f"from_preset: .* got --{flag}$"),
    ):
        npi_experiment.check_flags()


def test_a_preset_can_be_tried_on_less():
    with flagsaver.as_parsed(from_preset="true", smoke="true", seed="3"):
        npi_experiment.check_flags()
        assert npi_experiment.recipe_name() == "preset"

"""The LSTMs: layers, masks, greedy decoding, training."""

import collections
import contextlib
import dataclasses
import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from reproduce import np_baselines_configs
from reproduce import np_baselines_data
from reproduce import np_baselines_model
from reproduce import np_baselines_symbols
from reproduce import np_baselines_training
from reproduce import progress as progress_lib

SMOKE = np_baselines_configs.Smoke()


def model_of(num_heads, recipe=SMOKE, scale=1.0):
    """A model with random weights; `scale` above 1 makes it more decided."""
    keras.utils.set_random_seed(1)
    model = np_baselines_model.build(recipe, num_heads)
    model.set_weights([scale * weight for weight in model.get_weights()])
    return model


def smoke_source(table_first=False, recipe=SMOKE, step=0):
    questions = np_baselines_data.training_questions(recipe, 0, step)
    return np_baselines_symbols.source(questions, table_first)


@pytest.mark.parametrize("num_heads", [0, *np_baselines_configs.NUM_HEADS])
def test_models_have_three_layers_and_their_heads(num_heads):
    model = model_of(num_heads)
    kinds = collections.Counter(type(layer) for layer in model.layers)
    assert kinds[keras.layers.LSTM] == 6
    assert kinds[keras.layers.AdditiveAttention] == num_heads
    source = smoke_source()
    previous = np.zeros((len(source), 8), np.int32)
    logits = model({"source": source, "previous": previous})
    assert logits.shape == (8, 8, np_baselines_symbols.NUM_ANSWER_IDS)
    assert logits.dtype == "float32"


@pytest.mark.parametrize("num_heads", [-1, 21])
def test_heads_that_do_not_fit_are_refused(num_heads):
    with pytest.raises(ValueError, match=r"num_heads: must be in 0\.\.20"):
        np_baselines_model.build(SMOKE, num_heads)


@pytest.mark.parametrize("num_heads", [0, 5])
def test_nothing_between_words_and_numbers_is_skipped(num_heads):
    model = model_of(num_heads, scale=2.0)
    source = smoke_source()
    # The empty places of every question go to its end.
    order = np.argsort(source[:, :, 0] == 0, axis=1, kind="stable")
    packed = np.take_along_axis(source, order[:, :, None], axis=1)
    assert not np.array_equal(source, packed)
    previous = np_baselines_symbols.spell(np.arange(len(source)) * 100)
    one, other = (
        np.asarray(model({"source": array, "previous": previous}))
        for array in (source, packed)
    )
    np.testing.assert_allclose(one, other, atol=2e-6)
    changed = source.copy()
    changed[:, -1] = [
        np_baselines_symbols.PLUS,
        *[np_baselines_symbols.DIGIT] * 4,
    ]
    third = np.asarray(model({"source": changed, "previous": previous}))
    assert np.abs(one - third).max() > 1e-4


@pytest.mark.parametrize("num_heads", [0, 1])
def test_a_character_depends_on_those_before_it_alone(num_heads):
    model = model_of(num_heads, scale=2.0)
    source = smoke_source()
    previous = np.tile(np.arange(8, dtype=np.int32), (len(source), 1))
    changed = previous.copy()
    changed[:, 4] = 11
    one, other = (
        np.asarray(model({"source": source, "previous": array}))
        for array in (previous, changed)
    )
    np.testing.assert_allclose(one[:, :4], other[:, :4], atol=1e-6)
    assert np.abs(one[:, 4:] - other[:, 4:]).max(axis=(0, 2)).min() > 1e-5


@pytest.mark.parametrize("num_heads", [0, 5])
def test_decoding_is_greedy(num_heads):
    model = model_of(num_heads, scale=4.0)
    source = smoke_source(table_first=True)
    spelt = np_baselines_model.Decoder(model, batch_size=3)(source)
    assert len(np.unique(spelt, axis=0)) > 1
    # Every character is the likeliest one after those that were chosen.
    shifted = np.asarray(np_baselines_model.shift(spelt))
    np.testing.assert_array_equal(shifted[:, 1:], spelt[:, :-1])
    assert not shifted[:, 0].any()
    logits = np.asarray(model({"source": source, "previous": shifted}))
    np.testing.assert_array_equal(logits.argmax(axis=-1), spelt)


@contextlib.contextmanager
def training(workdir, recipe, model):
    """Yields progress, and a function that runs the remaining steps."""
    adam = np_baselines_training.optimizer(recipe)
    adam.build(model.trainable_variables)
    progress = progress_lib.Progress(workdir, model, adam, (), {})
    with contextlib.closing(progress._lines):
        yield (
            progress,
            lambda: np_baselines_training.train(
                model, recipe, 0, False, progress, adam
            ),
        )


def lines(workdir):
    text = (workdir / "metrics.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


def test_training_learns_and_measures_greedy_answers(tmp_path):
    recipe = dataclasses.replace(
        SMOKE, hidden_dim=32, batch_size=32, num_steps=400, learning_rate=1e-2
    )
    model = model_of(1, recipe)
    with training(tmp_path / "first", recipe, model) as (_, run):
        run()
    found = lines(tmp_path / "first")
    assert [line["step"] for line in found] == [200, 400]
    assert found[-1]["loss"] < found[0]["loss"] < 6
    assert found[-1]["accuracy"] > 0.15
    # What a step says of its questions is what decoding says of them.
    questions = np_baselines_data.training_questions(recipe, 0, 0)
    source = np_baselines_symbols.source(questions, False)
    decoder = np_baselines_model.Decoder(model, batch_size=32)
    answers = np_baselines_symbols.read(decoder(source))
    right = (answers == questions.answers() / 100).mean()
    assert right > 0
    one = dataclasses.replace(recipe, num_steps=1)
    with training(tmp_path / "second", one, model) as (_, run):
        run()  # Measured before the update.
    assert lines(tmp_path / "second")[0]["accuracy"] == pytest.approx(right)


def test_a_loss_that_is_not_finite_stops(tmp_path):
    broken, recipe = model_of(0), dataclasses.replace(SMOKE, num_steps=5)
    with training(tmp_path, recipe, broken) as (progress, run):
        progress.step.assign(2)
        progress.save()
        broken.set_weights([w * np.nan for w in broken.get_weights()])
        with pytest.raises(FloatingPointError, match="got nan at step 2") as e:
            run()
    assert str(tmp_path / "checkpoints") in str(e.value)
    kept = tf.train.latest_checkpoint(tmp_path / "checkpoints")
    assert kept.endswith("ckpt-2")

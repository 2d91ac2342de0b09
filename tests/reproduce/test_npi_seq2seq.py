"""The LSTMs beside NPI: models, batches, training, resuming."""

import collections
import contextlib
import dataclasses
import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from reproduce import npi_seq2seq
from reproduce import npi_seq2seq_configs
from reproduce import npi_seq2seq_training
from reproduce import npi_sorting_seq2seq_data
from reproduce import progress as progress_lib

TINY = dataclasses.replace(
    npi_seq2seq_configs.Smoke(),
    num_layers=1,
    hidden_dim=24,
    learning_rate=2e-2,
)


def encoder_decoder(recipe=TINY, scale=1.0):
    """A model with random weights; `scale` above 1 makes it more decided."""
    keras.utils.set_random_seed(1)
    model = npi_seq2seq.encoder_decoder(recipe, 11)
    model.set_weights([scale * weight for weight in model.get_weights()])
    return model


def arrays_of(length, count, high=10):
    rng = np.random.default_rng(length)
    return [
        tuple(map(int, rng.integers(high, size=length))) for _ in range(count)
    ]


def lstms(model):
    kinds = collections.Counter(type(layer) for layer in model.layers)
    return kinds[keras.layers.LSTM]


def test_models_have_two_layers_of_256():
    recipe = npi_seq2seq_configs.Recipe()
    model = npi_seq2seq.encoder_decoder(recipe, 11)
    assert lstms(model) == 4
    # Per layer 4 units of (inputs + 256 + 1) weights, then the logits.
    stack = 4 * 256 * (11 + 256 + 1) + 4 * 256 * (256 + 256 + 1)
    assert model.count_params() == 2 * stack + 257 * 11
    model = npi_seq2seq.tagger(recipe, 11, 2)
    assert lstms(model) == 2
    stack = 4 * 256 * (22 + 256 + 1) + 4 * 256 * (256 + 256 + 1)
    assert model.count_params() == stack + 257 * 11


def test_a_symbol_depends_on_the_source_and_on_symbols_before_it():
    model = encoder_decoder(scale=2.0)
    examples = npi_sorting_seq2seq_data.examples(arrays_of(4, 3))
    one = np.asarray(model(examples.inputs))
    assert one.shape == (3, 5, 11)
    changed = {name: array.copy() for name, array in examples.inputs.items()}
    changed["previous"][:, 3] = (changed["previous"][:, 3] + 1) % 10
    other = np.asarray(model(changed))
    np.testing.assert_allclose(one[:, :3], other[:, :3], atol=1e-6)
    assert np.abs(one[:, 3:] - other[:, 3:]).max(axis=(0, 2)).min() > 1e-5
    changed = {name: array.copy() for name, array in examples.inputs.items()}
    changed["source"][:, 0] = (changed["source"][:, 0] + 1) % 10
    assert np.abs(one - np.asarray(model(changed))).min(axis=2).max() > 1e-6


def test_a_tagger_reads_from_left_to_right():
    keras.utils.set_random_seed(1)
    model = npi_seq2seq.tagger(TINY, 11, 2)
    source = np.random.default_rng(0).integers(
        11, size=(3, 6, 2), dtype="int32"
    )
    changed = source.copy()
    changed[:, 4, 1] = (changed[:, 4, 1] + 1) % 11
    one, other = (np.asarray(model({"source": s})) for s in (source, changed))
    assert one.shape == (3, 6, 11)
    np.testing.assert_allclose(one[:, :4], other[:, :4], atol=1e-6)
    assert np.abs(one[:, 4:] - other[:, 4:]).max(axis=(0, 2)).min() > 1e-5


def test_right_symbols_are_what_greedy_decoding_writes():
    recipe = dataclasses.replace(TINY, num_steps=40, batch_size=16)
    arrays = arrays_of(3, 48, high=3)
    model = encoder_decoder(recipe)
    with training(None, recipe, model, [arrays]) as run:
        run()
    examples = npi_sorting_seq2seq_data.examples(arrays)
    right = npi_seq2seq_training.right_symbols(model, examples, batch_size=20)
    previous = np.full_like(examples.targets, npi_sorting_seq2seq_data.END)
    written = np.zeros_like(examples.targets)
    for place in range(4):
        inputs = {"source": examples.inputs["source"], "previous": previous}
        written[:, place] = np.asarray(model(inputs)).argmax(-1)[:, place]
        previous[:, 1:] = written[:, :-1]
    whole = (written == examples.targets).all(axis=1)
    np.testing.assert_array_equal(right.all(axis=1), whole)
    assert 0 < whole.sum() < len(whole)


def test_what_does_not_count_is_right():
    model = encoder_decoder(scale=4.0)
    examples = npi_sorting_seq2seq_data.examples(arrays_of(4, 5))
    assert not npi_seq2seq_training.right_symbols(model, examples).all()
    none = dataclasses.replace(examples, weights=0 * examples.weights)
    assert npi_seq2seq_training.right_symbols(model, none).all()


def test_an_epoch_shows_every_example_once_a_length_at_a_time():
    sizes = {2: 5, 3: 8, 4: 1}
    groups = [
        npi_sorting_seq2seq_data.examples(arrays_of(length, count, high=10))
        for length, count in sizes.items()
    ]
    epochs = npi_seq2seq_training.Epochs(groups, 4, seed=0)
    assert epochs.num_batches == 2 + 2 + 1
    for epoch in range(2):
        batches = [epochs.batch(5 * epoch + place) for place in range(5)]
        assert all(0 < len(batch) <= 4 for batch in batches)
        for group in groups:
            rows = [
                row
                for batch in batches
                if batch.targets.shape[1] == group.targets.shape[1]
                for row in np.hstack(list(batch.inputs.values())).tolist()
            ]
            wanted = np.hstack(list(group.inputs.values())).tolist()
            assert sorted(rows) == sorted(wanted)
    again = npi_seq2seq_training.Epochs(groups, 4, seed=0)
    other = npi_seq2seq_training.Epochs(groups, 4, seed=1)
    firsts = [
        [e.batch(step).targets.tolist() for step in range(10)]
        for e in (epochs, again, other)
    ]
    assert firsts[0] == firsts[1] != firsts[2]
    assert firsts[0][:5] != firsts[0][5:]


@contextlib.contextmanager
def training(workdir, recipe, model, arrays):
    """Yields a function that runs the remaining steps."""
    groups = [npi_sorting_seq2seq_data.examples(group) for group in arrays]
    epochs = npi_seq2seq_training.Epochs(groups, recipe.batch_size, 0)
    adam = npi_seq2seq_training.optimizer(recipe)
    adam.build(model.trainable_variables)
    with contextlib.ExitStack() as stack:
        if workdir is None:
            progress = _Memory()
        else:
            progress = progress_lib.Progress(workdir, model, adam, (), {})
            stack.enter_context(contextlib.closing(progress._lines))
        yield lambda: npi_seq2seq_training.train(
            model, recipe, epochs, progress, adam, save_seconds=0
        )


class _Memory:
    """A progress that keeps nothing on disk."""

    def __init__(self):
        self.step = tf.Variable(0, dtype=tf.int64)
        self.seconds = tf.Variable(0.0, dtype=tf.float64)

    def save(self):
        pass

    def write(self, scalars):
        pass


def test_training_lowers_the_loss(tmp_path, monkeypatch):
    monkeypatch.setattr(npi_seq2seq_training, "LOG_EVERY", 20)
    recipe = dataclasses.replace(TINY, num_steps=60)
    arrays = [arrays_of(3, 40)]
    with training(tmp_path, recipe, encoder_decoder(recipe), arrays) as run:
        assert run() > 0
    text = (tmp_path / "metrics.jsonl").read_text()
    losses = [json.loads(line)["loss"] for line in text.splitlines()]
    assert len(losses) == 3
    assert losses[0] > losses[1] > losses[2]
    assert losses[0] < np.log(11) + 0.5


def test_a_resumed_run_ends_bit_identical(tmp_path):
    recipe = dataclasses.replace(TINY, num_steps=6)
    arrays = [arrays_of(2, 40)]
    whole = encoder_decoder(recipe)
    with training(tmp_path / "whole", recipe, whole, arrays) as run:
        run()
    broken = encoder_decoder(recipe)
    with training(tmp_path / "parts", recipe, broken, arrays) as run:
        save = progress_lib.Progress.save

        def save_and_stop(progress):
            save(progress)
            if int(progress.step.numpy()) == 3:
                raise KeyboardInterrupt

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(progress_lib.Progress, "save", save_and_stop)
            with pytest.raises(KeyboardInterrupt):
                run()
    resumed = encoder_decoder(recipe, scale=3.0)
    with training(tmp_path / "parts", recipe, resumed, arrays) as run:
        run()
    for one, other in zip(whole.get_weights(), resumed.get_weights()):
        np.testing.assert_array_equal(one, other)
    start = encoder_decoder(recipe).get_weights()
    assert np.abs(whole.get_weights()[0] - start[0]).max() > 1e-3


def test_a_loss_that_is_not_finite_stops(tmp_path):
    recipe = dataclasses.replace(TINY, num_steps=2)
    model = encoder_decoder(recipe)
    with training(tmp_path, recipe, model, [arrays_of(2, 8)]) as run:
        model.set_weights([w * np.nan for w in model.get_weights()])
        with pytest.raises(FloatingPointError, match="got nan at step 0") as e:
            run()
    assert str(tmp_path / "checkpoints") in str(e.value)

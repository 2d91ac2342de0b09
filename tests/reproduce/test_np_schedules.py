"""What the Neural Programmer is trained on at which step."""

import dataclasses

import keras
import numpy as np
import pytest

from np_tf import gradient_noise
from np_tf import losses
from np_tf import model as model_lib
from reproduce import np_configs
from reproduce import np_likelihood
from reproduce import np_schedules
from tests.reproduce import tables

PAPER = dataclasses.replace(np_configs.PaperRecipe(), batch_size=8)
FAST = dataclasses.replace(
    np_configs.FastRecipe(), batch_size=8, max_candidates=20, train_steps=50
)


@pytest.fixture(scope="module")
def questions():
    """Each has other numbers, those that are not read among them."""
    made = tables.Questions("three_columns", 60)
    numbers, positions = made.inputs["numbers"], made.inputs["number_positions"]
    numbers[:] = np.where(positions < 0, np.arange(60)[:, None], numbers)
    return made


@pytest.fixture(scope="module")
def texts():
    return tables.Questions("text_match_5", 60)


def make(kind, questions, seed=3, **changes):
    """A schedule of a recipe on some questions."""
    inputs, targets = questions.inputs, questions.targets
    if kind == "paper":
        config = dataclasses.replace(PAPER, **changes)
        return np_schedules.PaperSchedule(config, inputs, targets, seed)
    config = dataclasses.replace(FAST, **changes)
    return np_schedules.FastSchedule(
        config, inputs, targets, questions.text_ids, seed
    )


def equal(one, other):
    for a, b in zip(
        keras.tree.flatten(one), keras.tree.flatten(other), strict=True
    ):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("kind", ["paper", "fast"])
def test_batches_depend_on_seed_and_step_only(kind, questions):
    one, two = make(kind, questions), make(kind, questions)
    later = [one.batch(step) for step in (30, 0, 31, 17)]
    for step, batch in zip((30, 0, 31, 17), later):
        equal(two.batch(step), batch)
    other = make(kind, questions, seed=4)
    same = [
        np.array_equal(
            one.batch(step)[0]["question"], other.batch(step)[0]["question"]
        )
        for step in range(5)
    ]
    assert not all(same)


@pytest.mark.parametrize("kind", ["paper", "fast"])
def test_shapes_never_change(kind, texts):
    schedule = make(kind, texts)
    shapes = {
        tuple((a.shape, a.dtype) for a in keras.tree.flatten(schedule.batch(s)))
        for s in range(40)
    }
    assert len(shapes) == 1
    inputs, targets = schedule.batch(0)
    assert inputs["question"].shape[0] == 8
    if kind == "fast":
        assert targets["operations"].shape == (20, 4)
        assert "table" not in inputs and "text" in inputs


def rows_of(inputs, questions):
    """Which questions are in a batch, by table or by words and numbers."""
    found = []
    names = [n for n in ("question", "numbers", "column_names") if n in inputs]
    names += ["table"] if "table" in inputs else []
    for row in range(len(inputs["question"])):
        same = np.ones(len(questions.inputs["question"]), bool)
        for name in names:
            axes = tuple(range(1, questions.inputs[name].ndim))
            same &= (questions.inputs[name] == inputs[name][row]).all(axis=axes)
        found.append(int(np.flatnonzero(same)[0]))
    return found


def test_an_epoch_of_the_paper_takes_every_question_once(questions):
    schedule = make("paper", questions, batch_size=10)
    orders = []
    for epoch in range(3):
        rows = []
        for step in range(6 * epoch, 6 * epoch + 6):
            inputs, targets = schedule.batch(step)
            chosen = rows_of(inputs, questions)
            np.testing.assert_allclose(
                targets["scalar_answer"],
                questions.targets["scalar_answer"][chosen],
                rtol=1e-6,
            )
            np.testing.assert_array_equal(
                targets["lookup_answer"],
                questions.targets["lookup_answer"][chosen],
            )
            rows += chosen
        assert sorted(rows) == list(range(60))
        orders.append(rows)
    assert orders[0] != orders[1] != orders[2]


def test_the_rest_of_an_epoch_is_left_out(questions):
    schedule = make("paper", questions, batch_size=25)
    rows = [r for s in (0, 1) for r in rows_of(schedule.batch(s)[0], questions)]
    assert len(set(rows)) == 50


def test_an_epoch_of_fast_takes_every_question_with_programs(questions):
    schedule = make("fast", questions)
    known = schedule.candidates
    usable = np.flatnonzero(known.counts)
    step, epochs = 0, []
    for _ in range(2):
        seen = []
        while len(seen) < len(usable):
            inputs, programs = schedule.batch(step)
            step += 1
            owners = programs["question"]
            count = owners.max() + 1
            assert (np.unique(owners[owners >= 0]) == np.arange(count)).all()
            rows = rows_of({k: v[:count] for k, v in inputs.items()}, questions)
            for place, row in enumerate(rows):
                span = slice(known.starts[row], known.starts[row + 1])
                for name in ("operations", "columns", "pivots"):
                    np.testing.assert_array_equal(
                        programs[name][owners == place],
                        getattr(known, name)[span],
                    )
            for name, values in programs.items():
                assert (values[owners < 0] == -1).all(), name
            seen += rows
        assert sorted(seen) == usable.tolist()
        epochs.append(seen)
    assert epochs[0] != epochs[1]


def small_model_for(questions):
    keras.utils.set_random_seed(0)
    entries = [w for w in questions.words.words if w.startswith("word:")]
    return model_lib.NeuralProgrammer(
        questions.words.words,
        list(questions.letters),
        entries,
        hidden_dim=6,
        huber_delta=25.0,
        lookup_weight=75.0,
    )


def test_the_papers_loss_is_the_models(questions):
    schedule = make("paper", questions, huber_delta=25.0, lookup_weight=75.0)
    model = small_model_for(questions)
    inputs, targets = schedule.batch(2)
    outputs = model(inputs, training=True)
    expected = model.compute_loss(inputs, targets, outputs)
    found = schedule.loss(model, inputs, targets)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    mask = model_lib.cell_mask(inputs, "float32")
    each = losses.loss(outputs, targets, mask, 25.0, 75.0)
    np.testing.assert_allclose(found, np.mean(each), rtol=1e-5)


def test_the_fast_loss_is_the_mean_over_questions(texts):
    schedule = make("fast", texts)
    model = small_model_for(texts)
    batches = [schedule.batch(step) for step in range(20)]
    # Full of programs before it is full of questions.
    inputs, programs = min(batches, key=lambda b: b[1]["question"].max())
    count = programs["question"].max() + 1
    assert count < 8
    likelihood = np_likelihood.log_likelihood(model, inputs, programs)
    found = schedule.loss(model, inputs, programs)
    np.testing.assert_allclose(
        found, -np.mean(np.asarray(likelihood)[:count]), rtol=1e-5
    )
    assert np.isfinite(float(found))


def test_optimizers_are_the_recipes(questions):
    schedule = make("paper", questions, seed=9, epsilon=1e-6, clip_norm=5.0)
    optimizer = schedule.optimizer()
    assert isinstance(optimizer, gradient_noise.GradientNoise)
    assert (optimizer.eta, optimizer.gamma) == (1.0, 0.55)
    assert (optimizer.clip_norm, optimizer.seed) == (5.0, 9)
    adam = optimizer.inner_optimizer
    assert (adam.beta_1, adam.beta_2, adam.epsilon) == (0.9, 0.999, 1e-6)
    assert float(optimizer.learning_rate.numpy()) == pytest.approx(1e-3)
    optimizer = make("fast", questions, clip_norm=0.5).optimizer()
    assert (optimizer.eta, optimizer.clip_norm) == (0.0, 0.5)
    rate = optimizer.inner_optimizer._learning_rate
    assert float(rate(0)) == pytest.approx(1e-3)
    assert float(rate(50)) == pytest.approx(5e-5)


def test_without_programs_there_is_nothing_to_train_on(questions):
    targets = dict(questions.targets)
    targets["scalar_answer"] = np.zeros(60)  # Says nothing.
    targets["answer_is_scalar"] = np.ones(60, bool)
    with pytest.raises(ValueError, match=r"targets: .* must have programs"):
        np_schedules.FastSchedule(FAST, questions.inputs, targets, (), 0)


def test_a_batch_must_hold_any_questions_programs(questions):
    with pytest.raises(
        ValueError, match=r"max_candidates: must be >= 12, .* got 11"
    ):
        make("fast", questions, max_candidates=11)


def test_an_epoch_must_hold_a_batch(questions):
    with pytest.raises(
        ValueError, match=r"batch_size: must be <= 60, .* got 61"
    ):
        make("paper", questions, batch_size=61)

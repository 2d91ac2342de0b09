"""The baselines: their questions, answers, models, and runs that are killed."""

import collections
import contextlib
import dataclasses
import inspect
import json
import random
import time

import keras
import numpy as np
import pytest
import tensorflow as tf

from data_gen import load_tables
from np_tf import model as programmer
from np_tf import programs
from np_tf import reference
from np_tf import vocabulary
from reproduce import np_baselines_configs
from reproduce import np_baselines_data
from reproduce import np_baselines_evaluation
from reproduce import np_baselines_model
from reproduce import np_baselines_table
from reproduce import np_baselines_training
from reproduce import progress as progress_lib
from reproduce import run_record
from reproduce import sources
from tests.reproduce import script

RECIPE = np_baselines_configs.Recipe()
SMOKE = np_baselines_configs.Smoke()
TWO_DECIMALS = dataclasses.replace(RECIPE, decimals=2)
EVALUATION = np_baselines_configs.Evaluation()
FEW = dataclasses.replace(EVALUATION, questions_per_template=3)

CONFIGS = [
    value
    for _, value in inspect.getmembers(np_baselines_configs, inspect.isclass)
]


# Questions and answers.


def loop_answer(words, pivots, elements):
    """What a question asks for, read word by word."""
    pivots = iter(pivots)
    words = list(words)
    kept, joint = None, None
    while words[0] in ("greater", "lesser", "and", "or"):
        word = words.pop(0)
        if word in ("and", "or"):
            joint = word
            continue
        assert words.pop(0) == np_baselines_data.NUMBER
        pivot = next(pivots)
        now = set()
        for place, element in enumerate(elements):
            if element > pivot if word == "greater" else element < pivot:
                now.add(place)
        if kept is None:
            kept = now
        else:
            kept = kept & now if joint == "and" else kept | now
    if kept is None:
        kept = set(range(len(elements)))
    values = {
        "sum": sum(elements[place] for place in kept),
        "count": 100 * len(kept),
    }
    if len(words) == 1:
        return values[words[0]]
    one, diff, other = words
    assert diff == "diff"
    return values[one] - values[other]


@pytest.mark.parametrize("recipe", [RECIPE, TWO_DECIMALS])
@pytest.mark.parametrize("span", EVALUATION.spans)
def test_answers_are_those_of_a_loop(recipe, span):
    questions = np_baselines_data.evaluation_questions(FEW, recipe, span)
    questions = [questions, np_baselines_data.training_questions(recipe, 0, 7)]
    for batch in questions:
        for index, answer in enumerate(batch.answers().tolist()):
            words = np_baselines_data.TEMPLATES[batch.template[index]].words
            rows = batch.num_rows[index]
            elements = batch.column[index, :rows].tolist()
            pivots = batch.pivots[index].tolist()
            assert answer == loop_answer(words, pivots, elements), words


def test_an_answer_worked_by_hand():
    words = ("greater", "<number>", "or", "lesser", "<number>", "sum")
    template = [t.words for t in np_baselines_data.TEMPLATES].index(words)
    questions = np_baselines_data.Questions(
        template=np.array([template]),
        pivots=np.array([[300, -200]]),
        column=np.array([[300, 450, -200, -201, 0, 0, 0]]),
        num_rows=np.array([4]),
    )
    # Strictly greater than 3 is 4.5, strictly less than -2 is -2.01.
    assert questions.answers().tolist() == [249]


def test_templates_are_those_of_table_4_with_scalar_answers():
    templates = np_baselines_data.TEMPLATES
    assert len({t.words for t in templates}) == len(templates) == 16
    counts = collections.Counter(t.category for t in templates)
    assert counts == {
        "simple": 2,
        "comparison": 4,
        "logic": 8,
        "difference": 2,
    }
    assert list(counts) == list(np_baselines_data.CATEGORIES)


def arrays(questions):
    return [np.asarray(v) for v in dataclasses.astuple(questions)]


def test_training_questions_are_a_function_of_seed_and_step():
    def draw(seed, step):
        return arrays(np_baselines_data.training_questions(RECIPE, seed, step))

    first = draw(3, 11)
    draw(4, 0)  # Whatever was drawn in between.
    for one, again in zip(first, draw(3, 11)):
        np.testing.assert_array_equal(one, again)
    for seed, step in ((3, 12), (4, 11), (11, 3)):
        assert not np.array_equal(first[2], draw(seed, step)[2])


def test_training_questions_are_as_the_paper_draws_them():
    recipe = dataclasses.replace(RECIPE, batch_size=40_000)
    questions = np_baselines_data.training_questions(recipe, 0, 0)
    rows = np.bincount(questions.num_rows)
    assert rows[:4].sum() == 0
    np.testing.assert_allclose(rows[4:] / 40_000, np.full(4, 1 / 4), atol=0.01)
    categories = np_baselines_data.TEMPLATE_CATEGORIES
    shares = np.bincount(categories[questions.template]) / 40_000
    np.testing.assert_allclose(shares, np.full(4, 1 / 4), atol=0.01)
    logic = questions.template[categories[questions.template] == 2]
    shares = np.bincount(logic - logic.min()) / len(logic)
    np.testing.assert_allclose(shares, np.full(8, 1 / 8), atol=0.01)
    values = questions.column[questions.is_row()]
    assert not questions.column[~questions.is_row()].any()
    for numbers in (values, questions.pivots):
        assert set(np.unique(numbers)) == set(range(-1000, 1001, 100))
        assert abs(numbers.mean()) < 10


def test_two_decimals_are_uniform():
    recipe = dataclasses.replace(TWO_DECIMALS, batch_size=40_000)
    questions = np_baselines_data.training_questions(recipe, 0, 0)
    values = questions.column[questions.is_row()]
    assert (values.min(), values.max()) == (-1000, 1000)
    hundredths = np.bincount(values % 100) / len(values)
    np.testing.assert_allclose(hundredths, np.full(100, 0.01), atol=0.002)


def test_evaluation_asks_every_template_equally_often():
    questions = np_baselines_data.evaluation_questions(EVALUATION, RECIPE, 50)
    assert set(np.bincount(questions.template)) == {200}
    assert np.abs(questions.column).max() == 5000
    assert np.abs(questions.pivots).max() == 5000


@pytest.mark.parametrize(
    ("span", "changes", "message"),
    [
        (0, {}, "span: must be in 1..99, got 0"),
        (100, {}, "span: must be in 1..99, got 100"),
        (10, {"decimals": 1}, r"decimals: must be one of \(0, 2\), got 1"),
        (10, {"num_rows": (4, 8)}, r"num_rows: must be .* got \(4, 8\)"),
        (10, {"num_rows": (5, 4)}, r"num_rows: must be .* got \(5, 4\)"),
        (10, {"num_rows": (0, 4)}, r"num_rows: must be .* got \(0, 4\)"),
    ],
)
def test_questions_that_do_not_fit_are_refused(span, changes, message):
    recipe = dataclasses.replace(RECIPE, **changes)
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=message):
        np_baselines_data.draw(rng, np.zeros(2, np.int64), span, recipe)


# Symbols and characters.


def say(position):
    """A position of the source as text."""
    head, *digits = position
    if head in (np_baselines_data.PLUS, np_baselines_data.MINUS):
        tens, units, *rest = (d - np_baselines_data.DIGIT for d in digits)
        sign = "-" if head == np_baselines_data.MINUS else ""
        return f"{sign}{tens}{units}." + "".join(map(str, rest))
    assert digits == [0] * 4
    return np_baselines_data.WORDS[head - 1] if head else "_"


def test_source_says_the_question_then_the_column():
    words = [t.words for t in np_baselines_data.TEMPLATES]
    logic = ("lesser", "<number>", "and", "greater", "<number>", "count")
    questions = np_baselines_data.Questions(
        template=np.array([words.index(logic), words.index(("sum",))]),
        pivots=np.array([[5032, -700], [100, 200]]),
        column=np.array([[1, -1000, 0, 90, 0, 0, 0], [100] * 7]),
        num_rows=np.array([4, 7]),
    )
    after, before = (
        np_baselines_data.source(questions, first) for first in (False, True)
    )
    assert after.shape == (2, 13, 5)
    assert after.dtype == np.int32
    assert after.max() < np_baselines_data.NUM_SOURCE_IDS
    question = "lesser 50.32 and greater -07.00 count"
    column = "00.01 -10.00 00.00 00.90 _ _ _"
    assert " ".join(map(say, after[0].tolist())) == f"{question} {column}"
    assert " ".join(map(say, before[0].tolist())) == f"{column} {question}"
    text = "sum _ _ _ _ _" + 7 * " 01.00"
    assert " ".join(map(say, after[1].tolist())) == text


def test_answers_are_spelt_and_read():
    hundredths = np.array([-35699, -1750, -50, 0, 7, 300, 1000, 35700])
    spelt = np_baselines_data.spell(hundredths)
    assert spelt.max() < np_baselines_data.NUM_ANSWER_IDS
    texts = [
        "".join(np_baselines_data.CHARACTERS[i - 2] for i in row if i > 1)
        for row in spelt.tolist()
    ]
    assert " ".join(texts) == "-356.99 -17.5 -0.5 0 0.07 3 10 357"
    np.testing.assert_array_equal(
        np_baselines_data.read(spelt), hundredths / 100
    )


def test_what_is_no_number_is_read_as_none():
    def ids(text):
        found = [1 if c == "$" else "-.0123456789".index(c) + 2 for c in text]
        return (found + [0] * 8)[:8]

    texts = ["$", "-$", "1-2$", "1.$", ".5$", "1.2.3$", "12", "12345678"]
    spelt = np.array([ids(text) for text in texts])
    assert np.isnan(np_baselines_data.read(spelt)).all()
    fine = np.array([ids(text) for text in ("12$9", "-0$", "007.10$")])
    assert np_baselines_data.read(fine).tolist() == [12, 0, 7.1]


def test_right_is_equal_to_the_first_decimal():
    answers = np.array([1.0, 1.04, 0.96, 1.06, 0.94, np.nan, -1.0])
    right = np_baselines_evaluation.is_right(answers, np.full(7, 100))
    assert right.tolist() == [True, True, True, False, False, False, False]


# Configs.


def test_every_hyper_parameter_names_its_source():
    assert len(CONFIGS) == 3
    for config in CONFIGS:
        sources.check(config)
    stated = {
        field.name
        for field in dataclasses.fields(RECIPE)
        if field.metadata["source"] == "paper"
    }
    assert stated == {"num_layers", "num_rows", "span"}
    assert (RECIPE.num_layers, RECIPE.num_rows, RECIPE.span) == (3, (4, 7), 10)
    assert EVALUATION.spans == (10, 50)


def test_settings_have_names_of_their_own():
    names = {
        np_baselines_configs.setting(heads, first, decimals)
        for heads in (0, *np_baselines_configs.NUM_HEADS)
        for first in (False, True)
        for decimals in np_baselines_configs.DECIMALS
    }
    assert len(names) == 16
    assert {"seq2seq", "attention_10", "attention_1_table_first"} < names
    assert "seq2seq_table_first_two_decimals" in names


# Models.


def model_of(num_heads, recipe=SMOKE, scale=1.0):
    """A model with random weights; `scale` above 1 makes it more decided."""
    keras.utils.set_random_seed(1)
    model = np_baselines_model.build(recipe, num_heads)
    model.set_weights([scale * weight for weight in model.get_weights()])
    return model


def smoke_source(table_first=False, recipe=SMOKE, step=0):
    questions = np_baselines_data.training_questions(recipe, 0, step)
    return np_baselines_data.source(questions, table_first)


@pytest.mark.parametrize("num_heads", [0, *np_baselines_configs.NUM_HEADS])
def test_models_have_three_layers_and_their_heads(num_heads):
    model = model_of(num_heads)
    kinds = collections.Counter(type(layer) for layer in model.layers)
    assert kinds[keras.layers.LSTM] == 6
    assert kinds[keras.layers.AdditiveAttention] == num_heads
    source = smoke_source()
    previous = np.zeros((len(source), 8), np.int32)
    logits = model({"source": source, "previous": previous})
    assert logits.shape == (8, 8, np_baselines_data.NUM_ANSWER_IDS)
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
    previous = np_baselines_data.spell(np.arange(len(source)) * 100)
    one, other = (
        np.asarray(model({"source": array, "previous": previous}))
        for array in (source, packed)
    )
    np.testing.assert_allclose(one, other, atol=2e-6)
    changed = source.copy()
    changed[:, -1] = [np_baselines_data.PLUS, *[np_baselines_data.DIGIT] * 4]
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


# Training.


@contextlib.contextmanager
def training(workdir, recipe, model):
    """Yields a function that runs the remaining steps."""
    adam = np_baselines_training.optimizer(recipe)
    adam.build(model.trainable_variables)
    progress = progress_lib.Progress(workdir, model, adam, (), {})
    with contextlib.closing(progress._lines):
        yield lambda: np_baselines_training.train(
            model, recipe, 0, False, progress, adam
        )


def lines(workdir):
    text = (workdir / "metrics.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


def test_training_learns_and_measures_greedy_answers(tmp_path):
    recipe = dataclasses.replace(
        SMOKE, hidden_dim=32, batch_size=32, num_steps=400, learning_rate=1e-2
    )
    model = model_of(1, recipe)
    with training(tmp_path / "first", recipe, model) as run:
        run()
    found = lines(tmp_path / "first")
    assert [line["step"] for line in found] == [200, 400]
    assert found[-1]["loss"] < found[0]["loss"] < 6
    assert found[-1]["accuracy"] > 0.15
    # What a step says of its questions is what decoding says of them.
    questions = np_baselines_data.training_questions(recipe, 0, 0)
    source = np_baselines_data.source(questions, False)
    decoder = np_baselines_model.Decoder(model, batch_size=32)
    answers = np_baselines_data.read(decoder(source))
    right = (answers == questions.answers() / 100).mean()
    assert right > 0
    one = dataclasses.replace(recipe, num_steps=1)
    with training(tmp_path / "second", one, model) as run:
        run()  # Measured before the update.
    assert lines(tmp_path / "second")[0]["accuracy"] == pytest.approx(right)


def test_a_loss_that_is_not_finite_stops(tmp_path):
    recipe = dataclasses.replace(SMOKE, num_steps=2)
    with training(tmp_path, recipe, model_of(0)) as run:
        run()
    broken, longer = model_of(0), dataclasses.replace(SMOKE, num_steps=5)
    with training(tmp_path, longer, broken) as run:
        broken.set_weights([w * np.nan for w in broken.get_weights()])
        with pytest.raises(FloatingPointError, match="got nan at step 2") as e:
            run()
    assert str(tmp_path / "checkpoints") in str(e.value)
    kept = tf.train.latest_checkpoint(tmp_path / "checkpoints")
    assert kept.endswith("ckpt-2")


# The script.


def flags(workdir, *more):
    return ["--smoke", "--seed=3", f"--workdir={workdir}", *more]


def test_smoke(tmp_path):
    done = script.run(
        *flags(tmp_path, "--model=attention", "--num_heads=10"),
        script="np_baselines",
    )
    assert "step 20 of 20" in done.stderr
    assert "in [-50, 50]" in done.stdout
    name = "attention_10-paper-smoke-seed3.json"
    found = json.loads((tmp_path / name).read_text())
    assert found["experiment"] == "np_baselines"
    assert found["setting"] == "attention_10"
    assert found["config"]["num_heads"] == 10
    metrics = found["metrics"]
    for key in (
        "test_accuracy",
        "accuracy_by_category",
        "accuracy_by_template",
    ):
        assert set(metrics[key]) == {"10", "50"}
    assert len(metrics["accuracy_by_template"]["50"]) == 16
    assert metrics["test_accuracy"]["10"] < 0.5  # Twenty steps teach little.
    assert metrics["train_seconds"] > 0
    assert list((tmp_path / "tensorboard").glob("events*"))


STEPS = 60


def resume_flags(workdir):
    return [*flags(workdir), f"--num_steps={STEPS}", "--save_seconds=0"]


def kill_at_random(workdir):
    """Kills a run some time after a checkpoint; returns how far it was."""
    process = script.start(*resume_flags(workdir), script="np_baselines")
    wanted = random.randrange(2, STEPS // 2)
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline and process.poll() is None:
        found = list((workdir / "checkpoints").glob("ckpt-*.index"))
        steps = [int(p.stem.split("-")[1]) for p in found]
        if steps and max(steps) >= wanted:
            process.kill()
            process.communicate()
            return max(steps)
        time.sleep(0.002)
    process.kill()
    pytest.fail(f"no checkpoint {wanted}: {process.communicate()[0]}")


def variables(workdir):
    """All that the last checkpoint holds, but the time it took."""
    path = tf.train.latest_checkpoint(workdir / "checkpoints")
    assert path.endswith(f"ckpt-{STEPS}")
    return {
        name: tf.train.load_variable(path, name)
        for name, _ in tf.train.list_variables(path)
        if name.endswith("VARIABLE_VALUE") and not name.startswith("seconds")
    }


def test_killed_run_ends_bit_identical(tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    script.run(*resume_flags(whole), script="np_baselines")
    reached = kill_at_random(killed)
    assert reached < STEPS
    done = script.run(*resume_flags(killed), script="np_baselines")
    assert "resuming at step" in done.stderr
    one, other = variables(whole), variables(killed)
    assert one.keys() == other.keys()
    assert len(one) > 30
    for name, value in one.items():
        np.testing.assert_array_equal(value, other[name], err_msg=name)
    records = [
        json.loads((folder / "seq2seq-paper-smoke-seed3.json").read_text())
        for folder in (whole, killed)
    ]
    measured = [record["metrics"]["test_accuracy"] for record in records]
    assert measured[0] == measured[1]


# The Neural Programmer.

OF_QUESTIONS = ("sum", "count", "greater", "lesser", "and", "or", "diff")


class Executor:
    """Stands for a trained model: executes what the inputs ask for."""

    words = vocabulary.Vocabulary(["A", *OF_QUESTIONS])
    column_symbols = ("A",)

    def __init__(self, spoil=()):
        self.spoil = spoil

    def __call__(self, inputs, training):
        assert not training
        rows = zip(*(inputs[name] for name in sorted(inputs)))
        keys = sorted(inputs)
        answers = [self.answer(dict(zip(keys, row))) for row in rows]
        return {
            "scalar_answer": np.array(answers, np.float32),
            "answer_is_scalar": np.array(
                [
                    self.words.word(row[0]) not in self.spoil
                    for row in inputs["question"]
                ]
            ),
        }

    def answer(self, row):
        assert self.words.word(row["column_names"][0]) == "A"
        asked = [self.words.word(i) for i in row["question"] if i]
        calls, pivots = [], {"greater": -1.0, "lesser": -1.0}
        for number, place in zip(row["numbers"], row["number_positions"]):
            if place >= 0:
                pivots[asked[place]] = number
        for word in asked:
            if word in pivots:
                calls.append(programs.Call(word, 0))
        calls += [programs.Call(w, None) for w in asked if w in ("and", "or")]
        if "diff" in asked:
            one, other = (
                programs.Call(w, 0 if w == "sum" else None)
                for w in (asked[0], asked[2])
            )
            reset = programs.Call("reset", None)
            calls = [one, reset, other, programs.Call("difference", None)]
        else:
            last = asked[-1]
            calls.append(programs.Call(last, 0 if last == "sum" else None))
            missing = 4 - len(calls)
            calls = [programs.Call("reset", None)] * missing + calls
        table = row["table"][: row["num_rows"]]
        pair = (pivots["greater"], pivots["lesser"])
        return reference.execute(tuple(calls), table, pair).answer


@pytest.mark.parametrize("recipe", [RECIPE, TWO_DECIMALS])
def test_right_programs_answer_every_question(recipe):
    metrics = np_baselines_evaluation.evaluate_programmer(
        Executor(), recipe, FEW
    )
    assert metrics["test_accuracy"] == {"10": 1.0, "50": 1.0}
    assert set(metrics["accuracy_by_category"]["10"].values()) == {1.0}


def test_a_program_without_a_number_is_wrong():
    metrics = np_baselines_evaluation.evaluate_programmer(
        Executor(spoil=["greater"]), RECIPE, FEW
    )
    # Half of the comparisons and of the logic begin with greater.
    assert metrics["test_accuracy"]["50"] == 10 / 16
    assert metrics["accuracy_by_category"]["50"] == {
        "simple": 1.0,
        "comparison": 0.5,
        "logic": 0.5,
        "difference": 1.0,
    }
    shares = metrics["accuracy_by_template"]["50"]
    assert shares["lesser <number> sum"] == 1.0
    assert shares["greater <number> sum"] == 0.0


# Keras warns of the softmax over the one column that there is.
@pytest.mark.filterwarnings("ignore:(?s).*softmax over axis -1:UserWarning")
def test_an_untrained_programmer_is_asked():
    words = ["A", *OF_QUESTIONS, "print"]
    model = programmer.NeuralProgrammer(words, ["A"], hidden_dim=8)
    metrics = np_baselines_evaluation.evaluate_programmer(model, RECIPE, FEW)
    assert metrics["test_accuracy"]["10"] < 0.5


def test_a_preset_is_asked(tmp_path):
    words = load_tables.vocabulary("single_column").words
    model = programmer.NeuralProgrammer(words, ["A"], hidden_dim=8)
    model.save_to_preset(tmp_path / "preset")
    done = script.run(
        *flags(tmp_path, "--decimals=2", f"--programmer={tmp_path / 'preset'}"),
        script="np_baselines",
    )
    assert "right answers" in done.stdout
    name = "programmer_two_decimals-preset-seed3.json"
    found = json.loads((tmp_path / name).read_text())
    assert found["config"]["decimals"] == 2
    assert found["metrics"]["test_accuracy"]["10"] < 0.5


# The table.


def write(setting, seed, narrow, wide):
    metrics = {"test_accuracy": {"10": narrow, "50": wide}}
    if "programmer" not in setting:
        metrics["train_seconds"] = 100.4 + seed
    run_record.write(
        "np_baselines", "paper", seed, {}, 1.0, metrics, setting=setting
    )


def test_the_table_shows_every_seed_and_what_was_not_run(tmp_path, monkeypatch):
    monkeypatch.setattr(run_record, "RESULTS", tmp_path)
    write("seq2seq", 0, 0.81, 0.3)
    write("seq2seq", 1, 0.7, 0.35)
    write("attention_5_table_first_two_decimals", 0, 0.5, 0.25)
    write("programmer_two_decimals", 0, 1.0, 1.0)
    rows = np_baselines_table.table().splitlines()
    assert rows[-1] == (
        "| Neural Programmer | two decimals |  | 100.0 % | 100.0 % | a preset |"
    )
    assert (
        "| seq2seq LSTM | whole | after | 75.5 % (70.0 % to 81.0 %) "
        "| 32.5 % (30.0 % to 35.0 %) | 101 s (100 s to 101 s) |"
    ) in rows
    assert (
        "| LSTM, 5 attention heads | two decimals | before | 50.0 % | 25.0 % "
        "| 100 s |"
    ) in rows
    assert (
        "| LSTM, 1 attention head | whole | after | not run | not run "
        "| not run |"
    ) in rows
    assert len({row.count("|") for row in rows}) == 1
    assert sum("not run" in row for row in rows) == 4

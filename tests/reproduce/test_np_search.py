"""The search: everything that brute force finds, and nothing that is wrong."""

import ast
import itertools
import pathlib

import numpy as np
import pytest

import reproduce
from np_tf import programs
from np_tf import reference
from reproduce import np_search
from tests.reproduce import tables

Call = programs.Call
NAMES = programs.OPERATIONS


class Asked:
    """One question as plain Python sees it."""

    def __init__(self, inputs, targets, text_ids, row):
        self.words = [int(w) for w in inputs["question"][row] if w]
        positions = [int(p) for p in inputs["number_positions"][row]]
        self.positions = [p for p in positions if p >= 0]
        self.numbers = inputs["numbers"][row].astype(np.float64)
        m = int(inputs["num_rows"][row])
        self.c = int((inputs["column_names"][row] > 0).sum())
        self.table = inputs["table"][row][:m, : self.c].astype(np.float64)
        self.text = np.zeros((m, self.c), int)
        if text_ids:
            self.text = inputs["text"][row][:m, : self.c]
        self.is_text = (self.text > 0).any(axis=0)
        found = [w for w in self.words if w in text_ids]
        self.entries = list(dict.fromkeys(found))[:2]
        self.is_scalar = bool(targets["answer_is_scalar"][row])
        self.scalar = float(targets["scalar_answer"][row])
        self.cells = targets["lookup_answer"][row][:m, : self.c] > 0

    def execute(self, program, pivots=(-1, -1), matched=()):
        """Runs a program.

        Args:
            program: The calls.
            pivots: Which numbers greater and lesser compare with.
            matched: Pairs of a text column and the entries that match there.
        """
        matches = np.zeros(self.table.shape, bool)
        for column, entries in matched:
            matches[:, column] = np.isin(self.text[:, column], entries)
        values = [self.numbers[p] if p >= 0 else -1.0 for p in pivots]
        return reference.execute(
            program, self.table, values, matches, self.is_text
        )

    def is_right(self, done):
        """Whether an answer is the given one."""
        if self.is_scalar:
            if done.kind != "scalar":
                return False
            return abs(done.answer - self.scalar) <= 1e-6 * (
                1 + abs(self.scalar)
            )
        return done.kind == "lookup" and np.array_equal(done.answer, self.cells)

    def says_something(self):
        """A 0 and an answer of no cells can be had in too many ways."""
        return self.scalar != 0 if self.is_scalar else self.cells.any()


def conditions(asked):
    """(call, number or -1, entries or (), position in the question)."""
    for column in range(asked.c):
        if asked.is_text[column]:
            subsets = [(e,) for e in asked.entries]
            if len(asked.entries) == 2:
                subsets.append(tuple(asked.entries))
            for entries in subsets:
                position = asked.words.index(entries[0])
                yield Call("text_match", column), -1, entries, position
            continue
        for number, position in enumerate(asked.positions):
            for name in programs.COMPARISONS:
                yield Call(name, column), number, (), position


def compatible(one, other):
    """Whether one program can hold two conditions."""
    if one[0].operation != other[0].operation:
        return True
    if one[0].operation == "text_match":
        return one[0].column != other[0].column
    # One pivot for all calls of an operation; and not the same call twice.
    return one[1] == other[1] and one[0].column != other[0].column


def space(asked):
    """Every program of the space with the conditions that it uses."""
    lasts = [Call("count")]
    for column in range(asked.c):
        lasts.append(Call("assign", column))
        if not asked.is_text[column]:
            lasts.append(Call("sum", column))
    known = list(conditions(asked))
    for last in lasts:
        yield programs.pad([last]), []
        for one in known:
            yield programs.pad([one[0], last]), [one]
        for one, other in itertools.permutations(known, 2):
            if one[3] <= other[3] and compatible(one, other):
                for joined in ("and", "or"):
                    calls = [one[0], other[0], Call(joined), last]
                    yield programs.pad(calls), [one, other]
    scalars = [call for call in lasts if call.operation != "assign"]
    for one, other in itertools.product(scalars, repeat=2):
        calls = [one, Call("reset"), other, Call("difference")]
        yield tuple(calls), []


def brute_force(asked):
    """Every program that gives the answer."""
    found = set()
    for program, used in space(asked):
        pivots, matched = [-1, -1], []
        for call, number, entries, _ in used:
            if entries:
                matched.append((call.column, entries))
            else:
                pivots[programs.COMPARISONS.index(call.operation)] = number
        if asked.is_right(asked.execute(program, pivots, matched)):
            found.add((program, tuple(pivots), frozenset(matched)))
    return found


def candidate(found, index):
    """A candidate in the same words."""
    calls = tuple(
        Call(
            NAMES[operation],
            int(column)
            if NAMES[operation] in programs.COLUMN_OPERATIONS
            else None,
        )
        for operation, column in zip(
            found.operations[index], found.columns[index]
        )
    )
    matched = frozenset(
        (int(column), tuple(int(w) for w in words if w >= 0))
        for column, words in zip(
            found.text_columns[index], found.text_words[index]
        )
        if column >= 0
    )
    return calls, tuple(map(int, found.pivots[index])), matched


def candidates(found, row):
    """All candidates of a question."""
    span = range(found.starts[row], found.starts[row + 1])
    return [candidate(found, index) for index in span]


def search(questions, **kwargs):
    return np_search.search(
        questions.inputs, questions.targets, questions.text_ids, **kwargs
    )


@pytest.mark.parametrize("setting", tables.SETTINGS)
def test_the_search_is_brute_force(setting):
    many = setting in ("ten_columns", "word_variability_5")
    questions = tables.Questions(setting, 12 if many else 40)
    found = search(questions, max_programs=10**6, chunk=7)
    informative = 0
    for row in range(len(found)):
        asked = Asked(
            questions.inputs, questions.targets, questions.text_ids, row
        )
        ours = candidates(found, row)
        assert len(set(ours)) == len(ours)
        expected = brute_force(asked) if asked.says_something() else set()
        assert set(ours) == expected, row
        informative += bool(expected)
    assert informative > len(found) / 2


@pytest.mark.parametrize("setting", tables.SETTINGS)
def test_no_candidate_is_wrong_and_gold_is_among_them(setting):
    questions = tables.Questions(setting, 150, rows=(20, 30), seed=1)
    found = search(questions)
    assert found.counts.max() <= 12
    has_gold, usable = 0, 0
    for row, gold in enumerate(questions.gold):
        asked = Asked(
            questions.inputs, questions.targets, questions.text_ids, row
        )
        ours = candidates(found, row)
        for program, pivots, matched in ours:
            assert asked.is_right(asked.execute(program, pivots, matched))
        usable += bool(ours)
        has_gold += gold in [program for program, _, _ in ours]
    assert has_gold == usable > 0.5 * len(questions.gold)


def test_questions_with_too_many_programs_have_none():
    questions = tables.Questions("three_columns", 60)
    everything = search(questions, max_programs=10**6)
    for most in (0, 1, 3):
        found = search(questions, max_programs=most)
        few = everything.counts <= most
        np.testing.assert_array_equal(
            found.counts, np.where(few, everything.counts, 0)
        )
    assert len(np.unique(everything.counts)) > 3


def test_chunks_make_no_difference():
    questions = tables.Questions("text_match_5", 60)
    one, other = search(questions, chunk=1), search(questions, chunk=1000)
    for name in vars(one):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


@pytest.mark.parametrize("setting", ["word_variability_5", "text_match_5"])
def test_what_words_mean_is_not_used(setting):
    """All words but the text entries replaced by others: nothing changes."""
    questions = tables.Questions(setting, 60)
    before = search(questions)
    rng = np.random.default_rng(0)
    size = len(questions.words)
    plain = [i for i in range(1, size) if i not in questions.text_ids]
    renamed = np.arange(size)
    renamed[plain] = rng.permutation(plain)
    entries = np.array(questions.text_ids, int)
    renamed[entries] = rng.permutation(entries)
    for name in ("question", "column_names", "text"):
        if name in questions.inputs:
            questions.inputs[name] = renamed[questions.inputs[name]]
    after = search(questions)
    words = before.text_words
    expected = np.where(words < 0, words, renamed[words])
    for name in vars(before):
        if name != "text_words":
            np.testing.assert_array_equal(
                getattr(before, name), getattr(after, name), err_msg=name
            )
    np.testing.assert_array_equal(after.text_words, expected)
    assert before.counts.sum() > 60


def test_nothing_in_question_changes_numeric_candidates():
    """Of a question of numbers not one word is read."""
    questions = tables.Questions("three_columns", 60)
    before = search(questions)
    questions.inputs["question"] = np.ones_like(questions.inputs["question"])
    after = search(questions)
    for name in vars(before):
        np.testing.assert_array_equal(
            getattr(before, name), getattr(after, name)
        )


class Watched(dict):
    """A dict that knows what was read of it."""

    def __init__(self, values):
        super().__init__(values)
        self.read = set()

    def __getitem__(self, name):
        self.read.add(name)
        return super().__getitem__(name)


def test_questions_tables_and_answers_are_all_that_is_read():
    questions = tables.Questions("text_match_2", 20)
    inputs, targets = Watched(questions.inputs), Watched(questions.targets)
    inputs["program"] = targets["program"] = None  # Would break any use.
    with pytest.raises(TypeError):
        np_search.search(inputs, targets, questions.text_ids)
    del inputs["program"], targets["program"]
    np_search.search(inputs, targets, questions.text_ids)
    assert set(inputs) == set(questions.inputs)
    assert set(targets) == {
        "answer_is_scalar",
        "scalar_answer",
        "lookup_answer",
    }


TRAINING = (
    "np_likelihood",
    "np_schedules",
    "np_search",
    "np_training",
    "train_step",
)


@pytest.mark.parametrize("module", TRAINING)
def test_what_trains_cannot_reach_the_data_set(module):
    """So it cannot reach the programs and categories that lie there."""
    path = pathlib.Path(reproduce.__file__).parent / f"{module}.py"
    tree = ast.parse(path.read_text())
    names = {
        node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert not [n for n in names if n.split(".")[0] == "data_gen"]
    assert "tensorflow_datasets" not in names


def test_gold_is_loaded_by_the_test_alone():
    path = pathlib.Path(reproduce.__file__).parent / "np_experiment.py"
    functions = {
        function.name
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and node.attr == "load_gold"
    }
    assert functions == {"_test"}


def test_no_question_has_a_program():
    questions = tables.Questions("single_column", 5)
    questions.targets["answer_is_scalar"][:] = True
    questions.targets["scalar_answer"][:] = 0.123456
    found = search(questions)
    assert len(found) == 5 and not found.counts.any()
    assert found.operations.shape == (0, 4)

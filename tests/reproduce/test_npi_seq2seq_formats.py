"""What the baselines read and write, worked by hand; their settings."""

import inspect

import numpy as np
import pytest

from data_gen.npi_traces import config as traces_config
from reproduce import npi_addition_baselines_data as sums
from reproduce import npi_seq2seq_configs
from reproduce import npi_sorting_seq2seq_data as arrays
from reproduce import paper_curves
from reproduce import sources

X = 10


def test_sorting_sequences():
    examples = arrays.examples([(3, 1, 2), (9, 9, 0)])
    assert examples.inputs["source"].tolist() == [[3, 1, 2, 10], [9, 9, 0, 10]]
    assert examples.inputs["previous"].tolist() == [
        [10, 1, 2, 3],
        [10, 0, 9, 9],
    ]
    assert examples.targets.tolist() == [[1, 2, 3, 10], [0, 9, 9, 10]]
    assert examples.weights.tolist() == [[1.0] * 4] * 2
    groups = arrays.by_length([(3, 1, 2), (5, 4), (1, 1, 0)])
    assert [group.targets.shape for group in groups] == [(1, 3), (2, 4)]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ([(1, 2), (1,)], r"of one length, got \[1, 2\]"),
        ([(1, 10)], r"digits 0\.\.9, got 1\.\.10"),
        ([(-1, 2)], r"digits 0\.\.9, got -1\.\.2"),
    ],
)
def test_bad_arrays_are_refused(bad, message):
    with pytest.raises(ValueError, match="arrays: must .*" + message):
        arrays.examples(bad)


def test_evaluation_arrays_were_not_trained_on():
    asked = arrays.evaluation_arrays(2, 200, 7, set())
    assert len(asked) == 200
    assert {len(array) for array in asked} == {2}
    again = arrays.evaluation_arrays(2, 200, 7, set(asked[:20]))
    assert not set(again) & set(asked[:20])


def test_the_paper_s_formats():
    problem = ("90", "160")
    assert sums.plain_text(problem) == "90X160X250"
    assert sums.stacked_texts(problem) == ("XXXX250", "090XXXX", "061XXXX")
    assert sums.easy_texts(problem) == ("052", "090", "061")


def test_a_carry_out_widens_the_columns():
    assert sums.plain_text(("99", "1")) == "99X1X100"
    assert sums.stacked_texts(("99", "1"))[0] == "XXXX100"
    assert sums.easy_texts(("99", "1")) == ("001", "990", "100")
    assert sums.easy_texts(("007", "0035")) == ("2400", "7000", "5300")


def test_plain_examples_predict_the_answer_and_its_end():
    examples = sums.examples([("90", "160"), ("1", "2")], "plain")
    source = examples.inputs["source"]
    assert source.shape == (2, 10, 1)
    assert source[0, :, 0].tolist() == [9, 0, X, 1, 6, 0, X, 2, 5, 0]
    assert examples.targets[0].tolist() == [X] * 6 + [2, 5, 0, X]
    assert examples.weights[0].tolist() == [0] * 6 + [1] * 4
    # 1X2X3 and its end, then nothing that counts.
    assert source[1, :, 0].tolist() == [1, X, 2, X, 3] + [X] * 5
    assert examples.targets[1].tolist() == [X] * 3 + [3] + [X] * 6
    assert examples.weights[1].tolist() == [0] * 3 + [1] * 2 + [0] * 5


def test_stacked_examples_count_the_answer_alone():
    examples = sums.examples([("90", "160"), ("1", "2")], "stack")
    source = examples.inputs["source"]
    assert source.shape == (2, 7, 2)
    assert source[0].T.tolist() == [
        [0, 9, 0, X, X, X, X],
        [0, 6, 1, X, X, X, X],
    ]
    assert examples.targets[0].tolist() == [X] * 4 + [2, 5, 0]
    assert examples.weights[0].tolist() == [0] * 4 + [1] * 3
    assert examples.targets[1].tolist() == [X, X, 3, X, X, X, X]
    assert examples.weights[1].tolist() == [0, 0, 1, 0, 0, 0, 0]


def test_easy_examples_count_every_column():
    examples = sums.examples([("90", "160"), ("8", "7")], "easy")
    source = examples.inputs["source"]
    assert source[0].T.tolist() == [[0, 9, 0], [0, 6, 1]]
    assert examples.targets.tolist() == [[0, 5, 2], [5, 1, X]]
    assert source[1].T.tolist() == [[8, 0, X], [7, 0, X]]
    assert examples.weights.tolist() == [[1, 1, 1], [1, 1, 0]]
    assert examples.targets.dtype == source.dtype == np.int32


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="format_name: must be one of plain"):
        sums.examples([("1", "2")], "hard")
    with pytest.raises(ValueError, match="setting: must be one of figure_6"):
        npi_seq2seq_configs.sorting_recipe("n_3")
    with pytest.raises(ValueError, match="setting: must be one of plain_512"):
        npi_seq2seq_configs.addition_recipe("easy_1")


def test_every_hyper_parameter_names_its_source():
    configs = [
        value
        for _, value in inspect.getmembers(npi_seq2seq_configs, inspect.isclass)
    ]
    assert len(configs) == 4
    for config in configs:
        sources.check(config)


def test_settings_are_the_paper_s_points():
    settings = list(npi_seq2seq_configs.SORTING_STEPS)
    numbers = map(npi_seq2seq_configs.num_examples, settings[1:])
    assert list(numbers) == list(paper_curves.FIGURE_5_SEQ2SEQ)
    evaluation = npi_seq2seq_configs.SortingEvaluation()
    assert evaluation.lengths == tuple(paper_curves.FIGURE_6_SEQ2SEQ)
    asked = npi_seq2seq_configs.AdditionEvaluation()
    assert asked.easy_lengths == tuple(paper_curves.FIGURE_9_NPI)
    assert asked.stack_lengths == tuple(paper_curves.FIGURE_9_STACK_512)
    for setting in settings:
        recipe = npi_seq2seq_configs.sorting_recipe(setting)
        assert (recipe.num_layers, recipe.hidden_dim) == (2, 256)
    assert npi_seq2seq_configs.addition_recipe("easy_64").num_steps == 1_500
    assert npi_seq2seq_configs.sorting_recipe("n_64").num_steps == 300
    assert npi_seq2seq_configs.sorting_recipe("n_64", True).num_steps == 6


def test_the_arrays_are_those_that_npi_is_trained_on():
    config = traces_config.SORTING
    groups = [config.problems("train", n) for n in config.train_lengths]
    assert [len(group) for group in groups] == [64] * 19
    few, many = (
        traces_config.sorting_of_length(20, n).problems("train", 20)
        for n in (4, 64)
    )
    assert len(few) == 4
    assert few == many[:4]


def test_curves_are_fractions_at_the_figure_s_points():
    assert paper_curves.FIGURE_5_NPI[4] == 0.72
    assert paper_curves.FIGURE_6_SEQ2SEQ[30] == 0.43
    assert paper_curves.FIGURE_9_EASY_64[240] == 0.955
    for name, curve in vars(paper_curves).items():
        if name.startswith("FIGURE"):
            assert all(0 <= value <= 1 for value in curve.values()), name
            assert list(curve) == sorted(curve), name

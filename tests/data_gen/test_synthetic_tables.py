"""The builder: TFDS's own checks, determinism, and Beam against plain."""

import pathlib
import pickle
import subprocess
import sys

import numpy as np
import pytest
import tensorflow_datasets as tfds

from data_gen import load_tables
from data_gen import synthetic_tables
from data_gen.synthetic_tables import drawing
from tests.data_gen import configs
from tests.data_gen import table_configs

ROOT = pathlib.Path(__file__).parents[2]


class SyntheticTablesTest(tfds.testing.DatasetBuilderTestCase):
    DATASET_CLASS = synthetic_tables.Builder
    EXAMPLE_DIR = str(pathlib.Path(__file__).parent)  # Nothing is read there.
    BUILDER_CONFIG_NAMES_TO_TEST = [table_configs.tiny_text()]
    SPLITS = {"train": 40, "validation": 10, "test": 700}

    def test_session(self, *args, **kwargs):
        return super().test_session(*args, **kwargs)

    test_session.__test__ = False  # TensorFlow's context manager, no test.


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A tiny data set of more than one Beam block, made in one process."""
    folder = tmp_path_factory.mktemp("plain")
    return load_tables.prepare(_two_blocks(), folder)


def _two_blocks(**changes):
    return table_configs.tiny_text(num_train=1100, **changes)


def test_same_records_in_the_same_order_again(plain, tmp_path):
    again = load_tables.prepare(_two_blocks(), tmp_path)
    for split in plain.info.splits:
        assert configs.records(plain, split) == configs.records(again, split)


def test_beam_gives_the_same_records_in_the_same_order(plain, tmp_path):
    beam = load_tables.prepare(_two_blocks(use_beam=True), tmp_path)
    for split in plain.info.splits:
        assert configs.records(plain, split) == configs.records(beam, split)


def test_a_config_gives_the_same_examples_in_another_process():
    program = (
        "import pickle, sys; from data_gen import synthetic_tables;"
        "config = pickle.load(sys.stdin.buffer);"
        "made = synthetic_tables.generate(config, 'test', 600, 605);"
        "sys.stdout.buffer.write(pickle.dumps(list(made)))"
    )
    config = _two_blocks()
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=pickle.dumps(config),
        stdout=subprocess.PIPE,
        cwd=ROOT,
        check=True,
        timeout=120,
    )
    theirs = pickle.loads(done.stdout)
    ours = list(synthetic_tables.generate(config, "test", 600, 605))
    assert len(theirs) == len(ours) == 5
    for (index, mine), (other_index, other) in zip(ours, theirs):
        assert index == other_index
        for name, value in mine.items():
            np.testing.assert_array_equal(value, other[name])


def test_seed_changes_everything(plain, tmp_path):
    other = load_tables.prepare(_two_blocks(seed=1), tmp_path)
    for split in plain.info.splits:
        ours = set(configs.records(plain, split))
        assert not ours & set(configs.records(other, split))


def test_records_are_the_examples(plain):
    for split in plain.info.splits:
        made = {
            example["table"].tobytes(): example
            for _, example in synthetic_tables.generate(
                plain.builder_config, split
            )
        }
        for row in tfds.as_numpy(plain.as_dataset(split=f"{split}[:10]")):
            expected = made[row["table"].tobytes()]
            for name in ("table", "text", "lookup_answer", "tokens"):
                assert row[name].dtype == expected[name].dtype
                np.testing.assert_array_equal(row[name], expected[name])
            assert row["scalar_answer"] == expected["scalar_answer"]
            for name in ("question", "program"):
                assert row[name].decode() == expected[name]


def test_loads_by_name(tmp_path):
    dataset, info = tfds.load(
        "synthetic_tables",
        split="test",
        data_dir=tmp_path,
        builder_kwargs={"config": table_configs.tiny()},
        with_info=True,
    )
    assert len(dataset) == 70
    assert info.splits["train"].num_examples == 40
    assert info.features["category"].names[1] == "comparison"
    assert "Neural Programmer" in info.citation


def test_splits_without_examples_are_left_out(tmp_path):
    config = table_configs.tiny(num_validation=0, num_test=0)
    assert list(load_tables.prepare(config, tmp_path).info.splits) == ["train"]


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("numeric_columns", (0, 3)),
        ("numeric_columns", (3, 1)),
        ("numeric_columns", (1, 2, 3)),
        ("numeric_columns", 3),
        ("numeric_columns", (1, 11)),
        ("text_columns", (-1, 2)),
        ("varied", 1),
        ("sampling", "random"),
        ("rows", (0, 5)),
        ("rows", "25"),
        ("test_rows", 0),
        ("value_range", 0),
        ("value_range", 1.5),
        ("test_value_range", 10**6 + 1),
        ("num_train", 0),
        ("num_validation", -1),
        ("num_test", -1),
        ("seed", None),
        ("use_beam", "yes"),
    ],
)
def test_bad_config_is_named(argument, value):
    with pytest.raises(
        ValueError, match=rf"^{argument}(, text_columns)?: must .*, got "
    ):
        table_configs.tiny(**{argument: value})


@pytest.mark.parametrize("num_test", [54, 308])
def test_impossible_number_of_test_questions_is_named(tmp_path, num_test):
    config = table_configs.tiny(num_test=num_test)
    with pytest.raises(
        ValueError, match=rf"^num_test: must be in 55 to 307, .*got {num_test}"
    ):
        load_tables.prepare(config, tmp_path)


def test_same_name_with_other_values_is_refused(plain):
    config = _two_blocks(value_range=7)
    folder = pathlib.Path(plain.data_dir).parents[2]
    with pytest.raises(
        ValueError, match=r"^config: 'tiny_text' must .* value_range = 7 where"
    ):
        synthetic_tables.SyntheticTables(config=config, data_dir=folder)


def test_records_of_another_generator_are_refused(plain, monkeypatch):
    folder = pathlib.Path(plain.data_dir).parents[2]
    monkeypatch.setattr(drawing, "PER_UNIT", 10)
    with pytest.raises(ValueError, match="got generator = "):
        synthetic_tables.SyntheticTables(config=_two_blocks(), data_dir=folder)

"""The loader: padded arrays, gold kept apart, and what can go wrong."""

import dataclasses
import json
import pathlib
import re
import shutil
import sys

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

from data_gen import load_tables
from data_gen import read_tables
from data_gen import synthetic_tables
from data_gen import table_batch
from data_gen.synthetic_tables import drawing
from data_gen.synthetic_tables import examples
from data_gen.synthetic_tables import grammar
from data_gen.synthetic_tables import templates
from np_tf import programs
from tests.data_gen import table_configs

README = pathlib.Path(synthetic_tables.__file__).parent / "README.md"
CONFIGS = {
    "tiny": table_configs.tiny(),
    "tiny_text": table_configs.tiny_text(),
    "tiny_single": table_configs.tiny(
        "tiny_single", numeric_columns=(1, 1), num_test=None
    ),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the tiny configs were generated."""
    folder = tmp_path_factory.mktemp("tables")
    for config in CONFIGS.values():
        load_tables.prepare(config, folder)
    return folder


def rows_on_disk(config, folder, split):
    """The examples as TFDS reads them."""
    builder = load_tables.prepare(config, folder)
    return list(tfds.as_numpy(builder.as_dataset(split=split)))


@pytest.mark.parametrize("split", ["train", "validation", "test"])
@pytest.mark.parametrize("name", CONFIGS)
def test_order_and_values_are_those_on_disk(folder, name, split):
    config = CONFIGS[name]
    batch = load_tables.load_tables(split, config, folder)
    words = load_tables.vocabulary(config)
    rows = rows_on_disk(config, folder, split)
    assert len(batch) == len(rows) == config.num_examples(split)
    for i, row in enumerate(rows):
        num_rows, num_columns = row["table"].shape
        assert batch.num_rows[i] == num_rows
        for ours, theirs in (
            (batch.question, row["tokens"]),
            (batch.numbers, row["numbers"]),
            (batch.number_positions, row["number_positions"]),
            (
                batch.column_names,
                words.ids(n.decode() for n in row["column_names"]),
            ),
        ):
            np.testing.assert_array_equal(ours[i, : len(theirs)], theirs)
        for ours in (batch.table, batch.lookup_answer):
            assert not ours[i, num_rows:].any()
            assert not ours[i, :, num_columns:].any()
        cells = np.s_[i, :num_rows, :num_columns]
        np.testing.assert_array_equal(batch.table[cells], row["table"])
        np.testing.assert_array_equal(
            batch.lookup_answer[cells], row["lookup_answer"]
        )
        assert batch.answer_is_scalar[i] == row["answer_is_scalar"]
        assert batch.scalar_answer[i] == row["scalar_answer"]


@pytest.mark.parametrize("name", CONFIGS)
def test_padding_is_at_the_end(folder, name):
    batch = load_tables.load_tables("train", CONFIGS[name], folder)
    for row, array, padding in (
        ("tokens", batch.question, 0),
        ("numbers", batch.numbers, 0),
        ("number_positions", batch.number_positions, -1),
        ("column_names", batch.column_names, 0),
    ):
        on_disk = rows_on_disk(CONFIGS[name], folder, "train")
        for values, example in zip(array, on_disk):
            assert (values[len(example[row]) :] == padding).all()
    assert (batch.number_positions == -1).any()
    assert (batch.question == 0).any()


def test_text_entries_are_ids_of_words(folder):
    config = CONFIGS["tiny_text"]
    batch = load_tables.load_tables("train", config, folder)
    words = load_tables.vocabulary(config)
    some = 0
    for i, row in enumerate(rows_on_disk(config, folder, "train")):
        text = np.zeros_like(batch.text[i])
        for m, c in np.argwhere(row["text"] >= 0):
            text[m, c] = words.ids([f"word:{row['text'][m, c]}"])[0]
            some += 1
        np.testing.assert_array_equal(batch.text[i], text)
    assert some > 100
    assert load_tables.load_tables("train", CONFIGS["tiny"], folder).text is (
        None
    )


@pytest.mark.parametrize(
    ("name", "split", "num_words", "num_rows", "num_columns"),
    [
        ("tiny", "train", 7, 5, 3),
        ("tiny", "test", 7, 7, 3),
        ("tiny_text", "validation", 7, 5, 5),
        ("tiny_single", "test[:3]", 4, 7, 1),
        ("tiny_single", "train+validation", 4, 5, 1),
        ("tiny_single", "train+test", 4, 7, 1),
        ("tiny_single", "all", 4, 7, 1),
    ],
)
def test_shapes_and_types(
    folder, name, split, num_words, num_rows, num_columns
):
    config = CONFIGS[name]
    batch = load_tables.load_tables(split, config, folder)
    n, cells = len(batch), (num_rows, num_columns)
    expected = {
        "question": ((n, num_words), np.int32),
        "numbers": ((n, 2), np.float32),
        "number_positions": ((n, 2), np.int32),
        "column_names": ((n, num_columns), np.int32),
        "table": ((n, *cells), np.float32),
        "num_rows": ((n,), np.int32),
    }
    if config.has_text:
        expected["text"] = ((n, *cells), np.int32)
    given = {k: (v.shape, v.dtype) for k, v in batch.inputs().items()}
    assert given == expected
    given = {k: (v.shape, v.dtype) for k, v in batch.targets().items()}
    assert given == {
        "answer_is_scalar": ((n,), np.bool_),
        "scalar_answer": ((n,), np.float64),
        "lookup_answer": ((n, *cells), np.uint8),
    }


@pytest.mark.parametrize("name", CONFIGS)
def test_limit_and_slices_are_the_first(folder, name):
    whole = load_tables.load_tables("train", CONFIGS[name], folder)
    assert len(whole) == 40
    parts = [
        load_tables.load_tables("train", CONFIGS[name], folder, limit=7),
        load_tables.load_tables("train[:7]", CONFIGS[name], folder),
        whole.rows(slice(7)),
        whole.rows(np.arange(7)),
        whole.rows(np.arange(40) < 7),
    ]
    for part in parts:
        assert len(part) == 7
        for field in dataclasses.fields(part):
            ours, theirs = getattr(part, field.name), getattr(whole, field.name)
            if theirs is None:
                assert ours is None
            else:
                np.testing.assert_array_equal(ours, theirs[:7])
    more = load_tables.load_tables("train", CONFIGS[name], folder, limit=99)
    assert len(more) == 40


@pytest.mark.parametrize("name", CONFIGS)
def test_gold_is_what_the_program_says(folder, name):
    config = CONFIGS[name]
    operations, columns, categories = load_tables.load_gold(
        "test", config, folder
    )
    rows = rows_on_disk(config, folder, "test")
    assert operations.shape == columns.shape == (len(rows), 4)
    for array in (operations, columns, categories):
        assert array.dtype == np.int32
    for i, row in enumerate(rows):
        names = [letter.decode() for letter in row["column_names"]]
        program = programs.from_ids(operations[i], columns[i])
        text = programs.to_text(program, names, full=True)
        assert text == row["program"].decode()
        for call, column in zip(program, columns[i]):
            assert column == (-1 if call.column is None else call.column)
        assert categories[i] == row["category"]
    assert set(categories) == set(range(4))
    part = load_tables.load_gold("test", config, folder, limit=5)
    np.testing.assert_array_equal(part[0], operations[:5])


def test_columns_of_gold_are_positions_in_the_table(folder):
    rows = rows_on_disk(CONFIGS["tiny"], folder, "train")
    _, columns, _ = load_tables.load_gold("train", CONFIGS["tiny"], folder)
    at = next(
        i
        for i, row in enumerate(rows)
        if row["program"].endswith(b" C")
        and list(row["column_names"]) != [b"A", b"B", b"C"]
    )
    assert columns[at, -1] == len(rows[at]["column_names"]) - 1 < 2


def test_loading_never_reads_the_gold(folder, tmp_path):
    """Records without programs and categories load as the whole ones do."""
    config = CONFIGS["tiny_text"]
    whole = load_tables.load_tables("train", config, folder)
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    data_dir = pathlib.Path(load_tables.prepare(config, tmp_path).data_dir)
    for path in data_dir.glob("*.tfrecord*"):
        _drop_gold(path)
    without = load_tables.load_tables("train", config, tmp_path)
    for field in dataclasses.fields(whole):
        np.testing.assert_array_equal(
            getattr(without, field.name), getattr(whole, field.name)
        )
    load_tables.share_seen(config, tmp_path)
    with pytest.raises(tf.errors.InvalidArgumentError, match="Feature: "):
        load_tables.load_gold("train", config, tmp_path)


def _drop_gold(path):
    """Removes two features from all records of a file."""
    records = [r.numpy() for r in tf.data.TFRecordDataset(str(path))]
    with tf.io.TFRecordWriter(str(path)) as writer:
        for record in records:
            example = tf.train.Example.FromString(record)
            for name in ("program", "category"):
                del example.features.feature[name]
            writer.write(example.SerializeToString())


def test_a_batch_has_no_place_for_gold():
    fields = {f.name for f in dataclasses.fields(table_batch.TableBatch)}
    assert not fields & {"program", "category", "operations", "columns"}


def test_share_seen(folder):
    for config in CONFIGS.values():
        train, test = (
            [
                re.sub(r" -?[\d.]+(?= |$)", "", row["question"].decode())
                for row in rows_on_disk(config, folder, split)
            ]
            for split in ("train", "test")
        )
        assert len(set(test)) == len(test)
        expected = len(set(train) & set(test)) / len(test)
        assert load_tables.share_seen(config, folder) == expected > 0


def readme_rows():
    """The cells of the README's table of configs."""
    text = README.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \|(.*)\|$", text, re.M)
    cells = {name: [c.strip() for c in rest.split("|")] for name, rest in rows}
    return {k: v for k, v in cells.items() if k in table_configs.NAMED}


@pytest.mark.parametrize("name", table_configs.NAMED)
def test_readme_table_is_current(name):
    config = table_configs.NAMED[name]
    found = templates.enumerate_all(
        config.grammar, config.letters, config.text_columns[1]
    )
    _, total, in_test, seen, _ = readme_rows()[name]
    assert total == f"{sum(map(len, found.values())):,}"
    assert in_test == f"{config.num_examples('test'):,}"
    assert f"{100 * _share_seen(config):.2f}".removesuffix(".00") + " %" == seen


def _share_seen(config):
    """The share of test templates in train, without making the tables."""
    test = [template for _, template in config.test_templates]
    unseen = set(test)
    for index in range(config.num_train):
        entropy = np.random.SeedSequence((config.seed, 0, index))
        rng = np.random.default_rng(entropy)
        unseen.discard(drawing.question(config, "train", index, rng)[1])
        if not unseen:
            break
    return 1 - len(unseen) / len(test)


def test_readme_lists_every_feature():
    text = README.read_text(encoding="utf-8")
    builder = synthetic_tables.Builder(config="text_match_2")
    for name in builder.info.features:
        assert f"| `{name}` |" in text


def test_vocabulary_of_a_name_and_of_a_config():
    words = load_tables.vocabulary("text_match_5")
    config = table_configs.NAMED["text_match_5"]
    assert words.words == load_tables.vocabulary(config).words
    assert words.words[:5] == tuple("ABCDE")
    assert words.words[-10:] == grammar.ENTRIES
    assert "word:0" not in load_tables.vocabulary("five_columns")


def test_generation_prints_nothing(tmp_path, capfd):
    load_tables.prepare(table_configs.tiny(), tmp_path)
    printed = capfd.readouterr()
    assert "examples" not in printed.err
    assert "Downloading" not in printed.out


def test_large_numbers_and_many_rows(tmp_path):
    config = table_configs.tiny(
        "large", test_rows=10_000, test_value_range=10**6, num_test=60
    )
    batch = load_tables.load_tables("test", config, tmp_path, limit=3)
    assert batch.table.shape == (3, 10_000, 3)
    assert 0.999e6 < abs(batch.table).max() <= 1e6


@pytest.mark.parametrize("split", ["dev", "train[:x]", 3, None])
def test_unknown_split_is_named(folder, split):
    for load in (load_tables.load_tables, load_tables.load_gold):
        with pytest.raises(
            ValueError,
            match=r"^split: must be one of train, validation, test, .*got",
        ):
            load(split, CONFIGS["tiny"], folder)


@pytest.mark.parametrize("config", ["six_columns", "", 3, None])
def test_unknown_config_is_named(tmp_path, config):
    match = r"^config: must be one of single_column, .* got "
    with pytest.raises(ValueError, match=match):
        load_tables.load_tables("train", config, tmp_path)
    with pytest.raises(ValueError, match=match):
        load_tables.vocabulary(config)


@pytest.mark.parametrize("limit", [0, -1, 1.5, True, "3"])
def test_bad_limit_is_named(folder, limit):
    with pytest.raises(ValueError, match=r"^limit: must be an integer .* got"):
        load_tables.load_tables("train", CONFIGS["tiny"], folder, limit=limit)


def test_too_few_workers_are_named(tmp_path):
    with pytest.raises(ValueError, match=r"^num_workers: must .* got 0"):
        load_tables.prepare(CONFIGS["tiny"], tmp_path, num_workers=0)


def test_arrays_too_large_for_padding_are_refused(folder, monkeypatch):
    monkeypatch.setattr(read_tables, "MAX_BYTES", 40 * 5 * 3 * 5 - 1)
    with pytest.raises(
        ValueError, match=r"^split: padded .* 'train' with 40 tables .* 5 rows"
    ):
        load_tables.load_tables("train", CONFIGS["tiny"], folder)
    part = load_tables.load_tables("train", CONFIGS["tiny"], folder, limit=39)
    assert len(part) == 39


@pytest.mark.parametrize("missing", ["tensorflow_datasets", "apache_beam"])
def test_missing_package_says_how_to_install(tmp_path, monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    config = table_configs.tiny(use_beam=True)
    with pytest.raises(ModuleNotFoundError, match=r"pip install -e \"\.\[data"):
        load_tables.load_tables(config=config, data_dir=tmp_path)


def test_metadata_holds_the_values_of_the_config(folder):
    config = CONFIGS["tiny_text"]
    builder = load_tables.prepare(config, folder)
    path = pathlib.Path(builder.data_dir) / "metadata.json"
    stored = json.loads(path.read_text())
    assert stored["text_columns"] == [0, 2]
    assert stored["num_train"] == 40
    assert "use_beam" not in stored


def test_examples_module_and_builder_agree_on_splits():
    for config in table_configs.NAMED.values():
        assert config.splits == examples.SPLITS

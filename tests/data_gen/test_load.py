"""The loader: `addition` as arrays and problems, and what can go wrong."""

import collections
import pathlib
import re
import sys

import numpy as np
import pytest
import tensorflow_datasets as tfds

import npi_tf
from data_gen import load
from data_gen import npi_traces
from data_gen.npi_traces import examples
from npi_tf import frames as frames_lib
from npi_tf import teacher
from tests.data_gen import configs

README = (pathlib.Path(npi_traces.__file__).parent / "README.md").read_text()


@pytest.fixture(scope="module")
def addition_dir(tmp_path_factory):
    """Where the config `addition` was generated."""
    folder = tmp_path_factory.mktemp("addition")
    load.prepare("addition", folder)
    return folder


@pytest.fixture(scope="module")
def tiny_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    load.prepare(configs.tiny(), folder)
    return folder


def _as_counts(batch):
    """`{(program, arguments, steps): count}`, padding removed."""
    counts = collections.Counter()
    for row, steps in enumerate(batch.num_steps):
        values = [batch.program[row], *batch.arguments[row]]
        for name in ("observations", "calls", "call_arguments", "ends"):
            values += getattr(batch, name)[row, :steps].ravel().tolist()
        counts[tuple(map(int, values))] += int(batch.count[row])
    return counts


def test_train_frames_are_those_of_the_teacher(addition_dir):
    loaded = load.load_frames("train", data_dir=addition_dir)
    problems = load.load_problems("train", data_dir=addition_dir)
    taught = teacher.teach(npi_tf.ADDITION, problems)
    assert _as_counts(loaded) == _as_counts(taught)
    arrays = taught.arrays()
    for name, ours in loaded.arrays().items():
        theirs = arrays[name]
        assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)


def test_train_split_is_the_papers(addition_dir):
    problems = load.load_problems("train", data_dir=addition_dir)
    per_length = collections.Counter(max(map(len, p)) for p in problems)
    assert per_length == {length: 32 for length in range(1, 21)}


def test_train_split_has_every_column_that_add1_can_meet(addition_dir):
    frames = load.load_frames("train", data_dir=addition_dir)
    add1 = npi_tf.ADDITION.program_names.index("ADD1")
    seen = frames.observations[frames.program == add1, 0, :3]
    # A digit or a blank in both operands, a carry or none; ADD has ended
    # where all three are blank.
    assert len(np.unique(seen, axis=0)) == 11 * 11 * 2 - 1


def test_splits_share_no_problem(addition_dir):
    splits = [
        load.load_problems(split, data_dir=addition_dir)
        for split in ("train", "validation", "test")
    ]
    assert len(set().union(*splits)) == sum(map(len, splits))


def test_loads_by_name(addition_dir):
    dataset = tfds.load(
        "npi_traces/addition", split="test", data_dir=addition_dir
    )
    first = next(iter(dataset.filter(lambda x: x["problem"] != "")))
    augend, addend = first["problem"].numpy().decode().split("+")
    columns = max(len(augend), len(addend))
    assert first["program"] == 0
    assert len(first["calls"]) in (2 * columns, 2 * columns + 2)


def test_readme_table_is_current(addition_dir):
    builder = load.prepare("addition", addition_dir)
    only_count = tfds.decode.PartialDecoding({"count": True})
    current = []
    for split, info in builder.info.splits.items():
        problems = load.load_problems(split, data_dir=addition_dir)
        dataset = builder.as_dataset(split=split, decoders=only_count)
        counts = [example["count"] for example in dataset.batch(2**20)]
        numbers = [
            len(problems),
            int(counts[0].numpy().sum()),
            info.num_examples,
        ]
        current.append((split, numbers))
    assert current == readme_table("addition")


def readme_table(name):
    """Each split of the README's table of a config, and its numbers."""
    section = README.split(f"## Config `{name}`")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (\w+) \|[^|]*\|([\d,| ]+)\|$", section, re.M)
    return [
        (split, [int(cell.replace(",", "")) for cell in cells.split("|")])
        for split, cells in rows
    ]


@pytest.mark.parametrize("name", ["sorting", "maximum"])
def test_readme_counts_the_arrays(name):
    config = npi_traces.Builder.builder_configs[name]
    current = [
        (
            split,
            sum(len(config.problems(split, n)) for n in config.lengths(split)),
        )
        for split in config.splits
    ]
    table = readme_table(name)
    assert current == [(split, numbers[0]) for split, numbers in table]


def test_order_and_values_are_those_on_disk(tiny_dir):
    batch = load.load_frames("validation", configs.tiny(), tiny_dir)
    builder = load.prepare(configs.tiny(), tiny_dir)
    rows = list(tfds.as_numpy(builder.as_dataset(split="validation")))
    assert len(batch) == len(rows)
    for index, row in enumerate(rows):
        steps = batch.num_steps[index]
        assert steps == len(row["ends"])
        for name in ("observations", "calls", "call_arguments", "ends"):
            array = getattr(batch, name)[index]
            np.testing.assert_array_equal(array[:steps], row[name])
            padding = 0 if name == "observations" else frames_lib.NO_TARGET
            assert (array[steps:] == padding).all()
        for name in ("program", "arguments", "count"):
            np.testing.assert_array_equal(
                getattr(batch, name)[index], row[name]
            )


def test_problems_are_those_of_the_config(tiny_dir):
    config = configs.tiny()
    for split in config.splits:
        drawn = [
            problem
            for length in config.lengths(split)
            for problem in config.problems(split, length)
        ]
        loaded = load.load_problems(split, config, tiny_dir)
        assert loaded == sorted(drawn, key=lambda p: (max(map(len, p)), p))


def test_slice_of_a_split(tiny_dir):
    whole = load.load_frames("train", configs.tiny(), tiny_dir)
    part = load.load_frames("train[:100]", configs.tiny(), tiny_dir)
    np.testing.assert_array_equal(part.program, whole.program[:100])
    np.testing.assert_array_equal(part.count, whole.count[:100])


def test_generation_prints_nothing(tmp_path, capfd):
    load.prepare(configs.tiny(), tmp_path)
    printed = capfd.readouterr()
    assert "examples" not in printed.err
    assert "Downloading" not in printed.out
    assert tfds.core.utils.tqdm_utils._active


def test_two_at_once_leave_one_data_set(tmp_path, monkeypatch):
    """Another process finishes while this one generates."""
    generate, others = examples.generate, []

    def overtaken(config, split):
        if not others:
            others.append(split)
            load.prepare(configs.tiny(), tmp_path)
        yield from generate(config, split)

    monkeypatch.setattr(examples, "generate", overtaken)
    builder = load.prepare(configs.tiny(), tmp_path)
    assert others == ["train"]
    assert builder.info.splits["train"].num_examples == 3438
    folders = list(pathlib.Path(builder.data_dir).parent.iterdir())
    assert [folder.name for folder in folders] == ["1.0.0"]


@pytest.mark.parametrize("split", ["dev", "train[:x]", 3, None])
def test_unknown_split_is_named(tiny_dir, split):
    with pytest.raises(
        ValueError,
        match=r"^split: must be one of train, validation, test, .*got",
    ):
        load.load_frames(split, configs.tiny(), tiny_dir)


@pytest.mark.parametrize("config", ["addition_tiny", "", 3, None])
def test_unknown_config_is_named(tmp_path, config):
    with pytest.raises(
        ValueError, match=r"^config: must be one of addition, addition_large"
    ):
        load.load_frames(config=config, data_dir=tmp_path)


def test_too_few_workers_are_named(tmp_path):
    with pytest.raises(ValueError, match=r"^num_workers: must .* got 0"):
        load.prepare(configs.tiny(), tmp_path, num_workers=0)


def test_arrays_too_large_for_padding_are_refused(addition_dir):
    with pytest.raises(ValueError, match=r"^split: padded .* 'test' with 24,"):
        load.load_frames("test", data_dir=addition_dir)


@pytest.mark.parametrize("missing", ["tensorflow_datasets", "apache_beam"])
def test_missing_package_says_how_to_install(tmp_path, monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    config = configs.tiny(use_beam=True)
    with pytest.raises(ModuleNotFoundError, match=r"pip install -e \"\.\[data"):
        load.load_frames(config=config, data_dir=tmp_path)


def test_package_imports_without_tfds(monkeypatch):
    for name in [n for n in sys.modules if n.split(".")[0] == "data_gen"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", None)
    from data_gen import load as fresh

    with pytest.raises(ModuleNotFoundError, match="tensorflow_datasets"):
        fresh.load_problems()

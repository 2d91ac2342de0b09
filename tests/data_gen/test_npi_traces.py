"""The builder: TFDS's own checks, determinism, and Beam against plain."""

import pathlib
import subprocess
import sys

import pytest
import tensorflow_datasets as tfds

import npi_tf
from data_gen import load
from data_gen import npi_traces
from data_gen.npi_traces import examples
from data_gen.npi_traces import problems
from npi_tf import frames
from npi_tf import teacher
from tests.data_gen import configs

ROOT = pathlib.Path(__file__).parents[2]


class NpiTracesTest(tfds.testing.DatasetBuilderTestCase):
    DATASET_CLASS = npi_traces.Builder
    EXAMPLE_DIR = str(pathlib.Path(__file__).parent)  # Nothing is read there.
    BUILDER_CONFIG_NAMES_TO_TEST = [configs.tiny()]
    SPLITS = {"train": 3438, "validation": 165, "test": 644}
    # Problems are disjoint (tested below); what a call sees may come again.
    OVERLAPPING_SPLITS = ["train", "validation", "test"]

    def test_session(self, *args, **kwargs):
        return super().test_session(*args, **kwargs)

    test_session.__test__ = False  # TensorFlow's context manager, no test.


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """The tiny data set, generated in one process."""
    return load.prepare(configs.tiny(), tmp_path_factory.mktemp("plain"))


def test_same_records_in_the_same_order_again(plain, tmp_path):
    again = load.prepare(configs.tiny(), tmp_path)
    for split in plain.info.splits:
        assert configs.records(plain, split) == configs.records(again, split)


# Two workers are processes of their own: functions travel to them.
@pytest.mark.parametrize("num_workers", [1, 2])
def test_beam_gives_the_same_records_in_the_same_order(
    plain, tmp_path, num_workers
):
    config = configs.tiny(use_beam=True)
    beam = load.prepare(config, tmp_path, num_workers=num_workers)
    for split in plain.info.splits:
        assert configs.records(plain, split) == configs.records(beam, split)


def test_seed_changes_the_problems(plain, tmp_path):
    other = load.prepare(configs.tiny(seed=1), tmp_path)
    for split in plain.info.splits:
        assert configs.records(plain, split) != configs.records(other, split)


def test_key_is_the_same_in_every_process():
    frame = frames.Frame(1, (0, 0, 0), ((1, 2),), (5,), ((4, 3, 3),), (1,))
    assert examples.frame_key(frame) == "96e60ef95ea095bee226a68128c24666"


def test_keys_of_different_frames_differ():
    counted = examples.tally(
        npi_tf.ADDITION, [("99", "1"), ("1", "99")], "+".join
    )
    assert len(set(map(examples.frame_key, counted))) == len(counted)


def test_tally_is_what_the_teacher_counts():
    drawn = configs.tiny().problems("train", 2)
    counted = examples.tally(npi_tf.ADDITION, drawn, "+".join)
    traces = [
        call
        for problem in drawn
        for call in teacher.problem_traces(npi_tf.ADDITION, problem)
    ]
    expected = frames.count_frames(npi_tf.ADDITION, traces)
    assert {f: count for f, (count, _) in counted.items()} == expected
    invocations = sum(1 for call in traces for _ in call.walk())
    assert sum(count for count, _ in counted.values()) == invocations


def test_every_problem_stands_on_its_own_root_frame():
    drawn = configs.tiny().problems("train", 2)
    counted = examples.tally(npi_tf.ADDITION, drawn, "+".join)
    named = {text: f for f, (_, text) in counted.items() if text}
    assert sorted(named) == sorted(map("+".join, drawn))
    assert {frame.program for frame in named.values()} == {0}  # ADD.


def test_merge_lists_the_problems_in_any_order():
    tallies = [(1, "10+2"), (3, ""), (1, "9+3"), (2, "")]
    assert examples.merge(tallies) == (7, "9+3\n10+2")
    assert examples.merge(tallies[::-1]) == (7, "9+3\n10+2")
    assert examples.merge([(7, "9+3\n10+2"), (1, "8+1")])[1] == (
        "8+1\n9+3\n10+2"
    )
    assert examples.merge([(1, "9+3"), (1, "9+3")]) == (2, "9+3")
    assert examples.merge([(1, ""), (2, "")]) == (3, "")


@pytest.mark.parametrize("config", npi_traces.Builder.BUILDER_CONFIGS)
def test_problems_are_disjoint_and_of_their_length(config):
    for length in {n for split in config.splits for n in config.lengths(split)}:
        drawn = [
            problem
            for split in config.splits
            if length in config.lengths(split)
            for problem in config.problems(split, length)
        ]
        assert len(set(drawn)) == len(drawn) > 0
        assert {config.sampler.length(p) for p in drawn} == {length}


def test_short_lengths_are_shared_among_the_splits():
    everything = {split: 1000 for split in problems.SPLITS}
    drawn = problems.draw(problems.ADDITION, 0, 1, everything)
    assert [len(drawn[split]) for split in problems.SPLITS] == [50, 25, 12]


def test_addition_space_counts_pairs():
    assert problems.ADDITION.space(1) == 10 * 10
    # Two digits in either operand or both: 10 x 100, twice, and 100 x 100.
    assert problems.ADDITION.space(2) == 2 * 10 * 100 + 100 * 100


def test_sorting_has_the_papers_1216_arrays():
    config = npi_traces.Builder.builder_configs["sorting"]
    counts = [len(config.problems("train", n)) for n in config.train_lengths]
    assert counts == [64] * 19
    # 36 of the 100 arrays of length 2 were left.
    assert len(config.problems("validation", 2)) == 16


def test_fewer_examples_of_a_length_are_the_first_of_more():
    def train(num_examples, seed=0):
        config = npi_traces.sorting_of_length(20, num_examples, seed)
        return config.problems("train", 20)

    most = train(64)
    for num_examples in (1, 2, 8):
        assert train(num_examples) == most[:num_examples]
    assert set(train(8, seed=1)).isdisjoint(most)


@pytest.mark.parametrize("domain", ["sorting", "maximum"])
def test_every_array_comes_back_from_its_root_frame(domain, tmp_path):
    config = configs.tiny(
        f"tiny_{domain}",
        domain=domain,
        sampler=problems.SORTING,
        train_lengths=(1, 2, 3),
        validation_lengths=(),
        test_lengths=(),
    )
    drawn = [p for n in (1, 2, 3) for p in config.problems("train", n)]
    loaded = load.load_problems("train", config, tmp_path)
    assert set(loaded) == set(drawn) and len(loaded) == len(drawn)
    frames_ = load.load_frames("train", config, tmp_path)
    # Fewer root frames than arrays: some look alike.
    assert (frames_.program == 0).sum() < len(drawn)
    batch = teacher.teach(npi_tf.domains.get(domain), drawn)
    assert frames_.count.sum() == batch.count.sum()
    assert len(frames_) == len(batch)


def test_splits_without_lengths_are_left_out(tmp_path):
    config = configs.tiny(validation_lengths=(), test_lengths=[])
    assert list(load.prepare(config, tmp_path).info.splits) == ["train"]


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("domain", "juggling"),
        ("seed", -1),
        ("seed", 0.5),
        ("train_lengths", ()),
        ("train_lengths", (1, 0)),
        ("train_lengths", (1, 1)),
        ("train_lengths", 5),
        ("validation_lengths", "12"),
        ("test_lengths", (2.5,)),
        ("problems_per_length", 0),
        ("problems_per_length", True),
        ("validation_problems_per_length", None),
        ("test_problems_per_length", "4"),
        ("use_beam", "yes"),
    ],
)
def test_bad_config_is_named(argument, value):
    with pytest.raises(ValueError, match=rf"^{argument}: must .*, got "):
        configs.tiny(**{argument: value})


def test_same_name_with_other_values_is_refused(plain):
    config = configs.tiny(problems_per_length=7)
    folder = pathlib.Path(plain.data_dir).parents[2]
    with pytest.raises(
        ValueError, match=r"^config: 'tiny' must .* problems_per_length = 7 "
    ):
        npi_traces.NpiTraces(config=config, data_dir=folder)


def test_records_of_other_programs_are_refused(plain, monkeypatch):
    folder = pathlib.Path(plain.data_dir).parents[2]
    problem_traces = teacher.problem_traces
    monkeypatch.setattr(
        teacher, "problem_traces", lambda *args: list(problem_traces(*args))[:1]
    )
    with pytest.raises(ValueError, match="got teacher = "):
        npi_traces.NpiTraces(config=configs.tiny(), data_dir=folder)


def test_installed_package_has_its_metadata(tmp_path):
    command = [sys.executable, "setup.py", "-q", "build_py", "--build-lib"]
    subprocess.run([*command, tmp_path], cwd=ROOT, check=True, timeout=120)
    for name in ("README.md", "CITATIONS.bib", "TAGS.txt"):
        path = pathlib.Path("data_gen", "npi_traces", name)
        assert (tmp_path / path).read_bytes() == (ROOT / path).read_bytes()
        assert (tmp_path / path).stat().st_size > 0

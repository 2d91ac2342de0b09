"""The benchmark of the other domains: its form and counting, no times."""

import json
import pathlib
import subprocess
import sys

import numpy as np
import pytest

import npi_tf
from benchmarks import npi_data
from benchmarks import npi_domains
from benchmarks import npi_domains_table
from benchmarks import npi_execution
from benchmarks import npi_pictures
from benchmarks import npi_rendering
from benchmarks import npi_sorting
from benchmarks import npi_training
from benchmarks import pages
from data_gen.npi_traces import examples
from data_gen.npi_traces import problems
from npi_tf import addition
from npi_tf import canonicalization
from npi_tf import frames as frames_lib
from npi_tf import sorting
from npi_tf import teacher
from npi_tf.canonicalization import renderer
from reproduce import npi_canonicalization_configs as configs
from reproduce import npi_canonicalization_schedule as schedules

ROOT = pathlib.Path(__file__).parents[2]
SCRIPT = ROOT / "benchmarks" / "npi_domains.py"
RESULTS = ROOT / "benchmarks" / "results" / "npi_domains.json"
PRESET = "multitask"  # It sorts, too.
DISCRETE = ("data", "data_naive", "teach", "replay")
CASES = {
    *(f"sort_xla/{batch}" for batch in (1, 64)),
    *(f"sort_graph/{batch}" for batch in (1, 64)),
    *(f"products/{batch}" for batch in (1, 64)),
    *(f"products_twice/{batch}" for batch in (1, 64)),
    *(f"products_graph/{batch}" for batch in (1, 64)),
    *("python_eager/1", "python_graph/1", "matmul", "read_weights"),
    *("train_graph", "train_single_graph", "train_single"),
    *("render", "render_naive", "render_speck", "read_back"),
    *(f"{way}/{d}" for way in DISCRETE for d in ("addition", "sorting")),
    *("data/cars", "data_naive/cars", "array_xla/3", "array_graph/3"),
}
TITLES = tuple(f"| ({letter}) " for letter in "abcdefg")
MARKED = f"before\n{npi_domains_table.BEGIN}\nold\n{npi_domains_table.END}\n"


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """A quick run from another folder: its output, JSON, a written page."""
    folder = tmp_path_factory.mktemp("speed")
    page, file = folder / "page.md", folder / "new" / "npi_domains.json"
    page.write_text(MARKED)
    words = ["--quick", f"--preset={PRESET}", "--json", file]
    words += ["--write", page]
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *map(str, words)],
        capture_output=True,
        text=True,
        cwd=ROOT.parent,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, json.loads(file.read_text()), page.read_text()


def test_a_quick_run_measures_every_case(quick):
    _, results, _ = quick
    assert set(results["measured"]) == CASES
    assert npi_domains.Settings().train_xla  # Slow to compile, so not here.
    for name, entry in results["measured"].items():
        assert len(entry["seconds"]) == 1, name
        assert all(seconds > 0 for seconds in entry["seconds"]), name
        assert all(work > 0 for work in entry["work"].values()), name
    assert results["quick"] is True


def test_the_tables_are_on_the_screen_and_between_the_markers(quick):
    shown, results, page = quick
    table = npi_domains_table.render(results)
    assert shown == table + "\n"
    assert page == pages.replace(MARKED, table, npi_domains_table.MARKER)
    for title in TITLES:
        assert f"\n{title}" in table, title
    blocks = [b for b in table.split("\n\n") if b.startswith("| ")]
    assert len(blocks) == 7
    for block in blocks:
        assert len({line.count("|") for line in block.splitlines()}) == 1
    summary = npi_domains_table.for_page(results, "README.md")
    assert summary in table.replace(table[len(summary) :], "")


def test_training_by_xla_has_a_row_where_it_was_run(quick):
    _, results, _ = quick
    more = {"train_xla": results["measured"]["train_graph"]}
    changed = {**results, "measured": results["measured"] | more}
    old, new = map(npi_domains_table.render, (results, changed))
    added = set(new.splitlines()) - set(old.splitlines())
    assert [line.split(" | ")[0] for line in added] == ["| (e) the same, XLA"]


@pytest.mark.skipif(not RESULTS.is_file(), reason="needs a committed run")
@pytest.mark.parametrize("page", ["docs/speed.md", "README.md"])
def test_the_tables_on_the_pages_are_the_committed_run(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    table = npi_domains_table.for_page(results, pathlib.Path(page).name)
    assert pages.replace(text, table, npi_domains_table.MARKER) == text
    assert results["quick"] is False


def test_the_pages_have_a_place_for_the_tables():
    for page in ("docs/speed.md", "README.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        assert pages.replace(text, "", npi_domains_table.MARKER) is not None


def test_an_unknown_preset_is_refused():
    with pytest.raises(ValueError, match="preset: must be one of"):
        npi_domains.main(["--quick", "--preset", "none"])


# Sorting.


def test_what_is_not_sorted_is_not_timed():
    with pytest.raises(RuntimeError, match=r"\(2, 1\) is not sorted"):
        npi_sorting._work([(2, 1)], [((2, 1), 40)])
    work = npi_sorting._work([(2, 1), (0,)], [((1, 2), 40), ((0,), 6)])
    assert work == {"core_steps": 46}


def test_all_ways_run_the_same_program():
    """An untrained model: what it calls is no matter, but the same."""
    model = npi_tf.NPI.for_domains(sorting.SORTING, hidden_dim=16)
    ways = [
        npi_tf.Runner(model, domain)([(3, 1)], "COMPSWAP", step_budget=9)[0]
        for domain in (sorting.SORTING, npi_sorting.STEPWISE)
    ]
    assert ways[0] == ways[1]
    assert ways[0].num_steps >= 1


def test_step_by_step_takes_as_many_steps():
    model = npi_tf.NPI.from_preset(PRESET)
    program = npi_execution.StepByStep(model, sorting.SORTING)
    run = npi_tf.Runner(model, npi_sorting.STEPWISE)([(3, 1)])[0]
    assert program((3, 1)) == (run.output, run.num_steps)
    assert run.output == (1, 3)
    program.step_budget = 5
    with pytest.raises(RuntimeError, match="took over 5 steps"):
        program((3, 1))


# Pictures.


@pytest.fixture(scope="module")
def batches():
    """What the fast recipe trains on first, with two cars."""
    recipe = configs.FastRecipe(rows_per_step=2, columns_per_step=1)
    rows = list(range(len(canonicalization.CANONICALIZATION.programs)))
    images = npi_pictures.random_cars(2)
    schedule = schedules.CanonicalizationSchedule(recipe, images, rows, 0)
    return schedule, [batch for batch, _ in schedule.batches(0)]


def test_frames_alone_see_what_they_saw(batches):
    schedule, drawn = batches
    known = {image.tobytes() for batch in drawn for image in batch.images}
    alone = npi_pictures.alone(schedule, 12)
    assert len({batch.frames.program[0] for batch in alone}) > 3
    for batch in alone:
        assert len(batch) == 1
        steps = int(batch.num_steps[0])
        assert batch.images.shape == (steps, 128, 128, 3)
        assert batch.frames.observations[0, :, -1].tolist() == [*range(steps)]
        assert all(image.tobytes() in known for image in batch.images)


def test_arithmetic_of_pictures_and_decisions_is_counted(batches):
    model = npi_tf.NPI.for_domains(canonicalization.CANONICALIZATION)
    encoder = model.encoder()
    # Three convolutions with stride 2, each followed by 2 x 2 pooling.
    first = 64 * 64 * (5 * 5 * 3 * 16)
    others = 16 * 16 * (5 * 5 * 16 * 32) + 4 * 4 * (3 * 3 * 32 * 64)
    dense = (2 * 2 * 64) * 128
    of_picture = 2 * (2 * first + 3 * (others + dense))
    assert npi_pictures.picture_flop(encoder) == of_picture
    _, drawn = batches
    work = npi_pictures.work(model, drawn, [1.0])
    assert work["pictures"] == 2 * 11 + 5
    ends = [batch.frames.ends for batch in drawn]
    assert work["frames"] == sum(map(len, ends))
    assert work["decisions"] == sum((end != -1).sum() for end in ends)
    padding = sum((end == -1).sum() for end in ends)
    assert padding > 0
    of_decision = (work["flop"] - work["pictures"] * of_picture) / work[
        "decisions"
    ]
    added = work["flop_with_padding"] - work["flop"]
    assert added == pytest.approx(of_decision * padding)
    assert of_decision > 2 * npi_training.PASSES * 900_000
    with pytest.raises(RuntimeError, match="finite"):
        npi_pictures.work(model, drawn, [np.inf])


def test_a_new_window_shows_the_same_car():
    process = npi_rendering.draw_process.DrawProcess(renderer.SIZE)
    view = ("car-003", 30, 15)
    picture = npi_rendering.draw_afresh(process, *view)
    np.testing.assert_array_equal(picture, renderer.render(*view))
    npi_rendering.check(view, picture, blank=False)
    with pytest.raises(RuntimeError, match=r"of it not white"):
        npi_rendering.check(view, picture, blank=True)
    process.call("add", 1, npi_rendering.SPECK, True)
    process.call("draw", 1, 0.0, 0.0, 2.0, (1.0, 0.0, 0.0), (255.0,) * 3)
    npi_rendering.check(view, process.call("_pixels"), blank=True)


def test_views_turn_around_all_cars():
    views = npi_rendering.views(3, 20)
    assert len({car for car, *_ in views}) == 3
    assert len({tuple(pose) for _, *pose in views}) == 8
    assert len(set(views)) == 20


# Data.


def test_counting_leaves_nothing_out():
    config = npi_data.config_of("sorting", (2, 3), 3)
    domain = sorting.SORTING
    arrays = [p for n in (2, 3) for p in config.problems("train", n)]
    assert len(arrays) == 6
    records = npi_data.Records(config)
    counted = [example for _, example in examples.generate(config, "train")]
    every = list(npi_data.every_invocation(domain, arrays, problems.SORTING))
    assert len(every) == sum(example["count"] for example in counted)
    assert len(counted) < len(every)
    written = records.write(6, counted)
    assert (written.traces, written.records) == (6, len(counted))
    assert 0 < written.size < records.write(6, every).size


def test_a_replay_ends_where_the_teacher_ended():
    for domain, problem in (
        (addition.ADDITION, ("96", "125")),
        (sorting.SORTING, (3, 1, 2)),
    ):
        calls = list(teacher.problem_traces(domain, problem))
        moves = [move for call in calls for move in npi_data.steps(call)]
        frames = [f for c in calls for f in frames_lib.call_frames(domain, c)]
        assert len(moves) == sum(len(frame.ends) for frame in frames)
        environment = domain.make_environment(*problem)
        npi_data.replay(environment, moves)
        taught = domain.make_environment(*problem)
        for call in calls[:1]:
            teacher.run(domain, taught, call.program)
        assert environment.result() == taught.result()


def test_pictures_on_the_way():
    pictures = npi_data.pictures_on_the_way(
        canonicalization.CANONICALIZATION, ("car-003", 30, 30)
    )
    # After the last move, to (0, 15), nobody looks.
    way = [(30, 30), (15, 30), (0, 30)]
    expected = {renderer.render("car-003", *pose).tobytes() for pose in way}
    assert {picture.tobytes() for picture in pictures} == expected
    assert len(pictures) == len(expected) == 3

"""Practice programs, and several domains on one step."""

import keras
import numpy as np
import pytest

import npi_tf
from npi_tf import addition
from npi_tf import observation_spec
from npi_tf import sorting
from npi_tf import specs
from npi_tf import trace
from reproduce import npi_multi_schedule
from reproduce import npi_multitask_configs
from reproduce import npi_multitask_training
from reproduce import npi_practice
from reproduce import npi_schedules
from reproduce import npi_train_step
from reproduce import sources
from reproduce import strategies

NUM_STEPS, NUM_KEYS, NUM_PROGRAMS = 5, 3, 40


@pytest.fixture(scope="module")
def model():
    return npi_tf.NPI.for_domains(
        addition.ADDITION,
        sorting.SORTING,
        hidden_dim=8,
        fuse_dim=8,
        state_dim=8,
    )


@pytest.fixture(scope="module")
def frames(model):
    problems = [(3, 1, 2), (9, 9, 0, 1)]
    batch = npi_tf.teach(sorting.SORTING, problems)
    return batch.for_rows(model.rows(sorting.SORTING))


@pytest.fixture(scope="module")
def practice(model, frames):
    return npi_practice.Practice(
        sorting.SORTING,
        frames,
        NUM_PROGRAMS,
        len(model.programs),
        NUM_KEYS,
        NUM_STEPS,
        seed=1,
    )


def sampled(practice, size=400, seed=0):
    return practice.sample(np.random.default_rng(seed), size)


def test_blind_frames_are_of_programs_that_do_not_look(model, frames):
    batch = npi_practice.blind_frames(sorting.SORTING, frames, 300, seed=2)
    names = [model.programs[row] for row in batch.by_program()]
    assert sorted(names) == ["ACT", "BSTEP", "LSHIFT", "RSHIFT"]
    known = frames.by_program()
    for row, blind in batch.by_program().items():
        done = blind.ends != -1
        assert len(blind) == 300
        for name, targets in blind.targets().items():
            assert (targets == known[row].targets()[name][:1]).all()
        seen = blind.observations[done]
        assert (blind.observations[~done] == 0).all()
        assert (seen.max(0) == [9, 9, 1, 1, 1, 1, 1, 1]).all()
        assert (seen.min(0) == 0).all()


def test_frames_are_invocations(practice, frames, model):
    batch = sampled(practice)
    steps = batch.num_steps
    assert steps.min() == 1 and steps.max() == NUM_STEPS
    for row, count in enumerate(steps):
        ends = [0] * (count - 1) + [1] + [-1] * (NUM_STEPS - count)
        assert batch.ends[row].tolist() == ends
        assert (batch.calls[row, :count] >= 0).all()
        assert (batch.calls[row, count:] == -1).all()
    assert batch.calls.max() == len(model.programs) + NUM_KEYS - 1
    called = set(batch.calls[batch.calls >= 0].tolist())
    assert model.programs.index("BUBBLESORT") in called  # A root, too.
    assert model.programs.index("ADD") not in called  # Of another domain.


def test_a_frame_does_what_its_program_says(practice):
    batch = sampled(practice)
    kinds = set()
    for row, index in enumerate(batch.program):
        program = practice.programs[index]
        kinds.add(program.kind)
        bits = batch.observations[row, :, program.feature]
        expected = []
        for step in range(NUM_STEPS):
            met = bits[step] == program.value
            first, second, third, _ = program.calls
            if program.kind == npi_practice.SEQUENCE:
                call, end = program.calls[step], step == program.length - 1
            elif program.kind == npi_practice.CHOICE:
                call, end = (first if met else second), True
            elif step < program.prefix:
                call, end = third, False
            else:
                call = second if met and program.suffix else first
                end = bool(met)
            expected.append(call)
            if end:
                break
        count = batch.num_steps[row]
        assert len(expected) == count
        made = zip(batch.calls[row, :count], batch.call_arguments[row, :count])
        assert [(c, tuple(a)) for c, a in made] == expected
    assert kinds == {0, 1, 2}


def test_observations_are_those_of_the_domain(practice, frames):
    seen = {tuple(o) for o in frames.observations[frames.ends >= 0].tolist()}
    batch = sampled(practice)
    assert {tuple(o) for o in batch.observations[:, 0].tolist()} <= seen


def test_draws_depend_on_the_generator_alone(practice):
    one, two, other = (sampled(practice, 50, s).arrays() for s in (3, 3, 4))
    np.testing.assert_equal(one, two)
    assert not np.array_equal(one["program"], other["program"])


def test_a_domain_without_a_changing_bit_is_refused(model):
    digits = observation_spec.ObservationSpec(
        (observation_spec.Feature("DIGIT", 10),)
    )
    domain = specs.Domain(
        "digits",
        "nothing but digits",
        sorting.SORTING.programs,
        sorting.SORTING.arguments,
        digits,
        sorting.SORTING.make_environment,
        sorting.SORTING.describe_action,
    )
    call = trace.Call("ACT")
    call.steps.append(trace.CallStep(np.zeros(1, np.int8), True))
    frames = npi_tf.FrameBatch.from_counts(npi_tf.count_frames(domain, [call]))
    with pytest.raises(ValueError, match="domain: must show a bit"):
        npi_practice.Practice(domain, frames, 2, 8, 0, 4, 0)


def test_practice_has_rows_and_keys_beside_the_memory(model, practice):
    practising = npi_practice.PractisingNPI(model, NUM_PROGRAMS, NUM_KEYS)
    batch = npi_practice._Batch(sampled(practice, 6), 0)
    outputs = practising(batch.inputs(), domain="sorting")
    num_rows = len(model.programs)
    assert outputs["program_logits"].shape == (6, NUM_STEPS, num_rows + 3)
    row = int(batch.inputs()["practice"][0])
    grown = model.with_programs("PRACTICE")
    grown.memory.embeddings[-1].assign(practising.embeddings[row][None])
    frames = batch.frames.rows(slice(0, 1)).inputs()
    frames["program"] = np.array([num_rows], np.int32)
    same = grown(frames, domain="sorting")
    np.testing.assert_allclose(
        outputs["end_logits"][0], same["end_logits"][0], rtol=1e-5, atol=1e-6
    )
    np.testing.assert_allclose(
        outputs["program_logits"][0, :, :num_rows],
        same["program_logits"][0, :, :num_rows],
        rtol=1e-5,
        atol=1e-6,
    )


def test_every_bit_ends_a_loop_and_decides_a_choice(practice):
    kinds = [program.kind for program in practice.programs]
    assert [kinds.count(kind) for kind in (0, 1, 2)] == [12, 20, 8]
    loops, choices = (
        [(p.feature, p.value) for p in practice.programs if p.kind == kind]
        for kind in (npi_practice.LOOP, npi_practice.CHOICE)
    )
    bits = {feature for feature, _ in loops}
    assert set(loops) == {(bit, value) for bit in bits for value in (0, 1)}
    assert {feature for feature, _ in choices} == bits


def test_what_is_held_out_is_not_practised(model):
    is_held_out = npi_multitask_training.held_out(model.programs)
    bubblesort, rshift, lshift = map(
        model.programs.index, ("BUBBLESORT", "RSHIFT", "LSHIFT")
    )
    wanted = {
        (npi_practice.SEQUENCE, bubblesort, 2, 0): True,
        (npi_practice.SEQUENCE, bubblesort, 3, 0): False,
        (npi_practice.SEQUENCE, lshift, 2, 0): False,
        (npi_practice.LOOP, rshift, 2, 5): True,
        (npi_practice.LOOP, rshift, 2, 3): False,
        (npi_practice.LOOP, lshift, 2, 5): False,
        (npi_practice.CHOICE, rshift, 2, 5): False,
    }
    for (kind, row, length, feature), held_out in wanted.items():
        calls = [(row, specs.NO_ARGUMENTS)] * 4
        program = npi_practice.PracticeProgram(
            kind, calls, length, feature, 1, 0, 0
        )
        assert is_held_out(program) == held_out


@pytest.fixture(scope="module")
def schedule(model, frames, practice):
    config = npi_multitask_configs.FastSmoke()
    return npi_multi_schedule.MultiSchedule(
        config,
        {
            "sorting": npi_practice.PracticeSchedule(
                _Plain(frames), practice, 0, 4, 0.5, seed=2
            ),
            "addition": _Plain(_addition(model)),
        },
    )


class _Plain:
    """All frames on every step; remembers the errors it was given."""

    def __init__(self, frames):
        self.frames = frames
        self.first_errors = np.ones(len(frames))

    def batches(self, step):
        return [(self.frames, 1.0 / int(self.frames.num_steps.sum()))]

    def update(self, step, model, errors):
        return errors * 0.5


def _addition(model):
    frames = npi_tf.teach(addition.ADDITION, [("96", "125")])
    return frames.for_rows(model.rows(addition.ADDITION))


def test_every_domain_keeps_its_errors(schedule):
    errors = schedule.update(0, None, schedule.first_errors)
    sizes = [len(s.first_errors) for s in schedule.schedules.values()]
    assert len(errors) == sum(sizes)
    assert (errors == 0.5).all()
    errors[: sizes[0]] = 0.1
    assert (schedule.update(1, None, errors)[: sizes[0]] == 0.05).all()


def test_one_step_is_the_sum_over_domains(model, schedule):
    practising = npi_practice.PractisingNPI(model, NUM_PROGRAMS, NUM_KEYS)
    weights = [np.array(v) for v in practising.variables]
    results = []
    for compiled in (False, ("sorting",)):
        for variable, value in zip(practising.variables, weights):
            variable.assign(value)
        optimizer = keras.optimizers.SGD(0.1)
        optimizer.build(practising.trainable_variables)
        step = npi_train_step.TrainStep(
            practising, optimizer, strategies.make("cpu"), compiled
        )
        losses = [step(schedule.batches(n)) for n in (0, 0)]
        assert losses[1] < losses[0]
        results.append([np.array(v) for v in practising.variables])
    for one, two in zip(*results):
        np.testing.assert_allclose(one, two, rtol=1e-4, atol=1e-5)
    changed = [not np.array_equal(a, b) for a, b in zip(results[0], weights)]
    assert np.mean(changed) > 0.9


def test_the_paper_draws_programs_by_error_over_all_domains(model, frames):
    config = npi_multitask_configs.PaperSmoke()
    parts = {"sorting": frames, "addition": _addition(model)}
    schedules = {
        name: npi_schedules.PaperSchedule(config, f, model.programs, 5, name)
        for name, f in parts.items()
    }
    paper = npi_multi_schedule.PaperMultiSchedule(config, schedules, seed=5)
    assert len(paper.choices) == 8 + 6
    errors = paper.update(0, model, paper.first_errors)
    assert errors.shape == (14,) and (errors >= 0).all() and errors.max() > 0
    wanted = paper.choices.index(("addition", model.programs.index("ADD1")))
    errors = np.zeros(14)
    errors[wanted] = 1.0
    paper.update(1, model, errors)
    drawn = [paper.batches(step) for step in range(1, 60)]
    hits = [
        int(batch["addition"][0][0].program[0])
        for batch in drawn
        if "addition" in batch
    ]
    assert hits.count(model.programs.index("ADD1")) > 40


@pytest.mark.parametrize(
    "config",
    [
        *npi_multitask_configs.RECIPES.values(),
        npi_multitask_configs.NewPrograms,
        npi_multitask_configs.Evaluation,
    ],
)
def test_every_hyper_parameter_has_a_source(config):
    sources.check(config)

"""Training data: from problems to records, with and without counting."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any
from typing import NamedTuple

import numpy as np
import tensorflow_datasets as tfds

from benchmarks import measure
from data_gen import npi_traces
from data_gen.npi_traces import examples
from data_gen.npi_traces import problems as samplers
from npi_tf import canonicalization
from npi_tf import domains
from npi_tf import frames as frames_lib
from npi_tf import teacher
from npi_tf import trace
from npi_tf.canonicalization import fleet
from npi_tf.canonicalization import picture_frames

SAMPLERS = {"addition": samplers.ADDITION, "sorting": samplers.SORTING}


class Written(NamedTuple):
    """What one run has made.

    Attributes:
        traces: Problems that were run.
        records: Examples, each serialized for a TFRecord file.
        size: Of all of them, in bytes.
    """

    traces: int
    records: int
    size: int


class Records:
    """Serializes examples as TFDS does before it writes them.

    Args:
        config: Of the data set `npi_traces`.
    """

    def __init__(self, config: npi_traces.NpiTracesConfig):
        with tempfile.TemporaryDirectory() as folder:  # Nothing is written.
            builder = npi_traces.Builder(config=config, data_dir=folder)
        self.features = builder.info.features
        self._serializer = tfds.core.example_serializer.ExampleSerializer(
            self.features.get_serialized_info()
        )

    def write(self, traces: int, found: Iterable[dict[str, Any]]) -> Written:
        """Serializes the examples of so many traces."""
        sizes = [
            len(
                self._serializer.serialize_example(
                    self.features.encode_example(example)
                )
            )
            for example in found
        ]
        return Written(traces, len(sizes), sum(sizes))


def config_of(
    domain: str, lengths: tuple[int, ...], problems_per_length: int
) -> npi_traces.NpiTracesConfig:
    """A data set of a training split alone."""
    return npi_traces.NpiTracesConfig(
        name=f"{domain}_speed",
        domain=domain,
        sampler=SAMPLERS[domain],
        train_lengths=lengths,
        problems_per_length=problems_per_length,
        validation_lengths=(),
        test_lengths=(),
    )


def cases(
    config: npi_traces.NpiTracesConfig, naive_repeats: int
) -> dict[str, measure.Case]:
    """A data set of discrete problems, made in two ways, and its limits.

    Args:
        config: Of the data set.
        naive_repeats: Most rounds with a record for every invocation.
    """
    records, domain = Records(config), domains.get(config.domain)
    problems = draw(config)
    moves = [
        [step for call in calls for step in steps(call)]
        for calls in teach(domain, problems)
    ]

    def counted():
        found = examples.generate(config, "train")
        return records.write(len(problems), (example for _, example in found))

    def uncounted():
        found = every_invocation(domain, draw(config), config.sampler)
        return records.write(len(problems), found)

    def replayed():
        for problem, its_moves in zip(problems, moves):
            replay(domain.make_environment(*problem), its_moves)
        return Written(len(problems), 0, 0)

    def prepare():  # The first record takes longer than those after it.
        found = every_invocation(domain, problems[:1], config.sampler)
        return records.write(1, found)

    def case(run, repeats=None):
        num_steps = sum(map(len, moves))
        return _case(run, prepare, num_steps, repeats)

    return {
        f"data/{config.domain}": case(counted),
        f"data_naive/{config.domain}": case(uncounted, naive_repeats),
        f"teach/{config.domain}": case(
            lambda: Written(len(teach(domain, problems)), 0, 0)
        ),
        f"replay/{config.domain}": case(replayed),
    }


def draw(config: npi_traces.NpiTracesConfig) -> list[tuple]:
    """The training problems, the same ones always."""
    return [
        problem
        for length in config.lengths("train")
        for problem in config.problems("train", length)
    ]


def teach(domain: Any, problems: list[tuple]) -> list[list[trace.Call]]:
    """The call trees of every problem, and nothing made of them."""
    return [list(teacher.problem_traces(domain, p)) for p in problems]


def every_invocation(
    domain: Any, problems: Iterable[tuple], sampler: samplers.Sampler
) -> Iterator[dict[str, Any]]:
    """An example for every invocation, equal ones again and again."""
    for problem in problems:
        text = sampler.to_text(problem)
        for call in teacher.problem_traces(domain, problem):
            for frame in frames_lib.call_frames(domain, call):
                yield examples.example(frame, (1, text))
                text = ""


def steps(call: trace.Call) -> Iterator[tuple | None]:
    """All steps of a call tree in order: the arguments of ACT, else None."""
    for step in call.steps:
        yield call.arguments if step.child is None else None
        if step.child is not None:
            yield from steps(step.child)


def replay(environment: Any, moves: list[tuple | None]) -> None:
    """Looks before every step and acts, as the teacher did."""
    for arguments in moves:
        environment.observe()
        if arguments is not None:
            environment.act(arguments)


def car_cases(num_starts: int) -> dict[str, measure.Case]:
    """A car's 55 traces over as many pictures, and each with its own.

    Every run draws another car, so that its mesh is made as well.

    Args:
        num_starts: Traces of the naive way, which draws the pictures on the
            way of every trace anew.
    """
    some = fleet.names("train")
    records = Records(_config_of_car(some[0]))
    image = tfds.features.Image(encoding_format="png")
    cars, others = itertools.cycle(some), itertools.cycle(some[::-1])
    num_poses = picture_frames.NUM_POSES
    drawn = np.random.default_rng(0).permutation(num_poses)[:num_starts]
    starts = [picture_frames.POSES[pose] for pose in drawn]

    def shared():
        found = _config_of_car(next(cars)).generate("train")
        return records.write(num_poses, (example for _, example in found))

    def unshared():
        domain, car = canonicalization.CANONICALIZATION, next(others)
        sizes = [
            len(image.encode_example(picture))
            for start in starts
            for picture in pictures_on_the_way(domain, (car, *start))
        ]
        return Written(len(starts), 0, sum(sizes))  # Pictures alone.

    return {
        "data/cars": _case(shared, shared),
        "data_naive/cars": _case(unshared, unshared),
    }


def pictures_on_the_way(domain: Any, problem: tuple) -> list:
    """Those of all poses that the textbook programs reach from a start."""
    environment = domain.make_environment(*problem)
    call = teacher.run(domain, environment)
    height, width, channels = domain.observations.image_shape
    size = height * width * channels
    pictures = {
        step.observation[-size:].tobytes(): step.observation[-size:]
        for _, node in call.walk()
        for step in node.steps
    }
    return [p.reshape(height, width, channels) for p in pictures.values()]


def _config_of_car(car):
    return npi_traces.CarsConfig(
        name="car_speed",
        train_cars=(car,),
        validation_cars=(),
        test_cars=(),
    )


def _case(run, prepare, num_steps=None, repeats=None):
    def count(written):
        known = {"steps": num_steps} if num_steps else {}
        made = {
            name: value for name, value in written._asdict().items() if value
        }
        return made | known

    return measure.Case(run, count, prepare, repeats)

"""Closed-loop evaluation on cars: the program runs, where it ends counts."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import numpy as np
import tensorflow as tf

from npi_tf import canonicalization
from npi_tf import interpreter as interpreter_lib
from npi_tf import specs
from npi_tf import teacher
from npi_tf.canonicalization import environment
from npi_tf.canonicalization import picture_frames
from npi_tf.canonicalization import tensor_environment

DOMAIN = canonicalization.CANONICALIZATION
_CARS_A_BATCH = 20

NUM_STEPS = np.array(
    [
        (abs(azimuth) + abs(elevation - environment.TARGET[1])) // 15
        for azimuth, elevation in picture_frames.POSES
    ]
)  # Moves from each pose to the target: 0 to 8.


@dataclasses.dataclass(frozen=True)
class Outcomes:
    """What became of every start of some cars.

    Attributes:
        right: Whether the program ended by itself at the target,
            `[cars, 55]` bool.
        exact: Whether it made exactly the textbook's calls, `[cars, 55]`.
        status: Index into `npi_tf.interpreter.STATUSES`, `[cars, 55]`.
        pose: Where it ended, an index into `POSES`, `[cars, 55]`.
        num_steps: Core steps taken, `[cars, 55]`.
    """

    right: np.ndarray
    exact: np.ndarray
    status: np.ndarray
    pose: np.ndarray
    num_steps: np.ndarray

    def accuracy(self, fewest: int = 0, most: int = 8) -> float:
        """The fraction of right ones among starts so many moves away."""
        chosen = (fewest <= NUM_STEPS) & (most >= NUM_STEPS)
        return float(self.right[:, chosen].mean())

    def by_num_steps(self) -> dict[str, float]:
        """The fraction of right ones for each number of moves."""
        return {str(n): self.accuracy(n, n) for n in range(9)}

    def summary(self) -> dict[str, Any]:
        """The same and more as plain numbers, for a record."""
        return {
            "accuracy": self.accuracy(),
            "accuracy_up_to_4_steps": self.accuracy(1, 4),
            "accuracy_by_num_steps": self.by_num_steps(),
            "exact_traces": float(self.exact.mean()),
            "num_cars": len(self.right),
            "num_problems": self.right.size,
        }


def evaluate(model: Any, images: np.ndarray) -> Outcomes:
    """Runs GOTO from every start of every car.

    Each picture is looked at once; its code stands for it, which is the
    same function. A move to a pose from which no picture was drawn ends a
    run as a failure: on the shortest way to the target there is none.

    Args:
        model: A `npi_tf.NPI` that knows the domain.
        images: The cars from the 55 poses, `[cars, 55, height, width, 3]`.
    """
    encoder = model.encoder(DOMAIN.encoder_name)
    look = tf.function(encoder.look, autograph=False)
    run = tf.function(
        functools.partial(_run, model, encoder),
        autograph=False,
        reduce_retracing=True,
    )
    parts = []
    for start in range(0, len(images), _CARS_A_BATCH):
        cars = images[start : start + _CARS_A_BATCH]
        codes = tf.concat([look(car) for car in cars], axis=0)
        parts.append([np.asarray(x) for x in run(codes)])
    calls = [part.pop() for part in parts]
    status, poses, num_steps = map(np.concatenate, zip(*parts))
    ended = status == interpreter_lib.STATUSES.index(interpreter_lib.OK)
    target = picture_frames.POSES.index(environment.TARGET)
    exact = np.concatenate([_exact(model, seen) for seen in calls])
    shape = (len(images), picture_frames.NUM_POSES)
    return Outcomes(
        (ended & (poses == target)).reshape(shape),
        (ended & exact).reshape(shape),
        status.reshape(shape),
        poses.reshape(shape),
        num_steps.reshape(shape),
    )


class _Looked:
    """A model that is shown codes of pictures instead of pictures."""

    def __init__(self, model, encoder, codes):
        self.core = model.core
        self.memory = model.memory
        self.programs = model.programs
        self.program_logits = model.program_logits
        self.encoder = lambda domain: (
            lambda seen, arguments: encoder(seen, arguments, codes=codes)
        )


def _run(model, encoder, codes):
    """Status, final pose, steps `[B]`, and all calls `[steps, B, 4]`."""
    numbers = tf.range(tf.shape(codes)[0])
    cameras = tensor_environment.CameraTensorEnvironment()
    state = cameras.reset(
        numbers // picture_frames.NUM_POSES, numbers % picture_frames.NUM_POSES
    )
    interpreter = interpreter_lib.Interpreter(
        _Looked(model, encoder, codes), cameras, DOMAIN.encoder_name
    )
    root = tf.fill(tf.shape(numbers), model.programs.index(DOMAIN.root.name))
    machine = interpreter.start(
        state, root, tf.zeros([tf.shape(numbers)[0], 3], tf.int32)
    )
    act = model.programs.index(specs.ACT)

    def record(machine, decision, seen):
        calls = tf.concat([decision.call[:, None], decision.arguments], 1)
        made = machine.running & (machine.registers[:, 0] != act)
        return [tf.where(made[:, None], calls, -1)]

    budget = cameras.step_budget(state)
    machine, (calls,) = interpreter.run_recorded(machine, budget, record)
    pose = machine.environment.pose
    return machine.status, pose, machine.num_steps, calls


def _exact(model, calls):
    """Where the calls are the textbook's, `[B]`, from `[steps, B, 4]`."""
    expected = _textbook_calls(model.programs)
    exact = []
    for row in range(calls.shape[1]):
        made = calls[:, row]
        made = made[made[:, 0] >= 0]
        exact.append(made.tolist() == expected[row % picture_frames.NUM_POSES])
    return np.array(exact)


@functools.cache
def _textbook_calls(programs):
    """For every start, the programs and arguments that are called."""
    calls = []
    for pose in picture_frames.POSES:
        car = canonicalization.POSES.make_environment("any car", *pose)
        root = teacher.run(canonicalization.POSES, car)
        made = [node for _, node in root.walk()][1:]
        calls.append([[programs.index(n.program), *n.arguments] for n in made])
    return calls

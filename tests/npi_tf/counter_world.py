"""The smallest world: a number that counts down to 0."""

import numpy as np

import npi_tf

DOWN = (1, 0, 0)


class Counter:
    """A number that counts down to 0; shows whether it is there."""

    def __init__(self, start):
        self.value = start
        self.num_actions = 0

    def observe(self):
        """One bit."""
        return np.array([self.value <= 1], np.int8)

    def act(self, arguments):
        """One down."""
        if tuple(arguments) != DOWN:
            raise ValueError(f"arguments: must be {DOWN}, got {arguments}")
        self.value -= 1
        self.num_actions += 1

    def result(self):
        """Where it stands, and after how many actions."""
        return self.value, self.num_actions


def empty(state, observation, arguments):
    """Calls ONE until nothing is left."""
    return npi_tf.Step("ONE", end=bool(observation[0]))


def one(state, observation, arguments):
    """Counts once."""
    return npi_tf.Step("ACT", DOWN, end=True)


COUNTER = npi_tf.Domain(
    name="counter",
    description="counts down to 0",
    programs=(
        npi_tf.Program("EMPTY", "to 0", calls=("ONE",), decide=empty),
        npi_tf.Program("ONE", "one down", calls=("ACT",), decide=one),
        npi_tf.Program("ACT", "count"),
    ),
    arguments=(
        npi_tf.ArgumentSpec("direction", ("-", "DOWN")),
        npi_tf.ArgumentSpec("unused", ("-",)),
        npi_tf.ArgumentSpec("unused", ("-",)),
    ),
    observations=npi_tf.ObservationSpec((npi_tf.Feature("last", 2),)),
    make_environment=Counter,
    describe_action=lambda arguments: "COUNT DOWN",
)

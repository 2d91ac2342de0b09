"""What every environment of every domain must do."""

import json

import numpy as np
import pytest


class EnvironmentContract:
    """Inherit it, say what to test, and the tests come along.

    Attributes:
        domain: The `npi_tf.specs.Domain`.
        problems: Some problems, small and large.
        bad_problems: Values that `make_environment` must refuse.
        actions: Every action, as an argument tuple.
        non_actions: Argument tuples that name no action.
    """

    domain = None
    problems = ()
    bad_problems = ()
    actions = ()
    non_actions = ()

    def random_walk(self, problem, seed, length=60):
        """Yields an environment before and after each random action."""
        environment = self.domain.make_environment(*problem)
        rng = np.random.default_rng(seed)
        yield environment
        for index in rng.integers(len(self.actions), size=length):
            environment.act(self.actions[index])
            yield environment

    def test_there_is_something_to_test(self):
        assert self.problems and self.bad_problems
        assert self.actions and self.non_actions

    def test_observations_lie_in_the_observation_space(self):
        num_values = self.domain.observations.num_values
        for seed, problem in enumerate(self.problems):
            for environment in self.random_walk(problem, seed):
                seen = environment.observe()
                assert seen.shape == (len(num_values),)
                assert seen.dtype == np.int8
                assert (seen >= 0).all() and (seen < num_values).all()

    def test_equal_actions_give_equal_worlds(self):
        for problem in self.problems:
            pairs = zip(
                self.random_walk(problem, 7), self.random_walk(problem, 7)
            )
            for one, other in pairs:
                np.testing.assert_array_equal(one.observe(), other.observe())
                assert one.result() == other.result()
                assert self.domain.snapshot(one) == self.domain.snapshot(other)

    def test_environments_share_nothing(self):
        first, second = (
            self.domain.make_environment(*self.problems[0]) for _ in range(2)
        )
        before = self.domain.snapshot(second)
        for action in self.actions:
            first.act(action)
        assert self.domain.snapshot(first) != before
        assert self.domain.snapshot(second) == before

    def test_looking_changes_nothing(self):
        for environment in self.random_walk(self.problems[0], 3):
            before = self.domain.snapshot(environment)
            seen = environment.observe()
            kept = seen.copy()
            seen[:] = 0  # What was handed out belongs to the caller.
            environment.result()
            np.testing.assert_array_equal(environment.observe(), kept)
            assert self.domain.snapshot(environment) == before

    def test_a_non_action_raises_and_changes_nothing(self):
        for environment in self.random_walk(self.problems[0], 5, length=10):
            before = self.domain.snapshot(environment)
            for arguments in self.non_actions:
                with pytest.raises(ValueError, match="arguments: must"):
                    environment.act(arguments)
            assert self.domain.snapshot(environment) == before

    def test_a_bad_problem_raises(self):
        for problem in self.bad_problems:
            with pytest.raises(ValueError, match="must be"):
                self.domain.make_environment(*problem)

    def test_actions_have_words_of_their_own(self):
        words = {self.domain.describe_action(a) for a in self.actions}
        assert all(words) and len(words) == len(self.actions)

    def test_actions_are_arguments_of_the_domain(self):
        for action in self.actions:
            assert len(action) == len(self.domain.arguments)
            for spec, value in zip(self.domain.arguments, action):
                assert 0 <= value < len(spec.values)

    def test_a_snapshot_is_json(self):
        for environment in self.random_walk(self.problems[-1], 1, length=5):
            picture = self.domain.snapshot(environment)
            assert json.loads(json.dumps(picture)) == picture

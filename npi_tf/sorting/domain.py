"""Sorting and the maximum, put together as domains."""

from __future__ import annotations

from npi_tf import specs
from npi_tf.sorting import environment
from npi_tf.sorting import problems
from npi_tf.sorting import programs


def _tensor_environment():
    from npi_tf.sorting import tensor_environment

    return tensor_environment.SortingTensorEnvironment()


def _maximum_tensor_environment():
    from npi_tf.sorting import tensor_environment

    return tensor_environment.MaximumTensorEnvironment()


def _serving():
    from npi_tf.sorting import serving

    return serving


def _maximum_serving():
    from npi_tf.sorting import maximum_serving

    return maximum_serving


SORTING = specs.Domain(
    name="sorting",
    description="sorts single-digit numbers, an array of any length",
    programs=programs.PROGRAMS,
    arguments=environment.ARGUMENTS,
    observations=environment.OBSERVATIONS,
    make_environment=environment.SortingEnvironment,
    describe_action=environment.describe_action,
    snapshot=environment.snapshot,
    tensor_environment=_tensor_environment,
    serving=_serving,
    parse_values=environment.parse_values,
    sample_problems=problems.sample_problems,
)

# New programs on what sorting trained: the same encoder and memory rows.
MAXIMUM = specs.Domain(
    name="maximum",
    description="finds the largest of single-digit numbers by sorting them",
    programs=programs.MAXIMUM_PROGRAMS,
    arguments=environment.ARGUMENTS,
    observations=environment.OBSERVATIONS,
    make_environment=environment.MaximumEnvironment,
    describe_action=environment.describe_action,
    snapshot=environment.snapshot,
    tensor_environment=_maximum_tensor_environment,
    serving=_maximum_serving,
    parse_values=environment.parse_values,
    sample_problems=problems.sample_problems,
    extends=SORTING.name,
)

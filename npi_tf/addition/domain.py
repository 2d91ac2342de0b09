"""Addition, put together as a domain."""

from __future__ import annotations

from npi_tf import specs
from npi_tf.addition import environment
from npi_tf.addition import problems
from npi_tf.addition import programs


def _tensor_environment():
    from npi_tf.addition import tensor_environment

    return tensor_environment.AdditionTensorEnvironment()


def _serving():
    from npi_tf.addition import serving

    return serving


ADDITION = specs.Domain(
    name="addition",
    description="adds two decimal numbers of any length",
    programs=programs.PROGRAMS,
    arguments=environment.ARGUMENTS,
    observations=environment.OBSERVATIONS,
    make_environment=environment.AdditionEnvironment,
    describe_action=environment.describe_action,
    snapshot=environment.snapshot,
    tensor_environment=_tensor_environment,
    serving=_serving,
    sample_problems=problems.sample_problems,
)

"""SavedModels that execute whole programs: TensorFlow Serving, the C API."""

from __future__ import annotations

import itertools
import os
import pathlib
import shutil
import tempfile
from typing import Any
from typing import NamedTuple
from typing import Protocol

import tensorflow as tf

from npi_tf import checks
from npi_tf import domains
from npi_tf import interpreter as interpreter_lib
from npi_tf import precision
from npi_tf import specs
from npi_tf import step_export
from npi_tf import trace
from npi_tf import warmup

INVALID_INPUT = step_export.INVALID_INPUT
MALFORMED_OUTPUT = "malformed_output"
STATUSES = (*interpreter_lib.STATUSES, INVALID_INPUT, MALFORMED_OUTPUT)

TRACE = "trace"  # Name of the signature beside "serving_default".
NO_CALL = -1


class Serving(Protocol):
    """A domain's served functions, in graph operations only.

    Attributes:
        INPUTS: `tf.TensorSpec` of every input, by name; each `[B, ...]`.
        WARMUP: Requests, each a list of values by input name.
    """

    INPUTS: dict[str, tf.TensorSpec]
    WARMUP: tuple[dict[str, list], ...]

    def parse(self, inputs: dict[str, tf.Tensor]) -> tuple[tuple, tf.Tensor]:
        """Arrays for `TensorEnvironment.reset`, and `[B]` valid rows."""

    def read(self, state: Any) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
        """Outputs by name, `[B, ...]`, and `[B]` rows that hold a result.

        Strings or integers; the other rows are served as "" or -1.
        """


class _CallRecord(NamedTuple):
    """The call that a step made; `[B]` int32 each, -1 where it made none."""

    word: tf.Tensor
    depth: tf.Tensor


class Executor(tf.Module):
    """The served functions of one model on one domain.

    Args:
        model: A `npi_tf.NPI`; computes in float32 whatever its policy.
        domain: The `Domain`; its root program is what is served.
        step_budget: Most core steps of a request's row; by default what its
            environment allows its own programs.
    """

    def __init__(
        self, model: Any, domain: specs.Domain, step_budget: int | None = None
    ):
        super().__init__(name=f"npi_{domain.name}")
        model = precision.in_float32(model)
        self._serving, self._step_budget = domain.serving(), step_budget
        self._root = model.programs.index(domain.root.name)
        self._act = model.programs.index(specs.ACT)
        self._sizes = tuple(map(int, model.core.num_argument_values))
        self._words = _words(domain, model.programs, self._sizes)
        self._interpreter = interpreter_lib.Interpreter(
            model, domain.tensor_environment(), domain.encoder_name
        )
        # What the signatures capture; the Keras objects stay behind.
        self.weights = [variable.value for variable in model.weights]

    def signatures(self) -> dict[str, Any]:
        """The concrete functions by signature name."""
        default = tf.saved_model.DEFAULT_SERVING_SIGNATURE_DEF_KEY
        functions = {default: self.run, TRACE: self.run_traced}
        return {
            name: tf.function(function, autograph=False).get_concrete_function(
                **self._serving.INPUTS
            )
            for name, function in functions.items()
        }

    def requests(self) -> list[tuple[str, dict[str, Any]]]:
        """Requests that warm a server up, with their signatures."""
        specs_by_name = self._serving.INPUTS
        requests = [
            {
                name: tf.constant(values, specs_by_name[name].dtype)
                for name, values in request.items()
            }
            for request in self._serving.WARMUP
        ]
        default = tf.saved_model.DEFAULT_SERVING_SIGNATURE_DEF_KEY
        return list(itertools.product((default, TRACE), requests))

    def run(self, **inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        """The domain's outputs, `status` and `num_steps`; each `[B]`."""
        machine, budget, valid = self._start(inputs)
        return self._answer(self._interpreter.run(machine, budget), valid)

    def run_traced(self, **inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        """As `run`, with `calls` and `depth`, `[B, n]`: calls in their order.

        The first call is the root. After the end of a row `calls` is empty
        and `depth` is -1.
        """
        machine, budget, valid = self._start(inputs)
        root = _CallRecord(
            self._word(machine.registers[:, :4]), machine.registers[:, 4]
        )
        machine, steps = self._interpreter.run_recorded(
            machine, budget, self._call_record
        )
        words, depth = (
            tf.concat([first[:, None], tf.transpose(rest)], axis=1)  # [B, n]
            for first, rest in zip(root, steps)
        )
        made = (depth != NO_CALL) & valid[:, None]
        depth = tf.ragged.boolean_mask(depth, made).to_tensor(NO_CALL)
        words = tf.ragged.boolean_mask(words, made).to_tensor(NO_CALL)
        # Word 0 is the empty one.
        calls = tf.gather(["", *self._words], words + 1)
        return self._answer(machine, valid) | {"calls": calls, "depth": depth}

    def _start(self, inputs):
        """The machine, with the rows of invalid input ended before a step."""
        arrays, valid = self._serving.parse(inputs)
        environment = self._interpreter.environment
        state = environment.reset(*arrays)
        size = tf.shape(valid)[0]
        machine = self._interpreter.start(
            state,
            tf.fill([size], self._root),
            tf.zeros([size, specs.NUM_ARGUMENTS], tf.int32),
        )
        status = tf.where(
            valid,
            STATUSES.index(interpreter_lib.RUNNING),
            STATUSES.index(INVALID_INPUT),
        )
        budget = environment.step_budget(state)
        if self._step_budget is not None:
            budget = tf.fill([size], self._step_budget)
        return machine._replace(status=status), budget, valid

    def _answer(self, machine, valid):
        outputs, holds = self._serving.read(machine.environment)
        ended = machine.status == STATUSES.index(interpreter_lib.OK)
        status = tf.where(
            ended & ~holds, STATUSES.index(MALFORMED_OUTPUT), machine.status
        )
        outputs = {
            name: _where_rows(ended & holds, value)
            for name, value in outputs.items()
        }
        return outputs | {
            "status": tf.gather(STATUSES, status),
            "num_steps": machine.num_steps,
        }

    def _call_record(self, machine, decision, seen):
        """As `Runner` builds its tree: every step but ACT's makes a call."""
        made = machine.running & (machine.registers[:, 0] != self._act)
        callee = tf.concat([decision.call[:, None], decision.arguments], 1)
        depth = machine.registers[:, 4] + 1
        return _CallRecord(
            tf.where(made, self._word(callee), NO_CALL),
            tf.where(made, depth, NO_CALL),
        )

    def _word(self, call):
        """Index into `_words` of `(program, arguments)`, `[B, 4]`."""
        index = call[:, 0]
        for slot, size in enumerate(self._sizes, start=1):
            index = index * size + call[:, slot]
        return index


def _where_rows(mask, value):
    """`value` `[B, ...]`; "" or -1 in the rows where `mask` `[B]` is off."""
    mask = tf.reshape(mask, [-1] + [1] * (value.shape.rank - 1))
    return tf.where(mask, value, "" if value.dtype == tf.string else -1)


def export_model(
    model: Any,
    domain: str | specs.Domain,
    export_dir: str | os.PathLike,
    version: int | None = None,
    step_budget: int | None = None,
) -> pathlib.Path:
    """Writes `<export_dir>/<version>/`, as TensorFlow Serving reads it.

    The SavedModel runs whole programs on a batch of problems. Its signature
    `serving_default` takes the domain's inputs and returns its outputs,
    `status` and `num_steps`; `trace` also returns the calls that were made
    (docs/serving.md). Of a domain whose environment is not in the graph it
    runs a program from one action to the next (`npi_tf.step_export`), with
    the signatures `start` and `serving_default`. It needs none of this
    library's code, holds neither Python nor XLA-compiled operations, and
    carries requests that warm a server up, if the package
    tensorflow-serving-api is installed. A server that watches `export_dir`
    never sees half a version.

    Args:
        model: A `npi_tf.NPI`.
        domain: A `Domain`, or its name.
        export_dir: Folder of all versions.
        version: Positive integer; by default 1, or one more than the
            highest version that exists.
        step_budget: Most core steps of each row of a request, for programs
            that take longer than the domain's own, for which the default
            is meant. Not for a domain whose environment is not in the
            graph: there every request says it.

    Returns:
        The folder of the version.

    Raises:
        ValueError: If the version exists or is no positive integer, if
            `export_dir` is no folder, if the model does not know the
            domain, if that has only one of `tensor_environment` and
            `serving`, or if the budget is invalid or given where requests
            say it.
    """
    domain = domains.get(domain)
    outside = domain.tensor_environment is None
    if outside != (domain.serving is None):
        raise ValueError(
            "domain: must have tensor_environment and serving, or neither, "
            f"to be exported, got {domain.name!r} with one of them"
        )
    if step_budget is not None:
        if outside:
            raise ValueError(
                f"step_budget: must be left out for {domain.name!r}, whose "
                f"requests say it, got {step_budget!r}"
            )
        checks.check_at_least("step_budget", step_budget, 1)
    model.check_knows(domain)
    parent = pathlib.Path(export_dir)
    target = parent / str(_check_version(parent, version))
    if outside:
        executor = step_export.StepExecutor(model, domain)
    else:
        executor = Executor(model, domain, step_budget)
    parent.mkdir(parents=True, exist_ok=True)
    staging = pathlib.Path(tempfile.mkdtemp(prefix=".export_", dir=parent))
    try:
        staging.chmod(0o755)  # A server may run as another user.
        signatures = executor.signatures()
        tf.saved_model.save(executor, staging, signatures=signatures)
        warmup.write(staging, executor.name, executor.requests())
        staging.rename(target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return target


def _check_version(parent, version):
    if parent.exists() and not parent.is_dir():
        raise ValueError(f"export_dir: must be a folder, got {str(parent)!r}")
    names = [path.name for path in parent.glob("*")]
    taken = [int(name) for name in names if name.isdecimal()]
    if version is None:
        return max(taken, default=0) + 1
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise ValueError(
            f"version: must be a positive integer, got {version!r}"
        )
    if version in taken:
        raise ValueError(
            f"version: must not exist yet in {str(parent)!r}, got {version}"
        )
    return version


def _words(domain, programs, sizes):
    """Every possible call as `trace.describe` prints it, in index order."""
    given = tuple(len(spec.values) for spec in domain.arguments)
    words = []
    for program, *arguments in itertools.product(programs, *map(range, sizes)):
        if all(value < size for value, size in zip(arguments, given)):
            call = trace.Call(program, tuple(arguments))
            words.append(trace.describe(domain, call))
        else:  # Only a model with more domains than this one has these.
            words.append(" ".join([program, *map(str, arguments)]))
    return words

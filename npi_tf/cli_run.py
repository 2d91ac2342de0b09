"""The command `run`: one program on one problem."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import inspect
import pathlib
import sys
from collections.abc import Iterator
from typing import Any
from typing import NamedTuple

from npi_tf import checks
from npi_tf import domains
from npi_tf import player
from npi_tf import quiet
from npi_tf import screen
from npi_tf import specs
from npi_tf import teacher
from npi_tf import trace

OK = "ok"
DOMAIN_HELP = f"a name that `list` shows, or a Domain of yours: {domains.FORM}"
PRESET_HELP = "trained model; default: the domain's"


class Outcome(NamedTuple):
    """What the command needs of a run, whoever made the decisions.

    Attributes:
        output: The result; None if there is none.
        status: `ok`, or why the program did not end by itself.
        call: The call tree, when asked for.
        program_names: Rows of the program memory.
    """

    output: Any
    status: str
    call: trace.Call | None
    program_names: tuple[str, ...]


def add(commands) -> None:
    """Adds the command to a parser's commands."""
    run = commands.add_parser(
        "run", help="run a program on a problem", allow_abbrev=False
    )
    run.add_argument("domain", help=DOMAIN_HELP)
    run.add_argument("values", nargs="*", help="the problem, such as: 96 125")
    run.add_argument("--trace", action="store_true", help="print all calls")
    run.add_argument(
        "--html", metavar="FILE", help="write a page with a player"
    )
    run.add_argument("--program", metavar="NAME", help="default: the root")
    run.add_argument(
        "--step_budget", type=int, metavar="N", help="most core steps"
    )
    who = run.add_mutually_exclusive_group()
    who.add_argument("--preset", metavar="NAME_OR_DIR", help=PRESET_HELP)
    who.add_argument(
        "--teacher",
        action="store_true",
        help="run the textbook programs, not the network",
    )
    run.set_defaults(handler=_run)


def _run(options: argparse.Namespace) -> int:
    domain = domains.get(options.domain)
    problem = _problem(domain, options.values)
    program = domain.root.name
    if options.program is not None:
        program = domain.program(options.program).name
    if options.step_budget is not None:
        checks.check_at_least("step_budget", options.step_budget, 1)
    execute = _run_teacher if options.teacher else _run_network
    outcome = execute(domain, problem, program, options)
    if options.html is not None and outcome.call:
        with writing("html", options.html):
            player.write_html(
                options.html,
                domain,
                problem,
                outcome.call,
                outcome.program_names,
                status=outcome.status,
            )
    return _report(domain, outcome, options.trace)


def _report(domain, outcome, with_trace):
    if outcome.status == OK:
        print(screen.describe_result(outcome.output))
    if with_trace and outcome.call:
        print(trace.format_trace(domain, outcome.call))
    sys.stdout.flush()  # So that a broken pipe is met here, not at exit.
    if outcome.status == OK:
        return screen.EXIT_OK
    screen.complain(f"status: {outcome.status}")
    return screen.EXIT_FAILED


def _problem(domain: specs.Domain, words: list[str]) -> tuple:
    """The problem that words name, once the domain has accepted it.

    Raises:
        ValueError: If their number is wrong, or one of them is invalid.
    """
    values = tuple(words)
    if domain.parse_values is not None:
        values = domain.parse_values(values)
    signature = inspect.signature(domain.make_environment)
    try:
        signature.bind(*values)
    except TypeError:
        names = ", ".join(signature.parameters)
        raise ValueError(
            f"values: {domain.name} takes {len(signature.parameters)} "
            f"({names}), got {len(words)}"
        ) from None
    domain.make_environment(*values)
    return values


def _run_teacher(domain, problem, program, options):
    environment = domain.make_environment(*problem)
    budget = options.step_budget or teacher.DEFAULT_STEP_BUDGET
    try:
        call = teacher.run(domain, environment, program, step_budget=budget)
    except teacher.StepBudgetExhausted as stop:
        return Outcome(
            None, "step_budget_exhausted", stop.call, domain.program_names
        )
    return Outcome(environment.result(), OK, call, domain.program_names)


def _run_network(domain, problem, program, options):
    model = load(domain, options.preset)
    runner = importlib.import_module("npi_tf.runner")
    run = runner.Runner(model, domain)(
        [problem],
        program=program,
        step_budget=options.step_budget,
        trace=options.trace or options.html is not None,
    )[0]
    return Outcome(run.output, run.status, run.trace, model.programs)


def load(domain: specs.Domain, preset: str | None) -> Any:
    """A model that knows the domain.

    Args:
        domain: Where the programs come from.
        preset: Name or folder; by default the preset of a domain that comes
            with the library.

    Raises:
        ValueError: If there is no such preset, or it is damaged, or does not
            know the domain or its programs.
    """
    if preset is None and not domains.comes_with_library(domain):
        raise ValueError(
            "preset: must be given for a domain that does not come with the "
            f"library, got none for {domain.name!r}"
        )
    with quiet.quiet_tensorflow():
        presets = importlib.import_module("npi_tf.presets")
        importlib.import_module("npi_tf.model")
    if preset is None:  # The library's, whatever folders there are here.
        preset = presets.default_preset(domain.name)
        model = presets.load(presets.PRESETS / preset)
    else:
        model = presets.load(preset)
    _check_knows(model, domain, preset)
    return model


def _check_knows(model, domain, preset):
    if domain.encoder_name not in model.encoders:
        raise ValueError(
            f"preset: must know the domain {domain.name}, got {preset!r}, "
            f"which knows {', '.join(model.encoders)}"
        )
    lacking = [n for n in domain.program_names if n not in model.programs]
    if lacking:
        raise ValueError(
            f"preset: must know every program of the domain {domain.name}, "
            f"got {preset!r}, which lacks {', '.join(lacking)}"
        )


@contextlib.contextmanager
def writing(name: str, path: str) -> Iterator[None]:
    """Says which argument it was, where something cannot be written.

    Args:
        name: Of the argument.
        path: Its value, a file or a folder.

    Raises:
        ValueError: In place of an `OSError` about `path`, one of its parents
            or what lies in it.
    """
    try:
        yield
    except OSError as error:
        if not _is_about(error, path):
            raise
        raise ValueError(
            f"{name}: must be writable, got {path!r} ({error.strerror})"
        ) from error


def _is_about(error, path):
    if error.filename is None:  # As when the reader of stdout has left.
        return False
    wanted, found = (pathlib.Path(p).absolute() for p in (path, error.filename))
    return found.is_relative_to(wanted) or wanted.is_relative_to(found)

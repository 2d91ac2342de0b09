"""The command line: list what there is, run a program, export a model."""

from __future__ import annotations

import argparse
import importlib
import inspect
import os
import pathlib
import sys
import textwrap
from typing import Any
from typing import NamedTuple
from typing import NoReturn

from npi_tf import domains
from npi_tf import player
from npi_tf import quiet
from npi_tf import specs
from npi_tf import teacher
from npi_tf import trace

OK = "ok"
EXIT_OK, EXIT_FAILED, EXIT_USAGE, EXIT_INTERRUPTED = 0, 1, 2, 130
_MESSAGE_CHARS = 400


class Outcome(NamedTuple):
    """What the commands need of a run, whoever made the decisions.

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


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line; `--help` says the rest."""

    def error(self, message: str) -> NoReturn:
        _complain(message)
        self.exit(EXIT_USAGE)


def main(argv: list[str] | None = None) -> int:
    """Runs one command.

    Args:
        argv: Words after `python -m npi_tf`; the process's own by default.

    Returns:
        The exit code: 0, 1 if a program did not end by itself, 2 if the
        input was bad (then one line on stderr says why).
    """
    try:
        options = _parser().parse_args(argv)
        return options.handler(options)
    except SystemExit as stop:  # argparse: --help, or a bad option.
        return stop.code or EXIT_OK
    except BrokenPipeError:
        # The reader left (`| head`). Nothing may be flushed to it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAILED
    except (ValueError, OSError) as error:
        _complain(str(error))
        return EXIT_USAGE
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


def _complain(message: str) -> None:
    # Keras puts whole configurations into its messages.
    line = textwrap.shorten(message, _MESSAGE_CHARS, placeholder=" ...")
    print("npi_tf:", line, file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m npi_tf",
        description="The Neural Programmer-Interpreter.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(
        dest="command", metavar="{list,run,export}", required=True
    )
    listing = commands.add_parser(
        "list", help="domains with their programs, and presets"
    )
    listing.set_defaults(handler=_list)
    _add_run(commands)
    _add_export(commands)
    return parser


def _add_run(commands) -> None:
    run = commands.add_parser(
        "run", help="run a program on a problem", allow_abbrev=False
    )
    run.add_argument("domain")
    run.add_argument("values", nargs="*", help="the problem, such as: 96 125")
    run.add_argument("--trace", action="store_true", help="print all calls")
    run.add_argument(
        "--html", metavar="FILE", help="write a page with a player"
    )
    run.add_argument("--program", metavar="NAME", help="default: the root")
    run.add_argument(
        "--preset",
        metavar="NAME_OR_DIR",
        help="trained model; default: the domain's",
    )
    run.add_argument(
        "--step_budget", type=int, metavar="N", help="most core steps"
    )
    run.add_argument(
        "--teacher",
        action="store_true",
        help="run the textbook programs, not the network",
    )
    run.set_defaults(handler=_run)


def _add_export(commands) -> None:
    export = commands.add_parser(
        "export", help="write a SavedModel", allow_abbrev=False
    )
    export.add_argument("domain")
    export.add_argument("directory")
    export.add_argument("--preset", metavar="NAME_OR_DIR")
    export.set_defaults(handler=_export)


def _list(options) -> int:
    with quiet.quiet_tensorflow():
        presets = importlib.import_module("npi_tf.presets")
    for domain in domains.DOMAINS.values():
        print(f"domain {domain.name}: {domain.description}")
        width = max(map(len, domain.program_names))
        for program in domain.programs:
            print(f"  {program.name:{width}}  {program.description}")
    for name in presets.preset_names():
        print(f"preset {name}")
    return EXIT_OK


def _run(options) -> int:
    domain = domains.get(options.domain)
    problem = _problem(domain, options.values)
    program = domain.program(options.program or domain.root.name).name
    if options.step_budget is not None and options.step_budget < 1:
        raise ValueError(
            f"step_budget: must be at least 1, got {options.step_budget}"
        )
    execute = _run_teacher if options.teacher else _run_network
    outcome = execute(domain, problem, program, options)
    if options.html is not None and outcome.call:
        player.write_html(
            options.html,
            domain,
            problem,
            outcome.call,
            outcome.program_names,
            status=outcome.status,
        )
    return _report(domain, outcome, options.trace)


def _report(domain, outcome, with_trace) -> int:
    if outcome.status == OK:
        print("no result" if outcome.output is None else outcome.output)
    if with_trace and outcome.call:
        print(trace.format_trace(domain, outcome.call))
    sys.stdout.flush()  # So that a broken pipe is met here, not at exit.
    if outcome.status == OK:
        return EXIT_OK
    _complain(f"status: {outcome.status}")
    return EXIT_FAILED


def _problem(domain: specs.Domain, values: list[str]) -> tuple[str, ...]:
    """The values, once the domain has accepted them.

    Raises:
        ValueError: If their number is wrong, or one of them is invalid.
    """
    signature = inspect.signature(domain.make_environment)
    try:
        signature.bind(*values)
    except TypeError:
        names = ", ".join(signature.parameters)
        raise ValueError(
            f"values: {domain.name} takes {len(signature.parameters)} "
            f"({names}), got {len(values)}"
        ) from None
    domain.make_environment(*values)
    return tuple(values)


def _run_teacher(domain, problem, program, options) -> Outcome:
    environment = domain.make_environment(*problem)
    budget = options.step_budget or teacher.DEFAULT_STEP_BUDGET
    try:
        call = teacher.run(domain, environment, program, step_budget=budget)
    except teacher.StepBudgetExhausted:
        return Outcome(
            None, "step_budget_exhausted", None, domain.program_names
        )
    return Outcome(environment.result(), OK, call, domain.program_names)


def _run_network(domain, problem, program, options) -> Outcome:
    model = _load(options)
    runner = importlib.import_module("npi_tf.runner")
    run = runner.Runner(model, domain)(
        [problem],
        program=program,
        step_budget=options.step_budget,
        trace=options.trace or options.html is not None,
    )[0]
    return Outcome(run.output, run.status, run.trace, model.programs)


def _load(options):
    """The model of `--preset`."""
    with quiet.quiet_tensorflow():
        model = importlib.import_module("npi_tf.model")
    return model.NPI.from_preset(options.preset or options.domain)


def _export(options) -> int:
    domain = domains.get(options.domain)
    model = _load(options)
    export = importlib.import_module("npi_tf.export")
    print(export.export_model(model, domain, pathlib.Path(options.directory)))
    return EXIT_OK

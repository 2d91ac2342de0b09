"""The command line: list what there is; run, train and export a model.

    python -m npi_tf run addition 96 125
    python -m npi_tf run my_module:counter 1011 --preset my_folder

A domain is one that `list` shows, or a user's own, `package.module:ATTRIBUTE`:
a `npi_tf.Domain` in a module of the current folder, or an installed one.
"""

from __future__ import annotations

import argparse
import importlib
import os
import pathlib
import sys
from typing import NoReturn

from npi_tf import cli_run
from npi_tf import cli_train
from npi_tf import domains
from npi_tf import quiet
from npi_tf import screen


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line; `--help` says the rest."""

    def error(self, message: str) -> NoReturn:
        screen.complain(message)
        self.exit(screen.EXIT_USAGE)


def main(argv: list[str] | None = None) -> int:
    """Runs one command.

    Args:
        argv: Words after `python -m npi_tf`; the process's own by default.

    Returns:
        The exit code: 0; 1 if a program did not end by itself, or something
        that the domain needs is missing on this machine; 2 if the input was
        bad. One line on stderr says why.
    """
    try:
        options = _parser().parse_args(argv)
        return options.handler(options)
    except SystemExit as stop:  # argparse: --help, or a bad option.
        return stop.code or screen.EXIT_OK
    except BrokenPipeError:
        # The reader left (`| head`). Nothing may be flushed to it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return screen.EXIT_FAILED
    except (ValueError, OSError) as error:
        screen.complain(str(error))
        return screen.EXIT_USAGE
    except RuntimeError as error:  # No renderer for pictures of cars.
        screen.complain(str(error))
        return screen.EXIT_FAILED
    except KeyboardInterrupt:
        return screen.EXIT_INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m npi_tf",
        description="The Neural Programmer-Interpreter.",
        epilog=f"A domain is {cli_run.DOMAIN_HELP}.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(
        dest="command", metavar="{list,run,train,export}", required=True
    )
    listing = commands.add_parser(
        "list", help="domains with their programs, and presets"
    )
    listing.set_defaults(handler=_list)
    cli_run.add(commands)
    cli_train.add(commands)
    export = commands.add_parser(
        "export", help="write a SavedModel", allow_abbrev=False
    )
    export.add_argument("domain", help=cli_run.DOMAIN_HELP)
    export.add_argument(
        "export_dir", help="the folder of all versions of the model"
    )
    export.add_argument(
        "--preset", metavar="NAME_OR_DIR", help=cli_run.PRESET_HELP
    )
    export.add_argument(
        "--step_budget",
        type=int,
        metavar="N",
        help="most core steps of a request's row; by default enough for the "
        "domain's own programs",
    )
    export.set_defaults(handler=_export)
    return parser


def _list(options) -> int:
    with quiet.quiet_tensorflow():
        presets = importlib.import_module("npi_tf.presets")
    for domain in domains.DOMAINS.values():
        preset = presets.default_preset(domain.name)
        print(f"domain {domain.name}: {domain.description} (preset {preset})")
        width = max(map(len, domain.program_names))
        for program in domain.programs:
            print(f"  {program.name:{width}}  {program.description}")
    for name in presets.preset_names():
        held = presets.contents(name)
        line = f"preset {name}: {', '.join(held['domains'])}"
        if held["added"]:
            line += f"; added later: {', '.join(held['added'])}"
        print(line)
    return screen.EXIT_OK


def _export(options) -> int:
    domain = domains.get(options.domain)
    model = cli_run.load(domain, options.preset)
    export = importlib.import_module("npi_tf.export")
    with cli_run.writing("export_dir", options.export_dir):
        folder = export.export_model(
            model,
            domain,
            pathlib.Path(options.export_dir),
            step_budget=options.step_budget,
        )
    print(folder)
    return screen.EXIT_OK

"""The command line: ask about a table, list what there is, export a model."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pathlib
import sys
import textwrap
from typing import NoReturn

from np_tf import ask as ask_lib
from np_tf import page
from np_tf import question_text
from np_tf import quiet
from np_tf import table_csv

EXIT_OK, EXIT_FAILED, EXIT_USAGE, EXIT_INTERRUPTED = 0, 1, 2, 130
_MESSAGE_CHARS = 600


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line; `--help` says the rest."""

    def error(self, message: str) -> NoReturn:
        _complain(message)
        self.exit(EXIT_USAGE)


def main(argv: list[str] | None = None) -> int:
    """Runs one command.

    Args:
        argv: Words after `python -m np_tf`; the process's own by default.

    Returns:
        The exit code: 0, or 2 if the input was bad (then one line on stderr
        says why).
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
    print("np_tf:", line, file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m np_tf",
        description="The Neural Programmer.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(
        dest="command", metavar="{ask,list,export}", required=True
    )
    _add_ask(commands)
    listing = commands.add_parser("list", help="presets and their words")
    listing.set_defaults(handler=_list)
    export = commands.add_parser(
        "export", help="write a SavedModel", allow_abbrev=False
    )
    export.add_argument("preset", metavar="PRESET", help="name or folder")
    export.add_argument("directory", metavar="DIR")
    export.set_defaults(handler=_export)
    return parser


def _add_ask(commands) -> None:
    ask = commands.add_parser(
        "ask", help="answer a question about a table", allow_abbrev=False
    )
    ask.add_argument("question", help="such as: greater 5 price sum cost")
    ask.add_argument(
        "--table",
        metavar="FILE.csv",
        required=True,
        help="commas between cells, names in the first line",
    )
    ask.add_argument(
        "--row_labels",
        metavar="COLUMN",
        help="the column that says what the rows are called",
    )
    ask.add_argument(
        "--preset",
        metavar="NAME_OR_DIR",
        help="trained model; default: one that knows such tables",
    )
    ask.add_argument(
        "--html", metavar="FILE", help="write a page that shows each step"
    )
    ask.set_defaults(handler=_ask)


def _ask(options) -> int:
    # What can be said without TensorFlow comes before the wait for it.
    table = table_csv.read_csv(options.table, options.row_labels)
    question_text.split_words(options.question)
    model = _load(options.preset or ask_lib.default_preset(table))
    answer = ask_lib.ask(model, options.question, table)
    if options.html is not None:
        page.write_html(options.html, answer)
    print(answer)
    sys.stdout.flush()  # So that a broken pipe is met here, not at exit.
    return EXIT_OK


def _list(options) -> int:
    with quiet.quiet_tensorflow():
        presets = importlib.import_module("np_tf.presets")
    for name in presets.preset_names():
        path = presets.PRESETS / name / "config.json"
        config = json.loads(path.read_text(encoding="utf-8"))["config"]
        columns, entries = config["column_symbols"], config["text_symbols"]
        words = [
            word
            for word in config["vocabulary"]
            if word not in columns and word not in entries
        ]
        texts = f", {_count(entries, 'text entry')}" if entries else ""
        print(f"preset {name}: {_count(columns, 'column')}{texts}")
        print(f"  words: {', '.join(words)}")
    return EXIT_OK


def _count(things, noun):
    plural = noun.removesuffix("y") + "ies" if noun[-1] == "y" else noun + "s"
    return f"{len(things)} {noun if len(things) == 1 else plural}"


def _load(preset):
    with quiet.quiet_tensorflow():
        model = importlib.import_module("np_tf.model")
    return model.NeuralProgrammer.from_preset(preset)


def _export(options) -> int:
    model = _load(options.preset)
    export = importlib.import_module("np_tf.export")
    print(export.export_model(model, pathlib.Path(options.directory)))
    return EXIT_OK

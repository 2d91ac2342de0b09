"""The command line of modules that draw a figure."""

from __future__ import annotations

import argparse


def path(docstring: str) -> str:
    """The one argument: where to write.

    Args:
        docstring: Of the module; its first line is what `--help` says.
    """
    parser = argparse.ArgumentParser(description=docstring.splitlines()[0])
    parser.add_argument("path", help="where to write")
    return parser.parse_args().path

"""The command line of modules that draw figures."""

from __future__ import annotations

import argparse


def path(docstring: str, what: str = "the file") -> str:
    """The one argument: where to write.

    Args:
        docstring: Of the module; its first line is what `--help` says.
        what: The file, or the folder, for `--help`.
    """
    parser = argparse.ArgumentParser(description=docstring.splitlines()[0])
    parser.add_argument("path", help=f"{what} to write")
    return parser.parse_args().path

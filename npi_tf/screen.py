"""What the commands put on a user's screen."""

from __future__ import annotations

import sys
import textwrap
from typing import Any

EXIT_OK, EXIT_FAILED, EXIT_USAGE, EXIT_INTERRUPTED = 0, 1, 2, 130
_MESSAGE_CHARS = 400


def complain(message: str) -> None:
    """One line on stderr."""
    # Keras puts whole configurations into its messages.
    line = textwrap.shorten(message, _MESSAGE_CHARS, placeholder=" ...")
    print("npi_tf:", line, file=sys.stderr)


def describe_result(result: Any) -> str:
    """A result as a user reads it: the parts of a tuple between blanks.

    >>> describe_result((2, 5, 9))
    '2 5 9'
    >>> describe_result("221")
    '221'
    >>> describe_result(None)
    'no result'
    """
    if result is None:
        return "no result"
    if isinstance(result, tuple):
        return " ".join(map(str, result))
    return str(result)

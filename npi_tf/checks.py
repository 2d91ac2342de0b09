"""What numbers users may give; needs nothing but Python."""

from __future__ import annotations

_MOST = 2**31 - 1  # Steps are counted in 32 bits.


def check_at_least(name: str, value: int, least: int) -> None:
    """Refuses what is no 32-bit integer from `least` on.

    Args:
        name: Of the argument.
        value: Its value.
        least: The smallest one that is allowed.

    Raises:
        ValueError: It names the argument.
    """
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or not least <= value <= _MOST:
        raise ValueError(
            f"{name}: must be an integer from {least} to {_MOST}, got {value!r}"
        )

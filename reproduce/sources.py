"""Where every hyper-parameter comes from.

A config is a frozen dataclass whose every field is `paper(value, where)` or
`ours(value, why)`; `check` refuses a field without a source.
"""

from __future__ import annotations

import dataclasses
from typing import Any


def paper(value: Any, where: str) -> Any:
    """A dataclass field whose value the paper states, and where."""
    return _field(value, {"source": "paper", "note": where})


def ours(value: Any, why: str) -> Any:
    """A dataclass field that the paper leaves open, and why this value."""
    return _field(value, {"source": "ours", "note": why})


def _field(value, metadata):
    if not metadata["note"]:
        raise ValueError("note: must say where or why, got an empty string")
    return dataclasses.field(default=value, metadata=metadata)


def check(config: type) -> None:
    """Raises ValueError if a field of a config class names no source."""
    for field in dataclasses.fields(config):
        if field.metadata.get("source") not in ("paper", "ours"):
            raise ValueError(
                f"{config.__name__}: every field must be paper(...) or "
                f"ours(...), got {field.name} without a source"
            )


def describe(config: Any) -> list[str]:
    """One line a field: name, value, source and note."""
    return [
        f"{field.name} = {getattr(config, field.name)!r}  "
        f"[{field.metadata['source']}: {field.metadata['note']}]"
        for field in dataclasses.fields(config)
    ]

"""Models with more or fewer programs; every other weight stays."""

from __future__ import annotations

from typing import Any


def with_programs(
    model: Any, names: tuple[str, ...], protect_blocks: bool | None = None
) -> Any:
    """A copy with a further block of rows; see `NPI.with_programs`."""
    known = [str(name) for name in names if name in model.programs]
    if not names or known:
        raise ValueError(
            f"names: must hold programs that the model does not know, got "
            f"{', '.join(known) or 'none'}"
        )
    config = model.get_config() | {
        "programs": model.programs + names,
        "blocks": model.blocks + (len(names),),
    }
    if protect_blocks is not None:
        config["protect_blocks"] = protect_blocks
    return _copy(model, config)


def first_blocks(model: Any, num_blocks: int) -> Any:
    """A copy without the later blocks of rows; see `NPI.first_blocks`."""
    whole = type(num_blocks) is int
    if not whole or not 1 <= num_blocks <= len(model.blocks):
        raise ValueError(
            f"num_blocks: must be 1 to {len(model.blocks)}, got {num_blocks!r}"
        )
    blocks = model.blocks[:num_blocks]
    programs = model.programs[: sum(blocks)]
    return _copy(
        model, model.get_config() | {"programs": programs, "blocks": blocks}
    )


def _copy(model, config):
    """Another memory, with the rows that both have, and all the rest."""
    copy = type(model).from_config(config)
    pairs = [(model.core, copy.core)]
    pairs += zip(model.encoders.values(), copy.encoders.values())
    for old, new in pairs:
        new.set_weights(old.get_weights())
    for name in ("keys", "embeddings"):
        new_blocks = getattr(copy.memory, name)
        for old, new in zip(getattr(model.memory, name), new_blocks):
            new.assign(old)
    return copy

"""Data sets of questions that are small enough for a test."""

from typing import Any

from data_gen import synthetic_tables

NAMED = {
    config.name: config
    for config in synthetic_tables.Builder.BUILDER_CONFIGS
    if not config.use_beam
}

TINY = {
    "numeric_columns": (1, 3),
    "rows": (2, 5),
    "test_rows": 7,
    "num_train": 40,
    "num_validation": 10,
    "num_test": 70,
}


def tiny(
    name: str = "tiny", **changes: Any
) -> synthetic_tables.SyntheticTablesConfig:
    """A tiny config, some of its values changed."""
    return synthetic_tables.SyntheticTablesConfig(
        name=name, **{**TINY, **changes}
    )


def tiny_text(
    name: str = "tiny_text", **changes: Any
) -> synthetic_tables.SyntheticTablesConfig:
    """A tiny config with text columns, some of its values changed."""
    values = {"text_columns": (0, 2), "num_test": 700, **changes}
    return tiny(name, **values)

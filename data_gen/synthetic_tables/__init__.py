"""Questions about synthetic tables for the Neural Programmer."""

from data_gen.synthetic_tables.config import SyntheticTablesConfig
from data_gen.synthetic_tables.examples import generate
from data_gen.synthetic_tables.examples import vocabulary
from data_gen.synthetic_tables.synthetic_tables_dataset_builder import Builder

SyntheticTables = Builder

__all__ = [
    "Builder",
    "SyntheticTables",
    "SyntheticTablesConfig",
    "generate",
    "vocabulary",
]

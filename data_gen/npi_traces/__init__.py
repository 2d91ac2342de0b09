"""Execution traces for the Neural Programmer-Interpreter."""

from data_gen.npi_traces.cars import CarsConfig
from data_gen.npi_traces.config import NpiTracesConfig
from data_gen.npi_traces.config import sorting_of_length
from data_gen.npi_traces.npi_traces_dataset_builder import Builder

NpiTraces = Builder

__all__ = [
    "Builder",
    "CarsConfig",
    "NpiTraces",
    "NpiTracesConfig",
    "sorting_of_length",
]

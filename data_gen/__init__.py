"""TFDS builders for synthetic tables and execution traces.

Importing the package registers its data sets, so that
`tfds.load("npi_traces/addition")` finds them. Without tensorflow-datasets
the import still works, and the loaders say what is missing.
"""

import importlib.util

if importlib.util.find_spec("tensorflow_datasets"):
    from data_gen import npi_traces  # noqa: F401
    from data_gen import synthetic_tables  # noqa: F401

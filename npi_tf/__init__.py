"""Neural Programmer-Interpreter (Reed and de Freitas, ICLR 2016).

The symbolic half (domains, programs, the teacher, traces) needs NumPy only;
Keras and TensorFlow are imported when a name that needs them is first used.

Source: arXiv 1511.06279.
"""

import importlib

_HOMES = {
    "ADDITION": "npi_tf.addition",
    "ArgumentSpec": "npi_tf.specs",
    "Call": "npi_tf.trace",
    "Domain": "npi_tf.specs",
    "Feature": "npi_tf.observation_spec",
    "FrameBatch": "npi_tf.frames",
    "FrameSampler": "npi_tf.sampling",
    "NPI": "npi_tf.model",
    "ObservationSpec": "npi_tf.observation_spec",
    "Program": "npi_tf.specs",
    "Run": "npi_tf.runner",
    "Runner": "npi_tf.runner",
    "Step": "npi_tf.specs",
    "count_frames": "npi_tf.frames",
    "export_model": "npi_tf.export",
    "format_trace": "npi_tf.trace",
    "get_domain": "npi_tf.domains",
    "learn_programs": "npi_tf.extension",
    "teach": "npi_tf.teacher",
}

__all__ = sorted(_HOMES)
__version__ = "0.1.0"


def __getattr__(name):
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(_HOMES[name])
    renamed = {"get_domain": "get"}
    return getattr(module, renamed.get(name, name))


def __dir__():
    return sorted(set(globals()) | set(__all__))

"""Neural Programmer (Neelakantan, Le and Sutskever, ICLR 2016).

Answers questions on tables by softly selecting operations and columns over
several steps, trained from question, table and answer alone. The symbolic
half (programs, the reference executor, tables, questions, the page) needs
NumPy only; Keras and TensorFlow are imported when a name that needs them is
first used.

Source: arXiv 1511.04834.
"""

import importlib

_HOMES = {
    "Answer": "np_tf.explain",
    "Call": "np_tf.programs",
    "Cell": "np_tf.explain",
    "Execution": "np_tf.reference",
    "GradientNoise": "np_tf.gradient_noise",
    "NeuralProgrammer": "np_tf.model",
    "OPERATIONS": "np_tf.programs",
    "Step": "np_tf.explain",
    "Table": "np_tf.table",
    "Vocabulary": "np_tf.vocabulary",
    "as_table": "np_tf.table",
    "execute": "np_tf.reference",
    "export_model": "np_tf.export",
    "read_csv": "np_tf.table_csv",
    "write_html": "np_tf.page",
}

__all__ = sorted(_HOMES)
__version__ = "0.1.0"


def __getattr__(name):
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__():
    return sorted(set(globals()) | set(__all__))

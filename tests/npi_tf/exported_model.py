"""Exported models and their answers, for the tests of export."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

import npi_tf
from npi_tf import specs

# What a row may hold, and what comes back as `(sum, status)`.
INVALID = ("", "invalid_input")
MIXED = {
    ("96", "125"): ("221", "ok"),
    ("", "125"): INVALID,
    ("96", ""): INVALID,
    ("", ""): INVALID,
    ("0000", "0"): ("0", "ok"),
    ("0096", "000125"): ("221", "ok"),
    ("9" * 30, "1"): ("1" + "0" * 30, "ok"),
    ("5", "99999"): ("100004", "ok"),
    ("1" * 10_001, "1"): INVALID,
    ("-1", "1"): INVALID,
    ("+1", "1"): INVALID,
    (" 1", "1"): INVALID,
    ("1 ", "1"): INVALID,
    ("1\n", "1"): INVALID,
    ("1\x002", "1"): INVALID,
    ("1.0", "1"): INVALID,
    ("1e3", "1"): INVALID,
    ("0x1", "1"): INVALID,
    ("\u0661\u0662", "1"): INVALID,  # Arabic-Indic 12
    ("\uff11\uff12", "1"): INVALID,  # Fullwidth 12
    ("\u00b2", "1"): INVALID,  # Superscript 2
    ("seven", "1"): INVALID,
    ("7", "8"): ("15", "ok"),
}


def columns(problems) -> dict[str, list[str]]:
    """The inputs of a signature, by name."""
    augend, addend = zip(*problems) if problems else ((), ())
    return {"augend": list(augend), "addend": list(addend)}


def rows(outputs) -> list[dict]:
    """One dict a problem, from tensors or nested lists by name."""
    lists = {name: _plain(value) for name, value in outputs.items()}
    return [dict(zip(lists, row)) for row in zip(*lists.values())]


def ask(function, problems) -> list[dict]:
    """The answers of a loaded signature."""
    inputs = {
        name: tf.constant(values, tf.string, [len(values)])
        for name, values in columns(problems).items()
    }
    return rows(function(**inputs))


def constant_model(
    call: str, arguments: specs.Arguments = specs.NO_ARGUMENTS, end=False
) -> npi_tf.NPI:
    """A model that makes the same decision on every step."""
    model = npi_tf.NPI.for_domains(npi_tf.ADDITION)
    row = model.programs.index(call)
    keys = np.eye(*model.memory.keys[0].shape, dtype=np.float32)
    model.memory.keys[0].assign(keys)
    core = model.core
    wanted = [keys[row], [1.0 if end else -1.0]]
    wanted += [
        np.eye(size)[value]
        for size, value in zip(core.num_argument_values, arguments)
    ]
    for head, bias in zip([core.key, core.end, *core.argument_heads], wanted):
        head.kernel.assign(np.zeros(head.kernel.shape))
        head.bias.assign(bias)
    return model


def _plain(value):
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, tf.Tensor | np.ndarray):
        return _plain(np.asarray(value).tolist())
    return value

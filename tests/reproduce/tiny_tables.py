"""Runs a script of reproduce/ on data sets of a few hundred questions.

    python -m tests.reproduce.tiny_tables np_single_column --smoke

With LYING_GOLD set, the programs and categories beside the questions are
wrong. TFDS_DATA_DIR must be a folder of its own for either.
"""

import os
import sys

from data_gen import synthetic_tables
from data_gen.synthetic_tables import examples
from data_gen.synthetic_tables import grammar
from np_tf import programs
from tests.reproduce import script

SIZES = {"num_train": 300, "num_validation": 60}
MOST_TESTED = 700  # Questions; enough for all that are not logic.


def shrink():
    """Makes all configs small."""
    for config in synthetic_tables.Builder.BUILDER_CONFIGS:
        for name, value in SIZES.items():
            setattr(config, name, value)
        if config.num_test is not None:
            config.num_test = min(config.num_test, MOST_TESTED)


def lie():
    """Makes every program a count, and every question a difference."""
    honest = examples.example

    def example(*args):
        made = honest(*args)
        made["program"] = "reset; reset; reset; count"
        made["category"] = grammar.CATEGORIES[-1]
        return made

    examples.example = example
    grammar.program = lambda *args: programs.pad([programs.Call("count")])


def main():
    shrink()
    if "LYING_GOLD" in os.environ:
        lie()
    script.become(*sys.argv[1:])


if __name__ == "__main__":
    main()

"""Tables of 3, 5 and 10 columns: rows two to four of Table 2.

    python reproduce/np_many_columns.py                           # all three
    python reproduce/np_many_columns.py --setting=five_columns
    python reproduce/np_many_columns.py --recipe=paper --setting=five_columns

Source: Neelakantan, Le and Sutskever, arXiv 1511.04834, section 3.2.1.
"""

from absl import app

from reproduce import np_experiment

SETTINGS = (
    "three_columns",
    "five_columns",
    "ten_columns",
)
_SETTING = np_experiment.define_setting(SETTINGS)


def main(argv):
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    np_experiment.run("np_many_columns", _SETTING.value)


if __name__ == "__main__":
    app.run(main)

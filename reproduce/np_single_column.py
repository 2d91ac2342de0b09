"""Single-column tables: the first row of Table 2.

    python reproduce/np_single_column.py                  # under a minute
    python reproduce/np_single_column.py --recipe=paper   # as the paper trains
    python reproduce/np_single_column.py --from_preset    # only test, export

Source: Neelakantan, Le and Sutskever, arXiv 1511.04834, section 3.2.1.
"""

from absl import app

from reproduce import np_experiment

SETTINGS = ("single_column",)
_SETTING = np_experiment.define_setting(SETTINGS)


def main(argv):
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    np_experiment.run("np_single_column", _SETTING.value)


if __name__ == "__main__":
    app.run(main)

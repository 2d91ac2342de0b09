"""Questions in many words: rows five and six of Table 2.

    python reproduce/np_word_variability.py                     # both
    python reproduce/np_word_variability.py --setting=word_variability_5

Source: Neelakantan, Le and Sutskever, arXiv 1511.04834, section 3.2.1.
"""

from absl import app

from reproduce import np_experiment

SETTINGS = (
    "word_variability_1",
    "word_variability_5",
)
_SETTING = np_experiment.define_setting(SETTINGS)


def main(argv):
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    np_experiment.run("np_word_variability", _SETTING.value)


if __name__ == "__main__":
    app.run(main)

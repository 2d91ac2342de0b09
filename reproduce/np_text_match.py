"""Tables with columns of text: the last rows of Table 2.

    python reproduce/np_text_match.py                     # both
    python reproduce/np_text_match.py --setting=text_match_5

Source: Neelakantan, Le and Sutskever, arXiv 1511.04834, section 3.2.1.
"""

from absl import app

from reproduce import np_experiment

SETTINGS = (
    "text_match_2",
    "text_match_5",
)
_SETTING = np_experiment.define_setting(SETTINGS)


def main(argv):
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    np_experiment.run("np_text_match", _SETTING.value)


if __name__ == "__main__":
    app.run(main)

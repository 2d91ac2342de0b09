"""Figure 8: the paper's training with and without gradient noise.

    python reproduce/np_gradient_noise.py --noise        # an hour or more
    python reproduce/np_gradient_noise.py --nonoise
    python reproduce/np_gradient_noise.py --plot=figure_8.png

Tables of 5 columns, the same hyper-parameters, test accuracy and training
loss every half epoch.

Source: Neelakantan, Le and Sutskever, arXiv 1511.04834, Figure 8.
"""

from __future__ import annotations

import json
import pathlib

from absl import app
from absl import flags
from absl import logging

from reproduce import np_configs
from reproduce import np_experiment
from reproduce import np_noise_figure
from reproduce import screen
from reproduce import strategies

EXPERIMENT = "np_gradient_noise"
SETTING = np_configs.SETTINGS["five_columns"]

_NOISE = flags.DEFINE_bool("noise", True, "Add noise to the gradients.")
_PLOT = flags.DEFINE_string(
    "plot", None, "Only draw the committed records into this PNG."
)


class CurveRun(np_experiment.Run):
    """A run that also follows the test accuracy, which decides nothing."""

    def watch(self, evaluator, test):
        test = test.inputs(), test.targets()
        return lambda: {"test": float(evaluator(*test)[0].mean())}

    def more(self):
        path = pathlib.Path(self.workdir) / "metrics.jsonl"
        if not path.exists():
            return {}
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        names = ("step", "loss", "validation", "test")
        return {
            "curve": {n: [_short(line[n]) for line in lines] for n in names}
        }


def _short(value):
    return round(value, 4) if isinstance(value, float) else value


def main(argv):
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    if _PLOT.value:
        np_noise_figure.draw(_PLOT.value)
        return
    if flags.FLAGS["recipe"].present:
        raise app.UsageError("--recipe: must be left out, it is the paper's")
    screen.say_on_screen()
    recipe = "paper" if _NOISE.value else "paper-no-noise"
    strategy = strategies.make(flags.FLAGS.device)
    logging.info("gradient noise: %s", _NOISE.value)
    CurveRun(EXPERIMENT, SETTING, strategy, recipe).run()


if __name__ == "__main__":
    app.run(main)

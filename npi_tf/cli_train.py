"""The command `train`: a model of one domain, by the library alone."""

from __future__ import annotations

import argparse
import importlib
import pathlib

from npi_tf import checks
from npi_tf import cli_run
from npi_tf import domains
from npi_tf import quiet
from npi_tf import screen

NUM_STEPS = 1000
WORKDIR = "training"  # In the model's folder; needed by an unfinished run.

# Training that needs more than a list of problems: who does it.
ELSEWHERE = {
    "canonicalization": "trained by reproduce/npi_canonicalization.py",
    "maximum": "learnt beside sorting, by reproduce/npi_max.py",
}


def add(commands) -> None:
    """Adds the command to a parser's commands."""
    train = commands.add_parser(
        "train",
        help="train a model of one domain; started again, a run that was "
        "stopped goes on",
        allow_abbrev=False,
    )
    train.add_argument("domain", help=cli_run.DOMAIN_HELP)
    train.add_argument(
        "--preset_dir",
        metavar="DIR",
        required=True,
        help="where to write the model, for --preset; the run itself is kept "
        f"in DIR/{WORKDIR}",
    )
    train.add_argument("--steps", type=int, default=NUM_STEPS, metavar="N")
    train.add_argument(
        "--problems",
        type=int,
        default=500,
        metavar="N",
        help="problems that are taught",
    )
    train.add_argument(
        "--fresh",
        type=int,
        default=100,
        metavar="N",
        help="other problems that are tried at the end",
    )
    train.add_argument(
        "--learning_rate", type=float, default=2e-3, metavar="RATE"
    )
    train.add_argument("--seed", type=int, default=0, metavar="N")
    train.set_defaults(handler=_train)


def _train(options: argparse.Namespace) -> int:
    domain = domains.get(options.domain)
    if domains.comes_with_library(domain) and domain.name in ELSEWHERE:
        raise ValueError(
            f"domain: must be taught by problems alone to be trained here, "
            f"got {domain.name!r}, which is {ELSEWHERE[domain.name]}"
        )
    checks.check_at_least("fresh", options.fresh, 1)
    with quiet.quiet_tensorflow():
        training = importlib.import_module("npi_tf.training")
    with cli_run.writing("preset_dir", options.preset_dir):
        model = training.train(
            domain,
            options.steps,
            options.problems,
            learning_rate=options.learning_rate,
            seed=options.seed,
            report=_report,
            workdir=pathlib.Path(options.preset_dir) / WORKDIR,
        )
        model.save_to_preset(options.preset_dir)
    right = training.accuracy(model, domain, options.fresh, options.seed)
    print(f"right on fresh problems: {right:.0%}")
    print(options.preset_dir)
    return screen.EXIT_OK


def _report(step, loss):
    print(f"step {step} loss {loss:.5f}", flush=True)

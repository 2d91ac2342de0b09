"""Settings and hyper-parameters of the Neural Programmer, with sources."""

from __future__ import annotations

import dataclasses

from reproduce.sources import ours
from reproduce.sources import paper


@dataclasses.dataclass(frozen=True)
class Setting:
    """A row of Table 2.

    Attributes:
        name: Of the setting, and of the config of `synthetic_tables`.
        title: As the paper's table has it.
        encoder: How the question is read; see `np_tf.controller`.
        encoder_source: Where that comes from.
        num_templates: Of the test set.
        paper_accuracy: The paper's test accuracy, a fraction.
        paper_seen: The paper's share of test templates seen in training.
        train_steps: Of the recipe `fast`.
    """

    name: str
    title: str
    encoder: str
    encoder_source: str
    num_templates: int
    paper_accuracy: float
    paper_seen: float
    train_steps: int


_PAPER = "section 3.2.1"
_SHORT = "ours: short questions, as with 1 and 3 columns"
_LONG = "ours: long questions, as with 5 columns"

_ROWS = (
    ("single_column", "Single column", "rnn", _PAPER, 23, 1.0, 1.0, 400),
    ("three_columns", "3 columns", "rnn", _PAPER, 307, 0.9902, 1.0, 1000),
    (
        "five_columns",
        "5 columns",
        "bidirectional",
        _PAPER,
        1231,
        0.9911,
        0.9862,
        1000,
    ),
    (
        "ten_columns",
        "10 columns",
        "attention",
        _PAPER,
        7900,
        0.9913,
        0.6244,
        1500,
    ),
    (
        "word_variability_1",
        "Word variability, 1 column",
        "rnn",
        _SHORT,
        1368,
        0.9649,
        1.0,
        1000,
    ),
    (
        "word_variability_5",
        "Word variability, 5 columns",
        "bidirectional",
        _LONG,
        24000,
        0.8899,
        0.3131,
        2000,
    ),
    (
        "text_match_2",
        "Text match, 2 columns",
        "bidirectional",
        _LONG,
        1125,
        0.9911,
        0.9742,
        1500,
    ),
    (
        "text_match_5",
        "Text match, 5 columns",
        "bidirectional",
        _LONG,
        14600,
        0.9803,
        0.3102,
        3000,
    ),
)

SETTINGS = {row[0]: Setting(*row) for row in _ROWS}


@dataclasses.dataclass(frozen=True)
class PaperRecipe:
    """Training as the paper describes it: the soft model, from answers."""

    batch_size: int = paper(50, "section 3.2.1")
    learning_rate: float = paper(1e-3, "section 3.2.1: Adam's default")
    beta_1: float = paper(0.9, "section 3.2.1: Adam's default")
    beta_2: float = paper(0.999, "section 3.2.1: Adam's default")
    epsilon: float = ours(1e-8, "of the grid {1e-6, 1e-8}; unknown which")
    clip_norm: float = ours(
        50.0, "of the grid {1, 5, 50}; at 1 the noise drowns the gradient"
    )
    noise_eta: float = paper(1.0, "section 3.2.1: variance step^-0.55")
    noise_gamma: float = paper(0.55, "section 3.2.1: variance step^-0.55")
    huber_delta: float = ours(
        10.0, "of {10, 25, 50}; the scale of Figure 8's loss suggests it"
    )
    lookup_weight: float = ours(
        50.0, "lambda, of {25, 50, 75, 100}; unknown which"
    )
    hidden_dim: int = paper(256, "section 3.2.1")
    num_program_steps: int = paper(4, "section 3.2.1: T")
    train_steps: int = paper(270_000, "Figure 8: 270 epochs of 1,000 steps")
    evaluate_every: int = paper(500, "Figure 8: every half epoch")


@dataclasses.dataclass(frozen=True)
class NoNoiseRecipe(PaperRecipe):
    """The same without gradient noise, for Figure 8."""

    noise_eta: float = paper(0.0, "Figure 8, without noise")


@dataclasses.dataclass(frozen=True)
class FastRecipe:
    """Same model, data and answers: search, then marginal likelihood."""

    batch_size: int = ours(50, "as the paper's; fewer if programs are many")
    max_candidates: int = ours(256, "programs in a batch, for static shapes")
    max_programs: int = ours(
        12, "a question with more says little; 4 to 24 % are left out"
    )
    learning_rate: float = ours(1e-3, "Adam's default")
    final_fraction: float = ours(0.05, "cosine decay to 5 % of it")
    clip_norm: float = ours(1.0, "of the paper's grid")
    hidden_dim: int = paper(256, "section 3.2.1")
    num_program_steps: int = paper(4, "section 3.2.1: T")
    train_steps: int = ours(
        0, "0 for the setting's own, about twice what the first seed needed"
    )
    evaluate_every: int = ours(100, "steps between two validations")


@dataclasses.dataclass(frozen=True)
class PaperSmoke(PaperRecipe):
    """Seconds: shows that everything runs, not that it learns."""

    hidden_dim: int = ours(16, "a smoke test")
    train_steps: int = ours(12, "a smoke test")
    evaluate_every: int = ours(4, "more than one evaluation")


@dataclasses.dataclass(frozen=True)
class NoNoiseSmoke(PaperSmoke):
    """The same without noise."""

    noise_eta: float = paper(0.0, "Figure 8, without noise")


@dataclasses.dataclass(frozen=True)
class FastSmoke(FastRecipe):
    """The same of the fast recipe."""

    hidden_dim: int = ours(16, "a smoke test")
    train_steps: int = ours(12, "a smoke test")
    evaluate_every: int = ours(4, "more than one evaluation")


RECIPES = {
    "paper": PaperRecipe,
    "paper-no-noise": NoNoiseRecipe,
    "fast": FastRecipe,
    "paper-smoke": PaperSmoke,
    "paper-no-noise-smoke": NoNoiseSmoke,
    "fast-smoke": FastSmoke,
}

BOUNDS = (100, 200, 10_000, 1_000_000)  # Numbers are in [-bound, bound].

"""Hyper-parameters of the LSTM baselines, each with its source."""

from __future__ import annotations

import dataclasses

from reproduce.sources import ours
from reproduce.sources import paper


@dataclasses.dataclass(frozen=True)
class Recipe:
    """Model and training. Beyond what is marked, the paper says nothing."""

    num_layers: int = paper(2, "section 4.1: two-layer LSTM, as NPI has")
    hidden_dim: int = paper(256, "section 4.1: 256 units, as NPI has")
    batch_size: int = ours(64, "what a core trains at 680 arrays of 20/s")
    learning_rate: float = ours(2e-3, "peak of Adam")
    warmup_steps: int = ours(100, "Adam's moments settle")
    final_fraction: float = ours(0.01, "cosine decay to 1 % of the peak")
    clip_norm: float = ours(1.0, "of all gradients together")
    weight_decay: float = ours(0.01, "decoupled, times the learning rate")
    dropout: float = ours(
        0.0, "0.3 with weight decay 0.5 learned too slowly at 256 arrays"
    )
    num_steps: int = ours(
        800, "replaced by SORTING_STEPS and ADDITION_STEPS of the setting"
    )


@dataclasses.dataclass(frozen=True)
class Smoke(Recipe):
    """Seconds: shows that everything runs, not that it learns."""

    hidden_dim: int = ours(8, "a smoke test")
    batch_size: int = ours(8, "a smoke test")
    warmup_steps: int = ours(2, "a smoke test")
    num_steps: int = ours(6, "a smoke test")


@dataclasses.dataclass(frozen=True)
class SortingEvaluation:
    """Which arrays are sorted after training."""

    lengths: tuple[int, ...] = paper(tuple(range(5, 71, 5)), "Figure 6")
    only_length: int = paper(20, "Figure 5")
    arrays_per_length: int = ours(500, "unknown; a point is 5 arrays")
    seed: int = ours(1_000_003, "never a training seed")


@dataclasses.dataclass(frozen=True)
class AdditionEvaluation:
    """Which sums are tried after training; the sums are NPI's."""

    easy_lengths: tuple[int, ...] = paper(
        (5, 10, 20, 40, 80, 160, 240, 480, 960, 2000, 2100, 3000), "Figure 9"
    )
    stack_lengths: tuple[int, ...] = paper(
        (5, 10, 20, 40, 80, 160), "Figure 9: where its curve ends"
    )
    plain_lengths: tuple[int, ...] = ours(
        (1, 2, 3, 5, 10, 20), "appendix 6.3 speaks of 1, 2 and 20 digits"
    )
    problems_per_length: int = ours(100, "unknown; as many as NPI adds")


# Setting -> training steps: Figure 6, and each point of Figure 5. Ours: about
# as many as NPI takes, from the first point on at which the paper's baseline
# sorts anything; up to there fewer.
FIGURE_6 = "figure_6"
SORTING_STEPS = {
    FIGURE_6: 2_000,
    **{f"n_{2**power}": 300 for power in range(7)},
    **{f"n_{2**power}": 1_000 for power in range(7, 12)},
}

# The same for Figure 9: format and problems of each length.
ADDITION_STEPS = {
    "plain_512": 600,
    "stack_32": 1_500,
    "stack_512": 1_500,
    "easy_32": 1_500,
    "easy_64": 1_500,
}


def num_examples(setting: str) -> int:
    """The number in a setting's name: 64 of n_64 or easy_64."""
    return int(setting.rpartition("_")[2])


def sorting_recipe(setting: str, smoke: bool = False) -> Recipe:
    """How the sorting baseline is trained in a setting.

    Raises:
        ValueError: If the setting is unknown.
    """
    return _recipe(SORTING_STEPS, setting, smoke)


def addition_recipe(setting: str, smoke: bool = False) -> Recipe:
    """How an addition baseline is trained in a setting.

    Raises:
        ValueError: If the setting is unknown.
    """
    return _recipe(ADDITION_STEPS, setting, smoke)


def _recipe(steps, setting, smoke):
    if setting not in steps:
        raise ValueError(
            f"setting: must be one of {', '.join(steps)}, got {setting!r}"
        )
    return Smoke() if smoke else Recipe(num_steps=steps[setting])

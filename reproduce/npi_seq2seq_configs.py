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
    dropout: float = ours(0.0, "of what the last layer says")
    num_steps: int = ours(800, "the loss is about 0.01 at 2,048 arrays")


@dataclasses.dataclass(frozen=True)
class Sorting(Recipe):
    """The encoder-decoder of Figures 5 and 6."""


@dataclasses.dataclass(frozen=True)
class FewArrays(Sorting):
    """The same for up to 32 arrays of Figure 5."""

    num_steps: int = ours(100, "they are known by heart")


@dataclasses.dataclass(frozen=True)
class ManyLengths(Sorting):
    """The same for Figure 6."""

    num_steps: int = ours(2_000, "105 epochs of 1,216 arrays")


@dataclasses.dataclass(frozen=True)
class SortingSmoke(Sorting):
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
class Addition(Recipe):
    """The taggers of Figure 9."""

    num_steps: int = ours(1_000, "50 epochs of 640 sums")


@dataclasses.dataclass(frozen=True)
class ManySums(Addition):
    """The same for 512 problems a length."""

    num_steps: int = ours(2_000, "13 epochs of 10,000 sums")


@dataclasses.dataclass(frozen=True)
class Easy(Addition):
    """The same for reversed, aligned columns."""

    num_steps: int = ours(1_500, "the loss no longer falls")


@dataclasses.dataclass(frozen=True)
class AdditionSmoke(Addition):
    """Seconds: shows that everything runs, not that it learns."""

    hidden_dim: int = ours(8, "a smoke test")
    batch_size: int = ours(8, "a smoke test")
    warmup_steps: int = ours(2, "a smoke test")
    num_steps: int = ours(6, "a smoke test")


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


# Settings of the addition baselines: format and problems of each length.
ADDITION_SETTINGS = {
    "plain_512": ("plain", 512),
    "stack_32": ("stack", 32),
    "stack_512": ("stack", 512),
    "easy_32": ("easy", 32),
    "easy_64": ("easy", 64),
}
_MANY = 512


def addition_recipe(setting: str, smoke: bool = False) -> Recipe:
    """How an addition baseline is trained.

    Raises:
        ValueError: If the setting is unknown.
    """
    if setting not in ADDITION_SETTINGS:
        raise ValueError(
            f"setting: must be one of {', '.join(ADDITION_SETTINGS)}, "
            f"got {setting!r}"
        )
    if smoke:
        return AdditionSmoke()
    format_name, count = ADDITION_SETTINGS[setting]
    if format_name == "easy":
        return Easy()
    return ManySums() if count == _MANY else Addition()


# Settings of the sorting baseline: Figure 6, and each point of Figure 5.
FIGURE_6 = "figure_6"
NUM_EXAMPLES = tuple(2**power for power in range(12))
_FEW = 32


def sorting_settings() -> tuple[str, ...]:
    """figure_6, n_1, n_2, n_4, ..., n_2048."""
    return FIGURE_6, *(f"n_{count}" for count in NUM_EXAMPLES)


def num_examples(setting: str) -> int:
    """The number of arrays of a setting of Figure 5: 64 of n_64."""
    return int(setting.removeprefix("n_"))


def sorting_recipe(setting: str, smoke: bool = False) -> Recipe:
    """How the sorting baseline is trained in a setting.

    Raises:
        ValueError: If the setting is unknown.
    """
    if setting not in sorting_settings():
        raise ValueError(
            f"setting: must be one of {', '.join(sorting_settings())}, "
            f"got {setting!r}"
        )
    if smoke:
        return SortingSmoke()
    if setting == FIGURE_6:
        return ManyLengths()
    return FewArrays() if num_examples(setting) <= _FEW else Sorting()

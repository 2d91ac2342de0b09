"""Hyper-parameters of the sorting experiments, each with its source."""

from __future__ import annotations

import dataclasses

from reproduce import npi_configs
from reproduce.sources import ours
from reproduce.sources import paper


@dataclasses.dataclass(frozen=True)
class PaperRecipe(npi_configs.PaperRecipe):
    """Training as the paper describes it, for all tasks alike."""


@dataclasses.dataclass(frozen=True)
class FastRecipe(npi_configs.FastRecipe):
    """Same model and data, trained in about a minute on one core."""

    batch_sizes: tuple[tuple[tuple[str, int], ...], ...] = ours(
        (
            (("BUBBLESORT", 2),),
            (("BUBBLE", 10), ("RESET", 4)),
            (("BSTEP", 24), ("LSHIFT", 8), ("RSHIFT", 8)),
            (("COMPSWAP", 96), ("ACT", 32)),
        ),
        "frames of one step; programs in one group share a padded length",
    )
    first_steps: int = ours(40, "every frame is whole, as its last step counts")
    whole_every: int = ours(1, "every batch; one shape, so one compilation")
    estimate_every: int = ours(
        1_000_000, "never: distinct frames, drawn uniformly, are enough"
    )
    num_steps: int = ours(
        800, "every validation frame is right at the end, in every seed"
    )


@dataclasses.dataclass(frozen=True)
class FastSmoke(FastRecipe):
    """A minute at most: shows that everything runs, not that it learns."""

    num_steps: int = ours(20, "a smoke test")
    warmup_steps: int = ours(5, "a smoke test")
    estimate_every: int = ours(6, "more than one estimate")


@dataclasses.dataclass(frozen=True)
class PaperSmoke(PaperRecipe):
    """The same of the paper's recipe."""

    num_steps: int = ours(20, "a smoke test")
    estimate_every: int = ours(6, "more than one estimate")
    estimate_frames: int = ours(8, "a smoke test")


@dataclasses.dataclass(frozen=True)
class SortingEvaluation:
    """Which arrays are tried after training."""

    lengths: tuple[int, ...] = paper(
        (*range(1, 6), *range(10, 71, 5), 80, 100, 120),
        "Figure 6 (5 to 70), shorter ones, and beyond",
    )
    problems_per_length: int = ours(100, "unknown; at least 100")
    adversarial_lengths: tuple[int, ...] = ours(
        (1, 2, 3, 5, 10, 21, 40, 60), "patterns at short and long lengths"
    )
    seed: int = ours(1_000_003, "never a training seed")


RECIPES = {
    "paper": PaperRecipe,
    "fast": FastRecipe,
    "paper-smoke": PaperSmoke,
    "fast-smoke": FastSmoke,
}

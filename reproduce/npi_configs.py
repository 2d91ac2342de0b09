"""Hyper-parameters of the NPI experiments, each with its source."""

from __future__ import annotations

import dataclasses

from reproduce.sources import ours
from reproduce.sources import paper


@dataclasses.dataclass(frozen=True)
class PaperRecipe:
    """Training as the paper describes it."""

    batch_size: int = paper(1, "section 4: batch size 1")
    learning_rate: float = paper(1e-4, "section 4: base learning rate")
    decay_rate: float = paper(0.95, "section 4: x0.95")
    decay_steps: int = paper(10_000, "section 4: every 10,000 steps")
    estimate_every: int = paper(1_000, "section 3.2: errors re-estimated")
    temperature: float = ours(
        0.2, "unknown; errors 1 and 0 are fetched 148 to 1 at the most"
    )
    estimate_frames: int = ours(
        256, "unknown; frames of each program that an estimate draws"
    )
    count_power: float = ours(1.0, "invocations as they occur in the traces")
    num_steps: int = ours(
        200_000, "unknown; 100,000 left ADD1 wrong on 8 % of its frames"
    )


@dataclasses.dataclass(frozen=True)
class FastRecipe:
    """Same model and data, trained in about a minute on two cores."""

    batch_sizes: tuple[tuple[tuple[str, int], ...], ...] = ours(
        (
            (("ADD", 8),),
            (("ADD1", 128),),
            (("CARRY", 16), ("LSHIFT", 32), ("RSHIFT", 8)),
            (("ACT", 64),),
        ),
        "frames of one step; programs in one group share a padded length",
    )
    first_steps: int = ours(
        12, "ADD frames are cut to their first calls, as they dominate cost"
    )
    whole_every: int = ours(4, "but every fourth batch has them whole")
    estimate_every: int = ours(
        100, "steps between two estimates of every frame's error"
    )
    error_floor: float = ours(
        0.05, "a frame that is wrong is drawn 21 times as often as one learnt"
    )
    learning_rate: float = ours(2e-3, "4e-3 also learns; 2e-3 was kept")
    warmup_steps: int = ours(100, "Adam's moments settle")
    final_fraction: float = ours(0.01, "cosine decay to 1 % of the peak")
    weight_decay: float = ours(
        0.02, "unlearns inputs that a program does not need"
    )
    count_power: float = ours(
        0.0, "distinct frames uniformly, so that rare columns are seen"
    )
    num_steps: int = ours(
        1_200, "every validation frame is right at the end, in every seed"
    )


@dataclasses.dataclass(frozen=True)
class FastSmoke(FastRecipe):
    """Half a minute: shows that everything runs, not that it learns."""

    batch_sizes: tuple[tuple[tuple[str, int], ...], ...] = ours(
        (
            (
                ("ADD", 2),
                ("ADD1", 8),
                ("CARRY", 2),
                ("LSHIFT", 4),
                ("RSHIFT", 2),
                ("ACT", 4),
            ),
        ),
        "few frames, and one shape, so one compilation",
    )
    num_steps: int = ours(20, "a smoke test")
    warmup_steps: int = ours(5, "a smoke test")
    whole_every: int = ours(1, "one shape, so one compilation")
    estimate_every: int = ours(6, "more than one estimate")


@dataclasses.dataclass(frozen=True)
class PaperSmoke(PaperRecipe):
    """The same of the paper's recipe."""

    num_steps: int = ours(20, "a smoke test")
    estimate_every: int = ours(6, "more than one estimate")
    estimate_frames: int = ours(8, "a smoke test")


@dataclasses.dataclass(frozen=True)
class AdditionEvaluation:
    """Which sums are tried after training."""

    lengths: tuple[int, ...] = paper(
        (*range(1, 21), 40, 80, 160, 240, 480, 960, 2000, 3000),
        "Figure 9, and every training length",
    )
    problems_per_length: int = ours(100, "unknown; at least 100")
    long: int = paper(3000, "Figure 9 ends here")
    problems_if_long: int = ours(10, "of each length beyond, for time")
    longest_adversarial: int = ours(
        1_000, "digits of the adversarial set's sums: all of it"
    )
    seed: int = ours(1_000_003, "never a training seed")


RECIPES = {
    "paper": PaperRecipe,
    "fast": FastRecipe,
    "paper-smoke": PaperSmoke,
    "fast-smoke": FastSmoke,
}

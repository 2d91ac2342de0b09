"""Hyper-parameters of the canonicalisation of cars, each with its source."""

from __future__ import annotations

import dataclasses

from reproduce import npi_configs
from reproduce.sources import ours


@dataclasses.dataclass(frozen=True)
class PaperRecipe(npi_configs.PaperRecipe):
    """Training as the paper describes it: one frame a step."""

    estimate_frames: int = ours(
        32, "unknown; frames of each program that an estimate draws"
    )
    num_steps: int = ours(60_000, "unknown; as many as sorting")


@dataclasses.dataclass(frozen=True)
class FastRecipe:
    """All frames of some rows and columns of poses on every step."""

    rows_per_step: int = ours(
        8, "a car from 11 azimuths: everything but VGOTO and its like"
    )
    columns_per_step: int = ours(4, "a car from 5 elevations: VGOTO")
    frames_of_easy_programs: int = ours(
        3, "of GOTO and ACT, which need no picture, from each row and column"
    )
    shift: int = ours(3, "pixels; training pictures are moved about")
    swap_channels: bool = ours(True, "so that hue does not matter")
    gamma: float = ours(0.4, "a channel's gamma lies in exp(-0.4 .. 0.4)")
    contrast: float = ours(0.2, "a channel's contrast lies in 0.8 .. 1.2")
    brightness: float = ours(0.15, "a channel is up to this brighter, darker")
    learning_rate: float = ours(2e-3, "as for addition")
    warmup_steps: int = ours(100, "Adam's moments settle")
    final_fraction: float = ours(0.01, "cosine decay to 1 % of the peak")
    weight_decay: float = ours(0.02, "as for addition")
    num_steps: int = ours(
        800, "some minutes of a core; 400 left 1 to 3 % of the runs wrong"
    )


@dataclasses.dataclass(frozen=True)
class FastSmoke(FastRecipe):
    """A minute at most: shows that everything runs, not that it learns."""

    rows_per_step: int = ours(2, "a smoke test")
    columns_per_step: int = ours(1, "a smoke test")
    num_steps: int = ours(6, "a smoke test")
    warmup_steps: int = ours(2, "a smoke test")


@dataclasses.dataclass(frozen=True)
class PaperSmoke(PaperRecipe):
    """The same of the paper's recipe."""

    num_steps: int = ours(6, "a smoke test")
    estimate_every: int = ours(4, "more than one estimate")
    estimate_frames: int = ours(4, "a smoke test")


# How pictures are changed, in words and as arguments of `Renderer.render`.
# The light shines from above and in front, along the car, in training.
CHANGES = (
    ("light from the car's left", (("light_direction", (0.5, 1.0, 0.7)),)),
    ("light from the car's right", (("light_direction", (0.5, -1.0, 0.7)),)),
    ("light from behind", (("light_direction", (-0.7, 0.0, 0.7)),)),
    ("colours turned by 60 degrees", (("hue", 60.0),)),
    ("colours turned by 180 degrees", (("hue", 180.0),)),
    ("grey background", (("background", (200, 200, 200)),)),
    ("camera 10 % nearer", (("camera_distance", 0.90),)),
    ("camera 5 % nearer", (("camera_distance", 0.95),)),
    ("camera 5 % farther", (("camera_distance", 1.05),)),
    ("camera 10 % farther", (("camera_distance", 1.10),)),
)


@dataclasses.dataclass(frozen=True)
class CanonicalizationEvaluation:
    """What is tried after training, beside all starts of all cars."""

    changes: tuple = ours(
        CHANGES, "what training never rendered; unseen cars, all starts"
    )


RECIPES = {
    "paper": PaperRecipe,
    "fast": FastRecipe,
    "paper-smoke": PaperSmoke,
    "fast-smoke": FastSmoke,
}

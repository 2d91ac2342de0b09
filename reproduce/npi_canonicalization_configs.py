"""Hyper-parameters of the canonicalisation of cars, each with its source."""

from __future__ import annotations

import dataclasses

from reproduce.sources import ours


@dataclasses.dataclass(frozen=True)
class FastRecipe:
    """All frames of some rows and columns of poses on every step."""

    rows_per_step: int = ours(
        16, "a car from 11 azimuths: everything but VGOTO and its like"
    )
    columns_per_step: int = ours(8, "a car from 5 elevations: VGOTO")
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
    num_steps: int = ours(2_500, "about ten minutes of a core")

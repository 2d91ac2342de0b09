"""The textbook programs of canonicalisation (Table 2 of the paper).

They look at the pose (`PoseEnvironment.reveal`), which the network never
sees: it learns to tell it from pictures.
"""

from __future__ import annotations

import numpy as np

from npi_tf import specs
from npi_tf.canonicalization import environment

AZIMUTH, ELEVATION = range(2)


def offset(observation: np.ndarray, angle: int) -> int:
    """By how many moves the camera is beyond the target, -12 to 11.

    Args:
        observation: Bins of the target's angles, then of the camera's.
        angle: `AZIMUTH` or `ELEVATION`.
    """
    if len(observation) != len(environment.POSE_OBSERVATIONS.features):
        raise ValueError(
            "observation: must hold the target and the pose, which a "
            f"picture does not show, got {len(observation)} values"
        )
    half = environment.NUM_BINS // 2
    difference = int(observation[2 + angle]) - int(observation[angle])
    return (difference + half) % environment.NUM_BINS - half


def _goto(state, observation, arguments) -> specs.Step:
    if state == 0:
        return specs.Step("HGOTO", next_state=1)
    return specs.Step("VGOTO", end=True)


def _choose(angle: int, if_beyond: str, if_before: str) -> specs.Decide:
    """Calls the program of the right direction, or the null action."""

    def decide(state, observation, arguments) -> specs.Step:
        moves = offset(observation, angle)
        if moves == 0:
            return specs.Step(specs.ACT, end=True)  # Deviation D11.
        return specs.Step(if_beyond if moves > 0 else if_before, end=True)

    return decide


def _approach(angle: int, direction: int, sign: int) -> specs.Decide:
    """Moves until the next move reaches the target."""

    def decide(state, observation, arguments) -> specs.Step:
        end = sign * offset(observation, angle) <= 1
        return specs.Step(specs.ACT, environment.move(direction), end)

    return decide


PROGRAMS = (
    specs.Program(
        "GOTO",
        "change 3D car pose to match the target",
        calls=("HGOTO", "VGOTO"),
        num_states=2,
        decide=_goto,
    ),
    specs.Program(
        "HGOTO",
        "move horizontally to the target angle",
        calls=("LGOTO", "RGOTO", specs.ACT),
        decide=_choose(AZIMUTH, "LGOTO", "RGOTO"),
    ),
    specs.Program(
        "LGOTO",
        "move left to match the target angle",
        calls=(specs.ACT,),
        decide=_approach(AZIMUTH, environment.LEFT, 1),
    ),
    specs.Program(
        "RGOTO",
        "move right to match the target angle",
        calls=(specs.ACT,),
        decide=_approach(AZIMUTH, environment.RIGHT, -1),
    ),
    specs.Program(
        "VGOTO",
        "move vertically to the target elevation",
        calls=("UGOTO", "DGOTO", specs.ACT),
        decide=_choose(ELEVATION, "DGOTO", "UGOTO"),
    ),
    specs.Program(
        "UGOTO",
        "move up to match the target elevation",
        calls=(specs.ACT,),
        decide=_approach(ELEVATION, environment.UP, -1),
    ),
    specs.Program(
        "DGOTO",
        "move down to match the target elevation",
        calls=(specs.ACT,),
        decide=_approach(ELEVATION, environment.DOWN, 1),
    ),
    specs.Program(specs.ACT, "move the camera 15 degrees"),
)

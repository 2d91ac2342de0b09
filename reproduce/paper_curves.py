"""The curves of Reed and de Freitas, arXiv 1511.06279, as numbers.

Read off the raster figures by pixel measurement, so each point is good to
about one percentage point. What the figures print as "about" is the number
itself here. Every curve is a dict from what the figure's horizontal axis
shows to a fraction of 1.
"""

from __future__ import annotations

_EXAMPLES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048)
_SORTING_LENGTHS = (5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70)
_ADDITION_LENGTHS = (5, 10, 20, 40, 80, 160, 240, 480, 960, 2000, 2100, 3000)


def _curve(where: tuple[int, ...], percent: tuple[float, ...]):
    """Point -> fraction; a curve may end before the axis does."""
    return {x: round(y / 100, 4) for x, y in zip(where, percent)}


# Figure 5: arrays of length 20 sorted, per sequence, by training examples.
FIGURE_5_NPI = _curve(
    _EXAMPLES, (0, 0, 72, 100, 100, 99, 100, 100, 100, 100, 100, 100)
)
FIGURE_5_SEQ2SEQ = _curve(
    _EXAMPLES, (0, 0, 0, 0, 0, 0, 1, 64, 95, 98, 100, 100)
)

# Figure 6: arrays sorted, per sequence, by length; trained on 2 to 20.
FIGURE_6_NPI = _curve(_SORTING_LENGTHS, (100,) * 11 + (78, 50, 30))
FIGURE_6_SEQ2SEQ = _curve(_SORTING_LENGTHS, (100,) * 4 + (98, 43, 2) + (0,) * 7)

# Figure 9: sums by digits. Per sequence, the stacked ones per character.
FIGURE_9_NPI = _curve(_ADDITION_LENGTHS, (100,) * 12)
FIGURE_9_EASY_64 = _curve(
    _ADDITION_LENGTHS, (97, 97, 97, 97, 99, 97, 95.5, 95, 88, 82, 0)
)
FIGURE_9_EASY_32 = _curve(
    _ADDITION_LENGTHS, (97, 96.5, 96.5, 95, 93, 86, 84, 71, 52.5, 27, 0)
)
FIGURE_9_STACK_512 = _curve(_ADDITION_LENGTHS, (99, 84, 44, 25, 16, 13))
FIGURE_9_STACK_32 = _curve(_ADDITION_LENGTHS, (64, 39, 24, 15, 10))

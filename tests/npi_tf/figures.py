"""Traces printed in the paper, line for line."""

# Figure 3b: the generated trace of 96 + 125.
FIGURE_3B = """\
ADD
  ADD1
    WRITE OUT 1
    CARRY
      PTR CARRY LEFT
      WRITE CARRY 1
      PTR CARRY RIGHT
  LSHIFT
    PTR INP1 LEFT
    PTR INP2 LEFT
    PTR CARRY LEFT
    PTR OUT LEFT
  ADD1
    WRITE OUT 2
    CARRY
      PTR CARRY LEFT
      WRITE CARRY 1
      PTR CARRY RIGHT
  LSHIFT
    PTR INP1 LEFT
    PTR INP2 LEFT
    PTR CARRY LEFT
    PTR OUT LEFT
  ADD1
    WRITE OUT 2
  LSHIFT
    PTR INP1 LEFT
    PTR INP2 LEFT
    PTR CARRY LEFT
    PTR OUT LEFT"""

# Figure 8: the generated trace of [9, 2, 5]. Later sweeps swap nothing.
_SWEEP = """\
  BUBBLE
    PTR 2 RIGHT
    BSTEP
      COMPSWAP{swap}
      RSHIFT
        PTR 1 RIGHT
        PTR 2 RIGHT
    BSTEP
      COMPSWAP{swap}
      RSHIFT
        PTR 1 RIGHT
        PTR 2 RIGHT
  RESET
    LSHIFT
      PTR 1 LEFT
      PTR 2 LEFT
    LSHIFT
      PTR 1 LEFT
      PTR 2 LEFT
    PTR 3 RIGHT"""
FIGURE_8 = "\n".join(
    [
        "BUBBLESORT",
        _SWEEP.format(swap="\n        SWAP 1 2"),
        _SWEEP.format(swap=""),
        _SWEEP.format(swap=""),
    ]
)

# Figure 7: the second car's trace, from azimuth -45 and elevation 45.
FIGURE_7B = """\
GOTO
  HGOTO
    RGOTO
      RIGHT
      RIGHT
      RIGHT
  VGOTO
    DGOTO
      DOWN
      DOWN"""

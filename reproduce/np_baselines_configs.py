"""Hyper-parameters of the baselines of section 3.2.2, each with its source."""

from __future__ import annotations

import dataclasses

from reproduce.sources import ours
from reproduce.sources import paper

MODELS = ("seq2seq", "attention")
NUM_HEADS = (1, 5, 10)
DECIMALS = (0, 2)


@dataclasses.dataclass(frozen=True)
class Recipe:
    """Model and training. Beyond what is marked, the paper says nothing."""

    num_layers: int = paper(3, "section 3.2.2: three-layer LSTM")
    num_rows: tuple[int, int] = paper((4, 7), "section 3.2.2: uniform")
    span: int = paper(10, "section 3.2.2: elements in [-10, 10]")
    decimals: int = ours(
        0, "unknown; whole numbers are easier, 2 is what the other data have"
    )
    hidden_dim: int = ours(128, "as wide as a core trains at 1,500 questions/s")
    batch_size: int = ours(64, "more steps for the same examples")
    learning_rate: float = ours(2e-3, "peak of Adam")
    warmup_steps: int = ours(200, "Adam's moments settle")
    final_fraction: float = ours(0.01, "cosine decay to 1 % of the peak")
    clip_norm: float = ours(1.0, "of all gradients together")
    num_steps: int = ours(6_000, "384,000 questions, minutes of one core")


@dataclasses.dataclass(frozen=True)
class Smoke(Recipe):
    """Seconds: shows that everything runs, not that it learns."""

    hidden_dim: int = ours(20, "a smoke test")
    batch_size: int = ours(8, "a smoke test")
    warmup_steps: int = ours(2, "a smoke test")
    num_steps: int = ours(20, "a smoke test")


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """Which questions are asked after training."""

    spans: tuple[int, ...] = paper(
        (10, 50), "section 3.2.2: tested in [-10, 10] and in [-50, 50]"
    )
    questions_per_template: int = ours(
        200, "of each of 16: 3,200, so one point is 32 questions"
    )
    seed: int = ours(1_000_003, "never a training seed")


RECIPES = {"paper": Recipe, "paper-smoke": Smoke}


def setting(num_heads: int, table_first: bool, decimals: int) -> str:
    """What names a run: seq2seq, attention_5_table_first, ...

    Args:
        num_heads: 0 without attention.
        table_first: Whether the column stands before the question.
        decimals: Of the numbers, 0 or 2.
    """
    parts = [f"attention_{num_heads}" if num_heads else "seq2seq"]
    parts += ["table_first"] * table_first
    parts += ["two_decimals"] * (decimals == 2)
    return "_".join(parts)


def programmer(decimals: int) -> str:
    """What names a record of the Neural Programmer on the same questions."""
    return "programmer" + "_two_decimals" * (decimals == 2)

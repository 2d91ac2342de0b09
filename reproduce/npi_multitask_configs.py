"""Hyper-parameters of one core for all domains, each with its source."""

from __future__ import annotations

import dataclasses

from reproduce import npi_configs
from reproduce.sources import ours
from reproduce.sources import paper

_ADDITION = (
    (("ADD", 8),),
    (("ADD1", 192),),
    (("CARRY", 12), ("LSHIFT", 24), ("RSHIFT", 8)),
    (("ACT", 32),),
)
_SORTING = (
    (("BUBBLESORT", 8),),
    (("BUBBLE", 10), ("RESET", 10)),
    (("COMPSWAP", 96),),
    (("BSTEP", 24), ("LSHIFT", 16), ("RSHIFT", 16)),
    (("ACT", 32),),
)


@dataclasses.dataclass(frozen=True)
class FastRecipe:
    """One core for three domains, and practice for new programs."""

    addition_batch: tuple = ours(
        _ADDITION,
        "addition's own groups, but for ADD1: with 96 frames of it, two "
        "cores of two had 0.2 % of them wrong at the end",
    )
    sorting_batch: tuple = ours(
        _SORTING, "programs with frames of like length; each one's mean loss"
    )
    first_steps: int = ours(12, "long frames are cut to their first calls")
    whole_every: int = ours(4, "but every fourth batch has them whole")
    estimate_every: int = ours(
        100, "steps between two estimates of every frame's error"
    )
    error_floor: float = ours(
        0.05, "a frame that is wrong is drawn 21 times as often as one learnt"
    )
    count_power: float = ours(0.0, "distinct frames uniformly")
    rows_per_step: int = ours(8, "half of the cars' own recipe, for time")
    columns_per_step: int = ours(4, "half of the cars' own recipe, for time")
    practice_programs: int = ours(
        50,
        "random programs of addition and of sorting, each as many; of 32 "
        "drawn without turns, some bits ended no loop, and cores that had "
        "practised none for RJMP's did not learn it",
    )
    practice_keys: int = ours(16, "keys that no program has")
    practice_batch: int = ours(48, "frames of practice of each domain")
    practice_steps: int = ours(8, "most steps of a practice frame")
    practice_weight: float = ours(0.5, "of practice beside a domain's groups")
    blind_frames: int = ours(
        500,
        "of each program that always does the same, which see anything; "
        "without them RSHIFT of one core of two failed where MAX calls it",
    )
    embedding_dim: int = ours(
        256, "P; with 64 a row steers a frozen core less well"
    )
    key_dim: int = ours(32, "K, as for one domain")
    learning_rate: float = ours(2e-3, "as for addition alone")
    warmup_steps: int = ours(100, "Adam's moments settle")
    final_fraction: float = ours(0.01, "cosine decay to 1 % of the peak")
    weight_decay: float = ours(0.02, "as for addition alone")
    num_steps: int = ours(1_200, "26 minutes with the second part")
    second_steps: int = ours(
        500,
        "of a second part, mostly practice; without it two of three "
        "frozen cores did not learn RJMP",
    )
    second_learning_rate: float = ours(1e-3, "peak of the second part")
    second_practice_batch: int = ours(96, "frames of practice, second part")
    second_practice_weight: float = ours(2.0, "of practice, second part")

    def second(self) -> FastRecipe:
        """The recipe of the second part."""
        return dataclasses.replace(
            self,
            num_steps=self.second_steps,
            learning_rate=self.second_learning_rate,
            practice_batch=self.second_practice_batch,
            practice_weight=self.second_practice_weight,
        )


@dataclasses.dataclass(frozen=True)
class PaperRecipe(npi_configs.PaperRecipe):
    """One frame a step, its program drawn by the adaptive curriculum."""

    estimate_frames: int = ours(64, "unknown; frames of an estimate")
    embedding_dim: int = ours(64, "P is unknown")
    key_dim: int = ours(32, "K is unknown")


@dataclasses.dataclass(frozen=True)
class NewPrograms:
    """MAX and RJMP on the frozen core."""

    lengths: tuple[int, ...] = ours((*range(2, 9),), "arrays of the traces")
    problems_per_length: int = ours(40, "unknown")
    learning_rate: float = ours(0.03, "Adam on 2 (P + K) numbers")
    num_steps: int = ours(800, "of an attempt")
    num_restarts: int = ours(8, "most attempts from other random rows")
    num_candidates: int = ours(
        24, "rows that race before an attempt; of one each, eight failed"
    )
    batch_size: int = ours(32, "frames of each new program")
    target_loss: float = ours(1.0, "ends an attempt, with all frames right")
    cars: int = ours(2, "whose frames are negatives, with that remedy")


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """The cells of Table 1."""

    digits: int = paper(10, "Table 1")
    array_length: int = paper(5, "Table 1")
    canonicalization_steps: int = paper(4, "Table 1: up to four steps")
    problems: int = ours(1_000, "of each discrete task; unknown")
    long_digits: int = ours(100, "beside the table")
    long_array: int = ours(20, "beside the table")
    long_problems: int = ours(100, "of each")
    seed: int = ours(2_000_003, "never a training seed")


@dataclasses.dataclass(frozen=True)
class FastSmoke(FastRecipe):
    """Shows that everything runs, not that it learns."""

    addition_batch: tuple = ours(
        (tuple((name, 2) for group in _ADDITION for name, _ in group),),
        "one shape, so one compilation",
    )
    sorting_batch: tuple = ours(
        (tuple((name, 2) for group in _SORTING for name, _ in group),),
        "one shape, so one compilation",
    )
    practice_batch: int = ours(4, "a smoke test")
    blind_frames: int = ours(2, "a smoke test")
    rows_per_step: int = ours(2, "a smoke test")
    columns_per_step: int = ours(1, "a smoke test")
    num_steps: int = ours(4, "a smoke test")
    second_practice_batch: int = ours(4, "a smoke test")
    second_steps: int = ours(2, "a smoke test")
    warmup_steps: int = ours(2, "a smoke test")
    whole_every: int = ours(1, "one shape, so one compilation")
    estimate_every: int = ours(3, "more than one estimate")


@dataclasses.dataclass(frozen=True)
class PaperSmoke(PaperRecipe):
    """The same of the paper's recipe."""

    num_steps: int = ours(6, "a smoke test")
    estimate_every: int = ours(4, "more than one estimate")
    estimate_frames: int = ours(2, "a smoke test")


@dataclasses.dataclass(frozen=True)
class NewProgramsSmoke(NewPrograms):
    """The same of the new programs."""

    problems_per_length: int = ours(2, "a smoke test")
    num_steps: int = ours(3, "a smoke test")
    num_candidates: int = ours(1, "a smoke test")
    num_restarts: int = ours(1, "a smoke test")


@dataclasses.dataclass(frozen=True)
class EvaluationSmoke(Evaluation):
    """The same of the evaluation."""

    problems: int = ours(4, "a smoke test")
    long_digits: int = ours(12, "a smoke test")
    long_array: int = ours(6, "a smoke test")
    long_problems: int = ours(2, "a smoke test")


RECIPES = {
    "fast": FastRecipe,
    "paper": PaperRecipe,
    "fast-smoke": FastSmoke,
    "paper-smoke": PaperSmoke,
}
NEW_PROGRAMS = {"full": NewPrograms, "smoke": NewProgramsSmoke}
EVALUATIONS = {"full": Evaluation, "smoke": EvaluationSmoke}

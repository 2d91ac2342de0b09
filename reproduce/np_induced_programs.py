"""Table 3: programs that the trained model induces, as text and picture.

    python reproduce/np_induced_programs.py
    python reproduce/np_induced_programs.py --png=programs.png

Asks the preset `ten_columns` the paper's questions on a random table, and
prints per step the operation, the column, the rows it selects and the pivots.
The picture shows the probabilities of operations and columns at each step.

Source: Neelakantan, Le and Sutskever, arXiv 1511.04834, Table 3.
"""

from __future__ import annotations

import time

from np_tf import quiet

with quiet.quiet_tensorflow():
    import tensorflow  # noqa: F401  Quietly, before the model imports it.

import numpy as np
from absl import app
from absl import flags

import np_tf
from reproduce import run_record

EXPERIMENT = "np_induced_programs"
QUESTIONS = (
    "greater 50.32 C and lesser 20.21 E sum H",
    "lesser -80.97 D or greater 12.57 B print F",
    "sum A diff count",
)
# What the paper's model ran: operation and column of each step.
PAPER = (
    ("greater C", "lesser E", "and", "sum H"),
    ("lesser D", "greater B", "or", "assign F"),
    ("sum A", "reset", "count", "difference"),
)
NUM_ROWS = 120
LETTERS = "ABCDEFGHIJ"

_PRESET = flags.DEFINE_string("preset", "ten_columns", "Name or folder.")
_SEED = flags.DEFINE_integer("seed", 0, "Of the random table.")
_PNG = flags.DEFINE_string("png", None, "Where to draw the probabilities.")
_RECORD = flags.DEFINE_bool("record", False, "Write to reproduce/results.")
_QUESTION = flags.DEFINE_multi_string(
    "question", list(QUESTIONS), "What to ask, instead of the paper's."
)


def main(argv):
    if len(argv) > 1:
        raise app.UsageError(f"unexpected arguments: {argv[1:]}")
    started = time.monotonic()
    model = np_tf.NeuralProgrammer.from_preset(_PRESET.value)
    table = random_table(_SEED.value)
    answers = [model.ask(question, table) for question in _QUESTION.value]
    for answer in answers:
        print(describe(answer))
    if _PNG.value:
        draw(answers, _PNG.value)
    if _RECORD.value:
        run_record.write(
            EXPERIMENT,
            "preset",
            _SEED.value,
            {"preset": _PRESET.value, "num_rows": NUM_ROWS},
            time.monotonic() - started,
            {"programs": {a.question: program_words(a) for a in answers}},
            setting=_PRESET.value,
        )


def random_table(seed: int) -> dict[str, np.ndarray]:
    """A table like those of the test: 120 rows, numbers in [-200, 200]."""
    cells = np.random.default_rng(seed).uniform(
        -200, 200, (NUM_ROWS, len(LETTERS))
    )
    return dict(zip(LETTERS, np.round(cells, 2).T))


def describe(answer: np_tf.Answer) -> str:
    """The columns of Table 3, and the paper's program where it has one."""
    lines = [
        f"question  {answer.question}",
        f"answer    {answer.answer_text()}",
        "step  operation    column  rows selected  scalar",
    ]
    names = answer.table.names
    for number, step in enumerate(answer.steps, start=1):
        column = step.call.column
        lines.append(
            f"{number:>4}  {step.call.operation:<11}  "
            f"{'-' if column is None else names[column]:<6}  "
            f"{len(step.rows):>4} of {len(step.mask):<4}   {step.scalar:>10.2f}"
        )
    for name, value in answer.pivots.items():
        lines.append(f"pivot of {name}: {'none' if value is None else value}")
    if answer.question in QUESTIONS:
        expected = PAPER[QUESTIONS.index(answer.question)]
        agrees = program_words(answer) == expected
        lines.append(
            f"the paper's program: {'the same' if agrees else expected}"
        )
    return "\n".join(lines) + "\n"


def program_words(answer: np_tf.Answer) -> tuple[str, ...]:
    """Operation and column of every step."""
    names = answer.table.names
    return tuple(
        call.operation
        if call.column is None
        else f"{call.operation} {names[call.column]}"
        for call in answer.calls
    )


def draw(answers: list[np_tf.Answer], path: str) -> None:
    """Heat maps of the probabilities at each step, one row a question."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, grid = pyplot.subplots(
        len(answers),
        2,
        figsize=(11, 2.6 * len(answers)),
        squeeze=False,
        gridspec_kw={"width_ratios": [9, 10]},
    )
    for answer, (left, right) in zip(answers, grid):
        steps = range(1, len(answer.steps) + 1)
        operations = [step.operation_probs for step in answer.steps]
        columns = [step.column_probs for step in answer.steps]
        labels = np_tf.OPERATIONS[: len(operations[0])]
        for axes, probs, names in (
            (left, operations, labels),
            (right, columns, answer.table.names),
        ):
            image = axes.imshow(np.stack(probs), vmin=0, vmax=1, cmap="Blues")
            axes.set_xticks(range(len(names)), names, rotation=45, ha="right")
            axes.set_yticks(range(len(steps)), [])
        left.set_yticks(range(len(steps)), [f"step {i}" for i in steps])
        left.set_title(answer.question, loc="left", fontsize=10)
    figure.tight_layout()
    figure.colorbar(image, ax=grid.ravel().tolist(), label="probability")
    figure.savefig(path, dpi=120, bbox_inches="tight")
    pyplot.close(figure)


if __name__ == "__main__":
    app.run(main)

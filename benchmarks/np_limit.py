"""The arithmetic of a training step: what matrix products it must compute."""

from __future__ import annotations

from typing import Any
from typing import NamedTuple

# A product `x W` is followed by two of its size: the gradients of x and W.
PASSES = 3


class Shapes(NamedTuple):
    """What the number of multiplications depends on.

    Attributes:
        questions: B.
        words: Q, padding included.
        numbers: N.
        columns: C.
        vocabulary: W.
        operations: O.
        steps: T.
        width: d.
        directions: Of the question RNN; each has d / directions units.
    """

    questions: int
    words: int
    numbers: int
    columns: int
    vocabulary: int
    operations: int
    steps: int
    width: int
    directions: int


def shapes_of(model: Any, inputs: dict[str, Any]) -> Shapes:
    """The shapes of a batch.

    Raises:
        ValueError: If the model has text columns or attention over the
            question, whose products are not counted here.
    """
    controller = model.controller
    if model.text_symbols or controller.attention is not None:
        raise ValueError(
            "model: must have numeric columns and no attention, got encoder "
            f"{model.encoder!r}, {len(model.text_symbols)} text symbols"
        )
    return Shapes(
        *inputs["question"].shape,
        inputs["numbers"].shape[1],
        inputs["column_names"].shape[1],
        controller.vocabulary_size,
        controller.num_operations,
        model.num_steps,
        model.hidden_dim,
        1 if controller.backward is None else 2,
    )


def multiplications(shapes: Shapes) -> int:
    """Multiplications of the forward pass of a batch's matrix products.

    Counted is what the equations need, each product once; the padding of
    words and columns, which is computed as well, counts:

    - question RNN, u = d / directions units: every word of the vocabulary
      times its part of the kernel, `W d u`; the state at all words but the
      first, `(Q - 1) B u u`; both for each direction;
    - pivots: two comparisons with the states at the numbers, `2 B N d`;
    - two selectors: the question's part of the kernel once, `2 B d d`, the
      history's at all steps but the first, `2 (T - 1) B d d`; scores of the
      operations and of the columns, `T B (O + C) d`;
    - history RNN, T - 1 times: the operation's and the column's vector,
      `B (O + C) d`, and their parts of the kernel, `2 B d d`; the part of
      the state before from the third step on, `(T - 2) B d d`.

    Not counted: looking words up (as products with one-hot vectors), the
    executor, which multiplies element by element, and the optimizer.
    """
    s = shapes
    units, square = s.width // s.directions, s.width**2
    rows = (s.operations + s.columns) * s.width
    reading = s.vocabulary * s.width * units
    reading += (s.words - 1) * s.questions * units**2
    selecting = 2 * s.steps * square + s.steps * rows
    remembering = (s.steps - 1) * (2 * square + rows)
    remembering += (s.steps - 2) * square
    pivots = 2 * s.numbers * s.width
    each = selecting + remembering + pivots
    return s.directions * reading + s.questions * each


def flop(shapes: Shapes) -> int:
    """Floating-point operations of a training step's matrix products.

    A multiplication goes with an addition; every product is followed by the
    gradients of its two factors.
    """
    return 2 * PASSES * multiplications(shapes)

"""A model that obeys: it reads plain questions by rule, never wrongly.

It has the interface of `np_tf.NeuralProgrammer` as far as asking needs it,
and executes with the reference executor.
"""

import numpy as np

from np_tf import ask as ask_lib
from np_tf import programs
from np_tf import reference
from np_tf import vocabulary

WORDS = ("sum", "count", "print", "greater", "lesser", "and", "or", "diff")
NAMES = {"print": "assign", "diff": "difference"}
SURE = 0.9  # Probability of everything that it chooses.


class ScriptedModel:
    """Answers with the program that the question's words spell.

    Args:
        letters: The columns that it knows.
        entries: The text entries that it knows.
        program: Calls to answer with, whatever the question is.
    """

    def __init__(self, letters="ABCDE", entries=0, program=None):
        self.column_symbols = tuple(letters)
        self.text_symbols = tuple(f"word:{k}" for k in range(entries))
        self.vocabulary = (*letters, *WORDS, *self.text_symbols)
        self.words = vocabulary.Vocabulary(self.vocabulary)
        self.num_steps = 4
        self.program = program
        self.inputs = None

    def ask(self, question, table):
        return ask_lib.ask(self, question, table)

    def read(self, inputs):
        """The question's words."""
        ids = inputs["question"][0]
        return [self.words.word(int(index)) for index in ids if index]

    def __call__(self, inputs, training):
        assert not training
        self.inputs = inputs
        words = self.read(inputs)
        calls = self.program or _calls(words, self.column_symbols)
        program = programs.pad(calls, self.num_steps)
        choice = _pivot_choice(words, inputs["number_positions"][0])
        pivots = inputs["numbers"][0][choice]
        done = self._execute(program, inputs, pivots)
        return self._outputs(program, inputs, done, choice, pivots)

    def _execute(self, program, inputs, pivots):
        text = inputs.get("text", np.zeros_like(inputs["table"], int))[0]
        asked = np.isin(text, inputs["question"][0]) & (text > 0)
        return reference.execute(
            program, inputs["table"][0], pivots, asked, text.any(axis=0)
        )

    def _outputs(self, program, inputs, done, choice, pivots):
        operations, columns = programs.to_ids(program)
        num_operations = 9 + bool(self.text_symbols)
        lookup = np.zeros(inputs["table"].shape)
        if done.kind == "lookup":
            lookup[0] = done.answer
        return {
            "scalar_answer": np.array([done.scalars[-1]]),
            "lookup_answer": lookup,
            "answer_is_scalar": np.array([done.kind == "scalar"]),
            "valid_answer": np.array([done.kind is not None]),
            "operation_probs": _sure(operations, num_operations)[None],
            "column_probs": _sure(columns, lookup.shape[2])[None],
            "operations": np.array([operations]),
            "columns": np.array([columns]),
            "pivots": pivots[None],
            "pivot_probs": np.eye(inputs["numbers"].shape[1])[choice][None],
            "scalar_answers": done.scalars[None],
            "row_select": done.row_selects[None].astype(float),
        }


def _sure(chosen, size):
    return np.where(np.eye(size)[chosen], SURE, (1 - SURE) / (size - 1))


def _pivot_choice(words, positions):
    """Which number is each comparison's: the one right of its word."""
    left = [words[position] for position in positions if position >= 0]
    return [
        left.index(name) if name in left else 0 for name in programs.COMPARISONS
    ]


def _calls(words, letters):
    """The calls of a plain question, such as `greater A and word:1 B count`."""
    calls = []
    for word in words:
        if word in letters:
            if calls[-1].column is not None:
                column = letters.index(word)
                calls[-1] = programs.Call(calls[-1].operation, column)
        elif word.startswith("word:"):
            calls.append(programs.Call("text_match", 0))
        else:
            name = NAMES.get(word, word)
            needs_column = name in programs.COLUMN_OPERATIONS
            calls.append(programs.Call(name, 0 if needs_column else None))
    names = [call.operation for call in calls]
    if "difference" in names:
        return [calls[0], programs.Call("reset"), calls[2], calls[1]]
    if len(calls) == 4:
        return [calls[0], calls[2], calls[1], calls[3]]
    return calls

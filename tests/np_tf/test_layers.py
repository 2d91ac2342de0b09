"""Every layer passes the same contract."""

import inspect

import keras
import numpy as np
import pytest

from np_tf import controller as controller_lib
from np_tf import executor as executor_lib
from np_tf import history as history_lib
from np_tf import pivots as pivots_lib
from np_tf import question as question_lib
from np_tf import selector as selector_lib
from np_tf import text_match as text_match_lib
from tests import layer_contract

_RNG = np.random.default_rng(0)
B, Q, W, D, O, C, M, N = 3, 4, 7, 6, 10, 3, 5, 2  # noqa: E741


def normal(*shape):
    return _RNG.normal(size=shape).astype(np.float32)


def probs(*shape):
    scores = _RNG.uniform(size=shape)
    return (scores / scores.sum(axis=-1, keepdims=True)).astype(np.float32)


QUESTION = np.array([[1, 2, 3, 4], [5, 6, 0, 0], [2, 0, 0, 0]], np.int32)
WORDS = normal(W, D)
COLUMNS = normal(B, C, D)
TEXT = _RNG.integers(0, W, (B, M, C)).astype(np.int32)
ENCODING = controller_lib.Encoding(
    question=normal(B, D),
    states=normal(B, Q, D),
    is_word=QUESTION > 0,
    columns=COLUMNS,
    is_column=np.arange(C) < np.array([[3], [2], [1]]),
    names=np.eye(W, dtype=np.float32)[[[1, 2, 3], [4, 5, 0], [6, 0, 0]]],
)
FACTS = executor_lib.TableFacts(
    table=normal(B, M, C),
    row_mask=(np.arange(M) < np.array([[5], [3], [1]])).astype(np.float32),
    greater=_RNG.integers(0, 2, (B, M, C)).astype(np.float32),
    lesser=_RNG.integers(0, 2, (B, M, C)).astype(np.float32),
    text_match=_RNG.uniform(size=(B, M, C)).astype(np.float32),
    pivots=normal(B, 2),
    is_numeric=_RNG.integers(0, 2, (B, C)).astype(np.float32),
)
MEMORY = executor_lib.Memory(
    (probs(B, M), probs(B, M)), (normal(B), normal(B), normal(B))
)
HISTORY = [probs(B, O), probs(B, C), normal(O, D), COLUMNS, normal(B, D)]
POSITIONS = np.array([[0, 3], [1, -1], [-1, -1]], np.int32)


def controller_case(encoder, num_weights):
    """The later step of a controller: everything that it has is used."""

    def forward(layer, inputs):
        encoding = layer.encode(QUESTION, QUESTION[:, :C])
        first = layer(encoding)
        return first[:2], layer(encoding, *inputs[1:])

    return {
        "layer_class": controller_lib.Controller,
        "init_kwargs": {
            "vocabulary_size": W,
            "num_operations": O,
            "hidden_dim": D,
            "encoder": encoder,
        },
        "inputs": [ENCODING, (probs(B, O), probs(B, C)), normal(B, D)],
        "output_shapes": [(B, O), (B, C), (B, D)],
        "num_weights": num_weights,
        "forward": forward,
    }


# Layer -> its contract's arguments.
CASES = {
    "question": {
        "layer_class": question_lib.QuestionRNN,
        "init_kwargs": {"hidden_dim": 5},
        "inputs": [QUESTION, WORDS],
        "output_shapes": [(B, Q, 5), (B, 5)],
        "num_weights": 1,
        "shared": (1,),
    },
    "question, backward": {
        "layer_class": question_lib.QuestionRNN,
        "init_kwargs": {"hidden_dim": 5, "reverse": True},
        "inputs": [QUESTION, WORDS],
        "output_shapes": [(B, Q, 5), (B, 5)],
        "num_weights": 1,
        "shared": (1,),
    },
    "attention": {
        "layer_class": question_lib.QuestionAttention,
        "init_kwargs": {},
        "inputs": [normal(B, D), normal(B, Q, D), QUESTION > 0],
        "output_shapes": [(B, D)],
        "num_weights": 0,
    },
    "selector": {
        "layer_class": selector_lib.Selector,
        "init_kwargs": {"hidden_dim": D},
        "inputs": [[normal(B, D), normal(B, D)], normal(O, D)],
        "output_shapes": [(B, O)],
        "num_weights": 1,
        "shared": (1,),
    },
    "selector of three parts, own rows": {
        "layer_class": selector_lib.Selector,
        "init_kwargs": {"hidden_dim": D, "num_inputs": 3},
        "inputs": [[normal(B, D) for _ in range(3)], COLUMNS],
        "output_shapes": [(B, C)],
        "num_weights": 1,
    },
    "history": {
        "layer_class": history_lib.HistoryRNN,
        "init_kwargs": {"hidden_dim": D},
        "inputs": HISTORY,
        "output_shapes": [(B, D)],
        "num_weights": 1,
        "shared": (2,),
    },
    "history over words": {
        "layer_class": history_lib.HistoryRNN,
        "init_kwargs": {"hidden_dim": D},
        "inputs": [probs(B, O), probs(B, W), normal(O, D), WORDS],
        "output_shapes": [(B, D)],
        "num_weights": 1,
        "shared": (2, 3),
    },
    "pivots": {
        "layer_class": pivots_lib.PivotSelector,
        "init_kwargs": {},
        "inputs": [normal(B, Q, D), POSITIONS, normal(2, D)],
        "output_shapes": [(B, 2, N), (B, N)],
        "num_weights": 0,
        "shared": (2,),
    },
    "text match": {
        "layer_class": text_match_lib.TextMatch,
        "init_kwargs": {},
        "inputs": [
            TEXT,
            WORDS,
            COLUMNS,
            normal(B, D),
            normal(B, Q, D),
            QUESTION > 0,
        ],
        "output_shapes": [(B, C, W)],
        "num_weights": 0,
        "shared": (1,),
    },
    "executor": {
        "layer_class": executor_lib.Executor,
        "init_kwargs": {},
        "inputs": [probs(B, O), probs(B, C), MEMORY, FACTS],
        "output_shapes": [(B,), (B, M, C), (B, M), (B, M), (B,), (B,), (B,)],
        "num_weights": 0,
        "computes_in": "float32",  # The table's.
    },
    "controller": controller_case("rnn", 6),
    "controller, bidirectional": controller_case("bidirectional", 7),
    "controller, attention": controller_case("attention", 7),
}


@pytest.mark.parametrize("name", CASES)
def test_layer_contract(name):
    layer_contract.run_layer_test(**CASES[name])


def test_no_layer_is_left_out():
    parts = (
        controller_lib,
        executor_lib,
        history_lib,
        pivots_lib,
        question_lib,
        selector_lib,
        text_match_lib,
    )
    layers = {
        value
        for module in parts
        for value in vars(module).values()
        if inspect.isclass(value) and issubclass(value, keras.layers.Layer)
    }
    assert layers == {case["layer_class"] for case in CASES.values()}

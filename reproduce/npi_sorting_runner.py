"""Runs a network on many arrays as the compiled interpreter does, but faster.

The LSTM state is zeroed at every call, so what the core decides depends only
on the program, its arguments and what was seen since the call. Calls of BSTEP,
COMPSWAP, the shifts and ACT last one or two steps and see little: six of seven
steps of a sort are the repetition of an earlier one. Here each is computed
once; a test says that the runs are those of `npi_tf.runner.Runner`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from npi_tf import domains
from npi_tf import interpreter as interpreter_lib
from npi_tf import runner as runner_lib
from npi_tf import specs
from npi_tf.sorting import environment
from npi_tf.sorting import problems as problems_lib

_KNOWN_STEPS = 2  # Of a call that are kept; later ones are always computed.
_CODES = environment.OBSERVATIONS.size
_NOT_KEPT = -1
_OK, _BUDGET, _OVERFLOW, _BAD_ACTION = map(
    interpreter_lib.STATUSES.index,
    (
        interpreter_lib.OK,
        interpreter_lib.BUDGET,
        interpreter_lib.OVERFLOW,
        interpreter_lib.BAD_ACTION,
    ),
)


class Arrays:
    """`SortingEnvironment` for many arrays of one length.

    Args:
        problems: Arrays of equal length.
    """

    def __init__(self, problems: list[problems_lib.Problem]):
        self.array = np.array(problems, np.int64)  # [B, N]
        self.pointers = np.zeros([len(problems), 3], np.int64)
        self._rows = np.arange(len(problems))
        self._moves = np.zeros([4 * 3 * 4, 3], np.int64)
        self._valid = np.zeros(4 * 3 * 4, bool)
        for action in environment.ACTIONS:
            self._valid[_action_code(np.array(action))] = True
        for action in environment.MOVES:
            step = 1 if action[2] == environment.RIGHT else -1
            self._moves[_action_code(np.array(action)), action[0] - 1] = step

    def observe(self) -> np.ndarray:
        """What every array shows, `[B, 8]`."""
        last = self.array.shape[1] - 1
        seen = np.empty([len(self._rows), 8], np.int64)
        seen[:, 0] = self.array[self._rows, self.pointers[:, 0]]
        seen[:, 1] = self.array[self._rows, self.pointers[:, 1]]
        seen[:, 2::2] = self.pointers == 0
        seen[:, 3::2] = self.pointers == last
        return seen

    def act(self, arguments: np.ndarray, mask: np.ndarray) -> np.ndarray:
        """One action of every array where `mask` holds; where it was one."""
        limits = [len(spec.values) for spec in environment.ARGUMENTS]
        known = ((arguments >= 0) & (arguments < limits)).all(axis=1)
        code = np.where(known, _action_code(arguments), 1)  # 1: no action.
        valid = self._valid[code]
        moved = self.pointers + self._moves[code] * (mask & valid)[:, None]
        self.pointers = moved.clip(0, self.array.shape[1] - 1)
        swaps = mask & (arguments == environment.SWAP_1_2).all(axis=1)
        rows = self._rows[swaps][:, None]
        pair = self.pointers[swaps, :2]
        self.array[rows, pair] = self.array[rows, pair[:, ::-1]]
        return valid


def _action_code(arguments):
    return arguments @ (12, 4, 1)


class Decisions:
    """What the core decides, computed once for each start of a call.

    Args:
        interpreter: Whose core to ask.
    """

    def __init__(self, interpreter: interpreter_lib.Interpreter):
        self._decide = tf.function(
            interpreter.decide, jit_compile=True, autograph=False
        )
        self.no_hidden = interpreter.no_hidden(1).numpy()[0]
        self._known: dict[int, int] = {}  # (node, observation) to decision.
        self._steps = []  # Of the call, at each known decision.
        self._hidden = []
        self._table = np.zeros([1024, 5], np.int64)

    def forget(self) -> None:
        """Drops all decisions, because the weights are others now."""
        self._known.clear()
        self._steps.clear()
        self._hidden.clear()

    def __call__(self, call, node, hidden, seen):
        """The decisions of all rows.

        Args:
            call: Running program and its arguments, `[B, 4]`.
            node: What was seen since the call, as a number, `[B]`: 0 at its
                start, then the one that came out; `_NOT_KEPT` where `hidden`
                says it.
            hidden: `[B, S]`, of rows whose node is `_NOT_KEPT`.
            seen: `[B, 8]`.

        Returns:
            `[B, 5]`: end, program called and its arguments; and the nodes
            after the step, `[B]`. Where they are `_NOT_KEPT`, `hidden` holds
            the state.
        """
        starts = call @ (64**3, 64**2, 64, 1)
        bits = seen @ (640, 64, 32, 16, 8, 4, 2, 1)
        place = np.where(node > 0, -node, starts)
        keys = place * _CODES + bits
        found = [
            self._known.get(key, -1) if kept else -1
            for key, kept in zip(keys.tolist(), (node >= 0).tolist())
        ]
        found = np.array(found)
        missing = np.flatnonzero(found < 0)
        decided = self._table[found]
        after = found + 1
        if len(missing):
            new = self._compute(call, node, hidden, seen, missing)
            decided[missing] = new
            after[missing] = self._keep(node, keys, hidden, missing, new)
        return decided, after

    def _compute(self, call, node, hidden, seen, missing):
        for row in missing[node[missing] >= 0]:
            kept = node[row]
            hidden[row] = self._hidden[kept - 1] if kept else self.no_hidden
        size = len(missing)
        batch = min(len(node), max(8, 1 << (size - 1).bit_length()))
        rows = np.resize(missing, batch)
        decision, after = self._decide(
            tf.constant(call[rows], tf.int32),
            tf.constant(hidden[rows]),
            tf.constant(seen[rows], tf.int32),
        )
        hidden[missing] = after.numpy()[:size]
        columns = [
            decision.end.numpy()[:, None],
            decision.call.numpy()[:, None],
        ]
        return np.concatenate([*columns, decision.arguments], axis=1)[:size]

    def _keep(self, node, keys, hidden, missing, new):
        after = []
        for row, decided in zip(missing.tolist(), new):
            key, steps = int(keys[row]), 1
            if node[row] > 0:
                steps += self._steps[node[row] - 1]
            if node[row] < 0 or steps > _KNOWN_STEPS:
                after.append(_NOT_KEPT)
                continue
            if key not in self._known:
                self._known[key] = len(self._hidden)
                self._add(steps, hidden[row].copy(), decided)
            after.append(self._known[key] + 1)
        return after

    def _add(self, steps, hidden, decided):
        if len(self._hidden) == len(self._table):
            self._table = np.concatenate([self._table, 0 * self._table])
        self._table[len(self._hidden)] = decided
        self._hidden.append(hidden)
        self._steps.append(steps)


class CachedRunner:
    """Runs programs on arrays of one length; as `npi_tf.runner.Runner`.

    Args:
        model: A `npi_tf.NPI`.
        domain: "sorting".
        depth_limit: Most callers on an array's stack.
    """

    def __init__(
        self,
        model: Any,
        domain: str = "sorting",
        depth_limit: int = interpreter_lib.DEFAULT_DEPTH_LIMIT,
    ):
        self._domain = domains.get(domain)
        self._environment = self._domain.tensor_environment()
        self._programs = model.programs
        self._depth_limit = depth_limit
        self._decisions = Decisions(
            interpreter_lib.Interpreter(
                model,
                self._environment,
                self._domain.encoder_name,
                depth_limit,
            )
        )

    def forget(self) -> None:
        """To be called when the model's weights have changed."""
        self._decisions.forget()

    def __call__(
        self, problems: list[problems_lib.Problem]
    ) -> list[runner_lib.Run]:
        """Sorts arrays.

        Args:
            problems: Arrays of equal length.
        """
        arrays = Arrays(problems)
        encoded = map(tf.constant, self._environment.encode(problems))
        budget = self._environment.step_budget(
            self._environment.reset(*encoded)
        )
        machine = _Machine(
            self._programs.index(self._domain.root.name),
            self._programs.index(specs.ACT),
            len(problems),
            self._depth_limit,
            self._decisions,
        )
        while machine.running.any():
            machine.step(arrays, budget.numpy())
        names = [interpreter_lib.STATUSES[code] for code in machine.status]
        return [
            runner_lib.Run(
                tuple(row) if name == interpreter_lib.OK else None, name, count
            )
            for row, name, count in zip(
                arrays.array.tolist(), names, machine.num_steps.tolist()
            )
        ]


class _Machine:
    """`npi_tf.interpreter.Machine` in NumPy, nodes in place of LSTM states."""

    def __init__(self, program, act, batch, depth_limit, decisions):
        self._act = act
        self._decisions = decisions
        self._rows = np.arange(batch)
        self.call = np.zeros([batch, 4], np.int64)
        self.call[:, 0] = program
        self.node = np.zeros(batch, np.int64)
        self.hidden = np.tile(decisions.no_hidden, [batch, 1])
        self.saved_call = np.zeros([batch, depth_limit + 1, 4], np.int64)
        self.saved_node = np.zeros([batch, depth_limit + 1], np.int64)
        self.saved_hidden = {}  # Of frames whose node is not kept.
        self.depth = np.zeros(batch, np.int64)
        self.status = np.zeros(batch, np.int64)
        self.num_steps = np.zeros(batch, np.int64)

    @property
    def running(self):
        return self.status == 0

    def step(self, arrays, budget):
        running = self.running
        decided, after = self._decisions(
            self.call, self.node, self.hidden, arrays.observe()
        )
        end = decided[:, 0].astype(bool)
        acts = self.call[:, 0] == self._act
        valid = arrays.act(self.call[:, 1:], acts & running)
        self.num_steps += running
        self.node = after
        self._push(running & ~acts & ~end)
        self.call = np.where(acts[:, None], self.call, decided[:, 1:])
        self.node = np.where(acts, self.node, 0)
        self._pop(running & acts & end)
        self.status = np.select(
            [
                ~running,
                acts & ~valid,
                self.depth < 0,
                self.depth >= self.saved_node.shape[1],
                self.num_steps >= budget,
            ],
            [self.status, _BAD_ACTION, _OK, _OVERFLOW, _BUDGET],
            0,
        )
        self.depth = np.where(self.running, self.depth, 0)

    def _push(self, mask):
        rows = np.flatnonzero(mask)
        depth = self.depth[rows]
        self.saved_call[rows, depth] = self.call[rows]
        self.saved_node[rows, depth] = self.node[rows]
        for row in rows[self.node[rows] == _NOT_KEPT].tolist():
            self.saved_hidden[row, self.depth[row]] = self.hidden[row].copy()
        self.depth[rows] += 1

    def _pop(self, mask):
        self.depth[mask] -= 1
        rows = np.flatnonzero(mask & (self.depth >= 0))
        depth = self.depth[rows]
        self.call[rows] = self.saved_call[rows, depth]
        self.node[rows] = self.saved_node[rows, depth]
        for row in rows[self.node[rows] == _NOT_KEPT].tolist():
            self.hidden[row] = self.saved_hidden.pop((row, self.depth[row]))

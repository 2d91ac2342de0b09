"""The Neural Programmer written once more, in plain NumPy.

An oracle for the tests: float64, one question at a time without padding, one
loop for every sum of the paper. It shares nothing with `np_tf` but the
weights. Source: arXiv 1511.04834, section 2.
"""

import numpy as np

OPERATIONS = (
    "sum",
    "count",
    "difference",
    "greater",
    "lesser",
    "and",
    "or",
    "assign",
    "reset",
    "text_match",
)


class NumpyProgrammer:
    """The paper's equations with the weights of a `NeuralProgrammer`.

    Attributes of the weights have the paper's names; a matrix `W` stands on
    the left of a column vector.
    """

    def __init__(self, model):
        controller = model.controller
        self.V = _array(controller.word_vectors)
        self.U = _array(controller.operations)
        self.W_question = _array(controller.forward.kernel).T
        self.W_backward = None
        if controller.backward is not None:
            self.W_backward = _array(controller.backward.kernel).T
        self.W_op = _array(controller.operation_selector.kernel).T
        self.W_col = _array(controller.column_selector.kernel).T
        self.W_history = _array(controller.history.kernel).T
        self.has_attention = model.encoder == "attention"
        self.has_text = bool(model.text_symbols)
        self.num_steps = model.num_steps

    def answer(self, inputs, row, hard):
        """All outputs for one question of a batch.

        Args:
            inputs: Of the model.
            row: Which question.
            hard: Whether the softmaxes are hardmaxes.

        Returns:
            A dict with the names of the model's outputs.
        """
        return Question(self, inputs, row).run(hardmax if hard else same)

    def states(self, question):
        """`z_1` to `z_Q` and `q` of a list of word ids."""
        states = rnn(self.W_question, [self.V[w] for w in question])
        q = states[-1]
        if self.W_backward is not None:
            back = rnn(self.W_backward, [self.V[w] for w in question[::-1]])
            q = np.concatenate([q, back[-1]])
            states = [
                np.concatenate([one, other])
                for one, other in zip(states, back[::-1])
            ]
        return states, q


class Question:
    """One question, its padding taken off, and what is read once."""

    def __init__(self, network, inputs, row):
        self.network = network
        ids = [int(w) for w in inputs["question"][row] if w]
        self.z, self.q = network.states(ids)
        self.names = [int(w) for w in inputs["column_names"][row] if w]
        self.P = network.V[self.names]
        m, c = int(inputs["num_rows"][row]), len(self.names)
        self.table = inputs["table"][row][:m, :c].astype(np.float64)
        self.text = np.zeros((m, c), int)
        if network.has_text:
            self.text = inputs["text"][row][:m, :c]
        self.is_text = (self.text > 0).any(axis=0)
        self.positions = [int(i) for i in inputs["number_positions"][row]]
        self.positions = [i for i in self.positions if i >= 0]
        self.numbers = inputs["numbers"][row][: len(self.positions)]

    def beta(self, name):
        """Attention over the numbers for one comparison."""
        u = self.network.U[OPERATIONS.index(name)]
        return softmax(np.array([self.z[i] @ u for i in self.positions]))

    def pivot(self, name, choose):
        """`pivot_op`; -1 without numbers."""
        if not self.positions:
            return -1.0
        return float(choose(self.beta(name)) @ self.numbers.astype(float))

    def text_match(self, k):
        """`text_match[m][k]` for every row, stage by stage."""
        A = self.network.V[self.text[:, k]]  # [M, d], one vector a row.
        B = [sigmoid(a @ self.q) for a in A]
        D = sum(b * a for b, a in zip(B, A)) / len(A)
        E = D + self.P[k]
        weights = softmax(np.array([E @ z for z in self.z]))
        G = sum(weight * z for weight, z in zip(weights, self.z))
        return np.array([sigmoid(a @ G) for a in A])

    def probs(self, h):
        """`alpha_op_t` and `alpha_col_t`."""
        net, parts = self.network, [self.q]
        if net.has_attention:
            weights = softmax(np.array([h @ z for z in self.z]))
            parts.append(sum(w * z for w, z in zip(weights, self.z)))
        both = np.concatenate([*parts, h])
        return (
            softmax(net.U @ np.tanh(net.W_op @ both)),
            softmax(self.P @ np.tanh(net.W_col @ both)),
        )

    def next_history(self, chosen, h):
        """`h_{t+1}` after the selections of step t."""
        op, col = chosen
        c = np.concatenate([op @ self.network.U, col @ self.P])
        return np.tanh(self.network.W_history @ np.concatenate([c, h]))

    def run(self, choose):
        """All T steps; `choose` makes selections of probabilities."""
        pivots = [self.pivot(name, choose) for name in ("greater", "lesser")]
        machine = Machine(self, pivots, choose)
        h, seen = np.zeros(len(self.q)), []
        for _ in range(self.network.num_steps):
            probs = self.probs(h)
            chosen = tuple(choose(p) for p in probs)
            lookup = machine.step(*chosen)
            h = self.next_history(chosen, h)
            seen.append(probs)
        last = OPERATIONS[int(np.argmax(seen[-1][0]))]
        is_scalar = last in ("sum", "count", "difference")
        return {
            "scalar_answer": machine.scalars[-1],
            "lookup_answer": lookup,
            "answer_is_scalar": is_scalar,
            "valid_answer": is_scalar or last == "assign",
            "operation_probs": np.array([op for op, _ in seen]),
            "column_probs": np.array([col for _, col in seen]),
            "operations": [int(np.argmax(op)) for op, _ in seen],
            "columns": [int(np.argmax(col)) for _, col in seen],
            "pivots": pivots,
            "scalar_answers": machine.scalars[3:],
            "row_select": np.array(machine.rows[2:]),
        }


class Machine:
    """Table 1 and the three updates of section 2.3, cell by cell."""

    def __init__(self, question, pivots, choose):
        self.table, self.is_text = question.table, question.is_text
        self.pivots = pivots
        m, c = self.table.shape
        self.rows = [np.ones(m), np.ones(m)]  # Of steps -1 and 0.
        self.scalars = [0.0, 0.0, 0.0]
        self.matches = np.zeros((m, c))
        for k in range(c):
            if self.is_text[k]:
                match = question.text_match(k)
                # Deviation N4: hard where selections are.
                is_hard = choose is hardmax
                self.matches[:, k] = match > 0.5 if is_hard else match

    def step(self, op, col):
        """One step; returns the lookup answer."""
        prob = dict(zip(OPERATIONS, op))
        prob.setdefault("text_match", 0.0)
        table, (m, c) = self.table, self.table.shape
        before, two_before = self.rows[-1], self.rows[-2]
        scalar = prob["count"] * sum(before)
        scalar += prob["difference"] * (self.scalars[-3] - self.scalars[-1])
        for j in range(c):
            if not self.is_text[j]:
                total = sum(before[i] * table[i][j] for i in range(m))
                scalar += col[j] * prob["sum"] * total
        lookup, rows = np.zeros((m, c)), np.zeros(m)
        for i in range(m):
            rows[i] += prob["and"] * min(before[i], two_before[i])
            rows[i] += prob["or"] * max(before[i], two_before[i])
            rows[i] += prob["reset"]
            for j in range(c):
                lookup[i][j] = col[j] * prob["assign"] * before[i]
                if self.is_text[j]:
                    cell = prob["text_match"] * self.matches[i][j]
                else:
                    cell = prob["greater"] * (table[i][j] > self.pivots[0])
                    cell += prob["lesser"] * (table[i][j] < self.pivots[1])
                rows[i] += col[j] * cell
        self.rows.append(rows)
        self.scalars.append(float(scalar))
        return lookup


def rnn(W, vectors):
    """`z_i = tanh(W [z_{i-1}; V(w_i)])`, from zeros."""
    z, states = np.zeros(W.shape[0]), []
    for vector in vectors:
        z = np.tanh(W @ np.concatenate([z, vector]))
        states.append(z)
    return states


def softmax(scores):
    """`exp(s_i) / sum_j exp(s_j)`."""
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


def sigmoid(x):
    """`1 / (1 + exp(-x))`."""
    return 1 / (1 + np.exp(-x))


def hardmax(probs):
    """1 at the largest."""
    return np.eye(len(probs))[int(np.argmax(probs))]


def same(probs):
    """Soft selection."""
    return probs


def _array(weight):
    return np.asarray(weight, np.float64)

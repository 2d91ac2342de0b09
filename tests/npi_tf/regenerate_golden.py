"""Writes the golden files anew.

    python -m tests.npi_tf.regenerate_golden

Read the difference before committing it. `addition_96_125.json` says what
the teacher writes down, and a trained preset has learnt exactly that. The
files of `RUNS` say what a preset does and how sure it is; they change with
its weights. Cars must be drawn for them (`docs/cars.md`).
"""

import json
import pathlib

import numpy as np

import npi_tf
from npi_tf import domains
from npi_tf import frames
from npi_tf import teacher

GOLDEN = pathlib.Path(__file__).parent / "golden"
ADDITION = GOLDEN / "addition_96_125.json"

# Domain, and the preset of that name, to the problem that it solves.
RUNS = {
    "sorting": (9, 2, 5),
    "canonicalization": ("car-143", -45, 45),
}
ARGUMENT_PROBS = ("argument_probs_0", "argument_probs_1", "argument_probs_2")
PROBS = ("end_probs", "program_probs", *ARGUMENT_PROBS)
DECIMALS = 4  # The last one differs between machines.


def addition_frames():
    """The frames of 96 + 125 with their counts, as JSON values."""
    domain = domains.get("addition")
    traces = teacher.problem_traces(domain, ("96", "125"))
    counts = frames.count_frames(domain, traces)
    rows = [frame._asdict() | {"count": n} for frame, n in counts.items()]
    return json.loads(json.dumps(rows))


def run_path(name):
    """The file of a run."""
    return GOLDEN / f"{name}_{'_'.join(map(str, RUNS[name]))}.json"


def run_preset(name, model):
    """The run with its trace."""
    return model.run(domains.get(name), [RUNS[name]], trace=True)[0]


def run_frames(name, call):
    """The frames of a call tree with probabilities, as JSON values.

    Pictures are left out: they are the renderer's.
    """
    domain = domains.get(name)
    num_features = len(domain.observations.features)
    rows = []
    nodes = (node for _, node in call.walk())
    for node, frame in zip(nodes, frames.call_frames(domain, call)):
        seen = [values[:num_features] for values in frame.observations]
        rows.append(frame._asdict() | {"observations": seen} | probs_of(node))
    return json.loads(json.dumps(rows))


def probs_of(call):
    """Probabilities of its steps; ACT calls nothing, so it has those of r."""
    ends = [step.probs["end"] for step in call.steps]
    thought = [step.probs for step in call.steps if step.child]
    columns = {
        "end_probs": ends,
        "program_probs": [probs["program"] for probs in thought],
    }
    for slot, name in enumerate(ARGUMENT_PROBS):
        columns[name] = [probs["arguments"][slot] for probs in thought]
    return {
        name: np.round(column, DECIMALS).tolist()
        for name, column in columns.items()
    }


def dump(rows):
    """One frame a line, so that a change shows as its line."""
    lines = ",\n".join(json.dumps(row) for row in rows)
    return f"[\n{lines}\n]\n"


def main():
    """Writes all golden files."""
    _write(ADDITION, addition_frames())
    for name in RUNS:
        run = run_preset(name, npi_tf.NPI.from_preset(name))
        _write(run_path(name), run_frames(name, run.trace))


def _write(path, rows):
    path.write_text(dump(rows), encoding="utf-8")
    print(f"wrote {path.relative_to(GOLDEN.parent)}")


if __name__ == "__main__":
    main()

"""Writes the golden files anew.

    python -m tests.npi_tf.regenerate_golden

Read the difference before committing it: these files say what the teacher
writes down, and a trained preset has learnt exactly that.
"""

import json
import pathlib

from npi_tf import domains
from npi_tf import frames
from npi_tf import teacher

GOLDEN = pathlib.Path(__file__).parent / "golden"
ADDITION = GOLDEN / "addition_96_125.json"


def addition_frames():
    """The frames of 96 + 125 with their counts, as JSON values."""
    domain = domains.get("addition")
    traces = teacher.problem_traces(domain, ("96", "125"))
    counts = frames.count_frames(domain, traces)
    rows = [frame._asdict() | {"count": n} for frame, n in counts.items()]
    return json.loads(json.dumps(rows))


def dump(rows):
    """One frame a line, so that a change shows as its line."""
    lines = ",\n".join(json.dumps(row) for row in rows)
    return f"[\n{lines}\n]\n"


def main():
    """Writes all golden files."""
    ADDITION.write_text(dump(addition_frames()), encoding="utf-8")
    print(f"wrote {ADDITION.relative_to(GOLDEN.parent)}")


if __name__ == "__main__":
    main()

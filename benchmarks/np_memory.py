"""Memory of a training step, in a process of its own.

    python benchmarks/np_memory.py paper five_columns

prints as JSON, in bytes: what the compiled step needs at once, as XLA plans
it (`planned`, of which `temporary` is neither argument nor result), and how
the resident memory grows, at its peak, from before the first step, the
compilation included (`resident`).
"""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
if __name__ == "__main__":
    sys.path[0] = str(ROOT)  # `benchmarks` is not installed.

_STATUS = pathlib.Path("/proc/self/status")  # Linux has it.
_SIZES = re.compile(r"allocation \d+: size ([\d.]+)(\w+), preallocated-temp")
_UNITS = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def measure(name: str, setting: str, hidden_dim: int = 256) -> dict[str, int]:
    """Trains a few steps in another process, and looks at its memory.

    Args:
        name: "paper", "fast" or "naive".
        setting: As in `np_training.SETTINGS`.
        hidden_dim: d.

    Returns:
        `resident`, where there is Linux' `/proc`; `planned` and `temporary`,
        of a step that XLA compiles.

    Raises:
        RuntimeError: If the process fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, __file__, name, setting, str(hidden_dim)],
            env=os.environ
            | {
                "TF_CPP_MIN_LOG_LEVEL": "3",
                "XLA_FLAGS": f"--xla_dump_to={folder} --xla_dump_hlo_as_text",
            },
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"{name} {setting}: {done.stderr}")
        return json.loads(done.stdout) | _planned(pathlib.Path(folder))


def _planned(folder):
    """From XLA's report on its largest module: that of the step."""
    reports = folder.glob("*memory-usage-report.txt")
    texts = [path.read_text() for path in reports]
    totals = [re.search(r"Total bytes used: (\d+)", text) for text in texts]
    if not any(totals):
        return {}
    found = max((int(m[1]), text) for m, text in zip(totals, texts) if m)
    planned, text = found
    # One allocation, which the report lists more than once.
    size, unit = _SIZES.search(text).groups()
    return {"planned": planned, "temporary": round(float(size) * _UNITS[unit])}


def _resident(field):
    """`VmRSS`, now, or `VmHWM`, at its highest; bytes."""
    found = re.search(rf"{field}:\s+(\d+) kB", _STATUS.read_text())
    return 1024 * int(found[1])


def main(name, setting, hidden_dim):
    from benchmarks import np_data
    from benchmarks import np_training

    amount = np_training.Amount(questions=100, hidden_dim=int(hidden_dim))
    model = np_training.build(setting, amount.hidden_dim)
    config = np_data.config_of(setting)
    batch = np_data.draw(config, "train", amount.questions).batch
    if name == "naive":
        schedule = np_training.schedule_of("paper_no_noise", batch)
        case = np_training.naive(model, schedule, count=2)
    else:
        schedule = np_training.schedule_of(name, batch)
        case = np_training.compiled(model, schedule, num_steps=2)
    before = _resident("VmRSS") if _STATUS.exists() else None
    case.count(case.run())
    grown = {}
    if before is not None:
        # The peak can be older: that of the imports.
        grown["resident"] = max(_resident("VmHWM") - before, 0)
    print(json.dumps(grown))


if __name__ == "__main__":
    main(*sys.argv[1:])

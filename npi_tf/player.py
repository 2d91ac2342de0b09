"""The player: one self-contained HTML page that shows a run step by step."""

from __future__ import annotations

import functools
import html
import json
import pathlib
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from npi_tf import screen
from npi_tf import specs
from npi_tf import trace

TEMPLATE = pathlib.Path(__file__).with_name("player.html")
PROB_UNITS = 10_000  # Probabilities are stored as whole hundredths of 1 %.
_TITLE_CHARS = 80


def core_steps(
    call: trace.Call,
) -> Iterator[tuple[trace.Call, trace.CallStep]]:
    """Yields `(invocation, step)` in the order in which steps happened.

    A step that calls a child comes first, then all steps below the child,
    then the invocation's next step.
    """
    stack = [(call, iter(call.steps))]
    while stack:
        node, steps = stack[-1]
        step = next(steps, None)
        if step is None:
            stack.pop()
            continue
        yield node, step
        if step.child:
            stack.append((step.child, iter(step.child.steps)))


def snapshot_changes(before: Any, after: Any, path: tuple = ()) -> list[list]:
    """What turns one snapshot into another: `[*path, new value]` each.

    Dicts, lists and strings of equal shape are compared part by part, so
    that one written cell costs one short change.

    >>> snapshot_changes({"cells": ["ab"]}, {"cells": ["ax"]})
    [['cells', 0, 1, 'x']]
    """
    if type(before) is type(after) and before == after:
        return []
    keys = _shared_keys(before, after)
    if keys is None:
        return [[*path, after]]
    return [
        change
        for key in keys
        for change in snapshot_changes(before[key], after[key], (*path, key))
    ]


def _shared_keys(before, after):
    """The keys that both values have; None when their shapes differ."""
    if type(before) is not type(after):
        return None
    if isinstance(after, dict) and before.keys() == after.keys():
        return after.keys()
    is_sequence = isinstance(after, list) or (
        isinstance(after, str) and len(after) > 1
    )
    if is_sequence and len(before) == len(after):
        return range(len(after))
    return None


def run_record(
    domain: specs.Domain,
    problem: tuple,
    call: trace.Call,
    program_names: tuple[str, ...],
    title: str | None = None,
    status: str = "ok",
) -> dict[str, Any]:
    """All that the page shows, as one JSON-able dict.

    Calls and steps are stored by columns. Of the environment only the
    first snapshot is kept, and what every step changed in it; a snapshot's
    `image`, an address of data, is kept once and named by its number.

    Args:
        domain: Where the run took place.
        problem: The values for `domain.make_environment`.
        call: The call tree, from `Runner` or `teacher.run`.
        program_names: Names of the rows of the program memory, in the order
            of the recorded probabilities.
        title: Heading of the page.
        status: How the run ended; a result is shown only for `ok`.

    Raises:
        ValueError: If `call` is not a run of `problem`, or calls a program
            that `program_names` lacks, or if the domain has no `snapshot`.
    """
    if domain.snapshot is None:
        raise ValueError(
            f"domain: must have snapshot to be shown, got {domain.name!r} "
            "without"
        )
    environment = domain.make_environment(*problem)
    images: dict[str, int] = {}
    look = functools.partial(_snapshot, domain, environment, images)
    start = look()
    steps = _steps(domain, environment, start, look, call, status)
    return {
        "title": title or f"{call.program}: {domain.description}",
        "domain": domain.name,
        "problem": [str(value) for value in problem],
        "result": _result(environment) if status == "ok" else None,
        "status": status,
        "programs": list(program_names),
        "arguments": _argument_names(domain, call),
        "features": [
            {"name": feature.name, "blank": feature.blank}
            for feature in domain.observations.features
        ],
        "calls": _calls(domain, call, list(program_names)),
        "steps": steps,
        "snapshot": start,
        "images": list(images),
    }


def _snapshot(domain, environment, images):
    """The snapshot with the number of its image, which joins `images`."""
    snapshot = domain.snapshot(environment)
    if "image" in snapshot:
        number = images.setdefault(snapshot["image"], len(images))
        snapshot = snapshot | {"image": number}
    return snapshot


def _result(environment):
    result = environment.result()
    return None if result is None else screen.describe_result(result)


def _calls(domain, call, program_names):
    """Columns of all invocations, in the order in which they were made."""
    columns = {"depth": [], "program": [], "arguments": [], "label": []}
    for depth, node in call.walk():
        if node.program not in program_names:
            raise ValueError(
                f"program_names: must hold every program that is called, "
                f"got {program_names} without {node.program!r}"
            )
        columns["depth"].append(depth)
        columns["program"].append(program_names.index(node.program))
        columns["arguments"].append([int(index) for index in node.arguments])
        # The null action (Deviation D11) has no words.
        columns["label"].append(trace.describe(domain, node) or "nothing")
    return columns


def _steps(domain, environment, before, look, call, status):
    """Columns of all core steps; replays their actions on `environment`."""
    num_features = len(domain.observations.features)
    columns = {
        name: []
        for name in ("call", "child", "end", "seen", "probs", "changes")
    }
    act_costs_a_step = _act_costs_a_step(call)
    numbers = {id(node): n for n, (_, node) in enumerate(call.walk())}
    for node, step in core_steps(call):
        number = len(columns["call"]) + 1
        _check_observation(environment, step, number, num_features)
        actor = node if act_costs_a_step else step.child
        changes = []
        if actor and actor.program == specs.ACT:
            _act(environment, actor.arguments, status)
            after = look()
            changes, before = snapshot_changes(before, after), after
        columns["call"].append(numbers[id(node)])
        columns["child"].append(numbers[id(step.child)] if step.child else -1)
        columns["end"].append(int(step.end))
        seen = np.asarray(step.observation)[:num_features]
        columns["seen"].append(seen.tolist())
        columns["probs"].append(_quantize(step.probs))
        columns["changes"].append(changes)
    return columns


def _act_costs_a_step(call):
    """False for a run where ACT acts at once (Deviation D3).

    There an ACT has no steps of its own. The last call of any run may have
    none, because the step budget was spent.
    """
    silent = [
        node.program == specs.ACT and not node.steps for _, node in call.walk()
    ]
    return not any(silent[:-1])


def _act(environment, arguments, status):
    try:
        environment.act(arguments)
    except ValueError:
        # A network may call ACT with arguments that name no action; the
        # run has then ended there, and says so in its status.
        if status == "ok":
            raise


def _check_observation(environment, step, number, num_features):
    shown, seen = environment.observe(), np.asarray(step.observation)
    if np.array_equal(shown, seen):
        return
    picture = " and another picture" if len(seen) > num_features else ""
    raise ValueError(
        f"call: must be a run of the problem, which shows "
        f"{shown[:num_features].tolist()} before step {number}, "
        f"got {seen[:num_features].tolist()}{picture}"
    )


def _quantize(probs):
    """`[end, *program, *each argument]` in `PROB_UNITS`; None if unknown."""
    if probs is None:
        return None
    heads = [[probs["end"]], probs["program"], *probs["arguments"]]
    values = np.concatenate([np.asarray(head, float) for head in heads])
    return np.rint(values * PROB_UNITS).astype(int).tolist()


def _argument_names(domain, call):
    """Names of the three slots and of their values.

    A model of several domains may have more values than this domain: those
    are numbered.
    """
    probs = next((s.probs for _, s in core_steps(call) if s.probs), None)
    heads = probs["arguments"] if probs else [()] * specs.NUM_ARGUMENTS
    return [
        {
            "name": spec.name,
            "values": list(spec.values)
            + [f"#{n}" for n in range(len(spec.values), len(head))],
        }
        for spec, head in zip(domain.arguments, heads)
    ]


def render_html(
    domain: specs.Domain,
    problem: tuple,
    call: trace.Call,
    program_names: tuple[str, ...],
    title: str | None = None,
    status: str = "ok",
) -> str:
    """The page that plays a run; it needs no other file and no network.

    Args and Raises: as `run_record`.

    >>> from npi_tf import addition
    >>> from npi_tf import teacher
    >>> domain = addition.ADDITION
    >>> call = teacher.run(domain, domain.make_environment("1", "2"))
    >>> page = render_html(domain, ("1", "2"), call, domain.program_names)
    >>> page.splitlines()[0]
    '<!DOCTYPE html>'
    """
    record = run_record(domain, problem, call, program_names, title, status)
    heading = " ".join([record["domain"], *record["problem"]])
    if len(heading) > _TITLE_CHARS:
        heading = heading[: _TITLE_CHARS - 1] + "…"
    parts = {"title": html.escape(heading), "run": _script_json(record)}
    template = TEMPLATE.read_text(encoding="utf-8")
    # One pass, so that nothing inside the run is taken for a placeholder.
    return re.sub(
        r"\{\{(title|run)\}\}", lambda match: parts[match[1]], template
    )


def _script_json(value):
    """JSON that is safe inside a script element: no tag can begin in it."""
    text = json.dumps(value, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def write_html(path: str | pathlib.Path, *args: Any, **kwargs: Any) -> None:
    """Writes the page of `render_html(*args, **kwargs)` into a file.

    Raises:
        OSError: If the file cannot be written.
    """
    page = render_html(*args, **kwargs)
    pathlib.Path(path).write_text(page, encoding="utf-8")

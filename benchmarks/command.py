"""What the command lines of the benchmarks share."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import pathlib
import sys
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

from benchmarks import measure
from benchmarks import pages
from reproduce import run_record


def parser(description: str, marker: str) -> argparse.ArgumentParser:
    """The options that every benchmark has.

    Args:
        description: What it measures.
        marker: Name of the markers between which its tables stand.
    """
    made = argparse.ArgumentParser(description=description)
    files = {"type": pathlib.Path, "metavar": "FILE"}
    made.add_argument("--quick", "--smoke", action="store_true", help="seconds")
    made.add_argument(
        "--json", help="write what is measured, after every round", **files
    )
    begin, end = pages.markers(marker)
    made.add_argument(
        "--write",
        nargs="+",
        default=[],
        help=f"put the tables between {begin} and {end}",
        **files,
    )
    made.add_argument(
        "--read", help="show what --json wrote; measure nothing", **files
    )
    made.add_argument("--rounds", type=int, help="5 by default")
    return made


def parse(made: argparse.ArgumentParser, arguments: Any, marker: str) -> Any:
    """The options; ends the program if the results could not be written."""
    options = made.parse_args(arguments)
    try:
        _check(options, marker)
    except (OSError, ValueError) as error:
        made.error(str(error))
    return options


def _check(options, marker):
    """Before minutes are spent: can the results be written?"""
    if options.rounds is not None and options.rounds < 1:
        raise ValueError(f"--rounds: must be at least 1, got {options.rounds}")
    if options.read and not options.read.is_file():
        raise ValueError(f"--read: must be a file, got {options.read}")
    if options.json and options.json.is_dir():
        raise ValueError(f"--json: must be no folder, got {options.json}")
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
    for path in options.write:
        pages.replace(path.read_text(encoding="utf-8"), "", marker)


def run(
    options: Any,
    marker: str,
    measure_all: Callable[[], Iterable[dict[str, Any]]],
    for_page: Callable[[dict[str, Any], str], str],
) -> None:
    """Measures, or reads what was measured; prints and writes it.

    Args:
        options: Of `parse`.
        marker: Name of the markers.
        measure_all: Gives the results after every round.
        for_page: From the results and a file's name to what stands there.
    """
    if options.read:
        found = [json.loads(options.read.read_text(encoding="utf-8"))]
    else:
        found = measure_all()
    for results in found:  # A run that is interrupted leaves its rounds.
        if options.json:
            _write(options.json, json.dumps(results, indent=1) + "\n")
    for path in options.write:
        old = path.read_text(encoding="utf-8")
        new = pages.replace(old, for_page(results, path.name), marker)
        if new is None:
            say(f"{path} has no {pages.markers(marker)[0]}: left as it is")
        else:
            path.write_text(new, encoding="utf-8")
    print(for_page(results, ""))


def _write(path, text):
    """All or nothing, whenever it is interrupted."""
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


def choose(options: Any, full: Any, quick: Any) -> Any:
    """One of two dataclasses, with as many `rounds` as were asked for."""
    chosen = quick if options.quick else full
    rounds = options.rounds or chosen.rounds
    return dataclasses.replace(chosen, rounds=rounds)


def circumstances() -> dict[str, Any]:
    """Commit, machine and its load; to be asked for before measuring."""
    return {
        "commit": run_record.commit(),
        "machine": run_record.machine(),
        "load": os.getloadavg()[0],
    }


def results(
    about: dict[str, Any], cases: dict[str, measure.Case], settings: Any
) -> Iterator[dict[str, Any]]:
    """The results after every round: `about`, settings, what was measured."""
    measured = measure.interleaved(cases, settings.rounds, say)
    for number, entries in enumerate(measured, 1):
        yield {
            **about,
            "rounds": number,
            "settings": dataclasses.asdict(settings),
            "measured": entries,
        }


def say(line: str) -> None:
    """Tells the person who waits how far it is."""
    print(line, file=sys.stderr, flush=True)

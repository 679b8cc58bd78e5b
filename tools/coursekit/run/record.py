"""Write down what was run (`verified.py` says what for): only after a run in which nothing failed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

from ..fix import write_atomically
from ..load import load
from ..model import Course, Module
from ..verified import COUNTS, RECORD, Entry, content_hash, read_record, utc_today
from .engine import NOT_RUN
from .outcome import Outcome
from .tools import tools_used

_COUNTED_AS = {"passed": "run", "compared": "compared", "parsed": "parsed", "skipped": "skipped", "shown": ""}


@dataclass(frozen=True)
class Recorded:
    """What `--record` did.

    Args:
        written: Pages that have a new entry.
        dropped: Pages whose entry was taken out, because their code is known to fail.
        refused: Page → why it has no new entry, in words for the author.
    """

    written: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)


def fingerprints(course: Course, modules: Iterable[Module]) -> dict[str, str]:
    """Page → hash of what is about to be run; take it before the first block runs."""
    return {module.page.path: content_hash(course, module) for module in modules}


def write_record(
    course: Course, before: Mapping[str, str], outcomes: Iterable[Outcome], today: date | None = None
) -> Recorded:
    """Record a run. Pages that were not part of it keep their entries; those that are gone lose them.

    Nothing new is recorded where anything failed, and what failed loses its entry: a date says that the code runs.

    Args:
        course: The course as it was when the run began.
        before: What `fingerprints` gave then, for every module that was run completely.
        outcomes: Everything that came of the run.
        today: The day of the run (default: the present one in UTC).

    Raises:
        OSError: The record cannot be written.
    """
    by_page = _by_page(course, outcomes)
    failed = {path for path, found in by_page.items() if any(o.state not in _COUNTED_AS for o in found)}
    now = load(course.root)
    old = read_record(course.root)
    written_pages = {module.page.path for module in now.written}
    entries = {path: entry for path, entry in old.items() if path in written_pages - failed}
    refused = dict.fromkeys(before, "something failed in this run") | dict.fromkeys(failed, "it failed")
    fresh: dict[str, Entry] = {}
    if not failed:
        ran = [module for module in now.written if module.page.path in before]
        refused = {m.page.path: why for m in ran if (why := _why_not(now, m, before, by_page.get(m.page.path, [])))}
        day = today or utc_today()
        fresh = {
            module.page.path: _entry(course, module, before[module.page.path], by_page[module.page.path], day)
            for module in ran
            if module.page.path not in refused
        }
    _save(course.root, entries | fresh)
    return Recorded(tuple(fresh), tuple(sorted(old.keys() & failed)), refused)


def write_results(path: Path, outcomes: Iterable[Outcome]) -> None:
    """Everything that came of a run as JSON, for `tools/report_rot.py` and whoever else wants to read it.

    Raises:
        OSError: It cannot be written.
    """
    write_atomically(path, json.dumps({"outcomes": [asdict(outcome) for outcome in outcomes]}, indent=1) + "\n")


def _why_not(now: Course, module: Module, before: Mapping[str, str], outcomes: list[Outcome]) -> str:
    """Why a module whose code did not fail has not earned a date; empty where it has."""
    if any(outcome.state == "skipped" and NOT_RUN in outcome.message for outcome in outcomes):
        return "there is no container engine here, so not all of it was run"
    if not any(outcome.state == "passed" for outcome in outcomes):
        return "nothing of it is run"
    if content_hash(now, module) != before[module.page.path]:
        return "page or exercises changed while they were run"
    return ""


def _by_page(course: Course, outcomes: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    """Outcomes by the module page that they belong to: those on the page, and those of its exercises' files."""
    pages: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        module = next((m for m in course.written if _belongs(outcome.path, m)), None)
        pages.setdefault(module.page.path if module else outcome.path, []).append(outcome)
    return pages


def _belongs(path: str, module: Module) -> bool:
    return path == module.page.path or path.startswith(module.exercise_folder + "/")


def _entry(course: Course, module: Module, hash: str, outcomes: list[Outcome], today: date) -> Entry:
    counted = Counter(_COUNTED_AS[outcome.state] for outcome in outcomes)
    lines = {o.line for o in outcomes if o.path == module.page.path and o.state == "passed"}
    return Entry(hash, today, tools_used(course, module, lines), {name: counted[name] for name in COUNTS})


def _save(root: Path, entries: Mapping[str, Entry]) -> None:
    written = {
        path: {
            "hash": entry.hash,
            "date": entry.date.isoformat(),
            "tools": dict(entry.tools),
            "counts": dict(entry.counts),
        }
        for path, entry in sorted(entries.items())
    }
    write_atomically(root / RECORD, json.dumps(written, indent=2, ensure_ascii=False) + "\n")

"""The record of what was run: when the code of a page last ran, with which tools, and whether that still holds.

`course verify --record` writes it (`run/record.py`), the site reads it. It stands beside `mkdocs.yml`, not in the
package, because it speaks of this course; a machine writes it, hence the dot. An entry holds as long as page and
exercises are the very text that was run: it carries their hash, and the smallest change makes its line disappear.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from .model import Course, Module

RECORD = ".verified.json"
COUNTS = ("run", "compared", "parsed", "skipped")


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of the code of one page.

    Args:
        hash: Of page and exercises as they were run.
        date: The day of the run, in UTC.
        tools: The tools that the page used, in the order in which they are named, with their versions.
        counts: How many blocks and exercises were run, compared, only parsed, and skipped.
    """

    hash: str
    date: date
    tools: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """When and with what, as a reader is told.

        >>> Entry("", date(2026, 11, 3), {"Python": "3.11.7", "bash": "5.2.15"}).sentence
        'Code on this page last run on 3 November 2026 with Python 3.11.7, bash 5.2.15'
        """
        tools = ", ".join(f"{name} {version}" for name, version in self.tools.items())
        return f"Code on this page last run on {self.day} with {tools}"

    @property
    def day(self) -> str:
        return f"{self.date.day} {self.date:%B %Y}"


def read_record(root: Path) -> dict[str, Entry]:
    """Page → entry, as recorded below a course's root.

    What is missing or cannot be understood is left out: a date that is not known for certain is not shown.
    """
    try:
        written = json.loads((root / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(written, dict):
        return {}
    return {path: entry for path, fields in written.items() if (entry := _entry(fields))}


def _entry(fields: Any) -> Entry | None:
    try:
        return Entry(
            str(fields["hash"]),
            date.fromisoformat(fields["date"]),
            {str(name): str(version) for name, version in fields["tools"].items()},
            {name: int(fields["counts"][name]) for name in COUNTS},
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def verified(course: Course, today: date | None = None) -> dict[str, Entry]:
    """Page → entry for the modules whose page and exercises are what was run. A date to come is believed by nobody.

    Args:
        course: As loaded from its files.
        today: The latest day that is believed (default: the present day in UTC).
    """
    recorded = read_record(course.root)
    latest = today or utc_today()
    return {
        module.page.path: entry
        for module in course.written
        if (entry := recorded.get(module.page.path))
        and entry.counts["run"] > 0
        and entry.tools
        and entry.date <= latest
        and entry.hash == content_hash(course, module)
    }


def utc_today() -> date:
    return datetime.now(UTC).date()


def content_hash(course: Course, module: Module) -> str:
    """SHA-256 of a module's page (as loaded), all files of its exercises, and the files that the page shows.

    Each counts with its path and its bytes; line endings do not count, as Git may change them.
    """
    own = (path for path in course.files if path.startswith(module.exercise_folder + "/"))
    paths = {*own, *(snippet.path for snippet in module.page.snippets)}
    whole = hashlib.sha256()
    _add(whole, module.page.path, module.page.source.text.encode())
    for path in sorted(paths):
        _add(whole, path, _bytes(course.root / path))
    return whole.hexdigest()


def _add(whole: Any, path: str, content: bytes) -> None:
    plain = content.replace(b"\r\n", b"\n")
    whole.update(f"{path}\0{len(plain)}\0".encode() + plain)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # `course check` reports a snippet without a file
        return b""

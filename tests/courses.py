"""Courses to test with: the smallest one that no rule complains about, and variations of it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from coursekit.diagnostic import Diagnostic, edited
from coursekit.fix import _without_overlaps
from coursekit.load import load
from coursekit.model import Course
from coursekit.rule import check, registry

MINIMAL = Path(__file__).parent / "minimal_course"
DRAFT = """\
---
description: Take the second step.
core: true
requires: []
tools: []
objectives: [Take a second step]
status: draft
minutes: 10
---
# Second step
"""
_HEADING = re.compile(r"(\S+)(?: \(([\w-]+)\))?")


def write(root: Path, files: Mapping[str, str | bytes | None]) -> Path:
    """The smallest course with these files put in; None takes one away."""
    shutil.copytree(MINIMAL, root, dirs_exist_ok=True)
    for path, content in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            place.unlink()
        else:
            place.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def course(root: Path, files: Mapping[str, str | bytes | None]) -> Course:
    """The smallest course with these files put in, loaded."""
    return load(write(root, files))


def from_example(example: Mapping[str, str]) -> dict[str, bytes | None]:
    """The files of a rule's example, whose headings may say `(removed)` or an encoding."""
    files: dict[str, bytes | None] = {}
    for heading, text in example.items():
        match = _HEADING.fullmatch(heading)
        assert match, heading
        files[match[1]] = None if match[2] == "removed" else text.encode(match[2] or "utf-8")
    return files


def once_fixed(course: Course, path: str, found: list[Diagnostic]) -> str:
    """The text of a page after one run of `--fix`."""
    accepted, _ = _without_overlaps([d for d in found if d.fix and all(e.path == path for e in d.fix.edits)])
    return edited(course.page_by_path[path].source.text, {e for d in accepted if d.fix for e in d.fix.edits})


def tree(root: Path) -> dict[str, bytes]:
    """The content of every file below a folder, by path."""
    files = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def found(course: Course) -> list[str]:
    """What all rules find, as `path:line: name`."""
    return [shown(diagnostic) for diagnostic in check(course)]


def shown(diagnostic: Diagnostic) -> str:
    place = diagnostic.location
    return f"{place.path}:{place.line}: {registry[diagnostic.code].name}"

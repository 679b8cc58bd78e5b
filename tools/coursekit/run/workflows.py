"""The workflows that students see, as files: those on the pages and those of the solutions, for other linters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ..model import Course
from .blocks import blocks
from .verify import Selection

_SOLVED = re.compile(r"s\d+_[^/]+/exercises/[^/]+/solution/\.github/workflows/[^/]+\.ya?ml")


def export(course: Course, chosen: Selection, folder: Path) -> list[Path]:
    """Write every workflow below a folder, under a name that says where it stands.

    Args:
        course: The course.
        chosen: The pages to look at; solutions are taken of the whole course.
        folder: It is made if need be; what is in it stays.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in (*_shown(course, chosen), *_solved(course)):
        path = folder / name
        path.write_text(text, encoding="utf-8", newline="\n")
        written.append(path)
    return written


def _shown(course: Course, chosen: Selection) -> Iterator[tuple[str, str]]:
    for page in chosen.pages:
        for block in blocks(page, course.root):
            if block.language == "workflow" and not block.marks.skip and not block.problems:
                yield f"{_flat(page.path)}-line-{block.place.line}.yml", block.text


def _solved(course: Course) -> Iterator[tuple[str, str]]:
    for path in sorted(filter(_SOLVED.fullmatch, course.files)):
        yield _flat(path), (course.root / path).read_text(encoding="utf-8")


def _flat(path: str) -> str:
    return path.replace("/", "--")

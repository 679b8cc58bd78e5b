"""How large the drawings of a course are, so that a page keeps their place free while they arrive."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from .model import Course
from .paths import is_media

Size = tuple[int, int]
_ROOT = re.compile(r"<svg\b[^>]*>")
_NUMBER = r"([\d.]+)(?:px)?"
_SIDES = tuple(re.compile(rf"""\s{side}=["']{_NUMBER}["']""") for side in ("width", "height"))
_VIEW = re.compile(r"""\sviewBox=["']\s*[-\d.]+[\s,]+[-\d.]+[\s,]+([\d.]+)[\s,]+([\d.]+)\s*["']""")


def drawing_sizes(course: Course) -> Mapping[str, Size]:
    """Path → width and height in CSS pixels, of every SVG on the site that says its size."""
    paths = [path for path in course.files if path.endswith(".svg") and is_media(course, path)]
    found = {path: _size(course.root / path) for path in paths}
    return {path: size for path, size in found.items() if size}


def _size(file: Path) -> Size | None:
    """What the SVG asks for by itself, else the proportions of its view."""
    root = _ROOT.search(file.read_text(encoding="utf-8", errors="replace"))
    if root is None:
        return None
    sides = [match for side in _SIDES if (match := side.search(root[0]))]
    view = _VIEW.search(root[0])
    numbers = [match[1] for match in sides] if len(sides) == 2 else view.groups() if view else []
    width, height = (round(float(number)) for number in numbers) if numbers else (0, 0)
    return (width, height) if width and height else None

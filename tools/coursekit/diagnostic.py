"""What a rule finds, and how it can be mended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .model import Location


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace the characters `start:end` of a file by `text`. Offsets count characters of the text as read."""

    path: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that mend one diagnostic without changing what the author means."""

    title: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: where, what is wrong, and what to do about it."""

    location: Location
    message: str
    hint: str = ""
    fix: Fix | None = None
    code: str = ""  # filled in by the registry


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text after all edits, which must not overlap; offsets are those of the text before any of them."""
    pieces, at = [], 0
    for edit in sorted(edits):
        pieces += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*pieces, text[at:]])

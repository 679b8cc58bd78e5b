"""What an author has declared to be right after all: comments on pages, and patterns of files in the settings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from .diagnostic import Diagnostic
from .model import Course, Location, Mark, Page

_IGNORE = re.compile(r"ignore\s*=\s*(?P<rules>[\w-]+(?:\s*,\s*[\w-]+)*)(?:\s+(?P<why>.*))?", re.S)


@dataclass(frozen=True, slots=True)
class Ignore:
    """One rule that shall be silent about some lines of a page, or about all files of a pattern."""

    location: Location
    rule: str  # a code or a name, as written
    files: str  # a path, or a pattern such as `docs/old/*`
    lines: range | None = None  # None: all

    def covers(self, found: Diagnostic, name: str) -> bool:
        """Whether this is about a diagnostic of the rule with this name."""
        place = found.location
        return (
            self.rule.lower() in (found.code.lower(), name)
            and (place.path == self.files or fnmatchcase(place.path, self.files))
            and (self.lines is None or place.line in self.lines)
        )


def ignores(course: Course) -> Iterator[Ignore]:
    """Everything that the settings and the pages of a course ask to be ignored."""
    settings = course.settings
    for entry in settings.ignores:
        yield Ignore(settings.source.at(entry.offset), entry.rule, entry.files)
    for page in (*course.documents, *course.pages):
        for mark in page.marks:
            if mark.kind == "check" and (match := _IGNORE.fullmatch(mark.value)):
                for rule in re.split(r"\s*,\s*", match["rules"]):
                    yield Ignore(page.at(mark.span.start), rule, page.path, _lines(page, mark))


def malformed(course: Course) -> Iterator[tuple[Page, Mark]]:
    """Comments that begin like one of ours and cannot be understood."""
    for page in (*course.documents, *course.pages):
        for mark in page.marks:
            if mark.kind == "check" and not _IGNORE.fullmatch(mark.value):
                yield page, mark


def _lines(page: Page, mark: Mark) -> range:
    """The line that a comment stands in; where it stands alone, the next one with text, or the whole fence there."""
    text = page.source.text
    number = page.at(mark.span.start).line
    end = page.at(mark.span.end).line
    start, stop = text.rfind("\n", 0, mark.span.start) + 1, text.find("\n", mark.span.end)
    rest = text[start : mark.span.start] + (text[mark.span.end :] if stop < 0 else text[mark.span.end : stop])
    if rest.strip(" \t>\r"):
        return range(number, end + 1)
    below = re.compile(r"\S").search(text, mark.span.end)
    if below is None:
        return range(number, end + 1)
    for fence in page.fences:
        if fence.span.start <= below.start() < fence.span.end:
            return range(number, page.at(fence.span.end).line + 1)
    return range(number, page.at(below.start()).line + 1)


def sorted_out(
    found: Iterable[Diagnostic], names: dict[str, str], declared: Iterable[Ignore]
) -> tuple[list[Diagnostic], int, list[Ignore]]:
    """The diagnostics that remain, how many were left out, and what was declared in vain.

    Args:
        found: What the rules have found.
        names: Code → name of the rules that were asked.
        declared: What to leave out.
    """
    every = list(declared)
    used: set[int] = set()
    kept, count = [], 0
    for diagnostic in found:
        name = names.get(diagnostic.code, "")
        hits = [i for i, ignore in enumerate(every) if ignore.covers(diagnostic, name)]
        used.update(hits)
        count += bool(hits)
        if not hits:
            kept.append(diagnostic)
    asked = {word for code, name in names.items() for word in (code.lower(), name)}
    return kept, count, [e for i, e in enumerate(every) if i not in used and e.rule.lower() in asked]

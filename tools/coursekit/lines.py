"""A page line by line: what the rules on rendering compare with what came out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from .model import Location, Page

_FENCE = re.compile(r"(?P<lead>[ \t>]*(?P<marker>(?:[-*+]|\d{1,9}[.)])[ \t]+)?)(?P<sign>`{3,}|~{3,})(?P<info>[^`]*)")


@dataclass(frozen=True, slots=True)
class FenceLine:
    number: int  # of the line, from 1
    indent: int
    marker: bool  # whether it stands behind the marker of a list's item
    sign: str
    info: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A fence as its author means it: `close` is None where it was forgotten, `next` is the opener that shows it."""

    open: FenceLine
    close: FenceLine | None
    next: FenceLine | None = None


def lines_of(page: Page) -> Sequence[str]:
    """The lines of a page without their ends; those of its front matter are empty."""
    return _lines(page.source.text, page.body)


@lru_cache(maxsize=4096)  # several rules read the same pages
def _lines(text: str, body: int) -> Sequence[str]:
    lines = [line.rstrip("\r") for line in text.split("\n")]
    start = text.count("\n", 0, body)
    return [""] * start + lines[start:]


def indent(line: str) -> int:
    """Blanks in front of a line, a tab being as wide as in Markdown."""
    expanded = line.expandtabs(4)
    return len(expanded) - len(expanded.lstrip(" "))


def at(page: Page, number: int, column: int = 1) -> Location:
    return Location(page.path, number, column)


def fence_pairs(page: Page) -> Sequence[Pair]:
    """Openers with their closers. A line with an info string opens a fence, even where another one is open."""
    return _fence_pairs(page.source.text, page.body)


@lru_cache(maxsize=4096)
def _fence_pairs(text: str, body: int) -> Sequence[Pair]:
    return list(_pairs(_fence_lines(_lines(text, body))))


def _fence_lines(lines: Sequence[str]) -> Iterator[FenceLine]:
    for number, line in enumerate(lines, 1):
        if ("```" in line or "~~~" in line) and (match := _FENCE.fullmatch(line)):
            yield FenceLine(number, indent(line), bool(match["marker"]), match["sign"], match["info"].strip())


def _pairs(found: Iterator[FenceLine]) -> Iterator[Pair]:
    opened: FenceLine | None = None
    for line in found:
        if opened is None:
            opened = line
        elif line.sign.startswith(opened.sign):
            yield Pair(opened, None, line) if line.info else Pair(opened, line)
            opened = line if line.info else None
    if opened is not None:
        yield Pair(opened, None)


def code_lines(page: Page) -> frozenset[int]:
    """Lines between fences, and the fences; of one that is never closed only its opener."""
    return _code_lines(page.source.text, page.body)


@lru_cache(maxsize=4096)
def _code_lines(text: str, body: int) -> frozenset[int]:
    found: set[int] = set()
    for pair in _fence_pairs(text, body):
        end = pair.close.number if pair.close else pair.next.number - 1 if pair.next else pair.open.number
        found.update(range(pair.open.number, end + 1))
    return frozenset(found)

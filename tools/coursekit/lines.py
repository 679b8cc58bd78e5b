"""A page line by line: what the rules on rendering compare with what came out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from .model import Location, Page

_FENCE = re.compile(r"(?P<lead>[ \t>]*(?P<marker>(?:[-*+]|\d{1,9}[.)])[ \t]+)?)(?P<sign>`{3,}|~{3,})(?P<info>[^`]*)")
_CODE_SPAN = re.compile(r"(?<![`\\])(`+)(?!`)[^\n]*?(?<!`)\1(?!`)")


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
    text = text.replace("\ufeff", " ", 1) if text.startswith("\ufeff") else text  # a byte order mark is no text
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
    """An opener is closed by a fence of its own indentation; deeper ones in between belong to its code."""
    lines = list(found)
    index = 0
    while index < len(lines):
        opened = lines[index]
        end = _closer(lines, index)
        if end is None:
            end = _next(lines, index)
            yield Pair(opened, None, lines[end] if end < len(lines) else None)
            glued = end < len(lines) and lines[end].info.startswith("#")  # a heading behind what was to close it
            index = end + glued
        else:
            yield Pair(opened, lines[end])
            index = end + 1


_AHEAD = 100  # fences to look at for the end of one; code with more of them in it is hardly meant


def _closer(lines: Sequence[FenceLine], index: int) -> int | None:
    """The fence that is meant to close one; None if it was forgotten."""
    opened = lines[index]
    inner: FenceLine | None = None
    loose: int | None = None  # the first fence of another indentation that closes none in between
    for at in range(index + 1, min(index + _AHEAD, len(lines))):
        line = lines[at]
        if not line.sign.startswith(opened.sign):
            continue
        if line.indent == opened.indent:
            return loose if line.info else at
        if line.indent < opened.indent:
            return loose if line.info or loose is not None else at
        if inner is not None and line.indent == inner.indent and not line.info:
            inner = None
        elif line.info:
            inner = line
        elif loose is None and inner is None:
            loose = at
    return loose


def _next(lines: Sequence[FenceLine], index: int) -> int:
    """The next opener, which shows that the one before it was not closed; the number of lines where there is none."""
    sign = lines[index].sign
    return next((at for at in range(index + 1, len(lines)) if lines[at].sign.startswith(sign)), len(lines))


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


def prose(page: Page) -> Sequence[str]:
    """The lines with all code, comments and scripts blanked, each as long as it was."""
    return _prose(page.source.text, page.body)


@lru_cache(maxsize=4096)
def _prose(text: str, body: int) -> Sequence[str]:
    code = _code_lines(text, body)
    lines = ["" if number in code else line for number, line in enumerate(_lines(text, body), 1)]
    joined = "\n".join(_CODE_SPAN.sub(lambda match: _blanked(match[0]), line) for line in lines)
    for first, last in (("<!--", "-->"), ("<script", "</script>"), ("<style", "</style>")):
        pieces, at = [], 0
        for start, end in _between(joined, first, last):
            pieces += [joined[at:start], _blanked(joined[start:end])]
            at = end
        joined = "".join([*pieces, joined[at:]])
    return joined.split("\n")


def comments(text: str) -> Iterator[tuple[int, int]]:
    """Where the closed comments of a text begin and end."""
    return _between(text, "<!--", "-->")


def _between(text: str, first: str, last: str) -> Iterator[tuple[int, int]]:
    """Where what two signs enclose begins and ends; found by hand, for a pattern would be quadratic."""
    start = text.find(first)
    while start >= 0 and (end := text.find(last, start + len(first))) >= 0:
        yield start, end + len(last)
        start = text.find(first, end + len(last))


def _blanked(text: str) -> str:
    return "\n".join("\x00" * len(line) for line in text.split("\n"))

"""Every fence of a page as a block: its language, its text as the site shows it, and the marks above it."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from ..code import lines_of, option
from ..model import Fence, Location, Mark, Page, Problem, Span
from ..snippets import Line, SnippetError, expanded
from .languages import LANGUAGES, MARKS, Kind, block_language, unknown
from .marks import KEYS, MarkError, Marks, parse

_ABOVE = re.compile(r"[ \t>\r\n]*")  # what may stand between a mark and its fence
_ALMOST = re.compile(rf"<!--\s*(?:runs?|{'|'.join(KEYS)})\b[^>]*-->{_ABOVE.pattern}\Z", re.I)


@dataclass(frozen=True)
class Block:
    """One fence of a page."""

    place: Location  # of the opening fence
    span: Span
    language: str
    title: str
    lines: tuple[Line, ...]  # the nesting's prefix taken off, snippets put in
    marks: Marks
    problems: tuple[Problem, ...]

    @property
    def kind(self) -> Kind:
        """What is done with it."""
        if self.marks.output:
            return Kind.COMPARED
        kind = LANGUAGES.get(self.language, Kind.SHOWN)
        if self.marks.steps:
            return Kind.RUN
        return Kind.PARSED if self.marks.file and kind is Kind.RUN else kind

    @property
    def runs(self) -> bool:
        return self.kind is Kind.RUN and not self.marks.skip and not self.problems

    @property
    def text(self) -> str:
        return "".join(f"{line}\n" for line, _ in self.lines)

    def at(self, line: int) -> Location:
        """Where a line of the text stands: the first one is 1, one behind the end is the last; 0 is the fence."""
        return self.lines[min(line, len(self.lines)) - 1][1] if self.lines and line else self.place


def blocks(page: Page, root: Path) -> tuple[Block, ...]:
    """Every fence of a page, in its order. What is wrong with one is among its problems."""
    marks = [mark for mark in page.marks if mark.kind == "run"]
    return tuple(_block(page, root, fence, _mark_above(page, marks, fence)) for fence in page.fences)


def loose_marks(page: Page) -> list[Mark]:
    """Marks that stand above no fence, and so do nothing."""
    marks = [mark for mark in page.marks if mark.kind == "run"]
    used = {_mark_above(page, marks, fence) for fence in page.fences}
    return [mark for mark in marks if mark not in used]


def _mark_above(page: Page, marks: list[Mark], fence: Fence) -> Mark | None:
    index = bisect_left(marks, fence.span.start, key=lambda mark: mark.span.start) - 1
    if index >= 0 and _ABOVE.fullmatch(page.source.text, marks[index].span.end, fence.span.start):
        return marks[index]
    return None


def _block(page: Page, root: Path, fence: Fence, mark: Mark | None) -> Block:
    problems: list[Problem] = []
    place = page.at(fence.span.start)
    name = block_language(fence.info)
    if name not in LANGUAGES:
        problems.append(Problem("unknown-language", place, unknown(name)))
    if fence.content.end == fence.span.end:
        problems.append(Problem("open-fence", place, "This block is never closed."))
    marks = _marks(page, mark, name, problems) if mark else Marks()
    if not mark and (almost := _ALMOST.search(page.source.text[max(fence.span.start - 300, 0) : fence.span.start])):
        at = page.at(fence.span.start - len(almost[0]))
        problems.append(Problem("unknown-mark", at, "This comment does nothing. Write it as `<!-- run: … -->`."))
    if name == "powershell" and not marks.skip:
        message = "PowerShell is not run. Write `<!-- run: skip=windows -->` on the line above."
        problems.append(Problem("unrun-language", place, message))
    lines = _lines(page, root, fence, problems)
    return Block(place, fence.span, name, option(fence.info, "title"), lines, marks, tuple(problems))


def _marks(page: Page, mark: Mark, name: str, problems: list[Problem]) -> Marks:
    place = page.at(mark.span.start)
    try:
        marks = parse(mark.value)
    except MarkError as error:
        problems.append(Problem("unknown-mark", place, str(error)))
        return Marks()
    for given in sorted(marks.given() & MARKS.keys()):
        if name not in MARKS[given]:
            message = f"`{given}` means nothing for {name}, only for: {', '.join(MARKS[given])}."
            problems.append(Problem("unknown-mark", place, message))
    return marks


def _lines(page: Page, root: Path, fence: Fence, problems: list[Problem]) -> tuple[Line, ...]:
    found: list[list[Line]] = []
    for line, _ in lines_of(page, fence):
        place = Location(page.path, page.at(line.offset).line)
        try:
            found.append(expanded(line.text, place, root))
        except SnippetError as error:
            problems.append(Problem("missing-snippet", place, str(error)))
    return tuple(chain.from_iterable(found))

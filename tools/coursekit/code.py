"""The fences of a page as code: language, title and options, and the lines without what nests them.

A fence may stand in a list item, a tab, a fold, an admonition or a quote. Each line keeps the place it has in
the file, so that what is said of the code can be shown, or mended, where the author wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from .model import Course, Fence, Location, Page, Snippet, within

ALIASES = {
    "py": "python",
    "python3": "python",
    "yml": "yaml",
    "docker": "dockerfile",
    "md": "markdown",
    "txt": "text",
    "ps1": "powershell",
}
TAB = 4  # columns, as Python-Markdown counts them

_OPENING = re.compile(r"(?P<quotes>(?:[ \t]*>[ ]?)*)(?P<indent>[ \t]*)(?P<marker>(?:[-*+]|\d+[.)])[ \t]+)?[`~]")
_QUOTE = re.compile(r"[ \t]*>[ ]?")
_BRACES = re.compile(r"\{(?P<inside>[^{}]*)\}")
_CLASS = re.compile(r"(?<![\w=\"'])\.([\w+#-]+)")
_OPTION = re.compile(r"""\b(?P<key>[a-z_]+)\s*=\s*(?P<quote>["'])(?P<value>.*?)(?P=quote)""")


def named_language(info: str) -> str:
    """The language that an info string names, as it is written.

    >>> named_language('Py title="x"'), named_language("{ .python .annotate }"), named_language('title="x"')
    ('Py', 'python', '')
    """
    first = info.split(maxsplit=1)[0] if info and not info.startswith("{") else ""
    if not first and (braces := _BRACES.match(info)) and (named := _CLASS.search(braces["inside"])):
        first = named[1]
    first = first.partition("{")[0].removeprefix(".")
    return "" if "=" in first else first


def language(info: str) -> str:
    """The language that an info string names, in lower case and by its usual name.

    >>> language('python title="x"'), language("{ .python .annotate }"), language("yml"), language("Go hl_lines=1")
    ('python', 'python', 'yaml', 'go')
    """
    name = named_language(info).lower()
    return ALIASES.get(name, name)


def option(info: str, key: str) -> str:
    """The value of an option of an info string; empty where it has none.

    >>> option('yaml title="test.yml" hl_lines="2 3"', "hl_lines")
    '2 3'
    """
    return next((match["value"] for match in _OPTION.finditer(info) if match["key"] == key), "")


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A line of code without its nesting and its line ending, and the offset of its first character in the file."""

    text: str
    offset: int


@dataclass(frozen=True)
class Code:
    """One fence of a page."""

    page: Page
    fence: Fence
    language: str
    lines: tuple[CodeLine, ...]
    certain: bool  # closed where it was opened, and no line stands further left: all of it is this block's code

    @property
    def title(self) -> str:
        return option(self.fence.info, "title")

    @cached_property
    def text(self) -> str:
        return "".join(f"{line.text}\n" for line in self.lines)

    @cached_property
    def snippets(self) -> tuple[Snippet, ...]:
        return tuple(within(self.page.snippets, self.fence.content))

    def offset(self, line: int, column: int = 1) -> int:
        """Where a place in the code (both count from 1) stands in the file; what lies beyond is moved to the end."""
        if not self.lines:
            return self.fence.span.start
        found = self.lines[max(min(line, len(self.lines)), 1) - 1]
        return found.offset + max(min(column - 1, len(found.text)), 0)

    def at(self, line: int, column: int = 1) -> Location:
        return self.page.at(self.offset(line, column))

    @property
    def opening(self) -> Location:
        """Where the fence itself stands."""
        return self.page.at(self.fence.span.start)


def codes(course: Course) -> Iterator[Code]:
    """Every fence of every page and document."""
    for page in (*course.documents, *course.pages):
        yield from page.code


def code_of(page: Page) -> tuple[Code, ...]:
    """Every fence of a page, in its order."""
    return tuple(_code(page, fence) for fence in page.fences)


def _code(page: Page, fence: Fence) -> Code:
    lines, ragged = [], False
    for line, inside in lines_of(page, fence):
        lines.append(line)
        ragged = ragged or not inside
    certain = not ragged and _closed_like_opened(page.source.text, fence)
    return Code(page, fence, language(fence.info), tuple(lines), certain)


def _closed_like_opened(text: str, fence: Fence) -> bool:
    """Whether the closing fence stands below the opening one; elsewhere it may belong to a fence inside."""
    opening, closing = _OPENING.match(text, fence.span.start), _OPENING.match(text, fence.content.end)
    if opening is None or closing is None or fence.content.end >= fence.span.end:
        return False
    return bool(opening["marker"]) or _columns(opening["indent"]) == _columns(closing["indent"])


def lines_of(page: Page, fence: Fence) -> Iterator[tuple[CodeLine, bool]]:
    """The lines of a fence, and whether each stands at least as far right as the fence does."""
    text = page.source.text
    opening = _OPENING.match(text, fence.span.start)
    quotes, marked, width = 0, False, 0
    if opening:
        quotes, marked = opening["quotes"].count(">"), bool(opening["marker"])
        width = _columns(opening["indent"] + " " * len(opening["marker"] or ""))
    at = fence.content.start
    for written in text[at : fence.content.end].removesuffix("\n").split("\n") if at < fence.content.end else ():
        taken, inside = _nesting(written, quotes, width)
        yield CodeLine(written[taken:].removesuffix("\r"), at + taken), inside or marked or not written.strip()
        at += len(written) + 1


def _nesting(line: str, quotes: int, width: int) -> tuple[int, bool]:
    """How many characters of a line nest it, and whether all of the nesting is there."""
    taken, complete = 0, True
    for _ in range(quotes):
        if match := _QUOTE.match(line, taken):
            taken = match.end()
        else:
            complete = False
    columns = 0
    while columns < width and line[taken : taken + 1] in (" ", "\t"):
        columns += TAB - columns % TAB if line[taken] == "\t" else 1
        taken += 1
    return taken, complete and columns >= width


def _columns(blanks: str) -> int:
    return len(blanks.expandtabs(TAB))

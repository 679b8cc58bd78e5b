"""What the site puts in the place of a `--8<-- "path"` line, with the place that each line comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from .model import Location

Line = tuple[str, Location]  # without its line ending

_LINE = re.compile(r"""^(?P<indent>[ \t]*)-{1,}8<-{1,}[ \t]+(?P<quote>["'])(?P<target>[^"'\r\n]+?)(?P=quote)[ \t]*$""")
_ESCAPED = re.compile(r"^([ \t]*);(-+8<-+[ \t]+[\"'])")
_TARGET = re.compile(r"(?P<path>.+?)(?::(?P<ranges>[\d,:-]+)|:(?P<section>[A-Za-z][\w-]*))?$")
_SECTION = re.compile(r"-{1,}8<-{1,}[ \t]+\[[ \t]*(?P<what>start|end)[ \t]*:[ \t]*(?P<name>[A-Za-z][\w-]*)[ \t]*\]")


class SnippetError(ValueError):
    """The named file, or its part, is not there; the message is for the author."""


def expanded(text: str, place: Location, root: Path) -> list[Line]:
    """A line as the site shows it: itself, or the lines of the file that it names.

    Args:
        text: The line, without the prefix of its nesting.
        place: Where it stands.
        root: The folder that snippets' paths start from.

    Raises:
        SnippetError: There is no such file or section.
    """
    match = _LINE.match(text)
    if match is None:
        return [(_ESCAPED.sub(r"\1\2", text), place)]
    return [(match["indent"] + line, where) for line, where in _part(match["target"], root)]


def _part(target: str, root: Path) -> list[Line]:
    named = _TARGET.fullmatch(target)
    path = named["path"] if named else target
    try:
        text = (root / path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SnippetError(f"The snippet `{path}` cannot be read. Its path starts at the repository's root.") from error
    lines = [(line, Location(path, number)) for number, line in enumerate(text.splitlines(), 1)]
    if named and named["section"]:
        return list(_section(lines, named["section"], path))
    if named and named["ranges"]:
        return [line for one in named["ranges"].split(",") for line in _range(lines, one)]
    return [line for line in lines if not _SECTION.search(line[0])]


def _range(lines: list[Line], text: str) -> list[Line]:
    """`4:7`, `4:`, `:7`, or `4` alone, which is all from there; negative numbers count from the end."""
    first, _, last = text.partition(":")
    start, end = int(first or 1), int(last or len(lines))
    return lines[start - 1 if start > 0 else start : end if end >= 0 else end + 1 or None]


def _section(lines: list[Line], name: str, path: str) -> Iterator[Line]:
    inside = found = False
    for line in lines:
        mark = _SECTION.search(line[0])
        if mark and mark["name"] == name:
            inside = mark["what"] == "start"
            found = True
        elif inside and not mark:
            yield line
    if not found:
        raise SnippetError(f"`{path}` has no section `{name}`. It begins at a line with `--8<-- [start:{name}]`.")

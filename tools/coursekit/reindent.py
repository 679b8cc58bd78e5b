"""Indent what stands between two items of a list so that it belongs to the first, and see that nothing else changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .diagnostic import Edit
from .lines import fence_pairs, indent, lines_of
from .model import Page

if TYPE_CHECKING:
    from .rendered import Rendered

_LISTS = {"ol", "ul", "li", "p"}  # what may come or go around a line whose list is mended


def indented(page: Page, first: int, end: int, deep: int) -> Iterator[Edit]:
    """Edits that indent the blocks from one line up to (not including) another by `deep`, where they are not.

    A block is what stands between blank lines; code between fences is one, whatever is in it.
    """
    lines, starts = lines_of(page), page.source.line_starts
    for block in _blocks(page, first, end):
        missing = deep - min(indent(lines[number - 1]) for number in block)
        if missing > 0:
            yield from (Edit(page.path, starts[n - 1], starts[n - 1], " " * missing) for n in block)


def _blocks(page: Page, first: int, end: int) -> Iterator[list[int]]:
    """The lines with text of each block."""
    lines = lines_of(page)
    fenced = {n for pair in fence_pairs(page) if pair.close for n in range(pair.open.number, pair.close.number)}
    block: list[int] = []
    for number in range(first, end):
        if lines[number - 1].strip():
            block.append(number)
        elif number not in fenced and block:
            yield block
            block = []
    if block:
        yield block


def same_but_for_lists(before: Rendered, after: Rendered) -> bool:
    """Whether every line came out as what it was, and no element appeared or went but those of lists."""
    if before.literal != after.literal or before.places.keys() != after.places.keys():
        return False
    if any(_kinds(before, line) != _kinds(after, line) for line in before.places):
        return False
    return _count(before) == _count(after)


def _kinds(rendered: Rendered, line: int) -> list[str]:
    return [tag for tag in rendered.tags(line) if tag not in _LISTS]


def _count(rendered: Rendered) -> Counter[str]:
    return Counter(node.tag for node in rendered.nodes if node.tag not in _LISTS)

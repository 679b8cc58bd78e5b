"""Lists: items that the page numbers otherwise than the source, and items that are none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..diagnostic import Diagnostic, Edit, Fix, edited
from ..lines import at, code_lines, indent, lines_of
from ..model import Course, Page
from ..reindent import indented, same_but_for_lists
from ..rule import rule
from .leftovers import is_raw

if TYPE_CHECKING:
    from ..rendered import Rendered

_MARKER = re.compile(r"(?P<before>[ \t>]*)(?P<marker>[-*+]|(?P<number>\d{1,9})\.)[ \t]+(?=\S)")
_NO_MARKER = re.compile(r"[ \t]*([12]\)(?=[ \t]+\S)|[12]\.(?=[A-Z`*\[])|[ab][.)](?=[ \t]+\S))")
_SECOND = {"1)": "2)", "1.": "2.", "a)": "b)", "a.": "b."}
_FAR = 200  # lines between an item and the next one
_DEEP = 4  # blanks by which what belongs to an item is indented


@dataclass(frozen=True, slots=True)
class _Item:
    line: int
    indent: int
    number: int
    element: int  # the `li` that it became


@rule("C701", fixable=True)
def list_number_differs(course: Course) -> Iterator[Diagnostic]:
    """An item of a numbered list has another number on the page than in the source.

    Python-Markdown counts for itself. A block that is not indented by four blanks ends the list, and the next item
    is number 1 again, so that “exercise 3” is nowhere to be found.

    Bad:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        1. Open a terminal.

        2. Go home:

          ```bash
          cd
          ```

        3. Look around.

    Good:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        1. Open a terminal.

        2. Go home:

            ```bash
            cd
            ```

        3. Look around.
    """
    for page in course.pages:
        rendered = course.rendered.get(page.path)
        if rendered:
            found = list(_wrong_numbers(page, rendered))
            mended = _mended(course, page, rendered, found) if found else {}
            yield from (replace(one, fix=mended.get(one.location.line)) for one in found)
            yield from _begun_anew(page, rendered)


def _wrong_numbers(page: Page, rendered: Rendered) -> Iterator[Diagnostic]:
    items = list(_items(page, rendered))
    lists: dict[int, list[_Item]] = {}
    for item in items:
        lists.setdefault(rendered.nodes[item.element].parent, []).append(item)
    for within in lists.values():
        if not _counted_by_markdown(within):
            for item in within:
                shown = rendered.nodes[item.element].number
                if shown != item.number:
                    yield _wrong_number(page, rendered, items, item, within[0], shown)
                    break


def _begun_anew(page: Page, rendered: Rendered) -> Iterator[Diagnostic]:
    """`1.` below code below a list of `1.` alone: Markdown was to count, and each item is number 1."""
    first = {rendered.nodes[item.element].parent: item for item in reversed(list(_items(page, rendered)))}
    for parent in {rendered.nodes[list_].parent for list_ in first}:
        above = -1
        for node in rendered.children.get(parent, ()):
            item = first.get(node)
            if item is None:
                above = above if _is_code(rendered, node) else -1
                continue
            if above >= 0 and item.number == 1 and item.indent == first[above].indent:
                message = "The item `1.` begins a new list: it is number 1 again on the page."
                hint = f"Indent the code above by {item.indent + _DEEP}, so that it does not end the list."
                yield Diagnostic(at(page, item.line, item.indent + 1), message, hint)
            above = node if item.number == 1 and len(rendered.children.get(node, ())) == 1 else -1


def _is_code(rendered: Rendered, node: int) -> bool:
    element = rendered.nodes[node]
    return element.tag == "pre" or (element.tag == "div" and "highlight" in element.attributes.get("class", "").split())


def _counted_by_markdown(items: Sequence[_Item]) -> bool:
    """Whether the author writes the same number in front of every item; two of them may do to show it."""
    same_depth = [item.number for item in items if item.indent == items[0].indent]
    return len(same_depth) > 1 and (len(set(same_depth)) == 1 or same_depth[:2] == [1, 1])


def _wrong_number(
    page: Page, rendered: Rendered, items: Sequence[_Item], item: _Item, first: _Item, shown: int
) -> Diagnostic:
    place = at(page, item.line, item.indent + 1)
    kind = f"number {shown}" if shown else "a bullet"
    message = f"The item `{item.number}.` is {kind} on the page."
    if not shown:
        hint = "A list with bullets goes on here. Put a heading, a sentence or `<!-- -->` between the two lists."
        return Diagnostic(place, message, hint)
    if item is first:
        line = _breaker(page, items, item)
        deep = item.indent + _DEEP
        hint = f"Line {line} ends the list, because it is not indented by {deep}; indent it, and what belongs to it."
        return Diagnostic(place, message, hint if line else "Begin with `1.`, or indent what stands between the items.")
    if line := _too_shallow(page, rendered, first, item):
        hint = f"Line {line} became an item of the same list; indent it by {first.indent + _DEEP} to put it inside one."
        return Diagnostic(place, message, hint)
    return Diagnostic(place, message, "Count on from the item before it.")


def _too_shallow(page: Page, rendered: Rendered, first: _Item, item: _Item) -> int:
    """The first line of the same list that is indented, but not by enough to be inside an item; 0 if there is none."""
    parent = rendered.nodes[first.element].parent
    lines = lines_of(page)
    for line in range(first.line + 1, item.line + 1):
        node = rendered.places.get(line, -1)
        match = _MARKER.match(lines[line - 1]) if node >= 0 else None
        if match and (match["number"] is None or indent(lines[line - 1]) != first.indent):
            own = next((n for n in rendered.path(node) if n.tag == "li"), None)
            if own and own.parent == parent:
                return line
    return 0


def _mended(course: Course, page: Page, rendered: Rendered, found: Sequence[Diagnostic]) -> dict[int, Fix]:
    """Line of an item → what makes it count on. All gaps are closed at once: one needs the other."""
    items = {item.line: item for item in _items(page, rendered)}
    edits: dict[int, tuple[Edit, ...]] = {}
    for line in (one.location.line for one in found):
        breaker = _breaker(page, list(items.values()), items[line])
        if breaker:
            edits[line] = tuple(indented(page, breaker, line, items[line].indent + _DEEP))
    if not edits or not all(edits.values()):
        return {}
    text = edited(page.source.text, {edit for some in edits.values() for edit in some})
    after = course.try_out(course, page, text)
    if after is None or not same_but_for_lists(rendered, after):
        return {}
    left = {one.location.line for one in _wrong_numbers(page, after)}
    if not left <= {one.location.line for one in found} - edits.keys():  # not mended, or something new laid bare
        return {}
    return {line: Fix("indent what ends the list", some) for line, some in edits.items()}


def _breaker(page: Page, items: Sequence[_Item], item: _Item) -> int:
    """The first line between an item and the one before it that does not belong to that one; 0 if there is none."""
    before = [i for i in items if i.line < item.line and abs(i.indent - item.indent) < _DEEP]
    if not before or before[-1].number != item.number - 1:
        return 0
    lines = lines_of(page)
    for number in range(before[-1].line + 1, item.line):
        line = lines[number - 1]
        loose = not lines[number - 2].strip() or "```" in line or "~~~" in line
        if line.strip() and loose and indent(line) < item.indent + _DEEP:
            return number
    return 0


def _items(page: Page, rendered: Rendered) -> Iterator[_Item]:
    """The items of numbered lists that became items on the page."""
    taken: set[int] = set()
    code = code_lines(page)
    for line, node in sorted(rendered.places.items()):
        element = node
        while element >= 0 and rendered.nodes[element].tag != "li":
            if rendered.nodes[element].tag in ("pre", "table"):
                element = -1
                break
            element = rendered.nodes[element].parent
        if element < 0 or element in taken:
            continue
        taken.add(element)
        text = lines_of(page)[line - 1]
        match = _MARKER.match(text)
        if match and match["number"] and line not in code and line not in rendered.literal:
            yield _Item(line, indent(text), int(match["number"]), element)


@rule("C702", fixable=True)
def item_not_in_a_list(course: Course) -> Iterator[Diagnostic]:
    """An item of a list shows as text of the paragraph before it, or as code.

    Python-Markdown needs a blank line between a paragraph and a list, and takes what is indented by four blanks
    more than its surroundings for code.

    Bad:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        You need:
        - a laptop
        - an hour

    Good:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        You need:

        - a laptop
        - an hour
    """
    for page in course.pages:
        rendered = course.rendered.get(page.path)
        if rendered:
            yield from _lost_items(page, rendered)
            if "pymdownx.fancylists" not in course.settings.extensions:
                yield from _bracketed(page, rendered)


def _lost_items(page: Page, rendered: Rendered) -> Iterator[Diagnostic]:
    lines, code = lines_of(page), code_lines(page)
    last = (-1, -1)  # line and element of the item before
    for line, kind in sorted(rendered.literal.items()):
        element = rendered.places[line]
        if kind != "item" or line in code or is_raw(rendered, element):
            continue
        block = rendered.block(element)
        again, last = block == last[1] and line - last[0] < 30, (line, block)
        match = _MARKER.match(lines[line - 1])
        if again or not match:
            continue
        place = at(page, line, len(match["before"]) + 1)
        if "pre" not in rendered.tags(line):
            following = rendered.literal.get(line + 1, "")
            if not _is_prose(match, following) or _counts_on(lines, code, line, match):
                yield _swallowed(page, line, match, below_code=line - 1 in code)
        elif indent(lines[line - 1]) >= _DEEP and _begins_a_block(lines, code, line):
            hint = "It is indented by four blanks or more than what it stands in: indent it less."
            yield Diagnostic(place, f"The item `{match['marker']}` shows as code.", hint)


def _bracketed(page: Page, rendered: Rendered) -> Iterator[Diagnostic]:
    """`1)`, which other Markdown knows as an item, letters, and `1.` with no blank behind, with a second one below."""
    lines, code = lines_of(page), code_lines(page)
    for line, node in rendered.places.items():
        match = _NO_MARKER.match(lines[line - 1])
        block = rendered.block(node)
        if (
            match is None
            or match[1] not in _SECOND
            or line in code
            or block < 0
            or rendered.nodes[block].tag not in ("p", "li")
        ):
            continue
        below = (n for n in _seconds(lines, line, _SECOND[match[1]]) if n not in code)
        if any(match[1] == "1." or rendered.block(rendered.places.get(n, -1)) == block for n in below):
            place = at(page, line, indent(lines[line - 1]) + 1)
            hint = "Write `1.`, a blank behind it, and a blank line before the list."
            yield Diagnostic(place, f"The item `{match[1]}` shows as text.", hint)


def _seconds(lines: Sequence[str], line: int, second: str) -> Iterator[int]:
    """The lines below that look like the second item of a list."""
    for number in range(line + 1, min(line + 20, len(lines)) + 1):
        match = _NO_MARKER.match(lines[number - 1])
        if match and match[1] == second:
            yield number


def _begins_a_block(lines: Sequence[str], code: AbstractSet[int], line: int) -> bool:
    """Whether indented code begins with this line, below text; below a fence it is what that code prints."""
    above = next((n for n in range(line - 1, 0, -1) if lines[n - 1].strip()), 0)
    return above < line - 1 and above not in code and indent(lines[above - 1]) < indent(lines[line - 1])


def _is_prose(match: re.Match[str], following: str) -> bool:
    """Whether a line of a paragraph begins with the last word of a sentence (“… is not” / “0. So …”)."""
    return match["number"] not in (None, "1") and following != "item"


def _counts_on(lines: Sequence[str], code: AbstractSet[int], line: int, match: re.Match[str]) -> bool:
    """Whether a number stands directly below a block of code, and some item above it."""
    if line - 1 not in code or not match["number"]:
        return False
    above = (_MARKER.match(lines[n - 1]) for n in range(line - 1, max(line - _FAR, 0), -1) if n not in code)
    return any(item["number"] for item in above if item)


def _swallowed(page: Page, line: int, match: re.Match[str], below_code: bool) -> Diagnostic:
    message = f"The item `{match['marker']}` shows as text of the paragraph before it."
    place = at(page, line, len(match["before"]) + 1)
    lines = lines_of(page)
    above = lines[line - 2] if line > 1 else ""
    fix = None
    beside = below_code or indent(above) == indent(lines[line - 1])
    if above.strip() and beside and not _MARKER.match(above):
        start = page.source.line_starts[line - 1]
        fix = Fix("put a blank line before the list", (Edit(page.path, start, start, page.source.newline),))
    return Diagnostic(place, message, "Put a blank line before the list.", fix)


@rule("C703")
def item_not_nested(course: Course) -> Iterator[Diagnostic]:
    """An item that is indented in the source stands at the same level as the others on the page.

    Python-Markdown nests a list only if it is indented by four blanks, whatever the marker above it; with two or
    three, as other Markdown wants it, all items become one flat list.

    Bad:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        - Tools:
          - a terminal
          - an editor
        - Time

    Good:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        - Tools:
            - a terminal
            - an editor
        - Time
    """
    for page in course.pages:
        rendered = course.rendered.get(page.path)
        if rendered:
            numbered = {item.location.line for item in _wrong_numbers(page, rendered)}
            yield from _flattened(page, rendered, numbered)


def _flattened(page: Page, rendered: Rendered, reported: set[int]) -> Iterator[Diagnostic]:
    """One for each list; not where the numbers of its items are wrong as well, for that is said already."""
    lines, code = lines_of(page), code_lines(page)
    above: dict[int, int] = {}  # the element of a list → indentation of its first item
    done = {list_ for line in reported if (list_ := _list_of(rendered, line)) >= 0}
    for line in sorted(rendered.places):
        match = _MARKER.match(lines[line - 1])
        if not match or line in code or line in rendered.literal:
            continue
        list_, deep = _list_of(rendered, line), indent(lines[line - 1])
        if list_ < 0 or list_ in done:
            continue
        element = next(node for node in rendered.path(rendered.places[line]) if node.tag == "li")
        as_meant = match["number"] is not None and int(match["number"]) == element.number > 1
        if 1 < deep - above.setdefault(list_, deep) < _DEEP and not as_meant:
            done.add(list_)
            hint = f"Indent it by {above[list_] + _DEEP}, and those beside it."
            message = f"The item `{match['marker']}` is indented by {deep}, too little to stand inside the one above."
            yield Diagnostic(at(page, line, len(match["before"]) + 1), message, hint)


def _list_of(rendered: Rendered, line: int) -> int:
    """The list whose item the text of a line stands in; -1 outside lists."""
    return next((node.parent for node in rendered.path(rendered.places.get(line, -1)) if node.tag == "li"), -1)

"""Tables, and other blocks that did not become what they look like: text as code, ids, front matter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..diagnostic import Diagnostic
from ..lines import at, code_lines, indent, lines_of, prose
from ..model import Course, Location, Page
from ..rule import rule
from .leftovers import is_raw

if TYPE_CHECKING:
    from ..rendered import Rendered

_DELIMITERS = re.compile(r"[ \t>]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*){0,99}\|?[ \t]*")
_ESCAPED = re.compile(r"\\.")
_MARKUP = re.compile(r"\[[^<\[\]\n]{1,200}\]\([^()\s]{1,300}\)|\*\*\w[^*\n]{0,200}\*\*|(?<!`)`[^`\n]{1,200}`(?!`)")
_SENTENCE = re.compile(r"[A-Z][a-z']*(?:,? [\w'’()/-]+[,;]?){4,}[^=(){};$]*[.:?!]")
_FRONT = re.compile(r"\ufeff?(?:[ \t]*\r?\n|<!--[^<>]{0,999}-->[ \t]*\r?\n){1,9}---[ \t]*\r?\n[ \t]*[a-z_]+:[ \t]")


@rule("C716")
def ragged_table(course: Course) -> Iterator[Diagnostic]:
    """A row of a table has more or fewer cells than its head.

    What is too much does not show; what is missing shows as empty cells at the end of the row. A `|` inside a cell
    divides it, unless it is written `\\|` or stands in code.

    Bad:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        | Step  | Minutes |
        | ----- | ------- |
        | first | 5       | easy |

    Good:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        | Step  | Minutes |
        | ----- | ------- |
        | first | 5       |
    """
    for page in course.pages:
        rendered = course.rendered.get(page.path)
        if rendered and any(node.tag == "table" for node in rendered.nodes):
            yield from _ragged(page, rendered)


def _ragged(page: Page, rendered: Rendered) -> Iterator[Diagnostic]:
    lines = prose(page)
    for head, line in enumerate(lines):  # the number of the line above
        if "|" not in line or "-" not in line or head == 0 or not _DELIMITERS.fullmatch(line):
            continue
        number, count = head + 2, _cells(line)
        if "table" not in rendered.tags(head) and "table" not in rendered.tags(number):
            continue
        short = []
        while number <= len(lines) and "|" in lines[number - 1]:
            cells = _cells(lines[number - 1])
            if cells > count and "table" in rendered.tags(number):
                hint = "Write `\\|` for a bar within a cell, or give the head another cell."
                message = (
                    f"This row has {_count(cells)}, and the table has {_count(count)}: what is too much does not show."
                )
                yield Diagnostic(at(page, number, indent(lines[number - 1]) + 1), message, hint)
            elif cells < count and "table" in rendered.tags(number):
                short.append((number, cells))
            number += 1
        if len(short) == 1 and number > head + 4:  # more than one: the author leaves cells at the end out
            place = at(page, short[0][0], indent(lines[short[0][0] - 1]) + 1)
            message = f"This row has {_count(short[0][1])}, and the others have {_count(count)}."
            yield Diagnostic(place, message, "Add the missing cells, or leave them empty.")


def _count(cells: int) -> str:
    return "1 cell" if cells == 1 else f"{cells} cells"


def _cells(line: str) -> int:
    row = _ESCAPED.sub("  ", line).strip(" \t>")
    return row.removeprefix("|").removesuffix("|").count("|") + 1


@rule("C717")
def table_as_text(course: Course) -> Iterator[Diagnostic]:
    """The rows of a table show as text.

    A table needs a blank line above it and a line of dashes below its head, with as many cells as the head has.

    Bad:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        The steps:
        | Step  | Minutes |
        | ----- | ------- |
        | first | 5       |

    Good:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        The steps:

        | Step  | Minutes |
        | ----- | ------- |
        | first | 5       |
    """
    for page in course.pages:
        rendered = course.rendered.get(page.path)
        if rendered is None:
            continue
        lines, code = lines_of(page), code_lines(page)
        last = 1
        for line, kind in sorted(rendered.literal.items()):
            inside = line in code or is_raw(rendered, rendered.places[line])
            if kind != "row" or inside or lines[line - 1].count("|") < 2:
                continue
            if not all(lines[number - 1].strip() for number in range(last, line)) and "pre" not in rendered.tags(line):
                yield Diagnostic(
                    at(page, line, indent(lines[line - 1]) + 1), "The table shows as text.", _why(lines, line)
                )
            last = line


def _why(lines: Sequence[str], line: int) -> str:
    around = range(max(line - 3, 1), min(line + 3, len(lines)) + 1)
    dashes = next((n for n in around if "-" in lines[n - 1] and _DELIMITERS.fullmatch(lines[n - 1])), 0)
    if not dashes:
        return "Write a line of dashes below the head, such as `| --- | --- |`."
    if dashes > 2 and lines[dashes - 3].strip():
        return "Put a blank line above its head."
    if dashes > 1 and _cells(lines[dashes - 1]) != _cells(lines[dashes - 2]):
        return f"Line {dashes} needs as many cells as the head above it."
    return "Indent all its rows alike, by as much as the text that it belongs to."


@rule("C718")
def text_as_code(course: Course) -> Iterator[Diagnostic]:
    """A paragraph shows as a block of code, because it is indented too far.

    Four blanks more than the text around it make a line code. Below an item of a list that is meant; below a
    paragraph it is not.

    Bad:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        The first day.

            It begins with [the first step](first.md), which takes five minutes.

    Good:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        The first day.

        It begins with [the first step](first.md), which takes five minutes.
    """
    for page in course.pages:
        rendered = course.rendered.get(page.path)
        if rendered is None:
            continue
        lines, code = lines_of(page), code_lines(page)
        done: set[int] = set()
        for line, node in sorted(rendered.places.items()):
            if line in code or node in done or line in rendered.literal or "pre" not in rendered.tags(line):
                continue
            text = lines[line - 1]
            above = next((n for n in range(line - 1, 0, -1) if lines[n - 1].strip()), 0)
            if above in code:  # the output of that code, more likely
                done.add(node)
            elif indent(text) >= 4 and _is_prose(text.strip()):
                done.add(node)
                hint = "Indent it like the text that it belongs to, or begin a fence if it is code."
                yield Diagnostic(at(page, line, indent(text) + 1), "This text shows as a block of code.", hint)


def _is_prose(text: str) -> bool:
    sentence = _SENTENCE.fullmatch(text) and not text.endswith("...")  # a message of a program, more likely
    return bool(_MARKUP.search(text) or sentence) and not text.startswith(("$", "#", ">>>", "//", "File "))


@rule("C719")
def duplicate_id(course: Course) -> Iterator[Diagnostic]:
    """Two elements of a page have the same id.

    A link to it leads to the first one, always.

    Bad:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        <div id="morning">Nine to twelve</div>

        <div id="morning">Nine to one</div>

    Good:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        <div id="morning">Nine to twelve</div>

        <div id="afternoon">One to five</div>
    """
    for page in course.pages:
        rendered = course.rendered.get(page.path)
        seen: set[str] = set()
        twice: set[str] = set()
        for node in rendered.nodes if rendered else ():
            name = node.attributes.get("id", "")
            if name and name in seen and name not in twice and not name.startswith(("__", "fn")):
                twice.add(name)
                yield Diagnostic(
                    _second(page, name), f"The id `{name}` stands on this page twice.", "Choose another one."
                )
            seen.add(name)


def _second(page: Page, name: str) -> Location:
    """Where an id is written for the second time."""
    pattern = re.compile(rf"(?:id=[\"']?|\{{[^{{}}\n]*#){re.escape(name)}(?![\w-])")
    found = [
        (number, match.start() + 1) for number, line in enumerate(prose(page), 1) for match in pattern.finditer(line)
    ]
    return at(page, *(found[1] if len(found) > 1 else found[0] if found else (1, 1)))


@rule("C720")
def front_matter_as_text(course: Course) -> Iterator[Diagnostic]:
    """The front matter does not begin in the first line of the file, so it shows as text.

    A blank line or a comment above the first `---` is enough.

    Bad:

        ### mkdocs.yml
        site_name: Example

        ### docs/index.md
        <!-- to be reviewed -->
        ---
        title: Home
        ---
        # Example

        Welcome.

    Good:

        ### mkdocs.yml
        site_name: Example

        ### docs/index.md
        ---
        title: Home
        ---
        <!-- to be reviewed -->

        # Example

        Welcome.
    """
    for page in course.pages:
        if match := _FRONT.match(page.source.text):
            line = page.source.text.count("\n", 0, match.end())
            yield Diagnostic(at(page, line), "The front matter shows as text.", "Begin the file with it.")

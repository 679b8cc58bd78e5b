"""Blocks: code, and the boxes of Material (notes, folds, tabs) that did not become what they look like."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from ..diagnostic import Diagnostic, Edit, Fix
from ..extensions import rewrites_pages
from ..fields import near
from ..lines import Pair, at, code_lines, fence_pairs, indent, lines_of, prose
from ..model import Course, Page
from ..rule import rule

if TYPE_CHECKING:
    from ..rendered import Rendered

_SIGNS = (
    r"(?P<sign>={2,4}[!+]{0,2}(?=[ \t]*[\"“'])|===[!+]{0,2}|!!!|\?\?\?\+?"
    r"|!{2,4}(?=[ \t]*[a-z])|\?{2,4}\+?(?=[ \t]*[a-z]))"
)
_BOX = re.compile(rf"(?P<before>[ \t>]*(?:(?:[-*+]|\d{{1,9}}\.)[ \t]+)?){_SIGNS}(?P<rest>[ \t]*\S.*)")
_SHOWN = re.compile(rf"^[ \t]*{_SIGNS}(?P<rest>[ \t]+\S|[\w\"“])", re.M)
_TYPED = re.compile(r"[ \t]?(?P<type>[\w-]+)(?P<more>(?:[ \t]+[\w-]+)*)(?:[ \t]+\"(?P<title>.*)\")?[ \t]*")
_QUOTES = re.compile("[“”„‟″«»]")
_NO_FENCE = re.compile(r"[ \t]*(?P<sign>``|\'\'\'|´´´|‘‘‘|’’’)[a-zA-Z][\w+-]*[ \t]*")
_EXTENSIONS = {
    "===": ("pymdownx.tabbed", "pymdownx.blocks.tab"),
    "!!!": ("admonition",),
    "???": ("pymdownx.details",),
}
_ENOUGH = 100  # boxes of a page that show as text: the rest are of the same kind
_CALLED = {"==": "tab", "!!": "note", "??": "fold"}
_TYPE_NAMES = """
    abstract admonition attention bug caution check cite danger done error example fail failure faq help hint
    important info missing note question quote success summary tip tldr todo warning
"""
_TYPES = frozenset(_TYPE_NAMES.split())
_PLACES = {"inline", "end", "annotate", "no-icon"}  # further words that Material knows


@rule("C704")
def fence_not_closed(course: Course) -> Iterator[Diagnostic]:
    """A block of code is opened and never closed.

    Everything up to the next fence becomes code, and from there on code and text may change places down to the end
    of the page.

    Bad:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        ```bash
        cd

        Look around:

        ```text
        README.md
        ```

    Good:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        ```bash
        cd
        ```

        Look around:

        ```text
        README.md
        ```
    """
    for page in course.pages:
        for pair in fence_pairs(page):
            if pair.close is None:
                place = at(page, pair.open.number, pair.open.indent + 1)
                sign = pair.open.sign
                before = f" before line {pair.next.number}" if pair.next else ""
                hint = f"Write {sign} on a line of its own below the code, indented by {pair.open.indent}."
                if not pair.open.info:
                    hint += " If this fence closes nothing, take it out."
                yield Diagnostic(place, f"The block of code that begins here is not closed{before}.", hint)


@rule("C705")
def fence_not_code(course: Course) -> Iterator[Diagnostic]:
    """What stands between two fences does not show as code.

    Inside a list or a box, both fences and every line between them must be indented alike, by four blanks a level; a
    fence cannot stand behind the marker of an item. Otherwise the fences are signs in the running text.

    Bad:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        1. Go home:

            ```bash
            cd

          ls
            ```

    Good:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        1. Go home:

            ```bash
            cd

            ls
            ```
    """
    rewritten = rewrites_pages(course.settings)
    for page in course.pages:
        rendered = course.rendered.get(page.path)
        broken = False
        for pair in fence_pairs(page):
            if pair.close is None:
                broken = True  # what follows an open fence is not judged by its own fences
            elif rendered and not broken and _is_text(rendered, pair) and not (rewritten and " " in pair.open.info):
                place = at(page, pair.open.number, pair.open.indent + 1)
                yield Diagnostic(place, "The block of code does not show as one.", _why_no_code(page, pair))
        for number, line in enumerate(prose(page), 1) if rendered else ():
            if match := _NO_FENCE.fullmatch(line):
                hint = "Write three backticks, above the code and below it."
                what = "Two backticks do" if match["sign"] == "``" else f"`{match['sign']}` does"
                yield Diagnostic(at(page, number, indent(line) + 1), f"{what} not begin a block of code.", hint)


def _is_text(rendered: Rendered, pair: Pair) -> bool:
    assert pair.close is not None
    if pair.close.sign != pair.open.sign:
        return True
    for line in range(pair.open.number + 1, pair.close.number):
        if line in rendered.places:
            tags = rendered.tags(line)
            if line == pair.open.number + 1 and rendered.literal.get(line) == "fence":
                return True
            return "pre" not in tags and "div" not in tags[:1] and "table" not in tags
    return f"{pair.open.sign}{pair.open.info}" in rendered.fences_shown


def _why_no_code(page: Page, pair: Pair) -> str:
    assert pair.close is not None
    lines = lines_of(page)
    opened, closed = pair.open, pair.close
    if closed.sign != opened.sign:
        return f"Write {opened.sign} in line {closed.number}, as many signs as above the code."
    if opened.marker:
        return "Put the fence on a line of its own, indented by four blanks more than the item."
    if closed.indent != opened.indent:
        return f"Indent the closing fence in line {closed.number} by {opened.indent}, as the opening one."
    for number in range(opened.number + 1, closed.number):
        if lines[number - 1].strip() and indent(lines[number - 1]) < opened.indent:
            return f"Line {number} is indented by less than the fence; indent it by {opened.indent} or more."
    if opened.indent % 4:
        return f"The fence is indented by {opened.indent}; indent it, and all up to its end, by a multiple of four."
    if " " in opened.info:
        return f'What follows the fence is not understood: `{opened.info}`. Write options as `title="…"`.'
    return "Indent it by as much as the text that it belongs to."


@rule("C706", fixable=True)
def box_as_text(course: Course) -> Iterator[Diagnostic]:
    """The first line of a note, a fold or a tab shows as text.

    It is a box only with its blanks and straight quotes in the right places: `!!! note "Title"`,
    `??? tip "Title"`, `=== "Title"`, and only if the extension for it stands in `mkdocs.yml`.

    Bad:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        !!! note "First steps

            Stand up.

    Good:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        !!! note "First steps"

            Stand up.
    """
    for page in course.pages:
        rendered = course.rendered.get(page.path)
        if rendered:
            code = code_lines(page)
            for number in sorted(_shown_boxes(page, rendered) - code):
                yield _box_as_text(course, page, number)


def _shown_boxes(page: Page, rendered: Rendered) -> set[int]:
    """The lines of the source whose sign of a box came out as text, or in a block of code."""
    boxes = [(n, line) for n, line in _boxes(page) if n not in rendered.places or n in rendered.literal]
    found = {line for line, kind in rendered.literal.items() if kind == "box"}
    for text in rendered.texts:
        if not any(sign in text.text for sign in _CALLED):
            continue
        if any(node.tag in ("code", "kbd") for node in rendered.path(text.node)):
            continue
        for match in islice(_SHOWN.finditer(text.text), max(_ENOUGH - len(found), 0)):
            if text.line + text.text.count("\n", 0, match.start()) in found:
                continue  # it came out where it stands
            shown = " ".join(text.text[match.start() :].split("\n")[0].split())[:40]
            start = re.split(r"[`*\[“”\"'<&]", shown)[0].strip()
            same = [n for n, line in boxes if " ".join(line.split()).startswith(start) and n not in found]
            later = [n for n in same if n >= text.line]
            if same:
                found.add((later or same)[0])
    return found


def _boxes(page: Page) -> Iterator[tuple[int, str]]:
    """Number and text, from its sign on, of every line that is meant to begin a box."""
    if not any(sign in page.source.text for sign in _CALLED):
        return
    code = code_lines(page)
    for number, line in enumerate(lines_of(page), 1):
        if number not in code and any(sign in line for sign in _CALLED) and (match := _BOX.fullmatch(line)):
            yield number, line[match.start("sign") :]


def _box_as_text(course: Course, page: Page, number: int) -> Diagnostic:
    line = lines_of(page)[number - 1]
    match = _BOX.fullmatch(line)
    assert match
    sign, rest = match["sign"][0] * 3, match["rest"]
    place = at(page, number, match.start("sign") + 1)
    message = f"The {_CALLED[sign[:2]]} `{line.strip()[:60]}` shows as text."
    if not any(name in course.settings.extensions for name in _EXTENSIONS[sign]):
        return Diagnostic(place, message, f"Add `{_EXTENSIONS[sign][0]}` to `markdown_extensions` in mkdocs.yml.")
    mended = _mended(match["sign"], sign, rest)
    if mended:
        start = page.source.line_starts[number - 1]
        edit = Edit(page.path, start + match.start("sign"), start + len(line), mended)
        return Diagnostic(place, message, f"Write `{mended}`.", Fix("mend the first line", (edit,)))
    pattern = '=== "Title"' if sign == "===" else f'{sign} note "Title"'
    if indent(line) % 4 or _QUOTES.search(rest) or rest.count('"') % 2:
        return Diagnostic(place, message, f"Write it as `{pattern}`, indented by a multiple of four.")
    return Diagnostic(place, message, f"Write it as `{pattern}`, indented like the text around it.")


def _mended(written: str, sign: str, rest: str) -> str:
    """The line with its quotes as they are certainly meant; empty where that is not certain."""
    straight = _QUOTES.sub('"', rest).strip()
    if straight.count('"') == 1 and not straight.endswith('"'):
        straight += '"'
    elif straight.count("'") == 2 and straight.endswith("'") and '"' not in straight:
        straight = straight.replace("'", '"')
    sign += written.lstrip(sign[0])
    good = f"{sign} {straight}"
    if sign.startswith("==="):
        okay = re.fullmatch(r"===[!+]{0,2} \"[^\"\n]+\"", good)
    else:
        okay = re.fullmatch(r"(?:!!!|\?\?\?\+?) [\w-]+(?: [\w-]+)*(?: \"[^\"\n]*\")?", good)
    return good if okay and good.split() != (written + rest).split() else ""


@rule("C707")
def box_without_content(course: Course) -> Iterator[Diagnostic]:
    """A note, a fold or a tab has nothing in it, because the text below it is not indented.

    The page shows an empty box, and below it the text that was meant to be inside.

    Bad:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        !!! note "First steps"
        Stand up.

    Good:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        !!! note "First steps"
            Stand up.
    """
    for page in course.pages:
        rendered = course.rendered.get(page.path)
        if rendered and any(_boxes(page)) and _has_empty_box(rendered):
            shown = _shown_boxes(page, rendered)
            for number, text in _boxes(page):
                below = _below(lines_of(page), number)
                if number not in shown and below and _is_surely_empty(page, number, below, text):
                    yield _empty_box(page, number, below, text)


def _has_empty_box(rendered: Rendered) -> bool:
    full = {text.node for text in rendered.texts}
    inside = {index for node in (*full, *rendered.places.values()) for index in _ancestry(rendered, node)}
    for index, node in enumerate(rendered.nodes):
        kind = node.attributes.get("class", "")
        if node.tag == "details" or "admonition" in kind.split():
            parts = [c for c in rendered.children.get(index, ()) if not _is_title(rendered, c)]
            if not parts and not any(text.node == index for text in rendered.texts):
                return True
        if kind == "tabbed-block" and not rendered.children.get(index) and index not in inside:
            return True
    return False


def _ancestry(rendered: Rendered, node: int) -> Iterator[int]:
    while node >= 0:
        yield node
        node = rendered.nodes[node].parent


def _is_title(rendered: Rendered, index: int) -> bool:
    node = rendered.nodes[index]
    return node.tag == "summary" or "admonition-title" in node.attributes.get("class", "")


def _below(lines: Sequence[str], number: int) -> int:
    """The next line with text; 0 at the end."""
    return next((n for n in range(number + 1, len(lines) + 1) if lines[n - 1].strip()), 0)


def _is_surely_empty(page: Page, number: int, below: int, text: str) -> bool:
    """Whether a box has no content and was to have some. A note may be all title, before text that is not its own."""
    lines = lines_of(page)
    match = _BOX.fullmatch(lines[number - 1])
    if match is None or ">" in match["before"]:
        return False
    deep = indent(lines[number - 1]) + (4 if match["before"].strip() else 0)
    other = indent(lines[below - 1])
    if other >= deep + 4 or (other < deep and below > number + 1):
        return False
    follows = lines[below - 1].lstrip()
    if text.startswith(("===", "???")):
        return not follows.startswith(("<!--", "==="))
    if follows.startswith(("#", "!!!", "???", "===", "<", "--8<")):
        return False
    title = text.partition('"')[2].strip('" ')
    named = len(title.split()) <= 3 and "`" not in title and (follows[:1].isalpha() or follows.startswith("```"))
    return deep < other or below == number + 1 or '"' not in text or named


def _empty_box(page: Page, number: int, below: int, text: str) -> Diagnostic:
    lines = lines_of(page)
    deep, other = indent(lines[number - 1]), indent(lines[below - 1])
    called = _CALLED[text[:2]]
    hint = f"Indent what belongs to it, from line {below} on, by {deep + 4} instead of {other}."
    return Diagnostic(at(page, number, deep + 1), f"The {called} `{text[:60].strip()}` is empty.", hint)


@rule("C708")
def unknown_box_type(course: Course) -> Iterator[Diagnostic]:
    """A note or fold is of a type that the theme does not know.

    It gets the look of a plain note; mostly the type is misspelt, or the title lacks its quotes.

    Bad:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        !!! warnign

            Mind the step.

    Good:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        !!! warning

            Mind the step.
    """
    styled = "extra_css" in course.settings.top
    for page in course.pages if _is_material(course) else ():
        for number, text in _boxes(page):
            match = None if text.startswith("===") else _TYPED.fullmatch(text.lstrip("!?+"))
            if match is None:
                continue
            place = at(page, number, indent(lines_of(page)[number - 1]) + 1)
            kind, more = match["type"].lower(), match["more"].split()
            likely = near(kind, sorted(_TYPES))
            if kind not in _TYPES and (likely or not styled) and not any(m in _TYPES for m in more):
                hint = f"Did you mean `{likely}`?" if likely else f"Known here: {', '.join(sorted(_TYPES))}."
                yield Diagnostic(place, f"The type `{match['type']}` is not known to the theme.", hint)
            elif kind in _TYPES and match["title"] is None and (lost := [m for m in more if m not in _PLACES]):
                message = f"The title `{' '.join(lost)}` does not show."
                if lost[0][0].isupper() or (len(lost) > 1 and not styled):
                    yield Diagnostic(place, message, "Put the title into double quotes.")


def _is_material(course: Course) -> bool:
    theme = course.settings.top.get("theme")
    name = theme.value.get("name") if theme and isinstance(theme.value, dict) else theme.value if theme else ""
    return str(name) == "material"

"""A page as its site renders it, and where each line of its source came out.

Before rendering, an invisible character is put in front of the text of every line: one of the private ones of
Unicode, which says the number of the line. Where it comes out – in which list item, box, paragraph or code –
is what became of the line. Rules compare that with what the source looks like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html.parser import HTMLParser
from typing import Any

from .extensions import parser
from .model import Course, Page, Span

_FIRST = 0xF0000  # the private planes of Unicode: one character for each line
_LINES = 0x10FFFD - _FIRST
_SIGN = re.compile("([\U000f0000-\U0010fffd])")
_LEAD = re.compile(
    r"(?P<quote>[ \t>]*)"
    r"(?:(?P<marker>(?:(?:[-*+]|\d{1,9}\.)[ \t]+)+(?:\[[ xX]\][ \t]+)?)|\|[ \t]*(?!:?-+:?[ \t]*(?:\||$))|\#{1,6}[ \t]+)?"
    r"(?=(?P<first>(?!https?:)[^\s#>|<=!?/~$\\{}:+*_\-\[`]|`(?!``)|\[(?![ xX\^!]?\]|[\^!]|TOC\]|[^\[\]\n]{0,99}\]:)"
    r"|!\[|\*(?![\s*\[])|\*\*(?=\w)|_(?=\w)|__(?=\w)|<(?=[a-zA-Z])))"
)
_TITLE = re.compile(r"[ \t>]*(?:===[!+]?|!!!|\?\?\?\+?)[ \t]+(?:[\w-]+[ \t]+)*\"(?=[^\"\n]+\"[ \t]*$)")
_ITEM = re.compile(r"(?:\d{1,9}\.|[-*+])[ \t]")
_TAG_OVER_LINES = re.compile(r"<!--.*?-->|<[a-zA-Z/][^<>]{0,2000}>", re.S)
_OPTIONS = re.compile(r"^([ \t]*)///[^\n]*\n((?:\1[ ]{4}[^\n]*\n)+)", re.M)
_OBJECT = re.compile(r"[ \t]*::: ?\w[\w.:]*[ \t]*$")
_SNIPPET = re.compile(r"[ \t>]*-{1,}8<-{1,}")
_LITERAL = re.compile(
    r"(?:^|\n)[ \t]*(?:"
    r"(?P<item>(?:[-*+]|\d{1,9}\.)[ \t]+(?:\[[ xX]\][ \t]+)?)"
    r"|(?P<row>\|[ \t]*)"
    r"|(?P<fence>(?:`{3,}|~{3,})[^`\n]*\n[ \t]*)"
    r"|(?P<box>(?:===[!+]?|!!!|\?\?\?\+?)[^\n\"“]*[\"“])"
    r")$"
)
_TOO_LONG = 20_000  # characters in a line, and …
_TOO_DEEP = re.compile(r"[\[(<*_`>]{200}")  # … signs in a row, beyond which a parser takes its time
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_UNREAD = {"pre", "script", "style", "svg", "math", "textarea", "template"}
_KEPT = ("class", "id", "href", "src", "type")


@dataclass(frozen=True, slots=True)
class Node:
    """An element of the rendered page; `line` is the source line whose text came out last before it."""

    tag: str
    parent: int  # index in `Rendered.nodes`, -1 at the top
    attributes: Mapping[str, str]
    number: int  # of a numbered list's item: the number that it has on the page
    line: int


@dataclass(frozen=True, slots=True)
class Text:
    """Text outside blocks of code, with the element that it stands in and the source line that it begins in."""

    node: int
    line: int
    text: str


@dataclass(frozen=True)
class Rendered:
    nodes: Sequence[Node]
    texts: Sequence[Text]
    places: Mapping[int, int]  # source line → the element in which its text came out
    literal: Mapping[int, str]  # source line → what of its markup came out as text: "item", "row", "fence", "box"

    def path(self, node: int) -> Iterator[Node]:
        """An element and all around it, from the inside out."""
        while node >= 0:
            yield self.nodes[node]
            node = self.nodes[node].parent

    def tags(self, line: int) -> list[str]:
        """The elements around the text of a source line, from the inside out; none where it came out nowhere."""
        return [node.tag for node in self.path(self.places.get(line, -1))]

    @cached_property
    def children(self) -> Mapping[int, list[int]]:
        found: dict[int, list[int]] = {}
        for index, node in enumerate(self.nodes):
            found.setdefault(node.parent, []).append(index)
        return found

    def data(self) -> list[Any]:
        """What a cache can keep."""
        nodes = [[n.tag, n.parent, dict(n.attributes), n.number, n.line] for n in self.nodes]
        return [
            nodes,
            [[t.node, t.line, t.text] for t in self.texts],
            list(self.places.items()),
            list(self.literal.items()),
        ]


def from_data(data: list[Any]) -> Rendered:
    """The opposite of `Rendered.data`."""
    nodes, texts, places, literal = data
    return Rendered([Node(*node) for node in nodes], [Text(*text) for text in texts], dict(places), dict(literal))


def rendered_pages(course: Course) -> Mapping[str, Rendered]:
    """Every page of the site by its path; one that cannot be rendered is missing.

    Where the settings cannot be read, or are partly those of another file, it is not known how any is rendered.
    """
    if not course.settings.top or "INHERIT" in course.settings.top:
        return {}
    from .render_cache import Cache

    renderer = Renderer(course)
    cache = Cache(course.root, repr(course.settings.extensions))
    found = {}
    for page in course.pages:
        text = renderer.source(page)
        known = cache.get(page.path, text)
        result = from_data(known) if known else renderer.render(text)
        if result is not None:
            found[page.path] = result
            if not known:
                cache.put(page.path, text, result.data())
    cache.save()
    return found


class Renderer:
    """Renders the pages of one site; the parser is made when the first page needs it."""

    def __init__(self, course: Course) -> None:
        self.course = course

    @cached_property
    def _parser(self) -> Any:
        return parser(self.course.settings.extensions)

    def source(self, page: Page) -> str:
        """The text to render, line for line that of the file: without front matter, and marks where they are ours."""
        text = page.source.text
        spans = [Span(0, page.body)]
        if self.course.settings.is_course:
            spans += [mark.span for mark in page.marks if mark.kind != "course"]
        for span in spans:
            kept = "".join(c if c in "\r\n" else " " for c in text[span.start : span.end])
            text = text[: span.start] + kept + text[span.end :]
        text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
        return _without_what_comes_in(text, "pymdownx.snippets" in self.course.settings.extensions)

    def render(self, text: str) -> Rendered | None:
        """The rendered page; None where the text would keep a parser busy for too long, or makes it fail."""
        lines = text.split("\n")
        if len(lines) > _LINES or max(map(len, lines)) > _TOO_LONG or _TOO_DEEP.search(text):
            return None
        self._parser.reset()
        try:
            content = self._parser.convert(marked(text))
        except Exception:  # a mistake of the parser or of an extension is not one of the page
            return None
        tree = _Tree()
        tree.feed(content)
        tree.close()
        return tree.result()


def _without_what_comes_in(text: str, snippets: bool) -> str:
    """Lines that name a snippet or an object to document are left empty: the text in their place is of another file."""
    if "8<" not in text and ":::" not in text:
        return text
    lines = text.split("\n")
    documented = -1  # the indentation of a `:::` line whose options are being passed over
    for index, line in enumerate(lines):
        indent = len(line) - len(line.lstrip())
        if documented >= 0 and line.strip() and indent <= documented:
            documented = -1
        if documented < 0 and _OBJECT.match(line):
            documented = indent
        if documented >= 0 or (snippets and "8<" in line and _SNIPPET.match(line)):
            lines[index] = ""
    return "\n".join(lines)


def marked(text: str) -> str:
    """The text with the sign of its line in front of the text of every line where that changes nothing."""
    if not text.isascii():
        text = _SIGN.sub(" ", text)
    skipped = _inside_something(text)
    lines = text.split("\n")
    for index, line in enumerate(lines):
        at = -1 if index in skipped else _text_start(line)
        if at >= 0:
            lines[index] = f"{line[:at]}{chr(_FIRST + index + 1)}{line[at:]}"
    return "\n".join(lines)


def _text_start(line: str) -> int:
    """Where the text of a line begins behind its indentation and markers; -1 where a sign there might change it."""
    match = _LEAD.match(line)
    if match and (match["first"] != "<" or match["marker"]) and not _ITEM.match(line, match.end()):
        return match.end()
    title = _TITLE.match(line)
    return title.end() if title else -1


def _inside_something(text: str) -> set[int]:
    """Lines (from 0) that begin within a tag, a comment, the options of a block or the target of a link."""
    found: set[int] = set()
    for match in (*_TAG_OVER_LINES.finditer(text), *_OPTIONS.finditer(text)):
        count = match[0].rstrip("\n").count("\n")
        if count:
            first = text.count("\n", 0, match.start())
            found.update(range(first + 1, first + count + 1))
    lines = text.split("\n")
    found.update(index + 1 for index, line in enumerate(lines) if line.endswith("]("))
    return found


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.nodes: list[Node] = []
        self.texts: list[Text] = []
        self.places: dict[int, int] = {}
        self.literal: dict[int, str] = {}
        self.open: list[int] = []
        self.line = 0
        self.numbers: dict[int, int] = {}  # a numbered list → the number of its next item
        self.unread = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        parent = self.open[-1] if self.open else -1
        given = dict(attrs)
        index, number = len(self.nodes), 0
        if tag == "ol":
            self.numbers[index] = _whole(given.get("start"), 1)
        elif tag == "li" and parent in self.numbers:
            number = _whole(given.get("value"), self.numbers[parent])
            self.numbers[parent] = number + 1
        kept = {key: _SIGN.sub("", value or "") for key, value in attrs if key in _KEPT}
        self.nodes.append(Node(tag, parent, kept, number, self.line))
        if tag not in _VOID:
            self.open.append(index)
            self.unread += tag in _UNREAD

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        for depth in range(len(self.open) - 1, max(len(self.open) - 100, -1), -1):
            if self.nodes[self.open[depth]].tag == tag:
                for index in self.open[depth:]:
                    self.unread -= self.nodes[index].tag in _UNREAD
                del self.open[depth:]
                return

    def handle_data(self, data: str) -> None:
        node = self.open[-1] if self.open else -1
        before = ""
        for piece in _SIGN.split(data):
            if len(piece) == 1 and ord(piece) >= _FIRST:
                self.line = ord(piece) - _FIRST
                self.places.setdefault(self.line, node)
                if match := _LITERAL.search(before[-200:]):
                    self.literal.setdefault(self.line, str(match.lastgroup))
                continue
            before = piece
            if piece.strip() and not self.unread:
                self.texts.append(Text(node, self.line, piece))

    def result(self) -> Rendered:
        return Rendered(self.nodes, self.texts, self.places, self.literal)


def _whole(value: str | None, otherwise: int) -> int:
    return int(value) if value and value.isdecimal() and len(value) < 10 else otherwise

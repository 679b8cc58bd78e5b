"""Pages as their site renders them, and where each line of the source came out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from .extensions import parser, rewrites_pages
from .markdown import Scan
from .model import Course, Page, Span

_OWN_OPTIONS = re.compile(  # of a fence that a plugin takes before Markdown does: ```python exec="1"
    r"^([ \t>]*(?:`{3,}|~{3,})[ ]?[\w+#.-]+)[ \t]+(?![ \t]*(?:hl_lines|linenums|title)=)[\w-]+(?=[ =\n])[^\n`]*", re.M
)
_OBJECT = re.compile(r"[ \t]*::: ?\w[\w.:]*[ \t]*$")
_SNIPPET = re.compile(r"[ \t>]*-{1,}8<-{1,}[ \t]*(?:[\"'\[].*)?$")
_TOO_LONG = 20_000  # characters in a line, and …
_TOO_MANY = 20_000  # lines, and …
_TOO_DEEP = re.compile(
    r"[\[(<*_`>]{200}|^[ \t]{160}[ \t]*\S", re.M
)  # … signs in a row or blanks: a parser takes its time
_NO_TEXT = {"code", "kbd", "samp", "var", "button", "option"}
_NO_TEXT_CLASSES = ("arithmatex", "headerlink")
INLINE = {"a", "abbr", "b", "code", "del", "em", "i", "ins", "kbd", "mark", "span", "strong", "sub", "sup"}


class Node(NamedTuple):  # as all of these are made anew from the cache in every run, their making counts
    """An element of the rendered page; `line` is the source line whose text came out last before it."""

    tag: str
    parent: int  # index in `Rendered.nodes`, -1 at the top
    attributes: Mapping[str, str]
    number: int  # of a numbered list's item: the number that it has on the page
    line: int


class Text(NamedTuple):
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

    def block(self, node: int) -> int:
        """The paragraph, item or other block that an element stands in, or is."""
        while node >= 0 and self.nodes[node].tag in INLINE:
            node = self.nodes[node].parent
        return node

    @cached_property
    def running_texts(self) -> Sequence[Text]:
        """The texts that are to be read as such: no code, no keys, no formulas."""
        hidden: list[bool] = []
        for node in self.nodes:  # a parent comes before its children
            own = node.tag in _NO_TEXT or any(word in node.attributes.get("class", "") for word in _NO_TEXT_CLASSES)
            hidden.append(own or (node.parent >= 0 and hidden[node.parent]))
        return [text for text in self.texts if text.node < 0 or not hidden[text.node]]

    @cached_property
    def fences_shown(self) -> frozenset[str]:
        """Lines of running text that were to open a block of code."""
        lines = (line.strip() for text in self.running_texts if "```" in text.text for line in text.text.split("\n"))
        return frozenset(line for line in lines if line.startswith("```"))

    @cached_property
    def children(self) -> Mapping[int, list[int]]:
        found: dict[int, list[int]] = {}
        for index, node in enumerate(self.nodes):
            found.setdefault(node.parent, []).append(index)
        return found

    def data(self) -> list[Any]:
        """What a cache can keep."""
        return [self.nodes, self.texts, list(self.places.items()), list(self.literal.items())]


def from_data(data: list[Any]) -> Rendered:
    """The opposite of `Rendered.data`."""
    nodes, texts, places, literal = data
    return Rendered(list(map(Node._make, nodes)), list(map(Text._make, texts)), dict(places), dict(literal))


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
        known = cache.get(text)
        result = from_data(known) if known else renderer.render(text)
        if result is not None:
            found[page.path] = result
            if not known:
                cache.put(text, result.data())
    cache.save()
    return found


def rendered_text(course: Course, page: Page, text: str) -> Rendered | None:
    """How a page would be rendered with another text, whose front matter is the same."""
    renderer = Renderer(course)
    return renderer.render(renderer.source(page, text))


class Renderer:
    """Renders the pages of one site; the parser is made when the first page needs it."""

    def __init__(self, course: Course) -> None:
        self.course = course

    @cached_property
    def _parser(self) -> Any:
        return parser(self.course.settings.extensions)

    def source(self, page: Page, text: str = "") -> str:
        """The text to render, line for line that of the file: without front matter, and marks where they are ours."""
        marks = Scan(text, page.body).marks if text else page.marks
        text = text or page.source.text
        spans = [Span(0, page.body)]
        if self.course.settings.is_course:
            spans += [mark.span for mark in marks if mark.kind != "course"]
        for span in spans:
            kept = "".join(c if c in "\r\n" else " " for c in text[span.start : span.end])
            text = text[: span.start] + kept + text[span.end :]
        text = text.replace("\r\n", "\n").lstrip("\ufeff")
        text = _without_what_comes_in(text, "pymdownx.snippets" in self.course.settings.extensions)
        return _OWN_OPTIONS.sub(r"\1", text) if rewrites_pages(self.course.settings) else text

    def render(self, text: str) -> Rendered | None:
        """The rendered page; None where the text would keep a parser busy for too long, or makes it fail.

        Nor where a lone carriage return, which Markdown takes for the end of a line, would shift all places.
        """
        from .signs import read, signed

        lines = text.split("\n")
        if len(lines) > _TOO_MANY or max(map(len, lines)) > _TOO_LONG or "\r" in text or _TOO_DEEP.search(text):
            return None
        self._parser.reset()
        try:
            content = self._parser.convert(signed(text))
        except Exception:  # a mistake of the parser or of an extension is not one of the page
            return None
        return read(content)


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

"""Signs in the source: where each line comes out, without imitating the parser.

Before rendering, an invisible character is put in front of the text of every line: one of the private ones of
Unicode, which says the number of the line. Where it comes out – in which list item, box, paragraph or code –
is what became of the line.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from .lines import comments
from .rendered import INLINE, Node, Rendered, Text

_FIRST = 0xF0000  # the private planes of Unicode: one character for each line
_SIGN = re.compile("([\U000f0000-\U0010fffd])")
_LEAD = re.compile(
    r"[ \t>]*"
    r"(?:(?P<marker>(?:(?:[-*+]|\d{1,9}\.)[ \t]+)+(?:\[[ xX]\][ \t]+)?)"
    r"|\|[ \t]*(?!:?-+:?[ \t]*(?:\||$))|\#{1,6}[ \t]+)?"
    r"(?:\*(?![\s*\[])|\*{2,3}(?![\s*])|_{1,3}(?![\s_]))?"  # what is before them decides whether they count
    r"(?=(?P<first>(?!https?:)[^\s#>|<=!?/~$\\{}:+*_^\-\[`]|`(?!``)|\[(?![ xX\^!]?\]|[\^!]|TOC\]|[^\[\]\n]{0,99}\]:)"
    r"|!\[|<(?=[a-zA-Z])))"
)
_TITLE = re.compile(r"[ \t>]*(?:===[!+]?|!!!|\?\?\?\+?)[ \t]+(?:[\w-]+[ \t]+)*\"(?=[^\"\n]+\"[ \t]*$)")
_ITEM = re.compile(r"(?:\d{1,9}\.|[-*+])[ \t]")
_TAG_OVER_LINES = re.compile(r"<[a-zA-Z/][^<>]{0,2000}>")
_OPTIONS = re.compile(r"^([ \t]*)///[^\n]*\n((?:\1[ ]{4}[^\n]*\n)+)", re.M)
_LITERAL = re.compile(
    r"(?:^|\n)[ \t]*(?:"
    r"(?P<item>(?:[-*+]|\d{1,9}\.)[ \t]+(?:\[[ xX]\][ \t]+)?[*_]{0,3})"
    r"|(?P<row>\|[ \t]*[*_]{0,3})"
    r"|(?P<fence>(?:`{3,}|~{3,})[^`\n]*\n[ \t]*)"
    r"|(?P<box>(?:===[!+]?|!!!|\?\?\?\+?)[^\n\"“]*[\"“])"
    r")$"
)
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_UNREAD = {"pre", "script", "style", "svg", "math", "textarea", "template"}
_OPENING = re.compile(r"[*_]{0,3}\Z")
_KEPT = re.compile(r"class|id|href|src|srcset|data|poster|type|style|on[a-z]+")


def signed(text: str) -> str:
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
    spans = [*(match.span() for match in (*_TAG_OVER_LINES.finditer(text), *_OPTIONS.finditer(text))), *comments(text)]
    for start, end in spans:
        count = text[start:end].rstrip("\n").count("\n")
        if count:
            first = text.count("\n", 0, start)
            found.update(range(first + 1, first + count + 1))
    lines = text.split("\n")
    found.update(index + 1 for index, line in enumerate(lines) if line.endswith("]("))
    return found


def read(content: str) -> Rendered:
    """What a rendered page holds, and where the signs came out in it."""
    tree = _Tree()
    tree.feed(content)
    tree.close()
    return Rendered(tree.nodes, tree.texts, tree.places, tree.literal)


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
        self.tail = ""  # the text of a block up to here

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        parent = self.open[-1] if self.open else -1
        given = dict(attrs)
        index, number = len(self.nodes), 0
        if tag == "ol":
            self.numbers[index] = _whole(given.get("start"), 1)
        elif tag == "li" and parent in self.numbers:
            number = _whole(given.get("value"), self.numbers[parent])
            self.numbers[parent] = number + 1
        kept = {key: _SIGN.sub("", value or "") for key, value in attrs if _KEPT.fullmatch(key)}
        self.nodes.append(Node(tag, parent, kept, number, self.line))
        if tag not in INLINE:
            self.tail = ""
        if tag not in _VOID:
            self.open.append(index)
            self.unread += tag in _UNREAD

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in INLINE:
            self.tail = ""
        for depth in range(len(self.open) - 1, max(len(self.open) - 100, -1), -1):
            if self.nodes[self.open[depth]].tag == tag:
                for index in self.open[depth:]:
                    self.unread -= self.nodes[index].tag in _UNREAD
                del self.open[depth:]
                return

    def handle_data(self, data: str) -> None:
        node = self.open[-1] if self.open else -1
        pieces = _SIGN.split(data)  # text and signs in turn
        opening = ""  # stars in front of a sign: they belong to the text behind it
        for index in range(0, len(pieces), 2):
            text = opening + pieces[index]
            opening = _OPENING.search(text)[0] if index + 1 < len(pieces) else ""  # type: ignore[index]  # always found
            self._add(node, text[: len(text) - len(opening)])
            self.tail = (self.tail + text[: len(text) - len(opening)])[-200:]
            if index + 1 < len(pieces):
                line = ord(pieces[index + 1]) - _FIRST
                if line not in self.places:  # a table of contents says headings once more
                    self.line = line
                self.places.setdefault(line, node)
                if match := _LITERAL.search(self.tail + opening):
                    self.literal.setdefault(line, str(match.lastgroup))

    def _add(self, node: int, text: str) -> None:
        if text.strip() and not self.unread:
            self.texts.append(Text(node, self.line, text))


def _whole(value: str | None, otherwise: int) -> int:
    return int(value) if value and value.isdecimal() and len(value) < 10 else otherwise

"""Find what stands on a Markdown page – headings, links, fences, folds, marks – and where, without rendering it.

Regular expressions over a *mask* of the text: a copy of the same length in which code, comments and escaped
characters are blanked, so that every match is outside code and every offset is an offset in the file.
Fences and comments become spaces, since a reader sees no text there; code within a line is filled with NUL.
The dialect is what MkDocs authors write: Python-Markdown with PyMdown extensions, readable on GitHub.
"""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from .model import Fence, Fold, Heading, Link, Mark, Page, Snippet, Span

_CODE = "\x00"
_FENCE = re.compile(r"^[ \t>]*(?:[-*+][ \t]+|\d+[.)][ \t]+)?(`{3,}|~{3,})([^\n]*)$", re.M)
_TOKEN = re.compile(r"<!--|`+|\\[\\`*_{}\[\]()#+.!<>|-]")
_BLANK_LINE = re.compile(r"\n[ \t]*\r?\n")
_MARK = re.compile(r"<!--\s*(id|course|run|check):\s*(.*?)\s*-->", re.S)
_ATX = re.compile(r"\n {0,3}(#{1,6})[ \t]+([^\r\n]*)")
_UNDERLINE = re.compile(r"\n(=+|-{2,})[ \t]*(?=\r?$)", re.M)
_UNDERLINED = re.compile(r"(?![ \t]*(?:[>|#<*+-]|\d+[.)]|///))(\S[^\r\n]*)")
_TEXT = r"(?P<text>(?:[^\[\]]|\[(?:[^\[\]]|\[[^\[\]]{0,999}\]){0,999}\]){0,999})"  # bounded: never quadratic
_INLINE = re.compile(
    r"\[" + _TEXT + r"\]\([ \t]*(?P<target><[^<>\n]*>|[^\s()<>\x00]*(?:\([^\s()]*\)[^\s()<>\x00]*)*)"
    r"(?:\s+(?:\"[^\"]*\"|'[^']*'))?[ \t]*\)"
)
_REFERENCE = re.compile(r"\[" + _TEXT + r"\](?:\[(?P<ref>[^\[\]]*)\])?(?![(:\[])")
_DEFINITION = re.compile(r"^[ \t>]*\[(?!\^)(?P<ref>[^\[\]]{1,999})\]:[ \t]*(?P<target><[^<>\n]*>|\S+)", re.M)
_HTML = re.compile(r"<(?P<tag>a|img|source|video|audio|embed|iframe|object)\b(?P<attributes>[^<>]*)>", re.I)
_HTML_TARGET = {"a": "href", "object": "data"}  # else `src`
_ATTRIBUTE = re.compile(r"\b(?P<key>[a-z-]+)\s*=\s*(?P<quote>[\"'])(?P<value>.*?)(?P=quote)", re.I | re.S)
_HTML_ID = re.compile(r"<[a-z]\w*\b[^<>]*?\s(?:id|name)\s*=\s*[\"']([^\"'<>]+)[\"']", re.I)
_ATTRIBUTE_ID = re.compile(r"\{[^{}\n]{0,200}?(?:#|(?<=[\s:{])id=[\"']?)([\w.:\x00-]+)[^{}\n]{0,200}\}")
_CONTAINER = re.compile(r"(?:[-*+]|\w{1,4}[.)])[ \t]|!!!|\?\?\?|===|:{1,3}[ \t]|\[\^|///|<|>")
_DETAILS = re.compile(
    r"<(?P<close>/)?details\b[^<>]*>(?:\s*<summary\b[^<>]*>(?P<name>.{0,999}?)</summary>)?", re.I | re.S
)
_SNIPPET = re.compile(r"^[ \t>]*-{1,}8<-{1,}[ \t]+(?P<quote>[\"'])(?P<path>[^\"'\r\n]+?)(?P=quote)[ \t]*\r?$", re.M)
_SNIPPET_LINES = re.compile(r"(?::[\d,:-]+|:[A-Za-z][\w-]*)$")
_LINKED = re.compile(
    r"!?\[((?:[^\[\]]|\[[^\[\]]{0,999}\]){0,999})\]"
    r"(?:\([^()]{0,999}(?:\([^()]{0,999}\)[^()]{0,999}){0,9}\)|\[[^\[\]]{0,999}\])"
)
_LITERAL = re.compile(r"(`[^`]+`|\\[\\`*_{}\[\]()#+.!<>|-])")
_INLINE_TAG = r"(?:a|abbr|b|br|code|del|em|i|img|ins|kbd|mark|q|s|samp|small|span|strong|sub|sup|u|var)\b"
_MARKUP = re.compile(
    rf"`+|(?<!\w)[*_]{{1,3}}|[*_]{{1,3}}(?!\w)|</?{_INLINE_TAG}[^<>]*>|\{{(?::[^{{}}]*|[^{{}}]*[#.=][^{{}}]*)\}}\s*$",
    re.I,
)
_FOREIGN = re.compile(rf"(`+)[^`].*?\1|\\.|(?P<sign>[{{}}]|<(?!/?{_INLINE_TAG}))", re.I)
_VISIBLE = re.compile(r"\S")
_SIGNS = re.compile(r"(?<=\s)[^\w\s]+(?=\s)")
_NOT_PROSE = re.compile(r"<[^<>]*>|\]\([^()\s]*\)|\]\[[^\]]*\]|\n[ \t>]*///[^\n]*|https?://\S+")


def slug(text: str) -> str:
    """The anchor that GitHub gives a heading; the site uses the same.

    >>> slug("What's new in `uv` 0.13?"), slug("Größe & Maß")
    ('whats-new-in-uv-013', 'größe--maß')
    """
    kept = re.sub(r"[^\w\- ]", "", unicodedata.normalize("NFC", text).strip().lower())
    return kept.replace(" ", "-")


def plain(text: str) -> str:
    """Heading or link text without its markup.

    >>> plain("Which stream does `2>` *redirect*? { .big }"), plain(r"[x[0]](x.md) and \\*args")
    ('Which stream does 2> redirect?', 'x[0] and *args')
    """
    if "[" in text:
        text = _LINKED.sub(r"\1", _LINKED.sub(r"\1", text))  # twice: an image may be a link
    pieces = _LITERAL.split(text)
    pieces[::2] = (_MARKUP.sub("", piece) for piece in pieces[::2])
    pieces[1::2] = (p[1:-1] if p[0] == "`" else p[1] for p in pieces[1::2])
    return html.unescape("".join(pieces)).strip()


def foreign_signs(text: str) -> Iterator[tuple[int, str]]:
    """Signs of a heading that Markdown would take for something else, each with what to write for it.

    Only inline HTML is HTML there; `<script>` and `<your name>` are text. A brace outside code is a brace.

    >>> [text for _, text in foreign_signs("Press <kbd>q</kbd>, `<b> {}`, {name} or <script>")]
    ['&#123;', '&#125;', '&lt;']
    """
    for match in _FOREIGN.finditer(text):
        if match["sign"]:
            yield match.start(), "&lt;" if match["sign"] == "<" else f"&#{ord(match['sign'])};"


class Scan:
    """What stands in one Markdown text, from offset `body` on."""

    def __init__(self, text: str, body: int = 0) -> None:
        self.text = text
        self.fences = tuple(_fences(text, body))
        self.mask, comments = _mask(text, body, self.fences)
        self.marks = tuple(_marks(text, comments))
        self.folds = tuple(_folds(self.mask, text))
        self.headings = tuple(_headings(self.mask, text, self.marks))
        self.links = tuple(_links(self.mask, text))
        self.snippets = tuple(_snippets(text, body))
        self.raw_anchors = frozenset(_raw_anchors(self.mask, text))

    def words(self) -> int:
        """Words of running text; code, comments and folds (hints, solutions, answers) do not count."""
        return count_words(blank(self.mask, (fold.span for fold in self.folds)))


def count_words(mask: str) -> int:
    """Words of a text without its code: what blanks divide and has more than signs in it."""
    prose = _NOT_PROSE.sub(" ", mask)
    return len(prose.split()) - len(_SIGNS.findall(f" {prose} "))


def blank(text: str, spans: Iterable[Span], filler: str = " ") -> str:
    """The text with the given spans, in their order, filled; line ends stay."""
    pieces, at = [], 0
    for span in spans:
        if span.start < at:
            continue
        lines = text[span.start : span.end].split("\n")
        pieces += [text[at : span.start], "\n".join([filler * len(line) for line in lines])]
        at = span.end
    return "".join([*pieces, text[at:]])


def _fences(text: str, body: int) -> Iterator[Fence]:
    opened: re.Match[str] | None = None
    for match in _FENCE.finditer(text, body):
        rest = match[2].strip()
        if opened is None:
            if "`" not in rest or match[1][0] == "~":
                opened = match
        elif match[1].startswith(opened[1]) and not rest:
            yield _fence(opened, match.start(), match.end())
            opened = None
    if opened is not None:  # never closed: the rest of the page is code
        yield _fence(opened, len(text), len(text))


def _fence(opened: re.Match[str], content_end: int, end: int) -> Fence:
    content = Span(min(opened.end() + 1, content_end), content_end)
    return Fence(opened[2].strip(), Span(opened.start(), end), content)


def _mask(text: str, body: int, fences: tuple[Fence, ...]) -> tuple[str, list[Span]]:
    """The mask and the spans of comments."""
    text = blank(text, (Span(0, body), *(fence.span for fence in fences)))
    inert = list(_inert(text))
    comments = [span for span in inert if text.startswith("<!--", span.start)]
    code = (span for span in inert if not text.startswith("<!--", span.start))
    text = blank(text, comments)
    return blank(blank(text, code, _CODE), _indented_code(text)), comments


def _indented_code(text: str) -> Iterator[Span]:
    """Lines that are code because of their indentation: below a blank line, and in nothing that may hold them."""
    around: list[tuple[int, bool]] = []  # indentation and “holds indented text” of the lines around this one
    at, after_blank, in_code = 0, True, False
    for line in text.split("\n"):
        start, at = at, at + len(line) + 1
        stripped = line.strip()
        if not stripped:
            after_blank = True
            continue
        if line[0] not in " \t" and not in_code:  # nearly every line
            around = [(0, bool(_CONTAINER.match(stripped)))]
            after_blank = False
            continue
        shown = line.expandtabs(4)
        indent = len(shown) - len(shown.lstrip())
        while around and around[-1][0] >= indent:
            around.pop()
        outer, holds = around[-1] if around else (0, False)
        in_code = not holds and indent - outer >= 4 and (after_blank or in_code)
        if in_code:
            yield Span(start, start + len(line))
        else:
            around.append((indent, bool(_CONTAINER.match(stripped))))
        after_blank = False


def _inert(text: str) -> Iterator[Span]:
    """Comments, code spans and escaped characters, in order; a code span never crosses a blank line."""
    tokens = list(_TOKEN.finditer(text))
    closing = _closing_ticks(text, tokens)
    last_comment_end = text.rfind("-->")
    at = 0
    for token in tokens:
        if token.start() < at:
            continue
        end = token.end()
        if token[0] == "<!--":
            end = text.find("-->", end) + 3 if end <= last_comment_end else 0
        elif token[0][0] == "`":
            end = closing.get(token.start(), 0)
        if end > token.start():
            yield Span(token.start(), end)
            at = end


def _closing_ticks(text: str, tokens: list[re.Match[str]]) -> dict[int, int]:
    """Start of each run of backticks → end of the next run of its length in the same paragraph."""
    closing: dict[int, int] = {}
    following: dict[str, re.Match[str]] = {}
    for token in reversed(tokens):
        if token[0][0] == "`":
            closer = following.get(token[0])
            if closer and not _BLANK_LINE.search(text, token.end(), closer.start()):
                closing[token.start()] = closer.end()
            following[token[0]] = token
    return closing


def _marks(text: str, comments: list[Span]) -> Iterator[Mark]:
    for span in comments:
        if match := _MARK.fullmatch(text, span.start, span.end):
            yield Mark(match[1], match[2], span)


def _folds(mask: str, text: str) -> Iterator[Fold]:
    stack: list[re.Match[str]] = []
    found: list[Fold] = []
    for match in _DETAILS.finditer(mask):
        if not match["close"]:
            stack.append(match)
        elif stack:
            found.append(_fold(stack.pop(), match.end(), text))
    found += [_fold(opening, opening.end(), text) for opening in stack]  # never closed
    yield from sorted(found, key=lambda fold: fold.span.start)


def _fold(opening: re.Match[str], end: int, text: str) -> Fold:
    name = plain(text[opening.start("name") : opening.end("name")]) if opening["name"] else ""
    return Fold(name.lower(), Span(opening.start(), end), Span(opening.start(), opening.end()))


def _headings(mask: str, text: str, marks: tuple[Mark, ...]) -> Iterator[Heading]:
    # A pattern that begins with a line end is found several times faster than one that begins with `^`.
    matches = _ATX.finditer("\n" + mask)
    found = [(m.start(), m.end() - 1, len(m[1]), _heading_text(m)) for m in matches]
    found += _underlined(mask)
    found.sort()
    ids = [mark for mark in marks if mark.kind == "id"]
    taken: dict[str, int] = {}
    for start, end, level, content in found:
        written = text[content.start : content.end]
        own = re.search(r"\{[^{}]*#([\w-]+)[^{}]*\}\s*$", written)
        mark = _mark_below(ids, end, mask)
        shown = plain(written)
        counted = _unique(slug(shown), taken)  # as GitHub counts: an id in a comment or in braces is none to it
        anchor = mark.value if mark else own[1] if own else counted
        yield Heading(level, shown, Span(start, end), content, anchor)


def _heading_text(match: re.Match[str]) -> Span:
    """Where the text of a heading stands, without blanks and hashes behind it; the mask has one character in front."""
    text = match[2].rstrip(" \t")
    open_ended = text.rstrip("#")
    closed = open_ended != text and open_ended[-1:] in (" ", "\t")
    start = match.start(2) - 1
    return Span(start, start + len(open_ended.rstrip(" \t") if closed else text))


def _underlined(mask: str) -> Iterator[tuple[int, int, int, Span]]:
    """Headings in the style of a line below: found by that line, which is rare, not by every line above one."""
    for line in _UNDERLINE.finditer(mask):
        start = mask.rfind("\n", 0, line.start()) + 1
        if above := _UNDERLINED.match(mask, start, line.start()):
            yield start, line.end(), 1 if line[1][0] == "=" else 2, Span(*above.span(1))


def _mark_below(ids: list[Mark], end: int, mask: str) -> Mark | None:
    """The first of the marks behind an offset, if nothing else stands between."""
    at = bisect_right(ids, end, key=lambda mark: mark.span.start)
    if at < len(ids) and not _VISIBLE.search(mask, end, ids[at].span.start):
        return ids[at]
    return None


def _unique(anchor: str, taken: dict[str, int]) -> str:
    """GitHub's way: the second `usage` is `usage-1`."""
    count = taken.get(anchor, -1) + 1
    taken[anchor] = count
    return f"{anchor}-{count}" if count else anchor


def _links(mask: str, text: str) -> Iterator[Link]:
    inline = list(_INLINE.finditer(mask))
    for match in inline:
        yield _link(match, text, Span(*match.span("target")))
        nested = match.start("text"), match.end("text")
        if "](" in mask[slice(*nested)]:
            yield from (_link(m, text, Span(*m.span("target"))) for m in _INLINE.finditer(mask, *nested))
    found = _DEFINITION.finditer(mask) if "]:" in mask else ()
    definitions = {_name(m, "ref", text): Span(*m.span("target")) for m in found}
    if definitions:
        for match in _REFERENCE.finditer(_DEFINITION.sub(lambda m: " " * len(m[0]), mask)):
            reference = _name(match, "ref" if match["ref"] else "text", text)
            if reference in definitions:
                yield _link(match, text, definitions[reference])
    yield from _html_links(mask, text)


def definitions(page: Page) -> dict[str, int]:
    """What the links of a page may refer to by name, in lower case, each with its offset."""
    if "]:" not in page.mask:
        return {}
    text = page.source.text
    return {_name(match, "ref", text): match.start("ref") - 1 for match in _DEFINITION.finditer(page.mask)}


def _name(match: re.Match[str], group: str, text: str) -> str:
    """What a reference is called, code in it included."""
    return text[match.start(group) : match.end(group)].lower()


def _link(match: re.Match[str], text: str, target: Span) -> Link:
    if text[target.start : target.start + 1] == "<":
        target = Span(target.start + 1, target.end - 1)
    words = Span(*match.span("text"))
    image = match.start() > 0 and match.string[match.start() - 1] == "!"  # the pattern begins at `[`, to be found fast
    return Link(
        "image" if image else "link",
        text[words.start : words.end],
        text[target.start : target.end],
        Span(match.start() - image, match.end()),
        words,
        target,
    )


def _html_links(mask: str, text: str) -> Iterator[Link]:
    for match in _HTML.finditer(mask):
        tag = match["tag"].lower()
        attributes = {m["key"].lower(): m for m in _ATTRIBUTE.finditer(mask, *match.span("attributes"))}
        target = attributes.get(_HTML_TARGET.get(tag, "src"))
        if target is None:
            continue
        alt = attributes.get("alt")
        words = Span(*alt.span("value")) if alt else Span(match.end(), match.end())
        yield Link(
            "html-image" if tag == "img" else "html-link" if tag == "a" else "html-media",
            text[words.start : words.end],
            html.unescape(target["value"]),
            Span(*match.span()),
            words,
            Span(*target.span("value")),
        )


def _raw_anchors(mask: str, text: str) -> Iterator[str]:
    """Ids written in raw HTML or in an attribute list."""
    yield from _HTML_ID.findall(mask)
    for match in _ATTRIBUTE_ID.finditer(mask) if "{" in mask else ():
        yield text[match.start(1) : match.end(1)].replace("\\", "")


def _snippets(text: str, body: int) -> Iterator[Snippet]:
    for match in _SNIPPET.finditer(text, body) if "-8<-" in text else ():
        path = _SNIPPET_LINES.sub("", match["path"])
        start = match.start("path")
        part = match["path"][len(path) + 1 :]
        yield Snippet(path, Span(*match.span()), Span(start, start + len(path)), part)

"""The anchors of a page as its site makes them: a course's own ones are said in the Markdown, others by MkDocs."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator

from .markdown import plain, slug
from .model import Course, Page, Span
from .site import is_known

_HEADING = re.compile(r"\n[ \t>]*(#{1,6})(?!#)[ \t]*([^\r\n]*)")
_OWN = re.compile(r"\{[^{}]{0,200}(?:#|id=[\"']?)[\w.:-]+[^{}]{0,200}\}\s*#*\s*$")
_EMOJI = re.compile(r":[a-z0-9_+-]{1,60}:")
_GENERATED = re.compile(r"(?:fn|fnref\d*):|__")  # of footnotes, tabs and lines of code
_UNKNOWN = re.compile(r"^:::|\{[{%]", re.M)  # what other plugins write


class Anchors:
    """The anchors of the pages of one course; those of a page are found when first asked for."""

    def __init__(self, course: Course) -> None:
        self.course = course
        self.spellings = _spellings(course)
        self.documents = {page.path for page in course.documents}
        self.known: dict[str, frozenset[str]] = {}

    def of(self, page: Page) -> frozenset[str]:
        """All anchors that can be seen in the source of a page."""
        if self.course.settings.is_course or page.path in self.documents:
            return page.anchors
        if page.path not in self.known:
            self.known[page.path] = page.raw_anchors | _of_headings(page, self.spellings)
        return self.known[page.path]

    def has(self, page: Page, anchor: str) -> bool:
        """Whether a page has an anchor, that of a footnote or a line of code included."""
        return anchor in self.of(page) or bool(_GENERATED.match(anchor))


def may_have_more(page: Page) -> bool:
    """Whether a page gets anchors that cannot be seen in its source: from snippets, or from other plugins."""
    included = any(all(s.span.start not in f.span for f in page.fences) for s in page.snippets)
    return included or bool(_UNKNOWN.search(page.source.text))


def _spellings(course: Course) -> tuple[Callable[[str], str], ...]:
    """How the site may spell a heading as an anchor; a function that it names is not read, so it may be any."""
    options = course.settings.extensions.get("toc", {})
    if is_known(course.settings) and "slugify" not in options and options.get("separator", "-") == "-":
        return (mkdocs_slug,)
    return mkdocs_slug, _unicode_slug, slug, _cased_slug, _underscored


def mkdocs_slug(text: str) -> str:
    """The anchor that Python-Markdown gives a heading unless told otherwise: it drops what is not ASCII.

    >>> mkdocs_slug("What's new -- in `uv` 0.13?"), mkdocs_slug("Größe & Maß")
    ('whats-new-in-uv-013', 'groe-ma')
    """
    return _unicode_slug(unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode())


def _unicode_slug(text: str) -> str:
    kept = re.sub(r"[^\w\s-]", "", unicodedata.normalize("NFKD", text)).strip().lower()
    return re.sub(r"[-\s]+", "-", kept)


def _cased_slug(text: str) -> str:
    return re.sub(r"\s+", "-", re.sub(r"[^\w\s-]", "", text).strip())


def _underscored(text: str) -> str:
    return _unicode_slug(text).replace("-", "_")


def _of_headings(page: Page, spellings: tuple[Callable[[str], str], ...]) -> frozenset[str]:
    """The anchors of all headings, those in tabs and boxes included; a repeated one gets a number."""
    found: set[str] = set()
    taken: Counter[str] = Counter()
    for text in _headings(page):
        for anchor in {spell(variant) for spell in spellings for variant in (text, _EMOJI.sub("", text))}:
            count = taken[anchor]
            taken[anchor] += 1
            found.add(f"{anchor}_{count}" if count else anchor)
    return frozenset(found)


def _headings(page: Page) -> Iterator[str]:
    """The texts of headings that have no id of their own."""
    text = page.source.text
    spans = {heading.span.start: heading.content for heading in page.headings}
    for match in _HEADING.finditer("\n" + page.mask):  # Python-Markdown needs no blank behind the hashes
        spans.setdefault(match.start(), Span(match.start(2) - 1, match.end(2) - 1))
    for span in spans.values():
        written = text[span.start : span.end].rstrip("# \t")
        if not _OWN.search(written):
            yield plain(written)

"""The index of the site's search: what the pages say, section by section, for the script `search.js`.

A text is kept as its distinct words, without those that stand everywhere: what a search needs, and half the size.
"""

from __future__ import annotations

import itertools
import json
import re
import string
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from .glossary import glossary_page
from .model import Course, Module, Page

_WORD = re.compile(r"[^\W_]+(?:[-_.][^\W_]+)*")
_HASH = re.compile(r"(?=.*\d)[0-9a-f]{7,}|.{31,}|[\d.\-_]+|.")  # of no use to who searches: hashes, numbers, letters
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_INLINE = {"a", "abbr", "b", "code", "em", "i", "kbd", "mark", "span", "strong", "sub", "sup"}
_HEADINGS = {"h1", "h2", "h3"}
_TEASER = 110  # characters
_DERIVED = {"summary"}  # pieces of Markdown that repeat what stands elsewhere
_COMMON = """
a about after again all also an and any are as at be because been before being both but by can could did do does
each either else even every few first for from get gets had has have he her here his how if in into is it its itself
just last like made make makes many may might more most much must need never no nor not now of off often on once one
only or other our out over own same see she should since so some still such takes than that the their them then
there these they this those three through to too two under until up us use used uses very was we were what when
where whether which while who whose why will with without would you your
"""  # words that say nothing of a page
_LEFT_OUT = frozenset(_COMMON.split())


@dataclass
class Section:
    """A part of a page below one heading, or above the first.

    Args:
        anchor: The heading's anchor; empty for what stands above the first section.
        heading: The heading's text.
        text: All that stands below it, with code.
        prose: Its first paragraphs alone.
    """

    anchor: str
    heading: str = ""
    text: list[str] = field(default_factory=list)
    prose: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    """Cuts a page's HTML into sections; leaves out what is marked by `data-search-exclude`, and permanent links."""

    def __init__(self) -> None:
        super().__init__()
        self.sections = [Section("")]
        self.open: list[str] = []
        self.excluded = 0  # how many elements were open when the excluded one began, and it; 0 outside
        self.title: list[str] | None = None
        self.in_paragraph = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._separate(tag)
        if tag in _VOID:
            return
        self.open.append(tag)
        values = dict(attrs)
        if not self.excluded and ("data-search-exclude" in values or values.get("class") == "headerlink"):
            self.excluded = len(self.open)
        if self.excluded:
            return
        if tag in _HEADINGS or (tag == "dt" and "id" in values):
            self.title = []
            if tag != "h1":
                self.sections.append(Section(values.get("id") or ""))
        elif tag in ("p", "dd"):
            self.in_paragraph = True

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.open:
            return
        while self.open.pop() != tag:
            pass
        if self.excluded > len(self.open):
            self.excluded = 0
        self._separate(tag)
        if self.title is not None and tag in (*_HEADINGS, "dt"):
            self.sections[-1].heading, self.title = _line(self.title), None
        elif tag in ("p", "dd"):
            self.in_paragraph = False

    def _separate(self, tag: str) -> None:
        """A block, or a break, ends a word; a change of type or colour within it does not."""
        if tag not in _INLINE:
            self.handle_data(" ")

    def handle_data(self, data: str) -> None:
        if self.excluded:
            return
        if self.title is not None:
            self.title.append(data)
            return
        self.sections[-1].text.append(data)
        if self.in_paragraph:
            self.sections[-1].prose.append(data)


def sections(content: str) -> list[Section]:
    """What a search may find on a page, from its rendered HTML; the first section is that of the title."""
    reader = _Reader()
    reader.feed(content)
    reader.close()
    return reader.sections


def words(text: str, known: Iterable[str] = ()) -> list[str]:
    """The distinct words of a text in small letters, without those that nobody searches for.

    >>> words("Run `uv sync` and see: the pre-commit hook of 3f2a91c says No. See it run.")
    ['run', 'uv', 'sync', 'pre-commit', 'hook', 'says']
    """
    left_out = _LEFT_OUT.union(known)
    found = dict.fromkeys(_WORD.findall(text.lower()))
    return [word for word in found if word not in left_out and not _HASH.fullmatch(word)]


def search_index(course: Course, contents: Mapping[str, list[Section]], addresses: Mapping[str, str]) -> str:
    """The script that hands the index to `search.js`.

    Every word stands in it once, the frequent ones first; a text is a list of steps from word to word (base 36).
    That is a good third smaller, compressed, than the words themselves.

    Args:
        course: Whose pages they are.
        contents: The path of each page to its sections.
        addresses: The path of each page to its address on the site.
    """
    pages = [_entry(course, page, contents[page.path], addresses) for page in course.pages if page.path in contents]
    texts = [text for page in pages for text in (page["text"], *(section[-1] for section in page["sections"]))]
    vocabulary = [word for word, _ in Counter(word for text in texts for word in text).most_common()]
    numbers = {word: number for number, word in enumerate(vocabulary)}
    for page in pages:
        page["text"] = _steps(page["text"], numbers)
        page["sections"] = [[*section[:-1], _steps(section[-1], numbers)] for section in page["sections"]]
    data = {
        "synonyms": course.settings.synonyms,
        "common": " ".join(_COMMON.split()),
        "words": " ".join(vocabulary),
        "pages": pages,
    }
    return f"window.coursekitSearch = {json.dumps(data, ensure_ascii=False, separators=(',', ':'))};\n"


def _steps(text: Iterable[str], numbers: Mapping[str, int]) -> str:
    places = sorted(numbers[word] for word in text)
    return ",".join(_base36(place - before) for before, place in itertools.pairwise([0, *places]))


def _base36(number: int) -> str:
    """
    >>> _base36(35), _base36(36)
    ('z', '10')
    """
    digits = ""
    while number or not digits:
        number, digit = divmod(number, 36)
        digits = string.printable[digit] + digits
    return digits


def _entry(course: Course, page: Page, parts: list[Section], addresses: Mapping[str, str]) -> dict[str, Any]:
    module = course.module_by_path.get(page.path)
    item = module or course.session_by_path.get(page.path)
    first, *rest = parts
    if any(mark.kind == "course" and mark.value in _DERIVED for mark in page.marks):
        rest = []
    points = [part for part in rest if module and part.heading.casefold() == "key points"]
    return {
        "url": addresses[page.path],
        "label": item.label if item else "",
        "title": page.title,
        "kind": "glossary" if page is glossary_page(course) else _kind(page, module),
        "draft": bool(module and module.draft),
        "about": page.description,
        "tools": " ".join(module.tools) if module else "",
        "objectives": " ".join(module.objectives) if module else "",
        "text": words(_text([first, *points]), words(page.description)),
        "sections": [_section(part) for part in rest if part not in points],
    }


def _kind(page: Page, module: Module | None) -> str:
    """How the script shows and weighs a page; what lies deeper in `docs/` is not for students first."""
    if module is None:
        return "aside" if page.path.count("/") > 1 else ""
    return "core" if module.core else "optional"


def _section(part: Section) -> list[Any]:
    return [part.anchor, part.heading, _shortened(_line(part.prose)), words(_text([part]), words(part.heading))]


def _text(parts: Iterable[Section]) -> str:
    return " ".join("".join(part.text) for part in parts)


def _line(texts: Iterable[str]) -> str:
    return " ".join("".join(texts).split())


def _shortened(text: str) -> str:
    """The beginning of a text, cut between words.

    >>> _shortened("word " * 30)[-11:]
    'word word …'
    """
    if len(text) <= _TEASER:
        return text
    return text[:_TEASER].rpartition(" ")[0].rstrip(" ,;:–") + " …"

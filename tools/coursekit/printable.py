"""The whole course as one page to print, put together from pages that are rendered already.

Each page becomes a part: its headings one or two levels lower, its ids behind its own path (so that none occurs
twice), its links to other parts within the page, its folds open, and its solutions and answers at its end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urldefrag, urljoin, urlsplit

from .model import Course, Module, Page, Session

WORDS_OF_A_TEXT = 250  # a page of docs/ with fewer is a list, which paper cannot sort and the contents replace
_ROOT = "file:///"  # stands for the root of the site while addresses are joined
_LOWEST = 6
_TAG = re.compile(r"<[a-zA-Z](?:[^\"'<>]|\"[^\"]*\"|'[^']*')*>")
_ATTRIBUTE = re.compile(
    r'(?<=\s)(?P<name>id|for|name|aria-labelledby|aria-describedby|aria-controls|href|src)="(?P<value>[^"]*)"'
)
_ON_SCREEN_ONLY = re.compile(r'<a class="headerlink".*?</a>| loading="lazy"', re.S)
_HEADING = re.compile(r"(?<=<)(/?)h([1-6])\b")
_H1 = re.compile(r"<h1\b[^>]*>")
_STOP = re.compile(
    r"<details\b(?P<opening>[^>]*)>|</details>|"
    r'<h[2-6]\b[^>]*?\bid="(?P<id>[^"]*)"[^>]*>(?P<title>.*?)(?:\s*<span class="ck-minutes".*?</span>\s*)?</h[2-6]>',
    re.S,
)
_LATER = re.compile(r"\bck-(?:solution|answer)\b")
_SUMMARY = re.compile(r"\s*<summary>(.*?)</summary>", re.S)


@dataclass(frozen=True)
class Part:
    """A page of the course as it stands on the page to print."""

    title: str
    label: str  # such as S1 or M1; empty for a page that is neither
    anchor: str
    html: str
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Printable:
    """What becomes the page to print.

    Args:
        course: The course.
        contents: The rendered HTML of pages, by path.
        addresses: The addresses of all pages from the root of the site, by path.
        site_url: Where the site is published, for links to what is not on the page; may be empty.
    """

    course: Course
    contents: Mapping[str, str]
    addresses: Mapping[str, str]
    site_url: str = ""

    def parts(self) -> list[Part]:
        """The homepage, the sessions with their written modules, and the other pages of the course that are texts."""
        texts = [self._part(page, "", 1) for page in self._texts]
        return [*texts[:1], *map(self._session, self.course.sessions), *texts[1:]]

    def _session(self, session: Session) -> Part:
        modules = [self._part(module.page, module.label, 2) for module in self._modules(session)]
        return self._part(session.page, session.label, 1, tuple(modules))

    def _modules(self, session: Session) -> Iterator[Module]:
        return (module for module in session.modules if not module.draft)

    @cached_property
    def _texts(self) -> list[Page]:
        docs = self.course.settings.docs_dir
        home = self.course.page_by_path.get(f"{docs}/index.md")
        if home is None:
            return []
        listed = (self.course.page_by_path.get(f"{docs}/{name}.md") for name in home.value("pages", ()))
        return [home, *(page for page in listed if page and page.words >= WORDS_OF_A_TEXT)]

    @cached_property
    def _anchors(self) -> Mapping[str, str]:
        """The anchors of the pages that are parts, by their addresses."""
        sessions = self.course.sessions
        pages = [*self._texts, *(page for s in sessions for page in (s.page, *(m.page for m in self._modules(s))))]
        return {self.addresses[page.path]: _anchor(page) for page in pages}

    def _part(self, page: Page, label: str, lower: int, parts: tuple[Part, ...] = ()) -> Part:
        html = _solutions_last(_ON_SCREEN_ONLY.sub("", self.contents[page.path]))
        if label:
            html = _H1.sub(lambda match: f'{match[0]}<span class="ck-number">{label}</span> ', html, count=1)
        html = _HEADING.sub(lambda match: f"{match[1]}h{min(int(match[2]) + lower, _LOWEST)}", html)
        html = _TAG.sub(lambda tag: _ATTRIBUTE.sub(lambda match: self._attribute(page, match), tag[0]), html)
        return Part(page.title, label, _anchor(page), html, parts)

    def _attribute(self, page: Page, match: re.Match[str]) -> str:
        name, value = match["name"], match["value"]
        if name in ("href", "src"):
            return f'{name}="{self._address(page, value, name)}"'
        return f'{name}="{" ".join(f"{_anchor(page)}/{word}" for word in value.split())}"'

    def _address(self, page: Page, link: str, kind: str) -> str:
        """Where a link or figure of a page leads from the page to print, which stands at the root of the site."""
        if urlsplit(link).scheme or link.startswith("//"):
            return link
        whole, fragment = urldefrag(urljoin(_ROOT + self.addresses[page.path].removeprefix("./"), link))
        address = whole.removeprefix(_ROOT) or "./"
        if address in self._anchors:
            return f"#{self._anchors[address]}" + (f"/{fragment}" if fragment else "")
        base = self.site_url if kind == "href" else ""
        return urljoin(base, address) + (f"#{fragment}" if fragment else "")


def _anchor(page: Page) -> str:
    return page.path.removesuffix(".md").removesuffix("/README")


def _solutions_last(html: str) -> str:
    """A page with its folds open, and solutions and answers below a heading of their own at its end."""
    kept, later, at = [], [], 0
    number, title, depth, begin = "", "", 0, None
    for stop in _STOP.finditer(html):
        if stop["id"] is not None:
            number, title = stop["id"], stop["title"]
        elif stop["opening"] is None:
            depth -= 1
            if begin and depth == 0:
                later.append(_solution(html[begin.end() : stop.start()], number, title))
                at, begin = stop.end(), None
        else:
            if depth == 0 and _LATER.search(stop["opening"]):
                kept.append(html[at : stop.start()])
                begin, at = stop, stop.start()
            depth += 1
    kept.append(html[at:])
    shown = "".join(kept).replace("<details ", "<details open ")
    if not later:
        return shown
    return f'{shown}\n<section class="ck-later">\n<h2>Solutions and answers</h2>\n{"".join(later)}</section>'


def _solution(body: str, anchor: str, title: str) -> str:
    """A solution below the title of its exercise, to which it leads back."""
    shown = _SUMMARY.sub("", body, count=1).replace("<details ", "<details open ")
    return f'<h3><a href="#{anchor}">{title}</a></h3>\n{shown}\n'

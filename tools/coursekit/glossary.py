"""The terms of `docs/glossary.md`, and where a module uses one of them for the first time.

A term of one ordinary word may mean something else elsewhere (an image, a layer). It is explained only in the module
that the glossary names and in those that build on it; abbreviations and terms of several words are explained anywhere.
A word in a bare `<span>` is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .learning_path import needs
from .markdown import Scan, blank, plain, slug
from .model import Course, Module, Page, Span
from .paths import resolve

_ENTRY = re.compile(r"^(?P<term>\w[^\r\n]*)\r?\n:[ \t]+(?P<text>[^\r\n]+)", re.M)
_SOURCE = re.compile(r"\s*See \[[^\]]*\]\((?P<target>[^()\s]+)\)\.\s*$")
_NOT_PROSE = re.compile(
    r"<span>[^<>]*</span>|<[^<>]*>|^[ \t>]*\|[^\n]*|^[ \t]*[-*+] \[[ xX]\][^\n]*|^///[^\n]*|\{[^{}\n]*\}|https?://\S+",
    re.M,
)


@dataclass(frozen=True)
class Term:
    """An entry of the glossary.

    Args:
        name: As it stands there.
        span: Where the name stands in the glossary.
        meaning: The explanation as plain text, without the link to the module at its end.
        module: The path of the page that teaches it; empty where none is named.
    """

    name: str
    span: Span
    meaning: str
    module: str

    @property
    def anchor(self) -> str:
        return slug(self.name)

    @property
    def is_plain(self) -> bool:
        """Whether it can be looked for as it stands: one name, without an addition that says where it holds."""
        return not re.search(r"[(),]", self.name)

    @property
    def is_unmistakable(self) -> bool:
        return " " in self.name or self.name.isupper()


def glossary_page(course: Course) -> Page | None:
    return course.page_by_path.get(f"{course.settings.docs_dir}/glossary.md")


def glossary(course: Course) -> tuple[Term, ...]:
    """All terms, in the order in which they stand."""
    page = glossary_page(course)
    return tuple(_terms(page)) if page else ()


def _terms(page: Page) -> Iterator[Term]:
    for match in _ENTRY.finditer(page.source.text, page.body):
        source = _SOURCE.search(match["text"])
        path = resolve(page.path, source["target"])[0] if source else ""
        meaning = plain(_SOURCE.sub("", match["text"]))
        yield Term(match["term"].strip(), Span(*match.span("term")), meaning, path)


def first_uses(course: Course, terms: tuple[Term, ...], module: Module) -> Iterator[tuple[Span, Term]]:
    """Where the prose of a module uses each term first; never in headings, links, code, tables, folds or options.

    Args:
        course: To which the module belongs.
        terms: What to look for.
        module: On whose page.
    """
    known = {course.module_by_name[name].page.path for name in needs(course, module.name) | {module.name}}
    prose = _prose(module.page)
    small = prose.lower()
    usable = (t for t in terms if t.is_plain and (t.is_unmistakable or t.module in known))
    wanted = {_key(t.name): t for t in usable if t.name.split()[0].lower() in small}  # most do not occur at all
    if not wanted:
        return
    names = "|".join(_pattern(term) for term in sorted(wanted.values(), key=lambda term: -len(term.name)))
    for match in re.finditer(rf"(?<![\w.-])(?:{names})(?![\w-])", prose):
        key = _key(match[0])
        singular = next((name for name in (key, key.removesuffix("s"), key.removesuffix("es")) if name in wanted), None)
        if singular:
            yield Span(*match.span()), wanted.pop(singular)


def _key(name: str) -> str:
    return " ".join(name.casefold().split())


def _pattern(term: Term) -> str:
    words = r"\s+".join(map(re.escape, term.name.split()))
    return f"{words}s?" if term.name.isupper() else f"(?i:{words}(?:e?s)?)"


def _prose(page: Page) -> str:
    """The page's text with all blanked, in its place, that is no prose."""
    spans = [*(f.span for f in page.folds), *(h.span for h in page.headings), *(link.span for link in page.links)]
    parts = sorted(spans, key=lambda span: span.start)
    mask = blank(Scan(page.source.text, page.body).mask, parts, "\0")
    return _NOT_PROSE.sub(lambda match: "\0" * len(match[0]), mask)

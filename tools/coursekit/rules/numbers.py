"""Numbers in prose: of sessions and modules, and how many there are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..diagnostic import Diagnostic
from ..markdown import plain
from ..model import Course, Page
from ..numbering import NUMBERS, Numbering, labels_in, numbering
from ..paths import resolve
from ..rule import rule

_NUMBER = "|".join((*NUMBERS[2:], r"\d{1,3}"))
_NOUN = re.compile(r"(?:session|module)s\b", re.I)
_COUNT = re.compile(  # what stands before the noun
    r"\b(?:(?:course|programme|curriculum|material|site|it)\b[^.\n|]{0,80}?\b(?:has|have|consists?[ ]of|contains?"
    r"|comprises?|(?:made(?:[ ]up)?[ ]of|(?:divided|split|organi[sz]ed)[ ]in(?:to)?))|\ball)[ \n]"
    rf"(?:of[ ])?(?:the[ ]|its[ ])?(?P<number>{_NUMBER})[ \n]$",
    re.I,
)
_BEFORE = 140  # characters in which the whole of that stands
_DESCRIPTION = re.compile(rf"(?P<number>{_NUMBER}) (?P<kind>session|module)s\b", re.I)
_TYPED = re.compile(r"\b(?:(?P<kind>[Mm]odule|[Ss]ession)[ \t]+[MS]?|M)(?P<number>\d{1,3})(?![\w:%/-]|\.\d)")
_FEW, _MANY = 10, 5  # modules by which a bare number may be too large, and without which it says nothing


@rule("C904")
def wrong_count(course: Course) -> Iterator[Diagnostic]:
    """A page says how many sessions or modules the course has, and it has another number of them.

    Such a sentence is right on the day when it is written, and nobody thinks of it when a session is added.

    Bad:

        ### README.md
        # Example course

        The course has three sessions.

    Good:

        ### README.md
        # Example course

        The course has several sessions.
    """
    counts = numbering(course).counts
    if not counts:
        return
    for page in (*course.documents, *course.pages):
        for noun in _NOUN.finditer(page.prose):
            real = counts.get(noun[0].lower()[:-1], 0)
            start = max(noun.start() - _BEFORE, 0)
            match = _COUNT.search(page.prose[start : noun.start()]) if real else None
            if match and _whole(match["number"]) != real:
                message = f"This says “{match['number']} {noun[0]}”; there are {real}."
                yield Diagnostic(page.at(start + match.start("number")), message, "Say the right number, or none.")
    if "site_description" in course.settings.top:
        description = course.settings.top["site_description"]
        said = _DESCRIPTION.match(str(description.value))
        real = counts.get(said["kind"].lower(), 0) if said else 0
        if said and real and _whole(said["number"]) != real:
            message = f"`site_description` says “{said[0]}”; there are {real}."
            yield Diagnostic(course.settings.source.at(description.offset), message, "Say the right number, or none.")


def _whole(word: str) -> int:
    return int(word) if word.isdigit() else NUMBERS.index(word.lower())


@rule("C905")
def stale_number(course: Course) -> Iterator[Diagnostic]:
    """A session or module is called by a number that is not its own, or was typed where the site derives it.

    Numbers change whenever a module is added or moved, and prose is forgotten. Name the topic and link to it.

    Bad:

        ### README.md
        # Example course

        More about that in module 3.

    Good:

        ### README.md
        # Example course

        More about that in [First steps](s1_start/first.md).
    """
    known = numbering(course)
    for page in course.page_by_path.values():
        yield from _typed(course, page, known)
        if known.by_path:
            yield from _in_links(page, known)


def _typed(course: Course, page: Page, known: Numbering) -> Iterator[Diagnostic]:
    """Numbers in running text: of a course none is right for long, of another site one that nothing has."""
    for match in _TYPED.finditer(page.prose) if known.counts and _has_number(page, course) else ():
        kind = (match["kind"] or "module").lower()
        count = known.counts.get(kind, 0)
        if any(match.start() in link.text_span for link in page.links):
            continue
        if not match["kind"] and (course.settings.is_course or int(match["number"]) > count + _FEW or count < _MANY):
            continue  # an M2 may be a processor, an M40 a graphics card
        if course.settings.is_course:
            message = f"The number `{match[0]}` is typed by hand."
            yield Diagnostic(page.at(match.start()), message, "Write what it is about, and link to it.")
        elif count and int(match["number"]) > count:
            message = f"There is no {kind} {match['number']}; the last one is {count}."
            yield Diagnostic(page.at(match.start()), message, "Write what it is about, and link to it.")


def _has_number(page: Page, course: Course) -> bool:
    """Whether it is worth looking: a substring is found much faster than the pattern."""
    return not course.settings.is_course or "odule" in page.prose or "ession" in page.prose


def _in_links(page: Page, known: Numbering) -> Iterator[Diagnostic]:
    for link in page.links:
        labels = known.by_path.get(resolve(page.path, link.target)[0]) if link.kind == "link" else None
        for kind, written in labels_in(plain(link.text)) if labels else ():
            real = sorted(number for other, number in labels or () if kind == other)
            if real and written not in real:
                yield Diagnostic(
                    page.at(link.text_span.start),
                    f"The link is called {kind} {written} and leads to {kind} {real[0]}.",
                    "Write the topic instead of a number.",
                )

"""Numbers in prose: of sessions and modules, and how many there are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..diagnostic import Diagnostic
from ..markdown import plain
from ..model import Course, Link, Page
from ..numbering import KINDS, NUMBERS, ORDINALS, Label, Numbering, labels_in, numbering
from ..paths import resolve
from ..rule import rule

_SHORT = 3  # letters of a name that may be any word
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
_IN_ALL = re.compile(  # the number, and what says that it is of the whole course
    rf"(?<!\ball )(?<!\ball of )\b(?:there are|the|our|these)[ \n](?P<number>{_NUMBER})[ \n](?P<noun>session|module)s\b"
    r"(?P<all>[ \n](?:in (?:all|total)|altogether|(?:in|of) (?:this|the) (?:course|programme)))?"
    rf"|\b(?P<sure>total of|sessions (?:with|and|in))[ \n](?P<other>{_NUMBER})[ \n](?P<what>session|module)s\b",
    re.I,
)
_COURSE = re.compile(r"\b(?:course|sessions?)\b", re.I)
_ORDINAL = re.compile(rf"\bthe (?P<ordinal>{'|'.join(ORDINALS)}) (?P<kind>session|module)\b", re.I)
_BESIDE = re.compile(  # a number directly before a link
    r"(?:\b(?P<kind>module|session)[ \n]+[MS]?|\b(?P<letter>[MS]))(?P<number>\d{1,3})[ \n]?(?:[(:–—-][ \n]?)?\[$", re.I
)
_OF_SESSION = re.compile(
    r"\bthis session[ \n](?:has|contains|covers|(?:consists|is made(?: up)?) of|comes with|is split into)[ \n]"
    rf"(?:the[ \n])?(?P<number>{_NUMBER})[ \n](?P<noun>module)s\b",
    re.I,
)
_NEIGHBOUR = re.compile(
    r"\b(?P<which>next|previous|following|preceding)[ \n](?P<kind>module|session)"
    r"(?:(?:[ \n]?[(,:][ \n]?|[ \n])[MS]|[ \n])(?P<number>\d{1,3})"
    r"(?![\w.%-]|[ \n](?:days|exercises|hours?|min|pages|parts|times|weeks))",
    re.I,
)
_NAMED = re.compile(
    r"(?<![\w.\[-])(?:(?P<kind>module|session)[ \t]+[MS]?|(?P<letter>[MS]))(?P<number>\d{1,3})"
    r"[ \t]*(?:[-–—:|(][ \t]*)(?P<name>[A-Z][^|\n]{2,80})",
    re.I,
)
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
    known = numbering(course)
    counts = known.counts
    if not counts:
        return
    for page in (*course.documents, *course.pages):
        for noun in _NOUN.finditer(page.prose):
            real = counts.get(noun[0].lower()[:-1], 0)
            start = max(noun.start() - _BEFORE, 0)
            match = _COUNT.search(page.prose[start : noun.start()]) if real else None
            if match and _whole(match["number"]) != real:
                yield _miscounted(page, start + match.start("number"), f"{match['number']} {noun[0]}", real)
        if not course.settings.is_course:
            yield from _totals(page, known)
            yield from _of_session(page, known)
    if "site_description" in course.settings.top:
        description = course.settings.top["site_description"]
        said = _DESCRIPTION.match(str(description.value))
        real = counts.get(said["kind"].lower(), 0) if said else 0
        if said and real and _whole(said["number"]) != real:
            message = f"`site_description` says “{said[0]}”; there are {real}."
            yield Diagnostic(course.settings.source.at(description.offset), message, "Say the right number, or none.")


def _totals(page: Page, known: Numbering) -> Iterator[Diagnostic]:
    """“There are … sessions in all”, or “the … sessions” where that is more than there are."""
    for match in _IN_ALL.finditer(page.prose):
        number, noun = ("other", "what") if match["sure"] else ("number", "noun")
        said, real = _whole(match[number]), known.counts.get(match[noun].lower(), 0)
        if real and (
            said != real if match["all"] or match["sure"] else real < said <= 2 * real and _is_ours(page, match)
        ):
            yield _miscounted(page, match.start(number), f"{match[number]} {match[noun]}s", real)


def _is_ours(page: Page, match: re.Match[str]) -> bool:
    """Whether the text around speaks of a course: a package of Python has modules, too."""
    around = (
        page.prose[max(match.start() - _BEFORE, 0) : match.start()] + page.prose[match.end() : match.end() + _BEFORE]
    )
    return match["noun"].lower() == "session" or bool(_COURSE.search(around))


def _of_session(page: Page, known: Numbering) -> Iterator[Diagnostic]:
    """“This session has … modules”, on a page of a session whose modules have numbers."""
    session = known.own(page.path, "session")
    for match in _OF_SESSION.finditer(page.prose) if session else ():
        beside = [path for path in known.by_path if known.own(path, "session") == session]
        real = len({number for path in beside if (number := known.own(path, "module"))})
        if real and _whole(match["number"]) != real:
            yield _miscounted(page, match.start("number"), f"{match['number']} modules", real)


def _miscounted(page: Page, start: int, said: str, real: int) -> Diagnostic:
    return Diagnostic(page.at(start), f"This says “{said}”; there are {real}.", "Say the right number, or none.")


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
    by_name = {name.lower(): label for label, name in known.names.items() if len(name) > _SHORT}
    for page in course.page_by_path.values():
        yield from _typed(course, page, known)
        if known.by_path:
            yield from _in_links(page, known)
            yield from _neighbours(page, known)
            yield from _misnamed(page, known, by_name)


def _neighbours(page: Page, known: Numbering) -> Iterator[Diagnostic]:
    """“The next module, M4” on the page of module 2."""
    for match in _NEIGHBOUR.finditer(page.prose):
        kind = match["kind"].lower()
        own = known.own(page.path, kind)
        real = own + (1 if match["which"].lower() in ("next", "following") else -1)
        if own and real > 0 and int(match["number"]) != real:
            message = f"This page is {kind} {own}, so the {match['which']} one is not {match['number']} but {real}."
            yield Diagnostic(page.at(match.start("number")), message, "Write the topic instead of a number.")


def _misnamed(page: Page, known: Numbering, by_name: Mapping[str, Label]) -> Iterator[Diagnostic]:
    """A number, and beside it the name that another module or session has."""
    for match in _NAMED.finditer(page.prose) if by_name else ():
        kind = (match["kind"] or KINDS[match["letter"].lower()]).lower()
        label, said = (kind, int(match["number"])), re.split(r"[^\w ]", match["name"].lower())[0].strip()
        other = by_name.get(said)
        if other and other[0] == kind and other != label and label in known.names:
            message = f"{kind.capitalize()} {label[1]} is “{known.names[label]}”; “{known.names[other]}” is {other[1]}."
            yield Diagnostic(page.at(match.start()), message, "Write the topic instead of a number.")


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
    for match in _ORDINAL.finditer(page.prose) if known.counts and not course.settings.is_course else ():
        count = known.counts.get(match["kind"].lower(), 0)
        if 0 < count <= ORDINALS.index(match["ordinal"].lower()):
            message = f"There is no {match['ordinal']} {match['kind']}; the last one is {count}."
            yield Diagnostic(page.at(match.start("ordinal")), message, "Write what it is about, and link to it.")


def _has_number(page: Page, course: Course) -> bool:
    """Whether it is worth looking: a substring is found much faster than the pattern."""
    return not course.settings.is_course or "odule" in page.prose or "ession" in page.prose


def _beside(page: Page, link: Link) -> Iterator[Label]:
    """The number directly before a link: “module M9 ([Compose](…))”."""
    start = link.text_span.start
    if match := _BESIDE.search(page.source.text[max(start - 30, 0) : start]):
        yield (match["kind"] or KINDS[match["letter"].lower()]).lower(), int(match["number"])


def _in_links(page: Page, known: Numbering) -> Iterator[Diagnostic]:
    for link in page.links:
        labels = known.by_path.get(resolve(page.path, link.target)[0]) if link.kind == "link" else None
        for kind, written in list(labels_in(plain(link.text))) or _beside(page, link) if labels else ():
            real = sorted(number for other, number in labels or () if kind == other)
            if real and written not in real:
                yield Diagnostic(
                    page.at(link.text_span.start),
                    f"The link is called {kind} {written} and leads to {kind} {real[0]}.",
                    "Write the topic instead of a number.",
                )

"""Which number each session and module has, and how many there are: of a course, or as any site's own titles say."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .model import Course
from .site import nav_items

KINDS = {"m": "module", "s": "session", "w": "week"}
_TITLE = re.compile(
    r"(?P<kind>module|session|week|lecture|chapter|lab|day|[MS])[ \t]*[MS]?(?P<number>\d{1,3})(?![\w.])"
    r"(?=[ \t]*(?:[-–—:|.,]|$))",
    re.I,
)
_SEPARATORS = " \t-–—:|.,"
_IN_TEXT = re.compile(
    r"(?<![\w./-])(?:(?P<kind>module|session|week|lecture)[ \t]+[MS]?|M)(?P<number>\d{1,3})(?![\w/-]|\.\w)", re.I
)
_RANGE = re.compile(r"\d[ \t]*(?:[-–—/&,+]|to|and|or)[ \t]*[MS]?\d", re.I)
_FOLDER = re.compile(r"[sS](\d{1,3})[_-]")
_FILE = re.compile(r"[mM](\d{1,3})[_-]")
_WORDS = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
nineteen twenty
"""
NUMBERS = tuple(_WORDS.split())
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
ORDINALS = tuple(_ORDINALS.split())

Label = tuple[str, int]  # ("module", 12)


@dataclass(frozen=True, slots=True)
class Numbering:
    """The labels of pages, and how many there are of each kind where that is certain."""

    by_path: Mapping[str, set[Label]] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    names: Mapping[Label, str] = field(default_factory=dict)  # what the navigation calls them, without the number

    def own(self, path: str, kind: str) -> int:
        """The number that a page has; 0 where it has none or several."""
        numbers = [number for other, number in self.by_path.get(path, ()) if other == kind]
        return numbers[0] if len(numbers) == 1 else 0


def label(text: str) -> Label | None:
    """The number that a title or the text of a link begins with.

    >>> label("M12 - Docker"), label("Session 3: the cloud"), label("S3 buckets"), label("Module 4")
    (('module', 12), ('session', 3), None, ('module', 4))
    """
    match = _TITLE.match(text)
    if match is None:
        return None
    kind = match["kind"].lower()
    return KINDS.get(kind, kind), int(match["number"])


def labels_in(text: str) -> Iterator[Label]:
    """The numbers that the text of a link mentions.

    >>> list(labels_in("M7 on Docker")), list(labels_in("the cloud (session 6)")), list(labels_in("an S3 bucket"))
    ([('module', 7)], [('session', 6)], [])
    >>> list(labels_in("M12-M14"))
    []
    """
    if _RANGE.search(text):
        return  # one link for several
    if found := label(text):
        yield found
        return
    for match in _IN_TEXT.finditer(text):
        yield (match["kind"] or "module").lower(), int(match["number"])


def numbering(course: Course) -> Numbering:
    """The numbering of a course, or that of the titles in the navigation and on the pages of another site."""
    if course.settings.is_course:
        return Numbering({}, {"session": len(course.sessions), "module": len(course.modules)})
    by_path: dict[str, set[Label]] = defaultdict(set)
    for path, found in _titles(course):
        by_path[path].add(found)
    numbers: dict[str, set[int]] = defaultdict(set)
    for labels in by_path.values():
        for kind, number in labels:
            numbers[kind].add(number)
    counts = {kind: len(n) for kind, n in numbers.items() if n == set(range(1, len(n) + 1)) and len(n) > 2}
    return Numbering(by_path, _listed(course) | counts, _names(course))


def _names(course: Course) -> dict[Label, str]:
    """The titles behind the numbers in the navigation, or on the pages where there is none; none that two share."""
    found: dict[Label, set[str]] = defaultdict(set)
    in_navigation = [title for titles, _ in nav_items(course.settings) for title in titles]
    for title in in_navigation or [page.title for page in course.pages]:
        if (match := _TITLE.match(title)) and (own := label(title)):
            found[own].add(title[match.end() :].strip(_SEPARATORS))
    names = {own: next(iter(said)) for own, said in found.items() if len(said) == 1}
    often = Counter(names.values())
    return {own: name for own, name in names.items() if often[name] == 1}


def _titles(course: Course) -> Iterator[tuple[str, Label]]:
    docs = course.settings.docs
    for titles, target in nav_items(course.settings):
        if titles and target.endswith(".md") and (found := label(titles[-1])):
            yield docs + target, found
        for title in titles[:-1]:  # the parts of the navigation that it is in
            if target.endswith(".md") and (found := label(title)):
                yield docs + target, found
    for page in course.pages:
        if found := label(page.title):
            yield page.path, found
        if folder := _FOLDER.match(page.folder.rpartition("/")[2]):
            yield page.path, ("session", int(folder[1]))
        if file := _FILE.match(page.name):
            yield page.path, ("module", int(file[1]))


def _listed(course: Course) -> dict[str, int]:
    """How many pages there are in a part of the navigation that is called “Sessions” or “Modules”."""
    docs = course.settings.docs
    found: dict[str, int] = defaultdict(int)
    for titles, target in nav_items(course.settings):
        if len(titles) == 2 and titles[0].lower() in ("sessions", "modules") and docs + target in course.files:
            found[titles[0].lower()[:-1]] += 1
    return found

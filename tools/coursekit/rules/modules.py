"""Modules: titles and headings, prerequisites, drafts, and numbers typed by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from ..diagnostic import Diagnostic, Edit, Fix
from ..fields import near
from ..model import Course, Link, Location, Module, Page, Session
from ..paths import resolve
from ..rule import rule
from ..site import is_piece

_GENERATES = re.compile(r"^[ \t]*:::", re.M)  # what is documented there brings headings along


def _whole_pages(course: Course) -> Iterator[Page]:
    """The pages with headings of their own; those of a piece belong below the ones of the page that shows it."""
    return (page for page in course.pages if not is_piece(course.settings, page.path))


@rule("C201")
def one_h1(course: Course) -> Iterator[Diagnostic]:
    """A page has no title, or more than one.

    The first-level heading (`# Title`) is the page's name in the menu, on cards and in searches. A site that
    is no course may take that name from its settings; there only a page without any text is reported.

    Bad:

        ### docs/index.md
        ---
        description: The smallest course.
        pages: []
        ---
        # Example course

        Welcome.

        # Sessions

    Good:

        ### docs/index.md
        ---
        description: The smallest course.
        pages: []
        ---
        # Example course

        Welcome.

        ## Sessions
    """
    unreadable = {problem.location.path for problem in course.problems_of("unreadable-file")}
    for page in _whole_pages(course):
        titles = [heading for heading in page.headings if heading.level == 1]
        named = not _is_empty(page) and (not course.settings.is_course or _has_title_elsewhere(page))
        if not titles and page.path not in unreadable and not named:
            what = "The page is empty." if _is_empty(page) else "The page has no title."
            where = page.at(page.body) if page.body < len(page.source.text) else Location(page.path)
            yield Diagnostic(where, what, "Begin the text with `# Title`.")
        for heading in titles[1:]:
            yield Diagnostic(
                page.at(heading.span.start),
                f"This is a second title; the page is called “{titles[0].text}” already.",
                "Make it `##`, or two pages of it.",
            )


def _is_empty(page: Page) -> bool:
    return not page.source.text.strip("\ufeff \t\r\n")


def _has_title_elsewhere(page: Page) -> bool:
    """Whether a title may come from what is not read here: a snippet, HTML, MkDocs' own `title:`."""
    shown = (s for s in page.snippets if not any(s.span.start in f.span for f in page.fences))
    return any(shown) or "title" in page.front or "<h1" in page.source.text


@rule("C202")
def heading_jump(course: Course) -> Iterator[Diagnostic]:
    """A heading is more than one level below the one before it.

    Whoever moves through a page by its headings, with a screen reader or in the table of contents,
    looks for the level that was left out.

    Bad:

        ### docs/index.md
        ---
        description: The smallest course.
        pages: []
        ---
        # Example course

        ### Sessions

    Good:

        ### docs/index.md
        ---
        description: The smallest course.
        pages: []
        ---
        # Example course

        ## Sessions
    """
    for page in _whole_pages(course):
        for above, heading in pairwise(page.headings):
            between = above.span.end, heading.span.start
            if heading.level > above.level + 1 and not _GENERATES.search(page.source.text, *between):
                yield Diagnostic(
                    page.at(heading.span.start),
                    f"“{heading.text}” is a heading of level {heading.level} below one of level {above.level}.",
                    f"Make it `{'#' * (above.level + 1)}`.",
                )


@rule("C203")
def unknown_requirement(course: Course) -> Iterator[Diagnostic]:
    """A module requires one that does not exist.

    Its page would name a prerequisite that nobody can take.

    Bad:

        ### s1_start/first.md
        ---
        description: Take the first step.
        core: true
        requires: [zeroth]
        tools: []
        objectives: [Take a first step]
        status: draft
        minutes: 10
        ---
        # First steps

    Good:

        ### s1_start/first.md
        ---
        description: Take the first step.
        core: true
        requires: []
        tools: []
        objectives: [Take a first step]
        status: draft
        minutes: 10
        ---
        # First steps
    """
    slugs = [session.slug for session in course.sessions]
    written = {page.name for slug in slugs for page in course.pages_by_folder.get(slug, ())}
    for module in course.modules:
        for index, name in enumerate(module.requires):
            if name not in written - {"README"}:  # one that is not listed is reported as such
                meant = near(name, (other for other in course.module_by_name if other != module.name))
                yield Diagnostic(
                    module.page.at_key("requires", index),
                    f"There is no module `{name}`.",
                    f"Did you mean `{meant}`?"
                    if meant
                    else "A module is called like its file, without `.md` and without its folder.",
                )


@rule("C204")
def requires_later_module(course: Course) -> Iterator[Diagnostic]:
    """A module requires one that is taught later, or itself.

    A student who works through the course in its order does not know it yet.

    Bad:

        ### s1_start/README.md
        ---
        modules: [first, second]
        ---
        # The start

        ### s1_start/first.md
        ---
        description: Take the first step.
        core: true
        requires: [second]
        tools: []
        objectives: [Take a first step]
        status: draft
        minutes: 10
        ---
        # First steps

        ### s1_start/second.md
        ---
        description: Take the second step.
        core: true
        requires: []
        tools: []
        objectives: [Take a second step]
        status: draft
        minutes: 10
        ---
        # Second step

    Good:

        ### s1_start/README.md
        ---
        modules: [second, first]
        ---
        # The start

        ### s1_start/first.md
        ---
        description: Take the first step.
        core: true
        requires: [second]
        tools: []
        objectives: [Take a first step]
        status: draft
        minutes: 10
        ---
        # First steps

        ### s1_start/second.md
        ---
        description: Take the second step.
        core: true
        requires: []
        tools: []
        objectives: [Take a second step]
        status: draft
        minutes: 10
        ---
        # Second step
    """
    for module, index, required in _forward(course):
        if module is required:
            yield Diagnostic(
                module.page.at_key("requires", index),
                f"`{module.name}` requires itself.",
                "Take it out of the list.",
            )
        elif not _chain(course, required, module):
            yield Diagnostic(
                module.page.at_key("requires", index),
                f"`{module.name}` ({module.label}) requires `{required.name}`, which is taught "
                f"later ({required.label}).",
                f"Teach `{required.name}` first, or do without it here.",
            )


def _forward(course: Course) -> Iterator[tuple[Module, int, Module]]:
    """Each requirement that does not point back: who requires, its place in the list, what."""
    for module in course.modules:
        for index, name in enumerate(module.requires):
            required = course.module_by_name.get(name)
            if required and required.number >= module.number:
                yield module, index, required


def _chain(course: Course, start: Module, goal: Module) -> list[str]:
    """The names on a shortest way from a module along `requires:` to another; empty without one."""
    came_from: dict[str, str] = {start.name: ""}
    waiting = [start.name]
    for name in waiting:  # grows while it is read
        if name == goal.name:
            return _walked(came_from, name)
        known = course.module_by_name.get(name)
        for required in known.requires if known else ():
            if required not in came_from:
                came_from[required] = name
                waiting.append(required)
    return []


def _walked(came_from: dict[str, str], name: str) -> list[str]:
    names = []
    while name:
        names.append(name)
        name = came_from[name]
    return names[::-1]


@rule("C205")
def requires_cycle(course: Course) -> Iterator[Diagnostic]:
    """Modules require each other in a circle.

    None of them can be taught first.

    Bad:

        ### s1_start/README.md
        ---
        modules: [first, second]
        ---
        # The start

        ### s1_start/first.md
        ---
        description: Take the first step.
        core: true
        requires: [second]
        tools: []
        objectives: [Take a first step]
        status: draft
        minutes: 10
        ---
        # First steps

        ### s1_start/second.md
        ---
        description: Take the second step.
        core: true
        requires: [first]
        tools: []
        objectives: [Take a second step]
        status: draft
        minutes: 10
        ---
        # Second step

    Good:

        ### s1_start/README.md
        ---
        modules: [first, second]
        ---
        # The start

        ### s1_start/first.md
        ---
        description: Take the first step.
        core: true
        requires: []
        tools: []
        objectives: [Take a first step]
        status: draft
        minutes: 10
        ---
        # First steps

        ### s1_start/second.md
        ---
        description: Take the second step.
        core: true
        requires: [first]
        tools: []
        objectives: [Take a second step]
        status: draft
        minutes: 10
        ---
        # Second step
    """
    reported: set[frozenset[str]] = set()
    for module, index, required in _forward(course):
        back = _chain(course, required, module) if module is not required else []
        if back and frozenset(back) not in reported:
            reported.add(frozenset(back))
            yield Diagnostic(
                module.page.at_key("requires", index),
                f"These modules require each other: {' → '.join([module.name, *back])}.",
                f"Take one of these requirements out; mostly it is this one, since `{required.name}` is taught later.",
            )


@rule("C206")
def core_requires_optional(course: Course) -> Iterator[Diagnostic]:
    """A core module requires an optional one.

    A student who does the core only has not done it.

    Bad:

        ### s1_start/README.md
        ---
        modules: [warm_up, first]
        ---
        # The start

        ### s1_start/warm_up.md
        ---
        description: Stretch your legs.
        core: false
        requires: []
        tools: []
        objectives: [Stretch]
        status: draft
        minutes: 10
        ---
        # Warm-up

        ### s1_start/first.md
        ---
        description: Take the first step.
        core: true
        requires: [warm_up]
        tools: []
        objectives: [Take a first step]
        status: draft
        minutes: 10
        ---
        # First steps

    Good:

        ### s1_start/README.md
        ---
        modules: [warm_up, first]
        ---
        # The start

        ### s1_start/warm_up.md
        ---
        description: Stretch your legs.
        core: true
        requires: []
        tools: []
        objectives: [Stretch]
        status: draft
        minutes: 10
        ---
        # Warm-up

        ### s1_start/first.md
        ---
        description: Take the first step.
        core: true
        requires: [warm_up]
        tools: []
        objectives: [Take a first step]
        status: draft
        minutes: 10
        ---
        # First steps
    """
    for module in course.modules:
        for index, name in enumerate(module.requires if module.core else ()):
            required = course.module_by_name.get(name)
            if required and required.page.value("core", None) is False:
                yield Diagnostic(
                    module.page.at_key("requires", index),
                    f"`{module.name}` is core and requires `{name}`, which is optional.",
                    f"Make `{name}` core, or `{module.name}` optional, or do without it here.",
                )


@rule("C207")
def minutes_on_written_module(course: Course) -> Iterator[Diagnostic]:
    """A written module says how long it takes.

    Its length is counted from its text and its exercises; planned minutes belong to drafts.

    Bad:

        ### s1_start/README.md
        ---
        modules: [first, second]
        ---
        # The start

        ### s1_start/second.md
        ---
        description: Take the second step.
        core: true
        requires: [first]
        tools: []
        objectives: [Take a second step]
        minutes: 10
        ---
        # Second step

        ## Exercises

        ### Take another step (10 min)

        <!-- id: take-another-step -->

        Take it.

        <details markdown><summary>Hint</summary>

        Left or right.

        </details>
        <details markdown><summary>Solution</summary>

        Right, because the left one was first.

        </details>

    Good:

        ### s1_start/README.md
        ---
        modules: [first, second]
        ---
        # The start

        ### s1_start/second.md
        ---
        description: Take the second step.
        core: true
        requires: [first]
        tools: []
        objectives: [Take a second step]
        status: draft
        minutes: 10
        ---
        # Second step
    """
    for module in course.modules:
        if not module.draft and "minutes" in module.page.front and not _misread(course, module):
            yield Diagnostic(
                module.page.at_key("minutes"),
                "`minutes` is for drafts; those of a written module are counted.",
                "Take it out, or add `status: draft` if the module is not written yet.",
            )


def _misread(course: Course, module: Module) -> bool:
    return module.page.path in course.misread_paths


@rule("C208")
def draft_without_minutes(course: Course) -> Iterator[Diagnostic]:
    """A draft does not say how long it is going to take.

    Its session and the course are too short in the plan by what is missing here.

    Bad:

        ### s1_start/first.md
        ---
        description: Take the first step.
        core: true
        requires: []
        tools: []
        objectives: [Take a first step]
        status: draft
        ---
        # First steps

    Good:

        ### s1_start/first.md
        ---
        description: Take the first step.
        core: true
        requires: []
        tools: []
        objectives: [Take a first step]
        status: draft
        minutes: 10
        ---
        # First steps
    """
    for module in course.modules:
        if module.draft and not module.page.value("minutes", 0) and not _misread(course, module):
            yield Diagnostic(
                module.page.at_key("status"),
                "The draft has no planned minutes.",
                "Add `minutes:`, reading and exercises together.",
            )


_NUMBER = r"(?:[Mm]odule\s+M?\d+|[Ss]ession\s+S?\d+|[MS]\d+)(?![A-Za-z0-9])"
_END = r"(?:\s*[:|–—]\s*|\s*[.,;·-]+\s+|\s+|(?=[*_]*$))"
_LEADING = re.compile(
    rf"(?P<wrap>[*_]{{1,3}}|)(?P<numbers>(?:(?P<bold>[*_]{{1,3}}|){_NUMBER}[:.,]?(?P=bold){_END})+)"
    r"(?P<rest>.*)(?P=wrap)",
    re.S,
)
_TRAILING = re.compile(rf"(?P<wrap>)(?P<rest>.*?)\s*(?P<numbers>\({_NUMBER}\))", re.S)


@rule("C209", fixable=True)
def number_in_link(course: Course) -> Iterator[Diagnostic]:
    """A link to a module or session has the number typed by hand.

    The site puts the number in front of the link. One that was typed shows up a second time, and is
    wrong as soon as a module moves.

    Bad:

        ### docs/index.md
        ---
        description: The smallest course.
        pages: []
        ---
        # Example course

        Read [S1: The start](../s1_start/README.md), then [M1](../s1_start/first.md). An M1 chip will do.

    Good:

        ### docs/index.md
        ---
        description: The smallest course.
        pages: []
        ---
        # Example course

        Read [The start](../s1_start/README.md), then [First steps](../s1_start/first.md). An M1 chip will do.
    """
    for page in course.page_by_path.values():
        for link in page.links:
            target = _taught(course, page, link)
            match = _typed_number(link.text, target) if target else None
            if target and match:
                yield Diagnostic(
                    page.at(link.span.start),
                    f"The number in the link “{link.text}” is typed by hand.",
                    "Write what the page is about; the site puts the number in front.",
                    _without_number(page, link, match, target),
                )


def _taught(course: Course, page: Page, link: Link) -> Module | Session | None:
    """The module or session that a link of words leads to, if that is another page."""
    if link.kind != "link":
        return None
    path, _ = resolve(page.path, link.target)
    if path == page.path:
        return None
    return course.module_by_path.get(path) or course.session_by_path.get(path)


def _typed_number(text: str, target: Module | Session) -> re.Match[str] | None:
    """The number at the beginning, or in parentheses at the end; elsewhere an M1 may be a processor."""
    match = _LEADING.fullmatch(text) or _TRAILING.fullmatch(text)
    service = re.match(r"\(?(S\d+)", match["numbers"]) if match else None
    if service and isinstance(target, Module):  # an S3 of another number than the module's session
        return match if target.session.lower().startswith(f"{service[1].lower()}_") else None
    return match


def _without_number(page: Page, link: Link, match: re.Match[str], target: Module | Session) -> Fix | None:
    """The link's text without its number, or the target's title where nothing else is left."""
    kept = match["rest"].strip()
    text = f"{match['wrap']}{kept or _escaped(target.title)}{match['wrap']}"
    after = page.source.text[link.text_span.end : link.text_span.end + 3]
    is_reference_name = not re.match(r"\](?:\(|\[[^\]])", after)
    if is_reference_name or re.search(_NUMBER, text):
        return None
    return Fix(
        "Take the number out of the link",
        (Edit(page.path, link.text_span.start, link.text_span.end, text),),
    )


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>])", r"\\\1", text)


@rule("C211", skips_drafts=True)
def written_module_without_exercises(course: Course) -> Iterator[Diagnostic]:
    """A written module has no exercise.

    What was only read is soon forgotten, and a lack of understanding stays hidden until later.

    Bad:

        ### s1_start/first.md
        ---
        description: Take the first step.
        core: true
        requires: []
        tools: []
        objectives: [Take a first step]
        ---
        # First steps

        Walk.

    Good:

        ### s1_start/first.md
        ---
        description: Take the first step.
        core: true
        requires: []
        tools: []
        objectives: [Take a first step]
        ---
        # First steps

        Walk.

        ## Exercises

        ### Take a step (10 min)

        <!-- id: take-a-step -->

        Take one.

        <details markdown><summary>Hint</summary>

        Left or right.

        </details>
        <details markdown><summary>Solution</summary>

        Left, because it is nearer.

        </details>
    """
    for module in course.written:
        if not module.exercises and not _misread(course, module):
            yield Diagnostic(
                Location(module.page.path),
                f"`{module.name}` has no exercises.",
                "Write them as `###` headings below `## Exercises`, or add `status: draft`.",
            )

"""Sessions and the course: folders, lists of modules and pages, hours."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from ..diagnostic import Diagnostic
from ..fields import near, nearest
from ..load import SESSION_FOLDER
from ..model import Course, Location, Page, Session, duration
from ..rule import rule

_GOOD_FOLDER = re.compile(r"s[1-9][0-9]*(_[a-z0-9]+)+")


@rule("C101")
def session_folder_name(course: Course) -> Iterator[Diagnostic]:
    """A session's folder is not named `s`, number, `_`, words in lower case.

    The name is the session's number and its address. Capitals, spaces and accents break links on
    some systems, and a leading zero makes the order of folders differ from that of sessions.

    Bad:

        ### s2_Then-Go/README.md
        ---
        modules: [second]
        ---
        # Then go

        ### s2_Then-Go/second.md
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

        ### s2_then_go/README.md
        ---
        modules: [second]
        ---
        # Then go

        ### s2_then_go/second.md
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
    for folder in _session_folders(course):
        if not _GOOD_FOLDER.fullmatch(folder):
            yield Diagnostic(
                Location(f"{folder}/README.md"),
                f"`{folder}` is no good name for a session's folder.",
                f"Rename it to `{_good_folder(folder)}`: `s`, the number, then words of lower-case "
                "letters and digits, each after a `_`.",
            )


def _session_folders(course: Course) -> list[str]:
    """The folders that are meant as sessions, also those without a page."""
    if not course.settings.is_course:
        return []
    top = {path.partition("/")[0] for path in course.files if "/" in path}
    return sorted(name for name in top if SESSION_FOLDER.match(name))


def _good_folder(folder: str) -> str:
    number, _, words = re.sub(r"^[sS](\d+)", r"\1/", folder).partition("/")
    letters = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", letters).strip("_")
    return f"s{max(int(number), 1)}_{name or 'topic'}"


@rule("C102")
def session_number_repeated(course: Course) -> Iterator[Diagnostic]:
    """Two session folders have the same number.

    Readers know a session by its number, and the order of the two is left to chance.

    Bad:

        ### s1_then/README.md
        ---
        modules: [second]
        ---
        # Then go

        ### s1_then/second.md
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

        ### s2_then/README.md
        ---
        modules: [second]
        ---
        # Then go

        ### s2_then/second.md
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
    first: dict[int, str] = {}
    for session in course.sessions:
        slug = first.setdefault(session.number, session.slug)
        if slug != session.slug:
            yield Diagnostic(
                Location(session.page.path),
                f"`{session.slug}` has the number of `{slug}`.",
                "Give one of the two folders another number; `course move` mends the links to it.",
            )


@rule("C103")
def session_number_gap(course: Course) -> Iterator[Diagnostic]:
    """The numbers of the sessions leave one out, or do not begin with 1.

    A student who finds S1 and S3 looks for S2.

    Bad:

        ### s3_then/README.md
        ---
        modules: [second]
        ---
        # Then go

        ### s3_then/second.md
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

        ### s2_then/README.md
        ---
        modules: [second]
        ---
        # Then go

        ### s2_then/second.md
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
    previous = 0
    for session in course.sessions:
        if session.number > previous + 1:
            yield Diagnostic(
                Location(session.page.path),
                f"`{session.slug}` comes where S{previous + 1} should be: "
                f"no folder's name begins with `s{previous + 1}_`.",
                "Number the sessions 1, 2, 3 … without a gap; `course move` mends the links.",
            )
        previous = session.number


@rule("C104")
def session_without_page(course: Course) -> Iterator[Diagnostic]:
    """A session folder has no `README.md`.

    This file is the session's page, and its front matter says which modules there are.

    Bad:

        ### s2_then/second.md
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

        ### s2_then/README.md
        ---
        modules: [second]
        ---
        # Then go

        ### s2_then/second.md
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
    for folder in _session_folders(course):
        readme = f"{folder}/README.md"
        if readme not in course.files:
            yield Diagnostic(
                Location(readme),
                f"The session `{folder}` has no page.",
                f"Write `{readme}` with `modules:` in its front matter and a title; the case of its name counts.",
            )


@rule("C105")
def listed_module_missing(course: Course) -> Iterator[Diagnostic]:
    """A session lists a module that has no page in its folder.

    The module is not on the site, and all later ones have a number too low.

    Bad:

        ### s1_start/README.md
        ---
        modules: [first, second]
        ---
        # The start

    Good:

        ### s1_start/README.md
        ---
        modules: [first]
        ---
        # The start
    """
    for session in course.sessions:
        for index, name in _missing(course, session):
            if name not in course.module_by_name:
                yield Diagnostic(
                    session.page.at_key("modules", index),
                    f"`{name}` is listed here, but there is no page `{session.slug}/{name}.md`.",
                    _hint_for_missing(course, session, name),
                )


def _listed(session: Session) -> list[str]:
    return list(session.page.value("modules", ()))


def _own_modules(course: Course, slug: str) -> list[str]:
    """The names of all module pages in a session's folder, listed or not."""
    return [page.name for page in course.pages_by_folder.get(slug, ()) if page.name != "README"]


def _missing(course: Course, session: Session) -> Iterator[tuple[int, str]]:
    """The listed names, with their places in the list, that are no page of the session."""
    own = set(_own_modules(course, session.slug))
    return ((i, name) for i, name in enumerate(_listed(session)) if name not in own)


def _meant(course: Course, session: Session, name: str) -> str:
    """The unlisted page of the session that a missing name is probably meant for, or nothing."""
    unlisted = set(_own_modules(course, session.slug)) - set(_listed(session))
    name = name.removesuffix(".md")
    same = (own for own in sorted(unlisted) if own.casefold() == name.casefold())
    return next(same, "") or near(name, sorted(unlisted))


def _hint_for_missing(course: Course, session: Session, name: str) -> str:
    meant = _meant(course, session, name)
    if meant.casefold() == name.casefold():
        return f"The page is called `{meant}.md`: upper and lower case count."
    if meant:
        return f"Did you mean `{meant}`?"
    if name.removesuffix(".md") in _own_modules(course, session.slug):
        return "Write the name without `.md`."
    elsewhere = [s.slug for s in course.sessions if name in _own_modules(course, s.slug)]
    if elsewhere:
        return f"`{elsewhere[0]}/{name}.md` exists: list it there, or move it with `course move`."
    own = nearest(name, _own_modules(course, session.slug))
    return own or "Write the page, or take the name out of the list."


@rule("C106")
def module_listed_twice(course: Course) -> Iterator[Diagnostic]:
    """A module stands twice in a session's list, or in the lists of two sessions.

    A module has one place in the course and one number.

    Bad:

        ### s1_start/README.md
        ---
        modules: [first, first]
        ---
        # The start

    Good:

        ### s1_start/README.md
        ---
        modules: [first]
        ---
        # The start
    """
    for session in course.sessions:
        listed = _listed(session)
        for index, name in enumerate(listed):
            if name in listed[:index]:
                yield Diagnostic(
                    session.page.at_key("modules", index),
                    f"`{name}` stands in this list already.",
                    "Take one of the two out.",
                )
        for index, name in _missing(course, session):
            if home := course.module_by_name.get(name):
                yield Diagnostic(
                    session.page.at_key("modules", index),
                    f"`{name}` is a module of `{home.session}`, and listed there already.",
                    "Take it out of one of the two lists. To build on it elsewhere, name it under "
                    "`requires:` or link to it.",
                )


@rule("C107")
def module_not_listed(course: Course) -> Iterator[Diagnostic]:
    """A page in a session's folder is not in the session's list.

    It is on the site, but has no number and no way leads to it.

    Bad:

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
    for session in course.sessions:
        if "modules" not in session.page.front:
            continue
        misspelt = {_meant(course, session, name) for _, name in _missing(course, session)}
        for name in _own_modules(course, session.slug):
            if name not in _listed(session) and name not in misspelt:
                yield Diagnostic(
                    Location(f"{session.slug}/{name}.md"),
                    f"This page is not listed in `{session.page.path}`.",
                    f"Put `{name}` into its `modules:`, where it should be taught.",
                )


@rule("C108")
def session_without_core_module(course: Course) -> Iterator[Diagnostic]:
    """A session has no core module.

    Its day would then be optional, and who follows the core of the course has nothing to do.

    Bad:

        ### s1_start/first.md
        ---
        description: Take the first step.
        core: false
        requires: []
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
    for session in course.sessions:
        known = _is_known(course, session) and "modules" in session.page.front
        if known and not any(module.core for module in session.modules):
            what = "has only optional modules" if session.modules else "lists no module"
            yield Diagnostic(
                session.page.at_key("modules"),
                f"{session.label} {what}.",
                "A session needs a module with `core: true`.",
            )


def _is_known(course: Course, session: Session) -> bool:
    """Whether all pages of the session were understood, so that it can be judged as a whole."""
    paths = [session.page.path, *(module.page.path for module in session.modules)]
    understood = course.misread_paths.isdisjoint(paths)
    return understood and not any(True for _ in _missing(course, session))


@rule("C109")
def session_hours(course: Course) -> Iterator[Diagnostic]:
    """A session is longer or shorter than the budget says.

    A day that is too full leaves the slower half of the students behind; in one that is too short
    they are not given what they came for.

    Bad:

        ### mkdocs.yml
        site_name: Example course
        repo_url: https://github.com/example/course
        edit_uri: edit/main/
        plugins:
          - course:
              budget: {course: 1, session: 9, tolerance: 1, lecture: 0, other: 0}

    Good:

        ### mkdocs.yml
        site_name: Example course
        repo_url: https://github.com/example/course
        edit_uri: edit/main/
        plugins:
          - course:
              budget: {course: 1, session: 1, tolerance: 1, lecture: 0, other: 0}
    """
    budget = course.settings.budget
    for session in course.sessions:
        minutes = session.minutes(budget)
        if not session.modules or not _hours_known(course, session):
            continue
        if _is_off(minutes, budget.session, budget.tolerance):
            yield Diagnostic(
                session.page.at_key("modules"),
                f"{session.label} takes {duration(minutes)}, but {_hours(budget.session)} "
                f"± {_hours(budget.tolerance)} are meant: "
                f"core {duration(session.core_minutes)}, "
                f"optional {duration(session.optional_minutes)}, "
                f"lecture {_hours(budget.lecture)}.",
                _hint_for_hours(minutes, budget.session, "`budget: session`"),
            )


def _hours_known(course: Course, session: Session) -> bool:
    understood = course.settings.source.path not in course.misread_paths
    return understood and _is_known(course, session)


def _is_off(minutes: int, hours: float, tolerance: float) -> bool:
    return abs(minutes - round(hours * 60)) > round(tolerance * 60)


def _hours(hours: float) -> str:
    return duration(round(hours * 60))


def _hint_for_hours(minutes: int, hours: float, setting: str) -> str:
    missing = round(hours * 60) - minutes
    way = "Add" if missing > 0 else "Take away"
    return f"{way} {duration(abs(missing))}, or change {setting} in the course's settings."


@rule("C110")
def course_hours(course: Course) -> Iterator[Diagnostic]:
    """All sessions, project days and the rest take longer or shorter than the budget says.

    The budget is what the course's credit points stand for.

    Bad:

        ### mkdocs.yml
        site_name: Example course
        repo_url: https://github.com/example/course
        edit_uri: edit/main/
        plugins:
          - course:
              budget: {course: 28, session: 1, tolerance: 1, lecture: 0, other: 0}

    Good:

        ### mkdocs.yml
        site_name: Example course
        repo_url: https://github.com/example/course
        edit_uri: edit/main/
        plugins:
          - course:
              budget: {course: 28, session: 1, tolerance: 1, lecture: 0, other: 28}
    """
    budget, sessions = course.settings.budget, course.sessions
    known = all(_hours_known(course, session) for session in sessions)
    if not sessions or not known or not _is_off(course.minutes(), budget.course, budget.tolerance):
        return
    days = sum(course.settings.edition.project_days.values())
    yield Diagnostic(
        course.settings.at("budget", "course"),
        f"The course takes {duration(course.minutes())}, but {_hours(budget.course)} "
        f"± {_hours(budget.tolerance)} are meant: "
        f"core {duration(sum(s.core_minutes for s in sessions))}, "
        f"optional {duration(sum(s.optional_minutes for s in sessions))}, "
        f"lectures {_hours(budget.lecture * len(sessions))}, "
        f"project days {_hours(days * budget.project_day)}, other {_hours(budget.other)}.",
        _hint_for_hours(course.minutes(), budget.course, "`budget: course`"),
    )


@rule("C111")
def module_name_repeated(course: Course) -> Iterator[Diagnostic]:
    """Two sessions have a module of the same name.

    `requires:` names modules without their session, so it could not tell the two apart.

    Bad:

        ### s2_then/README.md
        ---
        modules: [first]
        ---
        # Then go

        ### s2_then/first.md
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

        ### s2_then/README.md
        ---
        modules: [second]
        ---
        # Then go

        ### s2_then/second.md
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
    for module in course.modules:
        first = course.module_by_name[module.name]
        if first is not module:
            yield Diagnostic(
                Location(module.page.path),
                f"`{module.name}` is the name of `{first.page.path}` as well.",
                "Rename one of the two with `course move`.",
            )


@rule("C112")
def listed_page_missing(course: Course) -> Iterator[Diagnostic]:
    """A page that `pages:` lists does not exist.

    The menu would lead nowhere. An entry is the name of a page in the same folder, without `.md`, or
    the name of a folder in it that has an `index.md`.

    Bad:

        ### docs/index.md
        ---
        description: The smallest course.
        pages: [faq]
        ---
        # Example course

    Good:

        ### docs/index.md
        ---
        description: The smallest course.
        pages: [faq]
        ---
        # Example course

        ### docs/faq.md
        ---
        description: What is often asked.
        ---
        # Questions and answers
    """
    for index in _indexes(course):
        for item, entry in enumerate(index.value("pages", ())):
            if not _entry_path(course, index, entry):
                unlisted = (p for p in _docs_pages(course) if _index_of(course, p) == index.path)
                yield Diagnostic(
                    index.at_key("pages", item),
                    f"`{entry}` is listed here, but there is neither `{index.folder}/{entry}.md` "
                    f"nor `{index.folder}/{entry}/index.md`.",
                    nearest(entry, map(_entry_of, unlisted)),
                )


def _docs_pages(course: Course) -> list[Page]:
    """The pages of `docs/` that a list should name: all but the homepage."""
    if not course.settings.is_course:
        return []
    docs = course.settings.docs_dir
    inside = (page for page in course.pages if page.path.startswith(f"{docs}/"))
    return [page for page in inside if page.path != f"{docs}/index.md"]


def _indexes(course: Course) -> Iterable[Page]:
    """The pages that may list others."""
    home = course.page_by_path.get(f"{course.settings.docs_dir}/index.md")
    folders = [page for page in _docs_pages(course) if page.name == "index"]
    return [home, *folders] if home and course.settings.is_course else folders


def _index_of(course: Course, page: Page) -> str:
    """The path of the page whose list names this one."""
    folder = PurePosixPath(page.path).parent
    return str((folder.parent if page.name == "index" else folder) / "index.md")


def _entry_of(page: Page) -> str:
    """What a list calls this page."""
    return PurePosixPath(page.folder).name if page.name == "index" else page.name


def _entry_path(course: Course, index: Page, entry: str) -> str:
    """The path of the page that an entry of a list means, or nothing."""
    paths = (f"{index.folder}/{entry}.md", f"{index.folder}/{entry}/index.md")
    return next((path for path in paths if path in course.page_by_path and path != index.path), "")


@rule("C113")
def page_not_listed(course: Course) -> Iterator[Diagnostic]:
    """A page of `docs/` is in no list of pages.

    It is on the site, but not in the menu. `docs/index.md` lists the pages and the folders next to
    it under `pages:`, and the `index.md` of a folder does so for that folder.

    Bad:

        ### docs/faq.md
        ---
        description: What is often asked.
        ---
        # Questions and answers

    Good:

        ### docs/faq.md
        ---
        description: What is often asked.
        ---
        # Questions and answers

        ### docs/index.md
        ---
        description: The smallest course.
        pages: [faq]
        ---
        # Example course
    """
    listed = {_entry_path(course, i, e) for i in _indexes(course) for e in i.value("pages", ())}
    for page in _docs_pages(course):
        index = _index_of(course, page)
        if page.path not in listed and index not in course.misread_paths:
            yield Diagnostic(
                Location(page.path),
                f"This page is not listed in `{index}`.",
                _hint_for_unlisted(course, page, index),
            )


def _hint_for_unlisted(course: Course, page: Page, index: str) -> str:
    if index not in course.files:
        return f"Write `{index}` with `{_entry_of(page)}` under `pages:` in its front matter."
    if page.name == "index" and f"{page.folder}.md" in course.files:
        return f"`{_entry_of(page)}` there means `{page.folder}.md`; rename one of the two."
    return f"Put `{_entry_of(page)}` into its `pages:`, where it should stand in the menu."


@rule("C114")
def page_listed_twice(course: Course) -> Iterator[Diagnostic]:
    """A page stands twice in a list of pages.

    The menu would show it twice, and "next page" could not know which of the two you are on.

    Bad:

        ### docs/index.md
        ---
        description: The smallest course.
        pages: [faq, faq]
        ---
        # Example course

        ### docs/faq.md
        ---
        description: What is often asked.
        ---
        # Questions and answers

    Good:

        ### docs/index.md
        ---
        description: The smallest course.
        pages: [faq]
        ---
        # Example course

        ### docs/faq.md
        ---
        description: What is often asked.
        ---
        # Questions and answers
    """
    for index in _indexes(course):
        counted: Counter[str] = Counter()
        for item, entry in enumerate(index.value("pages", ())):
            counted[entry] += 1
            if counted[entry] > 1:
                yield Diagnostic(
                    index.at_key("pages", item),
                    f"`{entry}` stands in this list already.",
                    "Take one of the two out.",
                )

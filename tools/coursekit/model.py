"""What a course is: plain, frozen data in which everything knows the file and line it came from.

Nothing here reads files or prints. `load` builds these objects, rules look at them, `render` draws them.
Offsets are positions in a file's text exactly as it stands on disk (line endings and byte order mark included),
so that a fix can replace a few characters and leave all others alone.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from .code import Code
    from .rendered import Rendered


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a file. `path` is relative to the course's root, with `/`; line and column count from 1."""

    path: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Source:
    """A text file as it stands on disk."""

    path: str
    text: str

    @cached_property
    def line_starts(self) -> list[int]:
        starts, at = [0], self.text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)
        return starts

    def at(self, offset: int) -> Location:
        """The line and column of an offset."""
        line = bisect_right(self.line_starts, offset)
        return Location(self.path, line, offset - self.line_starts[line - 1] + 1)

    @cached_property
    def newline(self) -> str:
        """The line ending of this file, for text that a fix adds."""
        return "\r\n" if "\r\n" in self.text else "\n"


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of offsets in a page's text."""

    start: int
    end: int

    def __contains__(self, offset: object) -> bool:
        return isinstance(offset, int) and self.start <= offset < self.end


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    text: str  # without markup
    span: Span  # the whole line, its line ending not included
    content: Span  # what stands after the hashes
    anchor: str  # the id it has on the site


@dataclass(frozen=True, slots=True)
class Link:
    """A link or an image: `kind` is "link", "image", "html-link", "html-image" or "html-media" (video, frame …)."""

    kind: str
    text: str  # link text or alternative text, as written
    target: str
    span: Span
    text_span: Span
    target_span: Span

    @property
    def is_image(self) -> bool:
        return self.kind.endswith("image")

    @property
    def is_external(self) -> bool:
        """Whether the target is an address with a scheme (https:, mailto:, …) or of another host (`//host`)."""
        head = self.target.partition("/")[0]
        return ":" in head or self.target.startswith("//")


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced block of code: the info string after its opening fence and the lines between the fences."""

    info: str
    span: Span
    content: Span


@dataclass(frozen=True, slots=True)
class Fold:
    """A `<details>` block; `name` is its summary in lower case ("hint", "solution", "answer")."""

    name: str
    span: Span
    opening: Span


@dataclass(frozen=True, slots=True)
class Mark:
    """An invisible comment that speaks to coursekit: `<!-- id: … -->`, `<!-- course: … -->`."""

    kind: str
    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class Snippet:
    """A `--8<-- "path"` line; `path` is relative to the repository's root, without line numbers or section."""

    path: str
    span: Span
    target_span: Span
    part: str = ""  # lines (`4:6`) or the name of a section


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a YAML mapping with its value and the offsets of the key and of the items of its list or mapping."""

    value: Any
    offset: int
    items: tuple[int, ...] = ()


@dataclass(frozen=True)
class Page:
    """A Markdown page and what stands on it."""

    source: Source
    front: Mapping[str, Field] = field(default_factory=dict)
    body: int = 0
    headings: tuple[Heading, ...] = ()
    links: tuple[Link, ...] = ()
    fences: tuple[Fence, ...] = ()
    folds: tuple[Fold, ...] = ()
    marks: tuple[Mark, ...] = ()
    snippets: tuple[Snippet, ...] = ()
    words: int = 0
    raw_anchors: frozenset[str] = frozenset()  # ids of raw HTML
    mask: str = ""  # the text, of the same length, without front matter, code, comments and escaped characters

    @property
    def path(self) -> str:
        return self.source.path

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0] or "."

    @property
    def name(self) -> str:
        """The file's name without `.md`: what front matter calls it by."""
        return self.path.rpartition("/")[2].removesuffix(".md")

    @property
    def title(self) -> str:
        """The text of the first H1, or the file's name where there is none."""
        return next((h.text for h in self.headings if h.level == 1), self.name)

    @property
    def description(self) -> str:
        return str(self.value("description", ""))

    @property
    def aliases(self) -> tuple[str, ...]:
        return tuple(self.value("aliases", ()))

    @cached_property
    def code(self) -> tuple[Code, ...]:
        """Its fences, with the lines of each taken out of what nests them."""
        from .code import code_of

        return code_of(self)

    @cached_property
    def prose(self) -> str:
        """Its running text, of the same length, with everything else blanked."""
        from .prose import prose

        return prose(self)

    @cached_property
    def anchors(self) -> frozenset[str]:
        return self.raw_anchors | {h.anchor for h in self.headings}

    def value(self, key: str, default: Any) -> Any:
        """The value of a front matter key, or `default` where it is absent."""
        entry = self.front.get(key)
        return default if entry is None else entry.value

    def at(self, offset: int) -> Location:
        return self.source.at(offset)

    def at_key(self, key: str, item: int | None = None) -> Location:
        """Where a front matter key (or one item of its list) stands; the top of the page where it does not."""
        entry = self.front.get(key)
        if entry is None:
            return Location(self.path)
        if item is not None and item < len(entry.items):
            return self.at(entry.items[item])
        return self.at(entry.offset)


@dataclass(frozen=True, slots=True)
class Exercise:
    """A `###` heading below `## Exercises`, with all that belongs to it."""

    title: str  # without the minutes
    minutes: int | None
    id: str | None
    number: int  # counts from 1 within its module
    heading: Heading
    span: Span  # from the heading to the next one
    folds: tuple[str, ...]  # names of the folds inside


@dataclass(frozen=True, slots=True)
class Question:
    """A `###` heading below `## Knowledge check`; each option is (is right, its text)."""

    title: str
    id: str | None
    options: tuple[tuple[bool, str], ...]
    heading: Heading
    span: Span


@dataclass(frozen=True)
class Module:
    page: Page
    session: str  # slug of its session
    number: int
    core: bool
    draft: bool
    requires: tuple[str, ...]
    tools: tuple[str, ...]
    objectives: tuple[str, ...]
    exercises: tuple[Exercise, ...]
    questions: tuple[Question, ...]
    reading_minutes: int

    @property
    def name(self) -> str:
        return self.page.name

    @property
    def title(self) -> str:
        return self.page.title

    @property
    def label(self) -> str:
        """The number that readers know it by, such as `M12`."""
        return f"M{self.number}"

    @property
    def tasks(self) -> tuple[Exercise | Question, ...]:
        """What a student can tick off, in the order of the page."""
        return tuple(sorted((*self.exercises, *self.questions), key=_start))

    @property
    def exercise_minutes(self) -> int:
        return sum(exercise.minutes or 0 for exercise in self.exercises)

    @property
    def minutes(self) -> int:
        """Reading time and exercises; for a draft the planned minutes of its front matter."""
        planned = self.page.value("minutes", 0) if self.draft else 0
        return planned or self.reading_minutes + self.exercise_minutes

    @property
    def exercise_folder(self) -> str:
        return f"{self.page.folder}/exercises/{self.name}"

    @property
    def archive(self) -> str:
        """The name of its exercise files as one download, from the root of the site."""
        return f"{self.page.folder}/{self.name}.zip"

    @property
    def key_points(self) -> Span | None:
        """Where the text below `## Key points` stands."""
        return section(self.page, "key points")


@dataclass(frozen=True)
class Session:
    page: Page
    slug: str  # the folder's name
    number: int
    modules: tuple[Module, ...]

    @property
    def title(self) -> str:
        return self.page.title

    @property
    def label(self) -> str:
        return f"S{self.number}"

    @property
    def core_minutes(self) -> int:
        return sum(module.minutes for module in self.modules if module.core)

    @property
    def optional_minutes(self) -> int:
        return sum(module.minutes for module in self.modules if not module.core)

    def minutes(self, budget: Budget) -> int:
        """The length of the day: its modules and the lecture."""
        return self.core_minutes + self.optional_minutes + round(budget.lecture * 60)


@dataclass(frozen=True, slots=True)
class Budget:
    """Hours that the course is held to (140 hours are the 5 ECTS of the first course: 28 hours a point)."""

    course: float = 140
    session: float = 9
    tolerance: float = 0.5  # hours by which a session or the course may differ
    lecture: float = 1  # lecture, recap and wrap-up of a session
    project_day: float = 9
    other: float = 5  # kick-off, report, examination


@dataclass(frozen=True, slots=True)
class Deadline:
    date: date
    what: str
    offset: int = 0  # where it stands in `mkdocs.yml`


@dataclass(frozen=True, slots=True)
class Examination:
    date: date
    room: str = ""
    what: str = "Examination"


@dataclass(frozen=True, slots=True)
class Edition:
    """One run of the course: everything that changes from year to year."""

    name: str = ""
    status: str = ""
    start: date | None = None
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)  # Monday is 0, as in `datetime`
    begins: time = time(9)
    ends: time = time(18)
    time_zone: str = "UTC"
    mode: str = ""
    room: str = ""
    project_days: Mapping[str, int] = field(default_factory=dict)  # session label in lower case → days after it
    holidays: tuple[date, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    examination: Examination | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    responsible: str = ""
    write_to: str = ""
    slack: str = ""


@dataclass(frozen=True, slots=True)
class Institution:
    """Who gives the course."""

    name: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class IgnoredFiles:
    """A rule that shall be silent about files, as `check: ignore:` says it."""

    files: str  # a pattern
    rule: str
    offset: int


@dataclass(frozen=True)
class Settings:
    """What `mkdocs.yml` says: the site's own settings and those of `plugins: course:`."""

    source: Source
    site_name: str = ""
    repo_url: str = ""
    edit_uri: str = ""
    docs_dir: str = "docs"
    site_dir: str = "site"
    is_course: bool = False  # whether the plugin `course` is in use
    top: Mapping[str, Field] = field(default_factory=dict)  # every key of the file, as data
    extensions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # of Markdown: name → options
    fields: Mapping[str, Field] = field(default_factory=dict)  # of `plugins: course:`
    places: Mapping[tuple[str, ...], int] = field(default_factory=dict)  # keys from there down → offset
    code: str = ""
    level: str = ""
    ects: float = 0
    institution: Institution = Institution()
    budget: Budget = Budget()
    contact: Contact = Contact()
    synonyms: tuple[tuple[str, ...], ...] = ()  # groups of words that mean the same to the site's search
    edition: Edition = Edition()
    ignores: tuple[IgnoredFiles, ...] = ()
    spelling: Mapping[str, Sequence[str]] = field(default_factory=dict)  # name of a product → wrong spellings

    def at(self, *keys: str | int) -> Location:
        """Where a setting of the plugin stands: `at("edition", "start")`, `at("edition", "holidays", 0)`.

        For one that is not there: the key that would hold it, at last the top of the file.
        """
        path = tuple(str(key) for key in keys)
        known = (path[:length] for length in range(len(path), -1, -1))
        return self.source.at(next((self.places[p] for p in known if p in self.places), 0))

    @property
    def docs(self) -> str:
        """What the paths of the site's own files begin with; nothing where the whole repository is the site."""
        return "" if self.docs_dir == "." else self.docs_dir + "/"

    @property
    def branch(self) -> str:
        """The branch that `edit_uri` names (`edit/main/` → `main`)."""
        parts = self.edit_uri.strip("/").split("/")
        return parts[1] if len(parts) > 1 else "main"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read as meant; `kind` is the name of the rule that reports it."""

    kind: str
    location: Location
    message: str
    hint: str = ""


@dataclass(frozen=True)
class Course:
    """A whole repository: settings, sessions, pages, and the names of all its files."""

    root: Path
    settings: Settings
    sessions: tuple[Session, ...]
    pages: tuple[Page, ...]  # every page of the site: sessions, modules, docs
    documents: tuple[Page, ...]  # Markdown that people read in the repository only: README.md, CONTRIBUTING.md …
    files: frozenset[str]  # every file, relative to the root, with its exact case
    problems: tuple[Problem, ...] = ()
    texts: Mapping[str, Source] = field(default_factory=dict)  # other text files that rules look into
    render: Callable[[Course], Mapping[str, Rendered]] = field(default=lambda _: {}, repr=False, compare=False)
    try_out: Callable[[Course, Page, str], Rendered | None] = field(
        default=lambda *_: None, repr=False, compare=False
    )  # how a page would be rendered with another text

    read: Callable[[str], str] = field(default=lambda _: "", repr=False, compare=False)  # a file's text, when asked for

    @cached_property
    def rendered(self) -> Mapping[str, Rendered]:
        """Pages of the site as it renders them, by path; made when a rule first asks for one."""
        return self.render(self)

    @cached_property
    def modules(self) -> tuple[Module, ...]:
        return tuple(module for session in self.sessions for module in session.modules)

    @cached_property
    def written(self) -> tuple[Module, ...]:
        """The modules that are not drafts."""
        return tuple(module for module in self.modules if not module.draft)

    @cached_property
    def module_by_name(self) -> Mapping[str, Module]:
        """Modules by the name that `requires:` uses; the first wins where two share it (a rule reports that)."""
        return {module.name: module for module in reversed(self.modules)}

    @cached_property
    def page_by_path(self) -> Mapping[str, Page]:
        return {page.path: page for page in (*self.documents, *self.pages)}

    @cached_property
    def pages_by_folder(self) -> Mapping[str, list[Page]]:
        folders: dict[str, list[Page]] = {}
        for page in self.pages:
            folders.setdefault(page.folder, []).append(page)
        return folders

    @cached_property
    def module_by_path(self) -> Mapping[str, Module]:
        return {module.page.path: module for module in self.modules}

    @cached_property
    def session_by_path(self) -> Mapping[str, Session]:
        return {session.page.path: session for session in self.sessions}

    @cached_property
    def draft_paths(self) -> frozenset[str]:
        return frozenset(module.page.path for module in self.modules if module.draft)

    @cached_property
    def folders(self) -> frozenset[str]:
        """Every folder that holds a file, the root itself as `.`."""
        found: set[str] = set()
        for path in self.files:
            folder = path.rpartition("/")[0]
            while folder and folder not in found:
                found.add(folder)
                folder = folder.rpartition("/")[0]
        return frozenset(found | {"."})

    @cached_property
    def exercise_files(self) -> Mapping[str, list[str]]:
        """The files below each folder `SESSION/exercises/MODULE`, with their paths inside it."""
        found: dict[str, list[str]] = {}
        for path in sorted(self.files):
            parts = path.split("/", 3)
            if len(parts) == 4 and parts[1] == "exercises":
                found.setdefault("/".join(parts[:3]), []).append(parts[3])
        return found

    @cached_property
    def path_by_folded(self) -> Mapping[str, str]:
        """Files and folders by their path in folded case, as a case-blind file system finds them."""
        return {path.casefold(): path for path in sorted(self.folders | self.files)}

    @cached_property
    def site_paths(self) -> frozenset[str]:
        return frozenset(page.path for page in self.pages)

    @cached_property
    def path_by_address(self) -> Mapping[str, str]:
        """Pages below `docs_dir` by the address that MkDocs gives them."""
        from .site import page_address

        docs = self.settings.docs
        return {page_address(self.settings, p.path): p.path for p in self.pages if p.path.startswith(docs)}

    @cached_property
    def misread_paths(self) -> frozenset[str]:
        """Files that were not wholly understood: what seems to be missing in them may only be misspelt."""
        return frozenset(problem.location.path for problem in self.problems)

    def problems_of(self, kind: str) -> Iterator[Problem]:
        return (problem for problem in self.problems if problem.kind == kind)

    def minutes(self) -> int:
        """The whole course: sessions, project days and the rest."""
        budget = self.settings.budget
        days = sum(self.settings.edition.project_days.values())
        sessions = sum(session.minutes(budget) for session in self.sessions)
        return sessions + round((days * budget.project_day + budget.other) * 60)


WORDS_A_MINUTE = 130  # reading speed that the course plans with, technical text on a screen


def reading_minutes(words: int) -> int:
    """Minutes to read so many words, rounded up to five."""
    return math.ceil(words / WORDS_A_MINUTE / 5) * 5


def duration(minutes: int) -> str:
    """Minutes as people say them.

    >>> duration(45), duration(90), duration(540), duration(0)
    ('45 min', '1 h 30 min', '9 h', '0 min')
    """
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} h"] if hours else []
    return " ".join([*parts, f"{rest} min"] if rest or not hours else parts)


class Placed(Protocol):
    """Anything that stands somewhere on a page."""

    @property
    def span(self) -> Span: ...


_Placed = TypeVar("_Placed", bound=Placed)


def within(items: Sequence[_Placed], span: Span) -> Sequence[_Placed]:
    """Those of the items, which are in the order of their places, that begin within a span."""
    first = bisect_left(items, span.start, key=_start)
    return items[first : bisect_left(items, span.end, lo=first, key=_start)]


def _start(item: Placed) -> int:
    return item.span.start


def section(page: Page, title: str) -> Span | None:
    """The text below the `##` heading with this title (in lower case), up to the next heading of its level."""
    for index, heading in enumerate(page.headings):
        if heading.level == 2 and heading.text.lower() == title:
            following = (h.span.start for h in page.headings[index + 1 :] if h.level <= 2)
            return Span(heading.span.end, next(following, len(page.source.text)))
    return None

"""Files → `Course`. What cannot be read as meant becomes a `Problem`, never a traceback."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from .fields import Key, checked, compose, fields
from .markdown import Scan, plain
from .model import (
    Course,
    Exercise,
    Field,
    Heading,
    Location,
    Module,
    Page,
    Problem,
    Question,
    Session,
    Settings,
    Source,
    Span,
    reading_minutes,
    section,
    within,
)
from .settings import read_settings

if TYPE_CHECKING:
    from .rendered import Rendered

CONFIG = "mkdocs.yml"
CONFIGS = (
    CONFIG,
    "mkdocs.yaml",
    "properdocs.yml",
)  # what MkDocs and ProperDocs look for
LECTURE = "lecture.md"  # slides, not a page of the site
TEXTS = ("CITATION.cff",)  # what rules look into besides pages and settings
SESSION_FOLDER = re.compile(r"[sS](\d+)(?=[^a-zA-Z0-9])")

SESSION_KEYS = {
    "modules": Key("a list of texts", required=True),
    "description": Key("a text"),
    "aliases": Key("a list of texts"),
}
MODULE_KEYS = {
    "description": Key("a text", required=True),
    "core": Key("true or false", required=True),
    "requires": Key("a list of texts", required=True),
    "tools": Key("a list of texts", required=True),
    "objectives": Key("a list of one text or more", required=True),
    "status": Key("the word draft"),
    "minutes": Key("a whole number of minutes"),
    "aliases": Key("a list of texts"),
}
DOCS_KEYS = {
    "description": Key("a text", required=True),
    "pages": Key("a list of texts"),
    "aliases": Key("a list of texts"),
}

_BIGGEST_TEXT = 2_000_000
_LEFT_BY_TOOLS = {"node_modules", "__pycache__", "venv", ".venv", ".pytest_cache", ".mypy_cache", ".ruff_cache"}
_HIDDEN_BUT_OURS = {".github", ".ci"}
_FRONT = re.compile(r"\ufeff?---[ \t]*\r?\n(?P<yaml>(?:.*\r?\n)*?)(?:---|\.\.\.)[ \t]*(?:\r?\n|$)")
_FRONT_OPEN = re.compile(r"\ufeff?---[ \t]*\r?\n[\w-]+:")
_MINUTES = re.compile(r"\s*\((\d{1,4}) min\)\s*$")
_OPTION = re.compile(r"^[-*+][ \t]+\[([ xX])\][ \t]+(.*?)[ \t]*\r?$", re.M)


class NotACourseError(Exception):
    """The given path holds nothing that could be loaded; the message says what to do."""


def load(root: Path, config: str | None = None) -> Course:
    """Read the course below a folder.

    Args:
        root: The folder that holds `mkdocs.yml`.
        config: The name of that file, if it is none of those that MkDocs and ProperDocs look for.

    Raises:
        NotACourseError: There is no such folder, or no `mkdocs.yml` in it that can be read.
    """
    root, config = _root(root, (config,) if config else CONFIGS)
    problems: list[Problem] = []
    source = _read(root, config, problems)
    if source is None:
        raise NotACourseError(f"{root / config} cannot be read: {problems[0].message}")
    settings, found = read_settings(source)
    problems += found
    files = frozenset(_walk(root, settings.site_dir, problems))
    reader = _PageReader(root, settings, problems)
    by_path = {path: reader.page(path) for path in sorted(files) if _is_page(path, settings)}
    documents = tuple(
        reader.document(path) for path in sorted(files - by_path.keys()) if "/" not in path and path.endswith(".md")
    )
    texts = {path: text for path in TEXTS if path in files and (text := _read(root, path, problems))}
    return Course(
        root,
        settings,
        _sessions(by_path, settings) if settings.is_course else (),
        tuple(by_path.values()),
        documents,
        files,
        tuple(sorted(problems, key=lambda problem: problem.location)),
        texts,
        _rendered,
        _tried_out,
        partial(_text, root),
    )


def _text(root: Path, path: str) -> str:
    """What a rule looks into that is neither page nor settings; nothing where that is no text of a usual size."""
    try:
        small = (root / path).stat().st_size <= _BIGGEST_TEXT
        return (root / path).read_bytes().decode("utf-8", "ignore") if small else ""
    except OSError:
        return ""


def _rendered(course: Course) -> Mapping[str, Rendered]:
    """Rendering is imported when a rule asks for it."""
    from .rendered import rendered_pages

    return rendered_pages(course)


def _tried_out(course: Course, page: Page, text: str) -> Rendered | None:
    from .rendered import rendered_text

    return rendered_text(course, page, text)


def _root(root: Path, configs: tuple[str, ...]) -> tuple[Path, str]:
    """The folder of the course and the name of its configuration."""
    if not root.exists():
        raise NotACourseError(f"{root} does not exist. Give the folder that holds {configs[0]}.")
    folder = root if root.is_dir() else root.parent
    found = _config(folder, configs)
    if found is None:
        above = next((p for p in folder.resolve().parents if _config(p, configs)), None)
        hint = f"Did you mean {above}?" if above else f"Give the folder that holds {configs[0]}."
        raise NotACourseError(f"{root} holds no course: there is no {configs[0]} in it. {hint}")
    return folder.resolve(), found


def _config(folder: Path, configs: tuple[str, ...]) -> str | None:
    return next((name for name in configs if (folder / name).is_file()), None)


def _walk(root: Path, site_dir: str, problems: list[Problem], folder: str = "") -> Iterator[str]:
    """Every file below the root with `/` between its parts; links to folders are not followed.

    What tools leave is left out, and hidden folders, but not those of exercises (`.vscode/`, `.github/workflows/`).
    """
    for entry in os.scandir(root / folder):
        path = folder + entry.name
        try:
            if entry.is_dir(follow_symlinks=False):
                hidden = entry.name.startswith(".") and entry.name not in _HIDDEN_BUT_OURS
                if not (hidden and "/exercises/" not in path) and entry.name not in _LEFT_BY_TOOLS and path != site_dir:
                    yield from _walk(root, site_dir, problems, path + "/")
            elif entry.is_file():
                yield path
            elif entry.is_symlink() and not entry.is_dir():
                problems.append(_unreadable(path, "it is a link to something that does not exist"))
        except OSError as error:
            problems.append(_unreadable(path, error.strerror or str(error)))


def _unreadable(path: str, reason: str, line: int = 1) -> Problem:
    return Problem("unreadable-file", Location(path, line), f"This file cannot be read: {reason}.")


def _read(root: Path, path: str, problems: list[Problem]) -> Source | None:
    """The text of a file with its line endings kept; None, and a problem, where it cannot be read as UTF-8."""
    try:
        data = (root / path).read_bytes()
        return Source(path, data.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        reason = f"byte 0x{data[error.start]:02x} is not UTF-8"
        hint = "Save the file as UTF-8 (in most editors: “Save with encoding”)."
        problems.append(Problem("unreadable-file", Location(path, line), f"This file cannot be read: {reason}.", hint))
    except OSError as error:
        problems.append(_unreadable(path, error.strerror or str(error)))
    return None


def _is_page(path: str, settings: Settings) -> bool:
    if not path.endswith(".md"):
        return False
    if path.startswith(settings.docs):
        return not path.startswith(".") and "/." not in path
    parts = path.split("/")
    in_session = len(parts) == 2 and bool(SESSION_FOLDER.match(parts[0]))
    return settings.is_course and in_session and parts[1] != LECTURE


def keys_of(path: str, settings: Settings) -> dict[str, Key]:
    """The front matter keys that a page may have, by what kind of page it is."""
    if path.startswith(settings.docs):
        return DOCS_KEYS
    return SESSION_KEYS if PurePosixPath(path).name == "README.md" else MODULE_KEYS


class _PageReader:
    def __init__(self, root: Path, settings: Settings, problems: list[Problem]) -> None:
        self.root, self.settings, self.problems = root, settings, problems

    def page(self, path: str) -> Page:
        source = _read(self.root, path, self.problems)
        if source is None:
            return Page(Source(path, ""))
        front, body = self._front(source)
        return _scanned(source, front, body)

    def document(self, path: str) -> Page:
        """A Markdown file outside the site: no front matter is expected."""
        return _scanned(_read(self.root, path, self.problems) or Source(path, ""), {}, 0)

    def _front(self, source: Source) -> tuple[dict[str, Field], int]:
        match = _FRONT.match(source.text)
        if match is None:
            if _FRONT_OPEN.match(source.text):
                message = "The front matter is opened by `---` here and never closed."
                self.problems.append(
                    Problem("broken-yaml", Location(source.path), message, "Close it with a line `---`.")
                )
            elif self.settings.is_course:
                self._check({}, source)
            return {}, 0
        block = compose(source, *match.span("yaml"))
        if isinstance(block, Problem):
            self.problems.append(block)
            return {}, match.end()
        found, problems = fields(block, block.node)
        self.problems += problems
        if self.settings.is_course and (found or not problems):
            found = self._check(found, source)
        return found, match.end()

    def _check(self, found: dict[str, Field], source: Source) -> dict[str, Field]:
        keys = keys_of(source.path, self.settings)
        good, problems = checked(found, keys, source, "this page's front matter", Location(source.path))
        self.problems += problems
        return good


def _scanned(source: Source, front: dict[str, Field], body: int) -> Page:
    scan = Scan(source.text, body)
    return Page(
        source,
        front,
        body,
        scan.headings,
        scan.links,
        scan.fences,
        scan.folds,
        scan.marks,
        scan.snippets,
        scan.words(),
        scan.raw_anchors,
        scan.mask,
    )


def _sessions(pages: dict[str, Page], settings: Settings) -> tuple[Session, ...]:
    """Sessions in the order of their numbers; modules get theirs by counting through."""
    folders: dict[str, int] = {}
    for path in pages:
        if not path.startswith(settings.docs) and (match := SESSION_FOLDER.match(path)):
            folders[path.partition("/")[0]] = int(match[1])
    sessions = []
    count = 0
    for slug, number in sorted(folders.items(), key=lambda item: (item[1], item[0])):
        readme = f"{slug}/README.md"
        page = pages.get(readme) or Page(Source(readme, ""))
        modules = []
        for name in dict.fromkeys(page.value("modules", ())):
            if name != "README" and f"{slug}/{name}.md" in pages:
                count += 1
                modules.append(_module(pages[f"{slug}/{name}.md"], slug, count))
        sessions.append(Session(page, slug, number, tuple(modules)))
    return tuple(sessions)


def _module(page: Page, session: str, number: int) -> Module:
    return Module(
        page=page,
        session=session,
        number=number,
        core=page.value("core", False),
        draft=page.value("status", "") == "draft",
        requires=tuple(page.value("requires", ())),
        tools=tuple(page.value("tools", ())),
        objectives=tuple(page.value("objectives", ())),
        exercises=tuple(_exercises(page)),
        questions=tuple(_questions(page)),
        reading_minutes=reading_minutes(page.words),
    )


def _items(page: Page, title: str) -> Iterator[tuple[int, Span]]:
    """The H3 headings (by index) below an H2, each with the span up to the next one."""
    whole = section(page, title)
    if whole is None:
        return
    inside = [i for i, h in enumerate(page.headings) if h.level == 3 and h.span.start in whole]
    for index, following in zip(inside, [*inside[1:], None], strict=False):  # none inside: nothing to follow
        end = page.headings[following].span.start if following is not None else whole.end
        yield index, Span(page.headings[index].span.start, end)


def _exercises(page: Page) -> Iterator[Exercise]:
    for number, (index, span) in enumerate(_items(page, "exercises"), 1):
        heading = page.headings[index]
        minutes = _MINUTES.search(heading.text)
        yield Exercise(
            title=_MINUTES.sub("", heading.text),
            minutes=int(minutes[1]) if minutes else None,
            id=_own_id(page, heading, span),
            number=number,
            heading=heading,
            span=span,
            folds=tuple(fold.name for fold in within(page.folds, span)),
        )


def _questions(page: Page) -> Iterator[Question]:
    for index, span in _items(page, "knowledge check"):
        heading = page.headings[index]
        found = _OPTION.finditer(page.source.text, heading.span.end, span.end)
        options = tuple((m[1] != " ", plain(m[2])) for m in found)
        yield Question(heading.text, _own_id(page, heading, span), options, heading, span)


def _own_id(page: Page, heading: Heading, span: Span) -> str | None:
    """The permanent id that stands directly below a heading."""
    marks = within(page.marks, span)
    return next((m.value for m in marks if m.kind == "id" and m.value == heading.anchor), None)

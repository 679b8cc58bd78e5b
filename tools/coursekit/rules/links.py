"""Links, anchors, snippets, and addresses of the repository: does everything lead where it says?"""

from __future__ import annotations

import difflib
import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from ..anchors import Anchors, may_have_more
from ..diagnostic import Diagnostic, Edit, Fix
from ..fields import nearest
from ..model import Course, Link, Page, Source, Span
from ..paths import address_fault, is_media, resolve
from ..pieces import PIECES
from ..rule import rule
from ..site import (
    allows_absolute_links,
    built_folder,
    built_target,
    from_top,
    has_hooks,
    is_ignored,
    is_known,
    makes_pages,
    outside_language,
    page_address,
    snippet_folders,
)

_OUTSIDE = "it leads out of the repository"
_MAKE_ANCHORS = {"rules", "commands", "summary"}  # pieces with headings of their own
_TEMPLATE = re.compile(r"\{[{%]")
_OWN_ID = re.compile(r"\{:?[ \t]*#")  # behind `[]()`, which then is an anchor
_GENERATED_PART = re.compile(r"<!--[^\n]{0,200}:START\b.*?(?:<!--[^\n]{0,200}:END\b|\Z)", re.S)
_REPOSITORY = re.compile(r"https?://(?P<host>[^/]+)/(?P<owner>[^/]+)/(?P<name>[^/]+?)(?:\.git)?/?")
_PLACEHOLDER = re.compile(
    r"(?:your?|my|the)?[-_]?(?:github)?[-_]?(?:user[-_]?name|user|name|owner|org(?:anisation|anization)?|account|login|group)"
    r"|you|me|your?[-_].*|example.*|someone|x{2,}",
    re.I,
)
_BEFORE = 200  # characters of a line in which `git clone` may stand before an address
_EDIT_URI = re.compile(r"^edit_uri:", re.M)
_ALIAS = re.compile(r"[^/\\#?:\s][^/\\#?:]*(?:/[^/\\#?:]+)*")


@dataclass(frozen=True, slots=True)
class _Target:
    """A link that stays in the repository, and where it leads: a path from the root, and an anchor."""

    page: Page
    link: Link
    path: str
    anchor: str
    is_alone: bool  # whether no other page of a plain site has this text: one file may stand in two folders, by a link


def _targets(course: Course) -> Iterator[_Target]:
    """Each target that is written on a page, once, however many references share its definition."""
    pages = (*course.documents, *course.pages)
    texts = Counter(page.source.text for page in pages if not course.settings.is_course)
    for page in pages:
        seen: set[int] = set()
        generated = (
            [Span(*m.span()) for m in _GENERATED_PART.finditer(page.source.text)]
            if ":START" in page.source.text
            else []
        )
        for link in page.links:
            start = link.target_span.start
            if link.is_external or start in seen or any(start in span for span in generated):
                continue
            seen.add(start)
            if not _is_other(page, link):
                yield _Target(page, link, *_resolved(course, page, link), texts[page.source.text] < 2)


def _generated_parts(text: str) -> list[Span]:
    """What a tool writes between its comments, such as a list of contributors."""
    return [Span(*m.span()) for m in _GENERATED_PART.finditer(text)] if ":START" in text else []


def _is_other(page: Page, link: Link) -> bool:
    """Whether this is no path: an address that is broken (C417), a template, or the anchor `[](){#id}`."""
    if not link.target:
        return not link.text and bool(_OWN_ID.match(page.source.text, link.span.end))
    return bool(address_fault(link.target) or _TEMPLATE.search(link.target))


def _resolved(course: Course, page: Page, link: Link) -> tuple[str, str]:
    settings = course.settings
    if link.target.startswith("/") and allows_absolute_links(settings):
        return resolve(f"{settings.docs}_", link.target.lstrip("/"))
    path, anchor = resolve(page.path, link.target)
    if _is_raw(course, page, link) and link.target[0] not in "#?":
        path = built_target(course, page.path, link.target) or path
    return path, anchor


def _is_raw(course: Course, page: Page, link: Link) -> bool:
    """Whether the browser sees the target as written: MkDocs leaves raw HTML alone, the plugin `course` does not."""
    return link.kind.startswith("html") and not course.settings.is_course and page.path in course.site_paths


def _diagnostic(target: _Target, message: str, hint: str, fix: Fix | None = None) -> Diagnostic:
    return Diagnostic(target.page.at(target.link.target_span.start), message, hint, fix)


def _exists(course: Course, path: str) -> bool:
    return path in course.files or path in course.folders


def _in_other_case(course: Course, path: str) -> str | None:
    """The file or folder that differs from a path only in case."""
    return None if _exists(course, path) else course.path_by_folded.get(path.casefold())


def _is_hidden(course: Course, path: str) -> bool:
    """Whether the path leads into a hidden folder, which is not looked into."""
    parts = posixpath.dirname(path).split("/")
    return any(len(part) > 1 and part[0] == "." and part != ".." for part in parts)


class _Finder:
    """Finds the file that was probably meant; its indexes are built when first something is missing."""

    def __init__(self, course: Course) -> None:
        self.course = course

    @cached_property
    def by_name(self) -> Mapping[str, list[str]]:
        found = defaultdict(list)
        for path in sorted(self.course.files):
            found[posixpath.basename(path).casefold()].append(path)
        return found

    @cached_property
    def by_folder(self) -> Mapping[str, list[str]]:
        found = defaultdict(list)
        for path in sorted(self.course.files):
            found[posixpath.dirname(path)].append(path)
        return found

    def nearest(self, path: str) -> str | None:
        """The existing file nearest to a path that does not exist.

        A page by its address on the site, a file of this name elsewhere, or one of a similar name beside it.
        """
        path = path.replace("\\", "/").lstrip("/")
        for candidate in (f"{path}.md", re.sub(r"\.html?$", "", path) + ".md"):
            if candidate in self.course.files:
                return candidate
        elsewhere = self.by_name.get(posixpath.basename(path).casefold(), [])
        close = difflib.get_close_matches(path, elsewhere[:50], n=1, cutoff=0)
        if close:
            return close[0]
        beside = {_stem(file): file for file in self.by_folder.get(posixpath.dirname(path), ())}
        similar = difflib.get_close_matches(_stem(path), beside, n=1, cutoff=0.7)
        return beside[similar[0]] if similar else None

    def is_near(self, target: _Target) -> bool:
        """Whether a file of nearly the same name is in its place, which no plugin would have made."""
        folder, name = posixpath.split(target.path)
        beside = [posixpath.basename(file) for file in self.by_folder.get(folder, ())]
        return bool(difflib.get_close_matches(name, beside, n=1, cutoff=0.85))

    def hint(self, target: _Target) -> str:
        meant = self.nearest(target.path)
        if meant is None:
            return "A link begins at the folder of its own page; check the path, or add the file."
        return f"Did you mean `{posixpath.relpath(meant, target.page.folder)}`?"


def _stem(path: str) -> str:
    return posixpath.splitext(posixpath.basename(path))[0]


def _missing(course: Course, images: bool) -> Iterator[Diagnostic]:
    """Links, or images, that lead to nothing."""
    finder = _Finder(course)
    included = _included_pages(course)
    what = "image" if images else "link"
    for target in _targets(course):
        if target.link.is_image != images or target.page.path in included:
            continue
        if not target.link.target:
            yield _diagnostic(target, f"The {what} has no target.", "Say in the parentheses where it leads.")
        elif target.path.startswith("/"):
            if not course.settings.is_course and from_top(course, target.link.target):
                continue
            message = f"`{target.link.target}` begins with `/`, the top of the host, not of the course."
            yield _diagnostic(target, message, f"Write a relative path. {finder.hint(target)}")
        elif _is_raw(course, target.page, target.link):
            yield from _missing_raw(course, target, finder)
        elif (
            (reason := _why_missing(course, target))
            and not _is_page_address(course, target)
            and _is_expected(course, target, finder)
        ):
            yield _diagnostic(target, f"`{target.link.target}`: {reason}.", finder.hint(target))


def _is_expected(course: Course, target: _Target, finder: _Finder) -> bool:
    """Whether a target should be in the repository: plugins make pages, and hardly ever pictures."""
    made = makes_pages(course.settings) and not (target.link.is_image and not has_hooks(course.settings))
    later = not course.settings.is_course and is_ignored(course, target.path)
    return not later and (not made or finder.is_near(target))


def _missing_raw(course: Course, target: _Target, finder: _Finder) -> Iterator[Diagnostic]:
    """A target in raw HTML that leads to nothing, whether seen from the source or from the built page."""
    link = target.link
    known = link.target[0] in "#?" or built_target(course, target.page.path, link.target) or _raw_meant(course, target)
    if not known and _is_expected(course, target, finder):
        what = "image" if link.is_image else "page or file"
        yield _diagnostic(target, f"`{link.target}`: there is no {what} at this address.", finder.hint(target))


def _raw_meant(course: Course, target: _Target) -> str | None:
    """What a target in raw HTML would be if MkDocs rewrote it, seen from the built page."""
    settings, docs = course.settings, course.settings.docs
    source = resolve(target.page.path, target.link.target)[0]
    if source not in course.files or not source.startswith(docs):
        return None
    is_page = source in course.page_by_path
    shown = page_address(settings, source) if is_page else source.removeprefix(docs)
    return posixpath.relpath(f"/{shown}", f"/{built_folder(settings, target.page.path)}") + "/" * is_page


def _included_pages(course: Course) -> set[str]:
    """Pages of a plain site that other pages show as snippets: their links are read from there."""
    if course.settings.is_course:
        return set()
    folders = snippet_folders(course.settings)
    shown = (posixpath.normpath(f"{folder}/{s.path}") for p in course.pages for s in p.snippets for folder in folders)
    return {path for path in shown if path.endswith(".md")}


def _why_missing(course: Course, target: _Target) -> str:
    """Why a target cannot be reached; empty if it can, or if another rule says more about it."""
    path, docs = target.path, course.settings.docs
    if path == ".." or path.startswith("../"):
        return _OUTSIDE
    if target.link.is_image and path in course.folders:
        return "this is a folder, not an image"
    if _exists(course, path):
        if course.settings.is_course or not target.page.path.startswith(docs):
            return ""
        if path in course.folders and path.startswith(docs):
            plain = _page_of(course, target, path) or _is_page_address(course, target)
            return "" if plain else "this is a folder without a page, and therefore not on the site"
        outside = path in course.files and not path.startswith(docs) and not has_hooks(course.settings)
        return f"the file is outside `{docs}` and therefore not on the site" if outside else ""
    elsewhere = _exists(course, outside_language(course.settings, path))
    if elsewhere or _in_other_case(course, path) or _is_hidden(course, path):
        return ""
    return f"there is no {'image' if target.link.is_image else 'file or folder'} `{path}`"


def _is_page_address(course: Course, target: _Target) -> bool:
    """Whether a Markdown link is written as if it were seen from the built page of a plain site, which works there."""
    link = target.link
    path = link.target.partition("#")[0].partition("?")[0]
    if course.settings.is_course or link.is_image or target.page.path not in course.site_paths:
        return False
    if not path or path.startswith("/") or path.endswith(".md"):
        return False
    return built_target(course, target.page.path, path) is not None


@rule("C401")
def missing_target(course: Course) -> Iterator[Diagnostic]:
    """A link leads to a file or folder that does not exist.

    Links are relative to the folder of their page, so that they work on the code host and on the site.
    One that begins with `/` leaves the course as soon as the site is not at the top of its host.

    Bad:

        ### docs/index.md
        ---
        description: The smallest course that no rule complains about.
        pages: []
        ---
        # Example course

        Begin with [the start](../s1_strat/README.md).

    Good:

        ### docs/index.md
        ---
        description: The smallest course that no rule complains about.
        pages: []
        ---
        # Example course

        Begin with [the start](../s1_start/README.md).
    """
    return _missing(course, images=False)


@rule("C402", fixable=True)
def wrong_case(course: Course) -> Iterator[Diagnostic]:
    """A link or image is written with other capitals than the file it leads to.

    It works on Windows and macOS, and breaks on the site and on Linux.

    Bad:

        ### docs/index.md
        ---
        description: The smallest course that no rule complains about.
        pages: []
        ---
        # Example course

        Begin with [the start](../s1_start/readme.md).

    Good:

        ### docs/index.md
        ---
        description: The smallest course that no rule complains about.
        pages: []
        ---
        # Example course

        Begin with [the start](../s1_start/README.md).
    """
    for target in _targets(course):
        real = _in_other_case(course, target.path)
        if real:
            right = posixpath.relpath(_page_of(course, target, real) or real, target.page.folder)
            message = f"`{target.link.target}` differs in case from the file `{real}`."
            fix = _with_path(target, right, "write it as the file is called")
            yield _diagnostic(target, message, f"Write `{right}`.", fix)


def _with_path(target: _Target, path: str, title: str) -> Fix | None:
    """Write another path into a link and keep the rest; nothing where entities or a second place make that unsafe."""
    span, source = target.link.target_span, target.page.source
    if not target.is_alone or source.text[span.start : span.end] != target.link.target:
        return None
    written = re.split(r"[#?]", target.link.target, maxsplit=1)[0]
    text = quote(path) if "%" in written else path
    return Fix(title, (Edit(source.path, span.start, span.start + len(written), text),))


@rule("C403")
def missing_anchor(course: Course) -> Iterator[Diagnostic]:
    """A link names a heading or id that its target page does not have.

    The reader lands at the top of the page and has to search. Anchors into drafts are not checked.

    Bad:

        ### docs/index.md
        ---
        description: The smallest course that no rule complains about.
        pages: []
        ---
        # Example course

        Begin with [a step](../s1_start/first.md#take-step).

    Good:

        ### docs/index.md
        ---
        description: The smallest course that no rule complains about.
        pages: []
        ---
        # Example course

        Begin with [a step](../s1_start/first.md#take-a-step).
    """
    anchors = Anchors(course)
    included = _included_pages(course)
    for target in _targets(course):
        page = course.page_by_path.get(target.path)
        if page is None or not target.anchor or target.path in course.draft_paths or target.page.path in included:
            continue
        if not anchors.has(page, target.anchor) and not _may_have(course, page, target.anchor):
            where = "this page" if page is target.page else f"`{page.path}`"
            yield _diagnostic(
                target,
                f"`#{target.anchor}`: there is no such heading or id on {where}.",
                _anchor_hint(anchors.of(page), target.anchor),
            )


def _anchor_hint(anchors: frozenset[str], anchor: str) -> str:
    close = difflib.get_close_matches(anchor.lower(), sorted(anchors), n=1, cutoff=0.5)
    if close:
        return f"Did you mean `#{close[0]}`?"
    return "An anchor is the heading in lower case with hyphens, or the `id` below it."


def _may_have(course: Course, page: Page, anchor: str) -> bool:
    """Whether an anchor comes into being on the site only: from a piece, a plugin or MkDocs' spelling."""
    if course.settings.is_course:
        session = page.path in course.session_by_path and anchor == "modules"
        return session or not page.source.text or any(mark.value in _MAKE_ANCHORS for mark in page.marks)
    return may_have_more(page)


@rule("C404")
def missing_image(course: Course) -> Iterator[Diagnostic]:
    """An image does not exist.

    The reader sees the alternative text, or a broken frame.

    Bad:

        ### docs/index.md
        ---
        description: The smallest course that no rule complains about.
        pages: []
        ---
        # Example course

        ![The left foot stands, the right one is in the air.](assets/feet.svg)

        Begin with [the start](../s1_start/README.md).

    Good:

        ### docs/index.md
        ---
        description: The smallest course that no rule complains about.
        pages: []
        ---
        # Example course

        ![The left foot stands, the right one is in the air.](assets/feet.svg)

        Begin with [the start](../s1_start/README.md).

        ### docs/assets/feet.svg
        <svg xmlns="http://www.w3.org/2000/svg"><title>Two feet</title></svg>
    """
    return _missing(course, images=True)


@rule("C405")
def missing_snippet(course: Course) -> Iterator[Diagnostic]:
    """A snippet line names a file that does not exist, or is not called exactly so.

    Its path begins at the root of the repository. The page would be built without the code.

    Bad:

        ### docs/index.md
        ---
        description: The smallest course that no rule complains about.
        pages: []
        ---
        # Example course

        Begin with [the start](../s1_start/README.md).

        ```text
        --8<-- "Licence.txt"
        ```

    Good:

        ### docs/index.md
        ---
        description: The smallest course that no rule complains about.
        pages: []
        ---
        # Example course

        Begin with [the start](../s1_start/README.md).

        ```text
        --8<-- "LICENCE.txt"
        ```

        ### LICENCE.txt
        Do as you like.
    """
    finder = _Finder(course)
    for page in course.pages:
        for snippet in page.snippets:
            path = posixpath.normpath(snippet.path)
            if "://" in snippet.path or path in course.files or _included_otherwise(finder, path):
                continue
            real = _in_other_case(course, path) or finder.nearest(path)
            yield Diagnostic(
                page.at(snippet.target_span.start),
                f"The snippet `{snippet.path}` does not exist.",
                f"Did you mean `{real}`?" if real else "Write its path from the root of the repository.",
            )


def _included_otherwise(finder: _Finder, path: str) -> bool:
    """Whether another MkDocs site finds the snippet: its paths begin where its settings say, or a script makes it."""
    settings, files = finder.course.settings, finder.course.files
    if settings.is_course:
        return False
    if "pymdownx.snippets" not in settings.extensions or (makes_pages(settings) and not finder.nearest(path)):
        return True
    for folder in snippet_folders(settings):
        if folder in files:
            found = posixpath.basename(folder) == path
        else:
            found = posixpath.normpath(f"{folder}/{path}") in files
        if found:
            return True
    return not is_known(settings)


@rule("C406", fixable=True)
def directory_link(course: Course) -> Iterator[Diagnostic]:
    """A link leads to the folder of a page, not to the page.

    The code host shows the page then, the site does not know what to do with it. Folders without a page
    (of an exercise, say) may be linked to: on the site that becomes a link to the repository.

    Bad:

        ### docs/index.md
        ---
        description: The smallest course that no rule complains about.
        pages: []
        ---
        # Example course

        Begin with [the start](../s1_start/).

    Good:

        ### docs/index.md
        ---
        description: The smallest course that no rule complains about.
        pages: []
        ---
        # Example course

        Begin with [the start](../s1_start/README.md).
    """
    for target in _targets(course):
        page = _page_of(course, target, target.path)
        if page:
            written = re.split(r"[#?]", target.link.target, maxsplit=1)[0].rstrip("/")
            right = f"{written}/{posixpath.basename(page)}"
            message = f"`{target.link.target}` is a folder; its page is `{page}`."
            fix = _with_path(target, right, "link to the page")
            yield _diagnostic(target, message, f"Write `{right}`.", fix)
        elif target.link.kind == "link" and _is_page_address(course, target) and not _exists(course, target.path):
            page = built_target(course, target.page.path, target.link.target)
            right = posixpath.relpath(page or "", target.page.folder)
            message = f"`{target.link.target}` works only at the address of the built page, and nothing checks it."
            fix = _with_path(target, right, "link to the source file")
            yield _diagnostic(target, message, f"Write `{right}`.", fix)


def _page_of(course: Course, target: _Target, path: str) -> str | None:
    """The page of a folder to which a page of the site links (elsewhere a folder is a fine target)."""
    raw = _is_raw(course, target.page, target.link)
    if "/" not in target.page.path or target.link.is_image or raw or path not in course.folders:
        return None
    pages = (posixpath.join(path, name) for name in ("README.md", "index.md"))
    return next((page for page in pages if page in course.page_by_path), None)


@dataclass(frozen=True, slots=True)
class _Address:
    """An address on the host of `repo_url` that a text mentions."""

    source: Source
    owner: str
    name: str
    start: int
    after: str  # the character behind it
    before: str  # the end of its line before it

    @property
    def end(self) -> int:
        return self.start + len(self.owner) + 1 + len(self.name)


def _addresses(course: Course, host: str) -> Iterator[_Address]:
    pattern = re.compile(re.escape(host) + r"[/:]([\w-][\w.-]*)/([\w.-]*\w)")
    pages = [page.source for page in (*course.documents, *course.pages)]
    for source in (*pages, *course.texts.values()):
        for match in pattern.finditer(source.text):
            before = source.text[max(match.start() - _BEFORE, 0) : match.start()].rpartition("\n")[2]
            if before.endswith(("/", "@")):
                name = match[2].removesuffix(".git")
                after = source.text[match.end() : match.end() + 1]
                yield _Address(source, match[1], name, match.start(1), after, before)


@rule("C407", fixable=True)
def clone_url_differs(course: Course) -> Iterator[Diagnostic]:
    """A command to clone the course, or a link into its repository, does not agree with `repo_url`.

    Readers get an old or a foreign copy. In a fork, all such addresses follow `repo_url` in `mkdocs.yml`.
    A bare link to a repository of the same name is left alone: it may be thanks to the original.

    Bad:

        ### README.md
        # Example course

        ```bash
        git clone https://github.com/somebody/course
        ```

    Good:

        ### README.md
        # Example course

        ```bash
        git clone https://github.com/example/course
        ```
    """
    ours = _REPOSITORY.fullmatch(course.settings.repo_url.strip())
    if ours is None or not course.settings.is_course:  # others have forks, former names and lists of changes
        return
    slug = f"{ours['owner']}/{ours['name']}"
    for address in _addresses(course, ours["host"]):
        if _is_foreign(course, address, slug):
            edit = Edit(address.source.path, address.start, address.end, slug)
            yield Diagnostic(
                address.source.at(address.start),
                f"`{address.owner}/{address.name}` is not the repository that `repo_url` names.",
                f"Write `{slug}`, or change `repo_url` in `{course.settings.source.path}`.",
                Fix("name the repository of repo_url", (edit,)),
            )


def _is_foreign(course: Course, address: _Address, slug: str) -> bool:
    """Whether an address should be the course's own (with the slug `owner/name`) and is not."""
    owner, _, name = slug.casefold().partition("/")
    same_owner, same_name = address.owner.casefold() == owner, address.name.casefold() == name
    if (same_owner and same_name) or (not same_owner and _PLACEHOLDER.fullmatch(address.owner)):
        return False
    if same_name:
        return address.after == "/" or _is_own(course, address, everywhere=True)
    return _is_own(course, address, everywhere=False)


def _is_own(course: Course, address: _Address, *, everywhere: bool) -> bool:
    """Whether an address is where the course itself is fetched from."""
    path = address.source.path
    if path in course.texts:
        return "repository-code:" in address.before or (everywhere and "url:" in address.before)
    about_the_course = path == "README.md" or path.startswith(course.settings.docs)
    return "git clone" in address.before and (everywhere or about_the_course)


@rule("C408")
def edit_uri_differs(course: Course) -> Iterator[Diagnostic]:
    """`edit_uri` in `mkdocs.yml` is an address that does not begin with `repo_url`.

    “Edit this page” then leads to another repository, where the edit is lost.

    Bad:

        ### mkdocs.yml
        site_name: Example course
        repo_url: https://github.com/example/course
        edit_uri: https://github.com/somebody/course/edit/main/
        theme: material
        plugins:
          - course:
              ects: 1
              budget: {course: 1, session: 1, tolerance: 1, lecture: 0, other: 0}
              edition:
                name: Spring 2027
                start: 2027-01-04

    Good:

        ### mkdocs.yml
        site_name: Example course
        repo_url: https://github.com/example/course
        edit_uri: edit/main/
        theme: material
        plugins:
          - course:
              ects: 1
              budget: {course: 1, session: 1, tolerance: 1, lecture: 0, other: 0}
              edition:
                name: Spring 2027
                start: 2027-01-04
    """
    settings = course.settings
    repository = settings.repo_url.removesuffix("/").removesuffix(".git")
    if repository and "://" in settings.edit_uri and not settings.edit_uri.startswith(repository + "/"):
        key = _EDIT_URI.search(settings.source.text)
        yield Diagnostic(
            settings.source.at(key.start() if key else 0),
            f"`edit_uri` does not begin with `repo_url`, which is `{settings.repo_url}`.",
            "Write only what follows it, such as `edit/main/`.",
        )


@rule("C409")
def unknown_piece(course: Course) -> Iterator[Diagnostic]:
    """A page asks for a derived piece that does not exist.

    Nothing appears in its place, and nobody sees that something is missing.

    Bad:

        ### docs/index.md
        ---
        description: The smallest course that no rule complains about.
        pages: []
        ---
        # Example course

        <!-- course: session -->

    Good:

        ### docs/index.md
        ---
        description: The smallest course that no rule complains about.
        pages: []
        ---
        # Example course

        <!-- course: sessions -->
    """
    for page in course.pages if course.settings.is_course else ():
        for mark in page.marks:
            if mark.kind == "course" and mark.value not in PIECES:
                message = f"There is no piece called `{mark.value}`."
                yield Diagnostic(page.at(mark.span.start), message, nearest(mark.value, PIECES))


@rule("C410")
def alias_taken(course: Course) -> Iterator[Diagnostic]:
    """An old address in `aliases:` is that of a page or file, stands there twice, or is not an address.

    A redirect never replaces a page, and one address can lead to one page only. Write an alias as `course
    move` does: the path that the page had on the site, without `.md`.

    Bad:

        ### s1_start/README.md
        ---
        modules:
          - first
        aliases:
          - s1_start/first
        ---
        # The start

    Good:

        ### s1_start/README.md
        ---
        modules:
          - first
        aliases:
          - s1_beginning/README
        ---
        # The start
    """
    if not course.settings.is_course:
        return
    docs = course.settings.docs
    pages = {_site_address(page.path.removeprefix(docs).removesuffix(".md")): page for page in course.pages}
    files = {path.removeprefix(docs) for path in course.files if is_media(course, path)}
    aliases: dict[str, Page] = {}
    for page in course.pages:
        for index, alias in enumerate(page.aliases):
            address = _site_address(alias)
            owner = pages.get(address) or aliases.get(address)
            aliases.setdefault(address, page)
            reason = _why_no_alias(alias, address in pages, owner)
            if not reason and any(folder in files for folder in _folders(alias)):
                reason = "leads to or into a file of the site"
            if reason:
                hint = "Write the path that one page had on the site, without `.md`, such as `s1_start/old`."
                yield Diagnostic(page.at_key("aliases", index), f"`{alias}` {reason}.", hint)


def _why_no_alias(alias: str, exists: bool, owner: Page | None) -> str:
    """What is wrong with an alias; empty if nothing is."""
    if not _ALIAS.fullmatch(alias) or {".", ".."} & set(alias.split("/")) or alias.endswith((".md", ".html")):
        return "is not an old address of a page"
    if owner is None:
        return ""
    return f"is the address of `{owner.path}`" if exists else f"is an alias of `{owner.path}` already"


def _folders(path: str) -> Iterator[str]:
    """The path, and all that is above it."""
    while path:
        yield path
        path = path.rpartition("/")[0]


def _site_address(path: str) -> str:
    """The address that a source path without `.md` has on the site; that of a folder for its own page."""
    folder, _, name = path.rpartition("/")
    return folder if name in ("README", "index") else path


@rule("C411", fixable=True)
def raw_target_not_rewritten(course: Course) -> Iterator[Diagnostic]:
    """A link or image in raw HTML leads to a file as if MkDocs would rewrite it.

    MkDocs turns the relative links of Markdown into those of the built page, which is one folder deeper. What
    stands in raw HTML stays as it is, so the reader gets a broken image or an error.

    Bad:

        ### mkdocs.yml
        site_name: A site without sessions

        ### docs/index.md
        # A site without sessions

        ### docs/steps/first.md
        # First steps

        <img src="../feet.svg" alt="The left foot stands, the right one is in the air.">

        ### docs/feet.svg
        <svg xmlns="http://www.w3.org/2000/svg"><title>Two feet</title></svg>

    Good:

        ### mkdocs.yml
        site_name: A site without sessions

        ### docs/index.md
        # A site without sessions

        ### docs/steps/first.md
        # First steps

        <img src="../../feet.svg" alt="The left foot stands, the right one is in the air.">

        ### docs/feet.svg
        <svg xmlns="http://www.w3.org/2000/svg"><title>Two feet</title></svg>
    """
    included = _included_pages(course)
    for target in _targets(course):
        link = target.link
        if target.page.path in included or not _is_raw(course, target.page, link) or has_hooks(course.settings):
            continue
        if not link.target or link.target[0] in "#?/" or built_target(course, target.page.path, link.target):
            continue
        if right := _raw_meant(course, target):
            message = f"`{link.target}` leads nowhere from the built page: MkDocs does not rewrite raw HTML."
            fix = _with_path(target, right, "write it as seen from the built page")
            yield _diagnostic(target, message, f"Write `{right}`, or use Markdown.", fix)

"""Links, anchors, snippets, and addresses of the repository: does everything lead where it says?"""

from __future__ import annotations

import difflib
import posixpath
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from ..diagnostic import Diagnostic, Edit, Fix
from ..fields import nearest
from ..model import Course, Link, Page, Source
from ..paths import is_media, resolve
from ..pieces import PIECES
from ..rule import rule

_OUTSIDE = "it leads out of the repository"
_MAKE_ANCHORS = {"rules", "commands", "summary"}  # pieces with headings of their own
_UNKNOWN_ANCHORS = re.compile(r"^:::|\{[{%]", re.M)  # pages that other plugins write
_SEPARATOR = re.compile(r"[\s-]+")
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


def _targets(course: Course) -> Iterator[_Target]:
    """Each target that is written on a page, once, however many references share its definition."""
    for page in (*course.documents, *course.pages):
        seen: set[int] = set()
        for link in page.links:
            if not link.is_external and link.target_span.start not in seen:
                seen.add(link.target_span.start)
                yield _Target(page, link, *resolve(page.path, link.target))


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
    what = "image" if images else "link"
    for target in _targets(course):
        if target.link.is_image != images:
            continue
        if not target.link.target:
            yield _diagnostic(target, f"The {what} has no target.", "Say in the parentheses where it leads.")
        elif target.path.startswith("/"):
            message = f"`{target.link.target}` begins with `/`, the top of the host, not of the course."
            yield _diagnostic(target, message, f"Write a relative path. {finder.hint(target)}")
        elif reason := _why_missing(course, target):
            yield _diagnostic(target, f"`{target.link.target}`: {reason}.", finder.hint(target))


def _why_missing(course: Course, target: _Target) -> str:
    """Why a target cannot be reached; empty if it can, or if another rule says more about it."""
    path, docs = target.path, course.settings.docs_dir + "/"
    if path == ".." or path.startswith("../"):
        return _OUTSIDE
    if target.link.is_image and path in course.folders:
        return "this is a folder, not an image"
    if _exists(course, path):
        outside = not course.settings.is_course and target.page.path.startswith(docs)
        if outside and path in course.files and not path.startswith(docs):
            return f"the file is outside `{docs}` and therefore not on the site"
        return ""
    if _in_other_case(course, path) or _is_hidden(course, path):
        return ""
    return f"there is no {'image' if target.link.is_image else 'file or folder'} `{path}`"


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
    """Write another path into a link and keep the rest; nothing where entities make that unsafe."""
    span, source = target.link.target_span, target.page.source
    if source.text[span.start : span.end] != target.link.target:
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
    for target in _targets(course):
        page = course.page_by_path.get(target.path)
        if page is None or not target.anchor or target.path in course.draft_paths:
            continue
        if target.anchor not in page.anchors and not _may_have(course, page, target.anchor):
            where = "this page" if page is target.page else f"`{page.path}`"
            yield _diagnostic(
                target,
                f"`#{target.anchor}`: there is no such heading or id on {where}.",
                _anchor_hint(page, target.anchor),
            )


def _anchor_hint(page: Page, anchor: str) -> str:
    close = difflib.get_close_matches(anchor.lower(), sorted(page.anchors), n=1, cutoff=0.5)
    if close:
        return f"Did you mean `#{close[0]}`?"
    return "An anchor is the heading in lower case with hyphens, or the `id` below it."


def _may_have(course: Course, page: Page, anchor: str) -> bool:
    """Whether an anchor comes into being on the site only: from a piece, a plugin or MkDocs' spelling."""
    if course.settings.is_course:
        session = page.path in course.session_by_path and anchor == "modules"
        return session or not page.source.text or any(mark.value in _MAKE_ANCHORS for mark in page.marks)
    included = any(all(s.span.start not in f.span for f in page.fences) for s in page.snippets)
    generated = included or bool(_UNKNOWN_ANCHORS.search(page.source.text))
    return generated or anchor in set(_mkdocs_anchors(page))


def _mkdocs_anchors(page: Page) -> Iterator[str]:
    """The anchors of headings as MkDocs spells them without the plugin `course`."""
    taken: dict[str, int] = defaultdict(int)
    for heading in page.headings:
        plain = unicodedata.normalize("NFKD", heading.text).encode("ascii", "ignore").decode()
        anchor = _SEPARATOR.sub("-", re.sub(r"[^\w\s-]", "", plain).strip().lower())
        yield f"{anchor}_{taken[anchor]}" if taken[anchor] else anchor
        taken[anchor] += 1


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
    """Whether another MkDocs site may find the snippet: its paths begin wherever its settings say."""
    if finder.course.settings.is_course:
        return False
    named = finder.by_name.get(posixpath.basename(path).casefold(), ())
    return any(file.endswith("/" + path) for file in named)


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


def _page_of(course: Course, target: _Target, path: str) -> str | None:
    """The page of a folder to which a page of the site links (elsewhere a folder is a fine target)."""
    if "/" not in target.page.path or target.link.is_image or path not in course.folders:
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
    if ours is None:
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
    about_the_course = path == "README.md" or path.startswith(course.settings.docs_dir + "/")
    return "git clone" in address.before and (everywhere or (course.settings.is_course and about_the_course))


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
    docs = course.settings.docs_dir + "/"
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

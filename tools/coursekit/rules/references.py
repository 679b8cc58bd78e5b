"""What stands in brackets and was meant to lead somewhere, and what a link says about where it leads."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import urlsplit

from ..diagnostic import Diagnostic, Edit, Fix
from ..fields import nearest
from ..markdown import definitions, plain
from ..model import Course, Link, Page
from ..paths import address_fault, resolve
from ..rule import rule
from ..site import is_known, listed_files, makes_pages, makes_references, theme_folder

_TARGET = r"(?:https?://|mailto:|\.{1,2}/|#)[^\s()\[\]<>\x00]+|[\w./-]{1,200}\.(?:md|html)(?:#[\w-]+)?"
_WORDS = r"[^\[\]()\n]{1,200}"
_APART = re.compile(rf"(?<![\]!\\])\[(?P<text>{_WORDS})\](?P<blank>[ \t]+)\((?P<target>{_TARGET})\)")
_PATH = r"[^()<>\n\"'\x00]{0,200}"
_BLANK_INSIDE = re.compile(
    rf"\]\((?P<target>{_PATH}[^\s()<>\"'\x00] {_PATH}\.(?:md|png|svg|jpe?g|gif|html|ipynb|pdf)(?:#[\w-]*)?)\)"
)
_REVERSED = re.compile(rf"(?<!\])\((?P<text>{_WORDS})\)\[(?P<target>{_TARGET})\]")
_ELSEWHERE = re.compile(r"[a-z]+:|//|#|/|[^#]*/(?:#.*)?$", re.I)  # and addresses of pages, such as `steps/#first`
_TASK = re.compile(r"[ \txX]?")
_REFERENCE = re.compile(r"(?<![\w\]\\!)])!?\[(?P<text>[^\[\]\n]{1,200})\]\[(?P<ref>[^\[\]\n\x00]{0,200})\](?![\[(:])")
_NOTE = re.compile(r"(?<!\\)\[\^(?P<ref>[\w.-]{1,60})\](?!:)")
_NOTE_BELOW = re.compile(r"^[ \t>]*\[\^(?P<ref>[^\[\]\s]{1,60})\]:", re.M)
_MENTION = re.compile(r"\[([^\[\]]{1,999})\](?!:)|(?<=[^\s>])[ \t]*\[([^\[\]]{1,999})\]:")
_RANGE = re.compile(r"\w-\w|\\?[swd]")
_ALONE = re.compile(r"(?<=[a-z,;] )\[(?P<text>[A-Za-z][\w'’ -]{2,60})\](?=[ \t]+[a-z]|[.,;][ \t\n])")
_PLACEHOLDER = re.compile(
    r"(?:your?|my|insert|name of|TOC|WIP|TODO|sic|optional|number|string|text|list)\b.*", re.I | re.S
)
_VAGUE = {
    "click here",
    "click this",
    "click this link",
    "follow this link",
    "here",
    "here is a link",
    "link",
    "link here",
    "more",
    "more here",
    "press here",
    "read here",
    "read more",
    "read more here",
    "read this",
    "right here",
    "see here",
    "see this link",
    "the link",
    "this",
    "this here",
    "this link",
    "this one",
    "this url",
}
_LOCAL = re.compile(r"(?:localhost|[\d.]+|.*\.(?:local|test|localhost)|[^.]*)(?::\d+)?|.*:\d+", re.I)


@rule("C412", fixable=True)
def malformed_link(course: Course) -> Iterator[Diagnostic]:
    """A link has a blank between its text and its target, or its brackets and parentheses are exchanged.

    It appears as it is written, brackets and all.

    Bad:

        ### README.md
        # Example course

        Read the [first page] (docs/index.md).

    Good:

        ### README.md
        # Example course

        Read the [first page](docs/index.md).
    """
    for page in _read_pages(course):
        known = definitions(page)
        for match in _APART.finditer(page.mask) if "] " in page.mask else ():
            if not _TASK.fullmatch(match["text"]) and match["text"].lower() not in known:
                edit = Edit(page.path, *match.span("blank"), "")
                yield Diagnostic(
                    page.at(match.start()),
                    f"A blank stands between the text `[{match['text']}]` and its target: this is not a link.",
                    f"Write `[{match['text']}]({match['target']})`.",
                    Fix("remove the blank", (edit,)),
                )
        for match in _BLANK_INSIDE.finditer(page.mask) if "](" in page.mask else ():
            target = match["target"].strip()
            path, _ = resolve(page.path, target)
            if "://" not in target and path not in course.files:
                yield Diagnostic(
                    page.at(match.start("target")),
                    f"`{target}` has a blank in it, and there is no such file.",
                    "Name the file as it is called; write a blank as `%20`.",
                )
        for match in _REVERSED.finditer(page.mask) if ")[" in page.mask else ():
            text = page.source.text[slice(*match.span("text"))]
            right = f"[{text}]({match['target']})"
            yield Diagnostic(
                page.at(match.start()),
                f"`({text})[{match['target']}]` has brackets and parentheses exchanged.",
                f"Write `{right}`.",
                Fix("exchange them", (Edit(page.path, *match.span(), right),)),
            )


def _read_pages(course: Course) -> tuple[Page, ...]:
    """What readers read: the pages, and of a course also what stands beside them (elsewhere, lists of changes do)."""
    return (*course.documents, *course.pages) if course.settings.is_course else course.pages


@rule("C413")
def undefined_reference(course: Course) -> Iterator[Diagnostic]:
    """A link, or a footnote, refers to something that the page does not define.

    The reader sees the brackets instead of a link.

    Bad:

        ### README.md
        # Example course

        Read the [first page][first], then have a rest.[^1]

        [fisrt]: docs/index.md

        A [second link][fisrt].

    Good:

        ### README.md
        # Example course

        Read the [first page][first], then have a rest.[^1]

        [first]: docs/index.md
        [^1]: An hour is enough.
    """
    for page in _read_pages(course):
        if "[" in page.mask and not _defined_elsewhere(course, page):
            yield from _undefined_links(course, page)
            yield from _undefined_notes(page)


def _defined_elsewhere(course: Course, page: Page) -> bool:
    """Whether definitions may come in with a snippet that stands outside code."""
    options = course.settings.extensions.get("pymdownx.snippets", {})
    included = any(all(s.span.start not in f.span for f in page.fences) for s in page.snippets)
    return included or bool(options.get("auto_append")) or not is_known(course.settings)


def _undefined_links(course: Course, page: Page) -> Iterator[Diagnostic]:
    if makes_references(course.settings):
        return
    known = definitions(page)
    hint = "Add a line `[name]: target` for it, or write the target in parentheses behind the text."
    for match in _REFERENCE.finditer(page.mask) if "][" in page.mask else ():
        name = match["ref"] or page.source.text[slice(*match.span("text"))]
        if name.lower() not in known and not name.isdigit():
            yield Diagnostic(page.at(match.start()), f"The link `[{name}]` is not defined on this page.", hint)
    for match in _ALONE.finditer(page.mask):
        name = match["text"]
        if (
            name.lower() not in known
            and not _PLACEHOLDER.fullmatch(name)
            and not _in_heading_or_link(page, match.start())
        ):
            yield Diagnostic(page.at(match.start()), f"`[{name}]` stands in brackets and leads nowhere.", hint)


def _in_heading_or_link(page: Page, offset: int) -> bool:
    line = page.mask[page.mask.rfind("\n", 0, offset) + 1 : page.mask.find("\n", offset)]
    return line.lstrip(" >").startswith("#") or "|" in line or any(offset in link.text_span for link in page.links)


def _undefined_notes(page: Page) -> Iterator[Diagnostic]:
    below = {match["ref"] for match in _NOTE_BELOW.finditer(page.mask)}
    for match in _NOTE.finditer(page.mask) if "[^" in page.mask else ():
        if match["ref"] not in below and not _RANGE.fullmatch(match["ref"]):
            yield Diagnostic(
                page.at(match.start()),
                f"The footnote `[^{match['ref']}]` is not defined on this page.",
                f"Add a line `[^{match['ref']}]: …` with its text.",
            )


@rule("C414")
def unused_definition(course: Course) -> Iterator[Diagnostic]:
    """The target of a link, or a footnote, is defined and nothing on the page refers to it.

    A footnote without a reference appears at the end of the page all the same; of a link nothing appears.

    Bad:

        ### README.md
        # Example course

        Read the first page.

        [first]: docs/index.md

    Good:

        ### README.md
        # Example course

        Read the [first page][first].

        [first]: docs/index.md
    """
    shown = {snippet.path.rpartition("/")[2] for page in course.pages for snippet in page.snippets}
    for page in _read_pages(course):
        if page.path.rpartition("/")[2] in shown:  # used where it is included
            continue
        known = definitions(page)
        mentioned = (
            {(match[1] or match[2]).lower() for match in _MENTION.finditer(page.source.text)} if known else set()
        )
        for name, offset in known.items():
            if not _is_comment(name) and name not in mentioned:
                yield Diagnostic(
                    page.at(offset),
                    f"Nothing on this page refers to the definition `[{name}]`.",
                    "Delete it, or make a link of it.",
                )
        used = {match["ref"] for match in _NOTE.finditer(page.mask)} if "[^" in page.mask else set()
        for match in _NOTE_BELOW.finditer(page.mask) if "[^" in page.mask else ():
            if match["ref"] not in used:
                yield Diagnostic(
                    page.at(match.start()),
                    f"Nothing on this page refers to the footnote `[^{match['ref']}]`.",
                    "Delete it, or say where it belongs.",
                )


def _is_comment(name: str) -> bool:
    return name in ("//", "comment", "_", "#") or name.startswith("/")


@rule("C415")
def vague_link_text(course: Course) -> Iterator[Diagnostic]:
    """The text of a link says nothing about where it leads: “here”, “this link”.

    Who has a page read aloud jumps from link to link, and hears “here, here, link”. In print nothing is left of it.

    Bad:

        ### README.md
        # Example course

        The first page is [here](docs/index.md).

    Good:

        ### README.md
        # Example course

        Begin with [the first page](docs/index.md).
    """
    for page in _read_pages(course):
        for link in page.links:
            text = " ".join(plain(link.text).lower().strip(" .,:;!?*_()→»>").split())
            if link.kind == "link" and text in _VAGUE:
                yield Diagnostic(
                    page.at(link.span.start),
                    f"The link text “{plain(link.text)}” does not say where it leads.",
                    "Put the link on the words that name its target.",
                )


@rule("C416", fixable=True)
def http_beside_https(course: Course) -> Iterator[Diagnostic]:
    """A link begins with `http://`, and another one leads to the same host with `https://`.

    The host can be read safely, so nobody needs to be sent there in a way that others can read and change.

    Bad:

        ### README.md
        # Example course

        See [the terms](http://example.org/terms) of [Example](https://example.org).

    Good:

        ### README.md
        # Example course

        See [the terms](https://example.org/terms) of [Example](https://example.org).
    """
    pages = _read_pages(course)
    external = [(page, link) for page in pages for link in page.links if link.target[:4].lower() == "http"]
    safe = {_host(link) for _, link in external if link.target[:6].lower() == "https:"}
    seen: set[tuple[str, int]] = set()
    for page, link in external:
        place = (page.path, link.target_span.start)
        if link.target[:5].lower() == "http:" and _host(link) in safe and place not in seen:
            seen.add(place)
            at = link.target_span.start + len("http")
            yield Diagnostic(
                page.at(link.target_span.start),
                f"`{link.target}` begins with `http://`; other links to this host begin with `https://`.",
                f"Write `https{link.target[4:]}`.",
                Fix("write https", (Edit(page.path, at, at, "s"),)),
            )


def _host(link: Link) -> str | None:
    """The host that a link leads to; None for one on the reader's own network."""
    try:
        host = urlsplit(link.target).netloc.lower()
    except ValueError:
        return None
    return None if _LOCAL.fullmatch(host) else host.removeprefix("www.")


@rule("C417")
def broken_address(course: Course) -> Iterator[Diagnostic]:
    """The target of a link is an address that lacks its beginning, or has a mistake in it.

    A browser takes it for a path on this site, where there is nothing.

    Bad:

        ### README.md
        # Example course

        Read [the terms](www.example.org/terms), and write to [us](us@example.org).

    Good:

        ### README.md
        # Example course

        Read [the terms](https://www.example.org/terms), and write to [us](mailto:us@example.org).
    """
    by_place: dict[str, set[int]] = defaultdict(set)
    for page in _read_pages(course):
        for link in page.links:
            place = link.target_span.start
            fault = address_fault(link.target)
            if not fault or place in by_place[page.path] or _is_file(course, page, link):
                continue
            by_place[page.path].add(place)
            hints = {
                "bare": f"Write `https://{link.target}`.",
                "mail": f"Write `mailto:{link.target}`.",
                "scheme": "An address begins with `https://`.",
                "nobody": "An address of a person is like `mailto:name@example.org`.",
            }
            yield Diagnostic(page.at(place), f"`{link.target}` is not a whole address.", hints[fault])


def _is_file(course: Course, page: Page, link: Link) -> bool:
    path = link.target.partition("#")[0]
    return f"{page.folder}/{path}".removeprefix("./") in course.files


@rule("C418")
def missing_file_of_settings(course: Course) -> Iterator[Diagnostic]:
    """`mkdocs.yml` names a page, a style sheet, a script or a picture that does not exist.

    MkDocs builds the site without it; only a strict build stops at a missing page, and none at a missing style sheet.

    Bad:

        ### mkdocs.yml
        site_name: A site without sessions
        nav:
          - Home: index.md
          - Steps: step.md

        ### docs/index.md
        # A site without sessions

        ### docs/steps.md
        # Steps

    Good:

        ### mkdocs.yml
        site_name: A site without sessions
        nav:
          - Home: index.md
          - Steps: steps.md

        ### docs/index.md
        # A site without sessions

        ### docs/steps.md
        # Steps
    """
    settings = course.settings
    if makes_pages(settings) or settings.is_course:
        return
    for key, path in listed_files(settings):
        if _ELSEWHERE.match(path) or _is_there(course, path.partition("?")[0]):
            continue
        names = [file.removeprefix(settings.docs) for file in course.files]
        hint = nearest(path, names) if path.endswith((".md", ".css", ".js", ".svg", ".png")) else ""
        at = settings.source.text.find(path, settings.top[key].offset if key in settings.top else 0)
        yield Diagnostic(
            settings.source.at(max(at, 0)),
            f"`{key}` names `{path}`, which does not exist.",
            hint or f"Paths begin at the folder `{settings.docs_dir}`.",
        )


def _is_there(course: Course, path: str) -> bool:
    paths = [f"{course.settings.docs}{path}", f"{theme_folder(course.settings)}/{path}"]
    return any(path.rstrip("/") in files for path in paths for files in (course.files, course.folders))

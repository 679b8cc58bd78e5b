"""Images and files: what cannot be seen, and what nobody refers to."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import quote, unquote

from ..diagnostic import Diagnostic
from ..fields import nearest
from ..layers import left_behind
from ..learning_path import needs
from ..markdown import plain
from ..model import Course, Link, Location, Page
from ..paths import resolve
from ..rule import rule
from ..site import has_hooks, makes_pages, theme_folder

_OF_THE_SITE = {"logo.svg", "favicon.svg", "social.svg", "social.png"}
_IMAGES = (".svg", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif")
_MAY_MENTION = (
    ".css",
    ".js",
    ".html",
    ".json",
    ".ipynb",
    ".py",
    ".yml",
    ".yaml",
    ".txt",
    ".scss",
    ".xml",
    ".toml",
    ".svg",
)
_FONTS = (".woff", ".woff2", ".ttf", ".otf")
_NEED_NO_NAME = {"__init__.py", "py.typed", ".gitkeep"}
_EMBEDDED = re.compile(r"<(?:source|object|video|audio|iframe|embed|use|image)\b[^<>]*>", re.I)
_ATTRIBUTE = re.compile(r"(?:src|srcset|href|data|poster)\s*=\s*[\"']([^\"']*)[\"']", re.I)
_EMPTY_WORDS = re.compile(
    r"(?:an?|the|my|this)?\s*(?:alt(?:ernative)? ?text|alt|caption|chart|diagram|drawing|fig\.?|figure|graph"
    r"|icon|illustration|image|img|logo|photo|picture|plot|screen ?shot|schema|sketch|todo)"
    r"[\s_.:-]*(?:\d[\d.]*[a-z]?)?[.:]?",
    re.I,
)
_ALT_BEHIND = re.compile(r"\{[^{}\n]{0,300}\balt=")
_BADGE = re.compile(r"https?://\S*(?:badge|shields\.io|codecov\.io)", re.I)
_EMOJI = re.compile(r":[\w+-]+:")
_WORD_SIGN = re.compile(r"\w")
_FILE_NAME = re.compile(r"\S+\.(?:svg|png|jpe?g|gif|webp|avif|bmp|tiff?|pdf)", re.I)


@rule("C501")
def image_without_alt_text(course: Course) -> Iterator[Diagnostic]:
    """An image has no alternative text, or one that says nothing, such as “image” or a file name.

    Who cannot see the image gets this text instead, and so does everybody for whom it does not load. It
    should say what the image shows. `<img alt="">` is left alone: it declares that an image is decoration.

    Bad:

        ### docs/index.md
        ---
        description: The smallest course that no rule complains about.
        pages: []
        ---
        # Example course

        ![Figure 1](assets/feet.svg)

        Begin with [the start](../s1_start/README.md).

        ### docs/assets/feet.svg
        <svg xmlns="http://www.w3.org/2000/svg"><title>Two feet</title></svg>

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
    for page in (*course.documents, *course.pages) if course.settings.is_course else course.pages:
        for link in page.links:
            reason = link.is_image and not _says_more(page, link) and _says_nothing(link)
            if reason:
                yield Diagnostic(page.at(link.span.start), reason, "Say in a sentence what the image shows.")


def _says_more(page: Page, link: Link) -> bool:
    """Whether the text stands elsewhere: in a list of attributes, or in the badge itself."""
    return bool(_ALT_BEHIND.match(page.source.text, link.span.end) or _BADGE.search(link.target))


def _says_nothing(link: Link) -> str:
    """What is wrong with the alternative text of an image; empty if nothing is."""
    text = " ".join(plain(link.text).split())
    name = PurePosixPath(unquote(link.target.partition("#")[0].partition("?")[0]))
    if not text:
        declared = link.kind == "html-image" and link.text_span.end < link.span.end
        return "" if declared else "The image has no alternative text."
    if text == "placeholder" == name.stem:  # says what it shows
        return ""
    if text in (name.name, name.stem) or _FILE_NAME.fullmatch(text):
        return f"The alternative text `{text}` of the image is the name of a file."
    if _EMOJI.fullmatch(text):
        return ""
    if _EMPTY_WORDS.fullmatch(text) or sum(map(str.isalpha, text)) < 3:
        return f"The alternative text `{text}` of the image does not say what it shows."
    return ""


@rule("C503")
def figure_not_used(course: Course) -> Iterator[Diagnostic]:
    """A file among the figures of a session, or in the assets of `docs`, appears on no page.

    On a site without sessions that is any image below `docs` whose name is mentioned nowhere. It is
    published all the same, and whoever maintains the course has to find out what it was for.

    Bad:

        ### s1_start/figures/feet.svg
        <svg xmlns="http://www.w3.org/2000/svg"><title>Two feet</title></svg>

    Good:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        ![The left foot stands, the right one is in the air.](figures/feet.svg)

        ### s1_start/figures/feet.svg
        <svg xmlns="http://www.w3.org/2000/svg"><title>Two feet</title></svg>
    """
    figures = set(_figures(course))
    if not figures:
        return
    if course.settings.is_course:
        used = {path for page in (*course.documents, *course.pages) for path in _referred(page)}
    else:
        used = set(_mentioned(course, figures))
    for path in sorted(figures - used):
        yield Diagnostic(
            Location(path),
            f"No page shows or links to `{path}`.",
            "Use it on a page, or delete it.",
        )


def _figures(course: Course) -> Iterator[str]:
    """The files that a page should refer to; what `mkdocs.yml` names belongs to the frame of the site."""
    if not course.settings.is_course:
        docs = course.settings.docs
        plain = () if makes_pages(course.settings) and not has_hooks(course.settings) else course.files
        yield from (path for path in plain if path.startswith(docs) and path.lower().endswith(_IMAGES))
        return
    sessions = {session.slug for session in course.sessions}
    assets = f"{course.settings.docs_dir}/assets/"
    for path in course.files:
        top, _, rest = path.partition("/")
        if top in sessions and rest.startswith("figures/"):
            yield path
        elif course.settings.is_course and path.startswith(assets):
            name = path.removeprefix(assets)
            framed = name in _OF_THE_SITE or f"assets/{name}" in course.settings.source.text
            if not framed and not path.endswith((".md", *_FONTS)):
                yield path


def _mentioned(course: Course, figures: set[str]) -> Iterator[str]:
    """The images of a plain site whose names stand anywhere in its pages, settings, styles, scripts or templates."""
    sources = [course.settings.source.text, *(p.source.text for p in (*course.documents, *course.pages))]
    names = {quote(path.rpartition("/")[2]): path for path in figures} | {p.rpartition("/")[2]: p for p in figures}
    by_name: dict[str, list[str]] = defaultdict(list)
    for path in figures:
        by_name[path.rpartition("/")[2].lower()].append(path)
    names = {name.lower(): path for name, path in names.items()}  # a wrong case is what another rule says
    left = set(names)
    for text in (*sources, *(course.read(path) for path in sorted(course.files) if _may_mention(course, path))):
        text = text.lower()
        for name in [name for name in left if name in text]:
            left.discard(name)
            yield from by_name[names[name].rpartition("/")[2].lower()]


def _may_mention(course: Course, path: str) -> bool:
    """Whether a file that is no page is part of the site, or makes it."""
    theme = theme_folder(course.settings)
    ours = path.startswith(course.settings.docs) or bool(theme and path.startswith(theme + "/"))
    return path.endswith(_MAY_MENTION) and (ours or (path.endswith(".py") and "hook" in path))


def _referred(page: Page) -> Iterator[str]:
    """The paths that a page's links, images, snippets and embedded files lead to."""
    for link in page.links:
        if not link.is_external:
            yield resolve(page.path, link.target)[0]
    yield from (snippet.path for snippet in page.snippets)
    for tag in _EMBEDDED.finditer(page.source.text):
        for value in _ATTRIBUTE.findall(tag[0]):
            for part in value.split(","):
                yield resolve(page.path, part.split()[0] if part.split() else part)[0]


@rule("C504")
def exercise_folder_without_module(course: Course) -> Iterator[Diagnostic]:
    """A folder below `exercises` does not bear the name of a module of its session.

    Nothing finds its files then: they are neither shown nor tested, and no student gets them.

    Bad:

        ### s1_start/exercises/fist/test_first.py
        def test_stands() -> None:
            assert True

    Good:

        ### s1_start/exercises/first/test_first.py
        def test_stands() -> None:
            assert True
    """
    sessions = {session.slug: session for session in course.sessions}
    for folder in sorted(course.exercise_files):
        slug, _, name = folder.split("/")
        names = [module.name for module in sessions[slug].modules] if slug in sessions else [name]
        if name not in names:
            yield Diagnostic(
                Location(folder),
                f"The session “{sessions[slug].title}” has no module `{name}` that has these exercises.",
                nearest(name, names),
            )


@rule("C505", skips_drafts=True)
def exercise_file_not_named(course: Course) -> Iterator[Diagnostic]:
    """The page of a module does not name a file of its `starter` or `solution`.

    Students get a file then that nobody has told them about. It is enough to link to it, to include it as a
    snippet, to mention its name, or to mention the folder that it is in, like `data/raw/scans`.

    Bad:

        ### s1_start/exercises/first/starter/scripts/step.sh
        echo left

    Good:

        ### s1_start/exercises/first/starter/scripts/step.sh
        echo left

        ### s1_start/first.md
        ---
        description: Take the first step.
        core: true
        requires: []
        tools: []
        objectives: [Take a first step]
        ---
        # First steps

        ## Exercises

        ### Take a step (10 min)

        <!-- id: take-a-step -->

        Run [step.sh](exercises/first/starter/scripts/step.sh).

        <details markdown><summary>Hint</summary>

        Left or right.

        </details>
        <details markdown><summary>Solution</summary>

        Left, because it is nearer.

        </details>
    """
    for module in course.written:
        linked = set(_referred(module.page))
        names = _Names(module.page.source.text)
        for inside in course.exercise_files.get(module.exercise_folder, ()):
            part, _, path = inside.partition("/")
            file = f"{module.exercise_folder}/{inside}"
            if part in ("starter", "solution") and file not in linked and path not in names:
                yield Diagnostic(
                    Location(file),
                    f"The page of the module “{module.title}” does not name its {part} file `{path}`.",
                    f"Link to it from `{module.page.path}`, include it there, or mention its name.",
                )


@rule("C506", skips_drafts=True)
def overlay_replaces_unrequired_module(course: Course) -> Iterator[Diagnostic]:
    """A module replaces a file that comes from an earlier module, and does not require that module.

    The running example is made of the modules' files, each laid over those before it. A module that
    changes a file builds on whoever wrote it, so the file's earlier state has to be in the project, and
    a student should know that the other module comes first.

    Bad:

        ### s1_start/README.md
        ---
        modules:
          - first
          - second
        ---
        # The start

        ### s1_start/first.md
        ---
        description: Take the first step.
        core: true
        requires: []
        tools: []
        objectives: [Take a first step]
        ---
        # First steps

        ## Exercises

        ### Take a step (10 min)

        <!-- id: take-a-step -->

        Read `step.sh`.

        <details markdown><summary>Hint</summary>

        Left or right.

        </details>
        <details markdown><summary>Solution</summary>

        Left, because it is nearer.

        </details>

        ### s1_start/exercises/first/starter/step.sh
        echo left

        ### s1_start/second.md
        ---
        description: Take the second step.
        core: true
        requires: []
        tools: []
        objectives: [Take a second step]
        ---
        # Second step

        ## Exercises

        ### Take another step (10 min)

        <!-- id: take-another -->

        Go on with `step.sh`.

        <details markdown><summary>Hint</summary>

        Left or right.

        </details>
        <details markdown><summary>Solution</summary>

        Left, because it is nearer.

        </details>

        ### s1_start/exercises/second/solution/step.sh
        echo left, right

    Good:

        ### s1_start/README.md
        ---
        modules:
          - first
          - second
        ---
        # The start

        ### s1_start/first.md
        ---
        description: Take the first step.
        core: true
        requires: []
        tools: []
        objectives: [Take a first step]
        ---
        # First steps

        ## Exercises

        ### Take a step (10 min)

        <!-- id: take-a-step -->

        Read `step.sh`.

        <details markdown><summary>Hint</summary>

        Left or right.

        </details>
        <details markdown><summary>Solution</summary>

        Left, because it is nearer.

        </details>

        ### s1_start/exercises/first/starter/step.sh
        echo left

        ### s1_start/second.md
        ---
        description: Take the second step.
        core: true
        requires: [first]
        tools: []
        objectives: [Take a second step]
        ---
        # Second step

        ## Exercises

        ### Take another step (10 min)

        <!-- id: take-another -->

        Go on with `step.sh`.

        <details markdown><summary>Hint</summary>

        Left or right.

        </details>
        <details markdown><summary>Solution</summary>

        Left, because it is nearer.

        </details>

        ### s1_start/exercises/second/solution/step.sh
        echo left, right
    """
    core: dict[str, str] = {}  # path in the project → the latest core module that provides it
    for module in course.written:
        mine = left_behind(course, module)
        lower = {path: core[path] for path in mine if path in core}
        required = needs(course, module.name) if lower else set()
        for name in dict.fromkeys(lower.values()):
            if name not in required:
                listed = ", ".join(f"`{path}`" for path in mine if lower.get(path) == name)
                yield Diagnostic(
                    module.page.at_key("requires"),
                    f"`{module.name}` replaces {listed} of the module `{name}` and does not require it.",
                    f"Add `{name}` to `requires:`, or use another file.",
                )
        if module.core:
            core |= dict.fromkeys(mine, module.name)


class _Names:
    """The files of the project that a page's text names: `path in names`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.folders: dict[str, bool] = {}

    def __contains__(self, path: str) -> bool:
        folder, _, name = path.rpartition("/")
        return name in _NEED_NO_NAME or self._has_file(name) or self._has_folder(folder)

    def _has_file(self, name: str) -> bool:
        """Whether it stands there as a word of its own (a pattern made for each name takes much longer)."""
        text, at = self.text, self.text.find(name)
        while at >= 0:
            before, after = text[at - 1 : at] if at else "", text[at + len(name) : at + len(name) + 1]
            if not (before == "-" or _WORD_SIGN.match(before) or _WORD_SIGN.match(after)):
                return True
            at = text.find(name, at + 1)
        return False

    def _has_folder(self, folder: str) -> bool:
        """Whether the folder stands in the text as such: not only as the beginning of a longer path.

        A folder with a one-word name needs a slash after it, since `data` may be just a word.
        """
        if folder not in self.folders:
            ending = r"(?!/?\.?[\w-])" if "/" in folder else r"/(?!\.?[\w-])"
            pattern = rf"(?<![\w.-]){re.escape(folder)}{ending}"
            self.folders[folder] = bool(folder) and bool(re.search(pattern, self.text))
        return self.folders[folder]

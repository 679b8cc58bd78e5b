"""What the settings of any MkDocs site say about its pages: their addresses, and what its plugins may add."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from .model import Course, Field, Settings

if TYPE_CHECKING:
    from pathspec.gitignore import GitIgnoreSpec

_MAKE_PAGES = {  # plugins that add pages, or files, which are not in the repository
    "api-autonav",
    "autoapi",
    "blog",
    "coverage",
    "gallery",
    "gen-files",
    "i18n",
    "include-dir-to-nav",
    "mkdocs-jupyter",
    "mknotebooks",
    "monorepo",
    "multirepo",
    "print-site",
    "simple",
    "swagger-ui-tag",
    "tags",
}
_HOST = re.compile(r"https?://[^/]+/?")
_MAKE_REFERENCES = {"autorefs", "mkdocstrings", "ezlinks", "roamlinks", "wikilinks", "xref"}


def plugins(settings: Settings) -> frozenset[str]:
    """The names of the plugins in use, without the theme that some belong to (`material/blog`)."""
    value = _value(settings.top.get("plugins"))
    items = value if isinstance(value, list) else list(value) if isinstance(value, dict) else []
    names = (next(iter(item), "") if isinstance(item, dict) else item for item in items)
    return frozenset(str(name).rpartition("/")[2] for name in names)


def is_known(settings: Settings) -> bool:
    """Whether all settings stand in this one file."""
    return bool(settings.top) and "INHERIT" not in settings.top


def makes_pages(settings: Settings) -> bool:
    """Whether pages or files may come into being only as the site is built."""
    return not is_known(settings) or has_hooks(settings) or bool(plugins(settings) & _MAKE_PAGES)


def makes_references(settings: Settings) -> bool:
    """Whether a plugin finds the targets of references that the page does not define."""
    return not is_known(settings) or has_hooks(settings) or bool(plugins(settings) & _MAKE_REFERENCES)


def has_hooks(settings: Settings) -> bool:
    """Whether code of the site's own may change pages as they are built."""
    return bool(_value(settings.top.get("hooks")))


def is_piece(settings: Settings, path: str) -> bool:
    """Whether a page is kept from the site, so that it is read where another one shows it."""
    excluded = _value(settings.top.get("exclude_docs"))
    return isinstance(excluded, str) and _patterns(excluded).match_file(path.removeprefix(settings.docs))


def is_ignored(course: Course, path: str) -> bool:
    """Whether git is told to leave a file alone: then something makes it, such as a script that runs before a build."""
    return _patterns(course.read(".gitignore")).match_file(path)


def outside_language(settings: Settings, path: str) -> str:
    """Where the plugin `i18n` looks for what the folder of a language does not have."""
    if "i18n" not in plugins(settings) or not path.startswith(settings.docs):
        return path
    return settings.docs + path.removeprefix(settings.docs).partition("/")[2]


@lru_cache(maxsize=8)
def _patterns(lines: str) -> GitIgnoreSpec:
    """Patterns as git and MkDocs read them, by the library that MkDocs brings for it; few sites need it."""
    from pathspec.gitignore import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(lines.splitlines())


def allows_absolute_links(settings: Settings) -> bool:
    """Whether MkDocs is told to read `/page.md` as a path below `docs_dir`."""
    validation = _value(settings.top.get("validation"))
    links = validation.get("links", validation) if isinstance(validation, dict) else {}
    return isinstance(links, dict) and links.get("absolute_links") == "relative_to_docs"


def theme_folder(settings: Settings) -> str:
    """The folder whose files are laid over those of the theme; empty where there is none."""
    theme = _value(settings.top.get("theme"))
    return str(theme.get("custom_dir") or "").strip("/") if isinstance(theme, dict) else ""


def snippet_folders(settings: Settings) -> list[str]:
    """Where the paths of snippets begin, from the root; a path of a file stands for that file."""
    options = settings.extensions.get("pymdownx.snippets", {})
    given = options.get("base_path", ".")
    folders = given if isinstance(given, list) else [given]
    known = {"$config_dir": ".", "$docs_dir": settings.docs_dir}
    return [posixpath.normpath(known.get(str(folder), str(folder) or ".")) for folder in folders]


def listed_files(settings: Settings) -> Iterator[tuple[str, str]]:
    """The files below `docs_dir` that the settings name, each with the key that names it."""
    for key in ("extra_css", "extra_javascript"):
        value = _value(settings.top.get(key))
        for item in value if isinstance(value, list) else ():
            path = item.get("path") if isinstance(item, dict) else item
            if isinstance(path, str):
                yield key, path
    for _, path in nav_items(settings):
        yield "nav", path
    theme = _value(settings.top.get("theme"))
    for key in ("logo", "favicon"):
        if isinstance(theme, dict) and isinstance(theme.get(key), str):
            yield key, theme[key]


def nav_items(settings: Settings) -> Iterator[tuple[tuple[str, ...], str]]:
    """The targets of the navigation, each with its titles from the outermost section to its own (which may lack)."""
    yield from _nav(_value(settings.top.get("nav")), ())


def _nav(value: Any, titles: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """No deeper than anybody nests a navigation: a YAML alias may contain itself."""
    if isinstance(value, str):
        yield titles, value
    elif len(titles) < 20 and isinstance(value, dict):
        for title, item in value.items():
            yield from _nav(item, (*titles, str(title)))
    elif len(titles) < 20 and isinstance(value, list):
        for item in value:
            if not isinstance(item, list):  # a list in a list is none of MkDocs'
                yield from _nav(item, titles)


def _value(field: Field | None) -> Any:
    return field.value if field else None


def built_folder(settings: Settings, path: str) -> str:
    """The folder below the site's root that relative addresses on a built page begin at.

    MkDocs rewrites the links that it parses; in raw HTML the browser sees what stands there.
    """
    address = page_address(settings, path)
    if _value(settings.top.get("use_directory_urls")) is False:
        return posixpath.dirname(path.removeprefix(settings.docs))
    return address


def page_address(settings: Settings, path: str) -> str:
    """The address of a page below the site's root, without slashes around it.

    >>> from .model import Source
    >>> settings = Settings(Source("mkdocs.yml", ""))
    >>> page_address(settings, "docs/setup/git.md"), page_address(settings, "docs/setup/README.md")
    ('setup/git', 'setup')
    """
    stem = path.removeprefix(settings.docs).removesuffix(".md")
    folder, _, name = stem.rpartition("/")
    return folder if name in ("index", "README") else stem


def from_top(course: Course, target: str) -> str | None:
    """The source file that an address from the top of the host leads to, if the site begins there."""
    address = str(_value(course.settings.top.get("site_url")) or "")
    return built_target(course, course.settings.docs, target.lstrip("/")) if _HOST.fullmatch(address) else None


def built_target(course: Course, path: str, target: str) -> str | None:
    """The source file that a relative address on a built page leads to; None where it leads to nothing."""
    settings = course.settings
    address = unquote(target.partition("#")[0].partition("?")[0])
    joined = posixpath.normpath(posixpath.join(built_folder(settings, path), address))
    if joined == ".":
        joined = ""
    for folder in (settings.docs, *(f"{folder}/" for folder in [theme_folder(settings)] if folder)):
        file = f"{folder}{joined}"
        if file in course.files and not file.endswith(".md"):
            return file
    plain = joined.removesuffix("index.html").removesuffix(".html").strip("/")
    return course.path_by_address.get(plain)

"""Which Markdown extensions a site uses, read from its `mkdocs.yml` as data and built from a fixed list.

An extension that is not on the list is never imported; one that only decorates (colours, icons) is left out,
because it does not change which text stands where.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdown import Markdown

    from .model import Settings

BY_MKDOCS = ("toc", "tables", "fenced_code")  # MkDocs uses them on every site
_OF_MARKDOWN = {
    "abbr",
    "admonition",
    "attr_list",
    "codehilite",
    "def_list",
    "fenced_code",
    "footnotes",
    "legacy_attrs",
    "legacy_em",
    "md_in_html",
    "nl2br",
    "sane_lists",
    "smarty",
    "tables",
    "toc",
    "wikilinks",
}
_OF_PYMDOWN = {
    "arithmatex",
    "betterem",
    "blocks.admonition",
    "blocks.caption",
    "blocks.definition",
    "blocks.details",
    "blocks.html",
    "blocks.tab",
    "caret",
    "critic",
    "details",
    "escapeall",
    "fancylists",
    "highlight",
    "keys",
    "magiclink",
    "mark",
    "progressbar",
    "quotes",
    "saneheaders",
    "smartsymbols",
    "superfences",
    "tabbed",
    "tasklist",
    "tilde",
}
_DECORATION = {"pymdownx.emoji", "pymdownx.inlinehilite", "pymdownx.snippets"}  # understood, but not run here
_WHOLE = {
    "extra": ("abbr", "attr_list", "def_list", "fenced_code", "footnotes", "md_in_html", "tables"),
    "pymdownx.extra": (
        "pymdownx.betterem",
        "pymdownx.superfences",
        "abbr",
        "attr_list",
        "def_list",
        "footnotes",
        "md_in_html",
        "tables",
    ),
}
_PREFIX = "markdown.extensions."
_HARMLESS = {  # plugins that leave the Markdown of pages alone
    "autorefs",
    "awesome-nav",
    "awesome-pages",
    "blog",
    "course",
    "exclude",
    "git-authors",
    "git-committers",
    "git-revision-date",
    "git-revision-date-localized",
    "glightbox",
    "group",
    "info",
    "literate-nav",
    "meta",
    "minify",
    "mkdocstrings",
    "offline",
    "optimize",
    "privacy",
    "projects",
    "redirects",
    "rss",
    "search",
    "section-index",
    "social",
    "tags",
    "typeset",
}
_NARROW_LISTS = "mdx_truly_sane_lists"  # its whole effect on nesting is a tab of two


def configured(value: Any) -> dict[str, dict[str, Any]]:
    """Name → options of every extension that `markdown_extensions` lists, MkDocs' own ones first.

    >>> configured(["admonition", {"toc": {"permalink": True}}])["toc"]
    {'permalink': True}
    """
    found: dict[str, dict[str, Any]] = {name: {} for name in BY_MKDOCS}
    items = (
        list(value.items())
        if isinstance(value, dict)
        else [
            pair
            for item in (value if isinstance(value, list) else ())
            for pair in (item.items() if isinstance(item, dict) else [(item, None)])
        ]
    )
    for name, options in items:
        plain = str(name).removeprefix(_PREFIX)
        for part in _WHOLE.get(plain, (plain,)):
            nested = options.get(part, {}) if isinstance(options, dict) and plain in _WHOLE else options
            found[part] = found.get(part, {}) | (nested if isinstance(nested, dict) else {})
    return found


def known(name: str) -> bool:
    """Whether we know what an extension does to a page, rendered here or not."""
    return name in _OF_MARKDOWN or name.removeprefix("pymdownx.") in _OF_PYMDOWN or name in _DECORATION


def rewrites_pages(settings: Settings) -> bool:
    """Whether the site has hooks, or plugins that are not known to leave the Markdown of pages alone."""
    plugins = settings.top["plugins"].value if "plugins" in settings.top else []
    names = {str(next(iter(p), "") if isinstance(p, dict) else p) for p in plugins or ()}
    return "hooks" in settings.top or bool({name.removeprefix("material/") for name in names} - _HARMLESS)


def parser(extensions: Mapping[str, Mapping[str, Any]]) -> Markdown:
    """A Markdown parser with those of the extensions that are known."""
    from markdown import Markdown

    class Parser(Markdown):
        def build_extension(self, ext_name: str, configs: Mapping[str, Any]) -> Any:
            """By its module; by its name, all packages that are installed here would be looked through for it."""
            return import_module(_PREFIX + ext_name if ext_name in _OF_MARKDOWN else ext_name).makeExtension(**configs)

    made = Parser(tab_length=2 if _NARROW_LISTS in extensions else 4)
    for name, options in _usable(extensions):
        try:
            made.registerExtensions([name], {name: options})
        except Exception:  # options of another version, or plainly wrong: MkDocs will say so
            made.registerExtensions([name], {})
    if "pymdownx.emoji" in extensions:
        made.inlinePatterns.register(_icons(made), "icon", 75)
    return made


def _icons(made: Markdown) -> Any:
    """Every `:name:` is an empty element, but for icons that the theme would have to have and has not."""
    from xml.etree.ElementTree import Element

    from markdown.inlinepatterns import InlineProcessor

    class Icons(InlineProcessor):
        def handleMatch(self, m: Any, data: str) -> Any:  # type: ignore[override]  # noqa: N802
            if not _is_icon(m[0].strip(":")):
                return None, None, None
            element = Element("span")
            element.set("class", "twemoji")
            return element, m.start(0), m.end(0)

    return Icons(r":[a-z0-9+-][\w+-]*:", made)


_ICON_SETS = ("material-", "octicons-", "simple-", "fontawesome-brands-", "fontawesome-regular-", "fontawesome-solid-")


@cache
def _is_icon(name: str) -> bool:
    """Whether Material has this icon; True for names of other kinds, of which there are too many to know."""
    prefix = next((prefix for prefix in _ICON_SETS if name.startswith(prefix)), "")
    folders = _icon_folders() if prefix else ()
    if not folders:
        return True
    place = prefix.replace("-", "/") + name.removeprefix(prefix) + ".svg"
    return any((folder / place).is_file() for folder in folders)


@cache
def _icon_folders() -> tuple[Path, ...]:
    found = find_spec("material")
    places = (found.submodule_search_locations or ()) if found else ()
    folders = (Path(place, "templates", ".icons") for place in places)
    return tuple(folder for folder in folders if folder.is_dir())


def _usable(extensions: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    if "codehilite" in extensions:
        yield "codehilite", {"use_pygments": False}
    superfences = "pymdownx.superfences" in extensions
    for name, given in extensions.items():
        if name not in _OF_MARKDOWN and name.removeprefix("pymdownx.") not in _OF_PYMDOWN:
            continue
        if name in ("codehilite", "pymdownx.highlight") or (name == "fenced_code" and superfences):
            continue
        options = dict(given)
        if name == "toc":
            options = _toc(options)
        elif name == "pymdownx.superfences":
            options = _superfences(options)
        elif name in ("pymdownx.tabbed", "pymdownx.blocks.tab"):
            options.pop("slugify", None)
        yield name, options


def _toc(options: dict[str, Any]) -> dict[str, Any]:
    """The slug function is code, of which only the name is known: ids are made as in most languages."""
    from markdown.extensions.toc import slugify_unicode

    if "slugify" in options:
        options["slugify"] = slugify_unicode
    return options


def _superfences(options: dict[str, Any]) -> dict[str, Any]:
    """Every fence becomes plain code: colours are not looked at, and take most of the time."""
    from pymdownx.superfences import (  # type: ignore[import-untyped]
        fence_code_format,
        highlight_validator,
    )

    fences = options.pop("custom_fences", None)
    names = [f for f in fences if isinstance(f, dict) and f.get("name")] if isinstance(fences, list) else []
    options["custom_fences"] = [
        {"name": str(f["name"]), "class": str(f.get("class", f["name"])), "format": fence_code_format}
        for f in names
        if f["name"] != "*"
    ]
    every = {"name": "*", "class": "", "format": fence_code_format, "validator": highlight_validator}
    options["custom_fences"].append(every)
    return options

"""Which Markdown extensions a site uses, read from its `mkdocs.yml` as data and built from a fixed list.

An extension that is not on the list is never imported; one that only decorates (colours, icons) is left out,
because it does not change which text stands where.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdown import Markdown

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


def parser(extensions: Mapping[str, Mapping[str, Any]]) -> Markdown:
    """A Markdown parser with those of the extensions that are known."""
    from markdown import Markdown

    made = Markdown(tab_length=2 if _NARROW_LISTS in extensions else 4)
    for name, options in _usable(extensions):
        try:
            made.registerExtensions([name], {name: options})
        except Exception:  # options of another version, or plainly wrong: MkDocs will say so
            made.registerExtensions([name], {})
    return made


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

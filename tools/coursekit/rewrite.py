"""Rewrite what names a file or folder that gets another path: links, snippets, marks and code on pages."""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote, unquote

from .diagnostic import Edit
from .model import Course, Link, Page, Source
from .paths import resolve

_BIGGEST_TEXT = 1_000_000  # bytes; a larger file is data


@dataclass(frozen=True)
class Rewriter:
    """Finds what names a renamed path, in links and elsewhere on pages, and in other files."""

    course: Course
    renames: Mapping[str, str]

    def edits(self) -> Iterator[Edit]:
        for page in self.course.page_by_path.values():
            for link in page.links:
                target = self._new_target(page, link)
                if target is not None:
                    yield Edit(page.path, link.target_span.start, link.target_span.end, target)
            for match in self._mentions(page):
                if match["root"] is not None:
                    yield Edit(page.path, *match.span("path"), self._new_mention(match["path"]))

    def by_hand(self) -> Iterator[str]:
        """Places that name an old path in a way that cannot be rewritten safely, as `path:line`."""
        for page in self.course.page_by_path.values():
            yield from _lines(page.source, (m for m in self._mentions(page) if m["root"] is None))
        for path in sorted(self.course.files - self.course.page_by_path.keys()):
            if source := _text(self.course.root, path):
                yield from _lines(source, self._mention.finditer(source.text))

    def _new_path(self, path: str) -> str:
        for old, new in self.renames.items():
            if path == old or path.startswith(old + "/"):
                return new + path[len(old) :]
        return path

    def _new_target(self, page: Page, link: Link) -> str | None:
        """The target that a link needs after the renames; None where it can stay."""
        path = re.split("[?#]", link.target, maxsplit=1)[0]
        if not path or link.is_external or path.startswith("/"):
            return None
        goal = resolve(page.path, path)[0]
        folder = posixpath.dirname(self._new_path(page.path)) or "."
        if (folder, self._new_path(goal)) == (page.folder, goal):
            return None
        written = {unquote(part): part for part in path.split("/")}  # keeps the author's way of encoding
        parts = posixpath.relpath(self._new_path(goal), folder).split("/")
        new = "/".join(written.get(part) or _encoded(part) for part in parts)
        new = ("./" if path.startswith("./") else "") + new + ("/" if path.endswith("/") else "")
        new += link.target[len(path) :]
        if new == link.target:
            return None
        raw = page.source.text[link.target_span.start : link.target_span.end]
        return new if raw == link.target else html.escape(new)

    @cached_property
    def _mention(self) -> re.Pattern[str]:
        """An old path. `root` is there where it surely starts at the repository's root."""
        paths = "|".join(map(re.escape, self.renames))
        settings = self.course.settings
        host, branch = re.escape(settings.repo_url.rstrip("/")), re.escape(settings.branch)
        root = rf"(?P<root>(?<![\w/\\.-])(?:\./|{host}/(?:blob|edit|raw|tree)/{branch}/)?)?"
        either = paths.replace("/", r"[/\\]")
        return re.compile(rf"{root}(?<![\w-])(?P<path>{either})(?!\.?[\w-])")

    def _mentions(self, page: Page) -> list[re.Match[str]]:
        """Old paths outside relative links: in snippets, code, marks and addresses on the code host."""
        found = list(self._mention.finditer(page.source.text, page.body))
        links = [link.target_span for link in page.links if not link.is_external] if found else []
        return [match for match in found if not any(match.start("path") in span for span in links)]

    def _new_mention(self, written: str) -> str:
        new = self.renames[written.replace("\\", "/")]
        return new.replace("/", "\\") if "\\" in written else new


def _encoded(part: str) -> str:
    return re.sub(r"[\s()<>\"'%?#&]", lambda match: quote(match[0]), part)


def _text(root: Path, path: str) -> Source | None:
    try:
        if (root / path).stat().st_size > _BIGGEST_TEXT:
            return None
        return Source(path, (root / path).read_bytes().decode("utf-8"))
    except (OSError, UnicodeDecodeError):
        return None


def _lines(source: Source, matches: Iterable[re.Match[str]]) -> Iterator[str]:
    lines = dict.fromkeys(source.at(match.start("path")).line for match in matches)
    yield from (f"{source.path}:{line}" for line in lines)

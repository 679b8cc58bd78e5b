"""Build sites in tests, and read what was built."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

ROOT = Path(__file__).resolve().parent.parent
MINIMAL = ROOT / "tests" / "minimal_course"
NOT_COPIED = shutil.ignore_patterns(".git", ".venv*", "site", "node_modules", "__pycache__", ".*_cache")


def copy_course(source: Path, target: Path, files: dict[str, str] | None = None) -> Path:
    """A copy of a course with some files added or replaced."""
    shutil.copytree(source, target, ignore=NOT_COPIED, dirs_exist_ok=True)
    for name, text in (files or {}).items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return target


def set_address(course: Path, address: str, is_instant: bool = False) -> None:
    """Give the copy of a course the address at which it will be served, and instant navigation if wanted.

    Material navigates so only between the pages of the site map, so the addresses in it must be the real ones.
    """
    config = course / "mkdocs.yml"
    text = re.sub(r"^site_url:.*$", f"site_url: {address}", config.read_text(encoding="utf-8"), flags=re.M)
    assert address in text
    if is_instant:
        assert "  features:\n" in text
        text = text.replace("  features:\n", "  features:\n    - navigation.instant\n")
    config.write_text(text, encoding="utf-8")


def build(course: Path, site: Path, engine: str = "mkdocs") -> str:
    """A strict build from elsewhere than the course's folder, as CI does it; returns the log.

    Raises:
        AssertionError: The build failed or warned; the message is its log.
    """
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true"}
    command = [
        sys.executable,
        "-m",
        engine,
        "build",
        "--strict",
        "-f",
        str(course / "mkdocs.yml"),
        "-d",
        str(site),
    ]
    done = subprocess.run(command, cwd=site.parent, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr, done.stderr
    return done.stderr


@dataclass
class Document(HTMLParser):
    """What a test wants to know of one page of a built site."""

    path: Path
    ids: set[str] = field(default_factory=set)
    links: list[tuple[str, str]] = field(default_factory=list)  # (tag, address)
    metas: dict[str, str] = field(default_factory=dict)
    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.html = self.path.read_text(encoding="utf-8")
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {key: value or "" for key, value in attrs}
        self.tags.append((tag, values))
        if "id" in values:
            self.ids.add(values["id"])
        if tag == "meta":
            self.metas[values.get("name", values.get("property", ""))] = values.get("content", "")
        for key in ("href", "src"):
            if key in values and values.get("rel") not in ("canonical", "preconnect"):
                self.links.append((tag, values[key]))

    @property
    def text(self) -> str:
        """The visible text of the page's article, roughly."""
        article = re.search(r"<article.*?</article>", self.html, re.S)
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", article[0] if article else self.html))


@functools.cache
def document(path: Path) -> Document:
    return Document(path)


def documents(site: Path) -> list[Document]:
    return [document(path) for path in sorted(site.rglob("*.html"))]


def dead_links(site: Path, base: str) -> Iterator[str]:
    """Internal links of a site served below `base` (such as `/` or `/course/`) that lead nowhere."""
    for page in documents(site):
        here = urljoin(base, page.path.relative_to(site).as_posix())
        for tag, link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target, anchor = urldefrag(urljoin(here, link))
            problem = _problem(site, base, unquote(urlsplit(target).path), unquote(anchor))
            if problem:
                yield f"{page.path.relative_to(site)}: <{tag}> {link}: {problem}"


def _problem(site: Path, base: str, target: str, anchor: str) -> str:
    if not target.startswith(base):
        return f"leads out of the site, to {target}"
    path = site / target[len(base) :]
    path = path / "index.html" if target.endswith("/") else path
    if not path.is_file():
        return "no such file"
    if anchor and path.suffix == ".html" and not anchor.startswith("__") and anchor not in document(path).ids:
        return "no such anchor"
    return ""


def configured(config: str, settings: str) -> str:
    """The settings of the smallest course with other ones for its theme and its Markdown."""
    return re.sub(r"^theme: material\nmarkdown_extensions:\n.*\n", lambda _: settings, config, flags=re.M)

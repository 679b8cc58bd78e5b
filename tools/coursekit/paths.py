"""Where a link leads: relative targets resolved to paths from the course's root, and which of them the site holds."""

from __future__ import annotations

import functools
import posixpath
import re
from collections.abc import Set
from urllib.parse import unquote

from .model import Course

_BROKEN = re.compile(
    r"(?P<bare>www\.[\w-]+\.|[\w-]{1,60}(?:\.[\w-]{1,60}){0,4}\.(?:com|org|io|net|edu|dk|ai)(?:/|$))"
    r"|(?P<mail>[\w.+-]{1,99}@[\w-]{1,99}\.[\w.-]+$)"
    r"|(?P<scheme>https?//\w|(?:ht+ps?|https?s|hhtps?|htpps?|httsp?|http\.|https\.):/|https?:/?\w|https?:///|https?://https?:)"
    r"|(?P<nobody>mailto:[^@]*$)",
    re.I,
)
_GOOD_SCHEME = re.compile(r"https?://(?!/|https?:)", re.I)


@functools.lru_cache(maxsize=100_000)  # several rules and the renderer ask for the same links
def resolve(page_path: str, target: str) -> tuple[str, str]:
    """The path from the root and the anchor that a relative link leads to.

    A path that climbs above the root keeps its `..`; a bare `#anchor` leads to the page itself.

    >>> resolve("s1_start/first.md", "../docs/faq.md#why")
    ('docs/faq.md', 'why')
    >>> resolve("s1_start/first.md", "#why")
    ('s1_start/first.md', 'why')
    """
    address, _, fragment = target.partition("#")
    path = unquote(address.partition("?")[0])
    if not path:
        return page_path, unquote(fragment)
    return posixpath.normpath(posixpath.join(posixpath.dirname(page_path), path)), unquote(fragment)


def snippet_file(files: Set[str], docs_dir: str, path: str) -> str | None:
    """The file that a snippet shows: its path begins at the root, in the folder of the pages, or elsewhere.

    None where it is not certain: an address, a missing file, or two files that it may be.
    """
    path = posixpath.normpath(path)
    for candidate in (path, f"{docs_dir}/{path}"):
        if candidate in files:
            return candidate
    found = [file for file in files if file.endswith("/" + path)]
    return found[0] if len(found) == 1 else None


def address_fault(target: str) -> str:
    """What is wrong with a target that was meant as an address of the web or of a person; empty if nothing is.

    >>> [address_fault(t) for t in ("www.example.org", "me@example.org", "https//example.org", "docs/a.md")]
    ['bare', 'mail', 'scheme', '']
    """
    match = None if _GOOD_SCHEME.match(target) else _BROKEN.match(target)
    return str(match.lastgroup) if match else ""


def is_media(course: Course, path: str) -> bool:
    """Whether the site copies this file: anything in `docs/`, and in session folders all but exercises and pages."""
    if path.endswith(".md"):
        return False
    if path.startswith(course.settings.docs):
        return True
    top, _, rest = path.partition("/")
    return bool(rest) and not rest.startswith("exercises/") and any(s.slug == top for s in course.sessions)


def repository_url(course: Course, path: str) -> str:
    """The address of a file or folder on the code host, on the branch that `edit_uri` names."""
    view = "blob" if path in course.files else "tree"
    return f"{course.settings.repo_url.rstrip('/')}/{view}/{course.settings.branch}/{path}"

"""What is done to every page of the site once all of them are built: its content security policy, and valid HTML.

The policy is the same on every page, and allows the inline scripts of all of them. Each page could do with fewer – one
of Material's differs with the depth of a page –, but under instant navigation the policy of the page that was opened
first stays in force, so a script that only a later page has would not run there.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterable
from pathlib import Path

_SCRIPT = re.compile(r"<script\b(?P<attributes>[^>]*)>(?P<code>.*?)</script", re.S | re.I)
_SOURCE = re.compile(r"\ssrc\s*=", re.I)
_DATA = re.compile(r"\stype\s*=\s*[\"']?application/(?:ld\+)?json\b", re.I)  # is never run, so needs no leave
_PLACE = re.compile(r'(<meta charset="utf-8">)(?:<meta http-equiv="Content-Security-Policy"[^>]*>)?')
_TOGGLE = re.compile(r'(<input class="md-toggle"[^>]* type="checkbox"[^>]*?) autocomplete="off"')
_FIXED = {
    "default-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",  # Material's style sheet draws its icons so
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
}


def finish(site: Path) -> None:
    """Do all of that to a built site, in its folder."""
    pages = {path: path.read_bytes().decode() for path in sorted(site.rglob("*.html"))}
    rules = policy(pages.values())
    for path, page in pages.items():
        path.write_bytes(finished(page, rules).encode())


def policy(pages: Iterable[str]) -> str:
    """The content security policy for a site: its own files, and the inline scripts that it was built with.

    It holds below any path, and from disk: for a browser the other files of a `file:` page are 'self'.

    Args:
        pages: The HTML of all pages.
    """
    hashes = sorted({_hash(code) for page in pages for code in _inline(page)})
    directives = {**_FIXED, "script-src": " ".join(["'self'", *hashes])}
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def finished(page: str, rules: str) -> str:
    """A page with the policy before anything that it governs, and without what is wrong in Material's HTML.

    `autocomplete` is not allowed on a checkbox; `course.js` sets it, for the browsers that go by it all the same.
    """
    return _TOGGLE.sub(r"\1", _PLACE.sub(rf'\1<meta http-equiv="Content-Security-Policy" content="{rules}">', page, 1))


def _hash(code: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(code.encode()).digest()).decode()}'"


def _inline(page: str) -> Iterable[str]:
    """The code of the inline scripts of a page, as a browser reads it."""
    for script in _SCRIPT.finditer(page):
        if not _SOURCE.search(script["attributes"]) and not _DATA.search(script["attributes"]):
            yield script["code"].replace("\r\n", "\n")

"""What a page asks of the browser and does not get: the plugin builds sites with a content security policy."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..diagnostic import Diagnostic
from ..model import Course, Page
from ..rule import rule

if TYPE_CHECKING:
    from ..rendered import Node

_LOADED = ("src", "poster")  # `href` only of a <link>
_TAGS = ("style", "object", "embed")
_WRITTEN = re.compile(
    r"\b(?P<key>style|on[a-z]+|src|poster|href)\s*=\s*(?:\"(?P<a>[^\"]*)\"|'(?P<b>[^']*)'|(?P<c>[^\s\"'>}]+))"
    rf"|<(?P<tag>{'|'.join(_TAGS)})\b",
    re.I,
)
_CLASS = "Give it a class, and say in a style sheet of the site (`extra_css`) what it looks like."
_LISTENER = "Put a script into `extra_javascript` that adds the listener."
_OWN = "Keep the file in the repository and name it by its path, or write a link."
_TABLE = ("td", "th")  # columns that Markdown aligns: `render.py` makes classes of these


@rule("C721")
def blocked_by_policy(course: Course) -> Iterator[Diagnostic]:
    """A page has what the site's content security policy blocks: `style="…"`, `onclick="…"`, a file of another host.

    Each page that the plugin builds carries this policy, so that no reader's browser asks another host, and no code
    runs that nobody has reviewed. The browser says nothing to the reader: colours are missing, a button does
    nothing, an image stays empty. Under `serve`, which has no policy, all of it seems to work.

    Bad:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        <p style="color: red">Bring a computer.</p>

        ![The left foot stands, the right one is in the air.](https://images.example.org/feet.svg)

    Good:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        <p class="important">Bring a computer.</p>

        [How the feet stand](https://images.example.org/feet.svg)
    """
    if not course.settings.is_course:
        return
    own = _host(str(course.settings.top["site_url"].value)) if "site_url" in course.settings.top else ""
    for page in course.pages:
        rendered = course.rendered.get(page.path)
        blocked = list(chain.from_iterable(_blocked(node, own) for node in rendered.nodes)) if rendered else []
        if blocked:
            written = _written(page)
            for key, value, message, hint in blocked:
                if places := written[key, value]:
                    yield Diagnostic(page.at(places.popleft()), message, hint)


def _blocked(node: Node, own: str) -> Iterator[tuple[str, str, str, str]]:
    """What of an element the policy blocks: how it is written, what is to be said, and the hint."""
    if node.tag in _TAGS:
        hint = _CLASS if node.tag == "style" else _OWN
        yield "<", node.tag, f"The site's content security policy blocks `<{node.tag}>`.", hint
    for key, value in node.attributes.items():
        if key == "style" and node.tag not in _TABLE:
            yield key, value, "The site's content security policy blocks `style=`: it has no effect.", _CLASS
        elif key.startswith("on"):
            yield key, value, f"The site's content security policy blocks `{key}=`: it never runs.", _LISTENER
        elif key == "href" and value.lower().startswith("javascript:"):
            yield key, value, "The site's content security policy blocks this link: its code never runs.", _LISTENER
        elif (key in _LOADED or (node.tag, key) == ("link", "href")) and _host(value) not in ("", own):
            message = f"The site's content security policy blocks what comes from another host: `{_host(value)}`."
            yield key, value, message, _OWN


def _host(address: str) -> str:
    """The host of an address; nothing for one of the site's own."""
    try:
        parts = urlsplit(address)
    except ValueError:  # no address at all
        return ""
    return parts.netloc.lower() if parts.scheme in ("", "http", "https") else ""


def _written(page: Page) -> dict[tuple[str, str], deque[int]]:
    """Where attributes and elements stand on a page, and the images of Markdown: how they are written → offsets."""
    found: dict[tuple[str, str], deque[int]] = defaultdict(deque)
    for match in _WRITTEN.finditer(page.mask):
        if match["tag"]:
            found["<", match["tag"].lower()].append(match.start())
        else:
            group = next(name for name in "abc" if match[name] is not None)
            value = page.source.text[slice(*match.span(group))]
            found[match["key"].lower(), value].append(match.start())
    for link in page.links:
        if link.kind in ("image", "link"):
            found["src" if link.is_image else "href", link.target].append(link.span.start)
    return found

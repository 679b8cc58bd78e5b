"""What a built site holds beside its pages: the calendar, the search's index, pages as Markdown, and old addresses.

Pure functions from the course to texts by their paths on the site; `plugin.py` writes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin

from .calendar_file import calendar_file
from .model import Page
from .plain import llms_txt, plain_markdown
from .render import Site
from .search import Section, search_index

CALENDAR = "timeplan.ics"
INDEX = "coursekit/search-index.js"
LLMS = "llms.txt"


def markdown_name(built: str) -> str:
    """Where the plain Markdown of a page is put: beside the file that the page is built as."""
    return built.removesuffix(".html") + ".md"


@dataclass(frozen=True)
class Beside:
    """What belongs beside the pages of one site.

    Args:
        site: The course as seen from the site.
        addresses: Path of a page or another file → its address, from the top of the site.
        relative: From an address and another to the first as seen from the second.
    """

    site: Site
    addresses: Mapping[str, str]
    relative: Callable[[str, str], str]

    def calendar(self, stamp: datetime) -> tuple[str, str]:
        """The file of the time plan, made at this moment."""
        return CALENDAR, calendar_file(self.site.course, stamp, self.site.site_url)

    def index(self, found: Mapping[str, list[Section]]) -> tuple[str, str]:
        """What the search looks through, from the sections of each rendered page."""
        return INDEX, search_index(self.site.course, found, self.addresses)

    def plain(self, built: Mapping[str, str], summary: str) -> Iterator[tuple[str, str]]:
        """The Markdown of each page that is written, and the list of them.

        Args:
            built: Path of a page → the file that it is built as.
            summary: What the site is about.
        """
        course = self.site.course
        written = [page for page in course.pages if page.path not in course.draft_paths]
        for page in written:
            yield markdown_name(built[page.path]), plain_markdown(course, page, self._seen_from(page))
        names = {page.path: self._whole(markdown_name(built[page.path]), ".") for page in written}
        yield LLMS, llms_txt(course, summary, names)

    def redirect(self, page: Page, old: str) -> str:
        """A page for an old address of another page, which leads there."""
        target = self.relative(self.addresses[page.path], old)
        canonical = urljoin(self.site.site_url, self.addresses[page.path]) if self.site.site_url else target
        return self.site.draw("redirect.html", page, target=target, canonical=canonical, title=page.title) + "\n"

    def _seen_from(self, page: Page) -> Callable[[str], str]:
        here = self.addresses[page.path]
        return lambda path: self._whole(self.addresses[path], here) if path in self.addresses else ""

    def _whole(self, address: str, seen_from: str) -> str:
        """With host and all, where that is known: a text may be read anywhere."""
        base = self.site.site_url
        return urljoin(base, address) if base else self.relative(address, seen_from)

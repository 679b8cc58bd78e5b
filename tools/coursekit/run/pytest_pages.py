"""Pages as tests: `pytest -p coursekit.run.pytest_pages s1_development_environment`.

Each block is a test of its own, named by its line. Tests of one page belong together: one that is chosen alone runs
after all blocks above it. With pytest-xdist, use `--dist loadfile`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sybil import Document, Example, Region, Sybil

from ..load import CONFIG, NotACourseError, load
from ..model import Course, Page
from .blocks import loose_marks
from .outcome import Outcome
from .pages import PageRun

_RUN = "coursekit"


class PageDocument(Document):
    """A page with its line endings kept, so that offsets are those of the file."""

    @classmethod
    def parse(cls, path: str, *parsers: Any, encoding: str = "utf-8") -> Document:
        """Read a page and have each parser find its regions."""
        document = cls(Path(path).read_bytes().decode(encoding), path)
        for parser in parsers:
            for region in parser(document):
                document.add(region)
        return document


@cache
def _course(folder: Path) -> Course | None:
    """The course that a folder belongs to."""
    for root in (folder, *folder.parents):
        if (root / CONFIG).is_file():
            with suppress(NotACourseError):
                return load(root)
            return None
    return None


def _page(path: Path) -> tuple[Course, Page] | None:
    """The page that a file is, if it is a page of a course and written."""
    course = _course(path.parent)
    if course is None:
        return None
    name = path.relative_to(course.root).as_posix()
    page = next((page for page in course.pages if page.path == name), None)
    return (course, page) if page and name not in course.draft_paths else None


def regions(document: Document) -> Iterator[Region]:
    """Every fence of a page; what runs them is in the document's namespace."""
    found = _page(Path(document.path))
    if found:
        runner = document.namespace[_RUN] = PageRun(*found)
        for mark, outcome in zip(loose_marks(found[1]), runner.loose(), strict=True):
            yield Region(mark.span.start, mark.span.end, outcome, _complain)
        for index, block in enumerate(runner.blocks):
            yield Region(block.span.start, block.span.end, index, _evaluate)


def _complain(example: Example) -> str:
    return str(example.parsed)


def _evaluate(example: Example) -> str | None:
    outcome: Outcome = example.namespace[_RUN].outcome(example.parsed)
    if outcome.state == "skipped":
        pytest.skip(outcome.message)
    return f"{outcome}\n{outcome.output}" if outcome.state == "failed" else None


def _close(namespace: dict[str, Any]) -> None:
    if _RUN in namespace:
        namespace[_RUN].close()


_pages = Sybil([regions], pattern="**/*.md", path="/", teardown=_close, document_types={".md": PageDocument})
_collect = _pages.pytest()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Any:
    """Collect the written pages of a course."""
    return _collect(file_path, parent) if file_path.suffix == ".md" and _page(file_path) else None


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave the exercises' own tests to `course verify`, which knows on which project they run."""
    return True if collection_path.name == "exercises" and _course(collection_path.parent) else None

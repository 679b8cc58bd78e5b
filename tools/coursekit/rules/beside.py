"""Files beside the pages that readers get: do they parse, and would their tools take them?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from ..diagnostic import Diagnostic
from ..model import Course, Location
from ..paths import resolve, snippet_file
from ..rule import available, rule
from ..syntax import TEMPLATE, Fault, data, dockerfile, python, schemas, workflow

_LANGUAGES = {".py": "python", ".yml": "yaml", ".yaml": "yaml", ".json": "json", ".toml": "toml"}
_DOCKERFILE = re.compile(r"(?:^|/)Dockerfile(?:\.(?!md|txt|html|png|svg)[\w-]+)?$|\.dockerfile$", re.I)
_OF_TOOLS = re.compile(
    r"\.github/workflows/[^/]+\.ya?ml|\.pre-commit-config\.ya?ml|pyproject\.toml"
    r"|(?:(?!tests?/)[\w.-]+/)*(?:(?:docker-)?compose[\w.-]*\.ya?ml|cloudbuild[\w.-]*\.ya?ml|[\w.-]*Dockerfile[\w.-]*)",
    re.I,
)
_TASKS = re.compile(r"(?:^|/)(?:exercises?|exercise_files|starters?|solutions?)/")
_FOR_OTHERS = re.compile(r"^tests?/|(?:^|/)(?:overrides|templates?|fixtures|theme|node_modules)/|\{\{|\.min\.")


@rule("C834")
def broken_file(course: Course) -> Iterator[Diagnostic]:
    """A file beside the pages does not parse, or its tool refuses it.

    Looked at are Python, YAML, JSON, TOML and Dockerfiles that the site publishes, that a page shows or links to,
    or that stand among exercises, and the files that tools look for. In a course of ours exercises and workflows
    are run, so that Python and schemas are left to that.

    Bad:

        ### .github/workflows/test.yml
        on: push
        jobs:
          test:
            steps:
              - run: pytest
             timeout-minutes: 5

    Good:

        ### .github/workflows/test.yml
        on: push
        jobs:
          test:
            runs-on: ubuntu-24.04
            steps:
              - run: pytest
                timeout-minutes: 5
    """
    shown, against_schemas = _shown(course), available("jsonschema")
    for path in sorted(course.files):
        language = _language(path)
        if not language or not _is_read(course, path, shown):
            continue
        text = course.read(path)
        if text.strip() and "\0" not in text and not TEMPLATE.search(text):
            for fault in _faults(path, language, text, against_schemas and not course.settings.is_course):
                yield Diagnostic(Location(path, fault.line, fault.column), fault.message, fault.hint)


def _language(path: str) -> str:
    known = _LANGUAGES.get(PurePosixPath(path).suffix.lower(), "")
    return known or ("dockerfile" if _DOCKERFILE.search(path) else "")


def _is_read(course: Course, path: str, shown: set[str]) -> bool:
    """Whether somebody is meant to use the file as it is, and no other rule reads it."""
    if _FOR_OTHERS.search(path) or path == course.settings.source.path:
        return False
    if course.settings.is_course and path.endswith(".py"):
        return False
    published = path.startswith(course.settings.docs) and not path.startswith(".")
    return published or path in shown or bool(_OF_TOOLS.fullmatch(path) or _TASKS.search(path))


def _shown(course: Course) -> set[str]:
    """The files that pages link to or show."""
    pages = (*course.documents, *course.pages)
    linked = {resolve(page.path, link.target)[0] for page in pages for link in page.links if not link.is_external}
    names = {snippet.path for page in pages for snippet in page.snippets}
    return linked | {path for name in names if (path := snippet_file(course.files, course.settings.docs_dir, name))}


def _faults(path: str, language: str, text: str, against_schemas: bool) -> Iterator[Fault]:
    if language == "python":
        yield from python.faults(text) if isinstance(python.parse(text), SyntaxError) else ()
    elif language == "dockerfile":
        yield from dockerfile.faults(text.rstrip("\n"))
    else:
        found = data.faults(language, text)
        yield from found
        if language == "yaml" and not found:
            yield from workflow.faults(text)
            yield from schemas.faults(path, text) if against_schemas else ()

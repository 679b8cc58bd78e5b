"""Reading: what the loader could not read as meant, reported under the name that it gave each problem."""

from __future__ import annotations

from collections.abc import Iterator

from ..diagnostic import Diagnostic
from ..model import Course
from ..rule import rule


def _reported(course: Course, kind: str) -> Iterator[Diagnostic]:
    for problem in course.problems_of(kind):
        yield Diagnostic(problem.location, problem.message, problem.hint)


@rule("C001")
def unreadable_file(course: Course) -> Iterator[Diagnostic]:
    """A file cannot be read: it is not UTF-8, may not be opened, or is a link that leads nowhere.

    Its text is missing from the site, and nothing in it can be checked.

    Bad:

        ### docs/index.md (latin-1)
        ---
        description: A course that was written with an old editor.
        pages: []
        ---
        # Über den Kurs

    Good:

        ### docs/index.md
        ---
        description: A course that was written with an old editor.
        pages: []
        ---
        # Über den Kurs
    """
    yield from _reported(course, "unreadable-file")


@rule("C002")
def broken_yaml(course: Course) -> Iterator[Diagnostic]:
    """Front matter or settings are not valid YAML.

    None of it is understood then, not even the lines that are right.

    Bad:

        ### s1_start/README.md
        ---
        description: The first day: a start
        modules: [first]
        ---
        # The start

    Good:

        ### s1_start/README.md
        ---
        description: "The first day: a start"
        modules: [first]
        ---
        # The start
    """
    yield from _reported(course, "broken-yaml")


@rule("C003")
def not_a_mapping(course: Course) -> Iterator[Diagnostic]:
    """Something else than `key: value` lines stands where a mapping belongs.

    Front matter and settings say which value belongs to which key; a mere list or text does not.

    Bad:

        ### s1_start/README.md
        ---
        - first
        ---
        # The start

    Good:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start
    """
    yield from _reported(course, "not-a-mapping")


@rule("C004")
def duplicate_key(course: Course) -> Iterator[Diagnostic]:
    """A key stands twice in the same mapping.

    Only one of the two values can count, and a reader cannot know which.

    Bad:

        ### s1_start/README.md
        ---
        modules: [first]
        modules: []
        ---
        # The start

    Good:

        ### s1_start/README.md
        ---
        modules: [first]
        ---
        # The start
    """
    yield from _reported(course, "duplicate-key")


@rule("C005")
def unknown_key(course: Course) -> Iterator[Diagnostic]:
    """Front matter or settings have a key that nothing reads.

    Mostly it is a slip of the pen, and what it says has no effect.

    Bad:

        ### s1_start/README.md
        ---
        descripton: The first day.
        modules: [first]
        ---
        # The start

    Good:

        ### s1_start/README.md
        ---
        description: The first day.
        modules: [first]
        ---
        # The start
    """
    yield from _reported(course, "unknown-key")


@rule("C006")
def wrong_type(course: Course) -> Iterator[Diagnostic]:
    """The value of a key is not of the kind that the key needs.

    It is left out then, as if the key were not there.

    Bad:

        ### s1_start/README.md
        ---
        modules: first
        ---
        # The start

    Good:

        ### s1_start/README.md
        ---
        modules: [first]
        ---
        # The start
    """
    yield from _reported(course, "wrong-type")


@rule("C007")
def missing_key(course: Course) -> Iterator[Diagnostic]:
    """Front matter or settings lack a key that has to be there.

    The site shows it, or counts with it: there is no sensible value to assume.

    Bad:

        ### docs/index.md
        ---
        pages: []
        ---
        # Example course

    Good:

        ### docs/index.md
        ---
        description: What the course is about, in a sentence.
        pages: []
        ---
        # Example course
    """
    yield from _reported(course, "missing-key")

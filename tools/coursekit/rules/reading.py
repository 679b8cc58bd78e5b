"""Reading: what the loader could not read as meant, reported under the name that it gave each problem."""

from __future__ import annotations

from collections.abc import Iterator

from ..diagnostic import Diagnostic
from ..fields import near
from ..ignores import Ignore, ignores, malformed
from ..model import Course
from ..rule import UNUSED, registry, rule


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


@rule(UNUSED)
def unused_ignore(course: Course) -> Iterator[Diagnostic]:
    """A comment or a setting tells a rule to be silent where it has nothing to say.

    It was needed once, or never. Left standing it would hide the next real mistake.

    Bad:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        The first day. <!-- check: ignore=image-without-alt-text the image says it all -->

    Good:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        The first day.
    """
    yield from ()  # `rule.checked` reports these with `unused`: only there it is known what all others found


def unused(ignore: Ignore) -> Diagnostic:
    """What is said of a rule that was silenced in vain."""
    where = "on this line" if ignore.lines else f"about `{ignore.files}`"
    return Diagnostic(ignore.location, f"`{ignore.rule}` has nothing to say {where}.", "Take this out.")


@rule("C009")
def unknown_ignore(course: Course) -> Iterator[Diagnostic]:
    """A comment or a setting that shall silence a rule names none, or cannot be understood.

    The rule goes on complaining, and whoever reads the line believes that it does not.

    Bad:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        <!-- check: ignore C501 -->
        The first day.

    Good:

        ### s1_start/README.md
        ---
        modules:
          - first
        ---
        # The start

        The first day.
    """
    known = {word for one in registry.values() for word in (one.code, one.name)}
    for ignore in ignores(course):
        if ignore.rule.upper() not in known and ignore.rule.lower() not in known:
            yield Diagnostic(ignore.location, f"No rule is called `{ignore.rule}`.", _meant(ignore.rule, known))
    for page, mark in malformed(course):
        hint = "Write `<!-- check: ignore=C701 why -->`."
        yield Diagnostic(page.at(mark.span.start), f"`check: {mark.value}` is not understood.", hint)


def _meant(word: str, known: set[str]) -> str:
    close = near(word, sorted(known))
    return f"Did you mean `{close}`?" if close else "`course rules` lists them."

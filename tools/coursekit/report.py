"""Diagnostics → text for people, annotations for GitHub, JSON for programs: pure functions that return it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from json import dumps

from .diagnostic import Diagnostic
from .rule import Checked, registry

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def text(diagnostics: Sequence[Diagnostic], ignored: int = 0) -> str:
    """A line for each diagnostic, its hint below it, and a summary, with the number of those that were left out.

    `[*]` stands where `course check --fix` mends it.
    """
    lines = [line for diagnostic in diagnostics for line in _lines(diagnostic)]
    left_out = f" {ignored} left out, as comments and settings say." if ignored else ""
    return "\n".join([*lines, _summary(diagnostics) + left_out]) + "\n"


def _lines(diagnostic: Diagnostic) -> list[str]:
    words = (diagnostic.code, "[*]" if diagnostic.fix else "", diagnostic.message)
    first = f"{diagnostic.location}: {' '.join(filter(None, words))}"
    hint = [f"    hint: {_printable(diagnostic.hint)}"] if diagnostic.hint else []
    return [_printable(first), *hint]


def _printable(line: str) -> str:
    """The line with control characters spelt out: what a page holds must not steer a terminal."""
    return _UNPRINTABLE.sub(lambda match: match[0].encode("unicode_escape").decode(), line)


def _summary(diagnostics: Sequence[Diagnostic]) -> str:
    if not diagnostics:
        return "Found no problems."
    files = len({diagnostic.location.path for diagnostic in diagnostics})
    fixable = sum(diagnostic.fix is not None for diagnostic in diagnostics)
    found = f"Found {count(len(diagnostics), 'problem')} in {count(files, 'file')}"
    return f"{found}; {fixable} can be mended with --fix." if fixable else f"{found}."


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def github(diagnostics: Sequence[Diagnostic]) -> str:
    """Workflow commands that GitHub shows as annotations beside the lines of a pull request."""
    return "".join(_annotation(diagnostic) + "\n" for diagnostic in diagnostics)


def _annotation(diagnostic: Diagnostic) -> str:
    at = diagnostic.location
    properties = {
        "file": at.path,
        "line": str(at.line),
        "col": str(at.column),
        "title": f"{diagnostic.code} {_rule_name(diagnostic)}".strip(),
    }
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items() if value)
    message = "\n".join(filter(None, (diagnostic.message, diagnostic.hint)))
    return f"::error {written}::{_data(message)}"


def _data(value: str) -> str:
    """GitHub's escapes for the message; other control characters are spelt out."""
    escaped = value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return _printable(escaped)


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


def gcc(diagnostics: Sequence[Diagnostic]) -> str:
    """A line for each diagnostic in the form of a compiler's message, which editors know."""
    return "".join(
        _printable(f"{d.location}: error: {' '.join(filter(None, (d.message, d.hint)))} [{d.code}]") + "\n"
        for d in diagnostics
    )


def json(diagnostics: Sequence[Diagnostic]) -> str:
    """A list of objects with the same keys each; lines and columns count from 1."""
    return dumps([_object(diagnostic) for diagnostic in diagnostics], indent=2) + "\n"


def _object(diagnostic: Diagnostic) -> dict[str, str | int | bool]:
    return {
        "code": diagnostic.code,
        "rule": _rule_name(diagnostic),
        "message": diagnostic.message,
        "hint": diagnostic.hint,
        "path": diagnostic.location.path,
        "line": diagnostic.location.line,
        "column": diagnostic.location.column,
        "fixable": diagnostic.fix is not None,
    }


def _rule_name(diagnostic: Diagnostic) -> str:
    rule = registry.get(diagnostic.code)
    return rule.name if rule else ""


FORMATS: dict[str, Callable[[Checked], str]] = {
    "text": lambda checked: text(checked.found, checked.ignored),
    "github": lambda checked: github(checked.found),
    "gcc": lambda checked: gcc(checked.found),
    "json": lambda checked: json(checked.found),
}

"""The registry of rules, and how a course is checked."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from .diagnostic import Diagnostic
from .model import Course

Check = Callable[[Course], Iterator[Diagnostic]]

FAMILIES = {
    "C0": "Reading: files, front matter and settings",
    "C1": "Sessions and the course",
    "C2": "Modules",
    "C3": "Exercises",
    "C4": "Links, anchors and snippets",
    "C5": "Images and files",
    "C6": "The edition",
    "C9": "Words",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule; its name states the problem, its docstring documents it and is its first test."""

    code: str
    name: str
    check: Check
    fixable: bool
    skips_drafts: bool

    @property
    def doc(self) -> str:
        return inspect.getdoc(self.check) or ""

    @property
    def summary(self) -> str:
        """The first line of the docstring."""
        return self.doc.partition("\n")[0]


class UnknownRuleError(Exception):
    """A selection that names no rule; the message names the nearest one."""


registry: dict[str, Rule] = {}


def rule(code: str, *, fixable: bool = False, skips_drafts: bool = False) -> Callable[[Check], Check]:
    """Register a generator of diagnostics under a code.

    Args:
        code: A letter and three digits; the first digit is the family.
        fixable: Whether some of its diagnostics carry a fix.
        skips_drafts: Whether drafts are exempt.
    """

    def register(check: Check) -> Check:
        if code in registry:
            raise ValueError(f"two rules are called {code}: {registry[code].name} and {check.__name__}")
        name = check.__name__.replace("_", "-")
        registry[code] = Rule(code, name, check, fixable, skips_drafts)
        return check

    return register


def rules() -> list[Rule]:
    """All rules, in the order of their codes."""
    from . import rules as _every_rule  # noqa: F401  (importing registers them)

    return [registry[code] for code in sorted(registry)]


def selected(select: Iterable[str] = (), ignore: Iterable[str] = ()) -> list[Rule]:
    """The rules that a selection leaves.

    Args:
        select: Codes or beginnings of codes (`C1` is a family), or names; empty for all.
        ignore: The same; these are left out.

    Raises:
        UnknownRuleError: A word matches no rule.
    """
    every = rules()
    chosen = _matching(every, select) if select else {rule.code for rule in every}
    chosen -= _matching(every, ignore)
    return [rule for rule in every if rule.code in chosen]


def _matching(every: list[Rule], words: Iterable[str]) -> set[str]:
    from .fields import nearest

    found: set[str] = set()
    for word in words:
        codes = {r.code for r in every if word == r.name or (word and r.code.startswith(word.upper()))}
        if not codes:
            known = [r.code for r in every] + [r.name for r in every]
            hint = nearest(word, known) if len(word) > 4 else "`course rules` lists them."
            raise UnknownRuleError(f"No rule is called `{word}`. {hint}")
        found |= codes
    return found


def check(course: Course, select: Iterable[str] = (), ignore: Iterable[str] = ()) -> list[Diagnostic]:
    """Every diagnostic of the selected rules, in the order of files and lines."""
    found = [
        replace(diagnostic, code=rule.code) for rule in selected(select, ignore) for diagnostic in rule.check(course)
    ]
    return sorted(found, key=lambda d: (d.location, d.code, d.message))


_EXAMPLE = re.compile(r"^(Bad|Good):\n\n?((?:(?:    .*)?\n?)+)", re.M)
_FILE = re.compile(r"^### (\S*[./]\S*(?: \([\w-]+\))?)\n", re.M)


def example(rule: Rule, which: str) -> dict[str, str]:
    """The files of a rule's "Bad" or "Good" example by their headings; they extend a smallest course.

    A heading is a path, after which may stand in parentheses `removed`, for a file that the course
    lacks, or the encoding that the file is saved in where that is not UTF-8.
    """
    body = next((m[2] for m in _EXAMPLE.finditer(rule.doc + "\n") if m[1] == which), "")
    pieces = _FILE.split(inspect.cleandoc("\n" + body))
    files = zip(pieces[1::2], pieces[2::2], strict=True)
    return {heading: text.strip("\n") + "\n" for heading, text in files}

"""The registry of rules, and how a course is checked."""

from __future__ import annotations

import importlib.util
import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from .diagnostic import Diagnostic
from .model import Course

Check = Callable[[Course], Iterator[Diagnostic]]

UNUSED = "C008"  # the one rule that knows what the others found

FAMILIES = {
    "C0": "Reading: files, front matter and settings",
    "C1": "Sessions and the course",
    "C2": "Modules",
    "C3": "Exercises",
    "C4": "Links, anchors and snippets",
    "C5": "Images and files",
    "C6": "The edition",
    "C7": "Rendering: what the page shows",
    "C8": "Code",
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
    needs: str  # a module of `coursekit[lint]` without which it cannot be checked

    @property
    def possible(self) -> bool:
        """Whether what it needs is installed."""
        return not self.needs or available(self.needs)

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


def available(module: str) -> bool:
    """Whether a module of the extra `coursekit[lint]` is installed."""
    return importlib.util.find_spec(module) is not None


def rule(code: str, *, fixable: bool = False, skips_drafts: bool = False, needs: str = "") -> Callable[[Check], Check]:
    """Register a generator of diagnostics under a code.

    Args:
        code: A letter and three digits; the first digit is the family.
        fixable: Whether some of its diagnostics carry a fix.
        skips_drafts: Whether drafts are exempt.
        needs: A module of the extra `coursekit[lint]`; without it the rule is skipped.
    """

    def register(check: Check) -> Check:
        if code in registry:
            raise ValueError(f"two rules are called {code}: {registry[code].name} and {check.__name__}")
        name = check.__name__.replace("_", "-")
        registry[code] = Rule(code, name, check, fixable, skips_drafts, needs)
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


@dataclass(frozen=True, slots=True)
class Checked:
    """What the selected rules found, and how much more there is that the author declared to be right."""

    found: list[Diagnostic]
    ignored: int


def check(course: Course, select: Iterable[str] = (), ignore: Iterable[str] = ()) -> list[Diagnostic]:
    """Every diagnostic of the selected rules, in the order of files and lines."""
    return checked(course, select, ignore).found


def checked(course: Course, select: Iterable[str] = (), ignore: Iterable[str] = ()) -> Checked:
    """The same, with what was left out because a comment or a setting says so."""
    from .ignores import ignores, sorted_out
    from .rules.reading import unused

    chosen = [rule for rule in selected(select, ignore) if rule.possible]
    found = [replace(diagnostic, code=rule.code) for rule in chosen for diagnostic in rule.check(course)]
    names = {rule.code: rule.name for rule in chosen}
    kept, count, in_vain = sorted_out(found, names, ignores(course))
    kept += [replace(unused(one), code=UNUSED) for one in in_vain if UNUSED in names]
    return Checked(sorted(kept, key=lambda d: (d.location, d.code, d.message)), count)


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

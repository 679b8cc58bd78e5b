"""The TODOs of a starter: which lines of the solution answer each, and the solution with one of them undone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_TODO = re.compile(r"\bTODO\b(?: ?\(([^()\n]*)\))?")


@dataclass(frozen=True, slots=True)
class Marker:
    """A `TODO (exercise-id)` in a starter file."""

    line: int  # counts from 1
    exercise: str  # empty where it names none


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines of the starter (`start:end`, from 0) in whose place the solution has others."""

    start: int
    end: int
    lines: tuple[str, ...]

    def holds(self, marker: Marker) -> bool:
        return self.start < marker.line <= self.end

    @property
    def only_deletes(self) -> bool:
        return not "".join(self.lines).strip()


@dataclass(frozen=True, slots=True)
class Todo:
    """One TODO, or several whose answers are one piece, with the solution in which just this is not done."""

    markers: tuple[Marker, ...]
    undone: str


def markers(text: str) -> list[Marker]:
    """The TODOs of a text, in the order of their lines.

    >>> markers("a = 1\\n# TODO (add-up): more\\n")
    [Marker(line=2, exercise='add-up')]
    """
    lines = enumerate(text.splitlines(), 1)
    return [Marker(number, (m[1] or "").strip()) for number, line in lines for m in _TODO.finditer(line)]


def owner(text: str, line: int) -> str:
    """The exercise whose TODO is the last one at or above a line; empty without one."""
    return next((marker.exercise for marker in reversed(markers(text)) if marker.line <= line), "")


def todos(starter: str, solution: str) -> list[Todo]:
    """The TODOs of a starter file that its solution answers."""
    hunks = _hunks(starter, solution)
    lines = starter.splitlines(keepends=True)
    groups = _groups(markers(starter), hunks)
    return [Todo(group, _applied(lines, _others(hunks, group, lines, starter))) for group in groups]


def unanswered(starter: str, solution: str) -> list[Marker]:
    """The TODOs that stand in the solution just as in the starter."""
    hunks = _hunks(starter, solution)
    return [marker for marker in markers(starter) if not any(hunk.holds(marker) for hunk in hunks)]


def first_difference(starter: str, solution: str) -> int:
    """The first line of the starter that the solution changes; 0 where it changes none."""
    return next((hunk.start + 1 for hunk in _hunks(starter, solution)), 0)


def _hunks(starter: str, solution: str) -> list[Hunk]:
    ours, theirs = starter.splitlines(keepends=True), solution.splitlines(keepends=True)
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    return [Hunk(i, j, tuple(theirs[k:m])) for tag, i, j, k, m in matcher.get_opcodes() if tag != "equal"]


def _groups(found: Sequence[Marker], hunks: Iterable[Hunk]) -> Iterator[tuple[Marker, ...]]:
    """The markers hunk by hunk: those within one hunk cannot be undone apart."""
    for hunk in hunks:
        group = tuple(marker for marker in found if hunk.holds(marker))
        if group:
            yield group


def _others(hunks: Sequence[Hunk], group: tuple[Marker, ...], lines: Sequence[str], starter: str) -> list[Hunk]:
    """The hunks that do not belong to these markers."""
    found = markers(starter)
    return [hunk for index, hunk in enumerate(hunks) if _marker_of(index, hunks, found, lines) not in group]


def _marker_of(index: int, hunks: Sequence[Hunk], found: Sequence[Marker], lines: Sequence[str]) -> Marker | None:
    """The marker that a hunk answers: the first one within, else the one above; None above all of them.

    Where a TODO is just deleted, its answer may stand right above it, but for blank lines.
    """
    hunk = hunks[index]
    within = [marker for marker in found if hunk.holds(marker)]
    if within:
        return within[0]
    if index + 1 < len(hunks) and (following := hunks[index + 1]).only_deletes:
        below = [marker for marker in found if following.holds(marker)]
        if below and not "".join(lines[hunk.end : following.start]).strip():
            return below[0]
    return next((marker for marker in reversed(found) if marker.line <= hunk.start), None)


def _applied(lines: Sequence[str], hunks: Iterable[Hunk]) -> str:
    """The starter with some of the solution's hunks."""
    pieces, at = [], 0
    for hunk in hunks:
        pieces += [*lines[at : hunk.start], *hunk.lines]
        at = hunk.end
    return "".join([*pieces, *lines[at:]])

"""Expected output against real output, the way people read them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from functools import lru_cache

_BLANKS = re.compile(r"[ \t]+")
_SHELL = re.compile(r"^((?:ba|da)?sh): (?:-c: |eval: )?line \d+: ")


def first_difference(expected: Sequence[str], real: Sequence[str]) -> int | None:
    """The index of the first expected line that the real ones do not match; None where all match.

    Runs of blanks count as one and those at the end of a line not at all; `...` stands for any text within a line,
    and alone on a line for any number of lines. It is `len(expected)` where more is printed than expected.

    >>> first_difference(["a  b", "...", "c..."], ["a b ", "x", "y", "cd"]), first_difference(["a"], ["a", "b"])
    (None, 1)
    """
    wanted, got = _lines(expected), _lines(real)
    reached = {0}  # how many real lines may be used up by the expected lines so far
    for index, line in enumerate(wanted):
        if line == "...":
            reached = set(range(min(reached), len(got) + 1))
        else:
            reached = {at + 1 for at in reached if at < len(got) and _matches(line, got[at])}
        if not reached:
            return index
    return None if len(got) in reached else len(wanted)


def difference(expected: Sequence[str], real: Sequence[str]) -> str:
    """Both texts as a unified diff."""
    wanted = [_filled_in(line, real) for line in _lines(expected)]
    lines = difflib.unified_diff(wanted, _lines(real), "on the page", "real output", lineterm="", n=2)
    return "\n".join(line for line in lines if not line.startswith("@@"))


def _filled_in(line: str, real: Sequence[str]) -> str:
    """A line with `...` as the real line that it stands for, so that the diff does not show it."""
    if "..." not in line or line == "...":
        return line
    return next((got for got in _lines(real) if _matches(line, got)), line)


def _lines(lines: Sequence[str]) -> list[str]:
    even = [_SHELL.sub(r"\1: ", _BLANKS.sub(" ", line).rstrip()) for line in lines]
    while even and not even[-1]:
        even.pop()
    return even


def _matches(expected: str, real: str) -> bool:
    return expected == real or ("..." in expected and bool(_pattern(expected).fullmatch(real)))


@lru_cache(maxsize=256)
def _pattern(line: str) -> re.Pattern[str]:
    return re.compile(".*?".join(re.escape(part) for part in line.split("...")))

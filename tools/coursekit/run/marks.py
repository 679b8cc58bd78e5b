"""What a comment such as `<!-- run: skip=gpu -->` above a fence says about the block."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from ..fields import nearest

REASONS = ("account", "gpu", "network", "engine", "gui", "interactive", "windows", "macos", "illustrative")
TIMEOUT = 30.0  # seconds

_ITEM = re.compile(r"""([A-Za-z][\w-]*)(?:=("[^"]*"|'[^']*'|[^\s"',][^\s,]*)?)?(?=[\s,]|$)|[^\s,]+""")


class MarkError(ValueError):
    """A mark that says nothing; the message is for the author."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What is special about one block."""

    skip: str = ""  # why it cannot run here, one of REASONS
    raises: str = ""  # the exception that is meant to come
    exit: int | None = None  # the exit code that is meant; None: success
    file: str = ""  # the block is the text of this file and does not run
    expect: str = ""  # what its output must contain
    timeout: float = TIMEOUT
    output: bool = False  # it is what the block above prints
    steps: bool = False  # the `run:` steps of this workflow are run
    hidden: bool = False  # the site does not show it

    def given(self) -> set[str]:
        """The names of the marks that differ from what holds without them."""
        return {name for name in KEYS if getattr(self, name) != getattr(Marks(), name)}


def parse(text: str) -> Marks:
    """The marks in the text of a comment, behind `run:`.

    >>> sorted(parse('exit=3 expect="no such file"').given())
    ['exit', 'expect']

    Raises:
        MarkError: It holds an unknown mark, or a value that this mark cannot have.
    """
    found: dict[str, Any] = {}
    for match in _ITEM.finditer(text):
        name, value = match[1], (match[2] or "").strip("\"'")
        if name not in KEYS:
            raise MarkError(_unknown(match[0]))
        if name in found:
            raise MarkError(f"`{name}` is given twice.")
        found[name] = KEYS[name](value)
    if not found:
        raise MarkError("The comment says nothing; delete it.")
    return Marks(**found)


def _unknown(text: str) -> str:
    return f"`{text}` is no mark for a block. {nearest(text.partition('=')[0], KEYS)}"


def _skip(value: str) -> str:
    if value in REASONS:
        return value
    if not value:
        raise MarkError(f"`skip` needs a reason: skip={'|'.join(REASONS)}.")
    raise MarkError(f"`{value}` is no reason to skip a block. {nearest(value, REASONS)}")


def _raises(value: str) -> str:
    if not all(part.isidentifier() for part in value.split(".")):
        raise MarkError("`raises` needs the name of an exception: raises=ValueError.")
    return value


def _exit(value: str) -> int:
    if not (value.isascii() and value.isdigit() and int(value) < 256):
        raise MarkError("`exit` needs an exit code from 0 to 255: exit=1.")
    return int(value)


def _file(value: str) -> str:
    path = PurePosixPath(value)
    if not value or path.is_absolute() or ".." in path.parts:
        raise MarkError("`file` needs a path within the project: file=scripts/peek.sh.")
    return value


def _expect(value: str) -> str:
    if not value.strip():
        raise MarkError('`expect` needs the text that must be printed: expect="accuracy".')
    return value


def _timeout(value: str) -> float:
    if not re.fullmatch(r"\d+(\.\d+)?", value) or not 0 < float(value) <= 3600:
        raise MarkError("`timeout` needs seconds, an hour at most: timeout=120.")
    return float(value)


def _flag(value: str) -> bool:
    if value:
        raise MarkError("`output`, `steps` and `hidden` take no value.")
    return True


KEYS: Mapping[str, Callable[[str], Any]] = {
    "skip": _skip,
    "raises": _raises,
    "exit": _exit,
    "file": _file,
    "expect": _expect,
    "timeout": _timeout,
    "output": _flag,
    "steps": _flag,
    "hidden": _flag,
}

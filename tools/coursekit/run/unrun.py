"""What of a block has passed without having been run, though the block ended as it should."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from .shell import Ended

NOTHING = "There is nothing in this block to run."
NO_EXAMPLE = "No line of this block begins with `>>> `, so there is nothing to run."
ONLY_DOTS = "It compares nothing: it says `...` and no more."
HIDDEN = "This command fails (exit code {code}), and of what it says the page shows nothing."
_HEREDOC = re.compile(r"here-document at line (\d+) delimited by end-of-file \(wanted [`'](.*)'\)")
_LEAVES = re.compile(r"\b(?:exit|exec|return)\b")


@dataclass(frozen=True, slots=True)
class Unrun:
    """The line of a block at which something passes unrun, and what is to be said of it."""

    line: int
    message: str


def is_code(line: str) -> bool:
    """Whether a line of a shell or of Python is more than a comment."""
    return bool(line.strip()) and not line.lstrip().startswith("#")


def only_dots(lines: Sequence[str]) -> bool:
    """Whether expected lines match whatever is printed."""
    text = "".join("".join(lines).split())
    return bool(text) and not text.replace("...", "")


def unrun(program: str, text: str, ended: Ended) -> Unrun | None:
    """What a block of shell that has ended as it should has passed over."""
    found = _not_reached(program, text, ended)
    return found or (_passed_over(ended) if ended.code == 0 else None)


def _not_reached(program: str, text: str, ended: Ended) -> Unrun | None:
    if ended.reached:
        return None
    if open_ended := _HEREDOC.search(ended.output):
        message = f"This here-document is never closed: no line after it is just `{open_ended[2]}`."
        return Unrun(int(open_ended[1]), message)
    lines = text.splitlines()
    last = _last_line(lines, ended)
    rest = _rest(program, lines, last)
    if rest is None:
        return None
    where = f"on line {last} of the block" if last else "before"
    return Unrun(rest, f"This line has not run: the shell has ended {where}. What shall run stands above its end.")


def _last_line(lines: Sequence[str], ended: Ended) -> int:
    """The line outside of all functions on which a shell has ended; the last that could be it where it did not say."""
    told = [note.lines[-1] for note in ended.notes if not note.depth and note.lines and note.kind in ("failed", "left")]
    guessed = (number for number in range(len(lines), 0, -1) if _LEAVES.search(lines[number - 1]))
    return told[-1] if told else next(guessed, 0)


def _rest(program: str, lines: Sequence[str], last: int) -> int | None:
    """The first line behind the command on another that begins one of its own, and no branch of one that has run."""
    ends = (end for end in range(last, len(lines) + 1) if last and _is_whole(program, lines[last - 1 : end]))
    for number in range(next(ends, last), len(lines)):
        if is_code(lines[number]) and _is_whole(program, lines[number:]):
            return number + 1
    return None


def _is_whole(program: str, lines: Sequence[str]) -> bool:
    """Whether lines are commands from beginning to end, none of which goes on."""
    text = "".join(f"{line}\n" for line in lines)
    read = subprocess.run([program, "-n"], input=text.encode(), capture_output=True, check=False)
    goes_on = lines[-1].endswith("\\") or b"here-document" in read.stderr
    return read.returncode == 0 and not goes_on


def _passed_over(ended: Ended) -> Unrun | None:
    for note in ended.notes:
        if note.kind == "missing":
            return Unrun(note.lines[0], "This line calls a command that is not there, and the block goes on.")
        if note.kind == "failed" and not note.depth:
            return Unrun(
                note.lines[0],
                "This line fails, and after `set +e` the block goes on. Where it may fail: `command || true`.",
            )
    return None

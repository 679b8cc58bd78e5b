"""Run the commands that README.md shows, and compare what they print: `uv run python scripts/check_readme.py`.

Looked at are the blocks marked `console`. A line that begins with `$ ` is a command, the lines below it are what it
prints; three dots stand for any text. A command must succeed. What it prints is compared if any of it is shown.
"""

import doctest
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)


class Promise(NamedTuple):
    """A command of the README, and what it says that the command prints."""

    command: str
    output: str


def promises(text: str) -> list[Promise]:
    """The commands of a README, in their order."""
    pieces = [piece for block in BLOCK.findall(text) for piece in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]]
    return [Promise(*piece.split("\n", 1)) for piece in pieces]


def is_kept(promise: Promise, printed: str) -> bool:
    r"""Whether a command has printed what the README shows.

    >>> is_kept(Promise("mailroom --version", "mailroom ...\n"), "mailroom 0.2.0\n")
    True
    """
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    return not promise.output or doctest.OutputChecker().check_output(promise.output, printed, flags)


def main() -> int:
    """Keep all promises, or say which one is broken."""
    found = promises(Path("README.md").read_text(encoding="utf-8"))
    if not found:
        print("check_readme: README.md has no command in a block marked `console`", file=sys.stderr)
        return 1
    for promise in found:
        print(f"$ {promise.command}", flush=True)
        done = subprocess.run(promise.command, shell=True, capture_output=True, encoding="utf-8", check=False)
        if done.returncode:
            print(f"{done.stdout}{done.stderr}check_readme: exit code {done.returncode}", file=sys.stderr)
            return 1
        if not is_kept(promise, done.stdout):
            print(f"check_readme: README.md shows\n{promise.output}but it prints\n{done.stdout}", file=sys.stderr)
            return 1
    print(f"{len(found)} commands, all as README.md says")
    return 0


if __name__ == "__main__":
    sys.exit(main())

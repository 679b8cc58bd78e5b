"""Keep one issue that lists which code of the course the newest releases of its tools have broken.

    python tools/report_rot.py RESULTS.json --run URL

RESULTS.json is what `course verify --results` wrote; where it is missing, not even the set-up worked, and the issue
says that. Something failed: the issue is opened, or its text renewed. Nothing failed: an open one is closed with a
comment. Needs GitHub's `gh` with the right to write issues. Standard library only.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TITLE = "The newest releases break code of the course"
LIMIT = 60_000  # characters; GitHub takes 65,536
OUTPUT = 1_500  # characters of one block's output

Gh = Callable[..., str]


@dataclass(frozen=True)
class Failure:
    """One block or exercise that failed, as `course verify` tells it."""

    path: str
    line: int
    what: str
    message: str
    output: str


def failures(results: Sequence[dict[str, Any]]) -> list[Failure]:
    """What failed, in the order of the course."""
    failed = (entry for entry in results if entry["state"] == "failed")
    return [Failure(e["path"], e["line"], e["what"], e.get("message", ""), e.get("output", "")) for e in failed]


def read(path: Path) -> list[dict[str, Any]] | None:
    """The results, or None where the run has left none that can be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["outcomes"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found, list) and found else None


def body(found: Sequence[Failure] | None, run: str) -> str:
    """The text of the issue.

    Args:
        found: What failed; None where there are no results.
        run: The address of the workflow's run.
    """
    about = (
        "The course pins its tools. Every week all its code is run against their newest releases, so that what they "
        f"break is known before a student meets it: [the latest run]({run}). This text is renewed by each run, and "
        "the issue is closed by the first that finds nothing."
    )
    if found is None:
        return f"{about}\n\n**The set-up failed**, or the run ended early: there are no results. Its log says why.\n"
    pages = list(dict.fromkeys(failure.path for failure in found))
    parts = [about, f"**{_counted(len(found), 'failure')} in {_counted(len(pages), 'file')}**"]
    for page in pages:
        parts.append(f"### {page}")
        parts += [_listed(failure) for failure in found if failure.path == page]
    return _cut("\n\n".join(parts) + "\n")


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


def _listed(failure: Failure) -> str:
    first = f"- line {failure.line}, {failure.what}: {failure.message or 'it failed'}"
    if not failure.output.strip():
        return first
    text = failure.output[:OUTPUT].rstrip() + ("\n[…]" if len(failure.output) > OUTPUT else "")
    return first + "\n\n" + "\n".join(f"      {line}".rstrip() for line in text.splitlines())


def _cut(text: str) -> str:
    note = "\n\n[… more than an issue holds; the run's log has all of it]\n"
    return text if len(text) <= LIMIT else text[: LIMIT - len(note)] + note


def report(found: Sequence[Failure] | None, run: str, gh: Gh) -> str:
    """Bring the issue up to date; returns what was done, for the log."""
    listed = gh("issue", "list", "--state", "open", "--search", f'"{TITLE}" in:title', "--json", "number,title")
    number = next((str(issue["number"]) for issue in json.loads(listed or "[]") if issue["title"] == TITLE), "")
    if found is not None and not found:
        if number:
            gh("issue", "close", number, "--comment", f"[This run]({run}) found nothing broken.")
        return f"Nothing is broken; issue {number} is closed." if number else "Nothing is broken."
    if number:
        gh("issue", "edit", number, "--body-file", "-", text=body(found, run))
        return f"Issue {number} is renewed."
    gh("issue", "create", "--title", TITLE, "--body-file", "-", text=body(found, run))
    return "An issue is opened."


def call_gh(*words: str, text: str = "") -> str:
    """Run `gh`; what it prints.

    Raises:
        subprocess.CalledProcessError: It failed; its message went to the standard error.
    """
    return subprocess.run(["gh", *words], input=text, stdout=subprocess.PIPE, text=True, check=True).stdout


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path)
    parser.add_argument("--run", required=True, help="the address of the workflow's run")
    arguments = parser.parse_args(argv)
    results = read(arguments.results)
    try:
        print(report(None if results is None else failures(results), arguments.run, call_gh))
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"The issue could not be brought up to date: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Prove that a site serves this commit: fetch its homepage until its `course-commit` is the expected one.

    python tools/published.py URL --commit SHA [--seconds 300]

The site says which commit it was built from in `<meta name="course-commit" content="…">`. Exit code 0: it is the
expected one; 1: within the time it was not, and what was seen instead is said. Standard library only.
"""

from __future__ import annotations

import argparse
import sys
import time
import urllib.error
import urllib.request
from html.parser import HTMLParser

PAUSE = 2  # seconds between two attempts


class _Meta(HTMLParser):
    commit: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "meta" and values.get("name") == "course-commit":
            self.commit = values.get("content")


def served_commit(url: str) -> str | None:
    """The commit that the page at `url` was built from, or None where it does not say.

    Raises:
        OSError: The page cannot be fetched.
    """
    request = urllib.request.Request(url, headers={"Cache-Control": "no-cache"})
    with urllib.request.urlopen(request, timeout=20) as response:
        parser = _Meta()
        parser.feed(response.read().decode("utf-8", errors="replace"))
    return parser.commit


def wait_for(url: str, commit: str, seconds: float, pause: float = PAUSE) -> str:
    """Fetch until the commit is served; return an empty text, or what was seen last when time is up."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            seen = served_commit(url)
            if seen == commit:
                return ""
            problem = f"it serves commit {seen}" if seen else "its homepage names no commit"
        except OSError as error:
            problem = f"it cannot be fetched: {error}"
        if time.monotonic() + pause > deadline:
            return problem
        time.sleep(pause)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--commit", required=True)
    parser.add_argument("--seconds", type=float, default=300, help="how long to wait (default: 300)")
    arguments = parser.parse_args(argv)
    problem = wait_for(arguments.url, arguments.commit, arguments.seconds)
    if problem:
        print(f"{arguments.url} does not serve {arguments.commit}: {problem}.", file=sys.stderr)
        return 1
    print(f"{arguments.url} serves {arguments.commit}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Rendered pages kept between runs, by content: in the user's cache folder, one file a course.

A cache that is damaged, of another version or not writable is as good as none; nothing ever depends on it.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_FORMAT = 2


class Cache:
    """What was rendered of one course before; `save` keeps what this run asked for and forgets the rest.

    The file has a line for each page, which stays as it is until its text changes: `hash JSON`.
    """

    def __init__(self, root: Path, configuration: str) -> None:
        self.file = _folder() / f"{_hash(str(root.resolve()))[:16]}.txt"
        self.configuration = _hash(_versions() + configuration)
        self.before = self._read()
        self.now: dict[str, str] = {}
        self.changed = False

    def _read(self) -> dict[str, str]:
        try:
            configuration, *lines = self.file.read_text("ascii").split("\n")
        except (OSError, ValueError):
            return {}
        pairs = (line.partition(" ") for line in lines if configuration == self.configuration)
        return {key: data for key, _, data in pairs}

    def get(self, text: str) -> Any:
        """What was put in for a page with this text; None if nothing was."""
        key = _hash(text)
        try:
            data = json.loads(self.before[key])
        except (LookupError, ValueError, RecursionError):
            return None
        self.now[key] = self.before[key]
        return data

    def put(self, text: str, data: Any) -> None:
        """Remember what a page became."""
        self.now[_hash(text)] = json.dumps(data, separators=(",", ":"))
        self.changed = True

    def save(self) -> None:
        """Write what is new, whole or not at all."""
        if not self.changed and len(self.now) == len(self.before):
            return
        from .fix import write_atomically

        with suppress(OSError):
            lines = [self.configuration, *(f"{key} {data}" for key, data in self.now.items())]
            write_atomically(self.file, "\n".join(lines))


def _folder() -> Path:
    """Where programs of this user keep what they can make again."""
    if given := os.environ.get("COURSEKIT_CACHE"):
        return Path(given)
    home = Path(os.path.expanduser("~"))  # noqa: PTH111  (`Path.home` fails for a user without a name, as in containers)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home)
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return base / "coursekit"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@cache
def _versions() -> str:
    """What decides how a page is rendered besides its text: the libraries, and our own way of asking them."""
    files = [Path(__file__).with_name(name) for name in ("rendered.py", "signs.py", "extensions.py")]
    for library in ("markdown", "pymdownx"):
        found = find_spec(library)
        files += [Path(place, "__meta__.py") for place in (found.submodule_search_locations or ())] if found else []
    return f"{_FORMAT} " + "".join(file.read_text("utf-8") for file in files)

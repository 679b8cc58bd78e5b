"""Rendered pages kept between runs, by content: in the user's cache folder, one file a course.

A cache that is damaged, of another version or not writable is as good as none; nothing ever depends on it.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

_FORMAT = 1


class Cache:
    """What was rendered of one course before; `save` keeps what this run asked for and forgets the rest."""

    def __init__(self, root: Path, configuration: str) -> None:
        self.file = _folder() / f"{_hash(str(root))[:16]}.json"
        self.configuration = _hash(_versions() + configuration)
        self.before = self._read()
        self.now: dict[str, list[Any]] = {}
        self.changed = False

    def _read(self) -> dict[str, list[Any]]:
        try:
            data = json.loads(self.file.read_bytes())
            pages = data["pages"] if data["configuration"] == self.configuration else {}
            return pages if isinstance(pages, dict) else {}
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            return {}

    def get(self, path: str, text: str) -> Any:
        """What was put in for this text of a page; None if nothing was."""
        entry = self.before.get(path)
        if not (isinstance(entry, list) and len(entry) == 2 and entry[0] == _hash(text)):
            return None
        self.now[path] = entry
        return entry[1]

    def put(self, path: str, text: str, data: Any) -> None:
        """Remember what a page became."""
        self.now[path] = [_hash(text), data]
        self.changed = True

    def save(self) -> None:
        """Write what is new, whole or not at all."""
        if not self.changed and len(self.now) == len(self.before):
            return
        from .fix import write_atomically

        try:
            text = json.dumps({"configuration": self.configuration, "pages": self.now}, separators=(",", ":"))
            write_atomically(self.file, text)
        except (OSError, ValueError):
            return


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
    ours = "".join(Path(__file__).with_name(name).read_text("utf-8") for name in ("rendered.py", "extensions.py"))
    return f"{_FORMAT} {version('Markdown')} {version('pymdown-extensions')} {ours}"

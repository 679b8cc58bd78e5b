"""`mkdocs serve`: it watches every session folder, new ones included, and says what is wrong with what was saved."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .diagnostic import Diagnostic
from .load import SESSION_FOLDER
from .model import Course


class News:
    """What to print after a build: at first all that is found, then what is new or in files that were saved."""

    def __init__(self) -> None:
        self.texts: dict[str, str] | None = None
        self.known: set[tuple[str, str, str]] = set()

    def of(self, course: Course, found: Sequence[Diagnostic]) -> list[Diagnostic]:
        """The diagnostics to print now."""
        before, known = self.texts, self.known
        sources = (course.settings.source, *(page.source for page in (*course.documents, *course.pages)))
        self.texts = {source.path: source.text for source in sources}
        self.known = {_key(diagnostic) for diagnostic in found}
        if before is None:
            return list(found)
        saved = {path for path, text in self.texts.items() if before.get(path) != text}
        return [d for d in found if d.location.path in saved or _key(d) not in known]


def _key(diagnostic: Diagnostic) -> tuple[str, str, str]:
    """What stays the same where lines above come or go."""
    return diagnostic.location.path, diagnostic.code, diagnostic.message


def watch_sessions(server: Any, root: Path) -> None:
    """Watch the session folders below the root, and the root itself for a new one.

    Args:
        server: MkDocs' live-reload server, not started yet.
        root: The folder of the course.
    """
    from watchdog.events import FileSystemEvent, FileSystemEventHandler

    class NewSession(FileSystemEventHandler):
        def on_created(self, event: FileSystemEvent) -> None:
            if event.is_directory and SESSION_FOLDER.match(Path(str(event.src_path)).name):
                server.watch(str(event.src_path))
                _rebuild(server)

    for folder in root.iterdir():
        if folder.is_dir() and SESSION_FOLDER.match(folder.name):
            server.watch(str(folder))
    server.observer.schedule(NewSession(), str(root), recursive=False)


def _rebuild(server: Any) -> None:
    """MkDocs ignores events of folders, so that a folder that arrives with its files needs this push."""
    with server._rebuild_cond:
        server._want_rebuild = True
        server._rebuild_cond.notify_all()

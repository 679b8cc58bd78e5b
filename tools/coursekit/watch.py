"""What `mkdocs serve` watches beyond `docs/`: every session folder, new ones included."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .load import SESSION_FOLDER


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

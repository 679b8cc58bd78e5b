"""The site as a folder that works from disk, without a server: built by MkDocs itself, with links that name files.

It is the same site from the same settings, but for two: pages are files with names of their own, and the site has no
address, since nobody will find these pages there. The same commit gives the same bytes: dates in it are the commit's.
"""

from __future__ import annotations

import logging
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort, MkDocsException

from .archive import zipped
from .load import CONFIG
from .model import Course

EPOCH = "SOURCE_DATE_EPOCH"  # where MkDocs and others look for the date of a build
FOR_SERVERS = ("404.html", "sitemap.xml", "sitemap.xml.gz")
MARKER = "coursekit/course-data.js"  # in a folder that holds a site of ours, which may be replaced


class OfflineError(Exception):
    """The folder cannot be made; the message says why."""


def offline(course: Course, target: Path) -> None:
    """Build the site as a folder, or as an archive of that folder.

    Args:
        course: What to build.
        target: A folder, whose content is replaced, or a file that ends in `.zip`.

    Raises:
        OfflineError: The build failed, or the target may not be used.
        OSError: It cannot be written.
    """
    if target.suffix != ".zip":
        if any(target.iterdir() if target.is_dir() else ()) and not (target / MARKER).is_file():
            raise OfflineError(f"{target} is not empty and holds no site. Give a new folder.")
        _build(course, target)
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "site")
        _build(course, folder)
        top = re.sub(r"\W+", "-", course.settings.site_name.lower()).strip("-") or "course"
        files = (path for path in folder.rglob("*") if path.is_file())
        packed = zipped({f"{top}/{path.relative_to(folder).as_posix()}": path.read_bytes() for path in files})
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(packed)


def _build(course: Course, folder: Path) -> None:
    logging.basicConfig(format="%(levelname)s - %(message)s")  # MkDocs' own command does so
    with _dated(course.root):
        settings: dict[str, Any] = {
            "site_dir": str(folder.resolve()),
            "site_url": "",
            "use_directory_urls": False,
            "strict": True,
        }
        config = load_config(str(course.root / CONFIG), **settings)
        config.plugins.on_startup(command="build", dirty=False)
        try:
            build(config)
        except (Abort, MkDocsException) as error:
            raise OfflineError(f"The site could not be built. {error}") from error
        finally:
            config.plugins.on_shutdown()
    for name in FOR_SERVERS:
        (folder / name).unlink(missing_ok=True)


@contextmanager
def _dated(root: Path) -> Iterator[None]:
    """While this lasts, a build bears the date of the commit, unless it has been given another."""
    if EPOCH in os.environ:
        yield
        return
    os.environ[EPOCH] = _date(root)
    try:
        yield
    finally:
        del os.environ[EPOCH]


def _date(root: Path) -> str:
    """The moment of the commit, in seconds; of the beginning of time outside a repository."""
    command = ["git", "log", "-1", "--format=%ct"]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return "0"
    return done.stdout.strip() or "0"

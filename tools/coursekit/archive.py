"""Zip archives whose bytes depend on their files alone, and which files of a module's exercises go into one."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from .model import Course, Module

_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first moment that the format knows
_UNIX = 3  # on Windows, too, so that permissions are kept


def zipped(files: Mapping[str, bytes]) -> bytes:
    """An archive of files, by their path in it; what begins with `#!` may be executed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, content in sorted(files.items()):
            entry = zipfile.ZipInfo(path, _LONG_AGO)
            entry.create_system = _UNIX
            entry.external_attr = (0o100755 if content.startswith(b"#!") else 0o100644) << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, compresslevel=9)
    return buffer.getvalue()


def archives(course: Course) -> dict[str, bytes]:
    """The files of each written module's exercises as one download, by its path on the site."""
    files = {module.archive: exercise_files(course, module) for module in course.written}
    return {name: zipped(inside) for name, inside in files.items() if inside}


def exercise_files(course: Course, module: Module) -> dict[str, bytes]:
    """What a student needs for a module's exercises: starter, tests and what lies beside them, but no solution.

    The files have their paths in the repository, below a folder that bears its name: unpacked beside the project they
    are where the commands on the pages look for them.

    Raises:
        OSError: A file cannot be read.
    """
    top = course.settings.repo_url.rstrip("/").rpartition("/")[2] or "course"
    inside = course.exercise_files.get(module.exercise_folder, ())
    paths = [f"{module.exercise_folder}/{name}" for name in inside if not name.startswith("solution/")]
    return {f"{top}/{path}": (course.root / path).read_bytes() for path in paths}

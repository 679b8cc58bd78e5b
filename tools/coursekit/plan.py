"""What a command is about to do to the files of a course: shown first, then done as a whole or not at all."""

from __future__ import annotations

import contextlib
import difflib
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from pathlib import Path, PurePosixPath

from .diagnostic import Edit, edited
from .fix import write_all, write_atomically
from .model import Source


class ScaffoldError(Exception):
    """Why something cannot be made or moved, and what to do about it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".rstrip())
        self.message, self.hint = message, hint


@dataclass(frozen=True, slots=True)
class _Step:
    path: str
    do: Callable[[], object]
    undo: Callable[[], object]


@dataclass(frozen=True)
class Plan:
    """Changes to the files of a course; nothing is touched before `write`. Paths are relative to the root."""

    creations: Mapping[str, str] = field(default_factory=dict)  # path → text
    renames: Mapping[str, str] = field(default_factory=dict)  # old → new path, of files and of folders
    edits: tuple[Edit, ...] = ()  # on old paths
    sources: Mapping[str, Source] = field(default_factory=dict)  # the files to edit, as they were read
    warnings: tuple[str, ...] = ()  # what the author should look at
    nothing: str = ""  # why there is nothing to do, where that is so

    def edited(self) -> dict[str, str]:
        """The new text of each file that is edited, by its old path."""
        groups = groupby(sorted(self.edits), key=lambda edit: edit.path)
        return {path: edited(self.sources[path].text, edits) for path, edits in groups}

    def describe(self) -> str:
        """The plan for people: files made and renamed, changed lines with their place, warnings."""
        lines = [f"create {path}" for path in self.creations]
        lines += [f"rename {old} -> {new}" for old, new in self.renames.items()]
        for path, text in self.edited().items():
            lines += _differences(path, self.sources[path].text, text)
        lines += [f"warning: {warning}" for warning in self.warnings]
        return "".join(f"{line}\n" for line in lines or [self.nothing])

    def check(self, root: Path) -> None:
        """Make sure that `write` will find everything as it was when the plan was made.

        Raises:
            ScaffoldError: A target exists, or a file is gone, write-protected or changed.
        """
        for path in self.creations:
            _check_free(root, path)
        for old, new in self.renames.items():
            if not (root / old).exists():
                raise ScaffoldError(f"{old} is gone.", "Run the command again.")
            if not _same_file(root, old, new):
                _check_free(root, new)
        for path in dict.fromkeys(edit.path for edit in self.edits):
            _check_unchanged(root / path, self.sources[path])

    def write(self, root: Path) -> None:
        """Carry the plan out.

        Args:
            root: The folder of the course.

        Raises:
            ScaffoldError: It cannot be done. Files are then as they were, or the message says which are not.
        """
        self.check(root)
        done: list[_Step] = []
        try:
            for step in self._steps(root):
                step.do()
                done.append(step)
        except BaseException as error:
            stuck = [step.path for step in reversed(done) if not _undone(step)]
            if not isinstance(error, OSError) and not stuck:
                raise
            rest = f"These could not be put back: {', '.join(stuck)}." if stuck else "Nothing was changed."
            raise ScaffoldError(f"{_reason(error)} {rest}") from error
        for old in self.renames:
            _remove_if_empty((root / old).parent)

    def _steps(self, root: Path) -> Iterator[_Step]:
        for folder in self._new_folders(root):
            yield _Step(folder, (root / folder).mkdir, (root / folder).rmdir)
        if edits := self.edited():
            before = {root / path: self.sources[path].text for path in edits}
            after = {root / path: text for path, text in edits.items()}
            yield _Step(", ".join(edits), partial(write_all, after), partial(write_all, before))
        for path, text in self.creations.items():
            yield _Step(path, partial(write_atomically, root / path, text), (root / path).unlink)
        for old, new in self.renames.items():
            back = partial((root / new).rename, root / old)
            yield _Step(new, partial((root / old).rename, root / new), back)

    def _new_folders(self, root: Path) -> list[str]:
        targets = (*self.creations, *self.renames.values())
        folders = {str(folder) for path in targets for folder in PurePosixPath(path).parents}
        return sorted(folder for folder in folders if not (root / folder).is_dir())


def _reason(error: BaseException) -> str:
    if not isinstance(error, OSError):
        return f"Interrupted by {type(error).__name__}."
    return f"{error.filename2 or error.filename or 'A file'} could not be written: {error.strerror or error}."


def _same_file(root: Path, old: str, new: str) -> bool:
    """Whether two names differ in capitals alone and the file system takes them for one."""
    return old.lower() == new.lower() and (root / new).exists() and (root / old).samefile(root / new)


def _check_free(root: Path, path: str) -> None:
    if os.path.lexists(root / path):
        raise ScaffoldError(f"{path} exists already.", "Choose another name, or move that away first.")


def _check_unchanged(file: Path, source: Source) -> None:
    try:
        same = file.read_bytes() == source.text.encode("utf-8")
        writable = os.access(file, os.W_OK) and file.stat().st_mode & stat.S_IWUSR
    except OSError as error:
        raise ScaffoldError(f"{source.path} cannot be read: {error.strerror}.") from error
    if not same:
        raise ScaffoldError(f"{source.path} has changed since it was read.", "Run the command again.")
    if not writable:
        hint = "Allow writing to it, and run the command again."
        raise ScaffoldError(f"{source.path} is write-protected.", hint)


def _undone(step: _Step) -> bool:
    try:
        step.undo()
    except OSError:
        return False
    return True


def _remove_if_empty(folder: Path) -> None:
    """Git knows no empty folders, so none should stay behind."""
    with contextlib.suppress(OSError):
        folder.rmdir()


def _differences(path: str, before: str, after: str) -> Iterator[str]:
    old, new = before.splitlines(), after.splitlines()
    matcher = difflib.SequenceMatcher(None, old, new)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag != "equal":
            yield f"edit {path}:{start + 1}"
            yield from (f"  - {line}" for line in old[start:end])
            yield from (f"  + {line}" for line in new[new_start:new_end])

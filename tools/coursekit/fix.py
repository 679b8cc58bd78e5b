"""Apply fixes: all or nothing per file, never over a text that changed meanwhile, never half-written."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .diagnostic import Diagnostic, Edit, edited
from .model import Course, Location, Source

_Key = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of the fixes."""

    fixed: tuple[Diagnostic, ...] = ()
    written: tuple[str, ...] = ()  # paths, relative to the course's root
    postponed: tuple[Diagnostic, ...] = ()  # their edits overlap others: for the next run
    failures: tuple[Diagnostic, ...] = ()  # one for each file that was left as it is; without a code


def apply(course: Course, diagnostics: Iterable[Diagnostic]) -> Result:
    """Write the fixes of the diagnostics into the files of the course.

    A file is written only if it still holds the text that was checked and its owner may write it;
    otherwise it stays as it is, with every fix that would touch it, and becomes one of the failures.

    Args:
        course: The course that was checked.
        diagnostics: What was found in it; those without a fix are passed over.
    """
    accepted, postponed = _without_overlaps(diagnostics)
    paths = sorted({edit.path for diagnostic in accepted for edit in _edits(diagnostic)})
    failures = dict(_obstacles(course, paths))
    texts = _new_texts(course, _untouched_by(failures, accepted))
    for path, text in texts.items():
        try:
            write_atomically(course.root / path, text)
        except OSError as error:
            failures[path] = _reason(error)
    return Result(
        _untouched_by(failures, accepted),
        tuple(path for path in texts if path not in failures),
        postponed,
        tuple(_failure(path, reason) for path, reason in failures.items()),
    )


def write_atomically(path: Path, text: bytes | str) -> None:
    """Replace a file, or make it, so that it holds either the old or the new text at any time.

    Args:
        path: A link is followed to the file that it leads to.
        text: Written as it is; a `str` as UTF-8, its line endings kept.

    Raises:
        OSError: The file may not be written by its owner, or cannot be written; it is as it was.
    """
    write_all({path: text})


def write_all(changes: Mapping[Path, bytes | str]) -> None:
    """Replace several files, all or none.

    All new texts are first stored beside their files, so that a full disk is noticed before anything
    has changed. When a replacement fails, those before it are taken back.

    Args:
        changes: File → new text, as for `write_atomically`. Folders that do not exist are made.

    Raises:
        OSError: One of them cannot be written; all are as they were.
    """
    staged: dict[Path, Path] = {}
    before: dict[Path, bytes | None] = {}
    try:
        for path, text in changes.items():
            real = path.resolve()
            before[real] = _old(real)
            staged[real] = _stage(real, text.encode() if isinstance(text, str) else text)
        _replace_all(staged, before)
    finally:
        for temporary in staged.values():
            temporary.unlink(missing_ok=True)


def _replace_all(staged: Mapping[Path, Path], before: Mapping[Path, bytes | None]) -> None:
    replaced = []
    try:
        for real, temporary in staged.items():
            temporary.replace(real)
            replaced.append(real)
    except BaseException:  # an interruption, too
        for real in replaced:
            _restore(real, before[real])
        raise


def _restore(real: Path, data: bytes | None) -> None:
    with suppress(OSError):
        if data is None:
            real.unlink()
        else:
            real.write_bytes(data)


def _old(real: Path) -> bytes | None:
    """What a file holds; None where there is none yet."""
    if not real.exists():
        return None
    if not real.stat().st_mode & stat.S_IWUSR:  # root could, and should not
        raise PermissionError(errno.EACCES, "it is read-only", str(real))
    return real.read_bytes()


def _stage(real: Path, data: bytes) -> Path:
    """A new file with these bytes beside the real one, with its permissions."""
    real.parent.mkdir(parents=True, exist_ok=True)
    temporary = real.with_name(f".{secrets.token_hex(6)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if real.exists():
            shutil.copymode(real, temporary)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _edits(diagnostic: Diagnostic) -> tuple[Edit, ...]:
    return diagnostic.fix.edits if diagnostic.fix else ()


def _without_overlaps(
    diagnostics: Iterable[Diagnostic],
) -> tuple[list[Diagnostic], tuple[Diagnostic, ...]]:
    """The diagnostics with fixes that can be applied together, and those that have to wait."""
    accepted, postponed = [], []
    taken: dict[str, list[_Key]] = defaultdict(list)
    for diagnostic in diagnostics:
        edits = set(_edits(diagnostic))
        if not edits:
            continue
        if _fits(edits, taken):
            accepted.append(diagnostic)
        else:
            postponed.append(diagnostic)
    return accepted, tuple(postponed)


def _fits(edits: set[Edit], taken: dict[str, list[_Key]]) -> bool:
    """Take the edits of one fix if none overlaps another one; the same edit twice is one edit."""
    added: list[tuple[str, _Key]] = []
    for edit in sorted(edits):
        key, others = (edit.start, edit.end, edit.text), taken[edit.path]
        at = bisect_left(others, key)
        if others[at : at + 1] == [key]:
            continue
        if any(_overlap(key, other) for other in others[max(at - 1, 0) : at + 1]):
            for path, earlier in added:
                taken[path].remove(earlier)
            return False
        insort(others, key)
        added.append((edit.path, key))
    return True


def _overlap(one: _Key, other: _Key) -> bool:
    """Whether two edits touch the same characters, or are insertions at one place, which have no order."""
    if one[:2] == other[:2]:
        return True
    return one[0] < other[1] and other[0] < one[1]


def _obstacles(course: Course, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The files that must not be written, and why."""
    seen: set[Path] = set()
    for path in paths:
        checked, real = _checked(course, path), (course.root / path).resolve()
        if checked is None:
            yield path, "It is not a file that was checked."
        elif real in seen:
            yield path, "It is a link to a file that is mended already; run again."
        elif reason := _changed(real, checked):
            yield path, reason
        seen.add(real)


def _changed(real: Path, checked: Source) -> str:
    try:
        same = _old(real) == checked.text.encode()
    except OSError as error:
        return _reason(error)
    return "" if same else "It has changed since it was checked; run again."


def _checked(course: Course, path: str) -> Source | None:
    if path == course.settings.source.path:
        return course.settings.source
    page = course.page_by_path.get(path)
    return page.source if page else course.texts.get(path)


def _reason(error: OSError) -> str:
    return f"It cannot be written: {error.strerror or error}."


def _failure(path: str, reason: str) -> Diagnostic:
    return Diagnostic(Location(path), f"The file is left as it is. {reason}")


def _untouched_by(paths: Iterable[str], diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The diagnostics whose fixes keep away from these files."""
    avoided = set(paths)
    return tuple(d for d in diagnostics if not any(edit.path in avoided for edit in _edits(d)))


def _new_texts(course: Course, diagnostics: Iterable[Diagnostic]) -> dict[str, str]:
    edits: dict[str, set[Edit]] = defaultdict(set)
    for diagnostic in diagnostics:
        for edit in _edits(diagnostic):
            edits[edit.path].add(edit)
    texts = {}
    for path, wanted in edits.items():
        source = _checked(course, path)
        assert source is not None  # else it would be a failure
        texts[path] = edited(source.text, wanted)
    return texts

"""The running example at any point of the course: which files it has, and which module each comes from."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..diagnostic import Diagnostic
from ..fields import near
from ..layers import beneath, left_behind, part
from ..learning_path import needs
from ..model import Course, Location, Module, Session

REMOVED, SUPERSEDED = "removed.txt", "superseded.txt"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a file of the running example comes from."""

    path: str  # in the repository
    module: str  # the name of the module that provides it


Files = Mapping[str, Origin]  # by path in the project


def before(course: Course, module: Module) -> Files:
    """The running example as it stands before a module."""
    return _laid(course, beneath(course, module))


def after(course: Course, module: Module) -> Files:
    """The running example with all that a module provides: its tests run there, also of what it removes in the end."""
    gone = removed(course, module)
    files = {path: origin for path, origin in before(course, module).items() if path not in gone}
    return {**files, **_provided(course, module)}


def removed(course: Course, module: Module) -> list[str]:
    """The files of the project that are gone once a module is done, its own among them."""
    return [path for _, path in entries(course, module, REMOVED)]


def started(course: Course, module: Module) -> Files:
    """What a student begins a module with: the running example before it, and its starter on top."""
    return {**before(course, module), **_origins(module, part(course, module, "starter"))}


def morning(course: Course, session: Session) -> Files:
    """The running example on the morning of a session, for a student of the core modules."""
    index = course.sessions.index(session)
    return evening(course, course.sessions[index - 1]) if index else {}


def evening(course: Course, session: Session) -> Files:
    """The running example at the end of a session, for a student of the core modules."""
    return _laid(course, core_until(course, session))


def core_until(course: Course, session: Session) -> list[Module]:
    """The written core modules up to the end of a session."""
    until = course.sessions[: course.sessions.index(session) + 1]
    return [module for other in until for module in other.modules if module.core and not module.draft]


def _provided(course: Course, module: Module) -> dict[str, Origin]:
    return _origins(module, left_behind(course, module))


def _origins(module: Module, files: Mapping[str, str]) -> dict[str, Origin]:
    return {path: Origin(place, module.name) for path, place in files.items()}


def _laid(course: Course, modules: Iterable[Module]) -> dict[str, Origin]:
    """The modules' files over each other, in the order of the course."""
    files: dict[str, Origin] = {}
    for module in modules:
        files |= _provided(course, module)
        for path in removed(course, module):
            files.pop(path, None)
    return files


def entries(course: Course, module: Module, name: str) -> Iterator[tuple[int, str]]:
    """The lines of a list beside `starter` and `solution`, with their numbers; empty ones and comments left out."""
    if name in course.exercise_files.get(module.exercise_folder, ()):
        text = (course.root / module.exercise_folder / name).read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip() and not line.lstrip().startswith("#"):
                yield number, line.strip()


def superseded(course: Course, modules: Iterable[Module]) -> dict[tuple[str, str], Module]:
    """The tests, by module and name, that one of these modules makes obsolete, and which."""
    lines = [(entry.partition("::"), module) for module in modules for _, entry in entries(course, module, SUPERSEDED)]
    return {(name, test): module for (name, _, test), module in lines}


def problems(course: Course, module: Module) -> Iterator[Diagnostic]:
    """What is wrong with a module's `removed.txt`. What is wrong with its files is for the rule C506 to say."""
    present = {**before(course, module), **_provided(course, module)}
    for line, path in entries(course, module, REMOVED):
        place = Location(f"{module.exercise_folder}/{REMOVED}", line)
        if path not in present:
            meant = near(path, present)
            hint = f"Did you mean `{meant}`?" if meant else "Delete this line."
            yield Diagnostic(place, f"The project has no file `{path}` in `{module.name}`.", hint)
        elif (provider := present[path].module) not in {module.name, *needs(course, module.name)}:
            message = f"`{module.name}` removes `{path}` of the module `{provider}` and does not require it."
            yield Diagnostic(place, message, f"Add `{provider}` to `requires:` in {module.page.path}.")


def write(course: Course, files: Files, folder: Path) -> None:
    """Copy files of the running example into a folder, which is made where it does not exist.

    Raises:
        OSError: A file cannot be read or written.
    """
    for path, origin in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(course.root / origin.path, place)

"""The running example at any point of the course: which files it has, and which module each comes from."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..diagnostic import Diagnostic
from ..fields import near
from ..layers import beneath, part
from ..learning_path import needs
from ..model import Course, Location, Module, Session

REMOVED = "removed.txt"


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
    """The running example as a module leaves it behind."""
    return _laid(course, [*beneath(course, module), module])


def started(course: Course, module: Module) -> Files:
    """What a student begins a module with: the running example before it, and its starter on top."""
    return {**before(course, module), **_origins(course, module, "starter")}


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


def _origins(course: Course, module: Module, name: str) -> dict[str, Origin]:
    return {path: Origin(place, module.name) for path, place in part(course, module, name).items()}


def _laid(course: Course, modules: Iterable[Module]) -> dict[str, Origin]:
    """The modules' files over each other, in the order of the course."""
    files: dict[str, Origin] = {}
    for module in modules:
        for _, path in entries(course, module, REMOVED):
            files.pop(path, None)
        files |= _origins(course, module, "starter") | _origins(course, module, "solution")
    return files


def entries(course: Course, module: Module, name: str) -> Iterator[tuple[int, str]]:
    """The lines of a list beside `starter` and `solution`, with their numbers; empty ones and comments left out."""
    if name in course.exercise_files.get(module.exercise_folder, ()):
        text = (course.root / module.exercise_folder / name).read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip() and not line.lstrip().startswith("#"):
                yield number, line.strip()


def problems(course: Course, module: Module) -> Iterator[Diagnostic]:
    """What is wrong with a module's `removed.txt`. What is wrong with its files is for the rule C506 to say."""
    present = before(course, module)
    own = part(course, module, "starter") | part(course, module, "solution")
    for line, path in entries(course, module, REMOVED):
        place = Location(f"{module.exercise_folder}/{REMOVED}", line)
        if path not in present:
            meant = near(path, present)
            hint = f"Did you mean `{meant}`?" if meant else "Delete this line."
            yield Diagnostic(place, f"The project has no file `{path}` before `{module.name}`.", hint)
        elif path in own:
            message = f"`{module.name}` removes `{path}` and provides it again."
            yield Diagnostic(place, message, "A file that is provided replaces the older one; delete this line.")
        elif (provider := present[path].module) not in needs(course, module.name):
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

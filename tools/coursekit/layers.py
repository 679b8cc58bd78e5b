"""Whose files lie over whose: the running example is made of the modules' files, each laid over those before it."""

from __future__ import annotations

from .learning_path import needs
from .model import Course, Module


def part(course: Course, module: Module, name: str) -> dict[str, str]:
    """The files of a module's `starter` or `solution`: path in the project → path in the repository."""
    start = name + "/"
    inside = course.exercise_files.get(module.exercise_folder, ())
    return {p.removeprefix(start): f"{module.exercise_folder}/{p}" for p in inside if p.startswith(start)}


def left_behind(course: Course, module: Module) -> dict[str, str]:
    """What a module leaves in the project: its starter with its solution on top."""
    return part(course, module, "starter") | part(course, module, "solution")


def beneath(course: Course, module: Module) -> list[Module]:
    """The modules that a module builds upon: all earlier core modules, and what it requires. Drafts leave nothing."""
    required = needs(course, module.name)
    earlier = course.modules[: module.number - 1]
    return [other for other in earlier if not other.draft and (other.core or other.name in required)]

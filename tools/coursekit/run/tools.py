"""Which tools the code of a module uses, and in which versions: read off the code, asked of the tools themselves."""

from __future__ import annotations

import importlib.metadata
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from pathlib import PurePosixPath

from ..model import Course, Module, Page
from .blocks import blocks
from .engine import engine
from .languages import Kind

SHELL = {"bash", "sh", "console"}
PYTHON = {"python", "pycon"}
_SUFFIXES = {".py": "python", ".sh": "bash"}
_ASKED = ("bash", "git")  # programs that tell their version themselves
_IMPORT = re.compile(r"^\s*(?:>>> )?(?:from|import)\s+(\w+)", re.M)
_NOT_SHOWN = {"coursekit"}
_COMMAND = re.compile(
    r"(?:^|[|;&(`]|\b(?:do|then|else|time|exec)\s)\s*(?:\w+=\S*\s+)*(?P<words>[\w./-]+(?:[ \t]+[\w./-]+)*)"
)
_RUNNERS = (("uv", "run"), ("uvx",), ("python", "-m"), ("python3", "-m"))


def tools_used(course: Course, module: Module, lines: Collection[int]) -> dict[str, str]:
    """Tool → version, in the order in which they are named: Python, bash, then by name.

    Args:
        course: The course, for the files of the exercises.
        module: Whose page and exercises to look into.
        lines: Lines of the page on which a block begins that was run.
    """
    texts = [*_blocks(course, module.page, lines), *_files(course, module)]
    names = _names(texts)
    if _has_tests(course, module):
        names.add("Python")
    found = {name: version for name in sorted(names - _NOT_SHOWN) if (version := _version(name))}
    return {
        name: found[name] for name in sorted(found, key=lambda name: (name != "Python", name != "bash", name.lower()))
    }


def _blocks(course: Course, page: Page, lines: Collection[int]) -> Iterator[tuple[str, str]]:
    for block in blocks(page, course.root):
        if block.place.line in lines and block.kind is Kind.RUN:
            yield block.language, block.text


def _files(course: Course, module: Module) -> Iterator[tuple[str, str]]:
    """The scripts of starter and solution, which the tests run."""
    folder = module.exercise_folder
    for path in sorted(course.files):
        language = _SUFFIXES.get(PurePosixPath(path).suffix)
        if language and path.startswith((f"{folder}/starter/", f"{folder}/solution/")):
            yield language, (course.root / path).read_text(encoding="utf-8", errors="replace")


def _has_tests(course: Course, module: Module) -> bool:
    return any(path.startswith(f"{module.exercise_folder}/test_") for path in course.files)


def _names(texts: Iterable[tuple[str, str]]) -> set[str]:
    names: set[str] = set()
    for language, text in texts:
        if language in PYTHON:
            names |= {"Python", *_imported(text)}
        elif language in SHELL:
            names |= {"bash", *_called(text, language)}
    return names


def _imported(text: str) -> set[str]:
    """The distributions that a Python text imports."""
    return {
        name
        for top in _IMPORT.findall(text)
        if top not in sys.stdlib_module_names
        for name in _distributions().get(top, ())[:1]
    }


def _called(text: str, language: str) -> Iterator[str]:
    """The tools that a shell text calls: Python's, those installed as packages, and those that can be asked."""
    if language == "console":
        text = "\n".join(line[2:] for line in text.splitlines() if line.startswith(("$ ", "> ")))
    for line in re.sub(r"\\\n", " ", text).splitlines():
        for match in _COMMAND.finditer(line.partition(" #")[0]):
            yield from _tools_of(match["words"].split())


def _tools_of(words: list[str]) -> Iterator[str]:
    """What a command line calls; `uv run pytest` calls both.

    >>> sorted(_tools_of(["python3", "-m", "json.tool"])), list(_tools_of(["ls"]))
    (['Python'], [])
    """
    name = words[0]
    if name in ("python", "python3"):
        yield "Python"
    elif name == "docker":
        yield (found.name if (found := engine()) else "Docker")
    elif name in _ASKED:
        yield name
    else:
        yield from filter(None, [_distribution_of(name)])
    for runner in _RUNNERS:
        if tuple(words[: len(runner)]) == runner and len(words) > len(runner):
            yield from _tools_of([word for word in words[len(runner) :] if not word.startswith("-")] or ["-"])


@cache
def _distributions() -> dict[str, list[str]]:
    return {top: sorted(set(names)) for top, names in importlib.metadata.packages_distributions().items()}


@cache
def _distribution_of(command: str) -> str:
    """The package that brought a command into this environment; empty where none did."""
    if "/" in command or not shutil.which(command, path=sysconfig.get_path("scripts")):
        return ""
    for distribution in importlib.metadata.distributions():
        scripts = {e.name for e in distribution.entry_points if e.group == "console_scripts"}
        files = {file.stem for file in distribution.files or () if file.parent.name in ("bin", "Scripts")}
        if command in scripts | files:
            return str(distribution.metadata["Name"])
    return ""


@cache
def _version(name: str) -> str:
    """Without the part after `+` (`2.13.0+cpu`), which says how it was built; empty where it is not known."""
    if name == "Python":
        return platform.python_version()
    if (found := engine()) and name == found.name:
        return found.version
    if name in _ASKED:
        return _told(name)
    try:
        return importlib.metadata.version(name).partition("+")[0]
    except importlib.metadata.PackageNotFoundError:
        return ""


def _told(program: str) -> str:
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    match = re.search(r"\d+(?:\.\d+)+", done.stdout)
    return match[0] if match else ""

"""Data formats: each is read by a parser of its own."""

from __future__ import annotations

import configparser
import csv
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

_AT_LINE = re.compile(r"\bline:?\s+(\d+)")
_INSTRUCTIONS = frozenset(("ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL",
    "MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"))  # fmt: skip
_HEREDOC = re.compile(r"<<-?\s*([\"']?)([A-Za-z_]\w*)\1")
_STEP = re.compile(r"\[(\d+)\]|\.?([^.\[\]]+)")


class FormatError(ValueError):
    """The text is not in its format."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.line = line


def read(language: str, text: str) -> None:
    """Read a text in one of the formats.

    Raises:
        FormatError: It cannot be read, with the line where it stops making sense.
    """
    if language in FORMATS:
        FORMATS[language](text)


def _yaml(text: str) -> None:
    try:
        list(yaml.safe_load_all(text))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise FormatError(f"This is not YAML: {error.problem or error}.", mark.line + 1 if mark else 1) from error
    except (yaml.YAMLError, ValueError) as error:
        raise FormatError(f"This is not YAML: {error}.") from error


def _toml(text: str) -> None:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FormatError(f"This is not TOML: {error}.", _line_in(str(error), text)) from error


def _line_in(message: str, text: str) -> int:
    match = _AT_LINE.search(message)
    return int(match[1]) if match else max(len(text.splitlines()), 1)


def _json(text: str) -> None:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        raise FormatError(f"This is not JSON: {error.msg}.", error.lineno) from error


def _ini(text: str) -> None:
    try:
        configparser.RawConfigParser(allow_no_value=True).read_string(text)
    except configparser.Error as error:
        raise FormatError(f"This is not INI: {error.message}.", _line_in(error.message, text)) from error


def _csv(text: str) -> None:
    reader = csv.reader(text.splitlines(), strict=True)
    try:
        widths = [(reader.line_num, len(row)) for row in reader if row]
    except csv.Error as error:
        raise FormatError(f"This is not CSV: {error}.", reader.line_num) from error
    for line, width in widths:
        if width != widths[0][1]:
            raise FormatError(f"This row has {width} fields, the first one {widths[0][1]}.", line)


def _dockerfile(text: str) -> None:
    lines = iter(enumerate(text.splitlines(), 1))
    seen: list[str] = []
    for number, line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        word = line.split()[0].upper()
        _check_instruction(word, seen, number)
        seen.append(word)
        whole = line
        while line.rstrip().endswith("\\") or line.lstrip().startswith("#") or not line.strip():
            if (following := next(lines, None)) is None:
                break
            line = following[1]
            whole += "\n" + line
        for _, end in _HEREDOC.findall(whole) if word in {"RUN", "COPY", "ADD"} else ():
            if not any(inner.strip() == end for _, inner in lines):
                raise FormatError(f"The here-document `{end}` is never closed.", number)
        if len(whole.split()) < 2:
            raise FormatError(f"`{word}` needs an argument.", number)


def _check_instruction(word: str, seen: list[str], line: int) -> None:
    if word not in _INSTRUCTIONS:
        raise FormatError(f"`{word}` is no instruction of a Dockerfile.", line)
    if word not in {"FROM", "ARG"} and "FROM" not in seen:
        raise FormatError(f"A Dockerfile begins with `FROM`, not with `{word}`.", line)


def _workflow(text: str) -> None:
    _yaml(text)
    if not checks_workflows():
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "workflow.yml"
        file.write_text(text, encoding="utf-8")
        schema = ["--builtin-schema", "vendor.github-workflows", "--output-format", "json"]
        command = [sys.executable, "-m", "check_jsonschema", *schema, str(file)]
        checked = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    if checked.returncode:
        raise _schema_error(checked.stdout, checked.stderr, text)


def checks_workflows() -> bool:
    """Whether workflows are held to GitHub's schema, beyond being YAML."""
    return importlib.util.find_spec("check_jsonschema") is not None


def _schema_error(out: str, err: str, text: str) -> FormatError:
    try:
        first: Mapping[str, Any] = json.loads(out)["errors"][0]
    except (ValueError, LookupError):
        return FormatError(f"The check of the workflow failed: {(err or out).strip()}")
    best: Mapping[str, Any] = first.get("best_match") or first
    path = str(best["path"])
    return FormatError(f"GitHub would refuse this workflow: {path}: {best['message']}", _line_of(path, text))


def _line_of(path: str, text: str) -> int:
    """The line of what a path such as `$.jobs.test.steps[0]` leads to, as far as it can be followed."""
    node = yaml.compose(text, yaml.SafeLoader)
    for index, key in _STEP.findall(path.removeprefix("$")):
        inner = _step(node, index, key)
        if inner is None:
            break
        node = inner
    return node.start_mark.line + 1 if node else 1


def _step(node: Any, index: str, key: str) -> Any:
    if index and isinstance(node, yaml.SequenceNode):
        return node.value[int(index)]
    if key and isinstance(node, yaml.MappingNode):
        return next((value for name, value in node.value if name.value == key), None)
    return None


def _python(text: str) -> None:
    try:
        compile(text, "<block>", "exec", dont_inherit=True)
    except SyntaxError as error:
        raise FormatError(f"This is not Python: {error.msg}.", error.lineno or 1) from error


def _shell(text: str) -> None:
    bash = shutil.which("bash") or "bash"
    checked = subprocess.run([bash, "-n"], input=text.encode(), capture_output=True, check=False)
    if checked.returncode:
        said = checked.stderr.decode(errors="replace")
        raise FormatError(f"This is not bash: {said.strip()}", _line_in(said, text))


FORMATS: Mapping[str, Callable[[str], None]] = {
    "yaml": _yaml,
    "workflow": _workflow,
    "toml": _toml,
    "json": _json,
    "ini": _ini,
    "csv": _csv,
    "dockerfile": _dockerfile,
    "python": _python,
    "bash": _shell,
    "sh": _shell,
}

"""Which language a piece of text is in, said only where nothing else is possible."""

from __future__ import annotations

import ast
import functools
import json
import re
import textwrap

import yaml

from . import TEMPLATE
from .data import nodes
from .python import tree

_PROMPT = re.compile(r"^[ \t]*\$[ \t]+")
_COMMANDS = (  # what no sentence begins with
    r"pip3? (?:install|uninstall|freeze|list|show)\b",
    r"python3? (?:-[mc] |[\w./-]+\.py\b)",
    r"uv (?:add|run|sync|pip|venv|init|tool|lock|python)\b|uvx \w|pipx (?:install|run)\b|poetry (?:add|install|run)\b",
    r"conda (?:create|activate|install|env|deactivate|list)\b",
    r"git (?:clone|add|commit|push|pull|checkout|init|status|branch|merge|switch|tag|config|remote|log|diff)\b",
    r"docker (?:run|build|pull|push|ps|images|exec|tag|login|compose|system|rm|rmi|stop|logs)\b|docker-compose \w",
    r"gcloud (?:\w+ )+|gsutil \w|bq \w|kubectl \w",
    r"dvc (?:init|add|push|pull|remote|repro|exp|config|checkout|import|get)\b",
    r"mkdir [-\w.]|cd [\w./~-]+$|ls(?: -\w+| [\w./-]+)*$|source [\w./-]+$|chmod [+\d]|touch [\w./-]+$",
    r"curl (?:-|http)|wget (?:-|http)|ssh [\w.-]+@|scp \S+ \S+:",
    r"apt(?:-get)? (?:install|update)\b|brew install\b|npm (?:install|run|ci|i)\b|npx \w",
    r"export \w+=|echo [\"'$]|make [\w-]+$|invoke \w",
    r"pytest(?: [\w./-]+| -\S+)*$|ruff (?:check|format)\b|mypy [\w./-]+|pre-commit (?:install|run)\b",
    r"hatch (?:run|env|build)\b",
    r"uvicorn [\w.]+:\w+|fastapi (?:dev|run)\b|mkdocs (?:serve|build|new)\b|jupyter (?:notebook|lab)\b",
    r"wandb (?:login|sweep|agent)\b",
)
_SHELL = re.compile(rf"(?:\w+=\S* )?(?:sudo )?(?:{'|'.join(_COMMANDS)})")
_PYTHON = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.With)
_PYTHON_LINE = re.compile(
    r"^[ \t]*(?:import [\w.]+(?: as \w+)?|from [\w.]+ import .+|(?:async )?def \w+\(.*|class \w+.*:)\s*(?:#.*)?$", re.M
)
_FROM = re.compile(
    r"\s*(?:#[^\n]*\n\s*|ARG [^\n]*\n\s*)*FROM (?:--\S+ )?[\w./:@${}<>-]+(?:[ \t]+AS[ \t]+\S+)?[ \t]*(?:#[^\n]*)?\n",
    re.I,
)
_INSTRUCTION = re.compile(r"^(?:RUN|COPY|WORKDIR|CMD|ENTRYPOINT|ENV|EXPOSE|ADD|USER|LABEL|ARG)[ \t]+\S", re.M)
_YAML_LINE = re.compile(r"^[ \t]*(?:- |#|(?:- )?[\w.\"'/${}-]+:(?:[ \t]|$)|[}\]\"'\w$-])")
_TABLE = re.compile(r"^\[{1,2}[\w.\"-]+\]{1,2}[ \t]*(?:#.*)?$", re.M)
_SENTENCE = re.compile(r"^[A-Z]\w* \w+ .*:[ \t]*$|^[ \t]*- [A-Z][\w ]*: [A-Z]\w+ ", re.M)  # prose with a list
_BLOCK_KEY = re.compile(r"^[ \t]*(?:- )?[\w.-]+:[ \t]*(?:[^\s{,].*)?$", re.M)


def is_shell(text: str) -> bool:
    """Whether every line is a command that everybody knows."""
    joined = re.sub(r"\\[ \t]*\n", " ", text)
    lines = [line.strip() for line in joined.split("\n") if line.strip() and not line.lstrip().startswith("#")]
    return bool(lines) and all(_SHELL.match(_PROMPT.sub("", line)) for line in lines)


def begins_command(line: str) -> bool:
    """Whether a line begins with a command that everybody knows."""
    return bool(_SHELL.match(line.strip()))


def is_dockerfile(text: str) -> bool:
    """Whether it begins with `FROM image` and goes on with instructions."""
    return bool(_FROM.match(text) and _INSTRUCTION.search(text))


def is_python(text: str) -> bool:
    """Whether it parses as Python and imports or defines something."""
    if not _PYTHON_LINE.search(text):
        return False
    module = tree(text)
    return module is not None and any(isinstance(node, _PYTHON) for node in module.body)


def is_json(text: str) -> bool:
    """Whether it is a mapping, or a list of such, in JSON."""
    if not text.lstrip().startswith(("{", "[")):
        return False
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return bool(found) and (isinstance(found, dict) or all(isinstance(item, dict) for item in found))


def is_yaml(text: str) -> bool:
    """Whether it is a mapping or list in YAML with something nested in it, one key a line."""
    if TEMPLATE.search(text) or not _BLOCK_KEY.search(text) or "::" in text or ";\n" in text:
        return False
    lines = [line for line in textwrap.dedent(text).split("\n") if line.strip()]
    if len(lines) < 3 or _SENTENCE.search(text) or not all(_YAML_LINE.match(line) for line in lines):
        return False
    found = nodes(text)
    return isinstance(found, list) and len(found) == 1 and _is_nested(found[0]) and "{" not in lines[0]


def _is_nested(node: yaml.Node) -> bool:
    if isinstance(node, yaml.SequenceNode) and not node.flow_style:
        return len(node.value) > 0 and all(isinstance(item, yaml.MappingNode) for item in node.value)
    if not isinstance(node, yaml.MappingNode) or node.flow_style:
        return False
    children = [child for _, child in node.value]
    return any(isinstance(c, (yaml.MappingNode, yaml.SequenceNode)) and c.value and not c.flow_style for c in children)


def is_toml(text: str) -> bool:
    """Whether it has a `[table]` and values in TOML."""
    if not _TABLE.search(text) or "=" not in text:
        return False
    import tomllib

    try:
        return any(isinstance(value, (dict, list)) and value for value in tomllib.loads(textwrap.dedent(text)).values())
    except (tomllib.TOMLDecodeError, RecursionError):
        return False


_DETECTORS = {
    "dockerfile": is_dockerfile,
    "bash": is_shell,
    "toml": is_toml,
    "json": is_json,
    "python": is_python,
    "yaml": is_yaml,
}


@functools.lru_cache(maxsize=10_000)  # several rules ask for the same blocks
def detected(text: str) -> str:
    """The language of a text; empty where it is not certain."""
    return next((name for name, is_it in _DETECTORS.items() if is_it(text)), "") if text.strip() else ""

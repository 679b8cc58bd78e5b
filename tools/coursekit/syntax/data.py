"""YAML, JSON and TOML: does a piece of data parse, and does it say each thing once?"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import yaml

from ..fields import DataLoader
from . import ELIDED, ONLY_ELISION, PLACEHOLDER, TEMPLATE, Fault

_COMMENT = re.compile(r"(\"(?:\\.|[^\"\\\n])*\")|//[^\n]*|/\*.*?\*/|(?<![^\s,\[{])#[^\n]*", re.S)
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_DIRECTIVE = re.compile(r"^[ \t]*:::", re.M)
_FIELD = re.compile(r"\{[A-Za-z_]\w*\}")
_TOML_PLACE = re.compile(r"\(at (?:line (\d+), column (\d+)|end of document)\)")
_SNIPPET = re.compile(r"^[ \t]*-{1,}8<-{1,}", re.M)
_VERSION_KEY = re.compile(r"(?:^|[-_])version$|^version$|^(?:python|node|go)$", re.I)
_ON_PURPOSE = re.compile(r"#[^\n]{0,200}\b(?:duplicat|repeat|twice|again)", re.I)
_BRACKETS = 2000
_DOTS = 2000
_LOST_ZERO = re.compile(r"\d+\.\d*0")
_YAML_WORDS = (  # what the parser says → what a reader understands
    ("mapping values are not allowed", "a second `: ` stands on a line, or a line is indented like none above it"),
    ("found a tab", "a tab stands where only spaces may"),
    ("found character '\\t'", "a tab stands where only spaces may"),
    ("cannot start any token", "a value begins with a character that needs quotes"),
    ("expected <block end>", "a line is indented like none of the lines above it"),
    ("could not find expected ':'", "a line has no `key:`"),
    ("found unexpected end of stream", "a quote or bracket is never closed"),
    ("found unknown escape character", "a backslash in double quotes must be doubled; or use single quotes"),
    ("expected ',' or", "a bracket is not closed, or a comma is missing"),
    ("undefined alias", "a value begins with `*`, which needs quotes"),
    ("expected alphabetic or numeric character", "a value begins with `*` or `&`, which needs quotes"),
    (
        "did not find expected",
        "a line is indented like none of the lines above it, or a quote or bracket is not closed",
    ),
    ("block sequence entries are not allowed", "a list begins on the line of its key"),
    ("unexpected character", "it holds a character that YAML does not allow"),
)
_JSON_WORDS = (
    ("property name enclosed in double quotes", "a key in double quotes belongs here, or a comma stands before `}`"),
    ("Expecting ',' delimiter", "a comma is missing before this"),
    ("Expecting ':' delimiter", "a colon is missing before this"),
    ("Extra data", "something stands behind the end of the value"),
    ("Expecting value", "a value belongs here; a comma before `]` does not"),
    ("Invalid \\escape", "a backslash in a string must be doubled"),
    ("Invalid control character", "a string has no closing quote on its line"),
    ("Unterminated string", "a string has no closing quote"),
    ("Illegal trailing comma", "the last entry is followed by a comma"),
)


def faults(language: str, text: str) -> list[Fault]:
    """Why a text is not data of its language; at most one syntax error, and for YAML every repeated key."""
    return list(_CHECKS[language](text)) if language in _CHECKS else []


def nodes(text: str) -> list[yaml.Node] | yaml.YAMLError:
    """The documents of a YAML text, lines of elision left out."""
    if text.count("[") + text.count("{") > _BRACKETS:
        return []  # the parser needs time by the square of their depth
    loader = DataLoader(_yaml_source(text))
    found = []
    try:
        while loader.check_node():
            found.append(loader.get_node())
    except yaml.YAMLError as error:
        return error
    except (ValueError, RecursionError):  # characters that the reader refuses; deep nesting
        return []
    finally:
        loader.dispose()
    return found


def value(node: yaml.Node, depth: int = 0) -> Any:
    """What a YAML node says, with foreign tags as plain data, and no deeper than files go."""
    if depth > 50:
        return None
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): value(child, depth + 1) for key, child in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [value(child, depth + 1) for child in node.value]
    kind = node.tag.rpartition(":")[2]
    if kind == "bool":
        return str(node.value).lower() in ("true", "yes", "on")
    if kind in ("int", "float"):
        try:
            return int(node.value) if kind == "int" else float(node.value)
        except ValueError:
            return node.value
    return None if kind == "null" else node.value


def _yaml_source(text: str) -> str:
    text = ONLY_ELISION.sub(lambda match: f"{match[1]}#", text) if ELIDED.search(text) else text
    text = _SNIPPET.sub("#", text)
    return textwrap.dedent(text)


def _yaml(text: str) -> Iterator[Fault]:
    if TEMPLATE.search(text) or _DIRECTIVE.search(text):
        return
    found = nodes(text)
    if isinstance(found, yaml.YAMLError):
        around = nodes("_:\n" + textwrap.dedent(text))  # a list, and the key that follows it
        if not isinstance(around, yaml.YAMLError) or _first_line_is_deeper(text):
            return
        yield from _yaml_error(text, found)
        return
    indent, lines = dedented(text), text.split("\n")
    for node in found:
        for key, first in _repeated(node, lines):
            line, column = key.start_mark.line + 1, key.start_mark.column + 1 + indent
            message = f"The key `{key.value}` stands twice in this mapping, first in line {first} of the block."
            yield Fault(line, column, message, "Only the last one counts. Perhaps a `-` is missing, or indentation.")


def dedented(text: str) -> int:
    line = next((line for line in text.split("\n") if line.strip()), "")
    kept = next((line for line in textwrap.dedent(text).split("\n") if line.strip()), "")
    return len(line) - len(kept)


def _first_line_is_deeper(text: str) -> bool:
    """Whether a fragment begins within something that it does not show."""
    lines = [line for line in textwrap.dedent(text).split("\n") if line.strip() and not line.lstrip().startswith("#")]
    return bool(lines) and lines[0][0] == " "


def _yaml_error(text: str, error: yaml.YAMLError) -> Iterator[Fault]:
    unclosed = re.search("flow|quoted", getattr(error, "context", None) or "")
    mark = getattr(error, "context_mark" if unclosed else "problem_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = text.split("\n")
    near = "\n".join(lines[max(line - 3, 0) : line + 1])
    if ELIDED.search(near) or _is_template(near):
        return
    said = getattr(error, "problem", None) or str(error)
    reason = next((words for part, words in _YAML_WORDS if part in said), said)
    yield Fault(line, column + dedented(text), f"This is not YAML: {reason}.")


def _is_template(near: str) -> bool:
    return bool(re.search(r"(?<!\$)\{\{|\{%|\[\[|<<", near))


def _repeated(node: yaml.Node, lines: list[str], depth: int = 0) -> Iterator[tuple[yaml.Node, int]]:
    """Keys that stand twice in a mapping, unless a comment or a gap between them says that they are alternatives."""
    children: list[yaml.Node] = []
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, child in node.value:
            children.append(child)
            if not isinstance(key, yaml.ScalarNode) or key.value in ("<<", "...", "…"):
                continue
            line = key.start_mark.line
            if key.value in seen and not _alternatives(lines, seen[key.value], line, depth):
                yield key, seen[key.value] + 1
            seen[key.value] = line
    elif isinstance(node, yaml.SequenceNode):
        children = node.value
    if depth < 50:
        for child in children:
            yield from _repeated(child, lines, depth + 1)


def _alternatives(lines: list[str], first: int, second: int, depth: int) -> bool:
    between = [line.strip() for line in lines[first + 1 : second]]
    said = any(_ON_PURPOSE.search(lines[number]) for number in (first, second))
    return said or any(line.startswith("#") or (not line and depth == 0) or ELIDED.search(line) for line in between)


def lost_zeros(node: yaml.Node, key: str = "", depth: int = 0) -> Iterator[yaml.ScalarNode]:
    """Versions such as `3.10` without quotes, which YAML reads as the number 3.1."""
    if isinstance(node, yaml.MappingNode):
        for name, child in node.value if depth < 50 else ():
            yield from lost_zeros(child, str(name.value), depth + 1)
    elif isinstance(node, yaml.SequenceNode):
        for child in node.value if depth < 50 else ():
            yield from lost_zeros(child, key, depth + 1)
    elif isinstance(node, yaml.ScalarNode) and not node.style and _VERSION_KEY.search(key):
        number = node.tag.endswith(":float") and _LOST_ZERO.fullmatch(node.value)
        if number and not node.value.endswith(".0"):
            yield node


def _json(text: str) -> Iterator[Fault]:
    plain = _SNIPPET.sub("//", text)
    error = _json_error(plain)
    if error is None or ELIDED.search(plain) or TEMPLATE.search(plain):
        return
    without = _COMMENT.sub(lambda match: match[1] or " ", plain)
    commented = without != plain
    for reading in (without, "{" + without.rstrip().rstrip(",") + "}", "[" + without.rstrip().rstrip(",") + "]"):
        if commented:
            reading = _TRAILING_COMMA.sub("", reading)
        if _json_error(reading) is None:
            return
    if commented:
        return  # JSON with comments has parsers of its own
    lines = text.split("\n")
    if PLACEHOLDER.search(lines[min(error.lineno, len(lines)) - 1]):
        return
    reason = next((words for part, words in _JSON_WORDS if part in error.msg), error.msg)
    yield Fault(error.lineno, error.colno, f"This is not JSON: {reason}.")


def _json_error(text: str) -> json.JSONDecodeError | None:
    """The first error; several values behind each other are none."""
    decoder, at = json.JSONDecoder(), 0
    try:
        while at < len(text):
            if text[at].isspace():
                at += 1
            else:
                _, at = decoder.raw_decode(text, at)
    except json.JSONDecodeError as error:
        return error
    except RecursionError:
        return None
    return None


def _toml(text: str) -> Iterator[Fault]:
    import tomllib

    source = _SNIPPET.sub("#", ONLY_ELISION.sub("#", text))
    if any(line.count(".") > _DOTS for line in source.split("\n")):
        return  # the parser needs time by the square of the parts of a key
    try:
        tomllib.loads(textwrap.dedent(source))
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        place = _TOML_PLACE.search(said)
        line, column = (int(place[1]), int(place[2])) if place and place[1] else (max(text.count("\n"), 1), 1)
        shown = text.split("\n")[line - 1]
        if (
            ELIDED.search(shown)
            or PLACEHOLDER.search(shown)
            or _FIELD.search(shown)
            or TEMPLATE.search(text)
            or "Cannot" in said
        ):
            return  # a table or key that stands twice may be an alternative
        if "inline table" in said.lower() or _are_values(source):
            return  # TOML 1.1 lets it go over several lines; entries of a list that is not shown
        reason = _TOML_PLACE.sub("", said).strip().rstrip(".")
        yield Fault(line, column, f"This is not TOML: {reason[:1].lower()}{reason[1:]}.")
    except RecursionError:
        return


def _are_values(source: str) -> bool:
    """Whether a text of TOML is what stands between the brackets of a list."""
    import tomllib

    if not source.lstrip().startswith("{"):
        return False
    try:
        tomllib.loads(f"_ = [\n{source}\n]")
    except tomllib.TOMLDecodeError:
        return False
    return True


_CHECKS: dict[str, Callable[[str], Iterator[Fault]]] = {"yaml": _yaml, "json": _json, "toml": _toml}

"""Read YAML mappings so that every key and list item knows its offset, and every surprise becomes a problem.

Used for the front matter of pages and for the settings in `mkdocs.yml`: what keys exist, of which type, is said
once, in the tables of `load` and of `settings`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from .model import Field, Location, Problem, Source

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class DataLoader(_Loader):  # type: ignore[misc]
    """A safe loader that reads foreign tags (`!ENV`, `!!python/name:…`) as plain data and imports nothing."""


def _as_data(loader: Any, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return node.value


@dataclass(frozen=True, slots=True)
class Impossible:
    """A value that is not what it looks like, such as the date `2027-02-30`; of no type that a key may have."""

    text: str

    def __str__(self) -> str:
        return self.text


def _if_possible(construct: Callable[[Any, yaml.Node], Any]) -> Callable[[Any, yaml.Node], Any]:
    def constructed(loader: Any, node: yaml.Node) -> Any:
        try:
            return construct(loader, node)
        except (ValueError, LookupError, AttributeError):
            return Impossible(str(node.value))

    return constructed


for _kind in ("bool", "int", "float", "timestamp"):
    _construct = _if_possible(getattr(DataLoader, f"construct_yaml_{_kind}"))
    DataLoader.add_constructor(f"tag:yaml.org,2002:{_kind}", _construct)
DataLoader.add_multi_constructor("!", _as_data)
DataLoader.add_multi_constructor("tag:yaml.org,2002:python/", _as_data)


@dataclass(frozen=True, slots=True)
class Key:
    """One key that may stand in a mapping: what it holds, and whether it must be there."""

    type: str  # one of TYPES
    required: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A YAML document inside a file: where it begins, and its root node (None where it is empty)."""

    source: Source
    offset: int
    node: yaml.Node | None
    loader: Any

    def position(self, node: yaml.Node) -> int:
        return self.offset + node.start_mark.index

    def at(self, node: yaml.Node) -> Location:
        return self.source.at(self.position(node))


def compose(source: Source, start: int, end: int) -> Block | Problem:
    """Parse `text[start:end]` of a file as YAML; a syntax error comes back as a problem with its line."""
    text = source.text[start:end]
    loader = DataLoader(text)
    try:
        return Block(source, start, loader.get_single_node(), loader)
    except yaml.YAMLError as error:
        unclosed = re.search("flow|quoted", getattr(error, "context", None) or "")
        mark = getattr(error, "context_mark" if unclosed else "problem_mark", None)
        reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be parsed"
        at = source.at(start + min(mark.index, len(text))) if mark else source.at(start)
        return Problem(
            "broken-yaml",
            at,
            f"This is not valid YAML: {reason}.",
            "Quote a value that contains `: ` or begins with one of `[{*&!|>%@`, and indent with spaces.",
        )
    finally:
        loader.dispose()


def fields(block: Block, node: yaml.Node | None) -> tuple[dict[str, Field], list[Problem]]:
    """The keys of a mapping node with their values; repeated keys and non-mappings become problems."""
    if node is None:
        return {}, []
    if not isinstance(node, yaml.MappingNode):
        value = [node] if isinstance(node, yaml.SequenceNode) else block.loader.construct_object(node, deep=True)
        message = f"A mapping of keys to values belongs here, not {describe(value)}."
        return {}, [Problem("not-a-mapping", block.at(node), message, "Write `key: value`, one key a line.")]
    found: dict[str, Field] = {}
    problems = []
    for key_node, value_node in node.value:
        key = str(key_node.value)
        if key in found:
            problems.append(
                Problem(
                    "duplicate-key",
                    block.at(key_node),
                    f"The key `{key}` stands here a second time.",
                    f"The first one is in line {block.source.at(found[key].offset).line}; keep one of them.",
                )
            )
            continue
        try:
            value = block.loader.construct_object(value_node, deep=True)
        except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
            block.loader.recursive_objects.clear()  # else whatever holds or follows it would be blamed as well
            reason = getattr(error, "problem", None) or str(error)
            problems.append(Problem("wrong-type", block.at(value_node), f"`{key}` cannot be read: {reason}."))
            continue
        found[key] = Field(value, block.position(key_node), tuple(_items(block, value_node)))
    return found, problems


def child(block: Block, node: yaml.Node | None, key: str) -> yaml.Node | None:
    """The value node of a key, or None."""
    if isinstance(node, yaml.MappingNode):
        return next((v for k, v in node.value if str(k.value) == key), None)
    return None


def _items(block: Block, node: yaml.Node) -> Iterator[int]:
    if isinstance(node, yaml.SequenceNode):
        yield from (block.position(item) for item in node.value)
    elif isinstance(node, yaml.MappingNode):
        yield from (block.position(key) for key, _ in node.value)


def checked(
    found: Mapping[str, Field], keys: Mapping[str, Key], source: Source, where: str, top: Location
) -> tuple[dict[str, Field], list[Problem]]:
    """Only the known and well-typed fields, and a problem for each other one and for each missing one."""
    good: dict[str, Field] = {}
    problems = []
    for name, entry in found.items():
        key = keys.get(name)
        if key is None:
            message = f"`{name}` is not a key of {where}."
            problems.append(Problem("unknown-key", source.at(entry.offset), message, nearest(name, keys)))
        elif not TYPES[key.type](entry.value):
            problems.append(_wrong_type(name, key, entry, source))
        else:
            good[name] = entry
    for name, key in keys.items():
        if key.required and name not in found:
            problems.append(
                Problem("missing-key", top, f"`{name}` is missing from {where}.", f"Add `{name}:`, {key.type}.")
            )
    return good, problems


def _wrong_type(name: str, key: Key, entry: Field, source: Source) -> Problem:
    """Says which item of a list is no text, where the rest is as it should be."""
    items = entry.value if isinstance(entry.value, list) else []
    wrong = next((i for i, item in enumerate(items) if not isinstance(item, str)), None)
    if wrong is None or key.type not in ("a list of texts", "a list of one text or more"):
        message = f"`{name}` should be {key.type}, not {describe(entry.value)}."
        return Problem("wrong-type", source.at(entry.offset), message)
    offset = entry.items[wrong] if wrong < len(entry.items) else entry.offset
    message = f"An item of `{name}` should be a text, not {describe(items[wrong])}."
    return Problem("wrong-type", source.at(offset), message, 'Put it in quotes, like `"3.11"` or `"What: how"`.')


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint that names the nearest known word, or all of them.

    >>> nearest("objectivs", ["objectives", "tools"])
    'Did you mean `objectives`?'
    """
    names = list(known)
    if close := near(name, names):
        return f"Did you mean `{close}`?"
    return f"Known here: {', '.join(f'`{n}`' for n in names)}." if names else ""


def near(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """The known word that is nearest, or nothing where none is near."""
    return next(iter(difflib.get_close_matches(name, list(known), n=1, cutoff=cutoff)), "")


def describe(value: Any) -> str:
    """What a value is, in words an author knows."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if value == []:
        return "an empty list"
    kinds = {str: "the text", list: "a list", dict: "a mapping", int: "the number", float: "the number"}
    kind = kinds.get(type(value), "the value")
    return kind if isinstance(value, (list, dict)) else f"{kind} `{value}`"


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _number(value: Any) -> bool:
    """Whether this is a number that can be calculated with: no infinity, no hundred digits."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1e9


TYPES: dict[str, Callable[[Any], bool]] = {
    "a text": lambda value: isinstance(value, str) and bool(value.strip()),
    "a text that may be empty": lambda value: value is None or isinstance(value, str),
    "true or false": lambda value: isinstance(value, bool),
    "a list of texts": _texts,
    "a list of one text or more": lambda value: _texts(value) and bool(value),
    "a list": lambda value: isinstance(value, list),
    "a mapping": lambda value: isinstance(value, dict),
    "a number": _number,
    "a whole number of minutes": lambda value: _number(value) and isinstance(value, int),
    "a date (like 2027-01-04)": lambda value: type(value).__name__ == "date",
    "the word draft": lambda value: value == "draft",
    "hours (like 09:00-17:00)": lambda value: isinstance(value, str),
}

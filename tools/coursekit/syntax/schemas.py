"""Configuration files of well-known tools against their schemas; needs the extra `coursekit[lint]`.

The schemas come with the package check-jsonschema: nothing is asked of the network.
"""

from __future__ import annotations

import functools
import json
import re
import textwrap
from collections.abc import Iterator, Sequence
from importlib import resources
from typing import Any

import yaml

from ..fields import near
from . import ELIDED, TEMPLATE, Fault, words
from .data import nodes, value
from .workflow import entry, keys

_VENDORED = {
    "workflow": ("github-workflows", "GitHub workflow"),
    "compose": ("compose-spec", "compose file"),
    "cloudbuild": ("cloudbuild", "Cloud Build file"),
    "dependabot": ("dependabot", "Dependabot file"),
}
_HOOK = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string"},
        "alias": {"type": "string"},
        "name": {"type": "string"},
        "entry": {"type": "string"},
        "language": {"type": "string"},
        "files": {"type": "string"},
        "exclude": {"type": "string"},
        "types": {"type": "array", "items": {"type": "string"}},
        "types_or": {"type": "array", "items": {"type": "string"}},
        "exclude_types": {"type": "array", "items": {"type": "string"}},
        "args": {"type": "array"},
        "stages": {"type": "array", "items": {"type": "string"}},
        "additional_dependencies": {"type": "array", "items": {"type": "string"}},
        "always_run": {"type": "boolean"},
        "pass_filenames": {"type": "boolean"},
        "require_serial": {"type": "boolean"},
        "verbose": {"type": "boolean"},
        "fail_fast": {"type": "boolean"},
        "description": {"type": "string"},
        "log_file": {"type": "string"},
        "language_version": {"type": "string"},
        "minimum_pre_commit_version": {"type": "string"},
        "priority": {"type": "integer"},
    },
    "additionalProperties": False,
}
_PRE_COMMIT = {
    "type": "object",
    "required": ["repos"],
    "properties": {
        "repos": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["repo", "hooks"],
                "if": {"properties": {"repo": {"enum": ["local", "meta"]}}},
                "else": {"required": ["rev"]},
                "properties": {
                    "repo": {"type": "string"},
                    "rev": {"type": "string"},
                    "hooks": {"type": "array", "items": _HOOK},
                },
                "additionalProperties": False,
            },
        }
    },
}
_KINDS = (  # title of the fence → kind
    (re.compile(r"\.github/workflows/[^/]+\.ya?ml"), "workflow"),
    (re.compile(r"(?:^|/)(?:docker-)?compose(?:\.[\w-]+)?\.ya?ml"), "compose"),
    (re.compile(r"(?:^|/)\.pre-commit-config\.ya?ml"), "pre-commit"),
    (re.compile(r"(?:^|/)cloudbuild(?:[-_.\w]+)?\.ya?ml"), "cloudbuild"),
    (re.compile(r"(?:^|/)dependabot\.ya?ml"), "dependabot"),
)
_NAMED_VOLUME = re.compile(r"([A-Za-z][\w.-]+):/")  # a path begins with `/`, `.`, `~` or `$`, a drive has one letter
_GCR = ("gcr.io/cloud-builders/", "gcr.io/google.com/cloudsdktool/")
_CLOSED = ("additionalProperties", "unevaluatedProperties")
_UNEVALUATED = re.compile(r"'([^']+)'(?=.* unexpected\))")
_OTHER_KIND = 1000  # an alternative for a list is none for a mapping
_WORDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "a text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "null": "nothing",
}


def kind_of(title: str, node: yaml.Node) -> str:
    """Which tool a YAML document is for, by the title of its fence or by what it holds; empty if unknown."""
    by_title = next((kind for pattern, kind in _KINDS if pattern.search(title)), "")
    if by_title:
        return by_title
    if isinstance(node, yaml.SequenceNode):
        return "workflow" if _are_steps(node) else ""
    if not isinstance(node, yaml.MappingNode):
        return ""
    top = keys(node)
    if _are_steps(entry(node, "steps")) or (top <= {"name", "on"} and _EVENTS & keys(entry(node, "on"))):
        return "workflow"
    if {"on", "jobs"} <= top or _are_jobs(entry(node, "jobs")) or ("on" in top and _are_jobs(entry(node, "job"))):
        return "workflow"
    if "repos" in top and isinstance(entry(node, "repos"), yaml.SequenceNode) and not top - _PRE_COMMIT_KEYS:
        return "pre-commit"
    services = entry(node, "services")
    if isinstance(services, yaml.MappingNode) and services.value and top <= _COMPOSE_KEYS:
        return "compose" if all(entry(s, "image") or entry(s, "build") for _, s in services.value) else ""
    if {"version", "updates"} <= top and "jobs" not in top:
        return "dependabot"
    steps = entry(node, "steps")
    builders = [step for step in steps.value if _is_builder(step)] if isinstance(steps, yaml.SequenceNode) else []
    if builders and (top <= _CLOUD_BUILD_KEYS or any(map(_is_googles, builders))):
        return "cloudbuild"
    return ""


_PRE_COMMIT_KEYS = frozenset(
    words(
        "repos default_install_hook_types default_language_version default_stages files exclude fail_fast ci "
        "minimum_pre_commit_version"
    )
)
_COMPOSE_KEYS = frozenset(words("version name services volumes networks configs secrets include x-common"))
_CLOUD_BUILD_KEYS = frozenset(
    words(
        "steps timeout queueTtl logsBucket options substitutions tags serviceAccount secrets availableSecrets "
        "artifacts images"
    )
)


_EVENTS = frozenset(("push", "pull_request", "schedule", "workflow_dispatch"))


def _are_steps(node: yaml.Node | None) -> bool:
    """Whether a list holds steps of a workflow: mappings, one of which uses an action."""
    if not isinstance(node, yaml.SequenceNode):
        return False
    uses = [entry(step, "uses") for step in node.value]
    return any(isinstance(action, yaml.ScalarNode) and "@" in action.value for action in uses)


def _are_jobs(node: yaml.Node | None) -> bool:
    """Whether a mapping holds jobs of a workflow: all say on what they run."""
    jobs = [job for _, job in node.value] if isinstance(node, yaml.MappingNode) else []
    return bool(jobs) and all(entry(job, "runs-on") for job in jobs)


def _is_builder(step: yaml.Node) -> bool:
    name = entry(step, "name")
    return isinstance(name, yaml.ScalarNode) and "/" in name.value and not entry(step, "uses")


def _is_googles(step: yaml.Node) -> bool:
    """Whether a step runs one of the images that Cloud Build brings along."""
    name = entry(step, "name")
    return isinstance(name, yaml.ScalarNode) and name.value.startswith(_GCR)


def faults(title: str, text: str) -> list[Fault]:
    """What a configuration file of a known tool has that the tool does not take."""
    if TEMPLATE.search(text):
        return []
    found = nodes(text)
    if not isinstance(found, list) or len(found) != 1:
        return []
    kind = kind_of(title, found[0])
    if not kind or not isinstance(found[0], (yaml.MappingNode, yaml.SequenceNode)):
        return []
    return list(_against(kind, found[0], text))


def _against(kind: str, node: yaml.Node, text: str) -> Iterator[Fault]:
    partial = bool(ELIDED.search(text)) or "-8<-" in text
    data, above = _whole(kind, value(node))
    if data is None:
        return
    indent = len(text) - len(text.lstrip(" ")) if textwrap.dedent(text) != text else 0
    what = _VENDORED[kind][1] if kind in _VENDORED else "pre-commit configuration"
    causes = [cause for error in _validator(kind).iter_errors(data) for cause in _causes(error)]
    seen: set[tuple[str | int, ...]] = set()
    for cause in sorted(causes, key=lambda cause: cause.validator not in _CLOSED):
        path = tuple(cause.absolute_path)[above:]
        if path in seen or _may_be_text(kind, cause) or (partial and cause.validator not in (*_CLOSED, "enum")):
            continue
        seen.add(path)  # a key that is written wrongly is also missing
        mark = _place(node, path, cause).start_mark
        yield Fault(mark.line + 1, mark.column + 1 + indent, f"This is no valid {what}: {_said(cause)}.")
    for name, _ in node.value if kind == "cloudbuild" and isinstance(node, yaml.MappingNode) else ():
        meant = near(str(name.value), _CLOUD_BUILD_KEYS, cutoff=0.8)
        if meant and name.value != meant:  # the schema lets any key stand there
            place = name.start_mark
            yield Fault(place.line + 1, place.column + 1 + indent, f"The key `{name.value}` is called `{meant}`.")
    if kind == "compose" and not partial:
        for name, said in _undefined(node):
            yield Fault(name.start_mark.line + 1, name.start_mark.column + 1 + indent, said)


def _may_be_text(kind: str, cause: Any) -> bool:
    """Whether GitHub takes one text where the schema wants a list of them: `branches: main`."""
    path = list(cause.absolute_path)
    return kind == "workflow" and path[:1] == ["on"] and cause.validator == "type" and isinstance(cause.instance, str)


def _undefined(node: yaml.Node) -> Iterator[tuple[yaml.Node, str]]:
    """Services and volumes that services of a compose file name and the file does not have."""
    services, volumes = entry(node, "services"), keys(entry(node, "volumes"))
    if entry(node, "include") or not isinstance(services, yaml.MappingNode):
        return
    known = keys(services)
    for _, service in services.value if len(known) > 1 else ():  # a single one may be a piece of a file
        if entry(service, "extends"):
            continue
        needed = entry(service, "depends_on")
        names = [name for name, _ in needed.value] if isinstance(needed, yaml.MappingNode) else _items(needed)
        for name in names:
            if isinstance(name, yaml.ScalarNode) and name.value not in known:
                yield name, f"`depends_on` names the service `{name.value}`, which this file does not have."
        for mount in _items(entry(service, "volumes")):
            source = _NAMED_VOLUME.match(mount.value) if isinstance(mount, yaml.ScalarNode) else None
            if source and source[1] not in volumes:
                yield mount, f"The volume `{source[1]}` is not among the `volumes` of this file."


def _items(node: yaml.Node | None) -> list[yaml.Node]:
    return node.value if isinstance(node, yaml.SequenceNode) else []


def _whole(kind: str, data: Any) -> tuple[Any, int]:
    """The file that a piece belongs to, with how many keys above the piece; None where that is not known."""
    top = set(data) if isinstance(data, dict) else set()
    if kind == "compose":
        return (data if "services" in top or near("services", top, cutoff=0.8) else None), 0
    if kind != "workflow":
        return (data if top else None), 0
    if "jobs" in top:
        return {"on": "push", **data}, 0
    if isinstance(data, list):
        return {"on": "push", "jobs": {"job": {"runs-on": "any", "steps": data}}}, 3
    if "steps" in top:
        return {"on": "push", "jobs": {"job": {"runs-on": "any", **data}}}, 2
    return ({"jobs": {"job": {"runs-on": "any", "steps": [{"run": "any"}]}}, **data} if "on" in top else None), 0


@functools.cache
def _validator(kind: str) -> Any:
    from jsonschema.validators import validator_for  # type: ignore[import-untyped]

    if kind in _VENDORED:
        folder = resources.files("check_jsonschema.builtin_schemas.vendor")
        schema = json.loads((folder / f"{_VENDORED[kind][0]}.json").read_text("utf-8"))
    else:
        schema = _PRE_COMMIT
    return validator_for(schema)(schema)


def _causes(error: Any) -> Iterator[Any]:
    """What an error comes from: of several alternatives, the one that the data misses by least."""
    branches: dict[int, list[Any]] = {}
    for inner in error.context:
        branches.setdefault(inner.schema_path[0], []).append(inner)
    missed = sorted((sum(_distance(inner, error) for inner in branch), number) for number, branch in branches.items())
    if not missed or missed[0][0] >= _OTHER_KIND or (len(missed) > 1 and missed[0][0] == missed[1][0]):
        yield error
        return
    for inner in sorted(branches[missed[0][1]], key=lambda inner: inner.validator not in _CLOSED):
        yield from _causes(inner)


def _distance(inner: Any, outer: Any) -> int:
    """By how much the data misses an alternative."""
    if inner.validator == "type" and list(inner.absolute_path) == list(outer.absolute_path):
        return _OTHER_KIND
    if len(inner.absolute_path) > len(outer.absolute_path):
        return 1
    return 2 * len(_extra(inner)) if inner.validator in _CLOSED else 2


def _place(node: yaml.Node, path: Sequence[str | int], error: Any) -> yaml.Node:
    at: yaml.Node = node
    key: yaml.Node = node
    for part in path:
        if isinstance(at, yaml.MappingNode):
            found = next(((n, v) for n, v in at.value if n.value == str(part)), None)
            if found is None:
                return key
            key, at = found
        elif isinstance(at, yaml.SequenceNode) and isinstance(part, int) and part < len(at.value):
            key = at = at.value[part]
        else:
            return key
    if error.validator in _CLOSED and isinstance(at, yaml.MappingNode):
        extra = _extra(error)
        return next((name for name, _ in at.value if name.value in extra), key)
    return key


def _extra(error: Any) -> list[str]:
    """The keys of a mapping that its schema does not know."""
    if error.validator == "unevaluatedProperties":
        return _UNEVALUATED.findall(error.message)
    known = error.schema.get("properties", {})
    patterns = error.schema.get("patternProperties", {})
    return [k for k in error.instance if k not in known and not any(re.search(p, k) for p in patterns)]


def _said(error: Any) -> str:
    """An error of the schema in words."""
    name = next((f"`{part}`" for part in reversed(error.absolute_path) if isinstance(part, str)), "the file")
    single = not isinstance(error.instance, (dict, list))
    if error.validator in _CLOSED and (extra := _extra(error)):
        return f"{name} has the key `{extra[0]}`"
    if error.validator == "required":
        missing = next((key for key in error.validator_value if key not in error.instance), "")
        return f"{name} has no `{missing}`"
    if error.validator == "type":
        wanted = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
        kinds = " or ".join(_WORDS.get(kind, str(kind)) for kind in wanted)
        return f"{name} is {_WORDS.get(_type(error.instance), 'something else')} instead of {kinds}"
    if single and error.instance is not None:
        return f"{name} is `{str(error.instance)[:40]}`"
    return f"{name} has entries that do not go together, or lacks one"


def _type(instance: Any) -> str:
    kinds: tuple[tuple[type, str], ...] = (
        (bool, "boolean"),  # before the numbers, which it is one of
        (dict, "object"),
        (list, "array"),
        (str, "string"),
        (int, "integer"),
        (float, "number"),
    )
    return next((name for kind, name in kinds if isinstance(instance, kind)), "null")

"""GitHub workflows: what parses, and means something else, or nothing."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

import yaml

from ..fields import near
from . import ELIDED, Fault, words
from .data import nodes
from .detect import begins_command

_EXPRESSION = re.compile(r"\$\{\{(?P<inside>[^\n]{0,400}?)\}\}")
_BRACES = re.compile(r"\$\{\{|\}\}")
_SINGLE = re.compile(r"(?<![$\\{])\$\{[ \t]*(?:secrets|github|matrix|env|steps|needs|inputs)\.[\w.-]+[ \t]*\}(?!\})")
_MATRIX = re.compile(r"\bmatrix\.([\w-]+)")
_OUTPUT = re.compile(r"\bsteps\.([\w-]+)\.(?:outputs|outcome|conclusion)")
_QUOTED = re.compile(r"'[^']*'")
_CONTEXT = re.compile(r"(?<![\w.\])-])([A-Za-z_]\w*)\.[A-Za-z_*]")
_CONTEXTS = frozenset(words("github env vars job jobs steps runner secrets strategy matrix needs inputs"))
_ASSIGNED = re.compile(r"(?<![=!<>])=(?!=)")
_OF_A_STEP = frozenset(words("continue-on-error env id if name run shell timeout-minutes uses with working-directory"))
_STATES = frozenset(words("always success failure cancelled"))
_LATEST = re.compile(r"(?:ubuntu|windows|macos)-(?P<version>l[a-z]+)")


def looks_like_workflow(node: yaml.Node) -> bool:
    """Whether a YAML document is a whole workflow, or its jobs."""
    return isinstance(node, yaml.MappingNode) and isinstance(entry(node, "jobs"), yaml.MappingNode)


def entry(node: yaml.Node | None, key: str) -> yaml.Node | None:
    """The value of a key of a mapping."""
    if isinstance(node, yaml.MappingNode):
        return next((value for name, value in node.value if name.value == key), None)
    return None


def keys(node: yaml.Node | None) -> set[str]:
    """The keys of a mapping; a list or mapping that stands as a key is none."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return {name.value for name, _ in pairs if isinstance(name, yaml.ScalarNode)}


def faults(text: str) -> list[Fault]:
    """Names in a workflow that nothing in it has, and expressions that are none; nothing for any other text."""
    found = nodes(text)
    if not isinstance(found, list) or not found:
        return []
    first = next(iter(text.split("\n")), "")
    indent = len(first) - len(textwrap.dedent(text).split("\n", 1)[0])
    if looks_like_workflow(found[0]):
        faults = [*_expressions(text), *_jobs(entry(found[0], "jobs"), indent, text)]
    elif steps := _steps(found[0]):
        faults = [*_expressions(text), *_each_step(steps, indent, text)]
    else:
        return []
    return sorted(faults, key=lambda fault: (fault.line, fault.column))


def _steps(node: yaml.Node) -> list[yaml.Node]:
    """The steps of a piece of a workflow: mappings that have nothing but what steps have."""
    steps = entry(node, "steps") or node
    if not isinstance(steps, yaml.SequenceNode):
        return []
    are_steps = all({"uses", "run"} & (own := keys(step)) and own <= _OF_A_STEP for step in steps.value)
    return list(steps.value) if are_steps else []


def _expressions(text: str) -> Iterator[Fault]:
    opened = -1
    for sign in _BRACES.finditer(text):
        if opened >= 0 and sign[0] == "${{":
            break
        opened = sign.start() if sign[0] == "${{" else -1
    if opened >= 0:
        yield _never_closed(text, opened)
    for number, line in enumerate(text.split("\n"), 1):
        if match := _SINGLE.search(line):
            message = f"`{match[0]}` is left as it is: an expression of a workflow has two braces."
            yield Fault(number, match.start() + 1, message, "Write `${{ … }}`.")
        for expression in _EXPRESSION.finditer(line):
            for name in _CONTEXT.findall(_QUOTED.sub("", expression["inside"])):
                if name.lower() not in _CONTEXTS:
                    hint = f"Did you mean `{meant}`?" if (meant := near(name, sorted(_CONTEXTS))) else ""
                    yield Fault(number, expression.start() + 1, f"`{name}` is nothing that an expression knows.", hint)


def _never_closed(text: str, at: int) -> Fault:
    line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    return Fault(line, column, "The expression `${{` is not closed by `}}`.", "Write `${{ … }}`.")


def _at(node: yaml.Node, indent: int) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1 + indent


def _scalars(node: yaml.Node | None, depth: int = 0) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif node is not None and depth < 20:
        children = [v for _, v in node.value] if isinstance(node, yaml.MappingNode) else node.value
        for child in children:
            yield from _scalars(child, depth + 1)


def _jobs(jobs: yaml.Node | None, indent: int, text: str) -> Iterator[Fault]:
    assert isinstance(jobs, yaml.MappingNode)
    elided = bool(ELIDED.search(text))
    names = keys(jobs)
    for _, job in jobs.value:
        for needed in _scalars(entry(job, "needs")):
            if needed.value not in names and not elided:
                yield Fault(
                    *_at(needed, indent), f"`needs` names the job `{needed.value}`, which is not among the jobs."
                )
        yield from _runner(job, indent)
        yield from _condition(job, indent)
        steps = entry(job, "steps")
        yield from _each_step(steps.value if isinstance(steps, yaml.SequenceNode) else [], indent, text)
        yield from _matrix(job, indent, elided)
        yield from _outputs(job, indent, elided)


def _runner(job: yaml.Node, indent: int) -> Iterator[Fault]:
    label = entry(job, "runs-on")
    match = _LATEST.fullmatch(label.value) if isinstance(label, yaml.ScalarNode) else None
    if label and match and match["version"] != "latest" and near(match["version"], ["latest"]):
        yield Fault(*_at(label, indent), f"GitHub has no runner `{label.value}`.", "It is called `latest`.")


def _each_step(steps: list[yaml.Node], indent: int, text: str) -> Iterator[Fault]:
    for step in steps:
        yield from _joined_commands(step, indent, text)
        yield from _condition(step, indent)
        if not ELIDED.search(text):
            yield from _action(step, indent)


def _joined_commands(step: yaml.Node, indent: int, text: str) -> Iterator[Fault]:
    """Commands on several lines behind `run:` without a `|`, which YAML joins to one."""
    run = entry(step, "run")
    if isinstance(run, yaml.ScalarNode) and not run.style and run.start_mark.line < run.end_mark.line:
        commands = text.split("\n")[run.start_mark.line : run.end_mark.line + 1]
        commands[0] = commands[0].partition("run:")[2] or commands[0]
        commands = [line for line in commands if line.strip()]
        if len(commands) > 1 and all(map(begins_command, commands)):
            message = "The commands behind `run:` are joined to one."
            yield Fault(*_at(run, indent), message, "Write `run: |`, and the commands below it.")


def _condition(part: yaml.Node, indent: int) -> Iterator[Fault]:
    """A condition of a job or a step that is none."""
    condition = entry(part, "if")
    if not isinstance(condition, yaml.ScalarNode):
        return
    bare = _QUOTED.sub("", condition.value).strip()
    if re.match(r"\$\{(?!\{)", bare):
        message = "A condition between `${` and `}` is a text, and holds always."
        yield Fault(*_at(condition, indent), message, "Write `${{ … }}`, or leave both out.")
    elif bare in _STATES:
        yield Fault(*_at(condition, indent), f"`{bare}` is a function.", f"Write `{bare}()`.")
    elif _ASSIGNED.search(bare) and not ELIDED.search(bare):
        yield Fault(*_at(condition, indent), "A condition compares by `==`, not by `=`.", "Write `==`.")


def _action(step: yaml.Node, indent: int) -> Iterator[Fault]:
    """An action of another repository without the version that it needs."""
    action = entry(step, "uses")
    if isinstance(action, yaml.ScalarNode) and re.fullmatch(r"[\w-]+(?:/[\w.-]+)+", action.value):
        message = f"`{action.value}` names no version of the action, and without one no workflow runs."
        yield Fault(*_at(action, indent), message, f"Write `{action.value}@` and the version.")


def _matrix(job: yaml.Node, indent: int, elided: bool) -> Iterator[Fault]:
    matrix = entry(entry(job, "strategy"), "matrix")
    if elided or (matrix is not None and not isinstance(matrix, yaml.MappingNode)):
        return
    known = keys(matrix)
    include = entry(matrix, "include")
    if isinstance(include, yaml.ScalarNode):
        return
    for item in include.value if include else ():
        known |= keys(item)
    for scalar in _scalars(job):
        for expression in _EXPRESSION.finditer(scalar.value):
            for name in _MATRIX.findall(expression["inside"]):
                if name not in known:
                    message = f"`matrix.{name}` is empty: the matrix of this job has no `{name}`."
                    yield Fault(*_at(scalar, indent), message)


def _outputs(job: yaml.Node, indent: int, elided: bool) -> Iterator[Fault]:
    steps = entry(job, "steps")
    if elided or not isinstance(steps, yaml.SequenceNode):
        return
    ids = {node.value for step in steps.value if isinstance(node := entry(step, "id"), yaml.ScalarNode)}
    for scalar in _scalars(job):
        for expression in _EXPRESSION.finditer(scalar.value):
            for name in _OUTPUT.findall(expression["inside"]):
                if name not in ids:
                    message = f"`steps.{name}` is empty: no step of this job has the id `{name}`."
                    yield Fault(*_at(scalar, indent), message, f"Write `id: {name}` into the step that is meant.")

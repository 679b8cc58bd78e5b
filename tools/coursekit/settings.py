"""Read `mkdocs.yml`: the few settings of the site that matter here, and all of `plugins: course:`.

It is read as data. Hooks, plugins and Python names in it are never imported.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time
from posixpath import normpath
from typing import Any

import yaml

from .extensions import configured
from .fields import TYPES, Block, Key, checked, child, compose, describe, fields, nearest
from .model import (
    Budget,
    Contact,
    Deadline,
    Edition,
    Examination,
    Field,
    IgnoredFiles,
    Institution,
    Problem,
    Settings,
    Source,
)

PLUGIN_KEYS = {
    "code": Key("a text"),
    "level": Key("a text"),
    "institution": Key("a mapping"),
    "ects": Key("a number"),
    "budget": Key("a mapping"),
    "contact": Key("a mapping"),
    "synonyms": Key("a list of texts"),
    "edition": Key("a mapping"),
    "check": Key("a mapping"),
    "spelling": Key("a mapping"),
}
INSTITUTION_KEYS = {"name": Key("a text", required=True), "url": Key("a text")}
CHECK_KEYS = {"ignore": Key("a mapping")}
BUDGET_KEYS = {name: Key("a number") for name in Budget.__dataclass_fields__}
CONTACT_KEYS = {name: Key("a text that may be empty") for name in Contact.__dataclass_fields__}
EDITION_KEYS = {
    "name": Key("a text", required=True),
    "status": Key("a text that may be empty"),
    "start": Key("a date (like 2027-01-04)", required=True),
    "weekdays": Key("a list of one text or more"),
    "hours": Key("hours (like 09:00-17:00)"),
    "time_zone": Key("a text"),
    "mode": Key("a text"),
    "room": Key("a text that may be empty"),
    "project_days": Key("a mapping"),
    "holidays": Key("a list"),
    "deadlines": Key("a list"),
    "examination": Key("a mapping"),
}
DEADLINE_KEYS = {"date": Key("a date (like 2027-01-04)", required=True), "what": Key("a text", required=True)}
EXAMINATION_KEYS = {
    "date": Key("a date (like 2027-01-04)", required=True),
    "room": Key("a text that may be empty"),
    "what": Key("a text"),
}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DEPTH = 3  # edition: deadlines: 0: date
_PLUGIN_LINE = re.compile(r"^[ \t]+(?:- *)?course *:?[ \t]*\r?$", re.M)  # for a file that YAML cannot read
_GROUP = "Write two words or more with commas between them, like `k8s, kubernetes`."
_HOURS = re.compile(r"\s*(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})\s*")


class _Reader:
    """Collects the problems of one settings file while its parts are read."""

    def __init__(self, block: Block) -> None:
        self.block = block
        self.problems: list[Problem] = []

    def mapping(self, node: yaml.Node | None, keys: Mapping[str, Key], where: str) -> dict[str, Field]:
        """The known, well-typed fields of a mapping node."""
        found, problems = fields(self.block, node)
        self.problems += problems
        if node is None or (problems and not found):
            return {}
        found, problems = checked(found, keys, self.block.source, where, self.block.at(node))
        self.problems += problems
        return found

    def wrong(self, entry: Field, message: str, hint: str = "", item: int | None = None) -> None:
        offset = entry.offset if item is None else entry.items[item]
        self.problems.append(Problem("wrong-type", self.block.source.at(offset), message, hint))

    def child(self, node: yaml.Node | None, key: str) -> yaml.Node | None:
        return child(self.block, node, key)


def read_settings(source: Source) -> tuple[Settings, list[Problem]]:
    """Settings from the text of a `mkdocs.yml`; what is wrong in it falls back to its default and is reported."""
    block = compose(source, 0, len(source.text))
    if isinstance(block, Problem):
        return Settings(source, is_course=bool(_PLUGIN_LINE.search(source.text))), [block]
    reader = _Reader(block)
    top, problems = fields(block, block.node)
    reader.problems += problems
    course, in_use = _plugin(block)
    found = reader.mapping(course, PLUGIN_KEYS, "the settings of the plugin `course`")
    values = {key: str(top[key].value or "") for key in ("site_name", "repo_url", "edit_uri") if key in top}
    folders = {key: normpath(str(top[key].value).strip("/")) for key in ("docs_dir", "site_dir") if key in top}
    settings = Settings(
        source,
        **values,
        **folders,
        is_course=in_use,
        top=top,
        extensions=configured(top["markdown_extensions"].value if "markdown_extensions" in top else []),
        fields=found,
        places=dict(_places(block, course)),
        code=found["code"].value if "code" in found else "",
        level=found["level"].value if "level" in found else "",
        ects=found["ects"].value if "ects" in found else 0,
        institution=_institution(reader, reader.child(course, "institution")),
        budget=_budget(reader, reader.child(course, "budget")),
        contact=_contact(reader, reader.child(course, "contact")),
        synonyms=_synonyms(reader, found.get("synonyms")),
        edition=_edition(reader, reader.child(course, "edition")),
        ignores=tuple(_ignores(reader, _check_node(reader, block.node, course))),
        spelling=_spelling(reader, block.node, course),
    )
    return settings, reader.problems


def _check_node(reader: _Reader, top: yaml.Node | None, course: yaml.Node | None) -> yaml.Node | None:
    """The node of `check:`; a site without the plugin writes it below `extra: coursekit:`."""
    extra = reader.child(reader.child(top, "extra"), "coursekit")
    return reader.child(course, "check") or reader.child(extra, "check")


def _ignores(reader: _Reader, node: yaml.Node | None) -> Iterator[IgnoredFiles]:
    """`ignore:` maps patterns of files to lists of rules."""
    entry = reader.mapping(node, CHECK_KEYS, "`check`").get("ignore")
    if entry is None:
        return
    files, problems = fields(reader.block, reader.child(node, "ignore"))
    reader.problems += problems
    for pattern, rules in files.items():
        if not TYPES["a list of texts"](rules.value):
            reader.wrong(rules, f"`{pattern}` should name a list of rules, not {describe(rules.value)}.")
            continue
        for rule, offset in zip(rules.value, rules.items, strict=True):
            yield IgnoredFiles(pattern, rule, offset)


def _plugin(block: Block) -> tuple[yaml.Node | None, bool]:
    """The node with the plugin's settings, and whether the plugin is in use."""
    plugins = child(block, block.node, "plugins")
    entries: list[tuple[yaml.Node, yaml.Node | None]] = []
    if isinstance(plugins, yaml.MappingNode):
        entries = list(plugins.value)
    elif isinstance(plugins, yaml.SequenceNode):
        for item in plugins.value:
            entries += item.value if isinstance(item, yaml.MappingNode) else [(item, None)]
    for name, node in entries:
        if name.value == "course":
            empty = node is None or (isinstance(node, yaml.ScalarNode) and not node.value)
            return (None if empty else node), True
    return None, False


def _places(block: Block, node: yaml.Node | None, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], int]]:
    """The offset of every key and list item; no deeper than settings go: an alias may contain itself."""
    children: Iterable[tuple[str, yaml.Node, yaml.Node]] = ()
    if isinstance(node, yaml.MappingNode):
        children = ((str(key.value), key, value) for key, value in node.value)
    elif isinstance(node, yaml.SequenceNode):
        children = ((str(index), item, item) for index, item in enumerate(node.value))
    for name, place, value in children:
        yield (*path, name), block.position(place)
        if len(path) < _DEPTH:
            yield from _places(block, value, (*path, name))


def _institution(reader: _Reader, node: yaml.Node | None) -> Institution:
    found = reader.mapping(node, INSTITUTION_KEYS, "`institution`")
    return Institution(**{key: entry.value for key, entry in found.items()})


def _spelling(reader: _Reader, top: yaml.Node | None, course: yaml.Node | None) -> dict[str, tuple[str, ...]]:
    """Name → its wrong spellings; a site without the plugin writes them below `extra: coursekit:`."""
    extra = reader.child(reader.child(top, "extra"), "coursekit")
    found, problems = fields(reader.block, reader.child(course, "spelling") or reader.child(extra, "spelling"))
    reader.problems += problems if course is None else []  # of the plugin's settings they are told already
    names = {}
    for name, entry in found.items():
        if isinstance(entry.value, list) and all(isinstance(word, str) and word for word in entry.value):
            names[name] = tuple(entry.value)
        else:
            message = f"`spelling` of `{name}` should be a list of texts, not {describe(entry.value)}."
            reader.wrong(entry, message, f"Write it like `{name}: [{name.lower()}]`.")
    return names


def _budget(reader: _Reader, node: yaml.Node | None) -> Budget:
    found = reader.mapping(node, BUDGET_KEYS, "`budget`")
    return Budget(**{key: entry.value for key, entry in found.items()})


def _contact(reader: _Reader, node: yaml.Node | None) -> Contact:
    found = reader.mapping(node, CONTACT_KEYS, "`contact`")
    return Contact(**{key: entry.value or "" for key, entry in found.items()})


def _synonyms(reader: _Reader, entry: Field | None) -> tuple[tuple[str, ...], ...]:
    groups = []
    known: set[str] = set()
    for index, text in enumerate(entry.value if entry else ()):
        assert entry is not None
        group = tuple(word.strip() for word in text.casefold().split(",") if word.strip())
        if len(group) < 2:
            reader.wrong(entry, f"`{text}` says of nothing that it means the same.", _GROUP, index)
        elif repeated := next((word for word in group if word in known or group.count(word) > 1), ""):
            reader.wrong(entry, f"The synonym `{repeated}` stands here a second time.", "Keep one of them.", index)
        else:
            groups.append(group)
            known.update(group)
    return tuple(groups)


def _edition(reader: _Reader, node: yaml.Node | None) -> Edition:
    found = reader.mapping(node, EDITION_KEYS, "`edition`")
    if not found:
        return Edition()
    values: dict[str, Any] = {
        key: found[key].value or "" for key in ("name", "status", "start", "time_zone", "mode", "room") if key in found
    }
    values |= _hours(reader, found.get("hours"))
    values["weekdays"] = _weekdays(reader, found.get("weekdays"))
    values["project_days"] = _project_days(reader, found.get("project_days"))
    values["holidays"] = _holidays(reader, found.get("holidays"))
    values["deadlines"] = _deadlines(reader, reader.child(node, "deadlines"))
    examination = reader.mapping(reader.child(node, "examination"), EXAMINATION_KEYS, "`examination`")
    if "date" in examination:
        given: dict[str, Any] = {key: entry.value for key, entry in examination.items() if entry.value}
        values["examination"] = Examination(**given)
    return Edition(**values)


def _hours(reader: _Reader, entry: Field | None) -> dict[str, time]:
    if entry is None:
        return {}
    match = _HOURS.fullmatch(entry.value)
    try:
        if match:
            return {
                "begins": time(int(match[1]), int(match[2])),
                "ends": time(int(match[3]), int(match[4])),
            }
    except ValueError:
        pass
    reader.wrong(entry, f"`hours` cannot be read: `{entry.value}`.", 'Write it like `"09:00-17:00"`, in quotes.')
    return {}


def _weekdays(reader: _Reader, entry: Field | None) -> tuple[int, ...]:
    days = []
    for index, day in enumerate(entry.value if entry else ()):
        if day.lower() in WEEKDAYS:
            days.append(WEEKDAYS.index(day.lower()))
        else:
            assert entry is not None
            reader.wrong(entry, f"`{day}` is not a day of the week.", nearest(day.lower(), WEEKDAYS), index)
    return tuple(sorted(set(days))) or Edition().weekdays


def _project_days(reader: _Reader, entry: Field | None) -> dict[str, int]:
    days = {}
    for index, (key, count) in enumerate(entry.value.items() if entry else ()):
        if isinstance(count, int) and not isinstance(count, bool) and 0 <= count < 1000:
            days[str(key).lower()] = count
        else:
            assert entry is not None
            reader.wrong(entry, f"`{key}` should be a number of days, not {describe(count)}.", item=index)
    return days


def _holidays(reader: _Reader, entry: Field | None) -> tuple[date, ...]:
    days = []
    for index, day in enumerate(entry.value if entry else ()):
        if type(day) is date:
            days.append(day)
        else:
            assert entry is not None
            reader.wrong(entry, f"A holiday is a date (like 2027-01-04), not {describe(day)}.", item=index)
    return tuple(days)


def _deadlines(reader: _Reader, node: yaml.Node | None) -> tuple[Deadline, ...]:
    deadlines = []
    for item in node.value if isinstance(node, yaml.SequenceNode) else ():
        found = reader.mapping(item, DEADLINE_KEYS, "a deadline")
        if len(found) == len(DEADLINE_KEYS):
            deadlines.append(Deadline(found["date"].value, found["what"].value, found["date"].offset))
    return tuple(sorted(deadlines, key=lambda deadline: deadline.date))

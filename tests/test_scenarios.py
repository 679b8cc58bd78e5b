"""Golden scenarios: Markdown files that show a course and say on the very line what is wrong with it.

A scenario is a `##` heading with fences below it. A fence with `title="path"` is a file that extends or
replaces those of the smallest course; further words after the title change how it is written:

- `bom`, `crlf`: with a byte order mark, with the line endings of Windows;
- `removed`: the course lacks this file;
- `fixed`: not written, but what the file should be once all fixes were applied.

An expected diagnostic stands at the end of its line, as `<!-- error: [rule-name] part of the message -->`
or, in YAML, `# error: [rule-name] part of the message`; it is taken out before the file is written. Where
there is no such line, a list item says it: `- error: path:line: [rule-name] part of the message`.
Nothing else may be found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from coursekit.fix import apply
from coursekit.load import load
from coursekit.markdown import Scan
from coursekit.rule import check
from courses import shown, write

_TITLE = re.compile(r'\w+ title="(?P<path>[^`]+)"(?P<words>[ \w]*)')
_COMMENT = re.compile(r"[ \t]*(?:<!--|#) error: .*$")
_EXPECTED = re.compile(r"error: \[([\w-]+)\] ?(.*?)(?= ?-->| ?# error:|$)")
_ITEM = re.compile(r"^- error: (\S.*?:\d+): \[([\w-]+)\] ?(.*)$", re.M)


@dataclass
class Scenario:
    name: str
    files: dict[str, bytes | None] = field(default_factory=dict)
    fixed: dict[str, bytes] = field(default_factory=dict)
    expected: list[tuple[str, str]] = field(default_factory=list)  # (path:line: name, part of the message)

    def add(self, path: str, words: list[str], text: str) -> None:
        lines = []
        for number, line in enumerate(text.split("\n"), 1):
            if comment := _COMMENT.search(line):
                parts = _EXPECTED.findall(comment[0])
                self.expected += [(f"{path}:{number}: {name}", part) for name, part in parts]
            lines.append(_COMMENT.sub("", line))
        data = ("\r\n" if "crlf" in words else "\n").join(lines).encode()
        data = b"\xef\xbb\xbf" * ("bom" in words) + data
        if "fixed" in words:
            self.fixed[path] = data
        else:
            self.files[path] = None if "removed" in words else data


def scenarios(text: str, name: str) -> Iterator[Scenario]:
    scan = Scan(text)
    starts = [heading for heading in scan.headings if heading.level == 2]
    ends = [heading.span.start for heading in starts[1:]] + [len(text)]
    for heading, end in zip(starts, ends, strict=True):
        scenario = Scenario(f"{name}: {heading.text}")
        for match in _ITEM.finditer(scan.mask, heading.span.end, end):
            place, rule, part = (text[slice(*match.span(group))] for group in (1, 2, 3))
            scenario.expected.append((f"{place}: {rule}", part))
        for fence in scan.fences:
            if heading.span.end <= fence.span.start < end:
                title = _TITLE.fullmatch(fence.info)
                assert title, f"{scenario.name}: a fence needs a title: {fence.info}"
                content = text[fence.content.start : fence.content.end]
                scenario.add(title["path"], title["words"].split(), content)
        yield scenario


FILES = sorted((Path(__file__).parent / "scenarios").glob("*.md"))
EVERY = [s for file in FILES for s in scenarios(file.read_text("utf-8"), file.stem)]


@pytest.mark.parametrize("scenario", EVERY, ids=lambda scenario: scenario.name)
def test_scenario(scenario: Scenario, tmp_path: Path) -> None:
    course = load(write(tmp_path, scenario.files))
    diagnostics = check(course)
    expected = sorted(scenario.expected)
    actual = sorted((shown(d), f"{d.message} {d.hint}") for d in diagnostics)
    assert [place for place, _ in actual] == [place for place, _ in expected], actual
    for (place, message), (_, part) in zip(actual, expected, strict=True):
        assert part in message, place
    apply(course, diagnostics)
    for path, data in scenario.fixed.items():
        assert (course.root / path).read_bytes() == data


def test_how_a_scenario_is_read() -> None:
    text = (
        '## A\n\n```yaml title="a.yml" crlf\na: 1 # error: [x] one # error: [y]\nb\n```\n- error: b c.md:3: [z] why\n'
    )
    (scenario,) = scenarios(text, "own")
    assert scenario.files == {"a.yml": b"a: 1\r\nb\r\n"}
    assert scenario.expected == [("b c.md:3: z", "why"), ("a.yml:1: x", "one"), ("a.yml:1: y", "")]

"""Change a list in a page's front matter and leave its style, quotes, comments and line endings alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import yaml

from .diagnostic import Edit, edited
from .fields import Block, compose, fields
from .model import Page, Problem, Source, Span
from .plan import ScaffoldError


@dataclass(frozen=True, slots=True)
class Entry:
    """An item of a list. In a block list it holds its lines, with the comments and blank lines above it."""

    value: str
    written: str  # the value with its quotes
    above: str = "- "
    behind: str = ""

    @property
    def has_comment(self) -> bool:
        return "#" in self.above + self.behind

    def renamed(self, value: str) -> Entry:
        """The same item with another value, in the same quotes."""
        quote = self.written[0] if self.written[0] in "\"'" else ""
        return replace(self, value=value, written=f"{quote}{value}{quote}")


def new_entry(value: str) -> Entry:
    return Entry(value, value)


@dataclass(frozen=True, slots=True)
class FrontList:
    """The list of one key: its items, and what an edit replaces."""

    page: Page
    key: str
    span: Span
    before: str = ""  # of the span, what stands before the items and behind them
    after: str = ""
    entries: tuple[Entry, ...] = ()
    gaps: tuple[str, ...] | None = None  # what stands between the items of a flow list

    @property
    def is_flow(self) -> bool:
        return self.gaps is not None

    def changed(self, entries: Sequence[Entry]) -> tuple[Edit, ...]:
        """The edit that gives the list these items; none where it has them already.

        Raises:
            ScaffoldError: The list is written in a way that cannot be edited safely.
        """
        if tuple(entries) == self.entries:
            return ()
        edit = Edit(self.page.path, self.span.start, self.span.end, self._written(entries))
        if self.page.body and self._reread(edit) != [entry.value for entry in entries]:
            raise _by_hand(self.page, self.key, "is written in a way that cannot be changed safely")
        return (edit,)

    def _written(self, entries: Sequence[Entry]) -> str:
        if self.gaps is not None:
            return self.before + self._flow(entries) + self.after
        if not entries:
            return " []" + self.before
        return self.before + "".join(map(self._lines, entries)) + self.after

    def _flow(self, entries: Sequence[Entry]) -> str:
        gaps = self.gaps or (", ",)
        usual = ", " if "#" in gaps[-1] else gaps[-1]
        following = [*gaps, *[usual] * len(entries)][: max(len(entries) - 1, 0)]
        return "".join(e.written + gap for e, gap in zip(entries, [*following, ""], strict=False))

    def _lines(self, entry: Entry) -> str:
        text = entry.above + entry.written + entry.behind
        if entry in self.entries:
            return text
        lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
        stripped = (line.lstrip(" \t") for line in lines)
        newline = self.page.source.newline
        return "".join((self._indent + line if line else "") + newline for line in stripped)

    @property
    def _indent(self) -> str:
        line = self.entries[0].above.rpartition("\n")[2] if self.entries else "  - "
        return line[: len(line) - len(line.lstrip())]

    def _reread(self, edit: Edit) -> object:
        """What the key holds after an edit; None where it cannot be read any more."""
        text = edited(self.page.source.text, [edit])
        start, end = _yaml_span(self.page)
        block = compose(Source(self.page.path, text), start, end + len(text) - len(self.page.source.text))
        found = fields(block, block.node)[0].get(self.key) if isinstance(block, Block) else None
        return found and found.value


def front_list(page: Page, key: str) -> FrontList:
    """The list of a key, which may be absent or empty, on a page that may have no front matter.

    Raises:
        ScaffoldError: The front matter cannot be read, or the key holds something else than a list of texts.
    """
    start, end = _yaml_span(page)
    block = compose(page.source, start, end)
    if isinstance(block, Problem):
        raise ScaffoldError(f"{block.location}: {block.message}", block.hint)
    newline = page.source.newline
    if page.body == 0 and page.source.text.startswith("---", start):
        message = f"{page.path}:1: The front matter is never closed."
        raise ScaffoldError(message, "Close it with a line `---`.")
    if page.body == 0:
        fence = f"---{newline}"
        return FrontList(page, key, Span(start, start), f"{fence}{key}:{newline}", fence)
    pairs = block.node.value if isinstance(block.node, yaml.MappingNode) else []
    found = next(((k, v) for k, v in pairs if k.value == key), None)
    if found is None:
        return FrontList(page, key, Span(end, end), f"{key}:{newline}")
    colon = page.source.text.index(":", block.position(found[0]) + len(key)) + 1
    return _read(FrontList(page, key, Span(colon, colon)), block, found[1])


def _read(empty: FrontList, block: Block, node: yaml.Node) -> FrontList:
    page, colon = empty.page, empty.span.start
    text, start = page.source.text, block.position(node)
    end = block.offset + node.end_mark.index
    if node.tag == "tag:yaml.org,2002:null" or (isinstance(node, yaml.SequenceNode) and not node.value):
        stop = _line_end(text, max(colon, end))
        return replace(empty, span=Span(colon, stop), before=text[max(colon, end) : stop])
    items = node.value if isinstance(node, yaml.SequenceNode) else []
    if not items or not all(isinstance(item, yaml.ScalarNode) for item in items):
        raise _by_hand(page, empty.key, "should be a list of texts")
    spans = [Span(block.position(item), block.offset + item.end_mark.index) for item in items]
    values = [str(item.value) for item in items]
    if text[start] == "[":
        return _read_flow(empty, Span(start + 1, end - 1), spans, values)
    at = first = _line_end(text, colon)
    entries = []
    for value, span in zip(values, spans, strict=True):
        stop = _line_end(text, span.end)
        written = text[span.start : span.end]
        entries.append(Entry(value, written, text[at : span.start], text[span.end : stop]))
        at = stop
    return replace(empty, span=Span(colon, at), before=text[colon:first], entries=tuple(entries))


def _read_flow(empty: FrontList, inside: Span, spans: list[Span], values: list[str]) -> FrontList:
    text = empty.page.source.text
    return replace(
        empty,
        span=inside,
        before=text[inside.start : spans[0].start],
        after=text[spans[-1].end : inside.end],
        entries=tuple(Entry(v, text[s.start : s.end]) for v, s in zip(values, spans, strict=True)),
        gaps=tuple(text[a.end : b.start] for a, b in pairwise(spans)),
    )


def _yaml_span(page: Page) -> tuple[int, int]:
    """Where the YAML between the lines `---` stands; empty, at the top, where there is no front matter."""
    text = page.source.text
    if page.body == 0:
        top = 1 if text.startswith("\ufeff") else 0
        return top, top
    return text.index("\n") + 1, text.rfind("\n", 0, page.body - 1) + 1


def _line_end(text: str, offset: int) -> int:
    return text.find("\n", offset) + 1 or len(text)


def _by_hand(page: Page, key: str, what: str) -> ScaffoldError:
    hint = "Write it as `- name`, one a line, and run the command again."
    return ScaffoldError(f"{page.at_key(key)}: `{key}` {what}.", hint)

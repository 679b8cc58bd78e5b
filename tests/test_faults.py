"""Pages with planted faults, as authors make them: which of them the rules find, kind by kind.

`faults/` is a site as MkDocs authors build them: numbered exercises with code, tabs, folds and boxes in each other. A
mark `⟦kind⟧` stands where a fault is; it is taken out before the site is read. `⟦?kind⟧` is a fault that no rule finds
yet. What is not marked is right, so a finding anywhere else is false, or a fault that nobody meant: mark it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from coursekit.diagnostic import Diagnostic
from coursekit.load import load
from coursekit.rule import check, registry

FAULTS = Path(__file__).parent / "faults"
NEAR = 3  # lines between a fault and where a rule says it
_MARK = re.compile(r"⟦(\??)([\w-]+)⟧")

KINDS: dict[str, set[str]] = {
    "admonition": {"box-as-text", "box-without-content"},
    "alt": {"image-without-alt-text"},
    "attr": {"markup-left-over"},
    "backtick": {"backtick-left-over"},
    "bold": {"markup-left-over"},
    "bracket": {"malformed-link", "undefined-reference", "markup-left-over", "missing-target"},
    "comment": {"comment-not-closed"},
    "continuation": {"broken-continuation"},
    "count": {"wrong-count"},
    "cutoff": {"sentence-cut-off"},
    "dead-anchor": {"missing-anchor"},
    "dead-target": {"missing-target"},
    "directory": {"directory-link", "missing-target"},
    "docker": {"broken-dockerfile"},
    "docker-and": {"broken-dockerfile"},
    "doubled": {"doubled-word"},
    "dunder": {"placeholder-eaten"},
    "duplicate-id": {"duplicate-id"},
    "emoji": {"markup-without-extension"},
    "fence": {"fence-not-closed", "fence-not-code"},
    "file": {"broken-file"},
    "file-name": {"title-names-other-file"},
    "fold": {"box-as-text", "box-without-content"},
    "footnote": {"undefined-reference", "unused-definition"},
    "gap": {"number-skipped"},
    "heading-jump": {"heading-jump"},
    "here": {"vague-link-text"},
    "hl": {"highlighted-line-missing"},
    "http": {"http-beside-https"},
    "json": {"broken-data"},
    "language": {"language-contradicts-content"},
    "leftover-fence": {"fence-not-code"},
    "list-kind": {"list-number-differs"},
    "list-number": {"list-number-differs"},
    "lost-zero": {"lost-zero"},
    "mark": {"markup-without-extension"},
    "md-in-html": {"markdown-in-html"},
    "missing-file": {"missing-file-of-settings"},
    "missing-snippet": {"missing-snippet"},
    "misspelt": {"misspelt-name"},
    "needs": {"name-missing-in-workflow"},
    "number": {"stale-number"},
    "own-solution": {"list-number-differs", "element-not-closed"},
    "paren-list": {"item-not-in-a-list"},
    "pip": {"wrong-package-name"},
    "placeholder": {"placeholder-eaten"},
    "product": {"product-name-misspelt"},
    "prompt": {"prompt-in-commands"},
    "prose-code": {"text-as-code"},
    "python": {"broken-python"},
    "quote": {"box-as-text"},
    "ragged": {"ragged-table"},
    "raw-html": {"raw-target-not-rewritten", "missing-image"},
    "reference": {"undefined-reference"},
    "schema": {"schema-violated"},
    "second-title": {"one-h1"},
    "shell-open": {"unfinished-command"},
    "shell-quote": {"unfinished-command"},
    "smart": {"typographic-character-in-code"},
    "snippet-lines": {"snippet-part-missing"},
    "snippet-literal": {"markup-left-over", "missing-snippet"},
    "starter": {"starter-imports-solution"},
    "swallowed": {"item-not-in-a-list", "item-not-nested"},
    "swallowed-table": {"table-as-text"},
    "tab": {"box-as-text", "box-without-content"},
    "tex": {"markup-without-extension"},
    "title": {"title-names-other-file"},
    "toml": {"broken-data"},
    "undefined": {"import-missing"},
    "unknown-admonition": {"unknown-box-type"},
    "unknown-language": {"unknown-language"},
    "unquoted-title": {"unknown-box-type"},
    "unused-file": {"figure-not-used"},
    "unused-reference": {"unused-definition"},
    "wrong-case": {"wrong-case"},
    "yaml": {"broken-data"},
}


@dataclass(frozen=True, slots=True)
class Fault:
    path: str
    line: int
    kind: str
    found: bool

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.kind}"


@cache
def site() -> tuple[Sequence[Fault], Sequence[Diagnostic]]:
    """The planted faults, and what all rules find in the site without the marks."""
    faults = []
    with TemporaryDirectory() as folder:
        for source in sorted(path for path in FAULTS.rglob("*.*") if path.suffix != ".pyc" and path.is_file()):
            path = source.relative_to(FAULTS).as_posix()
            lines = source.read_text(encoding="utf-8").split("\n")
            faults += [
                Fault(path, number, match[2], not match[1])
                for number, line in enumerate(lines, 1)
                for match in _MARK.finditer(line)
            ]
            target = Path(folder, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(_MARK.sub("", "\n".join(lines)), encoding="utf-8")
        return faults, check(load(Path(folder)))


def near(fault: Fault) -> list[Diagnostic]:
    return [d for d in site()[1] if d.location.path == fault.path and abs(d.location.line - fault.line) <= NEAR]


def is_found(fault: Fault) -> bool:
    """Whether as many rules complain as faults of that kind stand in the line."""
    same = Counter((f.path, f.line, f.kind) for f in site()[0])[fault.path, fault.line, fault.kind]
    return sum(registry[d.code].name in KINDS[fault.kind] for d in near(fault)) >= same


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_planted_faults_are_found(kind: str) -> None:
    planted = [fault for fault in site()[0] if fault.kind == kind]
    assert planted or kind == "unused-file"
    assert [str(fault) for fault in planted if fault.found and not is_found(fault)] == []


def test_every_mark_is_of_a_known_kind() -> None:
    assert {fault.kind for fault in site()[0]} <= set(KINDS)


def test_most_planted_faults_are_found() -> None:
    faults = site()[0]
    assert len(faults) > 200
    assert sum(fault.found for fault in faults) >= 0.95 * len(faults)


def test_nothing_else_is_found() -> None:
    places = {(fault.path, fault.line + shift) for fault in site()[0] for shift in range(-NEAR, NEAR + 1)}
    others = [d for d in site()[1] if (d.location.path, d.location.line) not in places]
    assert [f"{d.location}: {d.code} {d.message}" for d in others if d.location.path.endswith((".md", ".yml"))] == []

"""Terms of the glossary: how they are read, and which word of a module's page is explained by them."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from coursekit.glossary import first_uses, glossary
from coursekit.load import load
from coursekit.model import Course
from coursekit.render import Site
from courses import course
from site_builds import ROOT

FRONT = "---\ndescription: Do it.\ncore: true\nrequires: {requires}\ntools: []\nobjectives: [Do it]\n---\n# {title}\n\n"
GLOSSARY = """\
---
description: All terms.
---
# Glossary

Not a term
: is what has no line of its own above.

Lock file
:   A file with `exact` versions, "pinned". See [first](../s1_start/first.md).

Image
:   A read-only stack. See [second](../s1_start/second.md).

SLO
:   A target, a < b.

Cache (DVC)
:   A folder.
"""


def _course(root: Path, text: str, requires: Mapping[str, str] | None = None) -> Course:
    needs = {"second": "[]", "third": "[]"} | dict(requires or {})
    return course(
        root,
        {
            "docs/glossary.md": GLOSSARY,
            "s1_start/README.md": "---\nmodules: [first, second, third]\n---\n# The start\n",
            "s1_start/second.md": FRONT.format(requires=needs["second"], title="Second") + text,
            "s1_start/third.md": FRONT.format(requires=needs["third"], title="Third") + text,
        },
    )


def _uses(loaded: Course, name: str) -> list[tuple[str, str]]:
    module = loaded.module_by_name[name]
    text = module.page.source.text
    return [(text[s.start : s.end], term.name) for s, term in first_uses(loaded, glossary(loaded), module)]


def test_the_glossary_is_read_from_its_page(tmp_path: Path) -> None:
    terms = {term.name: term for term in glossary(_course(tmp_path, ""))}
    assert terms["Lock file"].meaning == 'A file with exact versions, "pinned".'
    assert terms["Lock file"].module == "s1_start/first.md"
    assert (terms["SLO"].meaning, terms["SLO"].module, terms["SLO"].anchor) == ("A target, a < b.", "", "slo")
    assert not terms["Cache (DVC)"].is_plain


def test_the_first_use_in_prose_is_explained_and_no_other(tmp_path: Path) -> None:
    text = """\
## A lock file

`lock file` and [lock file](first.md), <span>lock files</span>, a lock file-like thing.

| lock file | cell |
|---|---|

- [ ] lock file

```text
lock file
```

<details markdown><summary>Hint</summary>

lock file

</details>

Two Lock
files, one lock file and SLOs, but no slos.
"""
    assert _uses(_course(tmp_path, text), "third") == [("Lock\nfiles", "Lock file"), ("SLOs", "SLO")]


def test_a_single_word_is_explained_where_its_module_is_known(tmp_path: Path) -> None:
    loaded = _course(tmp_path, "Two images.\n")
    assert _uses(loaded, "second") == [("images", "Image")]
    assert _uses(loaded, "third") == []
    assert _uses(_course(tmp_path, "Two images.\n", {"third": "[second]"}), "third") == [("images", "Image")]


def test_a_page_without_terms_or_a_course_without_glossary_is_left_alone(tmp_path: Path) -> None:
    loaded = course(tmp_path, {})
    assert glossary(loaded) == ()
    page = loaded.module_by_name["first"].page
    assert "ck-term" not in Site(loaded, lambda here, there: there).markdown(page)


def test_the_page_gets_links_and_the_glossary_anchors(tmp_path: Path) -> None:
    loaded = _course(tmp_path, "One lock file.\n")
    site = Site(loaded, lambda here, there: f"to/{there}")
    shown = site.markdown(loaded.module_by_name["third"].page)
    link = re.search(r'One <a class="ck-term" href="(.*?)" data-ck-meaning="(.*?)">lock file</a>\.', shown)
    assert link is not None
    assert link[1] == "to/docs/glossary.md#lock-file"
    assert not set('`"<*[') & set(link[2])  # Markdown must see nothing in it
    assert html.unescape(link[2]) == 'A file with exact versions, "pinned".'
    assert "Lock file {#lock-file}\n" in site.markdown(loaded.page_by_path["docs/glossary.md"])


@pytest.mark.parametrize("module", load(ROOT).written, ids=lambda module: module.name)
def test_every_module_explains_something(module) -> None:
    loaded = load(ROOT)
    assert list(first_uses(loaded, glossary(loaded), module))

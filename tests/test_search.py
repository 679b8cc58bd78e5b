"""The search's index: what is in it and what is not, how large it gets, and the synonyms of the settings."""

from __future__ import annotations

import functools
import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

from coursekit.load import load
from coursekit.search import search_index, sections
from courses import course, found
from site_builds import ROOT, build

FULL_COURSE = 110_000  # words of reading, when all modules are written
PAGE = """
<h1 id="top">Title<a class="headerlink" href="#top">#</a></h1>
<p>Opening <span data-search-exclude>M7</span>words<br>here.</p>
<h2 id="one">First <code>step</code> <span data-search-exclude>15 min</span></h2>
<pre><code>git rebase main</code></pre><p>Prose of the first.</p>
<details data-search-exclude><summary>Solution</summary><h3 id="hidden">Hidden</h3><p>secret<img src="x"></p></details>
<h3 id="two">Second</h3><dl><dt id="term">Term</dt><dd>Its meaning.</dd><dt>No anchor</dt></dl>
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    site = tmp_path_factory.mktemp("search") / "site"
    build(ROOT, site)
    return site / "coursekit/search-index.js"


@functools.cache
def _read(index: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(index.read_text(encoding="utf-8").partition(" = ")[2].rstrip(";\n"))
    return data


def _words(index: Path, steps: str) -> set[str]:
    """What `search-ranking.js` reads from the steps of one text."""
    place, vocabulary, words = 0, _read(index)["words"].split(), set()
    for step in filter(None, steps.split(",")):
        place += int(step, 36)
        words.add(vocabulary[place])
    return words


def _by_url(index: Path) -> dict[str, dict[str, Any]]:
    return {page["url"]: page for page in _read(index)["pages"]}


def test_a_page_is_cut_at_its_headings_and_terms() -> None:
    parts = sections(PAGE)
    assert [(part.anchor, part.heading) for part in parts] == [
        ("", "Title"),
        ("one", "First step"),
        ("two", "Second"),
        ("term", "Term"),
    ]
    texts = [" ".join("".join(part.text).split()) for part in parts]
    assert texts == ["Opening words here.", "git rebase main Prose of the first.", "", "Its meaning. No anchor"]
    assert "".join(parts[1].prose).strip() == "Prose of the first."


def test_solutions_answers_and_numbers_are_not_in_it(index: Path) -> None:
    pages = _by_url(index)
    page = pages["s1_development_environment/command_line/"]
    exercise = next(section for section in page["sections"] if section[0] == "count-labels")
    assert exercise[1] == "Count the labels"
    assert "count_labels.sh" in _words(index, exercise[3])
    assert "tail" not in _words(index, exercise[3])  # stands in the solution only
    for_students = [each for each in pages.values() if each["kind"] != "aside"]  # the rules' reference shows numbers
    texts = [text for each in for_students for text in (each["text"], *(section[3] for section in each["sections"]))]
    assert not [word for text in texts for word in _words(index, text) if re.fullmatch(r"m\d+(\.\d+)?", word)]
    headings = {section[1] for each in for_students for section in each["sections"]}
    assert not headings & {"Hint", "Solution", "Answer"}
    assert not [heading for heading in headings if re.search(r"\d min\b|^M\d", heading)]


def test_every_page_is_in_it_and_a_draft_by_what_it_promises(index: Path) -> None:
    loaded = load(ROOT)
    pages = _by_url(index)
    assert len(pages) == len(loaded.pages)
    for module in loaded.modules:
        page = pages[module.page.path.removesuffix(".md") + "/"]
        kind = "core" if module.core else "optional"
        assert (page["label"], page["title"], page["kind"]) == (module.label, module.page.title, kind)
        assert page["draft"] == module.draft
        assert not (module.draft and page["sections"])
        assert page["objectives"].split() == " ".join(module.objectives).split()


def test_key_points_belong_to_their_module_and_are_not_repeated(index: Path) -> None:
    pages = _by_url(index)
    page = pages["s1_development_environment/command_line/"]
    assert "Key points" not in {section[1] for section in page["sections"]}
    points = load(ROOT).module_by_name["command_line"].key_points
    assert points is not None
    assert "pipefail" in _words(index, page["text"])
    assert pages["summary/"]["sections"] == []


def test_the_full_course_fits_into_200_kb(index: Path) -> None:
    """Extrapolated by words; in fact it grows more slowly, since new pages bring ever fewer new words."""
    words = sum(page.words for page in load(ROOT).pages)
    size = len(gzip.compress(index.read_bytes(), 6))
    assert size / words * FULL_COURSE < 200_000


def test_a_page_without_text_is_found_by_its_title(tmp_path: Path) -> None:
    loaded = course(tmp_path, {})
    addresses = {page.path: page.path for page in loaded.pages}
    script = search_index(loaded, {page.path: sections("") for page in loaded.pages}, addresses)
    data = json.loads(script.partition(" = ")[2].rstrip(";\n"))
    assert [page["title"] for page in data["pages"]] == [page.title for page in loaded.pages]
    assert data["words"] == ""


def test_material_s_own_search_is_gone(index: Path) -> None:
    site = index.parent.parent
    assert not (site / "search").exists()
    assert not list((site / "assets/javascripts").rglob("*lunr*"))
    assert 'name="search"' not in (site / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("synonyms", "reported"),
    [
        ("[k8s]", "mkdocs.yml:4: wrong-type"),
        ("['k8s,']", "mkdocs.yml:4: wrong-type"),
        ("['k8s, kubernetes', 'KUBERNETES, kube']", "mkdocs.yml:4: wrong-type"),
        ("['k8s, k8s']", "mkdocs.yml:4: wrong-type"),
        ("[1]", "mkdocs.yml:4: wrong-type"),
        ("k8s", "mkdocs.yml:4: wrong-type"),
    ],
)
def test_synonyms_that_say_nothing_are_reported(tmp_path: Path, synonyms: str, reported: str) -> None:
    settings = f"site_name: A\nplugins:\n  - course:\n      synonyms: {synonyms}\n"
    assert reported in found(course(tmp_path, {"mkdocs.yml": settings}))


def test_synonyms_are_read(tmp_path: Path) -> None:
    settings = "site_name: A\nplugins:\n  - course:\n      synonyms: ['K8s, Kubernetes', 'w&b , weights and biases']\n"
    loaded = course(tmp_path, {"mkdocs.yml": settings})
    assert loaded.settings.synonyms == (("k8s", "kubernetes"), ("w&b", "weights and biases"))
    assert "wrong-type" not in " ".join(found(loaded))


def test_the_paragraphs_of_an_excerpt_stand_apart() -> None:
    (part,) = sections("<p>It ends.</p><p>It begins.</p>")
    assert "".join(part.prose).split() == ["It", "ends.", "It", "begins."]

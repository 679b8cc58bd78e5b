"""What other programs read of the site: previews, JSON-LD, sitemap, redirects, and the policy for browsers."""

from __future__ import annotations

import hashlib
import json
import re
import struct
from base64 import b64encode
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from coursekit.finish import finished, policy
from coursekit.linked_data import script_json
from coursekit.load import load
from coursekit.plugin import SCRIPTS
from coursekit.timeplan import plan
from courses import MINIMAL
from site_builds import ROOT, build, copy_course, document, documents, set_address

COURSE = load(ROOT)
HOST = "https://course.example/some/path/"
PICTURE = ROOT / "docs/assets/social.png"
MODULE = next(module for module in COURSE.written if module.exercises)
ADDRESS = MODULE.page.path.removesuffix(".md") + "/"
OLD = "s1_once/shell"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course at an address of its own, with an old address of a module."""
    folder = tmp_path_factory.mktemp("meta")
    course = copy_course(ROOT, folder / "course")
    set_address(course, HOST)
    page = course / MODULE.page.path
    page.write_text(page.read_text(encoding="utf-8").replace("---\n", f"---\naliases: [{OLD}]\n", 1), encoding="utf-8")
    build(course, folder / "site")
    return folder / "site"


def _graph(site: Path, address: str) -> dict[str, dict[str, Any]]:
    """What a page says in JSON-LD, by type."""
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', _html(site, address), re.S)
    assert len(found) == 1
    data = json.loads(found[0])
    assert data["@context"] == "https://schema.org"
    return {thing["@type"]: thing for thing in data["@graph"]}


def _html(site: Path, address: str) -> str:
    return document(site / address / "index.html").html


def test_the_home_page_describes_the_course(site: Path) -> None:
    course = _graph(site, "")["Course"]
    settings = COURSE.settings
    assert (course["name"], course["url"], course["courseCode"]) == (settings.site_name, HOST, settings.code)
    assert course["provider"]["name"] == settings.institution.name
    assert course["numberOfCredits"] == {"@type": "QuantitativeValue", "value": settings.ects, "unitText": "ECTS"}
    assert course["timeRequired"] == f"PT{settings.budget.course}H"
    assert [section["name"] for section in course["syllabusSections"]] == [s.title for s in COURSE.sessions]
    edition = course["hasCourseInstance"]
    days = plan(COURSE)
    assert (edition["startDate"], edition["endDate"]) == (days[0].date.isoformat(), days[-1].date.isoformat())
    assert (edition["courseMode"], edition["location"]) == (settings.edition.mode, settings.edition.room)


def test_a_session_and_a_module_say_what_they_belong_to(site: Path) -> None:
    session = next(s for s in COURSE.sessions if s.slug == MODULE.session)
    syllabus = _graph(site, f"{session.slug}/")["Syllabus"]
    assert syllabus["isPartOf"]["@id"] == HOST
    assert HOST + ADDRESS in [part["@id"] for part in syllabus["hasPart"]]
    graph = _graph(site, ADDRESS)
    module = graph["LearningResource"]
    assert [whole["@id"] for whole in module["isPartOf"]] == [syllabus["@id"], HOST]
    assert module["teaches"] == list(MODULE.objectives)
    assert (module["position"], module["description"]) == (MODULE.number, MODULE.page.description)
    crumbs = graph["BreadcrumbList"]["itemListElement"]
    assert [crumb["item"] for crumb in crumbs] == [HOST, syllabus["@id"], HOST + ADDRESS]
    assert [crumb["position"] for crumb in crumbs] == [1, 2, 3]


def test_a_page_about_the_course_has_only_its_place(site: Path) -> None:
    assert set(_graph(site, "faq")) == {"BreadcrumbList"}
    crumbs = _graph(site, "instructors/checks")["BreadcrumbList"]["itemListElement"]
    assert [crumb["item"] for crumb in crumbs] == [HOST, f"{HOST}instructors/", f"{HOST}instructors/checks/"]


def test_no_text_ends_the_script_around_its_json() -> None:
    text = "</script><script>alert('&amp;')</script><!-- \u2028"
    assert not re.search("[<>&]", script_json(text))
    assert json.loads(script_json(text)) == text


def test_every_page_has_its_own_address_and_a_preview(site: Path) -> None:
    for page in COURSE.pages:
        name = re.sub(r"^docs/|(README|index)?\.md$", "", page.path)
        shown = document(site / name / "index.html")
        address = HOST + (f"{name.rstrip('/')}/" if name else "")
        assert f'<link rel="canonical" href="{address}">' in shown.html
        assert (shown.metas["og:url"], shown.metas["og:site_name"]) == (address, COURSE.settings.site_name)
        assert shown.metas["og:description"] == shown.metas["description"] != ""
        assert page.title in shown.metas["og:title"] or shown.metas["og:type"] == "website"
        assert shown.metas["og:image"] == f"{HOST}assets/social.png"
        assert shown.metas["twitter:card"] == "summary_large_image"


def test_the_picture_has_the_size_that_previews_show() -> None:
    data = PICTURE.read_bytes()
    assert struct.unpack(">II", data[16:24]) == (1200, 630)
    assert len(data) < 60_000


def test_without_an_address_nothing_is_said_that_needs_one(tmp_path: Path) -> None:
    text = (MINIMAL / "mkdocs.yml").read_text(encoding="utf-8")
    course = copy_course(MINIMAL, tmp_path / "course", {"mkdocs.yml": re.sub(r"^site_url:.*\n", "", text, flags=re.M)})
    build(course, tmp_path / "site")
    home = _html(tmp_path / "site", "")
    assert "og:" not in home
    assert "ld+json" not in home
    assert "Content-Security-Policy" in home


def test_the_sitemap_lists_what_is_written_and_nothing_else(site: Path) -> None:
    tree = ElementTree.parse(site / "sitemap.xml")
    listed = [entry.text for entry in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    written = [page for page in COURSE.pages if page.path not in COURSE.draft_paths]
    assert len(listed) == len(set(listed)) == len(written)
    for page in documents(site):
        address = HOST + page.path.relative_to(site).as_posix().removesuffix("index.html")
        assert (address in listed) != (page.metas.get("robots") == "noindex"), address
    assert "lastmod" not in (site / "sitemap.xml").read_text(encoding="utf-8")


def test_an_old_address_names_the_new_one(site: Path) -> None:
    old = document(site / OLD / "index.html")
    assert f'<link rel="canonical" href="{HOST}{ADDRESS}">' in old.html
    assert old.metas["robots"] == "noindex"
    assert ("a", f"../../{ADDRESS}") in old.links


def test_what_is_not_found_leads_on_from_any_depth(site: Path) -> None:
    lost = document(site / "404.html")
    assert all(address.startswith(("/some/path/", "http", "#")) for _, address in lost.links)
    assert {f"/some/path/{s.slug}/" for s in COURSE.sessions} < {address for _, address in lost.links}
    assert lost.metas["robots"] == "noindex"
    found = re.search(r'id="ck-addresses">(.*?)</script>', lost.html)
    assert found
    pages = json.loads(found[1])["pages"]
    assert {"address": OLD, "url": ADDRESS, "title": MODULE.title} in pages


def test_every_page_has_the_same_policy_before_all_that_it_governs(site: Path) -> None:
    policies = set()
    for page in documents(site):
        tags = [(tag, values.get("http-equiv", "")) for tag, values in page.tags]
        at = tags.index(("meta", "Content-Security-Policy"))
        assert {tag for tag, _ in tags[:at]} <= {"html", "head", "meta"}, page.path
        policies.add(page.tags[at][1]["content"])
    assert len(policies) == 1
    rules = dict(rule.split(" ", 1) for rule in policies.pop().split("; "))
    assert "'unsafe" not in str(rules)
    assert "http" not in str(rules)
    allowed = rules["script-src"].split()
    for page in documents(site):
        for attributes, code in re.findall(r"<script([^>]*)>(.*?)</script>", page.html, re.S):
            digest = b64encode(hashlib.sha256(code.encode()).digest()).decode()
            assert "src=" in attributes or "json" in attributes or f"'sha256-{digest}'" in allowed


def test_no_page_needs_what_the_policy_forbids(site: Path) -> None:
    for page in documents(site):
        for tag, values in page.tags:
            assert tag != "style", page.path
            assert not [name for name in values if name == "style" or name.startswith("on")], (page.path, tag, values)


def test_browsers_find_our_scripts_as_soon_as_they_read_of_them(site: Path) -> None:
    """One that is come to later is sought below another page, if instant navigation has led there by then."""
    for address in ("", ADDRESS, "overview"):
        tags = document(site / address / "index.html").tags
        ours = [values for tag, values in tags if tag == "script" and "coursekit/" in values.get("src", "")]
        assert len(ours) == len(SCRIPTS), address
        assert [values["src"] for values in ours if "defer" not in values] == [], address


def test_a_policy_replaces_the_one_before() -> None:
    scripts = '<script src="a.js"></script><script>one()</script><script type="application/json">{}</script>'
    page = f'<meta charset="utf-8">{scripts}'
    rules = policy([page, "<SCRIPT>\r\ntwo()</SCRIPT >"])
    assert rules.count("'sha256-") == 2
    digest = b64encode(hashlib.sha256(b"\ntwo()").digest()).decode()
    assert f"'sha256-{digest}'" in rules
    once = finished(page, policy([page]))
    assert once.startswith('<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src')
    assert finished(once, rules) == finished(page, rules)


def test_columns_are_aligned_by_a_class_and_no_header_is_empty(tmp_path: Path) -> None:
    text = (MINIMAL / "docs/index.md").read_text(encoding="utf-8") + "\n\n| | b |\n|---|--:|\n| 1 | 2 |\n"
    config = (MINIMAL / "mkdocs.yml").read_text(encoding="utf-8")
    build(copy_course(MINIMAL, tmp_path / "course", {"docs/index.md": text, "mkdocs.yml": config}), tmp_path / "site")
    page = _html(tmp_path / "site", "")
    assert '<td class="ck-right">2</td>' in page
    assert "<td></td>" in page
    assert "<th></th>" not in page

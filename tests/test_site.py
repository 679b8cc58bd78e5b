"""The real site, built strictly by both engines, at the root of a host and below a path."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import icalendar
import pytest

from coursekit.load import load
from coursekit.rule import check
from site_builds import ROOT, Document, build, copy_course, dead_links, document, documents, set_address

COURSE = load(ROOT)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("mkdocs") / "site"
    build(ROOT, target)
    return target


@pytest.fixture(scope="module")
def site_at_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by ProperDocs from a copy whose address has no path."""
    folder = tmp_path_factory.mktemp("properdocs")
    course = copy_course(ROOT, folder / "course")
    set_address(course, "https://course.example/")
    build(course, folder / "site", engine="properdocs")
    return folder / "site"


def _page(site: Path, name: str) -> Document:
    return document(site / name / "index.html")


def test_the_course_is_clean() -> None:
    assert [f"{d.location} {d.code} {d.message}" for d in check(COURSE)] == []


def test_every_link_and_anchor_resolves_below_a_path(site: Path) -> None:
    base = re.search(r"://[^/]+(/.*)", _site_url())
    assert base is not None
    assert len(documents(site)) > len(COURSE.pages)
    assert list(dead_links(site, base[1])) == []


def test_every_link_and_anchor_resolves_at_the_root(site_at_root: Path) -> None:
    assert len(documents(site_at_root)) > len(COURSE.pages)
    assert list(dead_links(site_at_root, "/")) == []


def test_both_engines_show_the_same_pages(site: Path, site_at_root: Path) -> None:
    assert {p.relative_to(site) for p in site.rglob("*.html")} == {
        p.relative_to(site_at_root) for p in site_at_root.rglob("*.html")
    }
    name = "s1_development_environment/command_line"
    assert _page(site, name).text == _page(site_at_root, name).text
    assert all('http-equiv="Content-Security-Policy"' in page.html for page in documents(site_at_root))


def test_navigation_numbers_all_modules(site: Path) -> None:
    navigation = document(site / "index.html").html
    labels = re.findall(r'ck-nav-number[^">]*">(M\d+)<', navigation)
    assert labels == [f"M{n}" for n in range(1, len(COURSE.modules) + 1)]
    assert len(COURSE.sessions) == 9
    assert len(COURSE.modules) == 37


def test_nobody_typed_a_module_number() -> None:
    for module in COURSE.modules:
        assert not re.search(r"\bM\d", module.page.title), module.page.path
    assert not re.search(r"\bM\d", COURSE.settings.source.text)


@pytest.mark.parametrize("module", COURSE.modules, ids=lambda module: module.name)
def test_module_pages_say_what_they_are(site: Path, module) -> None:
    page = _page(site, module.page.path.removesuffix(".md"))
    header = page.text[: page.text.find("You will be able to")]
    assert module.label in header
    assert ("Core" if module.core else "Optional") in header
    assert ("In preparation" in header) == module.draft
    assert page.metas.get("robots", "") == ("noindex" if module.draft else "")
    for objective in module.objectives:
        assert objective.split()[0] in page.text


def test_knowledge_checks_do_not_show_the_answer(site: Path) -> None:
    page = _page(site, "s1_development_environment/command_line")
    boxes = [values for tag, values in page.tags if tag == "input" and "md-toggle" not in values.get("class", "")]
    assert any(values.get("type") == "checkbox" for values in boxes)
    quiz = page.html.partition('id="knowledge-check"')[2]
    assert "checked" not in re.sub(r"<[^>]*md-(?:nav|toggle)[^>]*>", "", quiz.partition("</article>")[0])


def test_nothing_is_asked_of_another_host(site: Path) -> None:
    for page in documents(site):
        for tag, values in page.tags:
            source = values.get("src", "") if tag != "a" else ""
            if tag == "link" and values.get("rel") not in ("canonical", "prev", "next", "alternate"):
                source = values.get("href", "")
            assert "//" not in source, f"{page.path}: <{tag}> {source}"
        assert 'md-component="source"' not in page.html
    for sheet in site.rglob("*.css"):
        assert not re.search(r"@import|url\(\s*['\"]?(?:https?:)?//", sheet.read_text(encoding="utf-8")), sheet


def test_every_image_says_how_large_it_is(site: Path) -> None:
    images = [(page.path, image) for page in documents(site) for tag, image in page.tags if tag == "img"]
    assert len(images) > len(documents(site))
    assert [(path, image["src"]) for path, image in images if not image.keys() >= {"width", "height", "alt"}] == []


def test_pages_link_to_their_source_and_to_an_issue(site: Path) -> None:
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    for path in ("docs/index.md", "s2_organisation_and_version_control/README.md", "s8_monitoring/drift.md"):
        name = path.removesuffix("index.md").removesuffix("README.md").removesuffix(".md").removeprefix("docs")
        page = _page(site, name.strip("/"))
        assert f"{COURSE.settings.repo_url}/edit/main/{path}" in [link for _, link in page.links]
        report = next(link for _, link in page.links if "/issues/new?" in link)
        assert report.startswith(COURSE.settings.repo_url)
        assert path.replace("/", "%2F") in report
        assert commit in report
        assert page.metas.get("course-commit", "") == commit


def test_the_banner_tells_the_status_of_the_edition(site: Path) -> None:
    status = COURSE.settings.edition.status
    assert status
    for page in documents(site):
        assert status in page.html or 'http-equiv="refresh"' in page.html


def test_the_calendar_file_holds_the_whole_plan(site: Path) -> None:
    data = (site / "timeplan.ics").read_bytes()
    assert max(len(line) for line in data.split(b"\r\n")) <= 75
    calendar = icalendar.Calendar.from_ical(data)
    events = {str(event["SUMMARY"]): event for event in calendar.walk("VEVENT")}
    for session in COURSE.sessions:
        assert f"{session.label} {session.title}" in events
    edition = COURSE.settings.edition
    first = events[f"S1 {COURSE.sessions[0].title}"]
    assert edition.start is not None
    assert first.decoded("DTSTART").date() == edition.start
    assert first.decoded("DTSTART").hour == 8  # nine o'clock in Copenhagen in January
    assert sum(name.startswith("Project day") for name in events) == sum(edition.project_days.values())
    assert sum(name.startswith("Deadline") for name in events) == len(edition.deadlines)
    assert len({str(event["UID"]) for event in calendar.walk("VEVENT")}) == len(events)


def test_the_page_to_print_is_the_whole_course(site: Path) -> None:
    page = document(site / "print.html")
    ids = [values["id"] for _, values in page.tags if "id" in values]
    assert len(ids) == len(set(ids))
    parts = [values["id"] for tag, values in page.tags if values.get("class") == "ck-part"]
    sessions = {session.page.path.removesuffix("/README.md") for session in COURSE.sessions}
    assert set(parts) >= sessions | {module.page.path.removesuffix(".md") for module in COURSE.written}
    assert not set(parts) & {path.removesuffix(".md") for path in COURSE.draft_paths}
    for module in COURSE.written:
        for task in module.tasks:
            assert f"{module.page.path.removesuffix('.md')}/{task.heading.anchor}" in ids


def test_every_written_page_can_be_taken_along(site: Path) -> None:
    listed = (site / "llms.txt").read_text(encoding="utf-8")
    for page in COURSE.pages:
        name = page.path.removeprefix("docs/").removesuffix(".md").removesuffix("README").removesuffix("index")
        place = site / name / "index.md"
        assert place.exists() == (f"/{place.relative_to(site).as_posix()})" in listed)
        assert place.exists() != (page.path in COURSE.draft_paths), page.path
    for module in (m for m in COURSE.written if m.exercise_folder in COURSE.exercise_files):
        link = f"../{module.name}.zip"
        assert ("a", link) in _page(site, module.page.path.removesuffix(".md")).links
        assert (site / module.archive).stat().st_size > 0


def test_the_architecture_names_every_file_of_the_package() -> None:
    text = (ROOT / "docs/instructors/architecture.md").read_text(encoding="utf-8")
    package = ROOT / "tools/coursekit"
    files = {path.name for path in package.rglob("*.py") if "rules" not in path.parts} - {"__init__.py"}
    assert {name for name in files if f"{name}`" not in text} == set()


def test_no_upstream_address_outside_settings_and_content() -> None:
    """Who forks the course changes `mkdocs.yml` and the content, nothing else."""
    host, _, rest = COURSE.settings.repo_url.partition("://")[2].partition("/")
    owner, _, name = rest.strip("/").partition("/")
    ours = re.compile(rf"{re.escape(owner)}|{re.escape(host)}/[^\s/]+/{re.escape(name)}|\b{re.escape(name)}\b", re.I)
    content = {"mkdocs.yml", "CITATION.cff"}
    for path in sorted(COURSE.files - content):
        if path in {page.path for page in COURSE.pages} or "/exercises/" in path:
            continue
        try:
            text = (ROOT / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        assert not ours.search(text), f"{path} names {ours.search(text)}"


def test_citation_agrees_with_the_settings() -> None:
    assert f"url: {COURSE.settings.repo_url}" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def _site_url() -> str:
    return next(line.split()[1] for line in COURSE.settings.source.text.splitlines() if line.startswith("site_url:"))

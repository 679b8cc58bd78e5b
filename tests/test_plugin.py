"""The plugin on small courses: escaping, links, redirects, diagnostics in a build, and what `serve` notices."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from coursekit.load import load
from coursekit.rule import check
from coursekit.watch import News
from site_builds import MINIMAL, build, configured, copy_course, dead_links, document, documents

EXTENSIONS = """
markdown_extensions:
  [attr_list, def_list, md_in_html, pymdownx.superfences, {pymdownx.tasklist: {custom_checkbox: true}}, abbr]
theme: {name: material, font: false}
"""


def _course(folder: Path, files: dict[str, str] | None = None) -> Path:
    course = copy_course(MINIMAL, folder / "course", files)
    config = course / "mkdocs.yml"
    text = configured(config.read_text(encoding="utf-8"), EXTENSIONS)
    config.write_text(text, encoding="utf-8")
    return course


def _module(title: str = "First steps", front: str = "", body: str = "") -> str:
    text = (MINIMAL / "s1_start/first.md").read_text(encoding="utf-8")
    text = text.replace("# First steps", f"# {title}").replace("requires: []", f"requires: []\n{front}".rstrip())
    return text.replace("Walk.", body or "Walk.")


def test_markup_in_titles_is_escaped_everywhere(tmp_path: Path) -> None:
    evil = "Quotes \"and\" <script>alert(1)</script> & 'more' é"
    course = _course(
        tmp_path,
        {
            "s1_start/first.md": _module(evil),
            "s1_start/README.md": f"---\nmodules: [first]\n---\n# {evil}\n\nText.\n",
            "docs/index.md": '---\ndescription: A <script>alert(1)</script> & "course".\npages: []\n---\n# Home\n\n'
            "[Start](../s1_start/README.md)\n\n<!-- course: sessions -->\n\n<!-- course: overview -->\n\n"
            "<!-- course: path -->\n\n<!-- course: timeplan -->\n",
        },
    )
    build(course, tmp_path / "site")
    for path in (tmp_path / "site").rglob("*"):
        if path.suffix in (".html", ".xml"):
            assert "<script>alert" not in path.read_text(encoding="utf-8"), path
    home = document(tmp_path / "site/index.html").html
    assert home.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 4
    assert "alert(1)" in (tmp_path / "site/timeplan.ics").read_text(encoding="utf-8")


def test_links_to_modules_get_numbers_and_links_out_lead_to_the_repository(tmp_path: Path) -> None:
    course = _course(
        tmp_path,
        {
            "docs/index.md": "---\ndescription: Home.\npages: []\n---\n# Home\n\n"
            "See [the first](../s1_start/first.md#exercises), [`code`](../s1_start/first.md), "
            "[the folder](../s1_start/exercises/first/) and [the readme](../README.md).\n\n"
            "## [Heading](../s1_start/first.md)\n\n[Start](../s1_start/README.md)\n",
            "s1_start/exercises/first/solution/step.txt": "left\n",
            "s1_start/first.md": _module(body="Write `step.txt`, not [the first](first.md)."),
        },
    )
    build(course, tmp_path / "site")
    home = document(tmp_path / "site/index.html").html
    assert 'href="s1_start/first/#exercises"><span class="ck-number" data-search-exclude' in home
    assert home.count('data-search-exclude="">M1</span>') + home.count("data-search-exclude>M1</span>") == 1
    assert 'href="https://github.com/example/course/tree/main/s1_start/exercises/first"' in home
    assert 'href="https://github.com/example/course/blob/main/README.md"' in home
    assert list(dead_links(tmp_path / "site", "/")) == []
    assert not (tmp_path / "site/s1_start/exercises").exists()


def test_raw_html_links_and_images_work_too(tmp_path: Path) -> None:
    body = (
        'Walk <a href="README.md#start">back</a> <img src="figures/step.svg" alt="A foot that steps"> '
        '<a href="../README.md">out</a> <a href="https://example.org/">away</a>.'
    )
    files = {"s1_start/first.md": _module(body=body), "s1_start/figures/step.svg": "<svg/>"}
    files["s1_start/README.md"] = "---\nmodules: [first]\n---\n# The start\n\n## Start\n\nThe first day.\n"
    build(_course(tmp_path, files), tmp_path / "site")
    links = document(tmp_path / "site/s1_start/first/index.html").links
    assert ("a", "../#start") in links
    assert ("img", "../figures/step.svg") in links
    assert ("a", "https://github.com/example/course/blob/main/README.md") in links
    assert list(dead_links(tmp_path / "site", "/")) == []


def test_a_draft_is_shown_up_to_its_first_section(tmp_path: Path) -> None:
    front = "status: draft\nminutes: 10"
    build(
        _course(tmp_path, {"s1_start/first.md": _module(front=front, body="Why.\n\n## More\n\nHalf a tho")}),
        tmp_path / "site",
    )
    text = document(tmp_path / "site/s1_start/first/index.html").text
    assert "Why." in text
    assert "planned" in text
    assert "Half a tho" not in text
    assert "Take a step" not in text


def test_boxes_of_a_checklist_are_named_by_their_text(tmp_path: Path) -> None:
    body = "Do this:\n\n- [ ] left foot\n- [x] right foot\n"
    build(_course(tmp_path, {"s1_start/first.md": _module(body=body)}), tmp_path / "site")
    page = document(tmp_path / "site/s1_start/first/index.html")
    boxes = [values for tag, values in page.tags if tag == "input" and "aria-labelledby" in values]
    assert len(boxes) == 2
    assert {values["aria-labelledby"] for values in boxes} <= page.ids


def test_an_alias_leads_to_the_page(tmp_path: Path) -> None:
    course = _course(tmp_path, {"s1_start/first.md": _module(front="aliases: [s2_gone/old_name]")})
    build(course, tmp_path / "site")
    old = document(tmp_path / "site/s2_gone/old_name/index.html")
    assert ("a", "../../s1_start/first/") in old.links
    assert list(dead_links(tmp_path / "site", "/")) == []


def test_a_diagnostic_fails_a_strict_build_with_file_and_line(tmp_path: Path) -> None:
    course = _course(tmp_path, {"s1_start/first.md": _module(front="colour: red")})
    with pytest.raises(AssertionError, match=r"s1_start/first\.md:5:1: C005 `colour`"):
        build(course, tmp_path / "site")


def test_a_broken_page_is_reported_and_the_others_are_built(tmp_path: Path) -> None:
    course = _course(tmp_path)
    (course / "s1_start/first.md").write_bytes(b"# Caf\xe9\n")
    command = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "-f",
        str(course / "mkdocs.yml"),
        "-d",
        str(tmp_path / "site"),
    ]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    )
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert "s1_start/first.md:1:1: C001" in done.stderr
    assert (tmp_path / "site/s1_start/index.html").exists()


def test_a_build_works_without_directory_urls(tmp_path: Path) -> None:
    course = _course(tmp_path, {"s1_start/first.md": _module(front="aliases: [s2_gone/old_name]")})
    config = course / "mkdocs.yml"
    config.write_text(config.read_text(encoding="utf-8") + "use_directory_urls: false\n", encoding="utf-8")
    build(course, tmp_path / "site")
    assert (tmp_path / "site/s1_start/first.html").exists()
    assert len(documents(tmp_path / "site")) >= 4


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, Callable[[str, str], str]]]:
    """A course under `mkdocs serve`, and a function that waits until an address shows a text, and returns the page."""
    course = _course(
        tmp_path,
        {"s1_start/figures/step.svg": "<svg/>", "s1_start/exercises/first/solution/step.txt": "left\n"},
    )
    text = _module(
        body="![A foot that steps](figures/step.svg) goes into `step.txt`:\n\n"
        '```text\n--8<-- "s1_start/exercises/first/solution/step.txt"\n```'
    )
    (course / "s1_start/first.md").write_text(text, encoding="utf-8")
    config = course / "mkdocs.yml"
    snippets = "{pymdownx.snippets: {base_path: [!relative $config_dir]}}"
    config.write_text(config.read_text(encoding="utf-8").replace("abbr]", f"{snippets}]"), encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    command = [sys.executable, "-m", "mkdocs", "serve", "-f", str(course / "mkdocs.yml"), "-a", address]
    log = (tmp_path / "log").open("w+")
    process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"})

    def shows(path: str, text: str) -> str:
        for _ in range(240):
            try:
                with urllib.request.urlopen(f"http://{address}/{path}", timeout=10) as response:
                    content = response.read().decode()
                if text in content:
                    return str(content)
            except OSError:
                pass
            time.sleep(0.25)
        raise AssertionError(f"/{path} never showed {text!r}; the server said:\n{(tmp_path / 'log').read_text()}")

    try:
        shows("", "Example course")
        yield course, shows
    finally:
        process.terminate()
        process.wait(10)
        log.close()


def test_serve_notices_every_kind_of_file(served: tuple[Path, Callable[[str, str], str]]) -> None:
    course, shows = served
    readme = course / "s1_start/README.md"
    readme.write_text(readme.read_text(encoding="utf-8") + "\nA new sentence.\n", encoding="utf-8")
    shows("s1_start/", "A new sentence.")
    (course / "s1_start/exercises/first/solution/step.txt").write_text("right\n", encoding="utf-8")
    shows("s1_start/first/", "right")
    (course / "s1_start/figures/step.svg").write_text("<svg><title>new</title></svg>", encoding="utf-8")
    shows("s1_start/figures/step.svg", "new")
    session = copy_course(MINIMAL / "s1_start", course / "s2_next")
    (session / "first.md").rename(session / "second.md")
    (session / "README.md").write_text("---\nmodules: [second]\n---\n# The next day\n\nOn.\n", encoding="utf-8")
    shows("s2_next/second/", "M2")
    assert "Content-Security-Policy" not in shows(
        "", "Example course"
    )  # it would stop the script that reloads the page


def test_after_a_save_only_its_findings_and_new_ones_are_printed(tmp_path: Path) -> None:
    def shown() -> list[str]:
        course = load(tmp_path)
        return [f"{d.location.path}:{d.location.line}" for d in news.of(course, check(course))]

    news = News()
    copy_course(MINIMAL, tmp_path)
    one, other = tmp_path / "s1_start/README.md", tmp_path / "docs/index.md"
    one.write_text("---\nmodules: [first]\n---\n# One\n\n[a](a.md)\n", encoding="utf-8")
    text = other.read_text(encoding="utf-8")
    other.write_text(text + "\n[b](b.md)\n", encoding="utf-8")
    assert shown() == ["docs/index.md:9", "s1_start/README.md:6"]
    assert shown() == []
    one.write_text("---\nmodules: [first]\n---\n# One\n\nMore.\n\n[a](a.md)\n", encoding="utf-8")
    assert shown() == ["s1_start/README.md:8"]
    one.write_text("---\nmodules: []\n---\n# One\n\n[a](a.md)\n", encoding="utf-8")
    assert [place for place in shown() if "README" not in place] == ["s1_start/first.md:1"]

"""What students take along: archives of exercises, pages as Markdown, the page to print, the folder for the disk."""

from __future__ import annotations

import collections
import io
import itertools
import re
import zipfile
from pathlib import Path
from types import MappingProxyType

import pytest

from coursekit.archive import exercise_files, zipped
from coursekit.load import load
from coursekit.offline import OfflineError, offline
from coursekit.plain import llms_txt, plain_markdown
from coursekit.run.student import start
from courses import DRAFT, course, tree, write
from site_builds import ROOT, build, configured, document, documents

EXTENSIONS = """
theme: {name: material, font: false}
site_url: https://course.example/below/
site_description: A course to take along.
markdown_extensions:
  - attr_list
  - md_in_html
  - toc: {permalink: true}
  - pymdownx.superfences
  - pymdownx.snippets: {base_path: [!relative $config_dir]}
"""
SNIPPET = "s1_start/exercises/first/solution/step.sh"
BODY = f"""\
Walk to [the end](second.md) or [home](../docs/index.md#example-course), with
[the script](exercises/first/solution/step.sh).

```bash
--8<-- "{SNIPPET}"
```

<!-- run: skip=illustrative -->
```bash
two


lines
```
"""
CHECK = """
## Knowledge check

### Which foot?

<!-- id: which -->

- [ ] right
- [x] left

<details markdown><summary>Answer</summary>

Because.

</details>
"""
FIRST = (ROOT / "tests/minimal_course/s1_start/first.md").read_text(encoding="utf-8").replace("Walk.", BODY) + CHECK
SMALL = MappingProxyType(
    {
        "s1_start/README.md": "---\nmodules: [first, second]\n---\n# The start\n\n## Before class\n\nSleep.\n",
        "s1_start/first.md": FIRST,
        "s1_start/second.md": DRAFT,
        SNIPPET: "#!/bin/sh\n\n\necho step\n",
        "s1_start/exercises/first/starter/step.sh": "#!/bin/sh\n",
        "s1_start/exercises/first/test_first.py": "def test_take_a_step() -> None:\n    pass\n",
    }
)


def _small(root: Path) -> Path:
    write(root, SMALL)
    config = root / "mkdocs.yml"
    config.write_text(configured(config.read_text(encoding="utf-8"), EXTENSIONS), encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("along")
    build(_small(folder / "course"), folder / "site")
    return folder / "site"


def test_an_archive_depends_on_its_files_alone() -> None:
    files = {"b/run.sh": b"#!/bin/sh\n", "a.txt": b"text"}
    packed = zipped(files)
    assert packed == zipped(dict(reversed(files.items())))
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert {entry.filename: entry.external_attr >> 16 & 0o777 for entry in archive.infolist()} == {
            "a.txt": 0o644,
            "b/run.sh": 0o755,
        }
        assert archive.read("b/run.sh") == files["b/run.sh"]


@pytest.mark.parametrize("module", load(ROOT).written, ids=lambda module: module.name)
def test_the_archive_of_a_module_has_what_start_copies_and_no_solution(module, tmp_path: Path) -> None:
    made = load(ROOT)
    top = made.settings.repo_url.rpartition("/")[2]
    files = exercise_files(made, module)
    own = f"{top}/{module.exercise_folder}"
    (tmp_path / "mine.txt").touch()  # so that only the starter is copied, not the whole project
    start(made, module, tmp_path)
    started = {path: text for path, text in tree(tmp_path).items() if path != "mine.txt"}
    prefix = f"{own}/starter/"
    assert {path.removeprefix(prefix): text for path, text in files.items() if path.startswith(prefix)} == started
    assert all(path.startswith(f"{own}/") for path in files)
    assert not any(path.startswith(f"{own}/solution/") for path in files)


def test_the_archive_of_the_exercises_stands_beside_the_page(site: Path) -> None:
    with zipfile.ZipFile(site / "s1_start/first.zip") as archive:
        assert archive.namelist() == [
            "course/s1_start/exercises/first/starter/step.sh",
            "course/s1_start/exercises/first/test_first.py",
        ]
    assert ("a", "../first.zip") in document(site / "s1_start/first/index.html").links
    assert not (site / "s1_start/second.zip").exists()


def test_a_page_as_markdown_stands_alone(site: Path) -> None:
    text = (site / "s1_start/first/index.md").read_text(encoding="utf-8")
    base = "https://course.example/below/"
    assert text.startswith("# M1 First steps\n\nWalk to")
    assert f"[the end]({base}s1_start/second/) or [home]({base}#example-course)" in text
    assert f"[the script](https://github.com/example/course/blob/main/{SNIPPET})" in text
    assert "```bash\n#!/bin/sh\n\n\necho step\n```" in text
    assert "```bash\ntwo\n\n\nlines\n```" in text
    assert "### M1.1 Take a step (10 min)\n\nTake one." in text
    assert "- [ ] right\n- [ ] left\n" in text
    assert "<details><summary>Hint</summary>\n\nLeft or right." in text
    assert not re.search(r"<!--|8<|\bmarkdown>|^---", text)
    assert ("a", "index.md") in document(site / "s1_start/first/index.html").links


def test_markdown_of_a_file_from_windows(tmp_path: Path) -> None:
    made = course(tmp_path, {**SMALL, "s1_start/first.md": b"\xef\xbb\xbf" + FIRST.replace("\n", "\r\n").encode()})
    text = plain_markdown(made, made.modules[0].page, lambda path: "")
    assert text.startswith("# M1 First steps\n\nWalk")
    assert "\r" not in text
    assert "### M1.1 Take a step (10 min)\n\nTake one." in text


def test_a_draft_has_no_markdown_and_is_not_listed(site: Path) -> None:
    assert not (site / "s1_start/second/index.md").exists()
    assert 'type="text/markdown"' not in document(site / "s1_start/second/index.html").html
    assert "second" not in (site / "llms.txt").read_text(encoding="utf-8")


def test_the_list_of_pages_has_the_form_that_programs_expect(site: Path) -> None:
    lines = (site / "llms.txt").read_text(encoding="utf-8").splitlines()
    assert lines[:3] == ["# Example course", "", "> A course to take along."]
    assert "## S1 The start" in lines
    assert "- [M1 First steps](https://course.example/below/s1_start/first/index.md): Take the first step." in lines
    entry = re.compile(r"- \[[^\]]+\]\((?P<address>[^()\s]+)\)(?:: .+)?")
    for line in filter(None, lines[3:]):
        match = entry.fullmatch(line)
        assert match or line.startswith("## "), line
        if match:
            assert (site / match["address"].removeprefix("https://course.example/below/")).is_file()


def test_markup_in_titles_does_not_break_the_list(tmp_path: Path) -> None:
    made = course(tmp_path, {"s1_start/first.md": FIRST.replace("# First steps", "# Lists [a] and (b)")})
    assert "- [M1 Lists \\[a\\] and (b)](x.md)" in llms_txt(made, "", {made.modules[0].page.path: "x.md"})


def test_the_page_to_print_has_every_part_once(site: Path) -> None:
    page = document(site / "print.html")
    counted = collections.Counter(values["id"] for _, values in page.tags if "id" in values)
    assert [name for name, times in counted.items() if times > 1] == []
    assert {"docs/index", "s1_start", "s1_start/first", "s1_start/first/take-a-step"} <= page.ids
    assert "s1_start/second" not in page.ids
    assert page.metas["robots"] == "noindex"
    assert "print" not in (site / "sitemap.xml").read_text(encoding="utf-8")
    assert ("a", "#s1_start/first") in page.links
    assert ("a", "https://course.example/below/s1_start/second/") in page.links
    assert ("a", "#docs/index/example-course") in page.links
    assert not any(link[1:] not in page.ids for tag, link in page.links if tag == "a" and link.startswith("#"))
    assert "headerlink" not in page.html


def test_on_paper_solutions_come_last_and_folds_are_open(site: Path) -> None:
    exercises, _, later = document(site / "print.html").html.partition('class="ck-later"')
    assert "Left or right." in exercises
    assert "nearer" not in exercises
    assert "Because." not in exercises
    assert re.search(r'href="#s1_start/first/take-a-step">.*Take a step.*</a></h5>\s*<p>Left, because', later)
    assert re.search(r'href="#s1_start/first/which">.*</a></h5>\s*<p>Because', later)
    assert re.findall(r"<details(?! open)", exercises + later) == []


def test_headings_on_paper_follow_each_other(site: Path) -> None:
    levels = [int(tag[1]) for tag, _ in document(site / "print.html").tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("offline")
    offline(load(_small(made / "course")), made / "site")
    return made / "site"


def test_links_of_the_folder_name_files(folder: Path) -> None:
    assert len(documents(folder)) >= 4
    for page in documents(folder):
        for tag, link in page.links:
            path, _, anchor = link.partition("#")
            if "://" in link:
                assert tag == "a", link
            elif path:
                assert (page.path.parent / path).is_file(), f"{page.path}: {link}"
            elif anchor:
                assert anchor.startswith("__") or anchor in page.ids, f"{page.path}: {link}"


def test_the_folder_claims_no_address(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.suffix in (".html", ".md", ".txt"):
            assert "course.example" not in path.read_text(encoding="utf-8"), path
    assert not (folder / "404.html").exists()
    assert not (folder / "sitemap.xml").exists()


def test_the_folder_as_an_archive_is_the_same_each_time(tmp_path: Path) -> None:
    made = load(_small(tmp_path / "course"))
    for name in ("one.zip", "two.zip"):
        offline(made, tmp_path / "deep" / name)
    packed = (tmp_path / "deep/one.zip").read_bytes()
    assert packed == (tmp_path / "deep/two.zip").read_bytes()
    names = zipfile.ZipFile(io.BytesIO(packed)).namelist()
    assert "example-course/index.html" in names
    assert {name.partition("/")[0] for name in names} == {"example-course"}


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    made = load(_small(tmp_path / "course"))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.txt").write_text("years of work")
    with pytest.raises(OfflineError, match="not empty"):
        offline(made, tmp_path / "mine")
    assert (tmp_path / "mine/thesis.txt").exists()
    offline(made, tmp_path / "new")
    offline(made, tmp_path / "new")
    assert (tmp_path / "new/index.html").exists()


def test_a_course_that_is_not_consistent_becomes_no_folder(tmp_path: Path) -> None:
    root = _small(tmp_path / "course")
    (root / "s1_start/first.md").write_text(FIRST.replace("(second.md)", "(third.md)"), encoding="utf-8")
    with pytest.raises(OfflineError, match="strict"):
        offline(load(root), tmp_path / "out.zip")
    assert not (tmp_path / "out.zip").exists()

"""Files → Course: what is read, where it stands, and that nothing strange on disk is a traceback."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from coursekit.load import NotACourseError, load
from coursekit.model import Location
from coursekit.rule import check, registry, rules
from courses import DRAFT, course, found, write

README = "s1_start/README.md"


def test_numbers_follow_the_lists(tmp_path: Path) -> None:
    loaded = course(
        tmp_path,
        {
            README: "---\nmodules: [second, first]\n---\n# The start\n",
            "s1_start/second.md": DRAFT,
            "s10_end/README.md": "---\nmodules: [last]\n---\n# The end\n",
            "s10_end/last.md": DRAFT,
            "s2_middle/README.md": "---\nmodules: [gone, middle, middle]\n---\n# The middle\n",
            "s2_middle/middle.md": DRAFT,
        },
    )
    assert [(s.label, s.title) for s in loaded.sessions] == [
        ("S1", "The start"),
        ("S2", "The middle"),
        ("S10", "The end"),
    ]
    assert [(m.label, m.name, m.session) for m in loaded.modules] == [
        ("M1", "second", "s1_start"),
        ("M2", "first", "s1_start"),
        ("M3", "middle", "s2_middle"),
        ("M4", "last", "s10_end"),
    ]


def test_minutes_are_reading_and_exercises(tmp_path: Path) -> None:
    page = (Path(__file__).parent / "minimal_course/s1_start/first.md").read_text("utf-8")
    more = (
        "\n### Another (25 min)\n\nwords `and code`.\n\n### Without minutes\n\n```text\nfive words that are code\n```\n"
    )
    loaded = course(tmp_path, {"s1_start/first.md": page.replace("Walk.", "word " * 700) + more})
    (module,) = loaded.modules
    assert module.reading_minutes == 10  # 700 words and the headings, at 130 a minute
    assert module.exercise_minutes == 35
    assert module.minutes == module.reading_minutes + 35
    assert [(e.number, e.title, e.minutes, e.id) for e in module.exercises] == [
        (1, "Take a step", 10, "take-a-step"),
        (2, "Another", 25, None),
        (3, "Without minutes", None, None),
    ]
    assert module.exercises[0].folds == ("hint", "solution")


def test_a_draft_takes_its_planned_minutes(tmp_path: Path) -> None:
    loaded = course(tmp_path, {"s1_start/first.md": DRAFT.replace("minutes: 10", "minutes: 95")})
    (draft,) = loaded.modules
    assert (draft.draft, draft.minutes) == (True, 95)
    assert loaded.written == ()
    assert loaded.draft_paths == {"s1_start/first.md"}


def test_a_draft_without_plan_counts_what_is_there(tmp_path: Path) -> None:
    loaded = course(tmp_path, {"s1_start/first.md": DRAFT.replace("minutes: 10\n", "") + "word " * 2000})
    assert loaded.modules[0].minutes == 20


def test_minutes_of_a_written_module_are_not_believed(tmp_path: Path) -> None:
    loaded = course(tmp_path, {"s1_start/first.md": DRAFT.replace("status: draft\n", "")})
    assert (loaded.modules[0].draft, loaded.modules[0].minutes) == (False, 5)


def test_knowledge_questions(tmp_path: Path) -> None:
    text = "\n## Knowledge check\n\n### Which?\n\n- [ ] `this`\n- [x] *that*\n- [X] both\n\n## Key points\n\n- One.\n"
    (module,) = course(tmp_path, {"s1_start/first.md": DRAFT + text}).modules
    (question,) = module.questions
    assert question.title == "Which?"
    assert question.options == ((False, "this"), (True, "that"), (True, "both"))
    assert module.key_points is not None
    assert module.page.source.text[module.key_points.start : module.key_points.end].strip() == "- One."


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_places_are_right_with_any_line_ending(tmp_path: Path, newline: str, mark: str) -> None:
    lines = ["---", "description: One.", "pages:", "  - faq", "---", "# One ä", "", "[a](b.md)", "## Two", ""]
    text = mark + newline.join(lines)
    loaded = course(tmp_path, {"docs/index.md": text})
    page = loaded.page_by_path["docs/index.md"]
    assert page.source.text == text
    assert page.source.newline == newline
    assert page.at_key("pages", 0) == Location("docs/index.md", 4, 5)
    assert page.at_key("pages") == Location("docs/index.md", 3, 1)
    assert [page.at(h.span.start) for h in page.headings] == [
        Location("docs/index.md", 6, 1),
        Location("docs/index.md", 9, 1),
    ]
    assert text[page.headings[0].span.start : page.headings[0].span.end] == "# One ä"
    assert page.title == "One ä"
    assert text[page.links[0].target_span.start : page.links[0].target_span.end] == "b.md"
    assert page.at(page.links[0].span.start) == Location("docs/index.md", 8, 1)


def test_a_page_that_is_not_utf8_is_named_with_its_line(tmp_path: Path) -> None:
    files = {"s1_start/first.md": b"# First\n\ncaf\xe9\n", "docs/index.md": b"\xff\xfe#\x00"}
    loaded = course(tmp_path, files)
    places = [(str(d.location), d.message) for d in check(loaded)]
    assert places == [
        ("docs/index.md:1:1", "This file cannot be read: byte 0xff is not UTF-8."),
        ("s1_start/first.md:3:1", "This file cannot be read: byte 0xe9 is not UTF-8."),
    ]
    assert {d.code for d in check(loaded)} == {"C001"}


def test_links_that_lead_nowhere_or_in_a_circle(tmp_path: Path) -> None:
    root = write(tmp_path, {})
    (root / "s1_start" / "loop.md").symlink_to("loop.md")
    (root / "s1_start" / "gone.md").symlink_to("nowhere.md")
    (root / "docs" / "round").symlink_to(root, target_is_directory=True)
    loaded = load(root)
    assert found(loaded) == ["s1_start/gone.md:1: unreadable-file", "s1_start/loop.md:1: unreadable-file"]
    assert not [path for path in loaded.files if path.startswith("docs/round")]


def test_a_page_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's refusal is played, because an administrator is never refused."""
    root = write(tmp_path, {})
    read = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "first.md":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert found(load(root)) == ["s1_start/first.md:1: unreadable-file"]


def test_a_lecture_is_not_a_module(tmp_path: Path) -> None:
    assert found(course(tmp_path, {"s1_start/lecture.md": "# Slides\n\n---\n\n# More\n"})) == []


def test_a_page_of_ten_megabytes(tmp_path: Path) -> None:
    line = "Some words, `code`, a [link](../s1_start/first.md) and ![a picture of it](x.svg).\n\n"
    text = DRAFT + line * (10_000_000 // len(line))
    loaded = course(tmp_path, {"s1_start/first.md": text})
    assert len(loaded.modules[0].page.links) == 2 * (10_000_000 // len(line))
    assert loaded.modules[0].reading_minutes > 1_000


def test_folders_that_are_not_the_course(tmp_path: Path) -> None:
    names = [
        "s1_start/exercises/a/.ruff_cache/d",
        "site/s1_start/first.md",
        ".venv/a.md",
        "node_modules/b.md",
        "tools/__pycache__/c.md",
    ]
    loaded = course(tmp_path, dict.fromkeys([*names, ".github/workflows/d.yml", "s1_start/sub/e.md"], "x\n"))
    assert not loaded.files & set(names)
    assert ".github/workflows/d.yml" in loaded.files
    assert "s1_start/sub/e.md" not in loaded.page_by_path
    assert {page.path for page in loaded.documents} == {"README.md"}
    assert {"s1_start/sub", ".github", "."} <= loaded.folders


def test_a_page_inside_the_course_is_taken_for_its_root(tmp_path: Path) -> None:
    root = write(tmp_path, {})
    assert load(root / "mkdocs.yml").root == root.resolve()


def test_a_path_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(NotACourseError, match=r"gone does not exist. Give the folder that holds mkdocs.yml"):
        load(tmp_path / "gone")


def test_a_folder_that_holds_no_course(tmp_path: Path) -> None:
    with pytest.raises(NotACourseError, match=r"there is no mkdocs.yml in it. Give the folder"):
        load(tmp_path)


def test_a_folder_of_the_course_leads_to_its_root(tmp_path: Path) -> None:
    root = write(tmp_path, {})
    with pytest.raises(NotACourseError) as caught:
        load(root / "s1_start")
    assert str(caught.value).endswith(f"Did you mean {root.resolve()}?")


def test_settings_that_are_not_utf8(tmp_path: Path) -> None:
    root = write(tmp_path, {"mkdocs.yml": b"site_name: caf\xe9\n"})
    with pytest.raises(NotACourseError, match="not UTF-8"):
        load(root)


def test_places_of_settings(tmp_path: Path) -> None:
    settings = (
        "site_name: A\nplugins:\n  - search\n  - course:\n      edition:\n        name: B\n"
        "        holidays:\n          - 2027-01-01\n        deadlines:\n"
        "          - {what: Late, date: 2027-03-01}\n          - {date: 2027-02-01, what: Early}\n"
    )
    loaded = course(tmp_path, {"mkdocs.yml": settings}).settings
    assert loaded.at("edition", "holidays", 0) == Location("mkdocs.yml", 8, 13)
    assert loaded.at("edition", "holidays", 7) == Location("mkdocs.yml", 7, 9)
    assert loaded.at("edition", "start") == Location("mkdocs.yml", 5, 7)
    assert loaded.at("budget", "course") == Location("mkdocs.yml", 1, 1)
    assert [(d.what, str(loaded.source.at(d.offset))) for d in loaded.edition.deadlines] == [
        ("Early", "mkdocs.yml:11:14"),
        ("Late", "mkdocs.yml:10:26"),
    ]


@pytest.mark.parametrize("plugins", ["[course]", "\n  course:\n", "\n  - course: {}\n"])
def test_the_plugin_without_settings(tmp_path: Path, plugins: str) -> None:
    loaded = course(tmp_path, {"mkdocs.yml": f"site_name: A\nplugins: {plugins}\n"})
    assert loaded.settings.is_course
    assert len(loaded.sessions) == 1


def test_settings_that_contain_themselves(tmp_path: Path) -> None:
    text = "plugins:\n  - course: &me\n      edition: *me\n      budget: {course: 1}\n"
    assert "mkdocs.yml:2: wrong-type" in found(course(tmp_path, {"mkdocs.yml": text}))


def test_every_problem_is_reported_by_a_rule(tmp_path: Path) -> None:
    broken: dict[str, str | bytes | None] = {
        README: "---\nmodules: first\nmodules: []\ncolour: red\n---\n# The start\n",
        "s1_start/first.md": "---\n- list\n---\n# First\n",
        "s1_start/second.md": "---\na: [\n---\n# Second\n",
        "docs/index.md": b"\xff",
        "docs/faq.md": "# Questions\n",
    }
    loaded = course(tmp_path, broken)
    kinds = {problem.kind for problem in loaded.problems}
    of_loading = {rule.name for rule in rules() if rule.code.startswith("C0")}
    assert kinds == of_loading - {"unused-ignore", "unknown-ignore"}
    reported = check(loaded, ["C0"])
    assert len(reported) == len(loaded.problems)
    assert {registry[d.code].name for d in reported} == kinds

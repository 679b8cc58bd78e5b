"""What sites of others do and a course does not: pieces of pages, generated files, languages, HTML of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from coursekit.load import load
from coursekit.rule import check

SETTINGS = "site_name: Any\nmarkdown_extensions: [attr_list, md_in_html, pymdownx.snippets, pymdownx.superfences]\n"
MARKED = "# --8<-- [start:one]\n\n#### A part\n\n# --8<-- [end:one]\n"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSEKIT_CACHE", str(tmp_path / "cache"))


def found(root: Path, text: str, settings: str = "", **files: str) -> list[str]:
    """The rules that complain, each with its line where that is not in the home page; `a__b_md` is `a/b.md`."""
    pages = {name.replace("__", "/").replace("_md", ".md"): content for name, content in files.items()}
    for path, content in {"mkdocs.yml": SETTINGS + settings, "docs/index.md": f"# Home\n\n{text}\n", **pages}.items():
        (root / "site" / path).parent.mkdir(parents=True, exist_ok=True)
        (root / "site" / path).write_text(content, encoding="utf-8")
    return [f"{d.code}:{d.location.line}" for d in check(load(root / "site"), ["C2", "C4", "C7", "C9"])]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("exclude_docs: |\n  **/*.inc.md\n", []),
        ("exclude_docs: other.md\n", ["C710:1", "C202:3", "C201:5", "C710:5"]),
    ],
)
def test_a_page_that_others_show_needs_no_headings_of_its_own(
    tmp_path: Path, settings: str, expected: list[str]
) -> None:
    (tmp_path / "site/docs/parts").mkdir(parents=True)
    (tmp_path / "site/docs/parts/a.inc.md").write_text(MARKED)
    assert sorted(found(tmp_path, "Text.", settings), key=lambda place: place[5:]) == expected


@pytest.mark.parametrize(("ignored", "expected"), [("/docs/api/\n", []), ("*.log\n", ["C401:3"])])
def test_what_git_ignores_is_made_before_a_build(tmp_path: Path, ignored: str, expected: list[str]) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/.gitignore").write_text(ignored)
    assert found(tmp_path, "[The interface](api/lib/index.md)") == expected


@pytest.mark.parametrize(("settings", "expected"), [("plugins: [i18n]", []), ("", ["C404:3"])])
def test_pages_in_another_language_share_the_pictures(tmp_path: Path, settings: str, expected: list[str]) -> None:
    (tmp_path / "site/docs/pictures").mkdir(parents=True)
    (tmp_path / "site/docs/pictures/foot.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    text = "![A foot in the air](pictures/foot.svg)"
    assert found(tmp_path, text, settings, docs__ja__a_md=f"# A\n\n{text}\n") == expected


@pytest.mark.parametrize(
    ("settings", "target", "expected"),
    [
        ("site_url: https://docs.example.org/", "/part/", []),
        ("site_url: https://docs.example.org/", "/nil/", ["C401:3"]),
        ("site_url: https://example.org/docs/", "/part/", ["C401:3"]),
        ("", "/part/", ["C401:3"]),
    ],
)
def test_a_site_at_the_top_of_its_host(tmp_path: Path, settings: str, target: str, expected: list[str]) -> None:
    assert found(tmp_path, f"[a part]({target})", settings, docs__part_md="# Part\n") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<script>\n$('<div>').append(x);\n</script>", []),
        ("<div>\n", ["C714:3"]),
        ("## Android {: android}\n\n[a](#android)", []),
        ("::: library\n\n#### Below what is documented there", []),
        ("#### Below the title", ["C202:3"]),
        ("![github icon][]\n\n[github icon]: https://example.org/a.svg", []),
        ("Show it on github now.", ["C903:3"]),
        ("- Work around the change that broke the build (#336,\n  #338)", []),
        ("- Work around the change that broke the build (#336,\n  #338", ["C902:3"]),
        ("- **check** looks\n- create \\*\\* driver", []),
        ("    Replace the nested block by a file of its own. The greatest depth is ...", []),
        ("    Replace the nested block by a file of its own. The greatest depth is 20.", ["C718:3"]),
    ],
)
def test_pages_of_others(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert found(tmp_path, text) == expected


@pytest.mark.parametrize(("settings", "expected"), [("plugins: [callouts]", []), ("", ["C711:3"])])
def test_another_plugin_may_read_what_stands_there(tmp_path: Path, settings: str, expected: list[str]) -> None:
    assert found(tmp_path, "> [!NOTE]\n> It is new.", settings) == expected


def test_the_name_of_a_definition_is_not_mended(tmp_path: Path) -> None:
    text = "[VSCode], [VSCode][], [Github][], [HuggingFace][vscode]\n\n[vscode]: https://example.org\n[github]: https://b.org"
    assert found(tmp_path, text) == ["C903:3"] * 4
    assert [bool(d.fix) for d in check(load(tmp_path / "site"), ["C903"])] == [False, False, True, True]


def test_a_link_of_a_page_in_two_folders_is_not_mended(tmp_path: Path) -> None:
    (tmp_path / "site/docs").mkdir(parents=True)
    (tmp_path / "site/docs/guide.md").symlink_to("../GUIDE.md")
    assert found(
        tmp_path, "Text.", GUIDE_md="# Guide\n\n[a](CHANGES.md)\n", CHANGES_md="# A\n", docs__changes_md="# B\n"
    )
    assert [d.fix for d in check(load(tmp_path / "site"), ["C402"])] == [None]


def test_a_table_of_contents_is_no_place(tmp_path: Path) -> None:
    text = "## Part\n\n" + "Text.\n\n" * 30 + "[TOC]\n\n:x: is { .high }"
    assert found(tmp_path, text) == ["C710:67"]


def test_the_settings_may_be_those_of_properdocs(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/index.md").write_text("# Home\n\n[a](nil.md)\n")
    (tmp_path / "properdocs.yml").write_text(SETTINGS)
    assert [d.code for d in check(load(tmp_path), ["C4"])] == ["C401"]

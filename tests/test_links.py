"""Links, anchors, snippets, addresses, images and files beyond the examples of their rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from coursekit.diagnostic import Diagnostic, edited
from coursekit.load import load
from coursekit.model import Course
from coursekit.rule import check
from courses import DRAFT, MINIMAL, course

HOME = "---\ndescription: Home.\npages: []\n---\n# Home\n\n"
FIRST = (MINIMAL / "s1_start" / "first.md").read_text("utf-8")
MKDOCS = (MINIMAL / "mkdocs.yml").read_text("utf-8")
SVG = "<svg xmlns='http://www.w3.org/2000/svg'/>"
Files = dict[str, str | bytes | None]


def with_home(root: Path, text: str, files: Files | None = None) -> Course:
    return course(root, {"docs/index.md": HOME + text + "\n", **(files or {})})


def found(course: Course) -> list[Diagnostic]:
    return check(course, ["C4", "C5"])


def codes(course: Course) -> list[str]:
    return [diagnostic.code for diagnostic in found(course)]


def only(course: Course) -> Diagnostic:
    (diagnostic,) = found(course)
    return diagnostic


def mended(course: Course, path: str = "docs/index.md") -> str:
    text = course.page_by_path[path].source.text
    return edited(text, (edit for d in found(course) if d.fix for edit in d.fix.edits)).removeprefix(HOME)


def plain_site(root: Path, files: dict[str, str]) -> Course:
    """An MkDocs repository that does not use the plugin."""
    for path, text in {"mkdocs.yml": "site_name: Any\n", **files}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return load(root)


@pytest.mark.parametrize(
    "text",
    [
        "[a](../s1_start/first.md)",
        "[a](../s1_start/first.md#take-a-step)",
        "[a](../s1_start/first.md?plain=1#exercises)",
        "[a](#home)",
        "[a](../README.md)",
        "[a](../s1_start/exercises/first/test_first.py#L1)",
        "[a](../s1_start/exercises/first)",
        "[a](../s1_start/exercises/)",
        "[a](../s1_start/README.md#modules)",
        "[a](my%20notes.txt)",
        "[a](<my notes.txt>)",
        "[a][b]\n\n[b]: ../s1_start/first.md",
        "[a](https://example.org/x.md#y), <mailto:a@example.org>, [b](mailto:a@example.org), [c](//host/x)",
        "`[a](nowhere.md)`",
        "```text\n[a](nowhere.md)\n```",
        "<!-- [a](nowhere.md) -->",
        "<a href='../s1_start/first.md'>a</a>",
        "[a](../.config/settings.json)",
    ],
)
def test_links_that_are_fine(tmp_path: Path, text: str) -> None:
    more: Files = {"docs/my notes.txt": "notes", "s1_start/exercises/first/test_first.py": "assert True\n"}
    assert found(with_home(tmp_path, text, more)) == []


@pytest.mark.parametrize(
    ("text", "code", "hint"),
    [
        ("[a](../s1_start/fisrt.md)", "C401", "`../s1_start/first.md`"),
        ("[a](../s1_begin/first.md)", "C401", "`../s1_start/first.md`"),
        ("[a](../s1_start/first)", "C401", "`../s1_start/first.md`"),
        ("[a](../s1_start/first/)", "C401", "`../s1_start/first.md`"),
        ("[a](../s1_start/first.html)", "C401", "`../s1_start/first.md`"),
        (r"[a](..\s1_start\first.md)", "C401", "`../s1_start/first.md`"),
        ("[a](/s1_start/first.md)", "C401", "`../s1_start/first.md`"),
        ("[a](../../README.md)", "C401", "README.md"),
        ("[a](x.md)", "C401", "begins at the folder"),
        ("[a](nothing-like-it.xyz)", "C401", "begins at the folder"),
        ("[a]()", "C401", "where it leads"),
        ("[a](../s1_start/nowhere.md) and [b](#home)", "C401", ""),
        ("<a href='nowhere.md'>a</a>", "C401", ""),
        ("![A foot in the air](fot.svg)", "C404", "`foot.svg`"),
        ("![A foot in the air](/foot.svg)", "C404", "`foot.svg`"),
        ("![A foot in the air](../s1_start/)", "C404", ""),
        ("<img src='feet.svg' alt='A foot in the air'>", "C404", ""),
        ("[a](../s1_start/first.md#take-a-stop)", "C403", "`#take-a-step`"),
        ("[a](../s1_start/first.md#Take-A-Step)", "C403", "`#take-a-step`"),
        ("[a](#nothing-of-the-kind)", "C403", "heading in lower case"),
        ("[a](../README.md#usage)", "C403", ""),
        ("[a](../s1_start/README.md#modulus)", "C403", ""),
        ('--8<-- "s1_start/frist.md"', "C405", "`s1_start/first.md`"),
        ('```md\n--8<-- "S1_start/First.md:3:4"\n```', "C405", "`s1_start/first.md`"),
        ('--8<-- "../first.md"', "C405", "`s1_start/first.md`"),
    ],
)
def test_links_that_are_not(tmp_path: Path, text: str, code: str, hint: str) -> None:
    diagnostic = only(with_home(tmp_path, text, {"docs/foot.svg": SVG}))
    assert diagnostic.code == code
    assert hint in diagnostic.hint
    assert (diagnostic.location.path, diagnostic.fix) == ("docs/index.md", None)


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("[a](../S1_start/First.MD#take-a-step)", "[a](../s1_start/first.md#take-a-step)"),
        ("[a](../S1_start/)", "[a](../s1_start/README.md)"),
        ("[a](../s1_start)", "[a](../s1_start/README.md)"),
        ("[a](../s1_start/#modules)", "[a](../s1_start/README.md#modules)"),
        ("[a](.)", "[a](./index.md)"),
        ("[a](My%20Notes.txt)", "[a](my%20notes.txt)"),
        ("[a](<My Notes.txt>)", "[a](<my notes.txt>)"),
        ("[a][b] [c][b]\n\n[b]: my%20Notes.txt 'T'", "[a][b] [c][b]\n\n[b]: my%20notes.txt 'T'"),
        ("![A foot](Foot.svg)", "![A foot](foot.svg)"),
        ("<img src='Foot.svg' alt='A foot'>", "<img src='foot.svg' alt='A foot'>"),
    ],
)
def test_case_and_folders_are_mended(tmp_path: Path, written: str, right: str) -> None:
    more: Files = {"docs/my notes.txt": "notes", "docs/foot.svg": SVG}
    before = with_home(tmp_path, written, more)
    only(before)
    text = mended(before)
    assert text == right + "\n"
    assert found(with_home(tmp_path, text, more)) == []


def test_entities_are_left_to_the_author(tmp_path: Path) -> None:
    diagnostic = only(with_home(tmp_path, "<a href='Q&amp;A.txt'>a</a>", {"docs/q&a.txt": "?"}))
    assert (diagnostic.code, diagnostic.fix) == ("C402", None)


def test_documents_may_link_to_folders_and_are_checked(tmp_path: Path) -> None:
    readme = "# Course\n\n[a](docs/), [b](s1_start), [c](docs/index.md#home), [d](docs/indx.md)\n"
    diagnostic = only(with_home(tmp_path, "", {"README.md": readme}))
    assert (diagnostic.location.path, diagnostic.location.line) == ("README.md", 3)
    assert "`docs/index.md`" in diagnostic.hint


def test_anchors_into_drafts_are_not_checked(tmp_path: Path) -> None:
    files: Files = {
        "s1_start/README.md": "---\nmodules: [first, second]\n---\n# The start\n",
        "s1_start/second.md": DRAFT + "\n[below](#planned)\n",
    }
    assert found(with_home(tmp_path, "[a](../s1_start/second.md#planned)", files)) == []


def test_an_unreadable_page_has_any_anchor(tmp_path: Path) -> None:
    files: Files = {"docs/old.md": "# Über\n".encode("latin-1")}
    assert found(with_home(tmp_path, "[a](old.md#uber)", files)) == []


def test_generated_pages_have_anchors_of_their_own(tmp_path: Path) -> None:
    rules = "---\ndescription: Rules.\n---\n# Rules\n\n<!-- course: rules -->\n"
    assert found(with_home(tmp_path, "[a](checks.md#c301)", {"docs/checks.md": rules})) == []


@pytest.mark.parametrize(
    ("text", "flagged"),
    [
        ("```bash\ngit clone https://github.com/somebody/course.git\n```", True),
        ("```bash\ngit clone git@github.com:somebody/course.git\n```", True),
        ("`git clone --depth 1 https://github.com/example/other`", True),
        ("[a](https://github.com/somebody/course/issues)", True),
        ("[a](https://github.com/somebody/course/blob/main/README.md)", True),
        ("`git clone https://github.com/Example/Course`", False),
        ("`git clone https://github.com/your-name/course`", False),
        ("`git clone https://github.com/$USER/course`", False),
        ("`git clone https://github.com/<you>/course`", False),
        ("`git clone https://github.com/USERNAME/course`", False),
        ("`git clone https://gitlab.com/somebody/course`", False),
        ("Thanks to [the original](https://github.com/somebody/course).", False),
        ("[a](https://github.com/somebody/other/issues)", False),
        ("[a](https://gist.github.com/somebody/course/raw)", False),
    ],
)
def test_addresses_of_the_repository(tmp_path: Path, text: str, flagged: bool) -> None:
    assert codes(with_home(tmp_path, text)) == ["C407"] * flagged


def test_an_address_keeps_what_stands_around_it(tmp_path: Path) -> None:
    text = "`git clone git@github.com:somebody/course.git here` and https://github.com/other/course/issues."
    right = "`git clone git@github.com:example/course.git here` and https://github.com/example/course/issues."
    assert mended(with_home(tmp_path, text)) == right + "\n"


def test_modules_may_clone_other_repositories(tmp_path: Path) -> None:
    page = FIRST.replace("Walk.", "`git clone https://github.com/somebody/walking`")
    assert found(course(tmp_path, {"s1_start/first.md": page})) == []


def test_the_citation_names_the_repository(tmp_path: Path) -> None:
    citation = "cff-version: 1.2.0\nrepository-code: https://github.com/somebody/other\nauthors: []\n"
    diagnostic = only(course(tmp_path, {"CITATION.cff": citation}))
    assert (diagnostic.code, str(diagnostic.location)) == ("C407", "CITATION.cff:2:37")


def test_without_a_repository_there_is_nothing_to_differ_from(tmp_path: Path) -> None:
    config = MKDOCS.replace("repo_url: https://github.com/example/course\n", "")
    home = "`git clone https://github.com/somebody/course`"
    assert found(with_home(tmp_path, home, {"mkdocs.yml": config})) == []


@pytest.mark.parametrize("uri", ["https://github.com/example/course/edit/main/", "edit/main/", "''"])
def test_edit_addresses_that_agree(tmp_path: Path, uri: str) -> None:
    config = MKDOCS.replace("edit_uri: edit/main/", f"edit_uri: {uri}")
    assert found(course(tmp_path, {"mkdocs.yml": config})) == []


def test_an_edit_address_must_not_only_begin_alike(tmp_path: Path) -> None:
    config = MKDOCS.replace("edit/main/", "https://github.com/example/course-old/edit/main/")
    diagnostic = only(course(tmp_path, {"mkdocs.yml": config}))
    assert (diagnostic.code, diagnostic.location.line) == ("C408", 3)


def test_pieces_in_code_are_examples(tmp_path: Path) -> None:
    text = "`<!-- course: nothing -->`\n\n```\n<!-- course: nothing -->\n```"
    assert found(with_home(tmp_path, text)) == []


@pytest.mark.parametrize(
    ("alias", "message"),
    [
        ("s1_start/first", "address of `s1_start/first.md`"),
        ("s1_start", "address of `s1_start/README.md`"),
        ("s1_start/README", "address of `s1_start/README.md`"),
        ("old/twice", "alias of `docs/index.md` already"),
        ("/old", "not an old address"),
        ("old.md", "not an old address"),
        ("../old", "not an old address"),
        ("https://example.org/old", "not an old address"),
        ("old/", "not an old address"),
        ("old#part", "not an old address"),
        ("old?part=1", "not an old address"),
        ("assets/foot.svg", "leads to or into a file"),
        ("assets/foot.svg/old", "leads to or into a file"),
        ("", "not an old address"),
    ],
)
def test_aliases(tmp_path: Path, alias: str, message: str) -> None:
    home = HOME.replace("pages: []\n", "pages: []\naliases: [old/twice, old/index]\n")
    page = FIRST.replace("core:", f"aliases: ['s0_old/a page', '{alias}']\ncore:")
    home += "\n![A foot in the air](assets/foot.svg)\n"
    files = {"docs/index.md": home, "s1_start/first.md": page, "docs/assets/foot.svg": SVG}
    diagnostic = only(course(tmp_path, files))
    assert (diagnostic.code, diagnostic.location.line) == ("C410", 3)
    assert message in diagnostic.message


@pytest.mark.parametrize(
    "text",
    ["", "image", "Figure 1.2:", "Screenshot", "a diagram", "foot.svg", "foot", "ok", "42", "![]", "*"],
)
def test_alternative_texts_that_say_nothing(tmp_path: Path, text: str) -> None:
    assert codes(with_home(tmp_path, f"![{text}](foot.svg)", {"docs/foot.svg": SVG})) == ["C501"]


@pytest.mark.parametrize(
    "image",
    [
        "![A diagram of the foot](foot.svg)",
        "![Foot, seen from above][foot]\n\n[foot]: foot.svg",
        "![歩く足](foot.svg)",
        '<img src="foot.svg" alt="">',
        "`![](foot.svg)`",
    ],
)
def test_alternative_texts_that_are_fine(tmp_path: Path, image: str) -> None:
    assert codes(with_home(tmp_path, image, {"docs/foot.svg": SVG})) == []


@pytest.mark.parametrize("image", ['<img src="foot.svg">', "![][foot]\n\n[foot]: foot.svg", "![](https://x.org/a.png)"])
def test_images_without_alternative_text(tmp_path: Path, image: str) -> None:
    assert codes(with_home(tmp_path, image, {"docs/foot.svg": SVG})) == ["C501"]


@pytest.mark.parametrize(
    "text",
    [
        "![A foot in the air](assets/foot.svg)",
        "[the drawing](assets/foot.svg)",
        '<picture><source srcset="assets/foot.svg 2x"></picture>',
        '<object data="assets/foot.svg"></object>',
    ],
)
def test_figures_in_use(tmp_path: Path, text: str) -> None:
    assert found(with_home(tmp_path, text, {"docs/assets/foot.svg": SVG})) == []


def test_the_frame_of_the_site_is_in_use(tmp_path: Path) -> None:
    files: Files = {
        "mkdocs.yml": MKDOCS + "extra_css: [assets/extra.css]\n",
        **dict.fromkeys(
            ("docs/assets/logo.svg", "docs/assets/favicon.svg", "docs/assets/social.png", "docs/assets/extra.css"), "x"
        ),
    }
    assert found(course(tmp_path, files)) == []
    assert codes(course(tmp_path, files | {"docs/assets/other.css": "x"})) == ["C503"]


@pytest.mark.parametrize(
    ("mention", "named"),
    [
        ("Open `notes.txt`.", True),
        ("Open mynotes.txt.", False),
        ("Open notes.txt2.", False),
        ("[the notes](exercises/first/starter/data/raw/notes.txt)", True),
        ("Look into data/raw. It is full.", True),
        ("Look into `data/raw/`.", True),
        ("Type `ls data/raw/*.txt`.", True),
        ("Read data/raw/other.txt.", False),
        ("Read data/raw.zip.", False),
        ("Look into data/rawhide.", False),
        ("Look into `more-data/raw`.", False),
        ("Nothing.", False),
    ],
)
def test_files_of_an_exercise_are_named(tmp_path: Path, mention: str, named: bool) -> None:
    files: Files = {
        "s1_start/first.md": FIRST.replace("Walk.", mention),
        "s1_start/exercises/first/starter/data/raw/notes.txt": "n",
        "s1_start/exercises/first/solution/src/walk/__init__.py": "",
        "s1_start/exercises/first/test_first.py": "",
        "s1_start/exercises/first/removed.txt": "",
    }
    assert codes(course(tmp_path, files)) == ["C505"] * (not named)


def test_a_word_is_not_a_folder(tmp_path: Path) -> None:
    files: Files = {"s1_start/exercises/first/starter/data/notes.txt": "n"}
    files["s1_start/first.md"] = FIRST.replace("Walk.", "The data are good.")
    assert codes(course(tmp_path, files)) == ["C505"]
    files["s1_start/first.md"] = FIRST.replace("Walk.", "The folder `data/` is good.")
    assert codes(course(tmp_path, files)) == []


def test_the_files_of_drafts_need_no_name(tmp_path: Path) -> None:
    files: Files = {
        "s1_start/README.md": "---\nmodules: [first, second]\n---\n# The start\n",
        "s1_start/second.md": DRAFT,
        "s1_start/exercises/second/starter/notes.txt": "n",
    }
    assert found(course(tmp_path, files)) == []


def test_a_plain_site_is_checked_by_its_own_customs(tmp_path: Path) -> None:
    site = plain_site(
        tmp_path,
        {
            "docs/index.md": "# Home\n\n[a](guide.md#a-b) [b](guide.md#a--b) [c](guide.md#a-b_1)\n"
            "[d](guide.md#a-c)\n[e](api.md#lib.run) [f](../setup.md)\n\n<!-- course: nothing -->\n",
            "docs/guide.md": '# A & B\n\n## A & B\n\n```\n--8<-- "license.txt"\n```\n',
            "docs/includes/license.txt": "x",
            "docs/api.md": "# API\n\n::: lib.run\n",
            "docs/assets/unused.svg": SVG,
            "setup.md": "# Set-up\n",
        },
    )
    assert [(d.code, str(d.location)) for d in found(site)] == [
        ("C503", "docs/assets/unused.svg:1:1"),
        ("C403", "docs/index.md:3:23"),
        ("C403", "docs/index.md:4:5"),
        ("C401", "docs/index.md:5:25"),
    ]


def test_no_text_makes_a_rule_raise(tmp_path: Path) -> None:
    odd = "[a](<//[>) [b](</\t/[>) [c](%FF) [d](%00) [e](#%) [f](a%) ![g](?)\n"
    odd += "<a href='&#0;'> <img src> [h](:)\n"
    with_home(tmp_path, odd + "[i](" + "../" * 500 + "x)\n" + "[j](" + "a/" * 5000 + ")\n")
    assert found(load(tmp_path))

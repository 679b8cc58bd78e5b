"""Words, numbers and references beyond the examples of their rules: above all, what is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from coursekit.load import load
from coursekit.model import Course
from coursekit.rule import check

NAV = """\
site_name: Any
docs_dir: docs
nav:
  - Home: index.md
  - S1 - Start:
      - M1 - One: s1_start/one.md
      - M2 - Two: s1_start/two.md
      - M3 - Three: s1_start/three.md
plugins: [search]
markdown_extensions: [admonition, attr_list, footnotes, pymdownx.superfences, pymdownx.tabbed]
"""


def site(root: Path, text: str, settings: str = "site_name: Any\n", files: dict[str, str] | None = None) -> Course:
    more = {"mkdocs.yml": settings, "docs/index.md": "# Home\n\n" + text + "\n", **(files or {})}
    for path, content in more.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content, encoding="utf-8")
    return load(root)


def codes(course: Course) -> list[str]:
    return [d.code for d in check(course, ["C3", "C4", "C5", "C9"]) if d.location.path == "docs/index.md"]


@pytest.mark.parametrize(
    "text",
    [
        "What he said that that meant; he had had enough. No no! A very very long way.",
        "Print print print. The `the` the, **to** to, to-to.",
        "| the | the |\n|---|---|\n| a | a |",
        "- the\n- the",
        "    the the\n\nAn indented line is code.",
        "```text\nthe the\n```",
        "<pre>the the (</pre> and [the](https://example.org/the) the",
        "Make it with\n\n```bash\nls\n```",
        "You need, for example,\n\n- this\n- and that",
        "1) first, 2) second :( and a) third: an enumeration is no parenthesis",
        "The interval $[0, 1)$ is half open, as everybody who has read it before knows.",
        "Install `github` with `pip install pytorch` from github.com/pytorch/pytorch, or docker run ./docker/a",
        "See `[text] (b)`, `x[i][j]`, a[0][1], [x] done, [ ] to do, [^a-z] and f(x)[0].",
        "[a][b] and a note.[^1]\n\n[b]: https://example.org\n[^1]: Here.",
        "The course takes two sessions later on; three modules follow. It has many sessions.",
        "A dunder is no cut-off sentence: __init__ and the last word is Python's",
        "[start here for everything](https://example.org) and [Click](https://click.example.org)",
        "<http://example.org/a> is not a link beside http://localhost:8000",
    ],
)
def test_what_is_left_alone(tmp_path: Path, text: str) -> None:
    assert codes(site(tmp_path, text)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('!!! note\n    In the\n    the box.\n\n=== "Tab"\n\n    It is is nested.', ["C901", "C901"]),
        ("1. Go to\n\n    ??? tip\n        On Github, and and back.", ["C903", "C901"]),
        ("The first one is short, and then comes the second one, which is long and\n\n## Next", ["C902"]),
        ("Send us the folder in which all of your results are stored now,\n\n## Next", ["C902"]),
        ("See the second page (and all the other pages that come after it.\n\nMore.", ["C902"]),
        ("[form] (https://example.org) (us)[mailto:a@example.org]", ["C412", "C412"]),
        ("[a](my notes.md)", ["C412"]),
        ("See [text][nowhere].[^2]", ["C413", "C413"]),
        ("Read about [pruning] of images before you begin.", ["C413"]),
        ("[nobody]: https://example.org\n\n[^9]: No.", ["C414", "C414"]),
        ("[Click here](https://example.org), [this](https://example.org/b)", ["C415", "C415"]),
        ("[a](http://example.org/a) [b](https://www.example.org)", ["C416"]),
        ("[a](htps://example.org) [b](github.com/a) [c](mailto:nobody)", ["C417", "C417", "C417"]),
        ("## Step 1\n\n## Step 2\n\n### Step 1\n\n## Step 4\n\n## Step 4", ["C308", "C308"]),
        ("![](a.png){ alt='' } ![Screenshot](https://example.org/a.png)", ["C501"]),
    ],
)
def test_what_is_found(tmp_path: Path, text: str, expected: list[str]) -> None:
    found = [code for code in codes(site(tmp_path, text)) if code != "C404"]
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[M2](s1_start/two.md), [S1](s1_start/one.md), [Module 3: x](s1_start/three.md), module 2", []),
        ("[M3 - Two](s1_start/two.md), [M3 on two](s1_start/two.md), [two (module 1)](s1_start/two.md)", ["C905"] * 3),
        (
            "[session 2](s1_start/two.md) about [an S3 bucket](s1_start/two.md) and [M60 GPUs](https://example.org)",
            ["C905"],
        ),
        ("As module 7 says.", ["C905"]),
        ("The course has four modules.", ["C904"]),
        ("The course has three modules, all three modules of them.", []),
    ],
)
def test_numbers_are_those_of_the_navigation(tmp_path: Path, text: str, expected: list[str]) -> None:
    pages = {f"docs/s1_start/{name}.md": f"# {name.title()}\n" for name in ("one", "two", "three")}
    assert codes(site(tmp_path, text, NAV, pages)) == expected


SVG = "<svg xmlns='http://www.w3.org/2000/svg'/>"


@pytest.mark.parametrize(
    ("settings", "text", "expected"),
    [
        ("", "[a](part/page.md#a-title) [b](part/)", ["C401"]),
        ("", "[a](part/page) [b](part/page/#a-title)", ["C406", "C406"]),
        ("", "[a](part/page.md#a--title)", ["C403"]),
        ("markdown_extensions: [{toc: {slugify: !!python/name:x.y}}]", "[a](part/page.md#a--title)", []),
        ("", "[a](/part/page.md)", ["C401"]),
        ("validation: {absolute_links: relative_to_docs}", "[a](/part/page.md) [b](/part/nil.md)", ["C401"]),
        ("", '<a href="part/page/">a</a> <a href="part/page.md">b</a> <img src="a.svg" alt="Foot">', ["C411", "C404"]),
        ("hooks: [h.py]", '<a href="part/page.md">b</a> [c](../LICENCE) [d](made/by/hook.md)', []),
        ("plugins: [gen-files]", "[a](made/page.md) [b](part/pag.md) ![A foot](made/foot.svg)", ["C401", "C404"]),
        ("", "[](){#anchor} [a](#anchor) [b](#x.y) { id=x.y }", []),
        ("", '<video src="part/nil.mp4"></video>', ["C401"]),
    ],
)  # fmt: skip
def test_links_as_mkdocs_resolves_them(tmp_path: Path, settings: str, text: str, expected: list[str]) -> None:
    files = {"docs/part/page.md": "# Page\n\n## A & title\n", "LICENCE": "Yes.", "h.py": ""}
    assert codes(site(tmp_path, text, f"site_name: Any\n{settings}\n", files)) == expected


def test_an_image_counts_as_used_wherever_its_name_stands(tmp_path: Path) -> None:
    files = {
        "docs/a.svg": SVG, "docs/b c.svg": SVG, "docs/d.svg": SVG, "docs/e.svg": SVG, "docs/f.svg": SVG,
        "docs/extra.css": "a { background: url(d.svg) }", "over/main.html": "<img src='e.svg'>",
    }  # fmt: skip
    settings = "site_name: Any\ntheme: {name: material, logo: a.svg, custom_dir: over}\nextra_css: [extra.css]\n"
    made = site(tmp_path, "![Two feet in the air](b%20c.svg)", settings, files)
    assert [d.location.path for d in check(made, ["C503"])] == ["docs/f.svg"]


def test_a_site_may_be_the_whole_repository(tmp_path: Path) -> None:
    made = site(tmp_path, "", "site_name: Any\ndocs_dir: ./\nplugins: [same-dir]\n", {"s1/a.md": "# A\n\nThe the.\n"})
    assert [d.location.path for d in check(made, ["C901"])] == ["s1/a.md"]


def test_spellings_come_from_the_settings(tmp_path: Path) -> None:
    settings = "site_name: Any\nextra: {coursekit: {spelling: {Mailroom: [mailRoom], GitHub: []}}}\n"
    made = site(tmp_path, "The mailRoom is on Github.", settings)
    assert [d.message for d in check(made, ["C903"])] == ["`mailRoom` is written `Mailroom`."]


def test_a_wrong_spelling_table_is_reported(tmp_path: Path) -> None:
    made = site(tmp_path, "", "site_name: Any\nextra: {coursekit: {spelling: {GitHub: Github}}}\n")
    assert [(d.code, d.message) for d in check(made, ["C0"])] == [
        ("C006", "`spelling` of `GitHub` should be a list of texts, not the text `Github`.")
    ]
